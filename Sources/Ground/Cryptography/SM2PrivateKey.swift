internal import COpenSSL

/// What can sign with SM2: a key in this process, or a security module in its place.
public protocol SM2Signing: Sendable {
    var publicKey: SM2PublicKey { get }
    /// - Returns: DER `SEQUENCE {r, s}` over SM2-with-SM3 with the user identifier 1234567812345678.
    func sign(_ message: [UInt8]) throws(CryptographyError) -> [UInt8]
}

/// An SM2 private key in memory (GB/T 32918). OpenSSL wipes it when it goes.
public final class SM2PrivateKey: SM2Signing, @unchecked Sendable {
    // Unchecked: the EVP_PKEY is never changed after init, its reference count is atomic, and every signature
    // has a context of its own (test "one key, many threads").
    let handle: OpaquePointer
    public let publicKey: SM2PublicKey

    init(owning handle: OpaquePointer) throws(CryptographyError) {
        guard isSM2(handle) else {
            EVP_PKEY_free(handle)
            throw .badKey
        }
        do throws(CryptographyError) {
            publicKey = try SM2PublicKey(spki: der { i2d_PUBKEY(handle, $0) })
        } catch {
            EVP_PKEY_free(handle)
            throw error
        }
        self.handle = handle
    }

    deinit { EVP_PKEY_free(handle) }

    public static func generate() throws(CryptographyError) -> SM2PrivateKey {
        guard let context = EVP_PKEY_CTX_new_from_name(nil, "SM2", nil) else { throw .engine("SM2") }
        defer { EVP_PKEY_CTX_free(context) }
        var handle: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_generate(context, &handle) == 1, let handle else {
            throw .engine("EVP_PKEY_generate")
        }
        return try SM2PrivateKey(owning: handle)
    }

    /// Reads PKCS#8, `-----BEGIN PRIVATE KEY-----` or `-----BEGIN ENCRYPTED PRIVATE KEY-----`. Without a
    /// password an encrypted key is refused, never asked for at the terminal.
    public convenience init(pem: String, password: String? = nil) throws(CryptographyError) {
        let handle = withPassword(password) { context in
            withBIO(reading: Array(pem.utf8)) { PEM_read_bio_PrivateKey($0, nil, givePassword, context) }
        }
        ERR_clear_error()
        guard let handle else { throw .badKey }
        try self.init(owning: handle)
    }

    /// PKCS#8 without encryption. The caller keeps it secret.
    public var pem: String {
        String(
            decoding: bytesWritten { PEM_write_bio_PKCS8PrivateKey($0, handle, nil, nil, 0, nil, nil) == 1 }
                ?? [],
            as: UTF8.self
        )
    }

    /// PKCS#8 under a password of 1...1,024 bytes (PBES2: PBKDF2, AES-256-CBC).
    public func pem(password: String) throws(CryptographyError) -> String {
        let bytes = withPassword(password) { context in
            bytesWritten {
                PEM_write_bio_PKCS8PrivateKey($0, handle, EVP_aes_256_cbc(), nil, 0, givePassword, context)
                    == 1
            }
        }
        guard let bytes else { throw .engine("PEM_write_bio_PKCS8PrivateKey") }
        return String(decoding: bytes, as: UTF8.self)
    }

    public func sign(_ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw .engine("EVP_MD_CTX_new") }
        defer { EVP_MD_CTX_free(context) }
        try Self.prepare(context, with: handle)
        var length = 128
        var signature = [UInt8](repeating: 0, count: length)
        guard EVP_DigestSign(context, &signature, &length, message, message.count) == 1 else {
            throw .engine("EVP_DigestSign")
        }
        signature.removeLast(signature.count - length)
        return signature
    }

    /// Makes `context` ready to sign with SM2-with-SM3 and the user identifier.
    static func prepare(_ context: OpaquePointer, with key: OpaquePointer) throws(CryptographyError) {
        var keyContext: OpaquePointer?
        guard EVP_DigestSignInit(context, &keyContext, DigestAlgorithm.sm3.method, nil, key) == 1,
            EVP_PKEY_CTX_set1_id(keyContext, SM2.userID, Int32(SM2.userID.count)) == 1
        else { throw .engine("EVP_DigestSignInit") }
    }
}
