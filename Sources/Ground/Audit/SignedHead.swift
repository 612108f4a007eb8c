public import Cryptography
public import Kernel

/// The log's signed statement: "with this many entries my root is this one" (Docs/formats/log.md §4).
public struct SignedHead: Hashable, Sendable {
    /// SM3 of the log's public key (SubjectPublicKeyInfo), in hexadecimal.
    public let log: String
    public let size: Int64
    /// In hexadecimal.
    public let root: String
    public let at: Instant
    /// DER, over `message`.
    public let signature: [UInt8]

    public init(log: String, size: Int64, root: String, at: Instant, signature: [UInt8]) {
        self.log = log
        self.size = size
        self.root = root
        self.at = at
        self.signature = signature
    }

    /// Signs the head of a tree.
    public init(size: Int64, root: [UInt8], at: Instant, by key: some SM2Signing) throws(CryptographyError) {
        let log = Hex.encode(key.publicKey.identifier)
        let root = Hex.encode(root)
        self.init(
            log: log,
            size: size,
            root: root,
            at: at,
            signature: try key.sign(Self.message(log: log, size: size, root: root, at: at))
        )
    }

    public func isSigned(by key: SM2PublicKey) -> Bool {
        log == Hex.encode(key.identifier)
            && key.verify(signature: signature, of: Self.message(log: log, size: size, root: root, at: at))
    }

    static func message(log: String, size: Int64, root: String, at: Instant) -> [UInt8] {
        JSON.object([
            "at": JSON(at.milliseconds), "kind": "suban-head-1", "log": .string(log), "root": .string(root),
            "size": JSON(size),
        ]).canonicalBytes
    }

    public var json: JSON {
        .object([
            "at": JSON(at.milliseconds), "log": .string(log), "root": .string(root),
            "signature": .string(Base64.encode(signature)), "size": JSON(size),
        ])
    }

    /// Reads what `json` wrote, and nothing else.
    public init?(_ json: JSON) {
        guard let log = json["log"].text, let size = json["size"].int, let root = json["root"].text,
            let at = json["at"].int, let signature = json["signature"].text.flatMap(Base64.decode)
        else { return nil }
        self.init(log: log, size: size, root: root, at: Instant(milliseconds: at), signature: signature)
        guard self.json == json else { return nil }
    }
}
