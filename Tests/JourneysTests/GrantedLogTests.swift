import Audit
import Foundation
import Kernel
import Logging
import Storage
import StorageSQLite
import TestSupport
import Testing

@testable import Server

/// An installation in which a company was opened: sealed columns, decisions, clocks and a register to hold against the
/// log.
@Suite("the log of an installation with a granted opening", .serialized)
struct GrantedLogTests {
    /// The shipped company, opened some days ago; closed.
    private func installation(_ folder: String) async throws {
        let home = try Home.find()
        let town = try await DemoTown(home: home, folder: folder, at: SystemClock().now + -3 * Instant.day)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: home.resource("demo/llc.json")))
        try await DemoJourney(town: town, say: { _ in }).openCompany(
            JSON.read(Array(bytes)),
            into: "\(folder)/out"
        )
        try await town.platform.keeper.round()
        await town.platform.database.close()
    }

    private func change(_ folder: String, _ statement: StaticString) async throws {
        let database = try SQLiteDatabase(path: "\(folder)/suban.sqlite")
        try await database.write { try $0.execute(statement) }
        await database.close()
    }

    private func verdict(_ data: String) throws -> (exit: Int32, json: JSON) {
        let answer = try Program.run(["verify", "--log", "--json", "--data", data])
        return (answer.exit, (try? JSON.read(Array(answer.out.utf8.dropLast()))) ?? .null)
    }

    @Test("`verify --log`, `backup` and `restore` read it, and name what was altered, readable or not")
    func commands() async throws {
        try await withTemporaryFolder { folder in
            let data = "\(folder)/data"
            try await installation(data)
            let sound = try verdict(data)
            #expect(sound.exit == 0 && sound.json["verdict"].text == "whole", "\(sound.json)")
            for kind in ["subjects", "decisions", "clocks"] {
                #expect((sound.json[kind].int ?? 0) > 0, "\(kind)")
            }
            let backup = try Program.run(["backup", "--data", data, "\(folder)/copy.sqlite"])
            #expect(backup.exit == 0, "\(backup.out)\(backup.error)")
            try FileManager.default.createDirectory(
                atPath: "\(folder)/other",
                withIntermediateDirectories: true
            )
            for part in ["keys", "heads.jsonl"] {
                try FileManager.default.copyItem(atPath: "\(data)/\(part)", toPath: "\(folder)/other/\(part)")
            }
            let restored = try Program.run(["restore", "--data", "\(folder)/other", "\(folder)/copy.sqlite"])
            #expect(restored.exit == 0, "\(restored.out)\(restored.error)")
            // A sealed reason with another byte cannot be opened; the register is altered besides.
            try await change(
                data,
                "UPDATE case_decision SET facts = substr(facts, 1, 30) || 'AAAA' || substr(facts, 35)"
            )
            try await change(data, "UPDATE register_subject SET region = '000000'")
            let altered = try verdict(data)
            #expect(altered.exit == 1)
            let found = altered.json["altered"].elements
            #expect(found.contains { $0["subject"].text?.hasPrefix("decision:") == true }, "\(altered.json)")
            #expect(found.contains { $0["code"].text == "register.subject" }, "\(altered.json)")
            let broken = try Program.run(["backup", "--data", data, "\(folder)/broken.sqlite"])
            #expect(broken.exit == 1, "\(broken.error)")
        }
    }

    @Test("without the secret of the columns it says so, makes none, and leaves no copy")
    func secret() async throws {
        try await withTemporaryFolder { folder in
            let data = "\(folder)/data"
            try await installation(data)
            let secret = "\(data)/keys/columns.secret"
            try FileManager.default.removeItem(atPath: secret)
            let answer = try Program.run(["verify", "--log", "--data", data])
            #expect(answer.exit == 2 && answer.error.contains("columns.secret"), "\(answer.error)")
            let backup = try Program.run(["backup", "--data", data, "\(folder)/copy.sqlite"])
            #expect(backup.exit == 2, "\(backup.out)")
            #expect(!FileManager.default.fileExists(atPath: secret))
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/copy.sqlite"))
        }
    }

    @Test("the running server compares the tables, too, and tries again soon when it came to no end")
    func watch() async throws {
        try await withTemporaryFolder { folder in
            try await installation(folder)
            try await change(folder, "UPDATE case_decision SET outcome = 'refuse'")
            let town = try await DemoTown(home: Home.find(), folder: folder, at: SystemClock().now)
            let platform = town.platform
            let limits = try OperatingLimits(home: platform.settings.home)
            let watch = LogWatch(platform: platform, limits: limits, logger: Logger(label: "test"))
            let readiness = Readiness(
                database: platform.database,
                keeper: platform.keeper,
                clock: platform.clock
            )
            try await platform.keeper.round()
            #expect(await readiness.checks().allSatisfy { $0.holds }, "nobody has compared yet")
            #expect(await watch.verify(isFirst: true))
            #expect(await platform.keeper.altered.contains { $0.hasPrefix("decision:") })
            #expect(await readiness.checks().filter { !$0.holds }.map(\.name) == ["tables-logged"])
            #expect(watch.isDue(ended: nil, failed: nil))
            let now = platform.clock.now
            #expect(!watch.isDue(ended: now, failed: nil) && !watch.isDue(ended: nil, failed: now))
            town.clock.set(now + 4 * Instant.minute)
            #expect(!watch.isDue(ended: now, failed: nil) && watch.isDue(ended: nil, failed: now))
            town.clock.set(now + Instant.day)
            #expect(watch.isDue(ended: now, failed: nil))
            await platform.database.close()
            #expect(await watch.verify(isFirst: false) == false)
            #expect(await platform.keeper.isWhole(at: now) == false)
        }
    }
}
