import Audit
import Foundation
import Kernel
import Logging
import Storage
import StorageSQLite
import Synchronization
import TestSupport
import Testing

@testable import Server

/// A database that some reads cannot be had from.
private final class Refusing: Database {
    private let base: any Database
    private let refused = Mutex<(table: String, error: StorageError)?>(nil)
    /// When reads began and ended, while somebody counts them.
    private let seen = Mutex<[(begun: ContinuousClock.Instant, ended: ContinuousClock.Instant)]>([])
    var engine: DatabaseEngine { base.engine }

    init(_ base: any Database) { self.base = base }

    /// Refuses whatever reads this table from now on; nil for nothing.
    func refuse(_ table: String?, _ error: StorageError = .unavailable("test")) {
        refused.withLock { $0 = table.map { ($0, error) } }
    }

    /// The reads since the last time.
    func takeReads() -> [(begun: ContinuousClock.Instant, ended: ContinuousClock.Instant)] {
        seen.withLock { seen in
            defer { seen = [] }
            return seen
        }
    }

    private struct Half: Reader {
        let base: any Reader
        let table: String
        let error: StorageError
        var unopened: any Reader { Half(base: base.unopened, table: table, error: error) }

        func query(_ sql: StaticString, _ values: [any Bindable]) throws -> [Row] {
            if "\(sql)".contains(table) { throw error }
            return try base.query(sql, values)
        }
    }

    func read<Answer: Sendable>(_ body: @escaping @Sendable (any Reader) throws -> Answer) async throws
        -> Answer
    {
        let begun = ContinuousClock.now
        defer { seen.withLock { $0.append((begun, .now)) } }
        guard let (table, error) = refused.withLock({ $0 }) else { return try await base.read(body) }
        return try await base.read { try body(Half(base: $0, table: table, error: error)) }
    }

    func write<Answer: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Answer) async throws
        -> Answer
    { try await base.write(body) }

    func rings() -> AsyncStream<Void> { base.rings() }

    func atEndOfGroup(_ work: @escaping @Sendable (any Transaction) throws -> Void) {
        base.atEndOfGroup(work)
    }

    func migrate(_ migrations: [Migration]) async throws { try await base.migrate(migrations) }

    func close() async { await base.close() }
}

/// What the running server makes of its log and tables, and says of them in `/ready`.
@Suite("the running server looks at its log and its tables", .serialized)
struct LogWatchTests {
    private struct Watched {
        let town: DemoTown
        let database: Refusing
        let watch: LogWatch
        private let readiness: Readiness

        init(_ folder: String) async throws {
            let database = Refusing(try SQLiteDatabase(path: "\(folder)/suban.sqlite"))
            self.database = database
            town = try await DemoTown(home: Home.find(), folder: folder, at: SystemClock().now) {
                $0.database = database
            }
            let platform = town.platform
            let limits = try OperatingLimits(home: platform.settings.home)
            watch = LogWatch(
                platform: platform,
                limits: limits,
                logger: Logger(label: "test"),
                pause: .milliseconds(5)
            )
            readiness = Readiness(
                database: platform.database,
                keeper: platform.keeper,
                clock: platform.clock
            )
            try await platform.keeper.round()
        }

        var keeper: LogKeeper { town.platform.keeper }
        var now: Instant { town.clock.now }

        func after(_ time: Int64) { town.clock.set(now + time) }

        /// What `/ready` says of the promises that do not hold.
        func doubts() async -> [String: JSON] {
            let checks = await readiness.checks().filter { $0.state != .holds }
            return Dictionary(uniqueKeysWithValues: checks.map { ($0.name, $0.state.json) })
        }

        /// The status of `/ready`, as a load balancer sees it.
        func status() async -> Int {
            await readiness.checks().allSatisfy { $0.state != .fails } ? 200 : 503
        }
    }

    private func watched(_ body: (Watched) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            try await Granted.installation(folder)
            let watched = try await Watched(folder)
            try await body(watched)
            await watched.town.platform.database.close()
        }
    }

    @Test(
        "what was altered is found and shows; until somebody has looked the tables are pending, not for ever"
    )
    func altered() async throws {
        try await watched { server in
            try await server.town.platform.database.write {
                try $0.execute("UPDATE case_decision SET outcome = 'refuse'")
            }
            #expect(await server.doubts() == ["tables-logged": "pending"])
            #expect(await server.status() == 200)
            server.after(23 * Instant.hour)
            #expect(await server.doubts() == ["tables-logged": "pending"], "many take long")
            server.after(2 * Instant.hour)
            #expect(await server.doubts() == ["tables-logged": false], "nobody has looked in time")
            #expect(await server.watch.verify(isFirst: true))
            #expect(await server.keeper.altered.contains { $0.hasPrefix("decision:") })
            #expect(await server.doubts() == ["tables-logged": false])
            #expect(await server.status() == 503)
        }
    }

    @Test("whoever compares rests as long as he has read")
    func rests() async throws {
        try await watched { server in
            let resting = RestingDatabase(base: server.database)
            _ = server.database.takeReads()
            _ = try await TableComparison(of: resting, max: 10)
            let reads = server.database.takeReads()
            #expect(reads.count > 8)
            for (one, next) in zip(reads, reads.dropFirst()) {
                #expect(next.begun - one.ended >= one.ended - one.begun)
            }
        }
    }

    @Test("a comparison that comes to no end turns it red, and what cannot be read is altered")
    func unreadable() async throws {
        try await watched { server in
            #expect(await server.watch.verify(isFirst: true))
            #expect(await server.doubts() == [:])
            server.database.refuse("FROM case_decision")
            #expect(await server.watch.verify(isFirst: true) == false)
            #expect(await server.doubts() == [:], "a database that is away for a moment says nothing")
            #expect(await server.keeper.altered == [])
            #expect(await server.keeper.isFailing)
            server.database.refuse("FROM case_decision", .damaged("SQLite 11: test"))
            #expect(await server.watch.verify(isFirst: true))
            #expect(await server.keeper.altered.contains { $0.hasPrefix("decision:") })
            #expect(await server.doubts() == ["tables-logged": false])
            server.database.refuse(nil)
            #expect(await server.watch.verify(isFirst: true))
            #expect(await server.doubts() == [:])
            server.after(2 * Instant.day + Instant.minute)
            #expect(await server.doubts()["tables-logged"] == false, "too long ago")
        }
    }

    @Test("a log that cannot be verified keeps nobody from comparing the tables")
    func bothWays() async throws {
        try await watched { server in
            server.database.refuse("FROM audit_tile")
            try await server.town.platform.database.write {
                try $0.execute("UPDATE case_decision SET outcome = 'refuse'")
            }
            #expect(await server.watch.verify(isFirst: false) == false)
            #expect(await server.keeper.altered.contains { $0.hasPrefix("decision:") })
            #expect(await server.doubts() == ["tables-logged": false])
        }
    }

    @Test("it is looked again once a day, soon after a failure, and as soon while there is damage")
    func isDue() async throws {
        try await watched { server in
            let (watch, now) = (server.watch, server.now)
            #expect(watch.isDue(ended: nil, failed: nil))
            for isDamaged in [false, true] {
                #expect(!watch.isDue(ended: now, failed: nil, isDamaged: isDamaged))
                #expect(!watch.isDue(ended: nil, failed: now, isDamaged: isDamaged))
            }
            server.after(4 * Instant.minute)
            #expect(!watch.isDue(ended: now, failed: nil))
            #expect(watch.isDue(ended: now, failed: nil, isDamaged: true))
            #expect(watch.isDue(ended: nil, failed: now))
            server.after(Instant.day)
            #expect(watch.isDue(ended: now, failed: nil))
            await server.database.close()
            #expect(await watch.verify(isFirst: false) == false)
            #expect(await server.keeper.isWhole(at: now), "as it was found the day before")
            #expect(await server.keeper.isWhole(at: now + 3 * Instant.day) == false, "too long ago")
        }
    }

    @Test("damage that went away is taken back by the running server, without a restart")
    func takenBack() async throws {
        try await watched { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.watch.run() }
                let keeper = server.keeper
                while await keeper.comparedAt == nil { await Task.yield() }
                try await server.town.platform.database.write {
                    try $0.execute("UPDATE audit_entry SET object = object || 'x' WHERE sequence = 1")
                }
                try await keeper.check(.whole)
                #expect(await keeper.damage?.problem == .misfiled(1))
                try await server.town.platform.database.write {
                    try $0.execute(
                        "UPDATE audit_entry SET object = substr(object, 1, length(object) - 1) WHERE sequence = 1"
                    )
                }
                #expect(await server.doubts()["log-whole"] == false)
                server.after(4 * Instant.minute)
                let limit = ContinuousClock.now + .seconds(20)
                while await keeper.damage != nil, ContinuousClock.now < limit { await Task.yield() }
                #expect(await keeper.damage == nil)
                #expect(await server.doubts() == [:])
                group.cancelAll()
            }
        }
    }
}
