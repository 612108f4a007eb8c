public import Kernel

public enum AuditError: Refusal, Equatable {
    /// No such entry.
    case unknownEntry
    /// A proof was asked for entries that are not sealed.
    case outsideTree
    /// The stored tree contradicts itself: nothing is sealed until somebody looks.
    case damaged
    /// The content given for a receipt is not what the entry's digest stands for.
    case otherContent
    /// The file of signed heads cannot be written or read; the text says which and why.
    case mirror(String)

    public var code: String {
        switch self {
        case .unknownEntry: "audit.unknown-entry"
        case .outsideTree: "audit.outside-tree"
        case .damaged: "audit.damaged"
        case .otherContent: "audit.other-content"
        case .mirror: "audit.mirror"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .mirror(let detail): ["detail": detail]
        case .unknownEntry, .outsideTree, .damaged, .otherContent: [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .unknownEntry, .outsideTree: .notFound
        case .otherContent: .unacceptable
        case .damaged, .mirror: .unavailable
        }
    }
}
