import Foundation
import Server
import Storage

/// A town in a folder of its own, closed and taken away afterwards.
func withPageTown(_ body: (PageTown) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let town = try await PageTown(folder: folder)
    try await body(town)
    await town.platform.database.close()
}
