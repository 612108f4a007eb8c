import Audit
import Foundation
import Kernel
import Storage
import StorageSQLite
import TestSupport
import Testing

@testable import Server

/// An installation whose log somebody edited, cut or rewrote with plain SQL, met by the program as it runs.
@Suite("a tampered log is noticed by the program", .serialized)
struct LogCommandTests {
    /// A platform that has started once, with some entries and a signed head; closed.
    private func installation(_ folder: String) async throws {
        let town = try await DemoTown(
            home: Home.find(),
            folder: folder,
            at: SystemClock().now + -Instant.hour
        )
        let occasion = town.platform.occasion("test")
        try await town.platform.database.write { tx in
            for index in 0..<20 {
                try AuditLog.append("test.done", object: "test:\(index)", occasion: occasion, in: tx)
            }
        }
        let size = try await town.platform.database.read { try LogTree($0).size }
        _ = try await town.platform.keeper.head(covering: size - 1)
        await town.platform.database.close()
    }

    private func change(_ folder: String, _ statement: StaticString) async throws {
        let database = try SQLiteDatabase(path: "\(folder)/suban.sqlite")
        try await database.write { try $0.execute(statement) }
        await database.close()
    }

    @Test("`verify --log`: 0 whole, 1 with the first bad entry, 2 when there is nothing to verify")
    func command() async throws {
        try await withTemporaryFolder { folder in
            let data = "\(folder)/data"
            try await installation(data)
            let sound = try Program.run(["verify", "--log", "--data", data])
            #expect(sound.exit == 0 && sound.out.contains("日志完整"), "\(sound.out)\(sound.error)")
            try await change(
                data,
                "UPDATE audit_entry SET bytes = replace(bytes, 'test.done', 'test.gone') WHERE object = 'test:7'"
            )
            let edited = try Program.run(["verify", "--log", "--json", "--data", data])
            let json = try JSON.read(Array(edited.out.utf8.dropLast()))
            #expect(edited.exit == 1 && json["verdict"].text == "broken", "\(edited.out)\(edited.error)")
            let bad = try #require(json["firstBad"].int)
            let words = try Program.run(
                ["verify", "--log", "--data", data],
                environment: ["LANG": "en_GB.UTF-8"]
            )
            #expect(words.exit == 1 && words.out.contains("Entry \(bad) was changed"), "\(words.out)")
            let divided = try Program.run(["divide-log", "--data", data])
            #expect(divided.exit == 2 && divided.error.contains("SQLite"), "\(divided.error)")
            let copy = try Program.run(["backup", "--data", data, "\(folder)/copy.sqlite"])
            #expect(copy.exit == 1, "\(copy.out)\(copy.error)")
            try FileManager.default.createDirectory(
                atPath: "\(folder)/other",
                withIntermediateDirectories: true
            )
            for part in ["keys", "heads.jsonl"] {
                try FileManager.default.copyItem(atPath: "\(data)/\(part)", toPath: "\(folder)/other/\(part)")
            }
            let restored = try Program.run(["restore", "--data", "\(folder)/other", "\(folder)/copy.sqlite"])
            #expect(restored.exit == 1, "\(restored.out)\(restored.error)")
            let nothing = try Program.run(["verify", "--log", "--data", "\(folder)/none"])
            #expect(nothing.exit == 2 && nothing.error.contains("log.crt"))
            // A mirror that is there and cannot be read is no missing key: nothing counts as sound.
            let mirror = "\(folder)/other/heads.jsonl"
            try FileManager.default.removeItem(atPath: mirror)
            try FileManager.default.createDirectory(atPath: mirror, withIntermediateDirectories: true)
            try FileManager.default.removeItem(atPath: "\(folder)/other/suban.sqlite")
            let unread = try Program.run(["restore", "--data", "\(folder)/other", "\(folder)/copy.sqlite"])
            #expect(unread.exit == 2 && unread.error.contains("heads.jsonl"), "\(unread.out)")
            #expect(try Program.run(["verify", "--log", "file", "--data", data]).exit == 2)
        }
    }

    @Test(
        "`verify --log` says how many entries are not sealed, and since when where that is too long",
        arguments: [(Int64(0), "not sealed yet"), (Instant.hour, "longer ago than the promised minute")]
    )
    func unsealed(age: Int64, words: String) async throws {
        try await withTemporaryFolder { folder in
            try await installation(folder)
            // Without the keeper of a server nobody seals.
            let database = try SQLiteDatabase(path: "\(folder)/suban.sqlite")
            let now = SystemClock().now + -age
            let occasion = Occasion(now: now, actor: .platform("test"), request: "test")
            try await database.write { tx in
                for name in ["a", "b"] {
                    try AuditLog.append("test.done", object: "test:\(name)", occasion: occasion, in: tx)
                }
            }
            await database.close()
            let told = try Program.run(
                ["verify", "--log", "--data", folder],
                environment: ["LANG": "en_GB.UTF-8"]
            )
            #expect(told.exit == 0 && told.out.contains("Another 2 "), "\(told.out)\(told.error)")
            #expect(told.out.contains(words) && told.out.contains("promised") == (age > 0), "\(told.out)")
        }
    }

    @Test("`verify --log` calls nothing whole where no signed head is left")
    func unsigned() async throws {
        try await withTemporaryFolder { folder in
            try await installation(folder)
            func verify() throws -> Program.Answer {
                try Program.run(
                    ["verify", "--log", "--data", folder],
                    environment: ["LANG": "en_GB.UTF-8"]
                )
            }
            try "\n{}\n".write(toFile: "\(folder)/heads.jsonl", atomically: true, encoding: .utf8)
            let emptied = try verify()
            #expect(emptied.exit == 0 && emptied.out.contains("or no signed head in it"), "\(emptied.out)")
            try await change(folder, "DELETE FROM audit_head")
            let unsigned = try verify()
            #expect(unsigned.exit == 1 && unsigned.out.contains("has no signed head"), "\(unsigned.out)")
            #expect(!unsigned.out.contains("is whole"))
        }
    }

    @Test("the start without the mirror of the heads is ready, and says that it is missing")
    func mirror() async throws {
        try await withTemporaryFolder { folder in
            try await installation(folder)
            for (isThere, state) in [(true, "true"), (false, "\"missing\"")] {
                if !isThere { try FileManager.default.removeItem(atPath: "\(folder)/heads.jsonl") }
                let town = try await DemoTown(home: Home.find(), folder: folder, at: SystemClock().now)
                let (platform, clock) = (town.platform, town.platform.clock)
                let checks = await Readiness(
                    database: platform.database,
                    keeper: platform.keeper,
                    clock: clock
                )
                .checks()
                let found = checks.first { $0.name == "log-mirrored" }?.state.json.canonical
                #expect(found == state)
                #expect(checks.allSatisfy { $0.state != .fails })
                await platform.database.close()
            }
        }
    }

    @Test("the start sees an edit, a deletion and a cut tail: readiness is red and no head is signed")
    func start() async throws {
        let changes: [StaticString] = [
            "UPDATE audit_entry SET bytes = replace(bytes, 'test.done', 'test.gone') WHERE object = 'test:7'",
            "DELETE FROM audit_entry WHERE object = 'test:7'",
            "UPDATE audit_entry SET at = 'x' WHERE object = 'test:7'",
            "UPDATE audit_head SET log = x'00'", "UPDATE audit_tree SET frontier = 'x'",
            "DELETE FROM audit_head",
        ]
        for (index, statement) in changes.enumerated() {
            try await withTemporaryFolder { folder in
                try await installation(folder)
                try await change(folder, statement)
                let town = try await DemoTown(home: Home.find(), folder: folder, at: SystemClock().now)
                let platform = town.platform
                // Heads that are gone from the database are still in the mirror.
                let isBroken = index < changes.count - 1
                #expect(await (platform.keeper.damage != nil) == isBroken, "\(statement)")
                let readiness = Readiness(
                    database: platform.database,
                    keeper: platform.keeper,
                    clock: platform.clock
                )
                let whole = await readiness.checks().first { $0.name == "log-whole" }
                #expect((whole?.state == .holds) == !isBroken)
                let heads = try HeadMirror(path: "\(folder)/heads.jsonl").heads().count
                let occasion = platform.occasion("test")
                // A tree without its right edge takes no entries.
                _ = try? await platform.database.write { tx in
                    try AuditLog.append("test.done", object: "test:x", occasion: occasion, in: tx)
                }
                let size = (try? await platform.database.read { try LogTree($0).size }) ?? 1_000
                let head = try? await platform.keeper.head(covering: size - 1)
                #expect((head == nil) == isBroken)
                #expect(
                    try HeadMirror(path: "\(folder)/heads.jsonl").heads().count == heads + (isBroken ? 0 : 1)
                )
                await platform.database.close()
            }
        }
    }
}
