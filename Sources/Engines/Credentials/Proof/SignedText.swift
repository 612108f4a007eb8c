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

    /// Reads what was handed out; nil when it is no such text.
    public init?(json: JSON) {
        guard json["format"].text == Self.format, let text = json["text"].text,
            let signature = json["signature"].text.flatMap(Base64.decode),
            case let certificates = json["certificates"].elements.compactMap({
                $0.text.flatMap(Base64.decode)
            }),
            certificates.count == json["certificates"].elements.count, !certificates.isEmpty
        else { return nil }
        self.init(text: Array(text.utf8), signature: signature, certificates: certificates)
    }

    init(text: [UInt8], signature: [UInt8], certificates: [[UInt8]]) {
        self.text = text
        self.signature = signature
        self.certificates = certificates
    }

    static func message(_ text: [UInt8]) -> [UInt8] { Array("\(format)\n".utf8) + text }

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
            signature: try identity.key.sign(SignedText.message(bytes)),
            certificates: ([identity.certificate] + identity.issuers.dropLast()).map(\.der)
        )
    }
}

/// The answer about a signed text.
public struct SignedTextVerdict: Sendable {
    /// The text, when it can be read.
    public let content: JSON?
    /// Who certified it: code and name of the body, from its certificate; nil when nobody did.
    public let issuer: IssuingBody?
    /// Empty when the signature is good and leads to a trusted root.
    public let problems: [CredentialProblem]

    public var isValid: Bool { problems.isEmpty }
}

extension CredentialVerifier {
    /// Checks the signature of a text and the way of its certificates now. Whether the register still says so is the register's answer (`Extract.standing`).
    public func verify(_ signed: SignedText, at now: Instant) -> SignedTextVerdict {
        guard
            let content = try? JSON.read(
                signed.text,
                depthMax: 32,
                sizeBytesMax: 4_194_304,
                valuesMax: 100_000
            ),
            content.canonicalBytes == signed.text
        else { return SignedTextVerdict(content: nil, issuer: nil, problems: [.format]) }
        let chain = signed.certificates.compactMap { try? Certificate(der: $0) }
        guard let leaf = chain.first, chain.count == signed.certificates.count else {
            return SignedTextVerdict(content: content, issuer: nil, problems: [.format])
        }
        guard leaf.publicKey.verify(signature: signed.signature, of: SignedText.message(signed.text)) else {
            return SignedTextVerdict(content: content, issuer: nil, problems: [.signature])
        }
        let found = leaf.check(
            others: Array(chain.dropFirst()),
            anchors: anchors,
            at: now,
            revocation: revocation
        )
        switch found {
        case .broken(let problem):
            return SignedTextVerdict(content: content, issuer: nil, problems: [.certificate(problem)])
        case .trusted(let way):
            guard Certificate.isOnlyForm(chain, of: way) else {
                return SignedTextVerdict(content: content, issuer: nil, problems: [.certificate(.untrusted)])
            }
        }
        // An enterprise or a person leads to the same root, but certifies nothing.
        guard leaf.isFor(.licences) || !leaf.isMarked else {
            return SignedTextVerdict(content: content, issuer: nil, problems: [.issuer])
        }
        return SignedTextVerdict(
            content: content,
            issuer: IssuingBody(code: leaf.subject.serialNumber ?? "", name: leaf.subject.organization ?? ""),
            problems: []
        )
    }
}
