public import Forms
public import Kernel
public import Storage

/// What a system needs of a case beyond data. Modules are listed in one array in `Server`; a definition that names
/// an unlisted one is refused when it is published.
///
/// `limits` are always those of the version that the case keeps, in force in its region on the day.
public protocol CaseModule: Sendable {
    /// The name by which a definition calls it.
    var name: String { get }

    /// The mobile number under which the applicant wants to be told, or empty.
    func applicantPhone(in data: JSON) -> String

    /// What pages call the case, from the form as it stands; never a person's name.
    func title(of data: JSON) -> String

    /// The words by which staff find the case again: what tells its title from others.
    func telling(_ data: JSON) -> String

    /// What is wrong with a form between its fields, wherever they stand: what no rule of a single field sees.
    func problems(in data: JSON) -> [FieldProblem]

    /// Which agency decides, from the form: the banner's code and the agency's.
    func authority(for data: JSON, on date: LocalDate) throws -> (region: String, agency: String)

    /// The papers that the form generates, each with the signers it needs.
    func papers(for subject: Case, limits: JSON, on date: LocalDate) throws -> [PaperDraft]

    /// Everything the rules look at, gathered from the form, our registers and outside parties.
    func facts(for subject: Case, signing: SigningState, limits: JSON, occasion: Occasion) async throws
        -> Facts

    /// What must happen when the case is granted. Numbers are reserved and signatures made here, before the
    /// transaction; the closure that comes back only writes, and may run more than once.
    func grant(_ subject: Case, facts: Facts, limits: JSON, occasion: Occasion) async throws -> GrantWork

    /// What steps of the flow send to outside parties, by step: the least fields that each party needs. Mostly one
    /// message; several when a step goes to several bodies of one kind, such as the departments of the permits.
    func messages(for steps: [String], of subject: Case, in reader: any Reader) throws
        -> [String: [PartyOrder]]

    /// What a step's `when` may ask of the module, under the name `context`.
    func context(for subject: Case) -> JSON

    /// Undoes what the draft held elsewhere, such as a name kept for it, when a case ends without a grant.
    func released(_ subject: Case, by event: CaseEvent, occasion: Occasion, in tx: any Transaction) throws

    /// Called when an applicant's form was begun or kept, in the same transaction, such as to fit what the draft holds elsewhere
    /// to its new answers.
    func kept(_ subject: Case, occasion: Occasion, in tx: any Transaction) throws

    /// Called when a decision by the module's facts is kept, in the same transaction, such as to keep what they promised
    /// about the case. The rules may decide a case several times; `subject` has the state that this one leads to.
    func decided(_ subject: Case, facts: Facts, occasion: Occasion, in tx: any Transaction) throws

    /// Called when a case is handed in, in the same transaction, such as to hold the name while it is examined.
    func received(_ subject: Case, occasion: Occasion, in tx: any Transaction) throws

    /// The applicant who withdrew wants nothing kept for him, after `released`.
    /// - Returns: whether something was given up.
    func freed(_ subject: Case, occasion: Occasion, in tx: any Transaction) throws -> Bool

    /// What a person must settle before he grants the case. His answers come with the facts, under `settled`.
    func openPoints(of subject: Case) -> [OpenPoint]

    /// Writes, files and serves a paper of the body that decides.
    /// - Parameter kind: what happened: `receipt`, `return-notice`, `refusal`, `not-ours-notice`, `extension-notice`,
    ///   `withdrawal-confirmation`, `result-sheet`.
    func issue(_ kind: String, for subject: Case, details: JSON, occasion: Occasion, in tx: any Transaction)
        throws

    /// The law that a rule rests on, for papers and the boxes of decisions; empty where none is cited.
    func law(of rule: String) -> String

    /// The name of a body that decides, by its code.
    func bodyName(_ code: String) -> String

    /// Every other body that could decide such a case, the nearest first.
    func bodies(besides code: String) -> [(code: String, name: String)]
}

extension CaseModule {
    public func telling(_ data: JSON) -> String { title(of: data) }

    public func problems(in _: JSON) -> [FieldProblem] { [] }

    public func openPoints(of _: Case) -> [OpenPoint] { [] }

    public func decided(_: Case, facts: Facts, occasion: Occasion, in _: any Transaction) throws {}

    public func freed(_: Case, occasion: Occasion, in _: any Transaction) throws -> Bool { false }

    public func kept(_ subject: Case, occasion: Occasion, in tx: any Transaction) throws {}
}

/// What the rules look at.
public struct Facts: Sendable {
    /// By name, as the decision tables call them.
    public var values: JSON
    /// When the data were true, by source: `police`, `court`, `register` …
    public var times: [String: Instant]

    /// What nobody may learn of a case that is not granted, such as whether it is drawn for a control. Nil when there is
    /// no such thing, or it is among `values` already.
    public var atGrant: AtGrant?

    public struct AtGrant: Sendable {
        /// Rules that look at it: until it is known they do not apply, and never stand in the way of a grant.
        public let rules: Set<String>
        /// The values by name, once nothing else stands in the way.
        public let gather: @Sendable () async throws -> [String: JSON]

        public init(rules: Set<String>, gather: @escaping @Sendable () async throws -> [String: JSON]) {
            self.rules = rules
            self.gather = gather
        }
    }

    public init(values: JSON, times: [String: Instant], atGrant: AtGrant? = nil) {
        self.values = values
        self.times = times
        self.atGrant = atGrant
    }

    /// With what belongs to a grant.
    func granting() async throws -> Facts {
        guard let atGrant else { return self }
        var facts = Facts(values: values, times: times)
        for (name, value) in try await atGrant.gather() { facts.values[name] = value }
        return facts
    }
}

/// One message of a step.
public struct PartyOrder: Sendable {
    /// Tells the messages of one step apart; empty when there is only one.
    public let part: String
    public let fields: JSON
    /// Credit code of whom it is about; nil: of the enterprise that the case brought forth.
    public let code: String?

    public init(part: String = "", fields: JSON, code: String? = nil) {
        self.part = part
        self.fields = fields
        self.code = code
    }
}

/// The written part of a grant.
public struct GrantWork: Sendable {
    /// What came out, such as the credit code.
    public let result: String
    /// Writes it, and says which links fresh ones replaced, by their digests.
    public let apply: @Sendable (Case, any Transaction) throws -> Set<String>

    public init(
        result: String,
        apply: @escaping @Sendable (Case, any Transaction) throws -> Set<String>
    ) {
        self.result = result
        self.apply = apply
    }
}

/// A generated paper before anybody signed it.
public struct PaperDraft: Sendable, Equatable {
    /// `articles`, `shareholder-resolution`, `appointment` …
    public let kind: String
    public let title: String
    /// The text that is signed, canonical.
    public let content: String
    /// SM3 of the content's UTF-8 bytes, hexadecimal.
    public let digest: String
    public let signers: [SignerNeed]

    public init(kind: String, title: String, content: String, digest: String, signers: [SignerNeed]) {
        self.kind = kind
        self.title = title
        self.content = content
        self.digest = digest
        self.signers = signers
    }
}

/// Somebody who must sign: one human or firm, whatever number of roles.
public struct SignerNeed: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable, Codable {
        case person, enterprise
    }

    /// The same for the same human: identity kind and number, or credit code, as a keyed digest.
    public let key: String
    public let kind: Kind
    public let name: String
    public let idKind: String
    /// Identity number, or credit code of an enterprise.
    public let idNumber: String
    public let roles: [String]
    public let phone: String
    /// Who signs for an enterprise; nil for a person.
    public let representative: Representative?

    /// The human who acts for an enterprise, as the form names him.
    public struct Representative: Sendable, Hashable {
        public let name: String
        public let idKind: String
        public let idNumber: String

        public init(name: String, idKind: String, idNumber: String) {
            self.name = name
            self.idKind = idKind
            self.idNumber = idNumber
        }
    }

    public init(
        key: String,
        kind: Kind,
        name: String,
        idKind: String,
        idNumber: String,
        roles: [String],
        phone: String,
        representative: Representative? = nil
    ) {
        self.key = key
        self.kind = kind
        self.name = name
        self.idKind = idKind
        self.idNumber = idNumber
        self.roles = roles
        self.phone = phone
        self.representative = representative
    }
}
