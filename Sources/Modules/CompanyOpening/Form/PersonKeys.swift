import Cryptography
import Kernel

/// Turns identity numbers, telephones and addresses into keys that can be compared but not read back:
/// HMAC-SM3 under a secret of the installation, kept outside the database.
public struct PersonKeys: Sendable {
    private let keyed: KeyedSM3

    public init(secret: [UInt8]) { keyed = KeyedSM3(key: secret) }

    public func person(idKind: String, idNumber: String) -> String { key("person", "\(idKind):\(idNumber)") }

    public func phone(_ number: String) -> String { key("phone", number) }

    /// The same for the same place, whatever spaces were typed.
    public func address(_ line: String) -> String { key("address", line.filter { !$0.isWhitespace }) }

    private func key(_ kind: String, _ value: String) -> String {
        Hex.encode(keyed.code(of: Array("\(kind)\u{0}\(value)".utf8)).prefix(16))
    }
}
