import Foundation
import Kernel
import Server
import Storage
import StorageSQLite
import TestSupport
import Testing

/// A town on each engine with an operator at its command line.
func eachMaintained(_ body: @Sendable (DemoTown, Maintenance, String) async throws -> Void) async throws {
    try await forEachEngine { database in
        try await withTemporaryFolder { folder in
            let start = try #require(Instant(parsing: "2026-03-02 10:00"))
            let town = try await DemoTown(home: Home.find(), folder: folder, at: start) {
                $0.database = database
            }
            try await body(
                town,
                try await Maintenance(
                    town.platform.settings,
                    by: Operator(user: "root", account: "zhangsan")
                ),
                folder
            )
        }
    }
}
