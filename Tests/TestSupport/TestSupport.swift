import Foundation
public import Storage
import StoragePostgres
import StorageSQLite
import Synchronization
public import Testing

/// Runs `body` once on each engine, each time on a new and empty database with `migrations` applied.
///
/// SQLite lies in a temporary folder. PostgreSQL is the server named by `SUBAN_TEST_POSTGRES`; each database is a
/// schema of its own there. A missing server is a failed test, unless `SUBAN_SQLITE_ONLY=1` says that this is meant.
public func forEachEngine(
    _ migrations: [Migration] = [],
    at location: SourceLocation = #_sourceLocation,
    _ body: @Sendable (any Database) async throws -> Void
) async throws {
    for engine in DatabaseEngine.allCases {
        do {
            try await withDatabase(engine, migrations, at: location, body)
        } catch {
            Issue.record("on \(engine.rawValue): \(error)", sourceLocation: location)
        }
    }
}

/// Runs `body` on a new and empty database of one engine, which is removed afterwards.
public func withDatabase(
    _ engine: DatabaseEngine,
    _ migrations: [Migration] = [],
    at location: SourceLocation = #_sourceLocation,
    _ body: @Sendable (any Database) async throws -> Void
) async throws {
    switch engine {
    case .sqlite:
        try await withTemporaryFolder { folder in
            try await run(try SQLiteDatabase(path: "\(folder)/test.db"), migrations, body)
        }
    case .postgres:
        guard let url = postgresURL(at: location) else { return }
        let database = try PostgresDatabase(url: url, schema: newSchemaName(), connectionsMax: 4)
        do {
            try await database.createSchema()
            try await run(database, migrations, body)
        } catch {
            try? await dropSchema(of: database, url: url)
            throw error
        }
        try await dropSchema(of: database, url: url)
    }
}

/// The server for tests, or nil with the issue recorded.
public func postgresURL(at location: SourceLocation = #_sourceLocation) -> String? {
    let environment = ProcessInfo.processInfo.environment
    if let url = environment["SUBAN_TEST_POSTGRES"], !url.isEmpty { return url }
    if environment["SUBAN_SQLITE_ONLY"] != "1" {
        Issue.record(
            "No PostgreSQL: run the tests with Scripts/with-postgres, or set SUBAN_SQLITE_ONLY=1 to do without.",
            sourceLocation: location
        )
    }
    return nil
}

/// A new folder that is removed after `body`.
public func withTemporaryFolder<Answer>(_ body: (String) async throws -> Answer) async throws -> Answer {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("suban-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.path)
}

private let schemas = Mutex(0)

private func newSchemaName() -> String {
    let number = schemas.withLock { number in
        number += 1
        return number
    }
    return "test_\(ProcessInfo.processInfo.processIdentifier)_\(number)"
}

private func run(
    _ database: any Database,
    _ migrations: [Migration],
    _ body: @Sendable (any Database) async throws -> Void
) async throws {
    do {
        try await database.migrate(migrations)
        try await body(database)
    } catch {
        await database.close()
        throw error
    }
    await database.close()
}

private func dropSchema(of database: PostgresDatabase, url: String) async throws {
    guard let schema = database.schema else { return }
    let cleaner = try PostgresDatabase(url: url, schema: schema, connectionsMax: 1)
    try await cleaner.dropSchema()
    await cleaner.close()
}

/// Writes letters over the page where a table of an SQLite file begins, as a disk does that fails. Nobody may have the
/// file open.
public func tear(_ table: String, in path: String) async throws {
    // Whoever closes it last without having written leaves nothing beside the file.
    let database = try SQLiteDatabase(path: path)
    let (root, bytes) = try await database.read { reader in
        (
            try reader.number("SELECT rootpage FROM sqlite_master WHERE name = $1", table),
            try reader.number("PRAGMA page_size")
        )
    }
    await database.close()
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    try file.seek(toOffset: UInt64((root - 1) * bytes))
    try file.write(contentsOf: Data(repeating: 65, count: Int(bytes)))
    try file.close()
}
