import Storage
import StorageSQLite
import TestSupport
import Testing

@Suite("a file of SQLite: opened again, backed up, read for long, or not there")
struct SQLiteFileTests {
    @Test("what was answered is there when the file is opened again")
    func reopened() async throws {
        try await withTemporaryFolder { folder in
            for round in 0..<3 {
                let database = try SQLiteDatabase(path: "\(folder)/test.db")
                try await database.migrate(shopMigrations)
                #expect(try await database.read { try things(in: $0) }.count == round)
                try await database.write { try addThing("t\(round)", in: $0) }
                await database.close()
            }
        }
    }

    @Test("a backup is one snapshot in a new file, and never replaces a file")
    func backup() async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteDatabase(path: "\(folder)/test.db")
            try await database.migrate(shopMigrations)
            try await database.write { try addThing("a", in: $0) }
            try await database.backup(to: "\(folder)/copy.db")
            try await database.write { try addThing("b", in: $0) }
            await #expect(
                throws: StorageError.unavailable("\(folder)/copy.db is there already; name a new file")
            ) {
                try await database.backup(to: "\(folder)/copy.db")
            }
            await database.close()
            let copy = try SQLiteDatabase(path: "\(folder)/copy.db")
            try await copy.migrate(shopMigrations)
            #expect(try await copy.read { try things(in: $0) } == ["a"])
            await copy.close()
        }
    }

    @Test("a read that turns out long leaves the caller's thread and still answers")
    func longRead() async throws {
        var settings = SQLiteSettings()
        settings.inlineThousandsOfSteps = 2
        try await withShop(settings) { database in
            let runs = Heard()
            let count = try await database.read { reader in
                runs.note("run")
                return try reader.number(
                    """
                    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
                    SELECT COUNT(*) FROM n
                    """
                )
            }
            #expect(count == 20_000)
            #expect(runs.all == ["run", "run"])
        }
    }

    @Test(
        "what is no database, or lies nowhere, is told in one line",
        arguments: ["/nowhere/x.db", "/dev/null/x"]
    )
    func wrongPath(path: String) {
        #expect(throws: StorageError.self) { try SQLiteDatabase(path: path) }
    }
}
