public import Kernel

/// What is refused about seals.
public enum SealError: Refusal, Equatable {
    case unknown
    case unknownKind(String)
    /// The event does not lead anywhere from this state.
    case notAllowed(event: String, state: SealState)
    /// Somebody changed it in the meantime.
    case stale
    /// A reason is asked for and none was given, or it is too long; so for names.
    case reason
    case words
    /// The kind has no figure in both languages, or the name is not in Mongolian script.
    case mongolian
    /// The owner has a seal of this kind, of which there is one only.
    case oneOnly
    /// He does not represent the owner.
    case notRepresentative
    /// He does not act for the owner, or not any more.
    case notActing
    /// The seal may not be used as it stands.
    case notInForce(state: SealState)
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
    /// He may not approve uses of this seal.
    case notApprover
    /// The document is not the one that was approved.
    case documentChanged
    /// The key of the seal is not there.
    case noKey
    /// The document is no OFD file that can be sealed; the class of the fault.
    case unreadable(String)
    /// The document has no page to put it on.
    case noPlace
    /// No term is in force for what falls due.
    case noTerm

    public var code: String {
        switch self {
        case .unknown: "seal.unknown"
        case .unknownKind: "seal.unknown-kind"
        case .notAllowed: "seal.not-allowed"
        case .stale: "seal.stale"
        case .reason: "seal.reason"
        case .words: "seal.words"
        case .mongolian: "seal.mongolian"
        case .oneOnly: "seal.one-only"
        case .notRepresentative: "seal.not-representative"
        case .notActing: "seal.not-acting"
        case .notInForce: "seal.not-in-force"
        case .noPermit: "seal.no-permit"
        case .permitOver: "seal.permit-over"
        case .otherKind: "seal.other-kind"
        case .usedUp: "seal.used-up"
        case .badPeriod: "seal.bad-period"
        case .unknownRequest: "seal.unknown-request"
        case .notWaiting: "seal.not-waiting"
        case .fourEyes: "seal.four-eyes"
        case .notApprover: "seal.not-approver"
        case .documentChanged: "seal.document-changed"
        case .noKey: "seal.no-key"
        case .noTerm: "seal.no-term"
        case .noPlace: "seal.no-place"
        case .unreadable: "seal.unreadable"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .unknownKind(let kind), .otherKind(let kind): ["kind": kind]
        case .notAllowed(let event, let state): ["event": event, "state": state.rawValue]
        case .notInForce(let state): ["state": state.rawValue]
        case .notWaiting(let state): ["state": state]
        case .unreadable(let fault): ["fault": fault]
        case .unknown, .stale, .reason, .words, .mongolian, .oneOnly, .notRepresentative, .notActing,
            .noPermit,
            .permitOver,
            .usedUp, .badPeriod, .unknownRequest, .fourEyes, .notApprover, .documentChanged, .noKey, .noTerm,
            .noPlace:
            [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .unknown, .unknownRequest: .notFound
        case .notRepresentative, .notActing, .noPermit, .permitOver, .otherKind, .usedUp, .fourEyes,
            .notApprover:
            .forbidden
        case .notAllowed, .stale, .oneOnly, .notInForce, .notWaiting, .documentChanged: .notAllowedNow
        case .unknownKind, .reason, .words, .mongolian, .badPeriod, .noPlace, .unreadable: .unacceptable
        case .noKey, .noTerm: .unavailable
        }
    }
}
