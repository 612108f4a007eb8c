internal import COpenSSL
internal import Kernel

/// SM2 encryption of small secrets, such as the key of a message (GB/T 32918.4), as DER
/// `SEQUENCE { x, y INTEGER, hash, ciphertext OCTET STRING }` (the SM2Cipher of GB/T 35276).
extension PublicKey where Scheme == SM2 {
    /// Only the holder of the private key opens it. Who made it is not said: that is for a signature.
    public func encrypt(_ secret: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try crossed(secret, with: handle, begin: EVP_PKEY_encrypt_init, step: EVP_PKEY_encrypt)
    }
}

extension PrivateKey where Scheme == SM2 {
    /// - Throws: `badSeal` for what was sealed for another, or was changed.
    public func decrypt(_ sealed: [UInt8]) throws(CryptographyError) -> [UInt8] {
        do throws(CryptographyError) {
            return try crossed(sealed, with: handle, begin: EVP_PKEY_decrypt_init, step: EVP_PKEY_decrypt)
        } catch {
            ERR_clear_error()
            throw .badSeal
        }
    }
}

private func crossed(
    _ input: [UInt8],
    with key: OpaquePointer,
    begin: (OpaquePointer?) -> Int32,
    step: (
        OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>?, UnsafePointer<UInt8>?, Int
    ) -> Int32
) throws(CryptographyError) -> [UInt8] {
    guard !input.isEmpty, input.count <= 1_024, let context = EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else {
        throw .engine("EVP_PKEY_CTX_new_from_pkey")
    }
    defer { EVP_PKEY_CTX_free(context) }
    var length = 0
    guard begin(context) == 1, step(context, nil, &length, input, input.count) == 1 else {
        throw .engine("SM2 encryption")
    }
    var output = [UInt8](repeating: 0, count: length)
    guard step(context, &output, &length, input, input.count) == 1 else { throw .engine("SM2 encryption") }
    output.removeLast(output.count - length)
    return output
}
