public import Forms
import Kernel
public import Rules

/// What an item says of its cases so that they run without a module of their own: how a case is called, which body
/// decides, who signs the application, and the licence that a grant brings. The grammar is in `Docs/formats/system.md`.
public struct PlainCase: Sendable {
    public enum Level: String, Sendable, CaseIterable { case banner, league, region }

    /// The licence of the library that a grant issues.
    public struct Licence: Sendable {
        /// The key of its type.
        public let type: String
        /// By the type's field: what stands there.
        public let fields: [(key: String, value: FormCondition)]
        /// The last day, where the type leaves it to the decision.
        public let until: FormCondition?
        public let position: SourcePosition
    }

    /// The seal of the enterprise that its application bears before it is handed in.
    public struct Seal: Sendable {
        /// The key of the seal's type.
        public let type: String
        /// The kind of document that permits name.
        public let document: String
    }

    /// What parties answered the holder's earlier cases, as expressions see it.
    public struct Answers: Sendable {
        /// `opened`: a list of answers under this name.
        public let name: String
        public let party: String
        public let operation: String
    }

    /// What pages and papers call the case.
    public let title: FormCondition
    /// Code in `agencies.tsv` of the agency whose body decides.
    public let agency: String
    /// On which level that body stands.
    public let level: Level
    /// The field of the form with the banner where the matter lies.
    public let district: String
    /// The group of the form with name, kind and number of the document and telephone of whoever applies and signs.
    public let applicant: String
    /// The group of the form with credit code and name of the enterprise for which he applies; nil: for himself.
    public let firm: String?
    public let licence: Licence?
    public let seal: Seal?
    public let answers: [Answers]
    public let position: SourcePosition

    /// Code of the body that decides for a banner: the agency's with six digits after it.
    /// - Parameter league: of the banner.
    public func body(for banner: String, league: String?) -> (region: String, code: String) {
        let region =
            switch level {
            case .banner: banner
            case .league: league ?? banner
            case .region: "\(banner.prefix(2))0000"
            }
        return (region, agency + region)
    }

    /// What expressions of the item see beside the form's own fields.
    static let names: Set<String> = ["case", "licences", "limits", "seal", "answers"]

    /// Names that pages beside those of the form have in the address of a draft.
    static let taken: Set<String> = ["name", "check", "sign", "discard", "seal"]

    /// The limits by which every case runs: without them its drafts and links have no end.
    static let limits = [
        "draftDays", "resubmission", "signingLinkHours", "signingLinksPerDay", "signingLinksPerPhone",
        "faceTries",
        "faceScore", "faceCheckHours",
    ]
}

extension PlainCase {
    init(_ node: SourceNode) throws(DefinitionError) {
        let map = try node.map(["title", "decides", "applicant", "firm", "licence", "seal", "answers"])
        position = node.position
        title = try FormCondition(try map.needed("title"))
        let decides = try map.needed("decides").map(["agency", "at", "district"])
        agency = try decides.needed("agency").word()
        level = try decides.needed("at").one(of: Level.self)
        district = try decides.needed("district").word()
        applicant = try map.needed("applicant").word()
        firm = try map["firm"]?.word()
        if let node = map["licence"] { licence = try Licence(node) } else { licence = nil }
        if let node = try map["seal"]?.map(["type", "document"]) {
            seal = Seal(type: try node.needed("type").word(), document: try node.needed("document").word())
        } else {
            seal = nil
        }
        var answers: [Answers] = []
        for entry in try map["answers"]?.entries() ?? [] {
            let parts = try entry.value.word().split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw entry.value.bad("a party and its operation, such as bank.open")
            }
            answers.append(Answers(name: entry.key, party: parts[0], operation: parts[1]))
        }
        self.answers = answers
    }
}

extension PlainCase.Licence {
    init(_ node: SourceNode) throws(DefinitionError) {
        let map = try node.map(["type", "fields", "until"])
        position = node.position
        type = try map.needed("type").word()
        fields = try Self.values(try map.needed("fields"))
        if let node = map["until"] { until = try FormCondition(node) } else { until = nil }
    }

    /// Expressions by name, in the order of the file.
    static func values(_ node: SourceNode) throws(DefinitionError) -> [(key: String, value: FormCondition)] {
        var values: [(key: String, value: FormCondition)] = []
        for entry in try node.entries() { values.append((entry.key, try FormCondition(entry.value))) }
        return values
    }
}

/// What a definition may say of a licence type.
public struct KnownLicence: Sendable {
    /// `person` or `enterprise`.
    public let holder: String
    public let fields: Set<String>
    public let required: Set<String>
    /// Whether the decision names its last day.
    public let isDated: Bool

    public init(holder: String, fields: Set<String>, required: Set<String>, isDated: Bool) {
        self.holder = holder
        self.fields = fields
        self.required = required
        self.isDated = isDated
    }
}

/// What an operation of an outside party is sent.
public struct KnownOperation: Sendable {
    public let fields: Set<String>
    public let required: Set<String>

    public init(fields: Set<String>, required: Set<String>) {
        self.fields = fields
        self.required = required
    }
}
