import Foundation
import Kernel
import Server
import Simulators
import Standards
import Storage
import StoragePostgres
import StorageSQLite
import Synchronization

/// Opens a platform for each scenario, as a copy of one that was made for its day.
final class ScenarioTowns: Sendable {
    private let home: Home
    private let standards: Standards
    private let postgresURL: String?
    private let facts: [String: [JSON]]
    private let folder: String
    private let shared = SharedReadings()
    private let templates = Memo<LocalDate, Template>()
    private let number = Mutex(0)

    /// A platform that was opened and closed again before any scenario: reference data and systems are loaded.
    private struct Template {
        let folder: String
        /// On PostgreSQL.
        let database: String?
    }

    init(home: Home, standards: Standards, postgresURL: String?) throws {
        self.home = home
        self.standards = standards
        self.postgresURL = postgresURL
        facts = try SimulatedTown.facts(home: home)
        folder =
            FileManager.default.temporaryDirectory.appendingPathComponent(
                "suban-scenarios-\(UUID().uuidString)"
            ).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// Removes the databases of this run.
    func close() async {
        for template in await templates.made {
            if let name = template.database { await drop(name) }
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Opens a platform at `start`, as a copy of the one that was made for that day.
    func open(
        at start: Instant,
        systems: [String: [String: [UInt8]]]?
    ) async throws -> (DemoTown, @Sendable () async -> Void) {
        let template = try await template(of: start.date)
        let number = nextNumber()
        let own = "\(folder)/\(number)"
        try FileManager.default.copyItem(atPath: template.folder, toPath: own)
        guard let postgresURL, let original = template.database else {
            let opened = try await town(at: start, folder: own, systems: systems, database: Self.fast(own))
            return (opened, { try? FileManager.default.removeItem(atPath: own) })
        }
        let name = databaseName(number)
        try await administer(postgresURL) { try await $0.createDatabase(name, template: original) }
        let database = try PostgresDatabase(url: Self.url(postgresURL, database: name), connectionsMax: 4)
        let opened = try await town(at: start, folder: own, systems: systems, database: database)
        return (
            opened,
            {
                await self.drop(name)
                try? FileManager.default.removeItem(atPath: own)
            }
        )
    }

    private func nextNumber() -> Int {
        number.withLock { number in
            number += 1
            return number
        }
    }

    private func databaseName(_ number: Int) -> String {
        "scenario_\(ProcessInfo.processInfo.processIdentifier)_\(number)"
    }

    private func template(of day: LocalDate) async throws -> Template {
        try await templates.value(day) { try await self.makeTemplate(day) }
    }

    private func makeTemplate(_ day: LocalDate) async throws -> Template {
        let place = "\(folder)/template-\(day)"
        var name: String?
        let database: any Database
        if let postgresURL {
            let own = databaseName(nextNumber())
            try await administer(postgresURL) { try await $0.createDatabase(own) }
            database = try PostgresDatabase(url: Self.url(postgresURL, database: own), connectionsMax: 4)
            name = own
        } else {
            database = try Self.fast(place)
        }
        let first = try await town(
            at: Instant(day),
            folder: place,
            systems: nil,
            database: database,
            isTemplate: true
        )
        await first.platform.database.close()
        return Template(folder: place, database: name)
    }

    private func administer(
        _ url: String,
        _ work: (PostgresDatabase) async throws -> Void
    ) async throws {
        let server = try PostgresDatabase(url: url, connectionsMax: 1)
        do {
            try await work(server)
            await server.close()
        } catch {
            await server.close()
            throw error
        }
    }

    /// A database of this run is of no more use; one that stays behind is in nobody's way.
    private func drop(_ name: String) async {
        guard let postgresURL else { return }
        try? await administer(postgresURL) { try await $0.dropDatabase(name) }
    }

    /// The same server and user, another database.
    static func url(_ url: String, database: String) -> String {
        guard var parts = URLComponents(string: url) else { return url }
        parts.path = "/\(database)"
        return parts.string ?? url
    }

    private static func fast(_ folder: String) throws -> SQLiteDatabase {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var settings = SQLiteSettings()
        settings.isDurable = false
        return try SQLiteDatabase(path: "\(folder)/suban.sqlite", settings: settings)
    }

    private func town(
        at start: Instant,
        folder: String,
        systems: [String: [String: [UInt8]]]?,
        database: any Database,
        isTemplate: Bool = false
    ) async throws -> DemoTown {
        let standards = standards
        let shared = shared
        return try await DemoTown(home: home, folder: folder, at: start, seed: 1, facts: facts) { settings in
            settings.database = database
            settings.standards = standards
            settings.systems = systems
            settings.shared = shared
            settings.isPrepared = !isTemplate
        }
    }
}
