public import Documents
import ElectronicSeals
import Kernel

/// What kind of file was checked.
public enum VerifiedKind: String, Hashable, Sendable, CaseIterable {
    /// GB/T 33190 with seals by GB/T 38540.
    case ofd
    case pdf
    /// An SES seal by itself.
    case seal
    /// A signed record of this platform (Docs/formats/credential.md).
    case licence
    /// A receipt of the log (Docs/formats/log.md).
    case receipt
    /// A certified extract or another signed text.
    case signedText
    /// A signature beside the document that it is about.
    case signature
    /// The package of a closed matter (Docs/formats/archive.md).
    case archive
    case unknown
}

/// One thing that was found, with a message `verdict.<code>` in each language.
public struct VerdictLine: Hashable, Sendable {
    public let code: String
    public let arguments: [String: String]

    public init(_ code: String, _ arguments: [String: String] = [:]) {
        self.code = code
        self.arguments = arguments
    }

    /// The stable code of a fault in a sealed file, such as `FILE_HASH`.
    public var classCode: String? { code.hasPrefix("class.") ? String(code.dropFirst(6)) : nil }

    init(_ problem: VerificationProblem) {
        self.init("class.\(problem.kind.rawValue)", ["place": problem.place])
    }
}

/// A seal and when it was put to something.
struct SealedMoment: Hashable, Sendable {
    let seal: ElectronicSeal
    /// When a time stamp proves that it was, or the signer's word for it.
    let at: Instant
    /// The moment asked about, while `at` is only claimed.
    let asked: Instant?

    init(seal: ElectronicSeal, proven: Instant) {
        self.seal = seal
        at = proven
        asked = nil
    }

    init(seal: ElectronicSeal, claimed: Instant, asked: Instant) {
        self.seal = seal
        at = claimed
        self.asked = max(claimed, asked)
    }
}

/// The answer about one file: what is wrong, what is proven, and what is only claimed.
public struct FileVerdict: Hashable, Sendable {
    public let kind: VerifiedKind
    /// Empty when the file is valid.
    public let problems: [VerdictLine]
    public let proven: [VerdictLine]
    public let claimed: [VerdictLine]
    /// What the file says on itself, by name: proven when there is no problem.
    public let content: [OFDDocument.Field]
    /// Seals that were put to it, or the seal that it is, with the moment to ask about.
    let seals: [SealedMoment]

    public var isValid: Bool { problems.isEmpty }

    /// What the file says under a name.
    func value(_ name: String) -> String? { content.first { $0.name == name }?.value }

    init(
        _ kind: VerifiedKind,
        problems: [VerdictLine],
        proven: [VerdictLine] = [],
        claimed: [VerdictLine] = [],
        content: [OFDDocument.Field] = [],
        seals: [SealedMoment] = []
    ) {
        self.kind = kind
        self.problems = problems
        self.proven = proven
        self.claimed = claimed
        self.content = content
        self.seals = seals
    }

    /// The same with what others know of it.
    public func adding(
        problems more: [VerdictLine] = [],
        proven findings: [VerdictLine] = [],
        claimed words: [VerdictLine] = [],
        withoutClaims gone: Set<String> = []
    ) -> FileVerdict {
        FileVerdict(
            kind,
            problems: problems + more,
            proven: proven + findings,
            claimed: claimed.filter { !gone.contains($0.code) } + words,
            content: content,
            seals: seals
        )
    }
}
