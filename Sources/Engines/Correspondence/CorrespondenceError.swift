public import Forms
public import Kernel

/// Why a paper or a message is refused.
public enum CorrespondenceError: Refusal, Equatable {
    case unknownKind(String)
    case unknownTemplate(String)
    case fieldMissing(kind: String, field: String)
    case fieldMalformed(kind: String, field: String)
    /// A field that the template does not name.
    case fieldUnknown(kind: String, field: String)
    /// A file in `Resources/papers` that cannot be used.
    case definition(file: String, what: String)
    case noSuchPaper
    case alreadySuperseded
    case alreadySealed
    /// The paper that was signed is not the one on file.
    case digestDiffers
    /// Electronic service needs the recipient's consent (Civil Procedure Law, article 90).
    case consentMissing
    case noSuchService
    case noSuchMessage
    /// A full identity number may not stand in a message.
    case identityNumber
    case tooLong

    public var code: String {
        switch self {
        case .unknownKind: "correspondence.unknown-kind"
        case .unknownTemplate: "correspondence.unknown-template"
        case .fieldMissing: "correspondence.field-missing"
        case .fieldMalformed: "correspondence.field-malformed"
        case .fieldUnknown: "correspondence.field-unknown"
        case .definition: "correspondence.definition"
        case .noSuchPaper: "correspondence.no-such-paper"
        case .alreadySuperseded: "correspondence.already-superseded"
        case .alreadySealed: "correspondence.already-sealed"
        case .digestDiffers: "correspondence.digest-differs"
        case .consentMissing: "correspondence.consent-missing"
        case .noSuchService: "correspondence.no-such-service"
        case .noSuchMessage: "correspondence.no-such-message"
        case .identityNumber: "correspondence.identity-number"
        case .tooLong: "correspondence.too-long"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .unknownKind(let kind), .unknownTemplate(let kind): ["kind": kind]
        case .fieldMissing(let kind, let field), .fieldMalformed(let kind, let field),
            .fieldUnknown(let kind, let field):
            ["kind": kind, "field": field]
        case .definition(let file, let what): ["file": file, "what": what]
        case .noSuchPaper, .alreadySuperseded, .alreadySealed, .digestDiffers, .consentMissing,
            .noSuchService,
            .noSuchMessage, .identityNumber, .tooLong:
            [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .unknownKind, .unknownTemplate, .noSuchPaper, .noSuchService, .noSuchMessage: .notFound
        case .fieldMissing, .fieldMalformed, .fieldUnknown, .consentMissing, .identityNumber, .tooLong:
            .unacceptable
        case .alreadySuperseded, .alreadySealed, .digestDiffers: .notAllowedNow
        case .definition: .unavailable
        }
    }
}

extension CorrespondenceError: DefinitionFailure {}
