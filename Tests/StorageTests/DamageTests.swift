import Foundation
import Storage
import StorageSQLite
import TestSupport
import Testing

/// A database whose own file contradicts itself is told apart from one that is only out of reach.
@Suite("a damaged database")
struct DamageTests {
    private func error(_ work: () async throws -> Void) async -> StorageError? {
        do {
            try await work()
            return nil
        } catch { return error as? StorageError }
    }

    private func isDamaged(_ error: StorageError?) -> Bool {
        if case .damaged = error { true } else { false }
    }

    @Test("SQLite: a file that is none, and a page that is no part of its tree")
    func sqlite() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/words.db"
            try Data(repeating: 65, count: 8_192).write(to: URL(fileURLWithPath: path))
            let none = await error { _ = try SQLiteDatabase(path: path) }
            #expect(isDamaged(none), "\(String(describing: none))")
            let other = "\(folder)/page.db"
            let new = try SQLiteDatabase(path: other)
            try await new.migrate(shopMigrations)
            await new.close()
            try await tear("shop_thing", in: other)
            let torn = try SQLiteDatabase(path: other)
            let page = await error { _ = try await torn.read { try $0.query("SELECT * FROM shop_thing") } }
            #expect(isDamaged(page), "\(String(describing: page))")
            await torn.close()
        }
    }

    @Test("PostgreSQL: a page and an index that the server calls damaged")
    func postgres() async throws {
        try await withDatabase(.postgres, shopMigrations) { database in
            for statement in [
                "DO $$ BEGIN RAISE EXCEPTION 'torn' USING ERRCODE = 'XX001'; END $$",
                "DO $$ BEGIN RAISE EXCEPTION 'torn' USING ERRCODE = 'XX002'; END $$",
            ] as [StaticString] {
                let told = await error { try await database.write { _ = try $0.execute(statement) } }
                #expect(isDamaged(told), "\(String(describing: told))")
            }
        }
    }
}
