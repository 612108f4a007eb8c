/// Something that was asked for and is refused, in words that a person can act on.
///
/// Every refusal has a stable code. The message catalogue holds, for each language, `refusal.<code>` (what is
/// wrong) and `refusal.<code>.next` (what to do next); `arguments` fill their placeholders. Codes are stored in
/// logs and read by other programs: never rename one.
public protocol Refusal: Error, Sendable {
    /// Lower-case words, `area.what-is-wrong`, such as `name.already-reserved`.
    var code: String { get }
    /// Values for the message's placeholders. Never a password, a full identity number or another's personal data.
    var arguments: [String: String] { get }
    var status: RefusalStatus { get }
}

extension Refusal {
    public var arguments: [String: String] { [:] }
}

/// How a refusal is answered over HTTP (RFC 9110, section 15).
public enum RefusalStatus: Int, Sendable, CaseIterable {
    case malformed = 400
    case signInNeeded = 401
    case forbidden = 403
    case notFound = 404
    case notAllowedNow = 409
    case gone = 410
    case tooLarge = 413
    case unacceptable = 422
    case tooMany = 429
    case unsupported = 501
    case unavailable = 503
    case noSpace = 507
}
