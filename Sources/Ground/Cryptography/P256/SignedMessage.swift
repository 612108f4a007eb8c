internal import COpenSSL
internal import Kernel

/// A CMS SignedData message of one signer, with the signed attributes of CAdES: signing time, signing certificate.
/// Read once; its signature is checked while it is read, the content and the certificates by whoever asks.
struct SignedMessage: Sendable {
    /// What the message carries: nothing (`data`, the content lies elsewhere) or what a time stamp states.
    enum Content: Sendable {
        case detached
        case timestamp([UInt8])
    }

    let content: Content
    let signer: P256Certificate
    /// All certificates in the message with a P-256 key.
    let certificates: [P256Certificate]
    /// SHA-256 of the content, as the signer signed it.
    let messageDigest: [UInt8]
    /// The content of the signature: what a time stamp over it bears the digest of.
    let value: [UInt8]
    /// When the signer says that he signed.
    let claimed: Instant?
    /// The time-stamp token over the signature, not checked yet.
    let token: [UInt8]?
    /// Whether the signer's key signed the attributes.
    let isSigned: Bool

    /// More than 64 KiB or 16 certificates are no signature of anybody.
    static let sizeMax = 65_536
    static let certificatesMax = 16

    /// Nil when the bytes are no such message: other algorithms than SHA-256 and ECDSA, no or several signers, missing
    /// attributes, several time stamps, a signing certificate that names another.
    init?(der bytes: [UInt8]) {
        defer { ERR_clear_error() }
        guard bytes.count <= Self.sizeMax, let message = Self.open(bytes) else { return nil }
        defer { CMS_ContentInfo_free(message) }
        guard OBJ_obj2nid(CMS_get0_type(message)) == NID_pkcs7_signed,
            let signer = suban_only_signer(message), let others = CMS_get1_certs(message)
        else { return nil }
        defer { suban_free_certificates(others) }
        let count = suban_certificate_count(others)
        guard count <= Self.certificatesMax,
            let own = (0..<count).lazy.map({ suban_certificate(others, $0) })
                .first(where: { CMS_SignerInfo_cert_cmp(signer, $0) == 0 }) ?? nil,
            let read = try? P256Certificate(within: own)
        else { return nil }
        self.signer = read
        certificates = (0..<count).compactMap { index in
            suban_certificate(others, index).flatMap { try? P256Certificate(within: $0) }
        }
        CMS_SignerInfo_set1_signer_cert(signer, own)
        guard Self.hasOurAlgorithms(signer),
            let digest = CMS_signed_get0_data_by_OBJ(
                signer,
                OBJ_nid2obj(NID_pkcs9_messageDigest),
                -3,
                V_ASN1_OCTET_STRING
            ),
            let named = CMS_signed_get0_data_by_OBJ(
                signer,
                OBJ_nid2obj(NID_id_smime_aa_signingCertificateV2),
                -3,
                V_ASN1_SEQUENCE
            ),
            suban_names_signer(named.assumingMemoryBound(to: ASN1_STRING.self), own, others) == 1,
            let content = Self.content(of: message, signer)
        else { return nil }
        self.content = content
        messageDigest = Self.bytes(digest.assumingMemoryBound(to: ASN1_STRING.self))
        value = Self.bytes(CMS_SignerInfo_get0_signature(signer))
        claimed = Self.signingTime(signer)
        token =
            CMS_unsigned_get0_data_by_OBJ(
                signer,
                OBJ_nid2obj(NID_id_smime_aa_timeStampToken),
                -3,
                V_ASN1_SEQUENCE
            )
            .map { Self.bytes($0.assumingMemoryBound(to: ASN1_STRING.self)) }
        // Of several one reader takes the first and another the last.
        guard (token == nil) == (CMS_unsigned_get_attr_by_NID(signer, NID_id_smime_aa_timeStampToken, -1) < 0)
        else { return nil }
        isSigned = CMS_SignerInfo_verify(signer) == 1
    }

    private static func open(_ bytes: [UInt8]) -> OpaquePointer? {
        bytes.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            guard let message = d2i_CMS_ContentInfo(nil, &cursor, buffer.count) else { return nil }
            guard cursor == buffer.baseAddress.map({ $0 + buffer.count }) else {
                CMS_ContentInfo_free(message)
                return nil
            }
            return message
        }
    }

    /// SHA-256 and ECDSA with SHA-256 only: nobody may choose a weaker way for us.
    private static func hasOurAlgorithms(_ signer: OpaquePointer) -> Bool {
        var digest: UnsafeMutablePointer<X509_ALGOR>?
        var signature: UnsafeMutablePointer<X509_ALGOR>?
        CMS_SignerInfo_get0_algs(signer, nil, nil, &digest, &signature)
        func name(_ algorithm: UnsafeMutablePointer<X509_ALGOR>?) -> Int32 {
            var object: OpaquePointer?
            X509_ALGOR_get0(&object, nil, nil, algorithm)
            return OBJ_obj2nid(object)
        }
        return name(digest) == NID_sha256 && name(signature) == NID_ecdsa_with_SHA256
    }

    /// The content, when its type is the one that the signer signed.
    private static func content(of message: OpaquePointer, _ signer: OpaquePointer) -> Content? {
        guard
            let signed = CMS_signed_get0_data_by_OBJ(
                signer,
                OBJ_nid2obj(NID_pkcs9_contentType),
                -3,
                V_ASN1_OBJECT
            )
        else { return nil }
        let type = OBJ_obj2nid(CMS_get0_eContentType(message))
        guard OBJ_obj2nid(OpaquePointer(signed)) == type else { return nil }
        let inside = CMS_get0_content(message)?.pointee
        switch (type, inside) {
        case (NID_pkcs7_data, nil): return .detached
        case (NID_id_smime_ct_TSTInfo, let inside?): return .timestamp(bytes(inside))
        default: return nil
        }
    }

    private static func signingTime(_ signer: OpaquePointer) -> Instant? {
        for type in [V_ASN1_UTCTIME, V_ASN1_GENERALIZEDTIME] {
            if let time = CMS_signed_get0_data_by_OBJ(
                signer,
                OBJ_nid2obj(NID_pkcs9_signingTime),
                -3,
                type
            ) {
                return instant(time.assumingMemoryBound(to: ASN1_TIME.self))
            }
        }
        return nil
    }

    private static func bytes(_ string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
        Array(
            UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string)))
        )
    }
}
