import Cryptography
public import Kernel

/// An electronic seal in its life from the application to its end.
public struct Seal: Hashable, Sendable {
    public let id: ID<Seal>
    /// Whose it is; `code` is the credit code.
    public internal(set) var owner: Holder
    /// The key of its kind.
    public let kind: String
    /// 1, or more for a further one of its kind.
    public let number: Int
    /// What stands in the second line, such as the name of a department or of a person.
    public let line: String?
    /// The owner's name in Mongolian script where the seal has both languages.
    public let mongolian: String?
    /// Six digits; the code begins with them.
    public let region: String
    public internal(set) var state: SealState
    /// Rises with each change.
    public internal(set) var version: Int64
    /// esID: given at the approval, and never to another.
    public internal(set) var code: String?
    /// The signed record of the seal, from the approval on.
    public internal(set) var credential: ID<Credential>?
    /// The number under which the police filed it.
    public internal(set) var filing: String?
    public internal(set) var made: Made?
    public let replaces: ID<Seal>?
    public internal(set) var replacedBy: ID<Seal>?

    /// What making left behind.
    public struct Made: Hashable, Sendable {
        /// SESeal in DER (GB/T 38540-2020).
        public let bytes: [UInt8]
        /// Serial of the owner's certificate, in hexadecimal digits.
        public let certificate: String
        public let at: Instant
        public let validUntil: Instant
    }

    /// The state at a moment: one in force past its last moment has expired.
    public func state(at moment: Instant) -> SealState { Self.state(state, of: self, at: moment) }

    static func state(_ state: SealState, of seal: Seal, at moment: Instant) -> SealState {
        seal.made.map { Self.state(state, until: $0.validUntil, at: moment) } ?? state
    }

    static func state(_ state: SealState, until: Instant, at moment: Instant) -> SealState {
        moment > until && [.made, .active, .suspended].contains(state) ? .expired : state
    }

    /// What the register of the log calls it.
    var object: String { "seal:\(id)" }

    /// What stands on it and in it, for a kind with this name.
    func name(of type: CredentialType) -> String {
        var name = owner.name
        if let line { name += line }
        // The seal of the legal name says nothing else than the name.
        if type.sealType != 1, line == nil { name += type.nameZH }
        return name + (ordinal ?? "")
    }
}

extension Seal {
    init(_ application: SealApplication, id: ID<Seal>, number: Int) {
        self.init(
            id: id,
            owner: application.owner,
            kind: application.kind.key,
            number: number,
            line: application.line,
            mongolian: application.mongolian,
            region: application.region,
            state: .applied,
            version: 1,
            code: nil,
            credential: nil,
            filing: nil,
            made: nil,
            replaces: application.replaces,
            replacedBy: nil
        )
    }
}

/// A step in a seal's life.
public struct SealStep: Hashable, Sendable {
    public let state: SealState
    /// Nil for the application itself.
    public let event: SealEvent?
    /// From when it holds.
    public let at: Instant
    /// When it was written down.
    public let recordedAt: Instant
    public let actor: Actor
    /// A code or a decision's number, no personal text.
    public let reason: String
}

/// Who may use a seal for what, how long and how often.
public struct SealPermit: Hashable, Sendable {
    public enum Role: String, Sendable, CaseIterable {
        /// Asks for signatures and makes them.
        case use
        /// Approves what others ask for.
        case approve
    }

    public let id: ID<SealPermit>
    public let seal: ID<Seal>
    /// The person, by the identifier of his account.
    public let agent: String
    public let role: Role
    /// Kinds of document, such as `contract`; those of whoever approves do not count.
    public let kinds: Set<String>
    public let from: LocalDate
    /// The last day.
    public let until: LocalDate
    public let usesMax: Int
    public let uses: Int
    public let grantedBy: String
    public let grantedAt: Instant
    public let revokedAt: Instant?

    /// - Throws: why it does not let its agent use the seal for `kind` at a moment.
    func check(_ kind: String, at now: Instant) throws(SealError) {
        guard isInForce(at: now) else { throw .permitOver }
        guard kinds.contains(kind) else { throw .otherKind(kind) }
        guard uses < usesMax else { throw .usedUp }
    }

    public func isInForce(at now: Instant) -> Bool {
        if let revokedAt, revokedAt <= now { return false }
        return from <= now.date && now.date <= until
    }
}

/// What shall be sealed.
public struct SealSubject: Hashable, Sendable {
    /// SM3 of the file before the seal, 64 hexadecimal digits.
    public let digest: String
    public let name: String
    /// Such as `contract`.
    public let kind: String
    public let purpose: String
    /// The number of the case to which it belongs; empty outside of any.
    public let caseNumber: String

    public init(digest: String, name: String, kind: String, purpose: String, caseNumber: String) {
        self.digest = digest
        self.name = name
        self.kind = kind
        self.purpose = purpose
        self.caseNumber = caseNumber
    }

    /// Everything that is wrong with what was typed, in the order of the form.
    public var faults: [SealError] {
        var faults: [SealError] = []
        if digest.utf8.count != 64 || Hex.decode(digest)?.count != 32 { faults.append(.digest) }
        if !(1...200).contains(name.count) { faults.append(.documentName) }
        if !SealPermits.isKind(kind) { faults.append(.documentKind) }
        if !(1...200).contains(purpose.count) { faults.append(.purpose) }
        if caseNumber.count > 60 { faults.append(.caseNumber) }
        return faults
    }
}

/// Somebody asks to put a seal to a document; somebody else approves.
public struct SealRequest: Hashable, Sendable {
    public enum State: String, Sendable, CaseIterable {
        case waiting, approved, refused, signed
        /// Taken back by whoever asked.
        case withdrawn
    }

    public let id: ID<SealRequest>
    public let seal: ID<Seal>
    /// Nil when the legal representative himself asks.
    public let permit: ID<SealPermit>?
    public let requester: String
    public let subject: SealSubject
    public let state: State
    public let version: Int64
    public let at: Instant
    public let decidedBy: String?
    public let reason: String?
    /// By what whoever asked stood in for a second person; nil where there was one.
    public let confirmation: Confirmation?

    /// Raw values are stored: never rename, only add.
    public enum Confirmation: String, Sendable, CaseIterable {
        /// A code sent to his own phone.
        case textMessage = "text-message"
    }
}

/// A line of the ledger: one signature with a seal.
public struct SealUse: Hashable, Sendable {
    public let seal: ID<Seal>
    public let request: ID<SealRequest>
    public let permit: ID<SealPermit>?
    public let signer: String
    public let approver: String
    /// By what the signer stood in for an approver; nil where there was another person.
    public let confirmation: SealRequest.Confirmation?
    public let subject: SealSubject
    /// SM3 of the sealed file.
    public let result: String
    /// Serial of the certificate that signed.
    public let certificate: String
    public let at: Instant
}
