internal import COpenSSL

/// An SM2 public key (GB/T 32918, curve sm2p256v1).
public typealias SM2PublicKey = PublicKey<SM2>

/// A public key of one scheme.
public final class PublicKey<Scheme: SignatureScheme>: @unchecked Sendable {
    // Unchecked: the EVP_PKEY is never changed after init, its reference count is atomic, and every
    // verification has a context of its own (test "one key, many threads").
    let handle: OpaquePointer
    /// SubjectPublicKeyInfo in DER.
    public let spki: [UInt8]

    /// Takes over `handle`, which must be a key of the scheme, read from `written` where that is known: to write it again
    /// costs half of reading it.
    init(owning handle: OpaquePointer, from written: [UInt8] = []) throws(CryptographyError) {
        guard Scheme.parts.fits(handle) else {
            EVP_PKEY_free(handle)
            throw .badKey
        }
        self.handle = handle
        spki = Scheme.parts.isOnlyForm(written) ? written : der { i2d_PUBKEY(handle, $0) }
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
        try self.init(owning: handle, from: spki)
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
        guard Scheme.parts.beginVerifying(context, with: handle) else { return false }
        let answer = EVP_DigestVerify(context, signature, signature.count, message, message.count)
        if answer != 1 { ERR_clear_error() }
        return answer == 1
    }
}

extension PublicKey: Hashable {
    public static func == (left: PublicKey, right: PublicKey) -> Bool { left.spki == right.spki }
    public func hash(into hasher: inout Hasher) { hasher.combine(spki) }
}
