public import Cases
import CompanyNames
import Correspondence
import Cryptography
public import Kernel

extension CompanyOpening {
    /// The papers that the form generates; nobody uploads what the form already says. Each names whose signature
    /// it needs: everybody of article 16 of the Rules signs at least one.
    ///
    /// They bear the day on which the case was begun, so that a paper whose facts did not change keeps its text and
    /// with it its signatures.
    public func papers(for subject: Case, limits: JSON, on date: LocalDate) throws -> [PaperDraft] {
        let form = CompanyForm(subject.data)
        let written = subject.createdAt.date
        let signers = Signers(
            form: form,
            keys: keys,
            today: date,
            majority: Int(limits["officerAge"].int ?? 18)
        )
        let rows = form.scope.compactMap { book.phrase($0, on: written) }
        let context = PaperContext(
            form: form,
            line: form.addressLine { regionName($0) },
            scope: ScopeFacts.text(of: form, free: form.freeScope, book: book, on: written),
            scopeTexts: rows.map { $0["text_zh"] } + form.freeScope,
            number: subject.number,
            agencyName: agencyName(subject.agency),
            promises: promiseTexts(form)
        )
        return try Self.kinds(of: form, signers: signers).map { sheet in
            let asked = try correspondence.library.fields(of: sheet.template)
            var fields = context.fields(asked)
            if asked.contains(where: { $0.hasPrefix("scope") }) {
                fields["scope"] = context.scopeField(asList: sheet.template == "application")
            }
            if let person = sheet.person {
                fields["person"] = .string(person.name)
                fields["roles"] = .array(
                    person.roles.filter(\.mayBeAppointed).map { ["text": .string($0.chinese)] }
                )
                fields["representative"] = .bool(person.roles.contains(.legalRepresentative))
            }
            let document = try correspondence.render(sheet.template, fields: fields, on: written)
            return PaperDraft(
                kind: sheet.kind,
                title: document.titleZh,
                content: document.text,
                digest: Hex.encode(document.digest),
                signers: sheet.signers
            )
        }
    }

    /// One paper to be written: its name in the case, its template, its signers.
    private struct Sheet {
        let kind: String
        let template: String
        let signers: [SignerNeed]
        var person: NamedPerson?
    }

    private static func kinds(of form: CompanyForm, signers: Signers) -> [Sheet] {
        guard form.kind == .llc else {
            return [
                Sheet(
                    kind: "application",
                    template: "application",
                    signers: signers.with(.operatorRole, .familyMember, .applicant, .liaison)
                ),
                Sheet(
                    kind: "commitment",
                    template: "commitment",
                    signers: signers.with(.operatorRole, .applicant)
                ),
            ]
        }
        let sole = form.data["shareholders"].elements.count == 1
        var sheets = [
            Sheet(
                kind: "application",
                template: "application",
                signers: signers.with(.legalRepresentative, .applicant, .liaison)
            ),
            Sheet(
                kind: "commitment",
                template: "commitment",
                signers: signers.with(.legalRepresentative, .applicant)
            ),
            Sheet(
                kind: "resolution",
                template: sole ? "shareholder-decision" : "shareholders-resolution",
                signers: signers.shareholders
            ),
        ]
        if form.data["governance"]["articles"].text != "own" {
            sheets.append(
                Sheet(
                    kind: "articles",
                    template: sole ? "articles-sole" : "articles",
                    signers: signers.shareholders
                )
            )
        }
        if form.data["governance"]["supervision"].text == "none" {
            sheets.append(
                Sheet(
                    kind: "no-supervisor-consent",
                    template: "no-supervisor-consent",
                    signers: signers.shareholders
                )
            )
        }
        for (index, person) in form.people.filter({ $0.roles.contains(where: \.mayBeAppointed) }).enumerated()
        {
            sheets.append(
                Sheet(
                    kind: "appointment-\(index + 1)",
                    template: "appointment",
                    signers: [signers.need(person)],
                    person: person
                )
            )
        }
        return sheets
    }

    private func promiseTexts(_ form: CompanyForm) -> [String] {
        form.data["promises"].members.keys.sorted().map { Promises.title($0) }
    }

    /// Every other body that registers, for handing a case over: those of the same league first, then by code.
    public func registeringBodies(besides code: String) -> [(code: String, name: String)] {
        func league(_ code: String) -> Substring { code.suffix(6).prefix(4) }
        let others = jurisdiction.bodies.filter { $0.code != code }
        return others.filter { league($0.code) == league(code) }
            + others.filter { league($0.code) != league(code) }
    }

    /// The law that a rule rests on, for papers and the boxes of decisions; empty where none is cited.
    public func law(of rule: String) -> String { reasons.law(rule) }

    public func bodyName(_ code: String) -> String { agencyName(code) }

    public func bodies(besides code: String) -> [(code: String, name: String)] {
        registeringBodies(besides: code)
    }

    /// The registering body's name, for papers.
    public func agencyName(_ code: String) -> String { jurisdiction.name(of: code) ?? "市场监督管理局" }
}

/// Short names of the promises; their full versioned texts stand in the form.
enum Promises {
    static func title(_ id: String) -> String {
        [
            "truth": "提交的材料和填报的信息真实、合法、有效", "name": "名称不侵犯他人合法权益，自行承担名称争议的后果",
            "address": "住所（经营场所）真实有效，能够联系", "permit": "未取得许可不从事须经许可的经营活动",
            "contribution": "按期足额缴纳认缴的出资", "beneficial": "符合受益所有人免报条件", "integrity": "诚信经营，代理授权真实",
            "dataUse": "同意为办理所选事项向有关部门提供必要信息", "electronicService": "同意以电子方式送达法律文书",
        ][id] ?? id
    }
}

extension NamedPerson.Role {
    /// Offices for which there is a letter of appointment.
    var mayBeAppointed: Bool {
        switch self {
        case .director, .supervisor, .manager, .financeOfficer, .legalRepresentative: true
        case .applicant, .shareholder, .liaison, .operatorRole, .familyMember, .guardian, .signerOfFirm: false
        }
    }
}

/// Who signs, by role; minors through their guardian, firms by their licence.
struct Signers {
    let form: CompanyForm
    let keys: PersonKeys
    let today: LocalDate
    let majority: Int

    func with(_ roles: NamedPerson.Role...) -> [SignerNeed] {
        form.people.filter { person in person.roles.contains { roles.contains($0) } }.map(need)
    }

    var shareholders: [SignerNeed] {
        form.people.filter { $0.roles.contains(.shareholder) }.map(guardianOrSelf).map(need)
            + form.firms.map(firm)
    }

    private func guardianOrSelf(_ person: NamedPerson) -> NamedPerson {
        guard form.isMinor(person, on: today, ageOfMajority: majority) else { return person }
        let entry = form.data["shareholders"].elements.first { $0["idNumber"].text == person.idNumber }
        return entry.flatMap { NamedPerson($0["guardian"], role: .guardian) } ?? person
    }

    func need(_ person: NamedPerson) -> SignerNeed {
        SignerNeed(
            key: keys.person(idKind: person.idKind, idNumber: person.idNumber),
            kind: .person,
            name: person.name,
            idKind: person.idKind,
            idNumber: person.idNumber,
            roles: person.roles.map(\.rawValue),
            phone: person.phone
        )
    }

    private func firm(_ firm: JSON) -> SignerNeed {
        let code = firm["creditCode"].text ?? ""
        return SignerNeed(
            key: keys.person(idKind: "creditCode", idNumber: code),
            kind: .enterprise,
            name: firm["name"].text ?? "",
            idKind: "creditCode",
            idNumber: code,
            roles: [NamedPerson.Role.shareholder.rawValue],
            phone: firm["signerPhone"].text ?? "",
            representative: firm["signerIdNumber"].text.map { number in
                SignerNeed.Representative(
                    name: firm["signerName"].text ?? "",
                    idKind: firm["signerIdKind"].text ?? "resident-id",
                    idNumber: number
                )
            }
        )
    }
}
