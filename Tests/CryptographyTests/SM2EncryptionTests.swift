import Cryptography
import Kernel
import Testing

@Suite("SM2 encryption")
struct SM2EncryptionTests {
    private static func pem(_ scalar: String) throws -> SM2PrivateKey {
        // PKCS#8 of a bare private scalar on sm2p256v1.
        let der = "3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420" + scalar
        let bytes = try #require(Hex.decode(der))
        return try SM2PrivateKey(
            pem: "-----BEGIN PRIVATE KEY-----\n\(Base64.encode(bytes))\n-----END PRIVATE KEY-----\n"
        )
    }

    @Test("opens the example of GB/T 32918.5 on the recommended curve")
    func example() throws {
        let key = try Self.pem("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
        let sealed = try #require(
            Hex.decode(
                "307c022004ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73"
                    + "022100e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0"
                    + "042059983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766"
                    + "041321886ca989ca9c7d58087307ca93092d651efa"
            )
        )
        #expect(try String(decoding: key.decrypt(sealed), as: UTF8.self) == "encryption standard")
    }

    @Test("is opened by its key alone, after a journey through PEM too, and not when a byte is changed")
    func roundTrip() throws {
        let key = try SM2PrivateKey.generate()
        let secret = SeededEntropy(seed: 7).bytes(32)
        let sealed = try SM2PublicKey(pem: key.publicKey.pem).encrypt(secret)
        #expect(try SM2PrivateKey(pem: key.pem).decrypt(sealed) == secret)
        #expect(try key.publicKey.encrypt(secret) != sealed)
        #expect(throws: CryptographyError.badSeal) { try SM2PrivateKey.generate().decrypt(sealed) }
        for place in sealed.indices {
            var changed = sealed
            changed[place] ^= 1
            #expect(throws: CryptographyError.badSeal, "byte \(place)") { try key.decrypt(changed) }
        }
    }
}
