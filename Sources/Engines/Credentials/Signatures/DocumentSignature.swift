public import Cryptography
public import Kernel

/// Who signs a document, and how it is known that it is he.
public struct DocumentSigner: Hashable, Sendable {
    public let holder: Holder
    /// As what: `shareholder`, `legal-representative`, `supervisor` …
    public let role: String
    /// The reference of the face check just passed; for an enterprise that of its legal representative.
    public let check: String

    public init(holder: Holder, role: String, check: String) {
        self.holder = holder
        self.role = role
        self.check = check
    }
}

/// What a person signs: "this text, as this, at this time". Its canonical JSON is the signature's message.
public struct SignatureStatement: Hashable, Sendable {
    /// Which document: `case:01J…/articles`.
    public let document: String
    /// SM3 of the document's canonical bytes, in hexadecimal.
    public let digest: String
    public let signer: Holder
    public let role: String
    public let check: String
    public let at: Instant

    public var bytes: [UInt8] {
        JSON.object([
            "at": JSON(at.milliseconds), "check": .string(check), "digest": .string(digest),
            "document": .string(document), "kind": "suban-signature-1", "role": .string(role),
            "signer": [
                "code": .string(signer.code), "kind": .string(signer.kind.rawValue),
                "name": .string(signer.name),
            ],
        ]).canonicalBytes
    }

    init(document: String, digest: String, signer: DocumentSigner, at: Instant) {
        self.document = document
        self.digest = digest
        self.signer = signer.holder
        role = signer.role
        check = signer.check
        self.at = at
    }

    init?(bytes: [UInt8]) {
        guard let json = try? JSON.read(bytes, depthMax: 2, sizeBytesMax: 16_384),
            let document = json["document"].text, let digest = json["digest"].text,
            let role = json["role"].text,
            let check = json["check"].text, let at = json["at"].int,
            let kind = json["signer"]["kind"].text.flatMap(Holder.Kind.init(rawValue:)),
            let code = json["signer"]["code"].text, let name = json["signer"]["name"].text
        else { return nil }
        self.init(
            document: document,
            digest: digest,
            signer: DocumentSigner(holder: Holder(kind, code: code, name: name), role: role, check: check),
            at: Instant(milliseconds: at)
        )
        guard self.bytes == bytes else { return nil }
    }
}

/// One person's or enterprise's signature on one document.
public struct DocumentSignature: Hashable, Sendable {
    public let id: ID<DocumentSignature>
    public let statement: SignatureStatement
    /// DER, over the statement's bytes.
    public let signature: [UInt8]
    /// The signer's certificate and its issuers, without the root.
    public let certificates: [[UInt8]]
    /// Set when the text changed afterwards, or the signer took it back before the decision.
    public let voidedAt: Instant?
    public let voidReason: String?
    /// Set when the signer made it elsewhere: then it is over the document itself, and the statement is what we noted.
    public let elsewhere: Elsewhere?

    /// A signature that was made outside of the platform.
    public struct Elsewhere: Hashable, Sendable {
        /// As it was handed in: SignedData without the document.
        public let envelope: [UInt8]
        /// Under whose recognised authority; nil under the platform's own.
        public let authority: String?
    }

    public var isVoid: Bool { voidedAt != nil }

    /// Why it does not hold for `text`, or nil when it does.
    public func problem(for text: [UInt8], anchors: [Certificate]) -> SignatureProblem? {
        if isVoid { return .void }
        guard statement.digest == Hex.encode(SM3.digest(text)) else { return .otherText }
        if elsewhere != nil { return .elsewhere }
        let chain = certificates.compactMap { try? Certificate(der: $0) }
        guard let leaf = chain.first, chain.count == certificates.count,
            leaf.publicKey.verify(signature: signature, of: statement.bytes)
        else { return .signature }
        guard
            case .trusted(let way) = leaf.check(
                others: Array(chain.dropFirst()),
                anchors: anchors,
                at: statement.at
            ),
            Certificate.isOnlyForm(chain, of: way)
        else { return .certificate }
        guard leaf.subject.serialNumber == statement.signer.code,
            leaf.subject.commonName == DistinguishedName.fitting(statement.signer.name)
        else {
            return .signer
        }
        return nil
    }
}

public enum SignatureProblem: String, Hashable, Sendable, CaseIterable {
    /// Voided by a change of the text or by the signer.
    case void
    /// Made over another text.
    case otherText
    case signature
    case certificate
    /// The certificate belongs to somebody else.
    case signer
    /// It was made elsewhere: `FileVerifier` judges its envelope, with the roots of others.
    case elsewhere
}

extension CredentialAuthority {
    /// Signs documents in the name of a person or an enterprise. Call it before the transaction and give its
    /// answers to `DocumentSignatures.store`.
    ///
    /// A person's key is made for this act, right after the face check, certified for minutes, and thrown away:
    /// nobody can sign with it again. An enterprise signs with the key of its electronic business licence.
    /// `documents` are pairs of name and canonical bytes.
    public func sign(
        _ documents: [(document: String, text: [UInt8])],
        by signer: DocumentSigner,
        occasion: Occasion
    ) throws -> [DocumentSignature] {
        let identity: SigningIdentity =
            switch signer.holder.kind {
            case .enterprise: try self.identity(of: signer.holder, now: occasion.now)
            case .person:
                try keys.issuing.identity(
                    CertificateAuthority.Request(
                        subject: DistinguishedName(
                            commonName: signer.holder.name,
                            serialNumber: signer.holder.code
                        ),
                        serial: occasion.entropy.bytes(16),
                        validFrom: occasion.now + -Instant.minute,
                        validUntil: occasion.now + Int64(keys.terms.act) * Instant.minute
                    ),
                    for: .signatures
                )
            }
        let certificates = ([identity.certificate] + identity.issuers.dropLast()).map(\.der)
        return try documents.map { document, text in
            let statement = SignatureStatement(
                document: document,
                digest: Hex.encode(SM3.digest(text)),
                signer: signer,
                at: occasion.now
            )
            return DocumentSignature(
                id: occasion.newID(),
                statement: statement,
                signature: try identity.key.sign(statement.bytes),
                certificates: certificates,
                voidedAt: nil,
                voidReason: nil,
                elsewhere: nil
            )
        }
    }
}
