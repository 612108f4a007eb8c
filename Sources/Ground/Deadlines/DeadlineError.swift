public import Kernel

/// What is refused about periods and clocks.
public enum DeadlineError: Refusal, Equatable {
    case badPeriod(String)
    case badAmount(String)
    /// An extension in working days of a budget in months, or the like.
    case mixedUnits(budget: String, extension: String)
    /// The clock has ended; it keeps what it has.
    case ended
    /// It is paused already.
    case paused
    /// It is not paused.
    case notPaused
    /// The period is over: it can no longer be extended or paused.
    case over
    /// A step that lies before an earlier one of the same clock.
    case outOfOrder
    case unknown
    /// A ladder, rung or calendar that cannot be used; `why` says so.
    case badLadder(why: String)
    case badCalendar(year: Int)

    public var code: String {
        switch self {
        case .badPeriod: "period.unreadable"
        case .badAmount: "period.amount"
        case .mixedUnits: "deadline.mixed-units"
        case .ended: "deadline.ended"
        case .paused: "deadline.paused"
        case .notPaused: "deadline.not-paused"
        case .over: "deadline.over"
        case .outOfOrder: "deadline.out-of-order"
        case .unknown: "deadline.unknown"
        case .badLadder: "deadline.bad-ladder"
        case .badCalendar: "deadline.bad-calendar"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .badPeriod(let text): ["text": String(text.prefix(40))]
        case .badAmount(let text): ["amount": String(text.prefix(40))]
        case .mixedUnits(let budget, let more): ["budget": budget, "extension": more]
        case .badLadder(let why): ["why": why]
        case .badCalendar(let year): ["year": String(year)]
        case .ended, .paused, .notPaused, .over, .outOfOrder, .unknown: [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .badPeriod, .badAmount, .mixedUnits, .badLadder, .badCalendar: .unacceptable
        case .ended, .paused, .notPaused, .over, .outOfOrder: .notAllowedNow
        case .unknown: .notFound
        }
    }
}
