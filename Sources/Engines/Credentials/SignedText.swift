public import Cryptography
public import Kernel

/// A text signed in an issuing body's name that is no credential, such as a certified extract of a register.
public struct SignedText: Hashable, Sendable {
    public static let format = "suban-extract-1"

    /// UTF-8, canonical JSON.
    public let text: [UInt8]
    /// DER, over the format's name, a line break and the text.
    public let signature: [UInt8]
    /// The body's certificate and its issuers, without the root.
    public let certificates: [[UInt8]]

    /// What is handed out.
    public var json: JSON {
        [
            "format": .string(Self.format), "text": .string(String(decoding: text, as: UTF8.self)),
            "signature": .string(Base64.encode(signature)),
            "certificates": .array(certificates.map { .string(Base64.encode($0)) }),
        ]
    }
}

extension CredentialAuthority {
    /// Signs a text in a body's name with the key that signs its credentials.
    public func sign(_ text: JSON, by body: IssuingBody, now: Instant) throws(CryptographyError) -> SignedText
    {
        let identity = try identity(of: body, now: now)
        let bytes = text.canonicalBytes
        return SignedText(
            text: bytes,
            signature: try identity.key.sign(Array("\(SignedText.format)\n".utf8) + bytes),
            certificates: ([identity.certificate] + identity.issuers.dropLast()).map(\.der)
        )
    }
}
