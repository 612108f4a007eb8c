import Cryptography
import Kernel

/// The two secrets of this engine: one finds a person by a document or phone without storing either, the other
/// seals them. Both are derived from one master key of 32 random bytes that lies outside the database.
public struct IdentityKeys: Sendable {
    private let lookups: KeyedSM3
    private let box: SealedBox

    public init(masterKey: [UInt8]) {
        precondition(masterKey.count == 32, "a master key of 32 bytes")
        lookups = KeyedSM3(key: SM3.hmac(key: masterKey, message: Array("suban-identity-1 lookup".utf8)))
        box = SealedBox(masterKey: SM3.hmac(key: masterKey, message: Array("suban-identity-1 seal".utf8)))
    }

    /// HMAC-SM3: equal inputs give equal keys, and nobody without the secret can try numbers.
    func lookup(_ use: String, _ text: String) -> [UInt8] {
        lookups.code(of: Array("\(use)\u{0}\(text)".utf8))
    }

    func seal(_ text: String, label: String, entropy: any Entropy) throws(CryptographyError) -> [UInt8] {
        try box.seal(Array(text.utf8), label: label, entropy: entropy)
    }

    func open(_ bytes: [UInt8], label: String) throws(CryptographyError) -> String {
        String(decoding: try box.open(bytes, label: label), as: UTF8.self)
    }
}
