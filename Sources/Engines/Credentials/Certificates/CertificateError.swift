public import Kernel

/// What is refused about certificates.
public enum CertificateError: Refusal, Equatable {
    case unknown
    /// As many are in force as there may be.
    case tooMany(max: Int)
    /// It ends later than in the days in which it may be renewed.
    case notDue(days: Int)
    /// It was revoked, has run out or was renewed already.
    case notInForce
    /// It is somebody else's, or he acts for its holder no longer.
    case notHis
    /// Nobody was chosen in whose name it is issued.
    case holder
    /// No reason was given, or it is too long.
    case reason
    /// What shall be signed has no name or no bytes.
    case nothing
    /// The holder took another name while its key was made.
    case renamed
    /// No term is in force.
    case noTerm

    public var code: String {
        switch self {
        case .unknown: "certificate.unknown"
        case .tooMany: "certificate.too-many"
        case .notDue: "certificate.not-due"
        case .notInForce: "certificate.not-in-force"
        case .notHis: "certificate.not-his"
        case .holder: "certificate.no-holder"
        case .reason: "certificate.reason"
        case .nothing: "certificate.nothing"
        case .renamed: "certificate.renamed"
        case .noTerm: "certificate.no-term"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .tooMany(let max): ["max": String(max)]
        case .notDue(let days): ["days": String(days)]
        case .unknown, .notInForce, .notHis, .holder, .reason, .nothing, .renamed, .noTerm: [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .unknown: .notFound
        case .notHis: .forbidden
        case .tooMany, .notDue, .notInForce, .renamed: .notAllowedNow
        case .holder, .reason, .nothing: .unacceptable
        case .noTerm: .unavailable
        }
    }
}
