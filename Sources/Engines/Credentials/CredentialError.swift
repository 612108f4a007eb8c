public import Kernel

public enum CredentialError: Refusal, Equatable {
    case unknown
    case unknownType(String)
    /// The event does not lead anywhere from this state.
    case notAllowed(event: String, state: CredentialState)
    /// Somebody changed the credential in the meantime.
    case stale
    /// A reason is asked for and none was given, or it has more than 200 characters.
    case reason
    /// All numbers of this kind are used up.
    case numbersExhausted
    /// The text of this document is not the one that was to be signed.
    case otherText
    /// The table of types cannot be read; the text says where and why.
    case types(String)
    /// The parts do not make an identifier of GB/T 36904.
    case badNumber

    public var code: String {
        switch self {
        case .unknown: "credential.unknown"
        case .unknownType: "credential.unknown-type"
        case .notAllowed: "credential.not-allowed"
        case .stale: "credential.stale"
        case .reason: "credential.reason"
        case .numbersExhausted: "credential.numbers-exhausted"
        case .otherText: "credential.other-text"
        case .types: "credential.types"
        case .badNumber: "credential.bad-number"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .unknownType(let key): ["type": key]
        case .notAllowed(let event, let state): ["event": event, "state": state.rawValue]
        case .types(let detail): ["detail": detail]
        case .unknown, .stale, .reason, .numbersExhausted, .otherText, .badNumber: [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .unknown: .notFound
        case .notAllowed, .stale: .notAllowedNow
        case .unknownType, .reason, .otherText, .badNumber: .unacceptable
        case .numbersExhausted, .types: .unavailable
        }
    }
}
