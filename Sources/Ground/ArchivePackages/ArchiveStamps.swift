import Audit
public import Cryptography
public import Kernel

/// The time stamps over an archive, from the seal's own to the last renewal: each has to count while the next one is laid
/// over it (Docs/formats/archive.md, section 6).
public struct ArchiveStamps: Sendable {
    let index: ArchiveIndex
    let seal: ArchiveSeal
    let renewals: [ArchiveRenewal]

    public init(_ index: ArchiveIndex, _ seal: ArchiveSeal, _ renewals: [ArchiveRenewal] = []) {
        self.index = index
        self.seal = seal
        self.renewals = renewals
    }

    /// - Parameter seal: as an archive keeps it. Nil when these are no seal.
    public init?(_ index: ArchiveIndex, seal: [UInt8], _ renewals: [ArchiveRenewal]) {
        guard let seal = ArchiveSeal(bytes: seal) else { return nil }
        self.init(index, seal, renewals)
    }

    /// The same way with another stamp at its end.
    public func adding(_ renewal: ArchiveRenewal) -> ArchiveStamps {
        ArchiveStamps(index, seal, renewals + [renewal])
    }

    /// What a good way of stamps proves.
    public struct Proof: Hashable, Sendable {
        /// Not later than this the index was sealed.
        public let at: Instant
        /// When the last stamp was given.
        public let last: Instant
        /// From here on the last stamp proves nothing by itself.
        public let limit: Instant
        /// Whether the maker of the last stamp was revoked so that none of his stamps counts.
        public let isTakenBack: Bool
        /// Who gave the last stamp, with which algorithm.
        public let maker: String
    }

    /// Walks from stamp to stamp.
    /// - Parameters:
    ///   - content: a file of the package by its path.
    ///   - isGiven: whether the file of a path is here as it was sealed.
    func check(
        _ trust: ArchiveTrust,
        content: (String) -> [UInt8]?,
        isGiven: (String) -> Bool
    ) throws(ArchiveProblem) -> Proof {
        guard let first = TimestampToken(der: seal.timestamp),
            var current = Self.proof(first, over: seal.signature, trust, at: first.time)
        else { throw .timestamp }
        for (place, renewal) in renewals.enumerated() {
            let number = place + 1
            guard let statement = ArchiveRenewal.Statement(text: renewal.text) else {
                throw .renewalFormat(number)
            }
            guard statement.number == number, statement.before.count == place else {
                throw .renewalMissing(number)
            }
            guard stands(statement, after: place, content: content, isGiven: isGiven) else {
                throw .renewalOther(number)
            }
            guard let token = TimestampToken(der: renewal.timestamp), token.algorithm == statement.algorithm,
                let next = Self.proof(token, over: renewal.text, trust, at: current.at)
            else { throw .renewalStamp(number) }
            guard next.last >= current.last else { throw .renewalOrder(number) }
            guard next.last >= current.limit else {
                current = next
                continue
            }
            // The stamp before had no word any more: the log must have known the archive while it did.
            guard let proof = renewal.proof else { throw .renewalLate(number) }
            guard let known = Self.known(index, by: proof, trust) else { throw .renewalProof(number) }
            guard known < current.limit else { throw .renewalLate(number) }
            current = Proof(
                at: known,
                last: next.last,
                limit: next.limit,
                isTakenBack: next.isTakenBack,
                maker: next.maker
            )
        }
        guard !current.isTakenBack else { throw .stampTakenBack }
        return current
    }

    /// The same for an archive of which index, seal and renewals are at hand; its files are taken as the index has them.
    public func check(_ trust: ArchiveTrust) throws(ArchiveProblem) -> Proof {
        try check(trust, content: { _ in nil }, isGiven: { _ in false })
    }

    /// Where the stamps stand, whether the last one still counts or was taken back.
    public func standing(_ trust: ArchiveTrust) -> (maker: String, limit: Instant)? {
        let bytes = renewals.last.map { ($0.timestamp, $0.text) } ?? (seal.timestamp, seal.signature)
        guard let token = TimestampToken(der: bytes.0),
            let found = Self.proof(token, over: bytes.1, trust, at: token.time)
        else { return nil }
        return (found.maker, found.limit)
    }

    private static func proof(
        _ token: TimestampToken,
        over bytes: [UInt8],
        _ trust: ArchiveTrust,
        at moment: Instant
    ) -> Proof? {
        let standing: TimestampStanding
        do throws(TimestampProblem) {
            standing = try token.standing(
                of: token.algorithm.digest(bytes),
                token.algorithm,
                trust: trust.timestamps
            )
        } catch { return nil }
        guard token.time <= trust.latest else { return nil }
        let end = trust.algorithms.end(of: token.algorithm)
        return Proof(
            at: moment,
            last: token.time,
            limit: end.map { min($0, standing.limit) } ?? standing.limit,
            isTakenBack: standing.takenBack != nil,
            maker: token.maker
        )
    }

    /// Whether a statement is about this very index and seal, the files that are here, and all renewals before it.
    private func stands(
        _ statement: ArchiveRenewal.Statement,
        after place: Int,
        content: (String) -> [UInt8]?,
        isGiven: (String) -> Bool
    ) -> Bool {
        let plain = ArchiveRenewal.Statement(
            over: index,
            seal,
            Array(renewals.prefix(place)),
            files: nil,
            by: statement.algorithm
        )
        guard statement.index == plain.index, statement.seal == plain.seal, statement.before == plain.before
        else { return false }
        guard let files = statement.files else { return statement.algorithm == .sm3 }
        guard Set(files.keys) == Set(index.files.map(\.path)) else { return false }
        return index.files.allSatisfy { file in
            guard isGiven(file.path), let bytes = content(file.path) else { return true }
            return files[file.path] == Hex.encode(statement.algorithm.digest(bytes))
        }
    }

    /// When the log knew the index at the latest: the head of a receipt of the archive's sealing.
    private static func known(_ index: ArchiveIndex, by proof: [UInt8], _ trust: ArchiveTrust) -> Instant? {
        let verifier = ReceiptVerifier(anchors: trust.anchors, latest: trust.latest)
        guard case .sealed(let entry, _, let head) = verifier.verify(proof), entry.act == sealed,
            let content = Receipt(file: proof)?.content,
            let json = try? JSON.read(content.text), json["index"].text == index.digest
        else { return nil }
        return head.at
    }

    /// The act under which the log knows the sealing of an archive.
    public static let sealed = "archive.sealed"
}

extension ArchiveStamps {
    /// The next renewal: a stamp over everything that there is.
    /// - Parameters:
    ///   - package: the files, where the algorithm is another than that of the index.
    ///   - proof: the log's receipt, where the last stamp does not count any more.
    public func renewal(
        by stamps: TimestampAuthority,
        _ algorithm: ImprintAlgorithm,
        files package: ArchivePackage?,
        proof: [UInt8]?,
        now: Instant
    ) throws(CryptographyError) -> ArchiveRenewal {
        let text = ArchiveRenewal.Statement(
            over: index,
            seal,
            renewals,
            files: package.map(\.pathContents),
            by: algorithm
        ).text
        return ArchiveRenewal(
            text: text,
            timestamp: try stamps.token(for: algorithm.digest(text), algorithm, now: now),
            proof: proof
        )
    }

    /// The algorithm by which the index digests files.
    public static let ownAlgorithm = ImprintAlgorithm.sm3
}
