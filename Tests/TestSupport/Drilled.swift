import Foundation
public import Storage
import StoragePostgres
import StorageSQLite

/// What a program of Scripts/drills tells this process to do: it starts a test as a process of its own and kills it.
public struct Drilled: Sendable {
    public let database: any Database
    private let environment: [String: String]

    /// Opens the drill's database, a file or `postgres://…`, in `SUBAN_DRILL_DATABASE`.
    /// - Returns: nil when no drill started this process.
    public init?() throws {
        environment = ProcessInfo.processInfo.environment
        guard let place = environment["SUBAN_DRILL_DATABASE"], !place.isEmpty else { return nil }
        database =
            place.hasPrefix("postgres")
            ? try PostgresDatabase(url: place, connectionsMax: 8) : try SQLiteDatabase(path: place)
    }

    /// `SUBAN_DRILL_<NAME>`.
    public func text(_ name: String) -> String? { environment["SUBAN_DRILL_\(name.uppercased())"] }

    public func number(_ name: String) -> Int? { text(name).flatMap(Int.init) }
}

/// How often something is tried: seldom among the tests, as often as trust.md says in the drills, which set
/// `SUBAN_DRILL=full`.
public func drilled(_ fast: Int, full: Int) -> Int {
    ProcessInfo.processInfo.environment["SUBAN_DRILL"] == "full" ? full : fast
}
