internal import COpenSSL
internal import Kernel

extension SignedMessage {
    /// A message about `content`: without it when it lies elsewhere, else with it as what a time stamp states.
    ///
    /// - Parameter stamp: gives the time-stamp token over the SHA-256 of the signature value.
    static func make(
        about content: [UInt8],
        isDetached: Bool,
        by identity: P256Identity,
        at now: Instant,
        withCertificates: Bool = true,
        stamp: (([UInt8]) throws(CryptographyError) -> [UInt8])? = nil
    ) throws(CryptographyError) -> [UInt8] {
        let flags = UInt32(CMS_PARTIAL | CMS_BINARY | (isDetached ? CMS_DETACHED : 0))
        guard let message = CMS_sign(nil, nil, nil, nil, flags) else { throw .engine("CMS_sign") }
        defer {
            CMS_ContentInfo_free(message)
            ERR_clear_error()
        }
        if !isDetached, CMS_set1_eContentType(message, OBJ_nid2obj(NID_id_smime_ct_TSTInfo)) != 1 {
            throw .engine("CMS_set1_eContentType")
        }
        let signer = try addSigner(identity, to: message, flags: flags, withCertificates: withCertificates)
        // OpenSSL would write its own clock's time.
        guard let time = ASN1_TIME_set(nil, time_t(now.milliseconds / 1_000)) else {
            throw .engine("ASN1_TIME_set")
        }
        defer { ASN1_TIME_free(time) }
        guard
            CMS_signed_add1_attr_by_NID(
                signer,
                NID_pkcs9_signingTime,
                ASN1_STRING_type(time),
                ASN1_STRING_get0_data(time),
                ASN1_STRING_length(time)
            ) == 1,
            withBIO(reading: content, { CMS_final(message, $0, nil, flags) == 1 ? true : nil }) != nil
        else { throw .engine("CMS_final") }
        if let stamp {
            let value = CMS_SignerInfo_get0_signature(signer)
            let bytes = UnsafeBufferPointer(
                start: ASN1_STRING_get0_data(value),
                count: Int(ASN1_STRING_length(value))
            )
            let token = try stamp(SHA256.digest(Array(bytes)))
            guard
                CMS_unsigned_add1_attr_by_NID(
                    signer,
                    NID_id_smime_aa_timeStampToken,
                    V_ASN1_SEQUENCE,
                    token,
                    Int32(token.count)
                ) == 1
            else { throw .engine("CMS_unsigned_add1_attr_by_NID") }
        }
        let made = der { i2d_CMS_ContentInfo(message, $0) }
        guard !made.isEmpty else { throw .engine("i2d_CMS_ContentInfo") }
        return made
    }

    private static func addSigner(
        _ identity: P256Identity,
        to message: OpaquePointer,
        flags: UInt32,
        withCertificates: Bool
    ) throws(CryptographyError) -> OpaquePointer {
        let own = identity.certificate.x509.handle
        let more = UInt32(CMS_CADES | CMS_NOSMIMECAP | (withCertificates ? 0 : CMS_NOCERTS))
        guard let signer = CMS_add1_signer(message, own, identity.key.handle, EVP_sha256(), flags | more)
        else {
            throw .engine("CMS_add1_signer")
        }
        // The root is what the reader has to have already.
        for issuer in withCertificates ? identity.issuers.dropLast() : [] {
            guard CMS_add1_cert(message, issuer.x509.handle) == 1 else { throw .engine("CMS_add1_cert") }
        }
        return signer
    }
}
