import Foundation
import StoragePostgres
public import Testing

/// Runs `body` with the address of a new and empty PostgreSQL database, for what needs more than a schema of its own, and
/// drops it afterwards. Without a server, see `postgresURL`.
public func withOwnDatabase(
    _ name: String,
    at location: SourceLocation = #_sourceLocation,
    _ body: (String) async throws -> Void
) async throws {
    guard let server = postgresURL(at: location) else { return }
    let administrator = try PostgresDatabase(url: server, connectionsMax: 1)
    let name = "\(name)_\(ProcessInfo.processInfo.processIdentifier)"
    try await administrator.createDatabase(name)
    var parts = URLComponents(string: server)
    parts?.path = "/\(name)"
    do { try await body(parts?.string ?? server) } catch {
        try? await administrator.dropDatabase(name)
        throw error
    }
    try await administrator.dropDatabase(name)
    await administrator.close()
}
