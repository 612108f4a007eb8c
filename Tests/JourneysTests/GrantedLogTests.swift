import Audit
import Foundation
import Kernel
import Storage
import StorageSQLite
import TestSupport
import Testing

@testable import Server

/// An installation in which a company was opened.
enum Granted {
    /// The shipped company, opened some days ago; closed.
    static func installation(_ folder: String) async throws {
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

    static func change(_ folder: String, _ statement: StaticString) async throws {
        let database = try SQLiteDatabase(path: "\(folder)/suban.sqlite")
        try await database.write { try $0.execute(statement) }
        await database.close()
    }

    /// Writes letters over the page where decisions begin, as a disk does that fails.
    static func tearDecisions(_ folder: String) async throws {
        try await tear("case_decision", in: "\(folder)/suban.sqlite")
    }
}

/// An installation in which a company was opened: sealed columns, decisions, clocks and a register to hold against the
/// log.
@Suite("the log of an installation with a granted opening", .serialized)
struct GrantedLogTests {
    private func verdict(_ data: String) throws -> (exit: Int32, json: JSON) {
        let answer = try Program.run(["verify", "--log", "--json", "--data", data])
        return (answer.exit, (try? JSON.read(Array(answer.out.utf8.dropLast()))) ?? .null)
    }

    @Test("`verify --log`, `backup` and `restore` read it, and name what was altered, readable or not")
    func commands() async throws {
        try await withTemporaryFolder { folder in
            let data = "\(folder)/data"
            try await Granted.installation(data)
            let sound = try verdict(data)
            #expect(sound.exit == 0 && sound.json["verdict"].text == "whole", "\(sound.json)")
            for kind in ["subjects", "cases", "decisions", "credentials", "clocks", "draws", "samples"] {
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
            try await Granted.change(
                data,
                "UPDATE case_decision SET facts = substr(facts, 1, 30) || 'AAAA' || substr(facts, 35)"
            )
            try await Granted.change(data, "UPDATE register_subject SET region = '000000'")
            try await Granted.change(data, "UPDATE draw_sample SET rate = 1, drawn = 0")
            try await Granted.change(data, "UPDATE credential_record SET state = 'revoked'")
            let altered = try verdict(data)
            #expect(altered.exit == 1)
            let found = altered.json["altered"].elements
            #expect(found.contains { $0["subject"].text?.hasPrefix("decision:") == true }, "\(altered.json)")
            #expect(found.contains { $0["code"].text == "register.subject" }, "\(altered.json)")
            #expect(found.contains { $0["code"].text == "draw.sample" }, "\(altered.json)")
            let licence = found.contains { $0["subject"].text?.hasPrefix("credential:") == true }
            #expect(licence, "\(altered.json)")
            let broken = try Program.run(["backup", "--data", data, "\(folder)/broken.sqlite"])
            #expect(broken.exit == 1, "\(broken.error)")
        }
    }

    @Test("a torn page ends no comparison: what lies on it is named, and the rest is compared")
    func torn() async throws {
        try await withTemporaryFolder { folder in
            let data = "\(folder)/data"
            try await Granted.installation(data)
            try await Granted.tearDecisions(data)
            try await Granted.change(data, "UPDATE register_subject SET region = '000000'")
            let found = try verdict(data)
            let altered = found.json["altered"].elements
            #expect(found.exit == 1, "\(found.json)")
            #expect(altered.contains { $0["subject"].text?.hasPrefix("decision:") == true }, "\(found.json)")
            #expect(altered.contains { $0["code"].text == "register.subject" }, "\(found.json)")
        }
    }

    @Test(
        "without the secret of the columns it says so and makes none; a copy that cannot be checked is kept as that"
    )
    func secret() async throws {
        try await withTemporaryFolder { folder in
            let data = "\(folder)/data"
            try await Granted.installation(data)
            let secret = "\(data)/keys/columns.secret"
            try FileManager.default.removeItem(atPath: secret)
            let answer = try Program.run(["verify", "--log", "--data", data])
            #expect(answer.exit == 2 && answer.error.contains("columns.secret"), "\(answer.error)")
            let backup = try Program.run(["backup", "--data", data, "\(folder)/copy.sqlite"])
            #expect(backup.exit == 2, "\(backup.out)")
            #expect(!FileManager.default.fileExists(atPath: secret))
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/copy.sqlite"))
            let kept = "\(folder)/copy.sqlite.unchecked"
            #expect(
                FileManager.default.fileExists(atPath: kept) && backup.out.contains(kept),
                "\(backup.out)"
            )
            // Neither does a mirror that cannot be read keep anybody from a copy, and an older one stays.
            try FileManager.default.removeItem(atPath: "\(data)/heads.jsonl")
            try FileManager.default.createDirectory(
                atPath: "\(data)/heads.jsonl",
                withIntermediateDirectories: true
            )
            let again = try Program.run(["backup", "--data", data, "\(folder)/copy.sqlite"])
            #expect(again.exit == 2 && again.error.contains("heads.jsonl"), "\(again.out)\(again.error)")
            let whole = try SQLiteDatabase(path: "\(kept)-2")
            #expect(try await whole.read { try $0.number("SELECT count(*) FROM case_case") } > 0)
            await whole.close()
        }
    }
}
