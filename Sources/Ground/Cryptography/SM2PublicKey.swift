internal import COpenSSL

/// The user identifier in every SM2 signature and certificate: the default of GB/T 35276 and GM/T 0009.
/// OpenSSL has none of its own, and an empty one makes signatures nobody else accepts.
enum SM2 {
    static let userID: [UInt8] = Array("1234567812345678".utf8)
}

/// An SM2 public key (GB/T 32918, curve sm2p256v1).
public final class SM2PublicKey: @unchecked Sendable {
    // Unchecked: the EVP_PKEY is never changed after init, its reference count is atomic, and every
    // verification has a context of its own (test "one key, many threads").
    let handle: OpaquePointer
    /// SubjectPublicKeyInfo in DER.
    public let spki: [UInt8]

    /// Takes over `handle`, which must be an SM2 key.
    init(owning handle: OpaquePointer) throws(CryptographyError) {
        guard isSM2(handle) else {
            EVP_PKEY_free(handle)
            throw .badKey
        }
        self.handle = handle
        spki = der { i2d_PUBKEY(handle, $0) }
        guard !spki.isEmpty else { throw .engine("i2d_PUBKEY") }
    }

    public convenience init(spki: [UInt8]) throws(CryptographyError) {
        let handle: OpaquePointer? = spki.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            guard let handle = d2i_PUBKEY(nil, &cursor, buffer.count) else { return nil }
            guard cursor == buffer.baseAddress.map({ $0 + buffer.count }) else {
                EVP_PKEY_free(handle)
                return nil
            }
            return handle
        }
        ERR_clear_error()
        guard let handle else { throw .badKey }
        try self.init(owning: handle)
    }

    /// Reads `-----BEGIN PUBLIC KEY-----`.
    public convenience init(pem: String) throws(CryptographyError) {
        let handle = withBIO(reading: Array(pem.utf8)) { PEM_read_bio_PUBKEY($0, nil, nil, nil) }
        ERR_clear_error()
        guard let handle else { throw .badKey }
        try self.init(owning: handle)
    }

    deinit { EVP_PKEY_free(handle) }

    public var pem: String {
        String(decoding: bytesWritten { PEM_write_bio_PUBKEY($0, handle) == 1 } ?? [], as: UTF8.self)
    }

    /// SM3 of the SubjectPublicKeyInfo: the name of this key in logs and files.
    public var identifier: [UInt8] { SM3.digest(spki) }

    /// Whether `signature` (DER `SEQUENCE {r, s}`, GB/T 35276) is this key's over `message`. Anything that
    /// OpenSSL does not call exactly valid is not.
    public func verify(signature: [UInt8], of message: [UInt8]) -> Bool {
        guard let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_DigestVerifyInit(context, &key, DigestAlgorithm.sm3.method, nil, handle) == 1,
            EVP_PKEY_CTX_set1_id(key, SM2.userID, Int32(SM2.userID.count)) == 1
        else { return false }
        let answer = EVP_DigestVerify(context, signature, signature.count, message, message.count)
        if answer != 1 { ERR_clear_error() }
        return answer == 1
    }
}

extension SM2PublicKey: Hashable {
    public static func == (left: SM2PublicKey, right: SM2PublicKey) -> Bool { left.spki == right.spki }
    public func hash(into hasher: inout Hasher) { hasher.combine(spki) }
}

/// Keys written as `id-ecPublicKey` with the SM2 curve load as one or the other type.
func isSM2(_ key: OpaquePointer) -> Bool {
    if EVP_PKEY_is_a(key, "SM2") == 1 { return true }
    var name = [CChar](repeating: 0, count: 32)
    var length = 0
    guard EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1 else { return false }
    return String(decoding: name.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self) == "SM2"
}
