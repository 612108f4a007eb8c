public import Cryptography
public import Kernel
import Storage

/// All entries about some things, proven under one head: what an archive takes along of the log. A file of canonical
/// JSON; its bytes are specified in Docs/formats/log.md §8.
public struct LogExtract: Hashable, Sendable {
    public static let format = "suban-log-extract-1"
    /// Of one in which entries are withheld.
    public static let reducedFormat = "suban-log-extract-2"

    /// One entry and the way from it to the head's root.
    public struct Line: Hashable, Sendable {
        /// The exact bytes of the entry; nil when it is withheld and its digest stands for it.
        public let entry: [UInt8]?
        /// The entry's digest in the tree.
        let leaf: [UInt8]
        /// Its number from 0.
        public let sequence: Int64
        let path: [[UInt8]]
        /// What the entry digested as `after`, where whoever reads the extract is given it too.
        public let disclosed: Disclosed?

        init(entry: [UInt8], sequence: Int64, path: [[UInt8]], disclosed: Disclosed?) {
            (self.entry, leaf) = (entry, TreeHasher().leaf(entry))
            (self.sequence, self.path, self.disclosed) = (sequence, path, disclosed)
        }

        init(withheld leaf: [UInt8], sequence: Int64, path: [[UInt8]]) {
            (entry, self.leaf) = (nil, leaf)
            (self.sequence, self.path, disclosed) = (sequence, path, nil)
        }
    }

    /// Where the digested thing is found, such as a file of an archive, and the salt of the digest.
    public struct Disclosed: Hashable, Sendable {
        public let name: String
        let salt: [UInt8]

        /// Whether `bytes`, canonical JSON, are what the entry digested.
        public func stands(for bytes: [UInt8], in entry: AuditEntry) -> Bool {
            entry.after == Hex.encode(SM3.digest(salt + bytes))
        }
    }

    public let head: SignedHead
    /// By number, each once.
    public let lines: [Line]
    /// The log's certificate and its issuers up to, not including, the root.
    let certificates: [[UInt8]]

    init(head: SignedHead, lines: [Line], certificates: [[UInt8]]) {
        self.head = head
        self.lines = lines
        self.certificates = certificates
    }

    /// What the entries are about, sorted.
    public var objects: [String] {
        Set(lines.compactMap { $0.entry.flatMap(AuditEntry.init(bytes:))?.object }).sorted()
    }

    /// How many of the entries are told by their digests only.
    public var withheldCount: Int { lines.count { $0.entry == nil } }

    /// The same under the same head, with digests in place of the entries that somebody is not given.
    /// - Parameters:
    ///   - isGiven: whether he is given an entry.
    ///   - isShown: whether he is given the file that an entry digested, by its name.
    public func reduced(to isGiven: (AuditEntry) -> Bool, showing isShown: (String) -> Bool) -> LogExtract {
        let lines = lines.map { line in
            guard let bytes = line.entry, let entry = AuditEntry(bytes: bytes), isGiven(entry) else {
                return Line(withheld: line.leaf, sequence: line.sequence, path: line.path)
            }
            // The salt of what he is not shown would let him try contents.
            let disclosed = line.disclosed.flatMap { isShown($0.name) ? $0 : nil }
            return Line(entry: bytes, sequence: line.sequence, path: line.path, disclosed: disclosed)
        }
        return LogExtract(head: head, lines: lines, certificates: certificates)
    }

    /// The bytes of the file; there is one text for each extract.
    public var file: [UInt8] {
        JSON.object([
            "certificates": .array(certificates.map { .string(Base64.encode($0)) }),
            "entries": .array(
                lines.map { line in
                    guard let entry = line.entry else {
                        return [
                            "leaf": .string(Hex.encode(line.leaf)),
                            "path": .array(line.path.map { .string(Hex.encode($0)) }),
                            "sequence": JSON(line.sequence),
                        ]
                    }
                    return [
                        "entry": .string(String(decoding: entry, as: UTF8.self)),
                        "file": JSON(line.disclosed?.name),
                        "path": .array(line.path.map { .string(Hex.encode($0)) }),
                        "salt": JSON(line.disclosed.map { Hex.encode($0.salt) }),
                        "sequence": JSON(line.sequence),
                    ]
                }
            ),
            "format": .string(withheldCount == 0 ? Self.format : Self.reducedFormat), "head": head.json,
        ]).canonicalBytes
    }

    /// Reads a file; nil unless its bytes are exactly what `file` would write.
    public init?(file bytes: [UInt8]) {
        guard let json = try? JSON.read(bytes, depthMax: 5, sizeBytesMax: 33_554_432),
            let format = json["format"].text, [Self.format, Self.reducedFormat].contains(format),
            let head = SignedHead(json["head"])
        else { return nil }
        var lines: [Line] = []
        for element in json["entries"].elements {
            guard let sequence = element["sequence"].int else { return nil }
            let path = element["path"].elements.compactMap { $0.text.flatMap(Hex.decode) }
            if let leaf = element["leaf"].text.flatMap(Hex.decode) {
                lines.append(Line(withheld: leaf, sequence: sequence, path: path))
                continue
            }
            guard let entry = element["entry"].text else { return nil }
            var disclosed: Disclosed?
            if let name = element["file"].text, let salt = element["salt"].text.flatMap(Hex.decode) {
                disclosed = Disclosed(name: name, salt: salt)
            }
            lines.append(
                Line(
                    entry: Array(entry.utf8),
                    sequence: sequence,
                    path: path,
                    disclosed: disclosed
                )
            )
        }
        self.init(
            head: head,
            lines: lines,
            certificates: json["certificates"].elements.compactMap { $0.text.flatMap(Base64.decode) }
        )
        guard file == bytes else { return nil }
    }

    /// What is wrong with the extract and with which entry, or nil when every entry is in the log under its head.
    /// - Parameters:
    ///   - trust: who signs for the log, and when whoever asks knows that the head was there.
    ///   - latest: heads from after this are not believed.
    public func problem(_ trust: LogTrust, latest: Instant) -> (
        problem: ReceiptProblem, sequence: Int64?
    )? {
        let key: SM2PublicKey
        switch LogCertificate.check(certificates, trust, at: head.at) {
        case .failure(let problem): return (problem, nil)
        case .success(let certificate): key = certificate.publicKey
        }
        guard head.at <= latest else { return (.future, nil) }
        guard head.isSigned(by: key), let root = Hex.decode(head.root) else { return (.signature, nil) }
        var last: Int64 = -1
        for line in lines {
            guard line.sequence > last, line.leaf.count == 32,
                line.entry.map({ AuditEntry(bytes: $0) != nil }) ?? true
            else { return (.entry, line.sequence) }
            last = line.sequence
            guard
                TreeProof.includes(
                    leaf: line.leaf,
                    sequence: line.sequence,
                    size: head.size,
                    root: root,
                    path: line.path
                )
            else { return (.proof, line.sequence) }
        }
        return nil
    }
}

extension LogKeeper {
    /// Everything that the log has about `objects` up to a moment, under the first head that covers it: asked again it
    /// is the same file.
    /// - Parameter disclosing: by object, under which name the reader finds what its entries digested.
    /// - Throws: `AuditError.outsideTree` while an entry waits for its number or head, `damaged` when one is not in the
    ///   tree.
    public func extract(
        about objects: [String],
        until moment: Instant,
        disclosing: [String: String]
    ) async throws -> LogExtract {
        try await seal()
        guard damage == nil else { throw AuditError.damaged }
        let placed = try await database.read { reader in
            try objects.flatMap { try ExtractStore.entries(about: $0, until: moment, in: reader) }
        }
        var found: [(sequence: Int64, entry: AuditEntry, salt: [UInt8]?)] = []
        for line in placed {
            guard let sequence = line.sequence else { throw AuditError.outsideTree }
            found.append((sequence, try AuditLog.entry(line.bytes), line.salt))
        }
        found.sort { $0.sequence < $1.sequence }
        guard let last = found.last?.sequence, let head = try await firstHead(covering: last) else {
            throw AuditError.outsideTree
        }
        let sorted = found
        let lines = try await database.read { reader in
            let tree = try LogTree(reader)
            return try sorted.map { line in
                LogExtract.Line(
                    entry: line.entry.bytes,
                    sequence: line.sequence,
                    path: try tree.inclusion(of: line.sequence, size: head.size),
                    disclosed: line.entry.after == nil
                        ? nil
                        : disclosing[line.entry.object].flatMap { name in
                            line.salt.map { LogExtract.Disclosed(name: name, salt: $0) }
                        }
                )
            }
        }
        let extract = LogExtract(
            head: head,
            lines: lines,
            certificates: certificates(at: head.at)
        )
        // Walked before it is handed out, as receipts are: what does not lead to the root is damage.
        guard let root = Hex.decode(head.root),
            lines.allSatisfy({
                TreeProof.includes(
                    leaf: $0.leaf,
                    sequence: $0.sequence,
                    size: head.size,
                    root: root,
                    path: $0.path
                )
            })
        else {
            note(.changed(last))
            throw AuditError.damaged
        }
        return extract
    }

    /// The smallest head of ours over entry `sequence`; a new one when there is none yet.
    func firstHead(covering sequence: Int64) async throws -> SignedHead? {
        let kept = try await database.read { try HeadStore.first(covering: sequence, in: $0) }
        if let kept, kept.isSigned(by: identity.key.publicKey) { return kept }
        return try await head(covering: sequence)
    }
}

/// Whom a verifier of heads trusts.
public struct LogTrust: Sendable {
    /// A root, an issuing authority, or the log's own certificate.
    let anchors: [Certificate]
    let revocation: [RevocationList<SM2>]
    /// By when the log's certificate may not have been revoked: a head's time is the log's own word.
    let asked: Instant

    public init(anchors: [Certificate], revocation: [RevocationList<SM2>], asked: Instant) {
        self.anchors = anchors
        self.revocation = revocation
        self.asked = asked
    }
}

/// The log's certificate, as receipts and extracts bring it along.
enum LogCertificate {
    /// - Returns: the certificate whose key signed, or why it is not believed.
    static func check(_ certificates: [[UInt8]], _ trust: LogTrust, at moment: Instant)
        -> Result<Certificate, ReceiptProblem>
    {
        let chain = certificates.compactMap { try? Certificate(der: $0) }
        guard let leaf = chain.first, chain.count == certificates.count else { return .failure(.format) }
        let found = leaf.check(
            others: Array(chain.dropFirst()),
            anchors: trust.anchors,
            claimed: moment,
            asked: trust.asked,
            revocation: trust.revocation
        )
        switch found {
        case .broken(let problem): return .failure(.certificate(problem))
        case .trusted(let way):
            guard Certificate.isOnlyForm(chain, of: way) else { return .failure(.certificate(.untrusted)) }
        }
        // Persons and authorities lead to the same root. Whoever trusts the log's own certificate has named it himself.
        guard leaf.isFor(.log) || trust.anchors.contains(leaf) else { return .failure(.notTheLog) }
        return .success(leaf)
    }
}

extension ReceiptProblem: Error {}
