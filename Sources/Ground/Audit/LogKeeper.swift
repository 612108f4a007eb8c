public import Cryptography
public import Kernel
public import ServiceLifecycle
public import Storage
import Synchronization

/// Keeps the log sealed and its heads signed: the only holder of the log's key.
///
/// A head is signed when a receipt asks (not more often than `pause`) and at least every `ageMax` or `entriesMax`.
/// Each is written to the mirror before anybody sees it.
public actor LogKeeper {
    public struct Pace: Sendable {
        /// Between two heads that receipts ask for.
        public var pause: Duration
        /// Milliseconds after which new entries get a head unasked.
        public var ageMax: Int64
        /// Entries after which they do.
        public var entriesMax: Int64
        /// Milliseconds that an entry may lie unsigned before the platform takes no more writes (trust.md P9, T4).
        public var unsignedMax: Int64
        /// Milliseconds for which writes go by the last look at the signatures that came to an end, while another is
        /// under way; and for which they wait for one that does not.
        public var lookMax: Int64
        /// A log of so many entries is hashed anew as a whole at the start, a longer one from its last verified head on.
        public var startMax: Int64
        /// Milliseconds for which a verification counts, and a comparison of the tables.
        public var wholeMax: Int64
        /// Milliseconds after the start within which the tables are to be compared for the first time.
        public var firstMax: Int64
        /// Between two rounds of the service.
        public var round: Duration

        public init(
            pause: Duration = .milliseconds(50),
            ageMax: Int64,
            entriesMax: Int64,
            unsignedMax: Int64,
            lookMax: Int64,
            startMax: Int64 = 0,
            wholeMax: Int64,
            firstMax: Int64,
            round: Duration = .milliseconds(100)
        ) {
            self.pause = pause
            self.ageMax = ageMax
            self.entriesMax = entriesMax
            self.unsignedMax = unsignedMax
            self.lookMax = lookMax
            self.startMax = startMax
            self.wholeMax = wholeMax
            self.firstMax = firstMax
            self.round = round
        }
    }

    nonisolated let database: any Database
    nonisolated let clock: any Clock
    public nonisolated let identity: SigningIdentity
    /// Certificates that the log's key had before, each with its issuers.
    private nonisolated let earlier: [[Certificate]]
    nonisolated let mirror: HeadMirror?
    nonisolated let pace: Pace
    private var latest: SignedHead?
    private var isLoaded = false
    private var isSigning = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var signedLast: ContinuousClock.Instant?
    private nonisolated let looks = Mutex(Looks())
    /// What contradicts the signed heads. While there is anything no head is signed and nothing promised; only a
    /// verification of the whole log takes it back.
    public internal(set) var damage: LogDamage?
    /// When everything was last hashed anew since this keeper exists, and found whole.
    public internal(set) var wholeAt: Instant?
    /// When a verification of the whole log, or of what grew since the last one, was last found whole.
    var reachedAt: Instant?
    /// Grows with each finding: a verification that ends does not take back what was found while it ran.
    var findings = 0
    /// Objects that stand otherwise in the tables than the log says, as far as they were compared.
    public internal(set) var altered: [String] = []
    /// When all tables were last compared to the end since this keeper exists, with whatever finding.
    public internal(set) var comparedAt: Instant?
    /// Why the last comparison came to no end; nil when it did.
    var compareFailure: (any Error)?
    /// When this keeper came to be.
    let madeAt: Instant
    /// The database had heads at the start and there was no mirror: a tail that was cut off is not missed.
    public internal(set) var lacksMirror = false
    /// Why the service's last round failed, for the readiness page; nil when it did not.
    public private(set) var failure: (any Error)?
    /// Why the last head could not be signed; nil when it could.
    public private(set) var signFailure: (any Error)?
    /// Why the last verification came to no end; nil when it did.
    public internal(set) var checkFailure: (any Error)?
    /// Why it could not be kept, or dropped, how far the log was verified; nil when it could. The next start takes
    /// longer, nothing else.
    public internal(set) var checkpointFailure: (any Error)?

    /// On SQLite this hooks the sealer into the writer; make one keeper for each database.
    /// - Parameter earlier: certificates that the log's key had before, each with its issuers, the oldest first.
    public init(
        database: any Database,
        identity: SigningIdentity,
        earlier: [[Certificate]] = [],
        mirror: HeadMirror?,
        clock: any Clock,
        pace: Pace
    ) {
        self.database = database
        self.identity = identity
        self.earlier = earlier
        self.mirror = mirror
        self.clock = clock
        self.pace = pace
        madeAt = clock.now
        let engine = database.engine
        database.atEndOfGroup { tx in try Sealer.sealPending(on: engine, in: tx) }
    }

    /// The key's name in heads, promises and receipts.
    public nonisolated var log: String { Hex.encode(identity.key.publicKey.identifier) }

    /// What a head or promise of a moment is shown with: the log's certificate and its issuers but the root, all of which
    /// were valid then. The key is the same in all.
    nonisolated func certificates(at moment: Instant) -> [[UInt8]] {
        let present = [identity.certificate] + identity.issuers
        let chains = [present] + earlier.reversed()
        let fitting = chains.first { $0.allSatisfy { $0.isValid(at: moment) } } ?? present
        return fitting.dropLast(fitting.count > 1 ? 1 : 0).map(\.der)
    }

    /// The latest head when it covers entry `sequence`, else a new one. Nil when the entry is not sealed yet.
    public func head(covering sequence: Int64) async throws -> SignedHead? {
        try await load()
        while true {
            if let latest, latest.size > sequence { return latest }
            if isSigning {
                await withCheckedContinuation { waiting.append($0) }
                continue
            }
            let head = try await signNext()
            return head.size > sequence ? head : nil
        }
    }

    /// Seals what waits and signs a head when one is due. One round of the service; scenarios call it
    /// by hand.
    public func round() async throws {
        try await seal()
        try await load()
        let size = try await database.read { try AuditStore.frontier(in: $0).size }
        let signed = latest?.size ?? 0
        if size < signed { note(.truncated(size: size, headSize: signed)) }
        guard size > signed || signFailure != nil, !isSigning, damage == nil else { return }
        let age = latest.map { clock.now - $0.at } ?? pace.ageMax
        let isDue = size - signed >= pace.entriesMax || age >= pace.ageMax
        if isDue || signFailure != nil { _ = try await signNext() }
    }

    /// The last round before the program ends: what was written has a signed head too, so that nothing of it can be
    /// cut off unseen while nobody serves.
    public func finish() async throws {
        try await round()
        let size = try await database.read { try AuditStore.frontier(in: $0).size }
        if size > 0, damage == nil { _ = try await head(covering: size - 1) }
    }

    /// On SQLite the writer has done it already, but for what another process wrote, such as a command given beside
    /// the server: nobody else would seal that before the server's own next write.
    func seal() async throws {
        guard try await database.read({ try AuditStore.oldestUnsealed(in: $0) }) != nil else { return }
        let engine = database.engine
        while try await database.write({ try Sealer.sealPending(on: engine, in: $0) }) == Sealer.batchMax {
        }
    }

    /// Whether the log is signed well enough to take more writes: no entry has waited longer than `unsignedMax` for a
    /// signed head. Asked of the database, so that a keeper that stands still cannot say that all is well.
    ///
    /// Each write asks, and most of them within the second for which a look counts: they wait for nobody. While one
    /// looks anew the others go by what was seen last, but not for longer than `lookMax`; then each looks for himself, as
    /// after a quiet night, and is refused without looking when a look has been under way for so long.
    public nonisolated func isWritable(at now: Instant) async -> Bool {
        let known = looks.withLock { looks -> Bool? in
            let second = Instant.minute / 60
            if let last = looks.last, abs(now - last.at) < second { return last.isWritable }
            let isBegun = looks.begun.map { abs(now - $0) < second } ?? false
            if isBegun, let last = looks.last, now - last.at <= pace.lookMax { return last.isWritable }
            if isBegun, let first = looks.firstBegun, now - first > pace.lookMax { return false }
            looks.begun = now
            looks.firstBegun = looks.firstBegun ?? now
            return nil
        }
        if let known { return known }
        return await look(at: now)
    }

    /// When somebody last looked at the signatures, and with what result.
    private struct Looks {
        /// The last look that came to an end, by the moment at which it was begun.
        var last: (at: Instant, isWritable: Bool)?
        /// The last that was begun, and the first since one came to an end.
        var begun: Instant?
        var firstBegun: Instant?
    }

    private func look(at now: Instant) async -> Bool {
        let oldest: Instant?
        let key = identity.key.publicKey
        do {
            let head = try await database.read { try HeadStore.latest(in: $0) }
            // A head that the log has not signed covers nothing, and hides none of those that it has.
            let signed = [head.flatMap { $0.isSigned(by: key) ? $0 : nil }, latest]
            let covered = signed.compactMap { $0?.size }.max() ?? 0
            oldest = try await database.read { try AuditStore.oldestAfter(covered, in: $0) }
        } catch {
            // Without a database nothing is written anyway, and the error says why. Entries that cannot be read are
            // entries that nobody signs.
            looks.withLock { $0 = Looks() }
            return error.isPassing
        }
        let waited = [oldest, damage?.seenAt].compactMap(\.self).map { now - $0 }.max() ?? 0
        let isWritable = waited <= pace.unsignedMax
        looks.withLock { looks in
            looks.firstBegun = nil
            // One that was begun earlier and ends later says less.
            if now >= looks.last?.at ?? now { looks.last = (now, isWritable) }
        }
        return isWritable
    }

    private func load() async throws {
        guard !isLoaded else { return }
        let kept = try await database.read { try HeadStore.latest(in: $0) }
        let checkpoint = mirror?.checkpoint()
        let mirrored = try mirror?.heads(from: checkpoint?.offset ?? 0).heads.max { $0.size < $1.size }
        let signed = [kept, checkpoint?.head, mirrored].compactMap(\.self)
            .filter { $0.isSigned(by: identity.key.publicKey) }
        if latest == nil { latest = signed.max { $0.size < $1.size } }
        isLoaded = true
    }

    /// Signs the tree as it stands now, after comparing it with what was signed before. Only one call at a time gets
    /// here.
    private func signNext() async throws -> SignedHead {
        isSigning = true
        defer {
            isSigning = false
            for waiter in waiting { waiter.resume() }
            waiting = []
        }
        guard damage == nil else { throw AuditError.damaged }
        do {
            let head = try await signGrowth()
            signFailure = nil
            return head
        } catch {
            if !(error is CancellationError) { signFailure = error }
            throw error
        }
    }

    private func signGrowth() async throws -> SignedHead {
        if let signedLast {
            let rest = pace.pause - (ContinuousClock.now - signedLast)
            if rest > .zero { try await Task.sleep(for: rest) }
        }
        let (mine, key) = (latest, identity.key.publicKey)
        let growth: LogGrowth
        do {
            growth = try await database.read { try LogGrowth(since: mine, key: key, in: $0) }
        } catch {
            noteUnreadable(error)
            throw error
        }
        if let problem = growth.problem {
            note(problem)
            throw AuditError.damaged
        }
        if let latest, latest.size == growth.size { return latest }
        let head = try SignedHead(size: growth.size, root: growth.root, at: clock.now, by: identity.key)
        try await mirror?.append(head)
        try await database.write { try HeadStore.insert(head, in: $0) }
        latest = head
        signedLast = ContinuousClock.now
        return head
    }

    /// Takes down what was found; the first finding stays.
    func note(_ problem: LogProblem) {
        findings += 1
        guard damage == nil else { return }
        damage = LogDamage(problem: problem, seenAt: clock.now)
        // The next start looks at everything. Without a mirror there is nothing to drop; one that cannot be dropped is
        // no worse than the damage.
        do { try mirror?.dropCheckpoint() } catch { checkpointFailure = error }
    }

    /// Takes down that the log's own tables could not be read. Only what a read of them threw is for this: a key, a
    /// disk or an insert that fails says nothing about the log.
    func noteUnreadable(_ error: any Error) {
        if !error.isPassing, !(error is AuditError) { note(.unreadable) }
    }
}

extension LogKeeper: Service {
    /// Runs rounds until the service group shuts down. A round that fails is tried again: the readiness check
    /// turns red when entries stay unsealed.
    public func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            while !Task.isCancelled {
                await tryRound()
                do { try await Task.sleep(for: pace.round) } catch { return }
            }
        }
    }

    private func tryRound() async {
        do {
            try await round()
            failure = nil
        } catch {
            failure = error
        }
    }
}
