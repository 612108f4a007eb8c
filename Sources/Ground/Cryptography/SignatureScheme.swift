internal import COpenSSL

/// A way to sign: a curve with its digest. Keys, certificates, authorities and revocation lists are written once for
/// both schemes, and the compiler keeps one from passing for the other (Docs/decisions/0019).
public protocol SignatureScheme: Sendable {
    static var parts: SchemeParts { get }
}

/// SM2 with SM3 (GB/T 32918), curve sm2p256v1: everything that is signed under the national standards.
public enum SM2: SignatureScheme {
    public static let parts = SchemeParts(
        keyType: "SM2",
        group: nil,
        groupName: "SM2",
        curve: [0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D],
        digest: .sm3,
        signature: NID_SM2_with_SM3,
        userID: userID
    )

    /// The user identifier in every SM2 signature, certificate and revocation list: the default of GB/T 35276 and
    /// GM/T 0009. OpenSSL has none of its own, and an empty one makes signatures nobody else accepts.
    static let userID: [UInt8] = Array("1234567812345678".utf8)
}

/// What a scheme is to OpenSSL.
public struct SchemeParts: Sendable {
    /// The type of a key that is to be made, and the group it must be told.
    let keyType: String
    let group: String?
    /// What OpenSSL calls the group of a key that was read.
    let groupName: String
    /// The content of the curve's object identifier, 1.2.156.10197.1.301 or 1.2.840.10045.3.1.7; nil without a curve.
    let curve: [UInt8]?
    let digest: DigestAlgorithm
    /// The signature algorithm of certificates and lists; no other is accepted.
    let signature: Int32
    let userID: [UInt8]?

    func fits(_ key: OpaquePointer) -> Bool {
        // Keys written as `id-ecPublicKey` with the SM2 curve load as one or the other type.
        if EVP_PKEY_is_a(key, keyType) == 1, group == nil { return true }
        var name = [CChar](repeating: 0, count: 32)
        var length = 0
        guard EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1 else { return false }
        return String(decoding: name.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self) == groupName
    }

    /// Whether `spki` is what a SubjectPublicKeyInfo with a point of the named curve, uncompressed, looks like: there is no
    /// second way to write that one.
    func isOnlyForm(_ spki: [UInt8]) -> Bool {
        guard let curve else { return false }
        let head: [UInt8] =
            [0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08]
            + curve + [0x03, 0x42, 0x00, 0x04]
        return spki.count == head.count + 64 && spki.starts(with: head)
    }

    func makeKey() -> OpaquePointer? {
        guard let context = EVP_PKEY_CTX_new_from_name(nil, keyType, nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        var handle: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1,
            group.map({ EVP_PKEY_CTX_set_group_name(context, $0) == 1 }) ?? true,
            EVP_PKEY_generate(context, &handle) == 1
        else { return nil }
        return handle
    }

    /// Makes `context` ready to sign, with the user identifier where the scheme has one.
    func beginSigning(_ context: OpaquePointer, with key: OpaquePointer) throws(CryptographyError) {
        var keyContext: OpaquePointer?
        guard EVP_DigestSignInit(context, &keyContext, digest.method, nil, key) == 1,
            userID.map({ EVP_PKEY_CTX_set1_id(keyContext, $0, Int32($0.count)) == 1 }) ?? true
        else { throw .engine("EVP_DigestSignInit") }
    }

    func beginVerifying(_ context: OpaquePointer, with key: OpaquePointer) -> Bool {
        var keyContext: OpaquePointer?
        return EVP_DigestVerifyInit(context, &keyContext, digest.method, nil, key) == 1
            && userID.map({ EVP_PKEY_CTX_set1_id(keyContext, $0, Int32($0.count)) == 1 }) ?? true
    }
}
