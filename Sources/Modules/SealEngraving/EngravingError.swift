public import Kernel

/// What can be refused about an order.
public enum EngravingError: Refusal, Equatable {
    case notRepresentative
    case noKinds
    case unknownKind(String)
    /// Not on the list of the police, out of service, or of another league.
    case noEngraver
    case receiverMissing
    /// Missing, or none that can be called.
    case phone
    /// For a courier.
    case addressMissing
    /// The firm has had its free set.
    case notFree
    /// It still has a free set: nobody makes it pay.
    case free
    case noLimit

    public var code: String {
        switch self {
        case .notRepresentative: "engraving.not-representative"
        case .noKinds: "engraving.no-kinds"
        case .unknownKind: "engraving.unknown-kind"
        case .noEngraver: "engraving.no-engraver"
        case .receiverMissing: "engraving.receiver-missing"
        case .phone: "engraving.phone"
        case .addressMissing: "engraving.address-missing"
        case .notFree: "engraving.not-free"
        case .free: "engraving.free"
        case .noLimit: "engraving.no-limit"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .unknownKind(let kind): ["kind": kind]
        case .notRepresentative, .noKinds, .noEngraver, .receiverMissing, .phone, .addressMissing, .notFree,
            .free,
            .noLimit:
            [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .notRepresentative: .forbidden
        case .noKinds, .unknownKind, .noEngraver, .receiverMissing, .phone, .addressMissing: .unacceptable
        case .notFree, .free: .notAllowedNow
        case .noLimit: .unavailable
        }
    }
}
