internal import COpenSSL
public import Kernel

/// Gives time-stamp tokens (RFC 3161).
public struct TimestampAuthority: Sendable {
    private let identity: P256Identity
    private let policy: TimestampPolicy
    private let entropy: any Entropy

    public init(
        _ identity: P256Identity,
        policy: TimestampPolicy,
        entropy: any Entropy = SystemEntropy()
    ) {
        self.identity = identity
        self.policy = policy
        self.entropy = entropy
    }

    /// What its tokens bear.
    public var certificate: P256Certificate { identity.certificate }

    /// A token for a digest of 32 bytes.
    public func token(
        for digest: [UInt8],
        _ algorithm: ImprintAlgorithm,
        now: Instant
    ) throws(CryptographyError) -> [UInt8] {
        try token(for: digest, algorithm, nonce: nil, withCertificates: true, now: now)
    }

    /// Answers a query (`TimeStampReq` in DER) with a `TimeStampResp`, which says granted or why not.
    public func answer(_ query: [UInt8], now: Instant) -> [UInt8] {
        defer { ERR_clear_error() }
        let opened: OpaquePointer? = query.withUnsafeBufferPointer { buffer in
            guard buffer.count <= 4_096 else { return nil }
            var cursor = buffer.baseAddress
            guard let request = d2i_TS_REQ(nil, &cursor, buffer.count) else { return nil }
            guard cursor == buffer.baseAddress.map({ $0 + buffer.count }) else {
                TS_REQ_free(request)
                return nil
            }
            return request
        }
        guard let opened else { return Self.refusal(.badDataFormat) }
        defer { TS_REQ_free(opened) }
        guard TS_REQ_get_version(opened) == 1 else { return Self.refusal(.badRequest) }
        guard let imprint = Imprint(TS_REQ_get_msg_imprint(opened)) else { return Self.refusal(.badAlg) }
        if let asked = TS_REQ_get_policy_id(opened), dotted(asked) != policy.identifier {
            return Self.refusal(.unacceptedPolicy)
        }
        guard TS_REQ_get_ext_count(opened) <= 0 else { return Self.refusal(.unacceptedExtension) }
        let nonce = TS_REQ_get_nonce(opened)
        if let nonce, ASN1_STRING_length(nonce) > 64 { return Self.refusal(.badRequest) }
        do throws(CryptographyError) {
            let token = try token(
                for: imprint.digest,
                imprint.algorithm,
                nonce: nonce,
                withCertificates: TS_REQ_get_cert_req(opened) != 0,
                now: now
            )
            return DER.sequence(DER.sequence(DER.integer(0)) + token)
        } catch {
            return Self.refusal(.systemFailure)
        }
    }

    /// Bits of `PKIFailureInfo` (RFC 3161, section 2.4.2).
    private enum Failure: Int {
        case badAlg = 0
        case badRequest = 2
        case badDataFormat = 5
        case unacceptedPolicy = 15
        case unacceptedExtension = 16
        case systemFailure = 25
    }

    private static func refusal(_ failure: Failure) -> [UInt8] {
        DER.sequence(DER.sequence(DER.integer(2) + DER.bit(failure.rawValue)))
    }

    private func token(
        for digest: [UInt8],
        _ algorithm: ImprintAlgorithm,
        nonce: UnsafePointer<ASN1_INTEGER>?,
        withCertificates: Bool,
        now: Instant
    ) throws(CryptographyError) -> [UInt8] {
        guard digest.count == 32, let statement = TS_TST_INFO_new() else { throw .engine("TS_TST_INFO_new") }
        defer { TS_TST_INFO_free(statement) }
        guard let imprint = TS_MSG_IMPRINT_new(), let method = X509_ALGOR_new(),
            let named = OBJ_txt2obj(policy.identifier, 1), let serial = ASN1_INTEGER_new(),
            let time = ASN1_GENERALIZEDTIME_set(nil, time_t(now.milliseconds / 1_000)),
            let accuracy = TS_ACCURACY_new(), let part = ASN1_INTEGER_new()
        else { throw .engine("TS_TST_INFO") }
        defer {
            TS_MSG_IMPRINT_free(imprint)
            X509_ALGOR_free(method)
            ASN1_OBJECT_free(named)
            ASN1_INTEGER_free(serial)
            ASN1_GENERALIZEDTIME_free(time)
            TS_ACCURACY_free(accuracy)
            ASN1_INTEGER_free(part)
        }
        var bytes = digest
        // Seconds round up: the statement must not be narrower than what the operator vouches for.
        guard X509_ALGOR_set0(method, OBJ_nid2obj(algorithm.nid), V_ASN1_NULL, nil) == 1,
            TS_MSG_IMPRINT_set_algo(imprint, method) == 1,
            TS_MSG_IMPRINT_set_msg(imprint, &bytes, 32) == 1,
            let number = BN_bin2bn(Self.positive(entropy.bytes(16)), 16, nil)
        else { throw .engine("TS_MSG_IMPRINT") }
        defer { BN_free(number) }
        guard BN_to_ASN1_INTEGER(number, serial) != nil,
            ASN1_INTEGER_set(part, Int((policy.accuracyMilliseconds + 999) / 1_000)) == 1,
            TS_ACCURACY_set_seconds(accuracy, part) == 1,
            TS_TST_INFO_set_version(statement, 1) == 1, TS_TST_INFO_set_policy_id(statement, named) == 1,
            TS_TST_INFO_set_msg_imprint(statement, imprint) == 1,
            TS_TST_INFO_set_serial(statement, serial) == 1, TS_TST_INFO_set_time(statement, time) == 1,
            TS_TST_INFO_set_accuracy(statement, accuracy) == 1,
            nonce.map({ TS_TST_INFO_set_nonce(statement, $0) == 1 }) ?? true
        else { throw .engine("TS_TST_INFO_set") }
        return try SignedMessage.make(
            about: der { i2d_TS_TST_INFO(statement, $0) },
            isDetached: false,
            by: identity,
            at: now,
            withCertificates: withCertificates
        )
    }

    /// A serial number that stays positive in its 16 bytes.
    private static func positive(_ bytes: [UInt8]) -> [UInt8] {
        [bytes[0] & 0x7F | 0x40] + bytes.dropFirst()
    }
}
