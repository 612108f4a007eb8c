public import Kernel

/// Why an operation on a name is refused.
public enum NameError: Refusal, Equatable {
    public enum Unreadable: String, Sendable, CaseIterable {
        case empty, brackets, form, brand
        case tooLong = "too-long"
    }

    /// The text is no name; `at` is the character where it goes wrong, counted from 0.
    case unreadable(Unreadable, at: Int)
    /// No such reservation, or it belongs to another.
    case unknown
    case notOwner
    case notAllowed(event: String, state: NameState)
    /// The term has ended; `lastDay` was its last day.
    case expired(lastDay: LocalDate)
    /// Held by another case.
    case heldByAnother
    /// The applicant has as many live reservations as allowed.
    case tooMany(limit: Int)
    /// The checks refuse the name; the findings say why.
    case refused(code: String, arguments: [String: String])
    /// The applicant has not ticked the promise for a name with near neighbours.
    case promiseMissing
    /// A table or a value that the checks need is not loaded.
    case dataMissing(String)

    public var code: String {
        switch self {
        case .unreadable(let reason, _): "name.unreadable-\(reason.rawValue)"
        case .unknown: "name.unknown"
        case .notOwner: "name.not-owner"
        case .notAllowed: "name.not-allowed"
        case .expired: "name.expired"
        case .heldByAnother: "name.held-by-another"
        case .tooMany: "name.too-many"
        case .refused(let code, _): code
        case .promiseMissing: "name.promise-missing"
        case .dataMissing: "name.data-missing"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .unreadable(_, let at): ["at": String(at + 1)]
        case .notAllowed(let event, let state): ["event": event, "state": state.rawValue]
        case .expired(let lastDay): ["date": lastDay.description]
        case .tooMany(let limit): ["limit": String(limit)]
        case .refused(_, let arguments): arguments
        case .dataMissing(let what): ["what": what]
        case .unknown, .notOwner, .heldByAnother, .promiseMissing: [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .unreadable, .refused, .promiseMissing: .unacceptable
        case .unknown: .notFound
        case .notOwner: .forbidden
        case .notAllowed, .heldByAnother: .notAllowedNow
        case .expired: .gone
        case .tooMany: .tooMany
        case .dataMissing: .unavailable
        }
    }
}
