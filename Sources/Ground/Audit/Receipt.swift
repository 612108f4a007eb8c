import Cryptography
public import Kernel
import Storage

/// What a person takes away: the proof that an entry is in the log, or the log's signed promise to put it there.
/// A file of canonical JSON; its bytes are specified in Docs/formats/log.md §6.
public struct Receipt: Hashable, Sendable {
    public static let format = "suban-receipt-1"

    public enum Evidence: Hashable, Sendable {
        /// Not sealed yet when it was made: the log's signature over the entry's leaf hash, and when.
        case promise(at: Instant, signature: [UInt8])
        /// The entry's number from 0, the way from its leaf to the root, and the signed head with that root.
        case proof(sequence: Int64, path: [[UInt8]], head: SignedHead)
    }

    /// The exact bytes of the entry.
    public let entry: [UInt8]
    public let evidence: Evidence
    /// The thing itself as its holder may see it: canonical JSON, and the salt of the entry's `after`.
    public let content: Content?
    /// The log's certificate and its issuers up to, not including, the root.
    public let certificates: [[UInt8]]

    public struct Content: Hashable, Sendable {
        public let text: String
        public let salt: [UInt8]

        public init(text: String, salt: [UInt8]) {
            self.text = text
            self.salt = salt
        }
    }

    public init(entry: [UInt8], evidence: Evidence, content: Content?, certificates: [[UInt8]]) {
        self.entry = entry
        self.evidence = evidence
        self.content = content
        self.certificates = certificates
    }

    /// When the head was signed under which the entry is; nil of a promise.
    public var headTime: Instant? {
        guard case .proof(_, _, let head) = evidence else { return nil }
        return head.at
    }

    /// The bytes of the file. There is one text for each receipt: any changed byte makes another or none.
    public var file: [UInt8] { json.canonicalBytes }

    private var json: JSON {
        var json: JSON = [
            "certificates": .array(certificates.map { .string(Base64.encode($0)) }),
            "content": JSON(content?.text),
            "entry": .string(String(decoding: entry, as: UTF8.self)),
            "format": .string(Self.format),
            "head": nil, "path": nil, "promise": nil,
            "salt": JSON(content.map { Hex.encode($0.salt) }),
            "sequence": nil,
        ]
        switch evidence {
        case .promise(let at, let signature):
            json["promise"] = ["at": JSON(at.milliseconds), "signature": .string(Base64.encode(signature))]
        case .proof(let sequence, let path, let head):
            json["head"] = head.json
            json["path"] = .array(path.map { .string(Hex.encode($0)) })
            json["sequence"] = JSON(sequence)
        }
        return json
    }

    /// Reads a file; nil unless its bytes are exactly what `file` would write.
    public init?(file bytes: [UInt8]) {
        guard let json = try? JSON.read(bytes, depthMax: 3, sizeBytesMax: 4_194_304, valuesMax: 1_000),
            json["format"].text == Self.format, let entry = json["entry"].text
        else { return nil }
        if let at = json["promise"]["at"].int, let text = json["promise"]["signature"].text,
            let signature = Base64.decode(text)
        {
            evidence = .promise(at: Instant(milliseconds: at), signature: signature)
        } else if let sequence = json["sequence"].int, let head = SignedHead(json["head"]) {
            let path = json["path"].elements.compactMap { $0.text.flatMap(Hex.decode) }
            evidence = .proof(sequence: sequence, path: path, head: head)
        } else {
            return nil
        }
        self.entry = Array(entry.utf8)
        if let text = json["content"].text, let salt = json["salt"].text.flatMap(Hex.decode) {
            content = Content(text: text, salt: salt)
        } else {
            content = nil
        }
        certificates = json["certificates"].elements.compactMap { $0.text.flatMap(Base64.decode) }
        guard file == bytes else { return nil }
    }

    /// What a promise signs: the log's name, the entry's leaf hash, and the time.
    static func promiseMessage(log: String, entry: [UInt8], at: Instant) -> [UInt8] {
        JSON.object([
            "at": JSON(at.milliseconds), "entry": .string(Hex.encode(TreeHasher().leaf(entry))),
            "kind": "suban-promise-1", "log": .string(log),
        ]).canonicalBytes
    }
}

extension LogKeeper {
    /// The receipt for an entry that is committed: with its proof when it is sealed, else the signed promise.
    ///
    /// `content` is the thing that was given to `append` as `after`; it is put into the receipt with its salt, so
    /// that the holder can show what was handed in. Throws `unknownEntry`, and `otherContent` when the content is
    /// not what the entry's digest stands for.
    public func receipt(for id: ID<AuditEntry>, disclosing content: JSON? = nil) async throws -> Receipt {
        guard let found = try await database.read({ try AuditStore.find(id, in: $0) }) else {
            throw AuditError.unknownEntry
        }
        var disclosed: Receipt.Content?
        if let content {
            guard let salt = found.salt, let entry = AuditEntry(bytes: found.bytes),
                entry.after == AuditEntry.digest(of: content, salt: salt)
            else { throw AuditError.otherContent }
            disclosed = Receipt.Content(text: content.canonical, salt: salt)
        }
        let evidence = try await evidence(for: found.bytes, sequence: found.sequence)
        let moment =
            switch evidence {
            case .promise(let at, _): at
            case .proof(_, _, let head): head.at
            }
        return Receipt(
            entry: found.bytes,
            evidence: evidence,
            content: disclosed,
            certificates: certificates(at: moment)
        )
    }

    /// What the log has to say for some entries.
    public enum Backing: Sendable {
        /// All lead to the root of a signed head, and nothing is known to be wrong with the log.
        case signed
        /// One is not sealed or signed yet, as while another node is at it.
        case waiting
        case broken
    }

    /// For whoever is about to certify what rests on these entries.
    public func backing(of ids: [ID<AuditEntry>]) async throws -> Backing {
        try await seal()
        guard damage == nil else { return .broken }
        for id in ids {
            guard let found = try await database.read({ try AuditStore.find(id, in: $0) }) else {
                return .broken
            }
            guard let sequence = found.sequence else { return .waiting }
            do {
                guard let head = try await head(covering: sequence) else { return .waiting }
                _ = try await proof(of: found.bytes, sequence: sequence, under: head)
            } catch AuditError.damaged {
                return .broken
            }
        }
        return .signed
    }

    /// The receipt of an entry under the first head over it, which tells since when the log has known the entry.
    /// - Throws: as `receipt`, and `outsideTree` while there is no head over it yet.
    public func earliestReceipt(for id: ID<AuditEntry>, disclosing content: JSON) async throws -> Receipt {
        guard let found = try await database.read({ try AuditStore.find(id, in: $0) }) else {
            throw AuditError.unknownEntry
        }
        guard let salt = found.salt, let entry = AuditEntry(bytes: found.bytes),
            entry.after == AuditEntry.digest(of: content, salt: salt)
        else { throw AuditError.otherContent }
        guard let sequence = found.sequence, let head = try await firstHead(covering: sequence) else {
            throw AuditError.outsideTree
        }
        let path = try await proof(of: found.bytes, sequence: sequence, under: head)
        return Receipt(
            entry: found.bytes,
            evidence: .proof(sequence: sequence, path: path, head: head),
            content: Receipt.Content(text: content.canonical, salt: salt),
            certificates: certificates(at: head.at)
        )
    }

    private func evidence(for entry: [UInt8], sequence: Int64?) async throws -> Receipt.Evidence {
        if let sequence, let head = try await head(covering: sequence) {
            let path = try await proof(of: entry, sequence: sequence, under: head)
            return .proof(sequence: sequence, path: path, head: head)
        }
        guard damage == nil else { throw AuditError.damaged }
        let now = clock.now
        return .promise(
            at: now,
            signature: try identity.key.sign(Receipt.promiseMessage(log: log, entry: entry, at: now))
        )
    }

    /// The way from an entry to the root of a signed head. Walked before it is handed out: what does not lead there is
    /// damage, and nobody gets a receipt of it.
    private func proof(of entry: [UInt8], sequence: Int64, under head: SignedHead) async throws -> [[UInt8]] {
        let path: [[UInt8]]?
        do {
            path = try await database.read { try LogTree($0).inclusion(of: sequence, size: head.size) }
        } catch AuditError.damaged, AuditError.outsideTree {
            path = nil
        }
        guard let path, let root = Hex.decode(head.root),
            TreeProof.includes(entry: entry, sequence: sequence, size: head.size, root: root, path: path)
        else {
            note(.changed(sequence))
            throw AuditError.damaged
        }
        return path
    }
}
