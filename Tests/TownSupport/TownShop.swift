import Foundation
import Kernel
public import Server
public import Storage
import Synchronization
import TestSupport
public import Testing

/// Where tests get their towns: on each engine one is opened for a beginning, the others are copies of it.
///
/// Every copy is a whole platform with a folder and a database of its own. That a platform opens on an empty database
/// is what `JourneysTests` shows.
public final class TownShop: Sendable {
    /// Towns as they are after the first start.
    public static let plain = TownShop()

    private let configure: @Sendable (inout PlatformSettings) -> Void
    private let prepare: @Sendable (DemoTown) async throws -> Void
    private let copies = Mutex<[DatabaseEngine: TownCopies]>([:])
    private static let made = Mutex<[TownCopies]>([])
    private static let tidied: Void = {
        // Databases of a temporary server go with it.
        atexit { TownShop.made.withLock { $0.forEach { $0.removeFolder() } } }
    }()

    /// - Parameters:
    ///   - configure: changes the settings with which every town is opened.
    ///   - prepare: what is done in the original, such as opening accounts.
    public init(
        configure: @escaping @Sendable (inout PlatformSettings) -> Void = { _ in },
        prepare: @escaping @Sendable (DemoTown) async throws -> Void = { _ in }
    ) {
        self.configure = configure
        self.prepare = prepare
    }

    /// Runs `body` in a new town on each engine. A missing PostgreSQL server is a failed test.
    public func onEachEngine(
        at start: String = "2026-03-02 10:00",
        seed: UInt64 = 1,
        location: SourceLocation = #_sourceLocation,
        _ body: @Sendable (TownCopy) async throws -> Void
    ) async throws {
        for engine in DatabaseEngine.allCases {
            do {
                try await on(engine, at: start, seed: seed, location: location, body)
            } catch {
                Issue.record("on \(engine.rawValue): \(error)", sourceLocation: location)
            }
        }
    }

    /// Runs `body` in a new town on one engine, which is taken away afterwards.
    public func on(
        _ engine: DatabaseEngine,
        at start: String = "2026-03-02 10:00",
        seed: UInt64 = 1,
        location: SourceLocation = #_sourceLocation,
        _ body: (TownCopy) async throws -> Void
    ) async throws {
        guard let start = Instant(parsing: start) else { throw CancellationError() }
        guard let copies = try copies(on: engine, at: location) else { return }
        let copy = try await copies.open(at: start, seed: seed)
        do { try await body(copy) } catch {
            await copy.close()
            throw error
        }
        await copy.close()
    }

    private func copies(on engine: DatabaseEngine, at location: SourceLocation) throws -> TownCopies? {
        var url: String?
        if engine == .postgres {
            guard let found = postgresURL(at: location) else { return nil }
            url = found
        }
        return try copies.withLock { known in
            if let copies = known[engine] { return copies }
            let copies = try TownCopies(
                home: Home.find(),
                postgresURL: url,
                configure: configure,
                prepare: prepare
            )
            known[engine] = copies
            _ = Self.tidied
            Self.made.withLock { $0.append(copies) }
            return copies
        }
    }
}
