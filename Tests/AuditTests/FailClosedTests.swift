import Audit
import Dispatch
import Foundation
import Kernel
import Storage
import Synchronization
import TestSupport
import Testing

/// A database at which something happens, or fails, before one of its reads, or at a write.
final class Interrupted: Database {
    private let base: any Database
    private let refusal = Mutex<StorageError?>(nil)
    private let next = Mutex<(reads: Int, work: (@Sendable () async throws -> Void)?)>((0, nil))

    init(_ base: any Database) { self.base = base }

    var engine: DatabaseEngine { base.engine }

    /// Runs `work` once, before the read after so many others.
    func after(_ reads: Int, _ work: @escaping @Sendable () async throws -> Void) {
        next.withLock { $0 = (reads, work) }
    }

    /// Refuses the next write.
    func refuseWrite(_ error: StorageError) { refusal.withLock { $0 = error } }

    func read<Answer: Sendable>(_ body: @escaping @Sendable (any Reader) throws -> Answer) async throws
        -> Answer
    {
        let work = next.withLock { next -> (@Sendable () async throws -> Void)? in
            guard let work = next.work else { return nil }
            guard next.reads == 0 else {
                next.reads -= 1
                return nil
            }
            next.work = nil
            return work
        }
        try await work?()
        return try await base.read(body)
    }

    func write<Answer: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Answer) async throws
        -> Answer
    {
        let refused = refusal.withLock { refusal in
            defer { refusal = nil }
            return refusal
        }
        if let refused { throw refused }
        return try await base.write(body)
    }

    func rings() -> AsyncStream<Void> { base.rings() }

    func atEndOfGroup(_ work: @escaping @Sendable (any Transaction) throws -> Void) {
        base.atEndOfGroup(work)
    }

    func migrate(_ migrations: [Migration]) async throws { try await base.migrate(migrations) }

    func close() async { await base.close() }
}

/// What cannot be read, signed or verified is never taken for what is in order.
@Suite("the log fails closed")
struct FailClosedTests {
    private struct NoSeal: ColumnSeal {
        func seal(_ bytes: [UInt8]) throws -> [UInt8] { bytes }
        func open(_ bytes: [UInt8]) throws -> [UInt8] { throw CancellationError() }
        func lookup(_ use: String, _ text: String) -> String { text }
    }

    private func eachLog(
        _ body: @Sendable (any Database, LogKeeper, HeadMirror) async throws -> Void
    ) async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            try await withTemporaryFolder { folder in
                let mirror = HeadMirror(path: "\(folder)/heads")
                let keeper = try AuditTests.keeper(of: database, mirror: mirror, startMax: 10_000)
                try await fill(database, keeper, count: 350)
                _ = try await keeper.head(covering: 349)
                try await keeper.check(.whole)
                #expect(await keeper.isWhole(at: start))
                try await body(database, keeper, mirror)
            }
        }
    }

    @Test(
        "a value of a wrong type is a finding of the whole verification, at the start and later",
        arguments: statements.indices
    )
    func types(index: Int) async throws {
        try await eachLog { bare, keeper, mirror in
            guard bare.engine == .sqlite else { return }
            let statement = Self.statements[index]
            try await bare.write { try $0.execute(statement) }
            let database = SealedDatabase(bare, seal: NoSeal())
            let later = try AuditTests.keeper(of: database, mirror: mirror, startMax: 10_000)
            await later.checkAtStart()
            #expect(await later.damage != nil, "\(statement)")
            #expect(await later.isWhole(at: start) == false)
            _ = try? await keeper.check(.whole)
            #expect(await keeper.damage != nil)
        }
    }

    /// Statements are known when the program is made.
    private static let statements: [StaticString] = [
        "UPDATE audit_entry SET at = 'x' WHERE sequence = 5",
        "UPDATE audit_entry SET bytes = x'00' WHERE sequence = 5",
        "UPDATE audit_entry SET object = x'00' WHERE sequence = 5",
        "UPDATE audit_entry SET subject = 7.5 WHERE sequence = 5",
        "UPDATE audit_entry SET leaf = 5 WHERE sequence = 5",
        "UPDATE audit_entry SET sequence = 'x' WHERE sequence = 5",
        "UPDATE audit_entry SET sequence = 5.5 WHERE sequence = 5",
        "UPDATE audit_entry SET object = char(2) || 'sealed-1:zz' WHERE sequence = 5",
        "UPDATE audit_head SET root = x'00'", "UPDATE audit_head SET at = 'x'",
        "UPDATE audit_head SET size = 'x'",
        "UPDATE audit_head SET log = char(2) || 'sealed-1:zz'",
        "UPDATE audit_tree SET size = 'x'", "UPDATE audit_tree SET frontier = 'x'",
        "UPDATE audit_tile SET nodes = 'x'", "DROP TABLE audit_tile",
    ]

    @Test("an old head without a root is a finding where columns are strict, too")
    func nullHead() async throws {
        try await eachLog { database, keeper, _ in
            guard database.engine == .postgres else { return }
            try await database.write { tx in
                try tx.execute("ALTER TABLE audit_head ALTER COLUMN root DROP NOT NULL")
                try tx.execute("UPDATE audit_head SET root = NULL")
            }
            try await keeper.check(.whole)
            #expect(await keeper.damage != nil)
        }
    }

    @Test("an entry that cannot be read is not signed over, shows as such, and takes no more writes")
    func signing() async throws {
        try await eachLog { database, keeper, mirror in
            guard database.engine == .sqlite else { return }
            try await fill(database, keeper, count: 2, from: 350)
            try await database.write {
                try $0.execute("UPDATE audit_entry SET at = 'x' WHERE sequence = 350")
            }
            let signed = try mirror.heads().count
            await #expect(throws: (any Error).self) { _ = try await keeper.head(covering: 351) }
            #expect(try mirror.heads().count == signed)
            #expect(await keeper.damage?.problem == .misfiled(350))
            #expect(await keeper.isSigned(at: start) == false)
            #expect(await keeper.isWritable(at: start + Instant.minute) == false)
        }
    }

    @Test("a head that the log did not sign keeps nobody writing")
    func forgedHead() async throws {
        try await eachLog { database, keeper, _ in
            // The log is older than an entry may wait; the last one is not.
            let later = start + 5 * Instant.hour
            try await fill(database, keeper, count: 1, from: later - start)
            try await database.write { tx in
                try tx.execute(
                    """
                    INSERT INTO audit_head (size, log, root, at, signature)
                    SELECT 1000000000, log, root, at, signature FROM audit_head WHERE size = 350
                    """
                )
            }
            #expect(await keeper.isWritable(at: later), "what the log has signed stays signed")
            #expect(await keeper.isWritable(at: later + 4 * Instant.hour + Instant.minute) == false)
        }
    }

    @Test("only a database that cannot be reached counts as writable, and a failed verification shows")
    func unavailable() async throws {
        try await forEachEngine(AuditMigrations.all) { base in
            let database = Interrupted(base)
            let keeper = try AuditTests.keeper(of: database)
            try await fill(database, keeper, count: 10)
            #expect(await keeper.isWhole(at: start) == false, "nobody has looked yet")
            for passing in [true, false] {
                database.after(0) {
                    throw passing ? StorageError.unavailable("test") : StorageError.noRow
                }
                let now = start + (passing ? Instant.minute : Instant.hour)
                #expect(await keeper.isWritable(at: now) == passing)
            }
            database.after(1) { throw StorageError.unavailable("test") }
            await #expect(throws: StorageError.self) { _ = try await keeper.check(.whole) }
            #expect(await keeper.damage == nil)
            #expect(await keeper.checkFailure != nil)
            #expect(await keeper.isWhole(at: start) == false)
            try await keeper.check(.whole)
            database.after(1) { throw StorageError.unavailable("test") }
            await #expect(throws: StorageError.self) { _ = try await keeper.check(.whole) }
            #expect(await keeper.checkFailure != nil)
            #expect(await keeper.isWhole(at: start + 2 * Instant.day))
            #expect(await keeper.isWhole(at: start + 2 * Instant.day + 1) == false, "too long ago")
        }
    }

    @Test("a mirror that cannot be read or written shows, at the start and when a head is due")
    func mirror() async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            try await withTemporaryFolder { folder in
                let sound = try AuditTests.keeper(of: database, mirror: HeadMirror(path: "\(folder)/heads"))
                try await fill(database, sound, count: 5)
                await sound.checkAtStart()
                #expect(await sound.lacksMirror == false)
                #expect(await sound.isWhole(at: start))
                let lost = try AuditTests.keeper(of: database, mirror: HeadMirror(path: "\(folder)/lost"))
                await lost.checkAtStart()
                #expect(await lost.lacksMirror)
                for rest in ["", "\n", "{}\ngarbage\n"] {
                    let path = "\(folder)/emptied"
                    try rest.write(toFile: path, atomically: true, encoding: .utf8)
                    let emptied = try AuditTests.keeper(of: database, mirror: HeadMirror(path: path))
                    await emptied.checkAtStart()
                    #expect(await emptied.lacksMirror, "\(rest)")
                }
                // A folder is no file.
                let keeper = try AuditTests.keeper(of: database, mirror: HeadMirror(path: folder))
                await keeper.checkAtStart()
                #expect(await keeper.isWhole(at: start) == false)
                try await fill(database, sound, count: 5, from: 5)
                await #expect(throws: AuditError.self) { _ = try await keeper.head(covering: 9) }
            }
        }
    }

    @Test("a head that cannot be written to the mirror shows until one can")
    func unsigned() async throws {
        try await eachLog { database, keeper, mirror in
            try FileManager.default.moveItem(atPath: mirror.path, toPath: "\(mirror.path)-away")
            try FileManager.default.createDirectory(atPath: mirror.path, withIntermediateDirectories: true)
            try await fill(database, keeper, count: 1, from: 350)
            await #expect(throws: AuditError.self) { _ = try await keeper.head(covering: 350) }
            #expect(await keeper.isSigned(at: start) == false)
            try FileManager.default.removeItem(atPath: mirror.path)
            try FileManager.default.moveItem(atPath: "\(mirror.path)-away", toPath: mirror.path)
            try await keeper.round()
            #expect(await keeper.isSigned(at: start + Instant.minute))
        }
    }

    @Test("what is found while a verification runs stays found, and the next start looks at everything")
    func race() async throws {
        try await forEachEngine(AuditMigrations.all) { base in
            try await withTemporaryFolder { folder in
                let mirror = HeadMirror(path: "\(folder)/heads")
                let database = Interrupted(base)
                let keeper = try AuditTests.keeper(of: database, mirror: mirror)
                try await fill(database, keeper, count: 350)
                _ = try await keeper.head(covering: 349)
                let id = try await base.read { reader in
                    try #require(try AuditLog.entries(from: 20, limit: 1, in: reader).first).entry.id
                }
                // After the entries were read and before the run ends.
                database.after(2) {
                    try await base.write { tx in
                        try tx.execute(
                            "UPDATE audit_entry SET bytes = replace(bytes, 'founder', 'Founder') WHERE sequence = 20"
                        )
                    }
                    _ = try? await keeper.receipt(for: id)
                }
                #expect(try await keeper.check(.whole).isWhole, "it had passed the entry")
                #expect(await keeper.damage?.problem == .changed(20))
                #expect(!FileManager.default.fileExists(atPath: "\(mirror.path).verified"))
            }
        }
    }

    @Test("a row with a number that the tree does not know is found, and no reader believes it")
    func surplus() async throws {
        for statement in [
            """
            INSERT INTO audit_entry (id, bytes, at, turn, object, subject, sequence, leaf)
            SELECT 'forged', bytes, at, turn, 'case:7', 'p7', -1, leaf FROM audit_entry WHERE sequence = 1
            """,
            """
            INSERT INTO audit_entry (id, bytes, at, turn, object, subject, sequence, leaf)
            SELECT 'forged', bytes, at, turn, 'case:7', 'p7', 1000000, leaf FROM audit_entry WHERE sequence = 1
            """,
        ] as [StaticString] {
            try await eachLog { database, keeper, _ in
                let history = try await database.read { try AuditLog.history(of: "case:7", in: $0).count }
                try await database.write { try $0.execute(statement) }
                let verdict = try await keeper.check(.whole)
                #expect(verdict.problems.contains { if case .surplus = $0 { true } else { false } })
                guard "\(statement)".contains("-1") else { return }
                let (after, kept, read) = try await database.read { reader in
                    (
                        try AuditLog.history(of: "case:7", in: reader).count,
                        try AuditLog.kept(about: "case:7", in: reader).count,
                        try AuditLog.whoRead("p7", in: reader).count
                    )
                }
                #expect(after == history && kept == history && read == 0)
            }
        }
    }

    @Test("what is not sealed yet is neither borne out nor broken")
    func waiting() async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            guard database.engine == .postgres else { return }
            let entry = try await database.write { tx in
                try AuditLog.append("a.b", object: "o:1", occasion: occasion(), in: tx)
            }
            // Another node is at it: it holds the lock of those who seal, and has not committed.
            let (isAtIt, tell) = AsyncStream.makeStream(of: Void.self)
            let end = DispatchSemaphore(value: 0)
            defer { end.signal() }
            async let other: Void = database.write { tx in
                _ = try tx.query(
                    "SELECT CAST(pg_advisory_xact_lock(7307, hashtext(current_schema())) AS TEXT)"
                )
                tell.yield()
                end.wait()
            }
            for await _ in isAtIt { break }
            let keeper = try AuditTests.keeper(of: database)
            #expect(try await keeper.backing(of: [entry.id]) == .waiting)
            #expect(try await keeper.backing(of: [ID("none")]) == .broken)
            end.signal()
            try await other
            #expect(try await keeper.backing(of: [entry.id]) == .signed)
        }
    }

    @Test(
        "everything that fits is found in many stretches, and more than fits into a file is said to be more"
    )
    func stretches() async throws {
        try await eachLog { database, keeper, _ in
            let search = AuditSearch(actors: ["p1"], from: start + -Instant.day, until: start + Instant.day)
            func all(_ search: AuditSearch, limit: Int, look: Int) async throws -> AuditFound {
                try await AuditLog.searchAll(search, limit: limit, look: look, in: database)
            }
            let found = try await all(search, limit: 1_000, look: 40)
            #expect(found.entries.compactMap(\.sequence) == (0..<350).reversed() && found.next == nil)
            let some = try await all(search, limit: 100, look: 40)
            #expect(some.entries.count == 100 && some.next == 250)
            // Long before the day that is asked about nothing is looked at any more.
            let later = AuditSearch(
                actors: ["p1"],
                from: start + 3 * Instant.day,
                until: start + 4 * Instant.day
            )
            let none = try await database.read {
                try AuditLog.search(later, limit: 10, look: 40, in: $0)
            }
            #expect(none.entries.isEmpty && none.next == nil)
        }
    }
}
