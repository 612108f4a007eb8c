public import Kernel

/// Why the exchange refuses.
public enum ExchangeError: Refusal, Equatable {
    case unknownParty(String)
    case unknownOperation(party: String, operation: String)
    /// A field that the party may not have: least data, checked before anything is sent.
    case fieldNotAllowed(party: String, field: String)
    case fieldMissing(party: String, field: String)
    case noSuchLine
    /// The line was changed by somebody else in the meantime.
    case lineChanged
    case notAllowed(event: LineEvent, state: LineState)
    /// What the law or the service asks for is not the founder's to put off or drop.
    case notOptional(party: String)
    /// A definition in `Resources/parties` that cannot be used.
    case definition(file: String, what: String)
    case noSuchMessage
    case noSuchItem
    /// A refusal by hand needs a reason that the party is known to give, or words.
    case reasonMissing

    public var code: String {
        switch self {
        case .unknownParty: "exchange.unknown-party"
        case .unknownOperation: "exchange.unknown-operation"
        case .fieldNotAllowed: "exchange.field-not-allowed"
        case .fieldMissing: "exchange.field-missing"
        case .noSuchLine: "exchange.no-such-line"
        case .lineChanged: "exchange.line-changed"
        case .notAllowed: "exchange.not-allowed"
        case .notOptional: "exchange.not-optional"
        case .definition: "exchange.definition"
        case .noSuchMessage: "exchange.no-such-message"
        case .noSuchItem: "exchange.no-such-item"
        case .reasonMissing: "exchange.reason-missing"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .unknownParty(let party), .notOptional(let party): ["party": party]
        case .unknownOperation(let party, let operation): ["party": party, "operation": operation]
        case .fieldNotAllowed(let party, let field), .fieldMissing(let party, let field):
            ["party": party, "field": field]
        case .notAllowed(let event, let state): ["event": event.rawValue, "state": state.rawValue]
        case .definition(let file, let what): ["file": file, "what": what]
        case .noSuchLine, .lineChanged, .noSuchMessage, .noSuchItem, .reasonMissing: [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .unknownParty, .unknownOperation, .noSuchLine, .noSuchMessage, .noSuchItem: .notFound
        case .fieldNotAllowed, .fieldMissing, .reasonMissing: .unacceptable
        case .lineChanged, .notAllowed, .notOptional: .notAllowedNow
        case .definition: .unavailable
        }
    }
}

/// Why a signed message is not accepted. Each is told to the sender by its code alone.
public enum EnvelopeError: String, Refusal, CaseIterable {
    case headerMissing = "exchange.header-missing"
    case headerMalformed = "exchange.header-malformed"
    case keyUnknown = "exchange.key-unknown"
    /// Revoked, not yet valid, or expired.
    case keyNotValid = "exchange.key-not-valid"
    case skew = "exchange.clock-skew"
    case digest = "exchange.digest"
    case signature = "exchange.signature"
    case replay = "exchange.replay"
    case tooLarge = "exchange.too-large"
    /// The answer belongs to another question.
    case otherMessage = "exchange.other-message"
    case body = "exchange.body"

    public var code: String { rawValue }

    public var status: RefusalStatus {
        switch self {
        case .headerMissing, .headerMalformed, .body: .malformed
        case .keyUnknown, .keyNotValid, .skew, .digest, .signature: .signInNeeded
        case .replay, .otherMessage: .notAllowedNow
        case .tooLarge: .tooLarge
        }
    }
}
