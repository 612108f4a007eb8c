import Attachments
import Audit
import Cases
import Changes
import CompanyOpening
import Credentials
import Deadlines
import Identity
import Jobs
import Kernel
import Stock
import Storage

/// Takes away what the platform no longer needs for its own work, once a day, a bounded number of rows a write, and
/// gives back to the pool what people claimed whose posts have ended. Where the log is divided by months it makes those to
/// come.
public struct Housekeeping: Sendable {
    private let database: any Database
    private let clock: any Clock
    private let retention: Retention
    private let blobs: BlobStore
    private let claims: Claims
    private let entropy: any Entropy

    init(
        database: any Database,
        clock: any Clock,
        retention: Retention,
        blobs: BlobStore,
        claims: Claims,
        entropy: any Entropy
    ) {
        self.database = database
        self.clock = clock
        self.retention = retention
        self.blobs = blobs
        self.claims = claims
        self.entropy = entropy
    }

    static let kindName = "housekeeping"
    /// At three in the morning few people wait for anything.
    private static let hour = 3
    private static let rowsMax = 5_000

    var kind: JobKind {
        JobKind(Self.kindName) { _ in
            try await run()
            return .again(at: Instant(clock.now.date.adding(days: 1), hour: Self.hour), why: "daily")
        }
    }

    /// Puts the daily round on the list, where it is not yet, and gives one that failed for the last time new attempts:
    /// what the law gives a term must not stay because of a bad day.
    public func arm() async throws {
        let now = clock.now
        try await database.write { tx in
            try Jobs.enqueue(kind: Self.kindName, key: "daily", payload: nil, at: now, in: tx)
            if try Jobs.find(kind: Self.kindName, key: "daily", in: tx)?.state == .dead {
                try Jobs.revive(kind: Self.kindName, key: "daily", at: now, in: tx)
            }
        }
    }

    private typealias Sweep = @Sendable (Instant, any Transaction) throws -> Int

    private static let sweeps: [(what: String, forget: Sweep)] = [
        ("jobs", { try Jobs.forget(doneBefore: $0, countMax: rowsMax, in: $1) }),
        ("events", { try ChangeFeed.forget(toldBefore: $0, countMax: rowsMax, in: $1) }),
        ("answers", { try Idempotency.forget(before: $0, countMax: rowsMax, in: $1) }),
        ("codes", { try SmsCodes.removeOld(before: $0, countMax: rowsMax, in: $1) }),
        ("sessions", { try Sessions.removeOld(before: $0, countMax: rowsMax, in: $1) }),
        ("facts", { try CompanyOpening.forgetFacts(before: $0, countMax: rowsMax, in: $1) }),
        ("stock", { try StockRows.forget(before: $0, countMax: rowsMax, in: $1) }),
        ("look-ups", { try CaseDesk.forgetLookups(before: $0, countMax: rowsMax, in: $1) }),
    ]

    /// One round. What cannot be taken away does not hold up the rest.
    /// - Returns: how many rows or files went, by what they were.
    /// - Throws: the first thing that failed, after everything else was done.
    @discardableResult
    public func run() async throws -> [String: Int] {
        var gone: [String: Int] = [:]
        var failed: (any Error)?
        for (what, forget) in Self.sweeps {
            do { gone[what] = try await sweep(what, forget) } catch { failed = failed ?? error }
        }
        do { gone[Self.ledgers] = try await forgetLedgers() } catch { failed = failed ?? error }
        // Files of drafts that were deleted or lapsed.
        do { gone["files"] = try await blobs.sweep(database, now: clock.now) } catch {
            failed = failed ?? error
        }
        // A post ends at midnight without anybody's doing.
        do { gone["claims"] = try await freeClaims() } catch { failed = failed ?? error }
        do { try await AuditMonths.keep(in: database, now: clock.now) } catch { failed = failed ?? error }
        if let failed { throw failed }
        return gone
    }

    private static let ledgers = "seal-ledgers"
    /// Seals a write: each has an entry in the log.
    private static let ledgersMax = 100

    /// What was signed with seals that ended long ago. Each has an entry in the log, so that the log still bears it out.
    private func forgetLedgers() async throws -> Int {
        guard let limit = retention.limit(Self.ledgers, at: clock.now) else { return 0 }
        let occasion = occasion(Self.ledgers)
        var gone = 0
        while true {
            let count = try await database.write { tx in
                try SealLedger.forget(
                    endedBefore: limit,
                    countMax: Self.ledgersMax,
                    occasion: occasion,
                    in: tx
                )
            }
            guard count > 0 else { return gone }
            gone += count
        }
    }

    private func occasion(_ part: String) -> Occasion {
        Occasion(
            now: clock.now,
            actor: .platform(Self.kindName),
            request: "\(Self.kindName):\(part)",
            entropy: entropy
        )
    }

    private func freeClaims() async throws -> Int {
        let occasion = occasion("claims")
        let claims = claims
        return try await database.write { try claims.freeAll(occasion: occasion, in: $0) }
    }

    private func sweep(_ what: String, _ forget: @escaping Sweep) async throws -> Int {
        guard let limit = retention.limit(what, at: clock.now) else { return 0 }
        var gone = 0
        while true {
            let count = try await database.write { try forget(limit, $0) }
            gone += count
            if count < Self.rowsMax { return gone }
        }
    }
}
