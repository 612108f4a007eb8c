internal import COpenSSL
public import Kernel

/// The digests that may be stamped.
public enum ImprintAlgorithm: Sendable, CaseIterable {
    case sha256
    case sm3

    var nid: Int32 { self == .sha256 ? NID_sha256 : NID_sm3 }

    /// As files and tables call it.
    public var name: String { self == .sha256 ? "sha256" : "sm3" }

    public init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    public func digest(_ bytes: [UInt8]) -> [UInt8] {
        self == .sha256 ? SHA256.digest(bytes) : SM3.digest(bytes)
    }

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
        do throws(TimestampProblem) {
            return try standing(of: digest, algorithm, trust: trust).takenBack == nil ? nil : .takenBack
        } catch { return error }
    }

    /// Until when the token proves by itself that `digest` was there at its time.
    /// - Throws: what is wrong with it, but that it was taken back.
    public func standing(
        of digest: [UInt8],
        _ algorithm: ImprintAlgorithm,
        trust: DocumentTrust
    ) throws(TimestampProblem) -> TimestampStanding {
        guard case .timestamp(let content) = message.content, message.isSigned,
            SHA256.digest(content) == message.messageDigest
        else { throw .signature }
        guard self.algorithm == algorithm, imprint == digest else { throw .imprint }
        guard authority.isFor(.timestamps) else { throw .usage }
        func check(_ lists: [RevocationList<P256>]) -> P256ChainVerdict {
            authority.check(
                others: message.certificates,
                anchors: trust.stampAnchors,
                at: time,
                usage: [.digitalSignature, .nonRepudiation],
                revocation: lists
            )
        }
        let way: [P256Certificate]
        switch check([]) {
        case .broken(let problem): throw .certificate(problem)
        case .trusted(let found): way = found
        }
        var takenBack = Self.takenBack(way, trust.revocation, at: nil)
        switch check(trust.revocation) {
        case .trusted: break
        case .broken(.revoked):
            takenBack = takenBack ?? Self.takenBack(way, trust.revocation, at: time) ?? time
        case .broken(let problem): throw .certificate(problem)
        }
        let ends = way.map { $0.validUntil + 1_000 }.min() ?? time
        return TimestampStanding(ends: ends, takenBack: takenBack)
    }

    /// The first day from which somebody on the way was revoked: for a reason that leaves none of his stamps their word,
    /// since whoever has a stolen key writes any time (RFC 3161, section 4), or for any reason before a moment.
    private static func takenBack(
        _ way: [P256Certificate],
        _ lists: [RevocationList<P256>],
        at moment: Instant?
    ) -> Instant? {
        zip(way, way.dropFirst()).flatMap { certificate, issuer in
            lists.compactMap { list -> Instant? in
                guard let entry = list.entry(of: certificate), list.isSigned(by: issuer) else { return nil }
                let counts = moment.map { entry.revokedAt <= $0 } ?? !entry.reason.leavesStamps
                return counts ? entry.revokedAt : nil
            }
        }.min()
    }
}

/// Until when a time stamp proves something by itself: another one has to be laid over it before.
public struct TimestampStanding: Hashable, Sendable {
    /// The first end of a certificate on its way.
    public let ends: Instant
    /// From when on its maker was revoked so that no stamp of his counts; nil when he was not.
    public let takenBack: Instant?

    /// Up to here, not with it, another stamp may take its place.
    public var limit: Instant { takenBack.map { min($0, ends) } ?? ends }
}

public enum TimestampProblem: Error, Hashable, Sendable {
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
