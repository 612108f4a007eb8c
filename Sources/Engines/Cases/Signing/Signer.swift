public import Kernel

/// One person or firm whose signature a case needs, and how far it has come.
public struct Signer: Sendable {
    public enum State: String, Sendable, CaseIterable, Codable {
        /// The link was sent.
        case invited
        /// The face matched; may sign.
        case verified
        /// Too many failed face checks: to be identified in person or by a notary.
        case inPerson = "in-person"
        case signed
        /// The form no longer names this person.
        case dropped
    }

    public let caseID: ID<Case>
    public let key: String
    public let kind: SignerNeed.Kind
    public var name: String
    public var idKind: String
    public var idNumber: String
    /// Who signs for an enterprise; nil for a person.
    public var representative: SignerNeed.Representative?
    public var roles: [String]
    public var phone: String
    /// Kinds of paper to sign.
    public var papers: [String]
    public var state: State
    /// SM3 of the secret in the link, hexadecimal.
    public var link: String
    public var invitedAt: Instant
    public var expiresAt: Instant
    public var verifiedAt: Instant?
    /// The check that is passed and not used yet.
    var check: SigningCheck? = nil
    /// 0...100.
    public var faceScore: Int?
    public var faceTries: Int
    public var signedAt: Instant?
    /// The person known to Identity after the face check.
    public var person: String?
    public var version: Int

    /// The secret of the last link opens nothing any more, and another has not been sent.
    public var isLinkClosed: Bool { link.hasPrefix(Self.closedLink) }

    /// Whether the last link ended because his papers were changed, and he was not told yet.
    var isLinkOfChanged: Bool { link.hasPrefix(Self.closedLink + LinkEnd.papersChanged.rawValue) }

    static let closedLink = "closed:"

    /// Why a link ended before another was sent.
    enum LinkEnd: String {
        case exchanged = ""
        case papersChanged = "changed:"
    }

    /// Which human holds this place, where that can change under one key: the representative of a firm by his
    /// document. Nil for a person, whose key is his document.
    var holder: String? { representative.map { "\($0.idKind)/\($0.idNumber)" } }

    /// Whether somebody who held this place holds it still. Whose place was not noted holds it.
    func isHeld(by holder: String?) -> Bool { holder == nil || holder == self.holder }

    /// The link no longer opens; the applicant sends another or names somebody else.
    public func isExpired(at now: Instant) -> Bool { now >= expiresAt }
}

/// Whose a link is or was, and where it was sent.
struct LinkHolder: Sendable {
    let signer: Signer
    /// Which human held the place: see `Signer.holder`. Nil in rows from before that was noted.
    let holder: String?
    /// The telephone to which the link had been sent; nil where that is not known.
    let phone: String?

    /// Whether he who held the link is named by the application today.
    var isNamed: Bool { signer.state != .dropped && signer.isHeld(by: holder) }
}

/// One signature of one signer on one paper.
public struct PaperSignature: Sendable {
    public let signer: String
    public let paper: String
    public let digest: String
    /// Reference of the signature record.
    public let signature: String
    public let at: Instant
    public let voidAt: Instant?
}

/// Papers, signers and signatures of a case, read together.
public struct SigningState: Sendable {
    public let papers: [StoredPaper]
    public let signers: [Signer]
    public let signatures: [PaperSignature]

    public init(papers: [StoredPaper], signers: [Signer], signatures: [PaperSignature]) {
        self.papers = papers
        self.signers = signers
        self.signatures = signatures
    }

    /// How a signer stands with one paper.
    public enum Standing: String, Sendable { case signed, stale, missing }

    public func standing(of signer: Signer, on paper: String) -> Standing {
        guard let current = papers.first(where: { $0.kind == paper }) else { return .missing }
        let own = signatures.filter { $0.signer == signer.key && $0.paper == paper }
        if own.contains(where: { $0.digest == current.digest && $0.voidAt == nil }) { return .signed }
        return own.isEmpty ? .missing : .stale
    }

    /// Signers that the form names today.
    public var active: [Signer] { signers.filter { $0.state != .dropped } }

    public func isComplete(_ signer: Signer) -> Bool {
        signer.papers.allSatisfy { standing(of: signer, on: $0) == .signed }
    }

    /// Every active signer has signed every paper on its present text.
    public var isComplete: Bool { !active.isEmpty && active.allSatisfy(isComplete) }

    public var missing: [Signer] { active.filter { !isComplete($0) } }

    /// Signers whose link ended before they signed.
    public func expired(at now: Instant) -> [Signer] { missing.filter { $0.isExpired(at: now) } }

    /// The last of the needed signatures.
    public var completedAt: Instant? {
        guard isComplete else { return nil }
        return signatures.filter { $0.voidAt == nil }.map(\.at).max()
    }
}

/// A generated paper as it is kept with the case.
public struct StoredPaper: Sendable {
    public let kind: String
    public let title: String
    public let content: String
    public let digest: String
    public let text: Int
}
