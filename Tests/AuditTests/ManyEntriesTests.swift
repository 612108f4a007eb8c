import Audit
import Foundation
import Kernel
import Storage
import StorageSQLite
import Synchronization
import TestSupport
import Testing

/// How much a verification of the whole log reads (trust T3): among the tests by counts, in the drill a million entries
/// within a minute, too.
@Suite("a log of many entries")
struct ManyEntriesTests {
    @Test("verification reads each entry once, in pages, and names the first bad one")
    func verified() async throws {
        let count = drilled(9_000, full: 1_000_000)
        try await withTemporaryFolder { folder in
            let database = try SQLiteDatabase(path: "\(folder)/log.sqlite")
            try await database.migrate(AuditMigrations.all)
            let mirror = HeadMirror(path: "\(folder)/heads")
            let keeper = try keeper(of: database, mirror: mirror)
            var written = 0
            while written < count {
                let batch = min(5_000, count - written)
                try await fill(database, keeper, count: batch, from: Int64(written))
                written += batch
            }
            let read = Mutex<(statements: Int, rows: Int)>((0, 0))
            let watch = DatabaseWatch(
                slowAfter: .zero,
                began: { _ in },
                ended: { _ in },
                slow: { slow in
                    guard slow.statement.contains("FROM audit_entry"), slow.statement.contains("bytes") else {
                        return
                    }
                    read.withLock { $0 = ($0.statements + 1, $0.rows + slow.rows) }
                },
                grouped: { _ in }
            )
            let began = ContinuousClock.now
            let verdict = try await verify(WatchedDatabase(database, watch: watch), mirror: mirror)
            let seconds = (ContinuousClock.now - began) / .seconds(1)
            #expect(verdict.isWhole && verdict.size == Int64(count))
            let (statements, rows) = read.withLock { $0 }
            #expect(rows == count, "each entry once")
            #expect(statements <= count / 4_096 + 1)
            if count == 1_000_000 { #expect(seconds <= 60, "\(seconds) s") }
            // One of the last: nothing is found by chance of having been read first.
            try await database.write { tx in
                try tx.execute(
                    "UPDATE audit_entry SET bytes = replace(bytes, 'submitted', 'withdrawn') WHERE sequence = $1",
                    count - 3
                )
            }
            let bad = try await verify(database, mirror: mirror)
            #expect(!bad.isWhole && bad.firstBad == Int64(count - 3))
            await database.close()
        }
    }
}
