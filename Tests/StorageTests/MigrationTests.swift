import Storage
import StoragePostgres
import TestSupport
import Testing

@Suite("migrations")
struct MigrationTests {
    static let first = Migration("shop", 1, "CREATE TABLE shop_a (id TEXT PRIMARY KEY, bytes BLOB)")
    static let second = Migration("shop", 2, "ALTER TABLE shop_a ADD COLUMN name TEXT")
    static let third = Migration("shop", 3, "CREATE TABLE shop_b (id TEXT PRIMARY KEY)")

    @Test("are applied once and in order, also in pieces")
    func applied() async throws {
        try await forEachEngine { database in
            try await database.migrate([Self.first])
            try await database.migrate([Self.first, Self.second])
            try await database.migrate([Self.first, Self.second, Self.third])
            try await database.migrate([Migration("other", 1, "CREATE TABLE other_a (id TEXT PRIMARY KEY)")])
            try await database.migrate([Self.first, Self.second, Self.third])
            let count = try await database.read { try $0.number("SELECT COUNT(*) FROM suban_migration") }
            #expect(count == 4)
            try await database.write { tx in
                try tx.execute(
                    "INSERT INTO shop_a (id, name, bytes) VALUES ('a', 'b', $1)",
                    [1, 2] as [UInt8]
                )
            }
        }
    }

    @Test("one that was edited after it had been applied is refused, in one line")
    func edited() async throws {
        try await forEachEngine { database in
            try await database.migrate([Self.first])
            let edited = Migration("shop", 1, "CREATE TABLE shop_a (id TEXT PRIMARY KEY, bytes TEXT)")
            let refusal = await #expect(throws: StorageError.self) { try await database.migrate([edited]) }
            guard case .schema(let line) = refusal else {
                Issue.record("not a refusal of the schema: \(String(describing: refusal))")
                return
            }
            #expect(line.contains("migration 1 of shop was changed") && !line.contains("\n"))
        }
    }

    @Test("a database that is newer than the program is refused")
    func newer() async throws {
        try await forEachEngine { database in
            try await database.migrate([Self.first, Self.second])
            let refusal = await #expect(throws: StorageError.self) {
                try await database.migrate([Self.first])
            }
            guard case .schema(let line) = refusal else {
                Issue.record("not a refusal of the schema: \(String(describing: refusal))")
                return
            }
            #expect(line.contains("has migration 2 of shop, this program knows 1"))
        }
    }

    @Test("a program starts on a newer database when all that is new is additive, and on no other")
    func additive() async throws {
        let added = Migration.additive("shop", 2, "ALTER TABLE shop_a ADD COLUMN name TEXT")
        let breaking = Migration("shop", 3, "ALTER TABLE shop_a DROP COLUMN bytes")
        try await forEachEngine { database in
            try await database.migrate([Self.first, added])
            try await database.migrate([Self.first])
            try await database.write { tx in
                try tx.execute("INSERT INTO shop_a (id, bytes) VALUES ('a', $1)", [1] as [UInt8])
            }
            // Nothing is applied twice, whoever comes first.
            try await database.migrate([Self.first, added])
            try await database.migrate([Self.first, added, breaking])
            let refusal = await #expect(throws: StorageError.self) {
                try await database.migrate([Self.first, added])
            }
            guard case .schema(let line) = refusal else {
                Issue.record("not a refusal of the schema: \(String(describing: refusal))")
                return
            }
            #expect(line.contains("has migration 3 of shop, this program knows 2"))
        }
    }

    @Test("an additive one that was edited after it had been applied is refused too")
    func editedAdditive() async throws {
        try await forEachEngine { database in
            try await database.migrate([
                .additive("shop", 1, "CREATE TABLE shop_a (id TEXT PRIMARY KEY)")
            ])
            await #expect(throws: StorageError.self) {
                try await database.migrate([
                    .additive("shop", 1, "CREATE TABLE shop_a (id TEXT PRIMARY KEY, bytes TEXT)")
                ])
            }
        }
    }

    @Test("a gap in the numbers is refused")
    func gap() async throws {
        try await forEachEngine { database in
            await #expect(throws: StorageError.schema("migration 3 of shop does not follow 1")) {
                try await database.migrate([Self.first, Self.third])
            }
        }
    }

    @Test("one that fails leaves nothing of itself")
    func failing() async throws {
        try await forEachEngine { database in
            let bad = Migration(
                "shop",
                2,
                "CREATE TABLE shop_c (id TEXT PRIMARY KEY)",
                "CREATE TABLE shop_a (id TEXT PRIMARY KEY)"
            )
            await #expect(throws: StorageError.self) { try await database.migrate([Self.first, bad]) }
            try await database.migrate([Self.first, Self.second, Self.third])
            await #expect(throws: StorageError.self) {
                try await database.read { try $0.query("SELECT * FROM shop_c") }
            }
        }
    }

    @Test("several nodes that start at once apply each only once")
    func together() async throws {
        try await forEachEngine { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask { try await database.migrate([Self.first, Self.second, Self.third]) }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("one that takes longer than a statement may is let end")
    func slow() async throws {
        try await withDatabase(.postgres) { base in
            var settings = PostgresSettings()
            settings.statementMilliseconds = 100
            let schema = try #require((base as? PostgresDatabase)?.schema)
            let database = try PostgresDatabase(
                url: try #require(postgresURL()),
                schema: schema,
                settings: settings
            )
            let slow = Migration(
                "shop",
                1,
                "CREATE TABLE shop_a AS SELECT 1 AS id WHERE pg_sleep(0.3) IS NOT NULL"
            )
            try await database.migrate([slow])
            await #expect(throws: StorageError.self) {
                try await database.read { try $0.query("SELECT 1 WHERE pg_sleep(0.3) IS NOT NULL") }
            }
            await database.close()
        }
    }
}
