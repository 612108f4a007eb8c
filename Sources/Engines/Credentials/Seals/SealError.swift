public import Kernel

/// What is refused about seals.
public enum SealError: Refusal, Equatable {
    case unknown
    case unknownKind(String)
    /// The event does not lead anywhere from this state.
    case notAllowed(event: String, state: SealState)
    /// Somebody changed it in the meantime.
    case stale
    /// A reason is asked for and none was given, or it is too long.
    case reason
    /// This kind bears a second line, and there is none or it is too long; or it bears none.
    case lineNeeded, lineUnwanted
    /// What a request says of the document.
    case documentName, purpose, caseNumber, documentKind, digest
    /// Whom a permit is for, what for and how often.
    case agent, permitKinds, permitUses
    /// The police's number is missing, or is none.
    case filingMissing, filing
    /// Whoever claims a seal in its owner's stead says what the owner showed.
    case evidence
    /// The kind has no figure in both languages, or the name is not in Mongolian script.
    case mongolian
    /// The owner has a seal of this kind, of which there is one only.
    case oneOnly
    /// He does not represent the owner.
    case notRepresentative
    /// He does not act for the owner, or not any more.
    case notActing
    /// An authority stopped it, and only an authority lets it be used again.
    case stoppedByAuthority
    /// Its owner stopped it, and only he lets it be used again.
    case stoppedByOwner
    /// The seal may not be used as it stands.
    case notInForce(state: SealState)
    /// The same of the seal of an issuing body, which makes no files of licences until it is resumed.
    case bodyNotInForce(state: SealState)
    /// No permit lets him use it for this.
    case noPermit
    case permitOver
    case otherKind(String)
    case usedUp
    case badPeriod
    case unknownRequest
    /// The request is not where this may be done: it was refused, signed, or is not approved yet.
    case notWaiting(state: String)
    /// Whoever asked may not approve.
    case fourEyes
    /// He has no phone to which a code could be sent.
    case noPhone
    /// Only whoever asked takes the request back.
    case notRequester
    /// He may not approve uses of this seal.
    case notApprover
    /// The document is not the one that was approved.
    case documentChanged
    /// The key of the seal is not there.
    case noKey
    /// The document is no OFD file that can be sealed; the class of the fault.
    case unreadable(String)
    /// Its last seal forbids others.
    case locked
    /// It was changed after it was sealed or signed.
    case broken
    /// The document has no page to put it on.
    case noPlace
    /// It says what only licences say, which their issuers alone seal.
    case licence
    /// No term is in force for what falls due.
    case noTerm

    public var code: String {
        switch self {
        case .unknown: "seal.unknown"
        case .unknownKind: "seal.unknown-kind"
        case .notAllowed: "seal.not-allowed"
        case .stale: "seal.stale"
        case .reason: "seal.reason"
        case .lineNeeded: "seal.line-needed"
        case .lineUnwanted: "seal.line-unwanted"
        case .documentName: "seal.document-name"
        case .purpose: "seal.purpose"
        case .caseNumber: "seal.case-number"
        case .documentKind: "seal.document-kind"
        case .digest: "seal.digest"
        case .agent: "seal.agent"
        case .permitKinds: "seal.permit-kinds"
        case .permitUses: "seal.permit-uses"
        case .filingMissing: "seal.filing-missing"
        case .filing: "seal.filing"
        case .evidence: "seal.evidence"
        case .mongolian: "seal.mongolian"
        case .oneOnly: "seal.one-only"
        case .notRepresentative: "seal.not-representative"
        case .notActing: "seal.not-acting"
        case .notInForce: "seal.not-in-force"
        case .bodyNotInForce: "seal.body-not-in-force"
        case .noPermit: "seal.no-permit"
        case .permitOver: "seal.permit-over"
        case .otherKind: "seal.other-kind"
        case .usedUp: "seal.used-up"
        case .badPeriod: "seal.bad-period"
        case .unknownRequest: "seal.unknown-request"
        case .notWaiting: "seal.not-waiting"
        case .stoppedByAuthority: "seal.stopped-by-authority"
        case .stoppedByOwner: "seal.stopped-by-owner"
        case .fourEyes: "seal.four-eyes"
        case .noPhone: "seal.no-phone"
        case .notRequester: "seal.not-requester"
        case .notApprover: "seal.not-approver"
        case .documentChanged: "seal.document-changed"
        case .noKey: "seal.no-key"
        case .noTerm: "seal.no-term"
        case .noPlace: "seal.no-place"
        case .licence: "seal.licence"
        case .unreadable: "seal.unreadable"
        case .locked: "seal.locked"
        case .broken: "seal.broken"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .unknownKind(let kind), .otherKind(let kind): ["kind": kind]
        case .notAllowed(let event, let state): ["event": event, "state": state.rawValue]
        case .notInForce(let state), .bodyNotInForce(let state): ["state": state.rawValue]
        case .notWaiting(let state): ["state": state]
        case .unreadable(let fault): ["fault": fault]
        default: [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .unknown, .unknownRequest: .notFound
        case .notRepresentative, .notActing, .noPermit, .permitOver, .otherKind, .usedUp, .fourEyes,
            .notApprover, .notRequester:
            .forbidden
        case .stoppedByAuthority, .stoppedByOwner, .notAllowed, .stale, .oneOnly, .notInForce,
            .bodyNotInForce,
            .notWaiting, .documentChanged, .noPhone:
            .notAllowedNow
        case .unknownKind, .reason, .lineNeeded, .lineUnwanted, .documentName, .purpose, .caseNumber,
            .documentKind, .digest, .agent, .permitKinds, .permitUses, .filingMissing, .filing, .evidence,
            .mongolian,
            .badPeriod, .noPlace, .licence, .unreadable, .locked, .broken:
            .unacceptable
        case .noKey, .noTerm: .unavailable
        }
    }
}
