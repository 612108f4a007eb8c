internal import COpenSSL
import Foundation

/// What can sign with SM2: a key in this process, or a security module in its place.
public protocol SM2Signing: Sendable {
    var publicKey: SM2PublicKey { get }
    /// - Returns: DER `SEQUENCE {r, s}` over SM2-with-SM3 with the user identifier 1234567812345678.
    func sign(_ message: [UInt8]) throws(CryptographyError) -> [UInt8]
}

/// An SM2 private key (GB/T 32918).
public typealias SM2PrivateKey = PrivateKey<SM2>

extension PrivateKey: SM2Signing where Scheme == SM2 {}

/// A private key in memory. OpenSSL wipes it when it goes.
public final class PrivateKey<Scheme: SignatureScheme>: @unchecked Sendable {
    // Unchecked: the EVP_PKEY is never changed after init, its reference count is atomic, and every signature
    // has a context of its own (test "one key, many threads").
    let handle: OpaquePointer
    public let publicKey: PublicKey<Scheme>

    init(owning handle: OpaquePointer) throws(CryptographyError) {
        guard Scheme.parts.fits(handle) else {
            EVP_PKEY_free(handle)
            throw .badKey
        }
        do throws(CryptographyError) {
            publicKey = try PublicKey(spki: der { i2d_PUBKEY(handle, $0) })
        } catch {
            EVP_PKEY_free(handle)
            throw error
        }
        self.handle = handle
    }

    deinit { EVP_PKEY_free(handle) }

    public static func generate() throws(CryptographyError) -> PrivateKey {
        guard let handle = Scheme.parts.makeKey() else { throw .engine("EVP_PKEY_generate") }
        return try PrivateKey(owning: handle)
    }

    /// Reads PKCS#8, `-----BEGIN PRIVATE KEY-----` or `-----BEGIN ENCRYPTED PRIVATE KEY-----`. Without a
    /// password an encrypted key is refused, never asked for at the terminal.
    public convenience init(pem: String, password: String? = nil) throws(CryptographyError) {
        var bytes = Array(pem.utf8)
        defer { wipe(&bytes) }
        try self.init(pemBytes: bytes, password: password)
    }

    /// The same from bytes, which the caller wipes.
    convenience init(pemBytes: [UInt8], password: String? = nil) throws(CryptographyError) {
        let handle = withPassword(password) { context in
            withBIO(reading: pemBytes) { PEM_read_bio_PrivateKey($0, nil, givePassword, context) }
        }
        ERR_clear_error()
        guard let handle else { throw .badKey }
        try self.init(owning: handle)
    }

    /// Reads a file that `write(to:)` wrote, or one like it; nil when there is none. The bytes are wiped, and no text is
    /// made of them, which nobody could wipe.
    public convenience init?(file path: String) throws(CryptographyError) {
        let file = open(path, O_RDONLY)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw .keyFolder("\(path): \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        defer { wipe(&bytes) }
        let count = read(file, &bytes, bytes.count)
        guard count > 0, count < bytes.count else { throw .badKey }
        var pem = Array(bytes.prefix(count))
        defer { wipe(&pem) }
        try self.init(pemBytes: pem)
    }

    /// Writes PKCS#8 without encryption into a new file that only its owner may read.
    /// - Throws: `keyFolder` when the file is there already or cannot be written.
    public func write(to path: String) throws(CryptographyError) {
        var pem = pemBytes
        defer { wipe(&pem) }
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard file >= 0 else { throw .keyFolder("\(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        guard !pem.isEmpty, Foundation.write(file, pem, pem.count) == pem.count, fsync(file) == 0 else {
            throw .keyFolder("\(path): \(String(cString: strerror(errno)))")
        }
    }

    /// PKCS#8 without encryption. The caller keeps it secret.
    public var pem: String { String(decoding: pemBytes, as: UTF8.self) }

    /// The same as bytes, which the caller wipes: a text cannot be.
    var pemBytes: [UInt8] {
        bytesWritten { PEM_write_bio_PKCS8PrivateKey($0, handle, nil, nil, 0, nil, nil) == 1 } ?? []
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
        try Scheme.parts.beginSigning(context, with: handle)
        var length = 128
        var signature = [UInt8](repeating: 0, count: length)
        guard EVP_DigestSign(context, &signature, &length, message, message.count) == 1 else {
            throw .engine("EVP_DigestSign")
        }
        signature.removeLast(signature.count - length)
        return signature
    }
}
