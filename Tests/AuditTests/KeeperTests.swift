import Audit
import Foundation
import Kernel
import Storage
import TestSupport
import Testing

/// The keeper looks at the log before it signs, when it starts, and before it hands out a proof.
@Suite("a tampered log is not signed")
struct KeeperTests {
    /// 600 entries under two heads of which the first was verified; the mirror outside.
    private func eachLog(
        _ body: @Sendable (any Database, LogKeeper, HeadMirror) async throws -> Void
    ) async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            try await withTemporaryFolder { folder in
                let mirror = HeadMirror(path: "\(folder)/heads")
                let keeper = try AuditTests.keeper(of: database, mirror: mirror)
                try await fill(database, keeper, count: 350)
                _ = try await keeper.head(covering: 349)
                await keeper.checkAtStart()
                try await fill(database, keeper, count: 350, from: 350)
                _ = try await keeper.head(covering: 699)
                #expect(await keeper.damage == nil)
                try await body(database, keeper, mirror)
            }
        }
    }

    @Test(
        "a start that hashes everything sees it, and no head is signed over it",
        arguments: Tampering.allCases
    )
    func start(tampering: Tampering) async throws {
        try await eachLog { database, _, mirror in
            try await TamperTests().apply(tampering, to: database)
            let keeper = try AuditTests.keeper(of: database, mirror: mirror, startMax: 10_000)
            await keeper.checkAtStart()
            #expect(await keeper.damage != nil, "\(tampering) on \(database.engine)")
            let signed = try mirror.heads().count
            // What goes on being written is kept, but nobody signs it; a broken right edge cannot even be sealed.
            try? await fill(database, keeper, count: 5, from: 5_000)
            await #expect(throws: (any Error).self) { _ = try await keeper.head(covering: 701) }
            #expect(try mirror.heads().count == signed)
            #expect(try !FileManager.default.fileExists(atPath: "\(mirror.path).verified"))
        }
    }

    @Test(
        "a start that goes on from the verified head sees what happened since",
        arguments: [
            .editInTail, .deleteLast, .deleteEntry, .cutTail, .cutTailWithHeads, .editFrontier, .forgeHead,
        ]
            as [Tampering]
    )
    func growth(tampering: Tampering) async throws {
        try await eachLog { database, _, mirror in
            let sound = try AuditTests.keeper(of: database, mirror: mirror)
            let verdict = try await sound.check(.growth)
            #expect(verdict.isWhole && verdict.size == 700 && verdict.entries == 700 - 256)
            // The second head is the verified one now.
            #expect(try await sound.check(.growth).entries == 700 - 512)
            try await TamperTests().apply(tampering, to: database)
            let keeper = try AuditTests.keeper(of: database, mirror: mirror)
            await keeper.checkAtStart()
            #expect(await keeper.damage != nil, "\(tampering) on \(database.engine)")
        }
    }

    @Test(
        "an old entry changed after it was verified is found by the next whole verification, and stays found"
    )
    func old() async throws {
        try await eachLog { database, _, mirror in
            let first = try AuditTests.keeper(of: database, mirror: mirror)
            try await first.check(.growth)
            try await TamperTests().apply(.edit, to: database)
            let keeper = try AuditTests.keeper(of: database, mirror: mirror)
            await keeper.checkAtStart()
            #expect(await keeper.damage == nil, "it lies before the verified head")
            try await keeper.check(.whole)
            #expect(await keeper.damage?.problem == .changed(300))
            let again = try AuditTests.keeper(of: database, mirror: mirror)
            await again.checkAtStart()
            #expect(await again.damage?.problem == .changed(300), "the start looks at everything now")
        }
    }

    @Test(
        "while it runs: the next head is refused over a cut tail, another history or an entry that is not its leaf",
        arguments: [.cutTail, .cutTailWithHeads, .dropFrontier, .editFrontier, .forgeHead, .rehashTail]
            as [Tampering]
    )
    func signing(tampering: Tampering) async throws {
        try await eachLog { database, keeper, mirror in
            try await TamperTests().apply(tampering, to: database)
            let signed = try mirror.heads().count
            try? await fill(database, keeper, count: 500, from: 5_000)
            await #expect(throws: (any Error).self, "\(tampering) on \(database.engine)") {
                _ = try await keeper.head(covering: 800)
            }
            #expect(await keeper.damage != nil)
            #expect(try mirror.heads().count == signed)
        }
    }

    @Test("an entry that no head covers yet is hashed before one does")
    func unsigned() async throws {
        try await eachLog { database, keeper, _ in
            try await database.write { tx in
                for index in 0..<Int64(3) {
                    try AuditLog.append(
                        "a.b",
                        object: "o:\(index)",
                        occasion: occasion(9_000 + index),
                        in: tx
                    )
                }
            }
            try await keeper.round()
            try await database.write { tx in
                try tx.execute(
                    "UPDATE audit_entry SET bytes = replace(bytes, 'founder', 'Founder') WHERE sequence = 701"
                )
            }
            await #expect(throws: AuditError.damaged) { _ = try await keeper.head(covering: 701) }
            #expect(await keeper.damage?.problem == .changed(701))
        }
    }

    @Test("no receipt is handed out whose proof does not lead to the signed root")
    func receipts() async throws {
        try await eachLog { database, keeper, _ in
            let ids = try await database.read { reader in
                try AuditLog.entries(from: 299, limit: 2, in: reader).map(\.entry.id)
            }
            try await TamperTests().apply(.edit, to: database)
            _ = try await keeper.receipt(for: ids[0])
            await #expect(throws: AuditError.damaged) { _ = try await keeper.receipt(for: ids[1]) }
            #expect(await keeper.damage?.problem == .changed(300))
        }
    }

    @Test("what was put right again is signed again, after everything was hashed")
    func repaired() async throws {
        try await eachLog { database, keeper, mirror in
            try await database.write { tx in
                try tx.execute("UPDATE audit_entry SET object = 'case:x' WHERE sequence = 300")
            }
            try await keeper.check(.whole)
            #expect(await keeper.damage?.problem == .misfiled(300))
            try await database.write { tx in
                try tx.execute("UPDATE audit_entry SET object = 'case:300' WHERE sequence = 300")
            }
            #expect(await keeper.damage != nil)
            try await keeper.check(.whole)
            #expect(await keeper.damage == nil)
            try await fill(database, keeper, count: 5, from: 5_000)
            _ = try await keeper.head(covering: 704)
            #expect(try mirror.heads().last?.size == 705)
        }
    }
}
