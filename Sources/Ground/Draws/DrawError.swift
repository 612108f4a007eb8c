public import Kernel

/// What is refused about draws.
public enum DrawError: Refusal, Equatable {
    case unknown
    /// One seed serves one list only, so that nobody can try lists.
    case alreadyDrawn
    /// The seed is published: nothing more can be drawn by it.
    case published
    /// Nothing was drawn yet, so the seed stays secret.
    case notDrawn
    case duplicate(item: String)
    case tooFew(count: Int, list: Int)
    case badRate

    public var code: String {
        switch self {
        case .unknown: "draw.unknown"
        case .alreadyDrawn: "draw.already-drawn"
        case .published: "draw.published"
        case .notDrawn: "draw.not-drawn"
        case .duplicate: "draw.duplicate"
        case .tooFew: "draw.too-few"
        case .badRate: "draw.bad-rate"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .duplicate(let item): ["item": item]
        case .tooFew(let count, let list): ["count": String(count), "list": String(list)]
        case .unknown, .alreadyDrawn, .published, .notDrawn, .badRate: [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .unknown: .notFound
        case .alreadyDrawn, .published, .notDrawn: .notAllowedNow
        case .duplicate, .tooFew, .badRate: .unacceptable
        }
    }
}
