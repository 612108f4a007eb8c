import Audit
import Changes
import Jobs
import Kernel
import Storage
import StoragePostgres
import TestSupport
import Testing

let start = Instant(milliseconds: 1_795_238_000_000)
let everywhere = ChangeReach(region: "150000")

func occasion(at: Instant = start) -> Occasion {
    Occasion(now: at, actor: Actor(.staff, id: "s1", role: "registrar"), request: "r1")
}

/// The log, the outbox, the feed, and a counter whose row every change takes: what it says is the order of commits.
let migrations =
    AuditMigrations.all + JobsMigrations.all + ChangesMigrations.all + [
        Migration(
            "counter",
            1,
            "CREATE TABLE counter_row (name TEXT PRIMARY KEY, number BIGINT NOT NULL)",
            "INSERT INTO counter_row (name, number) VALUES ('all', 0)"
        )
    ]

extension Transaction {
    /// An act with its entry and its event, as engines write them.
    func change(
        _ name: String = "test.changed",
        object: String = "thing:1",
        payload: JSON = [:],
        region: String? = "150203",
        at: Instant = start
    ) throws {
        let occasion = occasion(at: at)
        let entry = try AuditLog.append(name, object: object, occasion: occasion, in: self)
        try Outbox.emit(
            name,
            object: object,
            payload: payload,
            feed: region.map { FeedPlace(entry.id, region: $0) },
            occasion: occasion,
            in: self
        )
    }

    /// Takes the counter's row.
    func count() throws -> Int64 {
        try number("UPDATE counter_row SET number = number + 1 WHERE name = 'all' RETURNING number")
    }
}

extension Database {
    /// What the keeper of the log does.
    func seal() async throws {
        let engine = engine
        while try await write({ try Sealer.sealPending(on: engine, in: $0) }) > 0 {}
    }

    func page(
        after: Int64? = nil,
        reach: ChangeReach = everywhere,
        countMax: Int = 100,
        lookMax: Int = 1_000
    ) async throws -> ChangePage {
        try await read {
            try ChangeFeed.page(
                after: after,
                reach: reach,
                countMax: countMax,
                lookMax: lookMax,
                in: $0
            )
        }
    }

    /// Everything after a cursor.
    func all(after: Int64? = nil, reach: ChangeReach = everywhere, countMax: Int = 7, lookMax: Int = 13)
        async throws -> [Change]
    {
        var (changes, cursor) = ([Change](), after)
        while true {
            let page = try await page(after: cursor, reach: reach, countMax: countMax, lookMax: lookMax)
            changes += page.changes
            cursor = page.next
            if page.next == page.latest { return changes }
        }
    }
}

/// Programs on one database: two on PostgreSQL, each with connections of its own; SQLite has one.
func withNodes(_ body: @Sendable ([any Database]) async throws -> Void) async throws {
    try await forEachEngine(migrations) { database in
        guard let first = database as? PostgresDatabase else {
            database.atEndOfGroup { tx in try Sealer.sealPending(on: .sqlite, in: tx) }
            return try await body([database])
        }
        guard let url = postgresURL() else { return }
        let second = try PostgresDatabase(url: url, schema: first.schema, connectionsMax: 4)
        do { try await body([first, second]) } catch {
            await second.close()
            throw error
        }
        await second.close()
    }
}
