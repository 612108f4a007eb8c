internal import COpenSSL
public import Kernel

/// Keeps small secrets under a master key: SM4 in counter mode, then HMAC-SM3 over everything (GB/T 39786 asks
/// for both; OpenSSL 3.0 has no SM4-GCM). Bytes: version 1, counter block (16), ciphertext, tag (32).
public struct SealedBox: Sendable {
    /// SM4 takes the first 16 bytes.
    private let encryptionKey: Wiped
    private let tags: KeyedSM3

    /// - Precondition: a master key of 32 random bytes.
    public init(masterKey: [UInt8]) {
        precondition(masterKey.count == 32, "a master key of 32 bytes")
        // Two keys for two uses; neither tells anything of the other.
        encryptionKey = Wiped(SM3.hmac(key: masterKey, message: Array("suban-box-1 encrypt".utf8)))
        var tagKey = SM3.hmac(key: masterKey, message: Array("suban-box-1 tag".utf8))
        tags = KeyedSM3(key: tagKey)
        wipe(&tagKey)
    }

    /// Seals `secret` for one place: opening it under another `label` fails, so that sealed rows cannot be swapped.
    public func seal(
        _ secret: [UInt8],
        label: String,
        entropy: some Entropy
    ) throws(CryptographyError) -> [UInt8] {
        let counter = entropy.bytes(16)
        let body = [1] + counter + (try crypt(secret[...], counter: counter))
        return body + tag(body[...], label: label)
    }

    /// Opens what `seal` made under the same master key and label; anything else is `badSeal`.
    public func open(_ sealed: [UInt8], label: String) throws(CryptographyError) -> [UInt8] {
        guard sealed.count >= 49, sealed[0] == 1 else { throw .badSeal }
        let body = sealed.dropLast(32)
        guard ConstantTime.equal(tag(body, label: label), Array(sealed.suffix(32))) else { throw .badSeal }
        return try crypt(body.dropFirst(17), counter: Array(body[1..<17]))
    }

    private func tag(_ body: ArraySlice<UInt8>, label: String) -> [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(8 + label.utf8.count + body.count)
        withUnsafeBytes(of: UInt64(label.utf8.count).bigEndian) { message.append(contentsOf: $0) }
        message.append(contentsOf: label.utf8)
        message.append(contentsOf: body)
        return tags.code(of: message)
    }

    private func crypt(_ input: ArraySlice<UInt8>, counter: [UInt8]) throws(CryptographyError) -> [UInt8] {
        guard let context = EVP_CIPHER_CTX_new() else { throw .engine("EVP_CIPHER_CTX_new") }
        defer { EVP_CIPHER_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: input.count)
        var written: Int32 = 0
        guard input.count <= 67_108_864,
            EVP_EncryptInit_ex2(context, CounterMode.sm4.method, encryptionKey.bytes, counter, nil) == 1,
            input.withUnsafeBufferPointer({
                EVP_EncryptUpdate(context, &output, &written, $0.baseAddress, Int32($0.count))
            }) == 1,
            Int(written) == input.count
        else { throw .engine("EVP_EncryptUpdate") }
        return output
    }
}

/// Bytes that are wiped when the last who holds them lets go.
private final class Wiped: Sendable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    deinit {
        bytes.withUnsafeBytes { OPENSSL_cleanse(UnsafeMutableRawPointer(mutating: $0.baseAddress), $0.count) }
    }
}

/// SM4 in counter mode, fetched once as digests are.
private struct CounterMode: @unchecked Sendable {
    // Unchecked: an EVP_CIPHER is immutable after the fetch, and OpenSSL lets threads share it.
    let method: OpaquePointer

    static let sm4: CounterMode = {
        guard let method = EVP_CIPHER_fetch(nil, "SM4-CTR", nil) else {
            preconditionFailure("this OpenSSL has no SM4-CTR: install libssl3 3.0 or newer")
        }
        return CounterMode(method: method)
    }()
}
