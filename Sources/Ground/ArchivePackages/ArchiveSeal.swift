public import Cryptography
public import Kernel

/// Who vouches for an index, or for what was left out of a copy, and since when at the latest: an SM2 signature by the
/// archiving certificate with a time stamp over it (Docs/formats/archive.md, section 3).
public struct ArchiveSeal: Hashable, Sendable {
    static let format = "suban-archive-seal-1"
    /// Its name in the package.
    public static let name = "archive.seal"

    /// DER.
    let signature: [UInt8]
    /// The archiving certificate and its issuers up to, not including, the root.
    let certificates: [[UInt8]]
    /// RFC 3161, over SM3 of the signature.
    let timestamp: [UInt8]

    /// What is signed: the kind of the text, a line break, the text.
    static func message(_ text: [UInt8], as kind: String) -> [UInt8] { Array("\(kind)\n".utf8) + text }

    public var bytes: [UInt8] {
        JSON.object([
            "certificates": .array(certificates.map { .string(Base64.encode($0)) }),
            "format": .string(Self.format), "signature": .string(Base64.encode(signature)),
            "timestamp": .string(Base64.encode(timestamp)),
        ]).canonicalBytes
    }

    init(signature: [UInt8], certificates: [[UInt8]], timestamp: [UInt8]) {
        self.signature = signature
        self.certificates = certificates
        self.timestamp = timestamp
    }

    /// Reads a seal; nil unless the bytes are exactly what `bytes` would write.
    init?(bytes: [UInt8]) {
        guard let json = try? JSON.read(bytes, depthMax: 2, sizeBytesMax: 65_536),
            json["format"].text == Self.format,
            let signature = json["signature"].text.flatMap(Base64.decode),
            let timestamp = json["timestamp"].text.flatMap(Base64.decode)
        else { return nil }
        self.init(
            signature: signature,
            certificates: json["certificates"].elements.compactMap { $0.text.flatMap(Base64.decode) },
            timestamp: timestamp
        )
        guard self.bytes == bytes else { return nil }
    }

    /// Who sealed, and when at the latest.
    struct Proof: Hashable, Sendable {
        let archivist: Certificate
        let at: Instant
    }

    /// Checks signature, certificate and time stamp.
    /// - Parameter proven: when the signature was there at the latest, by the stamps that lie over it.
    func check(
        _ text: [UInt8],
        as kind: String,
        _ trust: ArchiveTrust,
        proven: () throws(ArchiveProblem) -> Instant
    ) throws(ArchiveProblem) -> Proof {
        let chain = certificates.compactMap { try? Certificate(der: $0) }
        guard let leaf = chain.first, chain.count == certificates.count else { throw .sealFormat }
        guard leaf.publicKey.verify(signature: signature, of: Self.message(text, as: kind)) else {
            throw .signature
        }
        let time = try proven()
        let found = leaf.check(
            others: Array(chain.dropFirst()),
            anchors: trust.anchors,
            at: time,
            revocation: trust.revocation
        )
        switch found {
        case .broken(let problem): throw .certificate(problem)
        case .trusted(let way):
            guard Certificate.isOnlyForm(chain, of: way) else { throw .certificate(.untrusted) }
        }
        // Persons, firms and authorities lead to the same root: only an archive's own certificate seals archives.
        guard leaf.isFor(.archives) else { throw .notAnArchive }
        return Proof(archivist: leaf, at: time)
    }

    /// Checks one over which no further stamp lies, such as that of a copy.
    func check(_ text: [UInt8], as kind: String, _ trust: ArchiveTrust) throws(ArchiveProblem) -> Proof {
        try check(text, as: kind, trust) { () throws(ArchiveProblem) in
            guard let token = TimestampToken(der: timestamp),
                token.problem(of: SM3.digest(signature), .sm3, trust: trust.timestamps) == nil,
                token.time <= trust.latest
            else { throw .timestamp }
            return token.time
        }
    }
}

/// Whom a verifier of archives trusts.
public struct ArchiveTrust: Sendable {
    let anchors: [Certificate]
    /// What these revoked.
    let revocation: [RevocationList<SM2>]
    let timestamps: DocumentTrust
    /// What was sealed or signed after this is not believed: now, and what clocks may differ by.
    let latest: Instant
    /// Until when stamps count by the algorithms that they are made with.
    let algorithms: AlgorithmEnds

    public init(
        anchors: [Certificate],
        revocation: [RevocationList<SM2>] = [],
        timestamps: DocumentTrust,
        latest: Instant,
        algorithms: AlgorithmEnds
    ) {
        self.anchors = anchors
        self.revocation = revocation
        self.timestamps = timestamps
        self.latest = latest
        self.algorithms = algorithms
    }
}

/// Holds the key that seals archives.
public struct Archivist: Sendable {
    private let identity: SigningIdentity
    private let stamps: TimestampAuthority

    /// - Parameter identity: one whose certificate is for archives.
    public init(_ identity: SigningIdentity, stamps: TimestampAuthority) {
        self.identity = identity
        self.stamps = stamps
    }

    func seal(_ text: [UInt8], as kind: String, now: Instant) throws(CryptographyError) -> ArchiveSeal {
        let signature = try identity.key.sign(ArchiveSeal.message(text, as: kind))
        return ArchiveSeal(
            signature: signature,
            certificates: ([identity.certificate] + identity.issuers.dropLast()).map(\.der),
            timestamp: try stamps.token(for: SM3.digest(signature), .sm3, now: now)
        )
    }
}
