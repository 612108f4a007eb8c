public import Kernel

/// What is refused about bills and money.
public enum ChargeError: Refusal, Equatable {
    case unknown
    /// The event does not lead anywhere from this state.
    case notAllowed(event: BillEvent, state: BillState)
    /// Somebody changed it in the meantime.
    case stale
    /// A reason is asked for and none was given, or it is too long.
    case reason
    /// Nothing is to be paid.
    case nothingDue
    /// Whoever asked for the money back may not release it himself.
    case fourEyes
    case unknownDifference
    /// So many payments were begun and came to nothing.
    case tooManyTries

    public var code: String {
        switch self {
        case .unknown: "charge.unknown"
        // Its page says where the bill stands, in words.
        case .notAllowed(_, .due): "charge.is-due"
        case .notAllowed(_, .paid): "charge.is-paid"
        case .notAllowed(_, .cancelled): "charge.is-cancelled"
        case .notAllowed(_, .refunding): "charge.is-refunding"
        case .notAllowed(_, .refunded): "charge.is-refunded"
        case .stale: "charge.stale"
        case .reason: "charge.reason"
        case .nothingDue: "charge.nothing-due"
        case .fourEyes: "charge.four-eyes"
        case .unknownDifference: "charge.unknown-difference"
        case .tooManyTries: "charge.too-many-tries"
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .unknown, .unknownDifference: .notFound
        case .notAllowed, .stale, .nothingDue: .notAllowedNow
        case .reason: .unacceptable
        case .fourEyes: .forbidden
        case .tooManyTries: .tooMany
        }
    }
}
