import ArchivePackages
public import Audit
public import Cryptography
public import Jobs
public import Kernel
public import Storage

/// Lays another time stamp over each archive before the one that it has stops counting: because its certificate ends, the
/// key or its issuer was followed by another, the algorithm ends, or the key was stolen (decision 0037).
public struct ArchiveRenewalWork: Sendable {
    private let archives: Archives
    private let keeper: LogKeeper
    private let clock: any Clock
    private let entropy: any Entropy
    private let terms: @Sendable (Instant) -> RenewalTerms

    public init(
        archives: Archives,
        keeper: LogKeeper,
        clock: any Clock,
        entropy: any Entropy,
        terms: @escaping @Sendable (Instant) -> RenewalTerms
    ) {
        self.archives = archives
        self.keeper = keeper
        self.clock = clock
        self.entropy = entropy
        self.terms = terms
    }

    static let kindName = "archive-renewal"
    static let key = "daily"
    /// After the housekeeping.
    private static let hour = 4
    /// Archives a read.
    private static let pageMax = 200

    public var jobKind: JobKind {
        JobKind(Self.kindName) { _ in
            let now = clock.now
            let round = try await run(now: now)
            return round.waits > 0
                ? .again(at: now + Instant.minute, why: "log")
                : .again(at: Instant(now.date.adding(days: 1), hour: Self.hour), why: round.words)
        }
    }

    /// Puts the daily round on the list, where it is not yet, and gives one that failed for the last time new attempts.
    public func arm() async throws {
        let now = clock.now
        try await archives.database.write { tx in
            try Jobs.enqueue(kind: Self.kindName, key: Self.key, payload: nil, at: now, in: tx)
            if try Jobs.find(kind: Self.kindName, key: Self.key, in: tx)?.state == .dead {
                try Jobs.revive(kind: Self.kindName, key: Self.key, at: now, in: tx)
            }
        }
    }

    // MARK: - A round

    /// What a round came to.
    public struct Round: Hashable, Sendable {
        public var renewed = 0
        /// Their stamp counts no more, and the log does not prove that they are older.
        public var unprovable = 0
        /// What lies there is not what was sealed.
        public var damaged = 0
        /// The log has no signed head over their entry yet.
        public var waits = 0

        var words: String { "renewed=\(renewed) unprovable=\(unprovable) damaged=\(damaged)" }
    }

    /// One round over all archives whose stamp is to be renewed. What cannot be renewed holds up nothing else.
    @discardableResult
    public func run(now: Instant) async throws -> Round {
        let (terms, trusting) = (terms(now), archives.trust)
        let trust = try await archives.database.read { try trusting(now, $0) }
        try await look(trust)
        var round = Round()
        // A maker's name begins with the algorithm, which is ASCII before "~".
        try await walk(&round, terms, trust, now, from: .init()) { place, reader in
            try RenewalStore.makers(from: place, before: terms.maker, limit: Self.pageMax, in: reader)
        }
        try await walk(&round, terms, trust, now, from: .init(maker: terms.maker, id: "~")) { place, reader in
            try RenewalStore.makers(from: place, before: "~", limit: Self.pageMax, in: reader)
        }
        let ending = terms.endingBefore(now)
        try await walk(&round, terms, trust, now, from: .init()) { place, reader in
            try RenewalStore.ending(from: place, before: ending, limit: Self.pageMax, in: reader)
        }
        return round
    }

    private func walk(
        _ round: inout Round,
        _ terms: RenewalTerms,
        _ trust: ArchiveTrust,
        _ now: Instant,
        from first: RenewalStore.Place,
        _ page: @escaping @Sendable (RenewalStore.Place, any Reader) throws -> [(Archive, RenewalStore.Place)]
    ) async throws {
        var place = first
        while true {
            let from = place
            let found = try await archives.database.read { try page(from, $0) }
            for (archive, _) in found {
                do {
                    switch try await renew(archive, terms, trust, now: now) {
                    case .renewed: round.renewed += 1
                    case .unprovable: round.unprovable += 1
                    case .overtaken: break
                    }
                } catch is ArchiveError, is ArchiveProblem {
                    round.damaged += 1
                } catch AuditError.outsideTree {
                    round.waits += 1
                }
            }
            guard found.count == Self.pageMax, let last = found.last else { return }
            place = last.1
        }
    }

    /// Rows of an older program say nothing of their stamp.
    private func look(_ trust: ArchiveTrust) async throws {
        while true {
            let count = try await archives.database.write { tx in
                let found = try RenewalStore.unknown(limit: Self.pageMax, in: tx)
                for archive in found {
                    let stamps = ArchiveStamps(archive.index, seal: archive.seal, [])
                    // What cannot be read is due, and damaged when its turn comes.
                    let standing = stamps?.standing(trust) ?? ("", Instant(milliseconds: 0))
                    try RenewalStore.setStanding(of: archive.id, standing, in: tx)
                }
                return found.count
            }
            guard count == Self.pageMax else { return }
        }
    }

    private enum Outcome { case renewed, unprovable, overtaken }

    private func renew(_ archive: Archive, _ terms: RenewalTerms, _ trust: ArchiveTrust, now: Instant)
        async throws -> Outcome
    {
        let kept = try await archives.database.read { try RenewalStore.of(archive.id, in: $0) }
        guard let stamps = ArchiveStamps(archive.index, seal: archive.seal, kept.map(\.renewal)),
            let standing = stamps.standing(trust)
        else { throw ArchiveError.damaged }
        var proof: [UInt8]?
        if standing.limit <= now {
            let receipt = try await receipt(of: archive)
            guard let known = receipt.headTime, known < standing.limit else { return .unprovable }
            proof = receipt.file
        }
        let isOther = terms.algorithm != ArchiveStamps.ownAlgorithm
        let files = isOther ? try Archives.package(await archives.kept(archive), archive) : nil
        let renewal = try stamps.renewal(
            by: terms.stamps,
            terms.algorithm,
            files: files,
            proof: proof,
            now: now
        )
        // Nothing is laid over what does not hold.
        let proven = try stamps.adding(renewal).check(trust)
        return try await keep(renewal, proven, of: archive, number: kept.count + 1, now: now)
    }

    /// The log's word for the sealing.
    private func receipt(of archive: Archive) async throws -> Receipt {
        do {
            return try await keeper.earliestReceipt(for: ID(archive.entry), disclosing: archive.sealing)
        } catch AuditError.otherContent {
            return try await keeper.earliestReceipt(for: ID(archive.entry), disclosing: archive.sealingBefore)
        }
    }

    private func keep(
        _ renewal: ArchiveRenewal,
        _ proven: ArchiveStamps.Proof,
        of archive: Archive,
        number: Int,
        now: Instant
    ) async throws -> Outcome {
        let occasion = Occasion(
            now: now,
            actor: .platform(Self.kindName),
            request: "\(Self.kindName):\(archive.id)/\(number)",
            entropy: entropy
        )
        return try await archives.database.write { tx in
            // Another node was faster, or it went meanwhile.
            guard let locked = try ArchiveStore.lock(archive.id, in: tx), locked.state == .kept,
                try RenewalStore.of(archive.id, in: tx).count == number - 1
            else { return .overtaken }
            let entry = try AuditLog.append(
                "archive.renewed",
                object: archive.object,
                after: Self.facts(renewal, of: archive, number: number),
                occasion: occasion,
                in: tx
            )
            let kept = KeptRenewal(
                archive: archive.id,
                number: number,
                stampedAt: proven.last,
                ends: proven.limit,
                maker: proven.maker,
                renewal: renewal,
                entry: entry.id.rawValue
            )
            try RenewalStore.insert(kept, in: tx)
            try Outbox.emit(
                "archive.renewed",
                object: archive.object,
                payload: ["archive": .string(archive.number), "number": JSON(number)],
                occasion: occasion,
                in: tx
            )
            return .renewed
        }
    }

    /// What the log's entry of a renewal digests.
    static func facts(_ renewal: ArchiveRenewal, of archive: Archive, number: Int) -> JSON {
        [
            "index": .string(archive.index.digest), "number": JSON(number),
            "renewal": .string(Hex.encode(SM3.digest(renewal.bytes))),
        ]
    }
}

/// With what stamps are renewed now, and how early.
public struct RenewalTerms: Sendable {
    let stamps: TimestampAuthority
    let algorithm: ImprintAlgorithm
    /// Until when a stamp of today will count.
    let ends: Instant
    let daysAhead: Int

    /// - Parameters:
    ///   - algorithm: the one in use.
    ///   - end: when that one ends, where a day is known.
    ///   - daysAhead: so many days before its end a stamp is renewed.
    public init(
        stamps: TimestampAuthority,
        algorithm: ImprintAlgorithm,
        end: Instant?,
        daysAhead: Int
    ) {
        self.stamps = stamps
        self.algorithm = algorithm
        let certificate = stamps.certificate.validUntil
        ends = end.map { min($0, certificate) } ?? certificate
        self.daysAhead = daysAhead
    }

    var maker: String { TimestampToken.maker(stamps.certificate, algorithm) }

    /// Stamps that end before this are renewed: soon, and only where another one lasts longer.
    func endingBefore(_ now: Instant) -> Instant { min(now + Int64(daysAhead) * Instant.day, ends) }
}

extension ArchiveRenewalWork {
    /// Where the stamps of an archive stand.
    public struct Standing: Sendable {
        /// Renewals, the first first.
        public let renewals: [KeptRenewal]
        /// Until when the last stamp counts.
        public let ends: Instant
        /// From when on it is renewed: at once where the key, its issuer or the algorithm is another one now.
        public let next: Instant
    }

    /// Nil for one that is gone, or of which nobody has looked yet.
    public func standing(of archive: Archive, now: Instant, in reader: any Reader) throws -> Standing? {
        guard archive.state == .kept, let found = try RenewalStore.standing(of: archive.id, in: reader) else {
            return nil
        }
        let terms = terms(now)
        let next = found.limit + -Int64(terms.daysAhead) * Instant.day
        return Standing(
            renewals: try RenewalStore.of(archive.id, in: reader),
            ends: found.limit,
            next: found.maker == terms.maker ? next : min(next, now)
        )
    }

    /// How far the renewing is.
    public struct Progress: Hashable, Sendable {
        /// Within the last day.
        public let renewed: Int
        /// Still to be renewed, at most `Progress.most`.
        public let left: Int

        public static let most = 10_000
    }

    public func progress(now: Instant, in reader: any Reader) throws -> Progress {
        let terms = terms(now)
        return Progress(
            renewed: try RenewalStore.count(since: now + -Instant.day, in: reader),
            left: try RenewalStore.countDue(
                otherThan: terms.maker,
                endingBefore: terms.endingBefore(now),
                limit: Progress.most,
                in: reader
            )
        )
    }
}
