import Credentials
import Cryptography
import Kernel
import Web

/// Time stamps for everybody (RFC 3161, section 3.4): whoever sends the digest of something gets it back with the time.
enum TimestampCalls {
    private static let query = "application/timestamp-query"
    private static let reply = "application/timestamp-reply"
    /// A query with the longest nonce takes some hundred bytes.
    private static let bytesMax = 4_096

    static func routes(_ desk: APIDesk) -> [Route] {
        [
            Route(
                .post,
                "/api/v1/timestamps",
                face: .api,
                who: .everyone,
                scope: .open,
                summary: Bilingual(zh: "时间戳服务（RFC 3161）", en: "Time stamps (RFC 3161)"),
                request: .text("TimeStampReq in DER: SM3 or SHA-256"),
                response: .text("TimeStampResp in DER"),
                bodyBytesMax: bytesMax
            ) { visit in
                guard visit.headers["content-type"] == query else {
                    throw WebRefusal.unsupportedBody(type: visit.headers["content-type"] ?? "")
                }
                let answer = desk.credentials.stamps(at: visit.now).answer(visit.bytes, now: visit.now)
                return .file(answer, type: reply)
            }.noting(type: reply, takes: query, refusals: [400: ["web.unsupported-body"]])
        ]
    }
}
