internal import COpenSSL
import Cryptography

/// SM2 signatures through our own interface against the same calls of OpenSSL without it.
enum SigningBench {
    private static let turns = 10

    static func run(_ settings: BenchSettings) async throws -> [BenchFigure] {
        let threads = Stopwatch.cores
        let key = try SM2PrivateKey.generate()
        let message = Array("速办：一表申请，并联办理".utf8)
        let signature = try key.sign(message)
        guard key.publicKey.verify(signature: signature, of: message) else {
            throw BenchFault("a signature is bad")
        }
        // Both sides in short turns, so that a disturbance does not fall on one alone.
        var ours = 0.0
        var bare = 0.0
        for _ in 0..<turns {
            bare += rawPerSecond(threads: threads, for: 0.4) / Double(turns)
            ours +=
                Stopwatch.perSecond(threads: threads, for: 0.4) { _ = try? key.sign(message) } / Double(turns)
        }
        return [
            BenchFigure(
                "sm2.both-cores",
                ours,
                "signatures/s",
                peer: "bare EVP on \(threads) cores",
                against: bare
            )
        ]
    }

    /// Signatures a second by OpenSSL alone: one shared key, one context for each signature.
    static func rawPerSecond(threads: Int, for duration: Double = 2) -> Double {
        let key = RawKey()
        return Stopwatch.perSecond(threads: threads, for: duration) { key.sign() }
    }
}

/// A key and a message for the bare loop.
private final class RawKey: @unchecked Sendable {
    // Unchecked: the key is never changed after init and OpenSSL counts its references atomically.
    private let key: OpaquePointer
    private let message = Array("速办：一表申请，并联办理".utf8)
    private let user = Array("1234567812345678".utf8)

    init() {
        let context = EVP_PKEY_CTX_new_from_name(nil, "SM2", nil)
        defer { EVP_PKEY_CTX_free(context) }
        var made: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_generate(context, &made) == 1, let made else {
            preconditionFailure("OpenSSL makes no SM2 key")
        }
        key = made
    }

    deinit { EVP_PKEY_free(key) }

    func sign() {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var keyContext: OpaquePointer?
        var length = 128
        let done = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { buffer in
            EVP_DigestSignInit(context, &keyContext, EVP_sm3(), nil, key) == 1
                && EVP_PKEY_CTX_set1_id(keyContext, user, Int32(user.count)) == 1
                && EVP_DigestSign(context, buffer.baseAddress, &length, message, message.count) == 1
        }
        precondition(done, "OpenSSL does not sign")
    }
}

/// SM3 by OpenSSL alone, one context for all messages.
final class RawDigest {
    private let context = EVP_MD_CTX_new()
    private var digest = [UInt8](repeating: 0, count: 32)

    deinit { EVP_MD_CTX_free(context) }

    func hash(_ message: [UInt8]) {
        let done =
            EVP_DigestInit_ex(context, EVP_sm3(), nil) == 1
            && EVP_DigestUpdate(context, message, message.count) == 1
            && EVP_DigestFinal_ex(context, &digest, nil) == 1
        precondition(done, "OpenSSL does not hash")
    }
}
