import Foundation
import Kernel
import Storage
import StoragePostgres
import TestSupport
import Testing

@Suite("PostgreSQL with several nodes and servers", .timeLimit(.minutes(5)))
struct NodesTests {
    @Test("what one node commits wakes the other, also after its connection was ended")
    func rings() async throws {
        guard let url = postgresURL() else { return }
        try await withDatabase(.postgres, shopMigrations) { one in
            guard let schema = (one as? PostgresDatabase)?.schema else { return }
            let other = try PostgresDatabase(url: url, schema: schema, connectionsMax: 1)
            var heard = other.rings().makeAsyncIterator()
            // The first is of its own connection: it may have missed something before it listened.
            await heard.next()
            for round in 0..<2 {
                try await one.write { tx in
                    try addThing("t\(round)", in: tx)
                    tx.ring()
                }
                await heard.next()
                #expect(try await other.read { try things(in: $0) }.count == round + 1)
                guard round == 0 else { continue }
                try await one.read { reader in
                    _ = try reader.query(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE query LIKE $1 AND pid <> pg_backend_pid()
                        """,
                        "LISTEN%\(schema)%"
                    )
                }
                await heard.next()
            }
            await other.close()
        }
    }

    @Test(
        "a replica answers lists, never without the reader's own writes, and never when it is too far behind"
    )
    func replica() async throws {
        try await withTemporaryFolder { folder in
            let primary = try PostgresServer(folder: "\(folder)/primary")
            defer { primary.stop() }
            let replica = try PostgresServer(replicaOf: primary, folder: "\(folder)/replica")
            defer { replica.stop() }
            var settings = PostgresSettings()
            // So far behind that only the reader's own place decides here.
            settings.replicaLagMilliseconds = 600_000
            let database = try PostgresDatabase(
                url: primary.url,
                connectionsMax: 2,
                replicaURL: replica.url,
                settings: settings
            )
            try await database.migrate(shopMigrations)
            let standby = try PostgresDatabase(url: replica.url, connectionsMax: 1)
            let writer = ReaderTrail()
            try await ReaderTrail.$current.withValue(writer) {
                try await database.write { try addThing("before", in: $0) }
            }
            let place = try #require(writer.newPlace)
            try await replayed(place, standby)
            // Asked to write, as for a moment while another server begins to lead, it is as good as away.
            await #expect {
                try await standby.write { try $0.execute("DELETE FROM shop_thing") }
            } throws: { error in
                if case StorageError.unavailable = error { true } else { false }
            }
            #expect(try await answered(database, place) == Answered(byReplica: true, things: ["before"]))

            // What is written while nothing is replayed is there for its writer, and not yet for others.
            try await command(standby) { _ = try $0.query("SELECT pg_wal_replay_pause()") }
            let own = ReaderTrail(place: place)
            try await ReaderTrail.$current.withValue(own) {
                try await database.write { try addThing("own", in: $0) }
            }
            let ownPlace = try #require(own.newPlace)
            #expect(
                try await answered(database, ownPlace)
                    == Answered(byReplica: false, things: ["before", "own"])
            )
            #expect(try await answered(database, nil) == Answered(byReplica: true, things: ["before"]))
            #expect(
                try await database.browse { try things(in: $0) } == ["before", "own"],
                "no trail, no replica"
            )

            // Where next to no lag is allowed, a standing replica is not asked at all.
            settings.replicaLagMilliseconds = 1
            let strict = try PostgresDatabase(
                url: primary.url,
                connectionsMax: 2,
                replicaURL: replica.url,
                settings: settings
            )
            #expect(try await answered(strict, nil) == Answered(byReplica: false, things: ["before", "own"]))

            try await command(standby) { _ = try $0.query("SELECT pg_wal_replay_resume()") }
            try await replayed(ownPlace, standby)
            #expect(
                try await answered(database, ownPlace)
                    == Answered(byReplica: true, things: ["before", "own"])
            )

            // A replica that is gone costs nobody an answer.
            replica.kill()
            #expect(
                try await answered(database, nil) == Answered(byReplica: false, things: ["before", "own"])
            )
            for database in [database, standby, strict] { await database.close() }
        }
    }

    private struct Answered: Equatable {
        let byReplica: Bool
        let things: [String]
    }

    private func answered(_ database: PostgresDatabase, _ place: UInt64?) async throws -> Answered {
        try await ReaderTrail.$current.withValue(ReaderTrail(place: place)) {
            try await database.browse { reader in
                Answered(
                    byReplica: try reader.number("SELECT CASE WHEN pg_is_in_recovery() THEN 1 ELSE 0 END")
                        == 1,
                    things: try reader.query("SELECT id FROM shop_thing ORDER BY id").map { try $0.text(0) }
                )
            }
        }
    }

    private func command(
        _ database: PostgresDatabase,
        _ work: @escaping @Sendable (any Reader) throws -> Void
    )
        async throws
    {
        try await database.read(work)
    }

    private func replayed(_ place: UInt64, _ standby: PostgresDatabase) async throws {
        for _ in 0..<100_000 {
            let there = try await standby.read { reader in
                try reader.number("SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')")
            }
            if UInt64(there) >= place { return }
        }
        Issue.record("the replica does not follow")
    }
}
