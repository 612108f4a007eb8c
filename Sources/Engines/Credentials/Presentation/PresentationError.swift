public import Kernel

/// Why a licence is not shown.
public enum PresentationError: Refusal, Equatable {
    /// Nothing to show was chosen.
    case nothingChosen
    case unknownField(String)
    /// No purpose, or more than 200 characters.
    case purpose
    /// Too many codes of this holder are open.
    case tooManyOpen
    /// No code, or a wrong one.
    case unknown
    case used
    case late
    /// Too many wrong codes from here.
    case locked(minutes: Int)
    /// Too many wrong short codes from everywhere.
    case shortLocked
    /// Who asks has to say who he is.
    case verifier

    public var code: String {
        switch self {
        case .nothingChosen: "presentation.nothing-chosen"
        case .unknownField: "presentation.unknown-field"
        case .purpose: "presentation.purpose"
        case .tooManyOpen: "presentation.too-many-open"
        case .unknown: "presentation.unknown"
        case .used: "presentation.used"
        case .late: "presentation.late"
        case .locked: "presentation.locked"
        case .shortLocked: "presentation.short-locked"
        case .verifier: "presentation.verifier"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .unknownField(let key): ["field": key]
        case .locked(let minutes): ["minutes": String(minutes)]
        case .nothingChosen, .purpose, .tooManyOpen, .unknown, .used, .late, .shortLocked, .verifier: [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .nothingChosen, .unknownField, .purpose, .verifier: .unacceptable
        case .unknown: .notFound
        case .used, .late: .gone
        case .tooManyOpen: .notAllowedNow
        case .locked, .shortLocked: .tooMany
        }
    }
}
