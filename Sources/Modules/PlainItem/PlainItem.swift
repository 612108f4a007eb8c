public import Cases
import Catalogue
public import Correspondence
public import Credentials
import Exchange
import Forms

public import Kernel
import Rules
public import Standards
public import Storage

/// Runs the cases of an item by what its definition says and nothing else: an official adds a system by a folder.
///
/// One value for each definition; `Tools` is what all of them share.
public struct PlainItem: CaseModule {
    public let name = "plain"

    let definition: CaseDefinition
    let plain: PlainCase
    let tools: Tools

    /// What the items of all systems run with.
    public struct Tools: Sendable {
        let database: any Database
        let standards: Standards
        let correspondence: Correspondence
        let credentials: CredentialAuthority
        let press: ApplicationPress
        /// The same for the same human: kind and number of the document.
        let personKey: @Sendable (_ idKind: String, _ idNumber: String) -> String

        public init(
            database: any Database,
            standards: Standards,
            correspondence: Correspondence,
            credentials: CredentialAuthority,
            press: ApplicationPress,
            personKey: @escaping @Sendable (String, String) -> String
        ) {
            self.database = database
            self.standards = standards
            self.correspondence = correspondence
            self.credentials = credentials
            self.press = press
            self.personKey = personKey
        }
    }

    /// Nil for an item that a listed module runs.
    public init?(_ definition: CaseDefinition, tools: Tools) {
        guard let plain = definition.item.plain else { return nil }
        self.definition = definition
        self.plain = plain
        self.tools = tools
    }

    public func applicantPhone(in data: JSON) -> String { data[plain.applicant]["phone"].text ?? "" }

    public func title(of data: JSON) -> String {
        let context = RuleContext(json: data)
        let title = plain.title.expression.evaluate(in: context).value.text
        return title.flatMap { $0.isEmpty ? nil : $0 } ?? definition.item.title.zh
    }

    public func authority(for data: JSON, on _: LocalDate) throws -> (region: String, agency: String) {
        let banner = plain.district.split(separator: ".").reduce(data) { $0[String($1)] }.text ?? ""
        guard tools.standards.regions[banner] != nil else { throw CaseError.unknownRegion }
        let body = plain.body(for: banner, league: tools.standards.regions.league(of: banner)?.code)
        return (body.region, body.code)
    }

    /// `包头市人力资源和社会保障局`; on the level of the region as the table of agencies has it.
    public func bodyName(_ code: String) -> String {
        let region = String(code.suffix(6))
        if region.hasSuffix("0000"), let agency = tools.standards.agencies[plain.agency] {
            return agency.name
        }
        return tools.standards.regions.fullName(of: region) + definition.item.agency
    }

    public func law(of rule: String) -> String {
        definition.system.words("zh")["law.\(rule)"] ?? ""
    }

    public func bodies(besides code: String) -> [(code: String, name: String)] {
        let regions = tools.standards.regions
        let all = plain.level == .league ? regions.leagues : plain.level == .banner ? regions.banners : []
        return all.map { plain.agency + $0.code }.filter { $0 != code }.map { ($0, bodyName($0)) }
    }

    public func messages(for steps: [String], of subject: Case, in reader: any Reader) throws
        -> [String: [PartyOrder]]
    {
        let seen = Seen(
            licences: try licences(of: subject, on: subject.createdAt.date, in: reader).facts,
            seal: try sealed(subject, in: reader),
            answers: try answers(about: subject, in: reader)
        )
        let values = context(of: subject, seen: seen)
        var orders: [String: [PartyOrder]] = [:]
        for name in steps {
            guard let step = definition.item.step(name) else { continue }
            orders[name] = [
                PartyOrder(
                    fields: Self.values(step.sends, in: values),
                    // What is about a person is about no enterprise, and his account is nobody else's business.
                    code: firm(of: subject.data)?.code ?? ""
                )
            ]
        }
        return orders
    }

    public func context(for _: Case) -> JSON { [:] }

    public func released(_: Case, by _: CaseEvent, occasion _: Occasion, in _: any Transaction) throws {}

    /// What was taken from the library for the application stands among the uses of each licence.
    public func received(_ subject: Case, occasion: Occasion, in tx: any Transaction) throws {
        let taken = try licences(of: subject, on: occasion.now.date, in: tx).credentials
        for credential in taken {
            try LicenceUses.taken(
                credential,
                for: TakenUse(
                    organisation: bodyName(subject.agency),
                    purpose: definition.item.title.zh,
                    item: definition.item.item ?? definition.item.title.zh,
                    itemCode: definition.item.codes["catalogue"] ?? definition.item.codes["national"],
                    caseNumber: subject.number
                ),
                occasion: occasion,
                in: tx
            )
        }
    }

    // MARK: - What expressions see

    /// What expressions see besides the form.
    struct Seen: Sendable, Equatable {
        let licences: JSON
        let seal: JSON
        let answers: JSON
    }

    /// All of it as it stands.
    /// - Parameter digest: of the application that is sealed; nil where none is.
    func seen(of subject: Case, _ digest: String?, on day: LocalDate, in reader: any Reader) throws -> Seen {
        Seen(
            licences: try licences(of: subject, on: day, in: reader).facts,
            seal: try sealFacts(of: subject, digest, in: reader),
            answers: try answers(about: subject, in: reader)
        )
    }

    /// What parties answered the earlier cases of whom this one is for, by the names that the item gives them.
    func answers(about subject: Case, in reader: any Reader) throws -> JSON {
        guard !plain.answers.isEmpty else { return [:] }
        let code = firm(of: subject.data)?.code
        let own =
            code == nil
            ? try OwnCaseStore.list(of: subject.applicant, limit: Self.ownCasesMax, in: reader).map(
                \.id.rawValue
            ) : []
        var found: JSON = [:]
        for wanted in plain.answers {
            let lines =
                try code.map {
                    try ExchangeStore.done(wanted.operation, by: wanted.party, about: $0, in: reader)
                } ?? ExchangeStore.done(wanted.operation, by: wanted.party, inCases: own, in: reader)
            found[wanted.name] = .array(lines.map(\.answer))
        }
        return found
    }

    /// So many of a person's last cases are looked at for what parties answered.
    private static let ownCasesMax = 500

    /// The form, the case, and what is known of whom it is for.
    /// - Parameter officer: the name of whoever decides; nil before anybody does.
    func context(
        of subject: Case,
        seen: Seen,
        limits: JSON = [:],
        today: LocalDate? = nil,
        officer: String? = nil
    ) -> RuleContext {
        var values = subject.data
        values["case"] = [
            "number": .string(subject.number), "begunOn": .string(subject.createdAt.date.description),
            "submittedOn": JSON(subject.submittedAt?.date.description), "item": .string(subject.item),
            "decidedOn": JSON((subject.decidedAt?.date ?? today)?.description),
            "body": .string(bodyName(subject.agency)), "officer": JSON(officer),
        ]
        values["licences"] = seen.licences
        values["seal"] = seen.seal
        values["answers"] = seen.answers
        values["limits"] = limits
        return RuleContext(json: values, today: today ?? subject.createdAt.date)
    }

    static func values(_ expressions: [(key: String, value: FormCondition)], in context: RuleContext) -> JSON
    {
        var values: JSON = [:]
        for (key, value) in expressions {
            let value = value.expression.evaluate(in: context).value.json
            if !value.isNull { values[key] = value }
        }
        return values
    }

    /// The enterprise for which somebody applies.
    func firm(of data: JSON) -> (code: String, name: String)? {
        guard let group = plain.firm, let code = data[group]["creditCode"].text else { return nil }
        return (code, data[group]["name"].text ?? "")
    }

    /// Whom the case is for, as licences name him.
    func holder(of subject: Case) -> Holder {
        if let firm = firm(of: subject.data) { return Holder(.enterprise, code: firm.code, name: firm.name) }
        return Holder(
            .person,
            code: subject.applicant,
            name: subject.data[plain.applicant]["name"].text ?? ""
        )
    }

    /// The licences by which the item proves its materials, as they stand.
    func licences(of subject: Case, on day: LocalDate, in reader: any Reader) throws -> HeldLicences {
        try HeldLicences.of(
            definition.item.licenceProofs,
            heldBy: holder(of: subject).code,
            on: day,
            in: reader
        )
    }
}
