import Cryptography
import Kernel
import Storage

/// Seals the personal columns of this installation: SM4 and HMAC-SM3 under a secret that lies beside the keys,
/// outside the database and outside every backup of it.
struct ColumnBox: ColumnSeal {
    private let box: SealedBox
    private let lookups: KeyedSM3
    private static let label = "column"

    init(secret: [UInt8]) {
        box = SealedBox(masterKey: SM3.hmac(key: secret, message: Array("suban-column-1 seal".utf8)))
        lookups = KeyedSM3(key: SM3.hmac(key: secret, message: Array("suban-column-1 lookup".utf8)))
    }

    func seal(_ bytes: [UInt8]) throws -> [UInt8] {
        try box.seal(bytes, label: Self.label, entropy: SystemEntropy())
    }

    func open(_ bytes: [UInt8]) throws -> [UInt8] { try box.open(bytes, label: Self.label) }

    func lookup(_ use: String, _ text: String) -> String {
        Hex.encode(lookups.code(of: Array("\(use)\u{0}\(text)".utf8)))
    }
}
