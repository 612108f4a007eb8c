import Cryptography
import Kernel

/// The bytes of a record, the issuer's signature, and the certificates that lead to the root
/// (Docs/formats/credential.md).
public struct SignedRecord: Hashable, Sendable {
    public static let format = "suban-credential-1"

    public let record: [UInt8]
    /// DER, over `message`.
    public let signature: [UInt8]
    /// The issuer's certificate and its issuers, without the root.
    public let certificates: [[UInt8]]

    init(record: [UInt8], signature: [UInt8], certificates: [[UInt8]]) {
        self.record = record
        self.signature = signature
        self.certificates = certificates
    }

    init(_ record: CredentialRecord, by identity: SigningIdentity) throws(CryptographyError) {
        self.init(
            record: record.bytes,
            signature: try identity.key.sign(Self.message(record.bytes)),
            certificates: ([identity.certificate] + identity.issuers.dropLast()).map(\.der)
        )
    }

    /// What is signed: the format's name, a line break, the record. The name keeps the signature from being taken
    /// for one over something else.
    static func message(_ record: [UInt8]) -> [UInt8] { Array("\(format)\n".utf8) + record }

    /// The file. There is one text for each: any changed byte makes another or none.
    public var file: [UInt8] {
        JSON.object([
            "certificates": .array(certificates.map { .string(Base64.encode($0)) }),
            "format": .string(Self.format), "record": .string(String(decoding: record, as: UTF8.self)),
            "signature": .string(Base64.encode(signature)),
        ]).canonicalBytes
    }

    /// Reads a file; nil unless its bytes are exactly what `file` would write.
    public init?(file bytes: [UInt8]) {
        guard let json = try? JSON.read(bytes, depthMax: 3, sizeBytesMax: 2_097_152, valuesMax: 1_000),
            json["format"].text == Self.format, let record = json["record"].text,
            let signature = json["signature"].text.flatMap(Base64.decode)
        else { return nil }
        self.init(
            record: Array(record.utf8),
            signature: signature,
            certificates: json["certificates"].elements.compactMap { $0.text.flatMap(Base64.decode) }
        )
        guard file == bytes else { return nil }
    }
}
