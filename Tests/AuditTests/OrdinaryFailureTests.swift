import Audit
import Foundation
import Kernel
import Storage
import TestSupport
import Testing

/// A disk, a database or a comparison that fails is named as that: it says nothing about the log, and is made up for.
@Suite("failures that are no damage of the log")
struct OrdinaryFailureTests {
    @Test("a checkpoint that cannot be written costs a longer start, and nothing else")
    func checkpoint() async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            try await withTemporaryFolder { folder in
                let mirror = HeadMirror(path: "\(folder)/heads")
                let keeper = try AuditTests.keeper(of: database, mirror: mirror)
                try await fill(database, keeper, count: 20)
                _ = try await keeper.head(covering: 19)
                // A folder is no file.
                let checkpoint = "\(mirror.path).verified"
                try FileManager.default.createDirectory(
                    atPath: "\(checkpoint)/in-the-way",
                    withIntermediateDirectories: true
                )
                #expect(try await keeper.check(.whole).isWhole)
                #expect(await keeper.damage == nil)
                #expect(await keeper.isWhole(at: start), "a log that was found whole is whole")
                #expect(await keeper.checkpointFailure != nil)
                #expect(await keeper.isFailing, "and the administrator is told")
                try FileManager.default.removeItem(atPath: checkpoint)
                try await keeper.check(.whole)
                #expect(await keeper.checkpointFailure == nil)
                #expect(await keeper.isFailing == false)
            }
        }
    }

    @Test("a head that the database refuses to take is signed anew, and the log is not called broken for it")
    func insert() async throws {
        try await forEachEngine(AuditMigrations.all) { base in
            let database = Interrupted(base)
            let keeper = try AuditTests.keeper(of: database)
            try await fill(base, keeper, count: 5)
            _ = try await keeper.head(covering: 4)
            try await fill(base, keeper, count: 5, from: 5)
            database.refuseWrite(.statement("25006 cannot execute INSERT in a read-only transaction"))
            await #expect(throws: StorageError.self) { _ = try await keeper.head(covering: 9) }
            #expect(await keeper.damage == nil)
            #expect(await keeper.signFailure != nil)
            #expect(await keeper.isSigned(at: start) == false)
            try await keeper.round()
            #expect(await keeper.signFailure == nil)
            #expect(await keeper.isSigned(at: start + Instant.minute))
            #expect(try await keeper.head(covering: 9)?.size == 10)
            #expect(try await keeper.check(.whole).isWhole)
        }
    }

    @Test("a look at the signatures that never ends holds nobody up and lets nobody write for long")
    func stuckLook() async throws {
        try await forEachEngine(AuditMigrations.all) { base in
            let database = Interrupted(base)
            let keeper = try AuditTests.keeper(of: database)
            try await fill(base, keeper, count: 5)
            _ = try await keeper.head(covering: 4)
            #expect(await keeper.isWritable(at: start))
            let second = Instant.minute / 60
            try await withThrowingTaskGroup(of: Bool.self) { group in
                var held: [AsyncStream<Void>.Continuation] = []
                /// A look that has begun and comes to no end.
                func begin(at now: Instant) async {
                    let (begun, beginning) = AsyncStream<Void>.makeStream()
                    let (ends, end) = AsyncStream<Void>.makeStream()
                    held.append(end)
                    database.after(0) {
                        beginning.finish()
                        for await _ in ends {}
                    }
                    group.addTask { await keeper.isWritable(at: now) }
                    for await _ in begun {}
                }
                await begin(at: start + 2 * second)
                #expect(await keeper.isWritable(at: start + 2 * second), "by what was seen last")
                await begin(at: start + 63 * second)
                #expect(await keeper.isWritable(at: start + 63 * second) == false, "nobody knows any more")
                for end in held { end.finish() }
                for try await isWritable in group { #expect(isWritable) }
                #expect(await keeper.isWritable(at: start + 71 * second), "and it is known again")
            }
        }
    }

    @Test("after a quiet night everybody who comes at once may write")
    func night() async throws {
        try await forEachEngine(AuditMigrations.all) { base in
            let database = Interrupted(base)
            let keeper = try AuditTests.keeper(of: database)
            try await fill(base, keeper, count: 5)
            _ = try await keeper.head(covering: 4)
            #expect(await keeper.isWritable(at: start))
            let morning = start + 8 * Instant.hour
            // While the first one looks the second comes.
            database.after(0) { #expect(await keeper.isWritable(at: morning)) }
            #expect(await keeper.isWritable(at: morning))
        }
    }

    @Test("whoever ends the program waits for no comparison and for no verification")
    func cancelled() async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            let keeper = try AuditTests.keeper(of: database)
            try await fill(database, keeper, count: 5)
            let works: [@Sendable () async throws -> Void] = [
                {
                    _ = try await AuditLog.compare("thing", in: database, max: 10, by: { _, _, _ in true })
                }, { try await keeper.check(.whole) },
            ]
            for work in works {
                await #expect(throws: CancellationError.self, "\(database.engine)") {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask {
                            withUnsafeCurrentTask { $0?.cancel() }
                            try await work()
                        }
                        try await group.waitForAll()
                    }
                }
            }
        }
    }

    @Test("a database file that is damaged is no database that cannot be reached")
    func damagedFile() async throws {
        try await forEachEngine(AuditMigrations.all) { base in
            let database = Interrupted(base)
            let keeper = try AuditTests.keeper(of: database)
            try await fill(base, keeper, count: 5)
            database.after(0) { throw StorageError.damaged("SQLite 11") }
            #expect(await keeper.isWritable(at: start) == false)
            database.after(0) { throw StorageError.damaged("SQLite 11") }
            await #expect(throws: StorageError.self) { _ = try await keeper.check(.whole) }
            #expect(await keeper.damage?.problem == .unreadable)
            // It can be read again: the next whole verification takes it back.
            try await keeper.check(.whole)
            #expect(await keeper.damage == nil)
        }
    }

    @Test("tables count as logged by a comparison that ended, found nothing and is not too old")
    func tables() async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            let clock = ManualClock(start)
            let keeper = try AuditTests.keeper(of: database, clock: clock)
            #expect(await keeper.tables(at: start + 15 * Instant.minute) == .pending)
            #expect(await keeper.tables(at: start + 15 * Instant.minute + 1) == .doubtful, "nobody looked")
            await keeper.compared(altered: [])
            #expect(await keeper.tables(at: start + 2 * Instant.day) == .logged)
            #expect(await keeper.tables(at: start + 2 * Instant.day + 1) == .doubtful, "too long ago")
            await keeper.notCompared(because: CancellationError())
            #expect(await keeper.tables(at: start) == .logged, "the program is only ending")
            await keeper.notCompared(because: StorageError.unavailable("test"))
            #expect(await keeper.tables(at: start + 2 * Instant.day) == .logged, "the database was away")
            #expect(await keeper.tables(at: start + 2 * Instant.day + 1) == .doubtful, "for too long")
            #expect(await keeper.isFailing)
            await keeper.notCompared(because: StorageError.noRow)
            #expect(await keeper.tables(at: start) == .doubtful)
            await keeper.compared(altered: ["clock:1"])
            #expect(await keeper.tables(at: start) == .doubtful)
            #expect(await keeper.altered == ["clock:1"])
            await keeper.notCompared(because: StorageError.closed)
            #expect(await keeper.altered == ["clock:1"], "what was found stays")
            await keeper.compared(altered: [])
            #expect(await keeper.tables(at: start) == .logged)
            #expect(await keeper.comparedAt == start)
        }
    }

    @Test("an entry that cannot be read hides none of the others from readers")
    func unreadable() async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            let keeper = try AuditTests.keeper(of: database)
            try await database.write { tx in
                for turn in Int64(0)..<5 {
                    let occasion = occasion(turn, "s1", purpose: "p")
                    try AuditLog.read(
                        "case.form-read",
                        object: "case:1",
                        of: "p9",
                        occasion: occasion,
                        in: tx
                    )
                }
            }
            try await keeper.round()
            try await database.write {
                try $0.execute("UPDATE audit_entry SET bytes = 'x' WHERE sequence = 2")
            }
            let (lines, history, found) = try await database.read { reader in
                (
                    try AuditLog.whoRead("p9", in: reader), try AuditLog.history(of: "case:1", in: reader),
                    try AuditLog.search(
                        AuditSearch(objects: ["case:1"], from: start, until: start + Instant.day),
                        limit: 3,
                        look: 10,
                        in: reader
                    )
                )
            }
            #expect(lines.map(\.sequence) == [4, 3, 2, 1, 0])
            #expect(lines.map { $0.entry == nil } == [false, false, true, false, false])
            #expect(history.map(\.at) == [0, 1, 3, 4].map { start + $0 })
            #expect(found.entries.map(\.sequence) == [4, 3, 2] && found.next == 2)
            #expect(found.entries.last?.entry == nil)
        }
    }
}
