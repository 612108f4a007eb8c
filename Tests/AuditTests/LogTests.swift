import Audit
import Cryptography
import Foundation
import Kernel
import Storage
import TestSupport
import Testing

@Suite("the log")
struct LogTests {
    struct Refused: Refusal {
        let code = "name.already-reserved"
        let status = RefusalStatus.notAllowedNow
    }

    @Test("acts, refusals and reads are kept with their actor, purpose and outcome")
    func entries() async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            let keeper = try keeper(of: database)
            try await database.write { tx in
                try AuditLog.append(
                    "case.submitted",
                    object: "case:1",
                    before: nil,
                    after: ["名": "甲"],
                    occasion: occasion(1),
                    in: tx
                )
                try AuditLog.refused(
                    "name.reserved",
                    object: "case:1",
                    refusal: Refused(),
                    occasion: occasion(2),
                    in: tx
                )
                try AuditLog.read(
                    "person.read",
                    object: "case:1",
                    of: "p9",
                    occasion: occasion(3, "s1", purpose: "核\"验\"\n身份"),
                    in: tx
                )
            }
            try await keeper.round()
            let (history, lines, nobody, feed) = try await database.read { reader in
                (
                    try AuditLog.history(of: "case:1", in: reader), try AuditLog.whoRead("p9", in: reader),
                    try AuditLog.whoRead("p1", in: reader),
                    try AuditLog.entries(from: 0, limit: 10, in: reader).map(\.sequence)
                )
            }
            #expect(history.map(\.outcome) == [.done, .refused(code: "name.already-reserved"), .read])
            #expect(history.map(\.act) == ["case.submitted", "name.reserved", "person.read"])
            #expect(history[0].after?.count == 64 && history[0].before == nil)
            let readers = lines.compactMap(\.entry)
            #expect(readers.map(\.actor.id) == ["s1"])
            #expect(readers.first?.purpose == "核\"验\"身份", "no control characters")
            #expect(readers.first?.at == start + 3)
            for entry in history { #expect(try JSON.read(entry.bytes).canonicalBytes == entry.bytes) }
            #expect(nobody.isEmpty)
            #expect(feed == [0, 1, 2])
            let verdict = try await verify(database)
            #expect(verdict.isWhole, "\(verdict.problems)")
        }
    }

    @Test("an undone write leaves no entry")
    func rollback() async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            let keeper = try keeper(of: database)
            await #expect(throws: Refused.self) {
                try await database.write { tx in
                    try AuditLog.append("a.b", object: "o:1", occasion: occasion(), in: tx)
                    throw Refused()
                }
            }
            try await keeper.round()
            #expect(try await database.read { try AuditLog.history(of: "o:1", in: $0) }.isEmpty)
        }
    }

    @Test("the salted digest proves the content until the salt is erased")
    func salts() async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            let keeper = try keeper(of: database)
            let content: JSON = ["电话": "13800000000"]
            let entry = try await database.write { tx in
                try AuditLog.append("a.b", object: "o:1", after: content, occasion: occasion(), in: tx)
            }
            try await keeper.round()
            #expect(
                try await keeper.receipt(for: entry.id, disclosing: content).content?.text
                    == content.canonical
            )
            await #expect(throws: AuditError.otherContent) {
                try await keeper.receipt(for: entry.id, disclosing: ["电话": "13800000001"])
            }
            #expect(try await database.write { try AuditLog.forget("o:1", in: $0) } == 1)
            await #expect(throws: AuditError.otherContent) {
                try await keeper.receipt(for: entry.id, disclosing: content)
            }
            #expect(try await verify(database).isWhole)
        }
    }

    @Test("concurrent writers: every entry is sealed once, without a gap")
    func concurrency() async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            let keeper = try keeper(of: database)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        for turn in 0..<40 {
                            try await database.write { tx in
                                try AuditLog.append(
                                    "a.b",
                                    object: "o:\(writer)",
                                    occasion: occasion(Int64(turn)),
                                    in: tx
                                )
                            }
                        }
                    }
                }
                group.addTask { for _ in 0..<10 { try await keeper.round() } }
                try await group.waitForAll()
            }
            try await keeper.round()
            let verdict = try await verify(database)
            #expect(verdict.size == 320 && verdict.isWhole, "\(database.engine): \(verdict.problems)")
            for writer in 0..<8 {
                let turns = try await database.read {
                    try AuditLog.history(of: "o:\(writer)", in: $0).map(\.at)
                }
                #expect(turns == (0..<40).map { start + $0 })
            }
        }
    }

    @Test("an entry that stays unsealed turns readiness red after 60 seconds")
    func readiness() async throws {
        try await withDatabase(.postgres, AuditMigrations.all) { database in
            let keeper = try keeper(of: database)
            try await database.write {
                _ = try AuditLog.append("a.b", object: "o:1", occasion: occasion(), in: $0)
            }
            #expect(try await database.read { try AuditLog.isSealing(now: start + 60_000, in: $0) })
            #expect(try await !database.read { try AuditLog.isSealing(now: start + 60_001, in: $0) })
            try await keeper.round()
            #expect(try await database.read { try AuditLog.isSealing(now: start + 60_001, in: $0) })
        }
    }

    @Test("inclusion and consistency proofs of every small tree hold, and no changed one does")
    func proofs() async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            let keeper = try keeper(of: database)
            try await fill(database, keeper, count: 40)
            try await database.read { reader in
                let tree = try LogTree(reader)
                let entries = try AuditLog.entries(from: 0, limit: 100, in: reader).map(\.entry.bytes)
                for size in 1...Int64(40) {
                    let root = try tree.root(at: size)
                    for sequence in 0..<size {
                        let path = try tree.inclusion(of: sequence, size: size)
                        let entry = entries[Int(sequence)]
                        func holds(_ path: [[UInt8]], _ sequence: Int64) -> Bool {
                            TreeProof.includes(
                                entry: entry,
                                sequence: sequence,
                                size: size,
                                root: root,
                                path: path
                            )
                        }
                        #expect(holds(path, sequence))
                        #expect(!holds(path, sequence + 1) && !holds(path + [root], sequence))
                        if let last = path.last {
                            #expect(!holds(path.dropLast() + [last.map { $0 ^ 1 }], sequence))
                            #expect(!holds(path.dropLast(), sequence))
                        }
                    }
                    for old in 0...size {
                        let path = try tree.consistency(from: old, to: size)
                        let oldRoot = try tree.root(at: old)
                        func holds(_ path: [[UInt8]]) -> Bool {
                            TreeProof.extends(
                                oldSize: old,
                                oldRoot: oldRoot,
                                size: size,
                                root: root,
                                path: path
                            )
                        }
                        #expect(holds(path))
                        #expect(!holds(path + [root]))
                        if !path.isEmpty { #expect(!holds(path.dropLast())) }
                    }
                }
                #expect(throws: AuditError.outsideTree) { try tree.inclusion(of: 40, size: 40) }
            }
        }
    }

    @Test("tiles: a log over 66,000 entries proves its first, its last and those at the seams")
    func tiles() async throws {
        try await withDatabase(.sqlite, AuditMigrations.all) { database in
            let keeper = try keeper(of: database)
            for batch in 0..<Int64(11) { try await fill(database, keeper, count: 6_000, from: batch * 6_000) }
            let verdict = try await verify(database)
            #expect(verdict.size == 66_000 && verdict.isWhole, "\(verdict.problems)")
            try await database.read { reader in
                let tree = try LogTree(reader)
                #expect(tree.root == verdict.root)
                for sequence in [0, 255, 256, 65_535, 65_536, 65_999] as [Int64] {
                    let entry = try #require(
                        try AuditLog.entries(from: sequence, limit: 1, in: reader).first?.entry
                    )
                    let path = try tree.inclusion(of: sequence, size: 66_000)
                    #expect(
                        TreeProof.includes(
                            entry: entry.bytes,
                            sequence: sequence,
                            size: 66_000,
                            root: tree.root,
                            path: path
                        )
                    )
                }
                for old in [1, 256, 257, 65_536, 65_537] as [Int64] {
                    let path = try tree.consistency(from: old, to: 66_000)
                    #expect(
                        TreeProof.extends(
                            oldSize: old,
                            oldRoot: try tree.root(at: old),
                            size: 66_000,
                            root: tree.root,
                            path: path
                        )
                    )
                }
            }
        }
    }

    @Test("heads are signed when asked, when old and when many; each is in the mirror first")
    func heads() async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            try await withTemporaryFolder { folder in
                let mirror = HeadMirror(path: "\(folder)/heads")
                let clock = ManualClock(start)
                let keeper = try keeper(of: database, mirror: mirror, clock: clock)
                try await fill(database, keeper, count: 1)
                #expect(try mirror.heads().map(\.size) == [1], "the first head is due at once")
                try await fill(database, keeper, count: 1, from: 1)
                #expect(try mirror.heads().count == 1)
                #expect(try await keeper.head(covering: 0)?.size == 1)
                #expect(try await keeper.head(covering: 1)?.size == 2)
                #expect(try await keeper.head(covering: 2) == nil)
                try await fill(database, keeper, count: 1, from: 2)
                clock.set(start + 10 * Instant.minute)
                try await keeper.round()
                #expect(try mirror.heads().map(\.size) == [1, 2, 3])
                #expect(try mirror.heads().allSatisfy { $0.isSigned(by: keeper.identity.key.publicKey) })
                let again = try Audit.LogKeeper(
                    database: database,
                    identity: keeper.identity,
                    mirror: mirror,
                    clock: clock,
                    pace: pace
                )
                #expect(try await again.head(covering: 2)?.size == 3)
            }
        }
    }

    @Test("what another process wrote is sealed in the next round, and the last round signs it")
    func otherProcess() async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            // No keeper sealed it with the group that wrote it.
            try await database.write { tx in
                try AuditLog.append("a.b", object: "o:1", occasion: occasion(1), in: tx)
            }
            let keeper = try keeper(of: database)
            try await keeper.round()
            #expect(try await database.read { try AuditLog.ages(in: $0).unsealed } == nil)
            let first = try await keeper.head(covering: 0)
            try await fill(database, keeper, count: 3, from: 10)
            #expect(try await database.read { try AuditLog.ages(in: $0).unsigned } != nil)
            try await keeper.finish()
            #expect(first?.size == 1)
            #expect(try await database.read { try AuditLog.ages(in: $0).unsigned } == nil)
        }
    }
}
