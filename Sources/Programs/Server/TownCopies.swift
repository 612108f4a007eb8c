import Foundation
public import Kernel
import Simulators
public import Standards
import Storage
import StoragePostgres
import StorageSQLite
import Synchronization

/// Towns by the dozen: for each beginning one is opened and closed again, and all others are copies of its folder and
/// its database, so that reference data are read and systems published once. For scenarios and tests.
///
/// Copies hold the keys of their original and keep nothing through a fall of the machine.
public final class TownCopies: Sendable {
    public let standards: Standards
    private let home: Home
    private let postgresURL: String?
    private let configure: @Sendable (inout PlatformSettings) -> Void
    private let prepare: @Sendable (DemoTown) async throws -> Void
    private let facts: [String: [JSON]]
    private let folder: String
    private let shared = SharedReadings()
    private let originals = Memo<Instant, Original>()
    private let number = Mutex(0)

    private struct Original {
        let folder: String
        /// On PostgreSQL.
        let database: String?
    }

    /// The original's own chance, so that its identifiers are not those of its copies.
    private static let seed: UInt64 = 77

    /// - Parameters:
    ///   - postgresURL: nil for SQLite; with it every town has a database of its own on that server, whose user must
    ///     be allowed to make databases.
    ///   - configure: changes the settings with which every town is opened.
    ///   - prepare: what is done in the original before anything is copied.
    public init(
        home: Home,
        postgresURL: String? = nil,
        configure: @escaping @Sendable (inout PlatformSettings) -> Void = { _ in },
        prepare: @escaping @Sendable (DemoTown) async throws -> Void = { _ in }
    ) throws {
        self.home = home
        self.postgresURL = postgresURL
        self.configure = configure
        self.prepare = prepare
        facts = try SimulatedTown.facts(home: home)
        standards = try Standards(home: home)
        folder =
            FileManager.default.temporaryDirectory.appendingPathComponent("suban-towns-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// Removes the originals; towns that are still open have to be closed before.
    public func close() async {
        for original in await originals.made {
            if let name = original.database { await drop(name) }
        }
        removeFolder()
    }

    /// Removes what lies in files, at the very end of a program.
    public func removeFolder() { try? FileManager.default.removeItem(atPath: folder) }

    /// Opens a town at `start`.
    /// - Parameters:
    ///   - origin: when the original was opened; at `start` too when nil. Towns of one day may share one.
    ///   - systems: changed folders to publish after those under `home`, by id.
    public func open(
        at start: Instant,
        origin: Instant? = nil,
        seed: UInt64 = 1,
        systems: [String: [String: [UInt8]]]? = nil
    ) async throws -> TownCopy {
        let moment = origin ?? start
        let original = try await originals.value(moment) { try await self.makeOriginal(moment) }
        let number = nextNumber()
        let own = "\(folder)/\(number)"
        try FileManager.default.copyItem(atPath: original.folder, toPath: own)
        let (database, name) = try await copy(of: original, number: number, folder: own)
        let remove: @Sendable () async -> Void = {
            if let name { await self.drop(name) }
            try? FileManager.default.removeItem(atPath: own)
        }
        do {
            let town = try await town(at: start, folder: own, seed: seed, database: database) {
                $0.systems = systems
                $0.isPrepared = true
            }
            return TownCopy(town: town, folder: own, remove: remove)
        } catch {
            await database.close()
            await remove()
            throw error
        }
    }

    private func copy(
        of original: Original,
        number: Int,
        folder: String
    ) async throws -> (database: any Database, name: String?) {
        guard let postgresURL, let source = original.database else { return (try Self.fast(folder), nil) }
        let name = databaseName(number)
        try await administer(postgresURL) { try await $0.createDatabase(name, template: source) }
        return (
            try PostgresDatabase(url: Self.url(postgresURL, database: name), connectionsMax: 4), name
        )
    }

    private func town(
        at start: Instant,
        folder: String,
        seed: UInt64,
        database: any Database,
        further: (inout PlatformSettings) -> Void = { _ in }
    ) async throws -> DemoTown {
        try await DemoTown(home: home, folder: folder, at: start, seed: seed, facts: facts) { settings in
            settings.database = database
            settings.standards = standards
            settings.shared = shared
            configure(&settings)
            further(&settings)
        }
    }

    // MARK: originals

    private func makeOriginal(_ moment: Instant) async throws -> Original {
        let number = nextNumber()
        let place = "\(folder)/\(number)"
        var name: String?
        let database: any Database
        if let postgresURL {
            let own = databaseName(number)
            try await administer(postgresURL) { try await $0.createDatabase(own) }
            database = try PostgresDatabase(url: Self.url(postgresURL, database: own), connectionsMax: 4)
            name = own
        } else {
            database = try Self.fast(place)
        }
        do {
            try await prepare(town(at: moment, folder: place, seed: Self.seed, database: database))
        } catch {
            await database.close()
            throw error
        }
        await database.close()
        return Original(folder: place, database: name)
    }

    private func nextNumber() -> Int {
        number.withLock { number in
            number += 1
            return number
        }
    }

    // MARK: databases

    private func databaseName(_ number: Int) -> String {
        "town_\(folder.suffix(12).lowercased())_\(number)"
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
    private static func url(_ url: String, database: String) -> String {
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
}

/// One town with a folder and a database of its own.
public struct TownCopy: Sendable {
    public let town: DemoTown
    public let folder: String
    fileprivate let remove: @Sendable () async -> Void

    /// Ends the town and takes away what it kept.
    public func close() async {
        await town.platform.database.close()
        await remove()
    }
}
