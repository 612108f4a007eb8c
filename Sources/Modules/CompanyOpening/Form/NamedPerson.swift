public import Kernel
import Standards

/// One human of the form, with every role he holds.
public struct NamedPerson: Sendable {
    public enum Role: String, Sendable, CaseIterable {
        case applicant, shareholder, director, supervisor, manager, legalRepresentative, financeOfficer,
            liaison
        case operatorRole = "operator"
        case familyMember, guardian, signerOfFirm

        /// 董事, 监事, 高级管理人员 and the legal representative (Company Law, articles 178 and 265).
        public var isOfficer: Bool {
            switch self {
            case .director, .supervisor, .manager, .legalRepresentative, .financeOfficer: true
            case .applicant, .shareholder, .liaison, .operatorRole, .familyMember, .guardian, .signerOfFirm:
                false
            }
        }

        public var chinese: String {
            switch self {
            case .applicant: "经办人"
            case .shareholder: "股东"
            case .director: "董事"
            case .supervisor: "监事"
            case .manager: "经理"
            case .legalRepresentative: "法定代表人"
            case .financeOfficer: "财务负责人"
            case .liaison: "登记联络员"
            case .operatorRole: "经营者"
            case .familyMember: "家庭成员"
            case .guardian: "监护人"
            case .signerOfFirm: "股东单位签署人"
            }
        }

        public var english: String {
            switch self {
            case .applicant: "applicant"
            case .shareholder: "shareholder"
            case .director: "director"
            case .supervisor: "supervisor"
            case .manager: "manager"
            case .legalRepresentative: "legal representative"
            case .financeOfficer: "finance officer"
            case .liaison: "registration liaison"
            case .operatorRole: "operator"
            case .familyMember: "family member"
            case .guardian: "guardian"
            case .signerOfFirm: "signer of a shareholding firm"
            }
        }
    }

    public let name: String
    public let idKind: String
    public let idNumber: String
    public let idUntil: LocalDate?
    public let nationality: String
    public let phone: String
    public let birthDate: LocalDate?
    public internal(set) var roles: [Role]
    /// Other names that the form gives to the same document: one of them is wrong.
    public internal(set) var otherNames: [String] = []

    public var isOfficer: Bool { roles.contains(where: \.isOfficer) }

    /// `李*（监事、股东）`: enough for the applicant to know whom it is about.
    public var label: String {
        "\(PersonMask.name(name))（\(roles.map(\.chinese).joined(separator: "、"))）"
    }

    /// What makes two entries the same human: kind and number of the identity document.
    public var identity: String { "\(idKind):\(idNumber)" }

    init?(_ value: JSON, role: Role) {
        guard let name = value["name"].text, let number = value["idNumber"].text else { return nil }
        self.name = name
        idKind = value["idKind"].text ?? "resident-id"
        idNumber = number
        idUntil = value["idUntil"].text.flatMap { LocalDate(parsing: $0) }
        nationality = value["nationality"].text ?? "CHN"
        phone = value["phone"].text ?? ""
        birthDate =
            value["birthDate"].text.flatMap { LocalDate(parsing: $0) }
            ?? Self.birthDate(inside: number, kind: idKind)
        roles = [role]
    }

    /// Positions 7-14 of an 18-digit citizen identity number (GB 11643).
    private static func birthDate(inside number: String, kind: String) -> LocalDate? {
        guard ["resident-id", "residence-permit-hmt"].contains(kind), number.utf8.count == 18 else {
            return nil
        }
        let digits = number.dropFirst(6).prefix(8)
        return LocalDate(parsing: "\(digits.prefix(4))-\(digits.dropFirst(4).prefix(2))-\(digits.suffix(2))")
    }
}

/// Masks for pages and lists.
public enum PersonMask {
    /// `张*`, `张*三`, `欧**娜`.
    public static func name(_ name: String) -> String {
        guard let first = name.first else { return "" }
        guard name.count > 2, let last = name.last else { return "\(first)*" }
        return "\(first)\(String(repeating: "*", count: min(name.count - 2, 2)))\(last)"
    }
}

extension CompanyForm {
    /// Everybody whom article 16 of the Rules wants to be verified, each human once, in the order of the form.
    public var people: [NamedPerson] {
        var order: [String] = []
        var byIdentity: [String: NamedPerson] = [:]
        func add(_ value: JSON, _ role: NamedPerson.Role) {
            guard let person = NamedPerson(value, role: role) else { return }
            if var known = byIdentity[person.identity] {
                if !known.roles.contains(role) { known.roles.append(role) }
                if !PersonName.areSame(known.name, person.name) { known.otherNames.append(person.name) }
                byIdentity[person.identity] = known
            } else {
                order.append(person.identity)
                byIdentity[person.identity] = person
            }
        }
        for shareholder in data["shareholders"].elements where shareholder["kind"].text != "organisation" {
            add(shareholder, .shareholder)
            if !shareholder["guardian"].isNull { add(shareholder["guardian"], .guardian) }
        }
        if kind == .soleTrader { add(data["operator"], .operatorRole) }
        for member in familyMembers { add(member, .familyMember) }
        add(data["legalRepresentative"], .legalRepresentative)
        for director in data["directors"].elements { add(director, .director) }
        for supervisor in data["supervisors"].elements { add(supervisor, .supervisor) }
        add(data["manager"], .manager)
        add(data["financeOfficer"], .financeOfficer)
        add(data["liaison"], .liaison)
        add(data["applicant"], .applicant)
        return order.compactMap { byIdentity[$0] }
    }

    /// Whether the applicant is in the firm what he says of himself, told by the document that his account holds: the
    /// liaison, or a founder, who is a shareholder, the operator, or the one who signs for a shareholding firm or as the
    /// guardian of a minor. An agent stands in the register of agents and nowhere in the form.
    var namesApplicant: Bool {
        func document(_ value: JSON, _ kind: String = "idKind", _ number: String = "idNumber") -> [String]? {
            value[number].text.map { [value[kind].text ?? "resident-id", $0] }
        }
        guard let own = document(data["applicant"]) else { return false }
        switch data["applicant"]["role"].text {
        case "agent": return true
        case "liaison": return document(data["liaison"]) == own
        default: break
        }
        if kind == .soleTrader { return document(data["operator"]) == own }
        return data["shareholders"].elements.contains { holder in
            holder["kind"].text == "organisation"
                ? document(holder, "signerIdKind", "signerIdNumber") == own
                : document(holder) == own || document(holder["guardian"]) == own
        }
    }

    /// Organisations that hold shares.
    public var firms: [JSON] { data["shareholders"].elements.filter { $0["kind"].text == "organisation" } }

    /// Who is a minor on `date` and signs through a guardian.
    func isMinor(_ person: NamedPerson, on date: LocalDate, ageOfMajority: Int) -> Bool {
        person.birthDate.map { $0.years(until: date) < ageOfMajority } ?? false
    }
}
