import Cryptography
import Foundation
import Kernel
import Testing

let moment = Instant(milliseconds: 1_795_238_000_000)

@Suite("digests")
struct DigestTests {
    @Test(
        "SM3 gives the digests of GB/T 32905, annex A",
        arguments: [
            ("abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
            (
                String(repeating: "abcd", count: 16),
                "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
            ),
        ]
    )
    func sm3(text: String, digest: String) {
        #expect(Hex.encode(SM3.digest(Array(text.utf8))) == digest)
        let stream = DigestStream.sm3()
        for round in 0..<2 {
            for byte in text.utf8 { stream.update(byte) }
            #expect(Hex.encode(stream.finish()) == digest, "round \(round)")
        }
    }

    @Test("SHA-256 of the empty text is the published one")
    func sha256() {
        #expect(
            Hex.encode(SHA256.digest([]))
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
    }

    @Test("HMAC agrees with RFC 2104 built from the digest", arguments: [0, 1, 20, 64, 65, 200])
    func hmac(keyLength: Int) {
        let key = SeededEntropy(seed: UInt64(keyLength)).bytes(keyLength)
        let message = Array("一次办好".utf8)
        var block = key.count > 64 ? SM3.digest(key) : key
        block += [UInt8](repeating: 0, count: 64 - block.count)
        let inner = SM3.digest(block.map { $0 ^ 0x36 } + message)
        #expect(SM3.hmac(key: key, message: message) == SM3.digest(block.map { $0 ^ 0x5C } + inner))
    }

    @Test(
        "a kept key gives the codes of HMAC, for any length and from many threads",
        arguments: [0, 1, 32, 63, 64, 65, 200]
    )
    func keyed(keyLength: Int) async {
        let key = SeededEntropy(seed: UInt64(keyLength)).bytes(keyLength)
        let keyed = KeyedSM3(key: key)
        let messages = [0, 1, 55, 56, 63, 64, 65, 128, 4_096].map {
            SeededEntropy(seed: UInt64($0) + 1_000).bytes($0)
        }
        for message in messages + messages.reversed() {
            #expect(keyed.code(of: message) == SM3.hmac(key: key, message: message), "\(message.count) bytes")
        }
        let agreed = await withTaskGroup(of: Bool.self) { group in
            for message in Array(repeating: messages, count: 40).joined() {
                group.addTask { keyed.code(of: message) == SM3.hmac(key: key, message: message) }
            }
            return await group.reduce(into: 0) { if $1 { $0 += 1 } }
        }
        #expect(agreed == 40 * messages.count)
    }

    @Test("equality in constant time is equality")
    func constantTime() {
        #expect(ConstantTime.equal([], []))
        #expect(ConstantTime.equal([1, 2], [1, 2]))
        #expect(!ConstantTime.equal([1, 2], [1, 3]))
        #expect(!ConstantTime.equal([1, 2], [1, 2, 3]))
    }
}

@Suite("SM2 keys")
struct SM2Tests {
    @Test("a signature is valid for its message and key alone")
    func signature() throws {
        let key = try SM2PrivateKey.generate()
        let message = Array("包头市某某商贸有限公司".utf8)
        let signature = try key.sign(message)
        #expect(key.publicKey.verify(signature: signature, of: message))
        #expect(!key.publicKey.verify(signature: signature, of: message + [0]))
        #expect(!key.publicKey.verify(signature: signature + [0], of: message))
        #expect(!key.publicKey.verify(signature: [], of: message))
        #expect(!(try SM2PrivateKey.generate()).publicKey.verify(signature: signature, of: message))
        for index in signature.indices {
            var changed = signature
            changed[index] ^= 1
            #expect(!key.publicKey.verify(signature: changed, of: message), "byte \(index)")
        }
    }

    @Test("r or s of zero or of the group's order is refused")
    func rangeOfSignature() throws {
        let order = try #require(
            Hex.decode("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123")
        )
        let key = try SM2PrivateKey.generate().publicKey
        let one: [UInt8] = [2, 1, 1]
        for bad in [[2, 1, 0], [2, 33, 0] + order] as [[UInt8]] {
            for body in [bad + one, one + bad] {
                #expect(!key.verify(signature: [0x30, UInt8(body.count)] + body, of: [1]))
            }
        }
    }

    @Test("keys survive PEM, plain and under a password")
    func pem() throws {
        let key = try SM2PrivateKey.generate()
        #expect(try SM2PrivateKey(pem: key.pem).publicKey == key.publicKey)
        let locked = try key.pem(password: "钥匙 1")
        #expect(locked.hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----"))
        #expect(try SM2PrivateKey(pem: locked, password: "钥匙 1").publicKey == key.publicKey)
        #expect(throws: CryptographyError.badKey) { try SM2PrivateKey(pem: locked, password: "钥匙 2") }
        #expect(throws: CryptographyError.badKey) { try SM2PrivateKey(pem: locked) }
        #expect(try SM2PublicKey(pem: key.publicKey.pem) == key.publicKey)
        #expect(try SM2PublicKey(spki: key.publicKey.spki) == key.publicKey)
        #expect(throws: CryptographyError.badKey) { try SM2PublicKey(spki: key.publicKey.spki + [0]) }
        #expect(throws: CryptographyError.badKey) { try SM2PublicKey(pem: "nonsense") }
    }

    @Test("a key of another curve is refused")
    func otherCurve() throws {
        let p256 = """
            -----BEGIN PUBLIC KEY-----
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt
            6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==
            -----END PUBLIC KEY-----
            """
        #expect(throws: CryptographyError.badKey) { try SM2PublicKey(pem: p256) }
    }

    @Test("one key, many threads")
    func concurrency() async throws {
        let key = try SM2PrivateKey.generate()
        let valid = try await withThrowingTaskGroup(of: Int.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    try (0..<50).filter { round in
                        let message = Array("\(worker) \(round)".utf8)
                        return key.publicKey.verify(signature: try key.sign(message), of: message)
                    }.count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(valid == 400)
    }
}
