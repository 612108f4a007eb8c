public import Kernel

/// What can be refused about archives.
public enum ArchiveError: Refusal, Equatable {
    case none
    /// Its files are gone.
    case disposed
    /// The sealed bytes are gone or are not those that were kept.
    case damaged
    case tooLarge(megabytes: Int)
    /// A reader says what for.
    case purposeMissing
    case reasonMissing
    case reasonTooLong(max: Int)
    /// Nothing is destroyed before its term.
    case termRuns(until: String)
    case permanent
    case held
    case notHeld
    case notProposed
    case alreadyProposed
    /// Two people dispose of an archive.
    case secondPersonNeeded

    public var code: String {
        switch self {
        case .none: "archive.none"
        case .disposed: "archive.disposed"
        case .damaged: "archive.damaged"
        case .tooLarge: "archive.too-large"
        case .purposeMissing: "archive.purpose-missing"
        case .reasonMissing: "archive.reason-missing"
        case .reasonTooLong: "archive.reason-too-long"
        case .termRuns: "archive.term-runs"
        case .permanent: "archive.permanent"
        case .held: "archive.held"
        case .notHeld: "archive.not-held"
        case .notProposed: "archive.not-proposed"
        case .alreadyProposed: "archive.already-proposed"
        case .secondPersonNeeded: "archive.second-person-needed"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .tooLarge(let megabytes): ["max": String(megabytes)]
        case .reasonTooLong(let max): ["max": String(max)]
        case .termRuns(let until): ["until": until]
        case .none, .disposed, .damaged, .purposeMissing, .reasonMissing, .permanent, .held, .notHeld,
            .notProposed, .alreadyProposed, .secondPersonNeeded:
            [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .none: .notFound
        case .damaged, .tooLarge: .unavailable
        case .purposeMissing, .reasonMissing, .reasonTooLong: .unacceptable
        case .disposed, .termRuns, .permanent, .held, .notHeld, .notProposed, .alreadyProposed,
            .secondPersonNeeded:
            .notAllowedNow
        }
    }
}
