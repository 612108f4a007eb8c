import Audit
import Foundation
import Kernel
import Server
import Storage
import StoragePostgres
import StorageSQLite
import TestSupport
import Testing

/// An installation as the commands of the program find it: a folder, and a database of its own.
struct Installed: Sendable {
    let folder: String
    /// Names the database to a program that is started.
    let environment: [String: String]
    let settings: PlatformSettings
    /// Beside whatever the program does.
    let database: any Database

    /// Runs `body` with one on each engine that was served once.
    /// - Parameter opened: whether a company was opened in it.
    static func onEachEngine(
        withCompany opened: Bool = false,
        _ body: (Installed) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteDatabase(path: "\(folder)/suban.sqlite")
            try await serve(folder, nil, database, opened, body)
            await database.close()
        }
        guard let server = postgresURL() else { return }
        let administrator = try PostgresDatabase(url: server, connectionsMax: 1)
        let name = "installed_\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        try await administrator.createDatabase(name)
        var parts = URLComponents(string: server)
        parts?.path = "/\(name)"
        let url = parts?.string ?? server
        do {
            try await withTemporaryFolder { folder in
                let database = try PostgresDatabase(url: url, connectionsMax: 2)
                try await serve(folder, url, database, opened, body)
                await database.close()
            }
        } catch {
            try await administrator.dropDatabase(name)
            await administrator.close()
            throw error
        }
        try await administrator.dropDatabase(name)
        await administrator.close()
    }

    private static func serve(
        _ folder: String,
        _ url: String?,
        _ database: any Database,
        _ opened: Bool,
        _ body: (Installed) async throws -> Void
    ) async throws {
        let home = try Home.find()
        let town = try await DemoTown(home: home, folder: folder, at: SystemClock().now + -3 * Instant.day) {
            $0.database = database
        }
        if opened {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: home.resource("demo/llc.json")))
            try await DemoJourney(town: town, say: { _ in }).openCompany(
                JSON.read(Array(bytes)),
                into: "\(folder)/out"
            )
        }
        // A server signs its first entries within moments.
        try await town.platform.keeper.round()
        var settings = PlatformSettings(home: home, folder: folder)
        settings.databaseURL = url
        try await body(
            Installed(
                folder: folder,
                environment: ["DATABASE_URL": url ?? ""],
                settings: settings,
                database: database
            )
        )
    }
}
