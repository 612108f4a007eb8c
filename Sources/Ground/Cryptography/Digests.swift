internal import COpenSSL

/// SM3 (GB/T 32905-2016), 32-byte digests.
public enum SM3 {
    public static let byteCount = 32

    public static func digest(_ message: [UInt8]) -> [UInt8] { DigestAlgorithm.sm3.digest(message) }

    /// HMAC with SM3 (GB/T 15852.2, RFC 2104).
    public static func hmac(key: [UInt8], message: [UInt8]) -> [UInt8] {
        DigestAlgorithm.sm3.hmac(key: key, message: message)
    }
}

/// HMAC with SM3 under one key for many messages: what the key alone decides, the state after the first block of both
/// digests, is computed once. `SM3.hmac` sets up the key for each message.
public struct KeyedSM3: Sendable {
    private let states: States

    public init(key: [UInt8]) {
        // RFC 2104, section 2: a key longer than a block is hashed first.
        var short = key.count > 64 ? SM3.digest(key) : []
        var inner = [UInt8](repeating: 0x36, count: 64)
        var outer = [UInt8](repeating: 0x5C, count: 64)
        defer {
            wipe(&short)
            wipe(&inner)
            wipe(&outer)
        }
        for (index, byte) in (short.isEmpty ? key : short).enumerated() {
            inner[index] ^= byte
            outer[index] ^= byte
        }
        states = States(inner: inner, outer: outer)
    }

    /// 32 bytes, the same as `SM3.hmac` gives.
    public func code(of message: [UInt8]) -> [UInt8] { states.code(of: message) }

    private final class States: @unchecked Sendable {
        // Unchecked: both contexts are written before `init` returns and only copied from afterwards, which OpenSSL
        // lets threads do at once.
        private let inner: OpaquePointer
        private let outer: OpaquePointer

        init(inner: [UInt8], outer: [UInt8]) {
            self.inner = Self.begun(with: inner)
            self.outer = Self.begun(with: outer)
        }

        deinit {
            EVP_MD_CTX_free(inner)
            EVP_MD_CTX_free(outer)
        }

        private static func begun(with block: [UInt8]) -> OpaquePointer {
            let context = DigestAlgorithm.context()
            let done =
                EVP_DigestInit_ex2(context, DigestAlgorithm.sm3.method, nil) == 1
                && EVP_DigestUpdate(context, block, block.count) == 1
            precondition(done, "a digest that was begun takes a block")
            return context
        }

        func code(of message: [UInt8]) -> [UInt8] {
            let context = DigestAlgorithm.context()
            defer { EVP_MD_CTX_free(context) }
            return finish(context, from: outer, with: finish(context, from: inner, with: message))
        }

        private func finish(
            _ context: OpaquePointer,
            from state: OpaquePointer,
            with bytes: [UInt8]
        ) -> [UInt8] {
            [UInt8](unsafeUninitializedCapacity: SM3.byteCount) { buffer, count in
                let done =
                    EVP_MD_CTX_copy_ex(context, state) == 1
                    && EVP_DigestUpdate(context, bytes, bytes.count) == 1
                    && EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1
                precondition(done, "a digest of bytes in memory cannot fail")
                count = SM3.byteCount
            }
        }
    }
}

/// SHA-256 (FIPS 180-4), where the other side asks for it.
public enum SHA256 {
    public static let byteCount = 32

    public static func digest(_ message: [UInt8]) -> [UInt8] { DigestAlgorithm.sha256.digest(message) }

    public static func hmac(key: [UInt8], message: [UInt8]) -> [UInt8] {
        DigestAlgorithm.sha256.hmac(key: key, message: message)
    }
}

/// HMAC with SHA-1 (RFC 2104), which one-time codes use by default (RFC 6238, 1.2): every authenticator knows it. Its
/// weakness against collisions does not touch a keyed code; nothing else may use it.
public enum OneTimeCodeMAC {
    public static func hmac(key: [UInt8], message: [UInt8]) -> [UInt8] {
        Array(DigestAlgorithm.sha1.hmac(key: key, message: message).prefix(20))
    }
}

/// A digest over bytes that arrive piece by piece. After `finish` it is ready for the next message, so one
/// stream serves for many small ones without asking OpenSSL for memory again. Not for use by two threads.
public final class DigestStream {
    private let context: OpaquePointer
    private let algorithm: DigestAlgorithm

    public static func sm3() -> DigestStream { DigestStream(.sm3) }
    public static func sha256() -> DigestStream { DigestStream(.sha256) }

    init(_ algorithm: DigestAlgorithm) {
        context = DigestAlgorithm.context()
        self.algorithm = algorithm
        restart()
    }

    deinit { EVP_MD_CTX_free(context) }

    public func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    public func update(_ byte: UInt8) { withUnsafeBytes(of: byte) { update($0) } }

    public func update(_ bytes: UnsafeRawBufferPointer) {
        let done = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(done == 1, "a digest never refuses more bytes")
    }

    /// The digest of everything since the last one, 32 bytes.
    public func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            finish(into: UnsafeMutableRawBufferPointer(buffer))
            count = 32
        }
    }

    /// Writes the digest into the first 32 bytes of `buffer`.
    public func finish(into buffer: UnsafeMutableRawBufferPointer) {
        precondition(buffer.count >= 32, "a digest takes 32 bytes")
        let done = EVP_DigestFinal_ex(
            context,
            buffer.baseAddress?.assumingMemoryBound(to: UInt8.self),
            nil
        )
        precondition(done == 1, "a digest that was begun can be finished")
        restart()
    }

    private func restart() {
        let done = EVP_DigestInit_ex2(context, algorithm.method, nil)
        precondition(done == 1, "OpenSSL 3 with its default provider has SM3 and SHA-256")
    }
}

/// An algorithm fetched once: fetching by name on each call costs more than hashing a short message.
struct DigestAlgorithm: @unchecked Sendable {
    // Unchecked: an EVP_MD is immutable after the fetch, and OpenSSL lets threads share it.
    let method: OpaquePointer

    static let sm3 = DigestAlgorithm("SM3")
    static let sha256 = DigestAlgorithm("SHA256")
    static let sha1 = DigestAlgorithm("SHA1")

    private init(_ name: String) {
        guard let method = EVP_MD_fetch(nil, name, nil) else {
            preconditionFailure("this OpenSSL has no \(name): install libssl3 3.0 or newer")
        }
        self.method = method
    }

    /// To be freed by the caller.
    static func context() -> OpaquePointer {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("no memory for a digest context") }
        return context
    }

    func digest(_ message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            let done = message.withUnsafeBytes {
                EVP_Digest($0.baseAddress, $0.count, buffer.baseAddress, nil, method, nil)
            }
            precondition(done == 1, "a digest of bytes in memory cannot fail")
            count = 32
        }
    }

    /// 32 bytes; of a shorter digest the rest is zero.
    func hmac(key: [UInt8], message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            buffer.initialize(repeating: 0)
            let code = key.withUnsafeBytes { key in
                message.withUnsafeBytes { message in
                    HMAC(
                        method,
                        key.baseAddress,
                        Int32(key.count),
                        message.baseAddress?.assumingMemoryBound(to: UInt8.self),
                        message.count,
                        buffer.baseAddress,
                        nil
                    )
                }
            }
            precondition(code != nil, "an HMAC of bytes in memory cannot fail")
            count = 32
        }
    }
}

/// Comparison whose duration does not tell where two secrets differ.
public enum ConstantTime {
    public static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}

/// Wipes bytes that we own before they are given back.
func wipe(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
}
