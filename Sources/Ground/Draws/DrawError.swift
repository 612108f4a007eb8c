public import Kernel

/// What is refused about draws.
public enum DrawError: Refusal, Equatable {
    case unknown
    /// The seed is published: nothing more can be drawn by it.
    case published
    /// What was kept about this item is not what is to be kept now.
    case keptOtherwise
    case badRate

    public var code: String {
        switch self {
        case .unknown: "draw.unknown"
        case .published: "draw.published"
        case .keptOtherwise: "draw.kept-otherwise"
        case .badRate: "draw.bad-rate"
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .unknown: .notFound
        case .published, .keptOtherwise: .notAllowedNow
        case .badRate: .unacceptable
        }
    }
}
