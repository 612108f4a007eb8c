import HTTPTypes
import Kernel

/// A refusal to a request that never became one, as the parser of the socket sends it: the same safety headers and the
/// same stable code as every other answer, in both languages because nobody said which.
public struct BareRefusal: Sendable {
    public let status: Int
    public let headers: [(name: String, value: String)]
    public let bytes: [UInt8]

    init(_ refusal: WebRefusal, messages: Messages, isSecure: Bool) {
        let (zh, en) = (messages.explain(refusal, in: .zh), messages.explain(refusal, in: .en))
        status = refusal.httpStatus
        bytes =
            ReplyWriter.problem(
                refusal,
                status: refusal.httpStatus,
                wrong: "\(zh.wrong) \(en.wrong)",
                next: "\(zh.next) \(en.next)",
                id: ""
            ).canonicalBytes
        var fields = HTTPFields()
        SafetyHeaders.add(to: &fields, isSecure: isSecure)
        fields[.contentType] = "application/problem+json"
        fields[.contentLength] = String(bytes.count)
        fields[.cacheControl] = "no-store"
        fields[.connection] = "close"
        headers = fields.map { ($0.name.rawName, $0.value) }
    }
}

extension Site {
    /// What the parser says of a request it cannot read.
    /// - Parameter isTooLong: its head was longer than is allowed.
    public func bareRefusal(isTooLong: Bool) -> BareRefusal {
        BareRefusal(
            isTooLong ? .headTooLong : .malformedRequest,
            messages: messages,
            isSecure: settings.isSecure
        )
    }
}
