import Audit
import Catalogue
import Foundation
import Identity
import Kernel
import Logging
import Server
import Storage
import StoragePostgres
import TestSupport
import Testing

/// Several nodes of the platform on one PostgreSQL database and one folder of keys.
@Suite("several nodes", .serialized)
struct NodesTests {
    @Test("nodes that start at once on an empty database write everything once, and none fails")
    func together() async throws {
        guard let server = postgresURL() else { return }
        let name = "nodes_\(ProcessInfo.processInfo.processIdentifier)"
        let administrator = try PostgresDatabase(url: server, connectionsMax: 1)
        try await administrator.createDatabase(name)
        do {
            try await withTemporaryFolder { folder in
                var parts = try #require(URLComponents(string: server))
                parts.path = "/\(name)"
                var settings = PlatformSettings(home: try Home.find(), folder: folder)
                settings.databaseURL = parts.string
                settings.isDemonstration = true
                try await start(settings, count: 4)
            }
        } catch {
            Issue.record("\(error)")
        }
        try await administrator.dropDatabase(name)
        await administrator.close()
    }

    private func start(_ settings: PlatformSettings, count: Int) async throws {
        let platforms = try await withThrowingTaskGroup(of: Platform.self) { group in
            for _ in 0..<count {
                group.addTask {
                    let platform = try await Platform.open(settings)
                    _ = try await HTTPServer(platform: platform, port: 0, logger: Logger(label: "nodes"))
                    return platform
                }
            }
            return try await group.reduce(into: [Platform]()) { $0.append($1) }
        }
        let first = try #require(platforms.first)
        let accounts = try DemoAccounts.read(home: settings.home).count
        let (opened, versions, systems, turns) = try await first.database.read { reader in
            (
                try reader.number("SELECT COUNT(*) FROM identity_account"),
                try reader.number("SELECT COUNT(*) FROM catalogue_version"),
                try reader.number("SELECT COUNT(DISTINCT system) FROM catalogue_version"),
                try reader.number("SELECT COUNT(*) FROM installation_turn")
            )
        }
        #expect(opened == Int64(accounts))
        #expect(versions == systems && systems > 0)
        #expect(turns == 0, "nobody keeps the turn")
        #expect(Set(platforms.map(\.keeper.log)).count == 1)
        for platform in platforms { await platform.database.close() }
    }
}
