internal import COpenSSL
public import Kernel

/// The digests that may be stamped.
public enum ImprintAlgorithm: Sendable, CaseIterable {
    case sha256
    case sm3

    var nid: Int32 { self == .sha256 ? NID_sha256 : NID_sm3 }

    init?(_ nid: Int32) {
        guard let found = Self.allCases.first(where: { $0.nid == nid }) else { return nil }
        self = found
    }
}

/// A time-stamp token (RFC 3161, section 2.4.2): somebody who is trusted saw a digest at a time.
public struct TimestampToken: Sendable {
    public let algorithm: ImprintAlgorithm
    public let imprint: [UInt8]
    public let policy: String
    /// Big-endian, without leading zeros.
    public let serial: [UInt8]
    public let time: Instant
    /// By how many milliseconds the time may be off; nil when the token does not say.
    public let accuracy: Int64?
    public let nonce: [UInt8]?
    private let message: SignedMessage

    public var authority: P256Certificate { message.signer }

    /// Nil when the bytes are no token of one signer with SHA-256 and a P-256 key that brings its certificate.
    public init?(der: [UInt8]) {
        guard let message = SignedMessage(der: der), case .timestamp(let content) = message.content else {
            return nil
        }
        self.message = message
        defer { ERR_clear_error() }
        let opened: OpaquePointer? = content.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            guard let statement = d2i_TS_TST_INFO(nil, &cursor, buffer.count) else { return nil }
            guard cursor == buffer.baseAddress.map({ $0 + buffer.count }) else {
                TS_TST_INFO_free(statement)
                return nil
            }
            return statement
        }
        guard let opened else { return nil }
        defer { TS_TST_INFO_free(opened) }
        guard TS_TST_INFO_get_version(opened) == 1,
            let mark = Imprint(TS_TST_INFO_get_msg_imprint(opened)),
            let time = instant(TS_TST_INFO_get_time(opened))
        else { return nil }
        (algorithm, imprint) = (mark.algorithm, mark.digest)
        policy = dotted(TS_TST_INFO_get_policy_id(opened))
        serial = number(TS_TST_INFO_get_serial(opened))
        self.time = time
        nonce = TS_TST_INFO_get_nonce(opened).map(number)
        accuracy = TS_TST_INFO_get_accuracy(opened).map { accuracy in
            let seconds = TS_ACCURACY_get_seconds(accuracy).map { Int64(ASN1_INTEGER_get($0)) } ?? 0
            let thousandths = TS_ACCURACY_get_millis(accuracy).map { Int64(ASN1_INTEGER_get($0)) } ?? 0
            return min(max(seconds, 0), 86_400) * 1_000 + min(max(thousandths, 0), 999)
        }
    }

    /// Reads the token of a granted reply (`TimeStampResp`).
    public init?(response: [UInt8]) {
        let reply: OpaquePointer? = response.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return d2i_TS_RESP(nil, &cursor, buffer.count)
        }
        defer { ERR_clear_error() }
        guard let reply else { return nil }
        defer { TS_RESP_free(reply) }
        let status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(reply)))
        guard status == 0 || status == 1, let token = TS_RESP_get_token(reply) else { return nil }
        self.init(der: Cryptography.der { i2d_PKCS7(token, $0) })
    }

    /// What is wrong with the token as proof that `digest` was there at its time; nil when nothing is.
    ///
    /// The authority's certificate must be for time stamps alone, critically, and trusted at the token's own time.
    public func problem(
        of digest: [UInt8],
        _ algorithm: ImprintAlgorithm,
        trust: DocumentTrust
    ) -> TimestampProblem? {
        guard case .timestamp(let content) = message.content, message.isSigned,
            SHA256.digest(content) == message.messageDigest
        else { return .signature }
        guard self.algorithm == algorithm, imprint == digest else { return .imprint }
        guard authority.isFor(.timestamps) else { return .usage }
        let chain = authority.check(
            others: message.certificates,
            anchors: trust.stampAnchors,
            at: time,
            usage: [.digitalSignature, .nonRepudiation],
            revocation: trust.revocation
        )
        switch chain {
        case .trusted(let way): return Self.isTakenBack(way, trust.revocation) ? .takenBack : nil
        case .broken(.revoked): return .takenBack
        case .broken(let problem): return .certificate(problem)
        }
    }

    /// Whether somebody on the way was revoked, no matter when, for a reason that leaves none of his stamps their word:
    /// whoever has a stolen key writes any time (RFC 3161, section 4).
    private static func isTakenBack(_ way: [P256Certificate], _ lists: [RevocationList<P256>]) -> Bool {
        zip(way, way.dropFirst()).contains { certificate, issuer in
            lists.contains { list in
                guard let entry = list.entry(of: certificate), list.isSigned(by: issuer) else { return false }
                return !entry.reason.leavesStamps
            }
        }
    }
}

public enum TimestampProblem: Hashable, Sendable {
    /// The token is not signed by the key in its certificate.
    case signature
    /// It is of another digest.
    case imprint
    /// The certificate is not for time stamps alone.
    case usage
    /// The certificate was revoked before the stamp, or at any time so that no stamp of it counts.
    case takenBack
    case certificate(ChainProblem)
}

/// What is stamped.
struct Imprint {
    let algorithm: ImprintAlgorithm
    let digest: [UInt8]

    /// Nil for other algorithms and for a digest of another length.
    init?(_ imprint: OpaquePointer?) {
        guard let imprint, let method = TS_MSG_IMPRINT_get_algo(imprint) else { return nil }
        var object: OpaquePointer?
        X509_ALGOR_get0(&object, nil, nil, method)
        let text = TS_MSG_IMPRINT_get_msg(imprint)
        guard let algorithm = ImprintAlgorithm(OBJ_obj2nid(object)), ASN1_STRING_length(text) == 32 else {
            return nil
        }
        self.algorithm = algorithm
        digest = Array(UnsafeBufferPointer(start: ASN1_STRING_get0_data(text), count: 32))
    }
}

/// An object identifier with dots.
func dotted(_ object: OpaquePointer?) -> String {
    var text = [CChar](repeating: 0, count: 128)
    let count = OBJ_obj2txt(&text, Int32(text.count), object, 1)
    return String(
        decoding: text.prefix(min(max(Int(count), 0), 127)).map { UInt8(bitPattern: $0) },
        as: UTF8.self
    )
}

/// The bytes of a whole number, big-endian.
func number(_ integer: UnsafePointer<ASN1_INTEGER>?) -> [UInt8] {
    Array(
        UnsafeBufferPointer(start: ASN1_STRING_get0_data(integer), count: Int(ASN1_STRING_length(integer)))
    )
}
