public import Kernel

/// Thrown where the page that was asked for has moved on: the visitor is led to where it goes on.
public struct Elsewhere: Error {
    /// A path of this site.
    public let path: String

    public init(_ path: String) { self.path = path }
}

/// What the faces themselves refuse, before or instead of an engine.
public enum WebRefusal: Refusal, Equatable {
    case notFound
    case signInNeeded
    /// The roles for which the page is meant, as message keys `role.<name>`.
    case forbidden(who: [String])
    /// The form's guard token is missing or of another session, or the form was sent from another site.
    case forgedForm
    case methodNotAllowed(allowed: [String])
    case bodyTooLarge(bytesMax: Int)
    case bodyTooSlow
    case addressTooLong
    case tooManyFields(max: Int)
    case unreadableForm(reason: String)
    /// What came is no HTTP, before any page could look at it.
    case malformedRequest
    /// The fields of the request's head are longer than any browser sends.
    case headTooLong
    case unsupportedBody(type: String)
    case tooManyRequests(seconds: Int)
    /// A field of a form or call that has no such name or an impossible value.
    case badField(name: String)
    /// Maintenance or start-up.
    case closed(seconds: Int)
    /// An announced time in which nothing is changed; reading goes on.
    case maintenance(until: String, seconds: Int)
    /// The log cannot be signed: nothing is changed until it can, reading goes on.
    case readOnly
    /// Something failed that nobody foresaw; the reference joins the page with the log.
    case failed(reference: String)

    public var code: String {
        switch self {
        case .notFound: "web.not-found"
        case .signInNeeded: "web.sign-in-needed"
        case .forbidden: "web.forbidden"
        case .forgedForm: "web.form-not-ours"
        case .methodNotAllowed: "web.method-not-allowed"
        case .bodyTooLarge: "web.body-too-large"
        case .bodyTooSlow: "web.body-too-slow"
        case .addressTooLong: "web.address-too-long"
        case .tooManyFields: "web.too-many-fields"
        case .unreadableForm: "web.unreadable-form"
        case .malformedRequest: "web.malformed-request"
        case .headTooLong: "web.head-too-long"
        case .unsupportedBody: "web.unsupported-body"
        case .tooManyRequests: "web.too-many-requests"
        case .badField: "web.bad-field"
        case .closed: "web.closed"
        case .maintenance: "web.maintenance"
        case .readOnly: "web.read-only"
        case .failed: "web.failed"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .notFound, .signInNeeded, .readOnly, .forgedForm, .bodyTooSlow, .addressTooLong,
            .malformedRequest, .headTooLong:
            [:]
        case .forbidden(let who): ["who": who.joined(separator: "、")]
        case .methodNotAllowed(let allowed): ["allowed": allowed.joined(separator: ", ")]
        case .bodyTooLarge(let bytes): ["max": String(bytes / 1024)]
        case .tooManyFields(let max): ["max": String(max)]
        case .unreadableForm(let reason): ["reason": reason]
        case .unsupportedBody(let type): ["type": type]
        case .tooManyRequests(let seconds), .closed(let seconds): ["seconds": String(seconds)]
        case .badField(let name): ["name": name]
        case .maintenance(let until, _): ["until": until]
        case .failed(let reference): ["reference": reference]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .notFound: .notFound
        case .signInNeeded: .signInNeeded
        case .forbidden, .forgedForm: .forbidden
        case .bodyTooLarge, .addressTooLong, .tooManyFields, .headTooLong: .tooLarge
        case .methodNotAllowed, .unreadableForm, .malformedRequest, .unsupportedBody, .bodyTooSlow: .malformed
        case .badField: .unacceptable
        case .tooManyRequests: .tooMany
        case .closed, .maintenance, .readOnly, .failed: .unavailable
        }
    }

    /// The exact HTTP status; `RefusalStatus` has only those that engines need.
    var httpStatus: Int {
        switch self {
        case .methodNotAllowed: 405
        case .bodyTooSlow: 408
        case .addressTooLong: 414
        case .unsupportedBody: 415
        case .headTooLong: 431
        case .failed: 500
        default: status.rawValue
        }
    }
}
