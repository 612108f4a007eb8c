public import Cases
import Catalogue
import Correspondence
import Credentials
import Forms
import Identity
public import Kernel
import Rules
import Standards
import Storage

extension PlainItem {
    /// The papers that the form generates: the application, which its applicant signs.
    ///
    /// It bears the day on which the case was begun, so that an application whose answers did not change keeps its text
    /// and with it its signature.
    public func papers(for subject: Case, limits: JSON, on date: LocalDate) throws -> [PaperDraft] {
        // The case may be called as its matter is, with more about it.
        let (item, title) = (definition.item.title.zh, subject.title)
        let matter = title.hasPrefix(item) ? title : "\(item)（\(title)）"
        let document = try tools.correspondence.render(
            "item-application",
            fields: [
                "agencyName": .string(bodyName(subject.agency)), "matter": .string(matter),
                "caseNumber": .string(subject.number),
                "applicant": .string(subject.data[plain.applicant]["name"].text ?? ""),
                "sections": .array(sections(of: subject, limits: limits)),
            ],
            on: subject.createdAt.date
        )
        return [
            PaperDraft(
                kind: "application",
                title: document.titleZh,
                content: document.text,
                digest: Hex.encode(document.digest),
                signers: [signer(in: subject.data)]
            )
        ]
    }

    /// Every answer as words, page by page.
    private func sections(of subject: Case, limits: JSON) -> [JSON] {
        let context = FormContext(
            today: subject.createdAt.date,
            limits: limits,
            codes: FormCodes(tools.standards)
        )
        return definition.form.summary(subject.data, masked: false, context: context).map { section in
            [
                "heading": .string(section.title.zh),
                "rows": .array(
                    section.rows.map { ["label": .string($0.label), "shown": .string($0.shown)] }
                ),
            ]
        }
    }

    private func signer(in data: JSON) -> SignerNeed {
        let person = data[plain.applicant]
        let (kind, number) = (person["idKind"].text ?? "resident-id", person["idNumber"].text ?? "")
        return SignerNeed(
            key: tools.personKey(kind, number),
            kind: .person,
            name: person["name"].text ?? "",
            idKind: kind,
            idNumber: number,
            roles: ["applicant"],
            phone: person["phone"].text ?? ""
        )
    }

    public func facts(
        for subject: Case,
        signing: SigningState,
        limits: JSON,
        occasion: Occasion
    ) async throws -> Facts {
        guard signing.isComplete else { throw CaseError.unsigned }
        let today = occasion.now.date
        let digest = try await digest(of: subject, limits: limits)
        let seen = try await tools.database.read { try self.seen(of: subject, digest, on: today, in: $0) }
        var values = subject.data
        values["item"] = .string(subject.item)
        values["licences"] = seen.licences
        values["answers"] = seen.answers
        if !seen.seal.isNull { values["seal"] = seen.seal }
        var times: [String: Instant] = [:]
        times["licences"] = seen.licences.members.isEmpty ? nil : occasion.now
        times["seals"] = seen.seal.isNull ? nil : occasion.now
        times["signatures"] = signing.completedAt
        return Facts(values: values, times: times)
    }

    /// Who decides, by name: it stands on what is granted.
    private func officer(_ actor: Actor) async throws -> String? {
        guard actor.kind == .staff else { return nil }
        // Whoever has left the staff is named by his account.
        return try await tools.database.read {
            try StaffRegister.find(ID(actor.id), in: $0)?.name ?? actor.id
        }
    }

    public func grant(_ subject: Case, facts: Facts, limits: JSON, occasion: Occasion) async throws
        -> GrantWork
    {
        let seen = Seen(
            licences: facts.values["licences"],
            seal: facts.values["seal"],
            answers: facts.values["answers"]
        )
        let digest = try await digest(of: subject, limits: limits)
        // The day on which the facts were looked at, so that midnight alone changes none of them.
        let day = (facts.times["licences"] ?? occasion.now).date
        let isStill: @Sendable (any Reader) throws -> Void = { reader in
            guard try self.seen(of: subject, digest, on: day, in: reader) == seen else {
                throw GrantOvertaken()
            }
        }
        guard let licence = plain.licence else {
            return GrantWork(result: subject.number) { _, tx in
                try isStill(tx)
                return []
            }
        }
        let context = context(
            of: subject,
            seen: seen,
            limits: limits,
            today: occasion.now.date,
            officer: try await officer(occasion.actor)
        )
        let fields = Self.values(licence.fields, in: context)
        let until = licence.until?.expression.evaluate(in: context).value.json.text
        let prepared = try await tools.credentials.prepare(
            LicenceDraft(
                type: licence.type,
                holder: holder(of: subject),
                issuer: IssuingBody(code: subject.region, name: bodyName(subject.agency)),
                region: subject.region,
                fields: fields,
                validUntil: until.flatMap { LocalDate(parsing: $0) }
            ),
            occasion: occasion
        )
        let number = tools.credentials.types.licences[licence.type]?.numberField.flatMap {
            fields[$0.key].text
        }
        return GrantWork(result: number ?? subject.number) { _, tx in
            try isStill(tx)
            try Credentials.store(prepared, occasion: occasion, in: tx)
            return []
        }
    }
}
