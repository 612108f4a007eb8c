import Audit
import Cases
import CompanyOpening
import Draws
import FaceSupport
import Foundation
import Jobs
import Kernel
import Server
import Storage
import TestSupport
import Testing

/// The draws for later control, from the commitment to what a stranger computes.
@Suite("draws for later control", .serialized)
struct ControlDrawTests {
    private func draws(_ town: FaceTown) async throws -> [JSON] {
        try await town.call("GET", "/api/v1/draws").json["draws"].elements
    }

    private func day(_ words: String, _ town: FaceTown) async throws -> JSON {
        let purpose = ControlSample.family + words
        return try #require(try await draws(town).first { $0["purpose"].text == purpose })
    }

    private func samples(_ draw: JSON, _ town: FaceTown, _ query: String = "") async throws -> JSON {
        try await town.call("GET", "/api/v1/draws/\(draw["id"].text ?? "")\(query)").json
    }

    private func move(_ moment: String, _ town: FaceTown) async throws {
        try await town.town.move(to: try #require(Instant(parsing: moment)))
        town.closeBrowsers()
    }

    @Test(
        "every day's seed is committed to and logged the day before, and published after the day, used or not",
        arguments: DatabaseEngine.allCases
    )
    func days(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            #expect(try await draws(town).isEmpty)
            let control = town.platform.opening.control
            try await control.arm()
            try await control.arm()
            try await move("2026-03-09 02:59", town)
            let secret = try await draws(town)
            let names = (2...9).reversed().map { "\(ControlSample.family)2026-03-0\($0)" }
            #expect(secret.compactMap { $0["purpose"].text } == names)
            #expect(secret.allSatisfy { $0["seed"].isNull && $0["publishedAt"].isNull })
            for draw in secret.dropLast() {
                let day = try #require(ControlSample.day(of: draw["purpose"].text ?? ""))
                let committed = try #require(draw["committedAt"].int)
                #expect(committed < Instant(day).milliseconds, "\(day)")
                let id = draw["id"].text ?? ""
                let entries = try await town.platform.database.read {
                    try AuditLog.history(of: "draw:\(id)", in: $0)
                }
                #expect(entries.map(\.act) == ["draw.committed"])
                #expect(entries.first?.at.milliseconds == committed)
            }
            try await move("2026-03-09 03:00", town)
            let first = try await day("2026-03-02", town)
            #expect(first["seed"].text?.count == 64 && first["count"].int == 0)
            #expect(first["commitment"] == secret.last?["commitment"])
            #expect(try await day("2026-03-03", town)["seed"].isNull)
            #expect(try await day("2026-03-10", town)["seed"].isNull)
            let dead = try await town.platform.database.read { try Jobs.dead(in: $0) }
            #expect(dead.map(\.kind) == [])
            let below = try await town.call("GET", "/api/v1/draws?below=\(names[6])").json["draws"]
            #expect(below.elements.map { $0["purpose"].text } == [names[7]])
        }
    }

    @Test(
        "the first decision of a day commits before it draws, and what it drew is kept with it or not at all",
        arguments: DatabaseEngine.allCases
    )
    func decision(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let database = town.platform.database
            let draft = try await town.draft("阴山", of: "zhangsan")
            try await town.sign(draft.id, of: "zhangsan")
            let occasion = try await town.occasion(of: "zhangsan")
            // The licence cannot be written, so nothing of the decision is.
            try await database.write { tx in
                try tx.execute("ALTER TABLE credential_record RENAME TO credential_record_away")
            }
            await #expect(throws: (any Error).self) {
                try await town.platform.desk.submit(draft.id, occasion: occasion)
            }
            try await database.write { tx in
                try tx.execute("ALTER TABLE credential_record_away RENAME TO credential_record")
            }
            let open = try await day("2026-03-02", town)
            #expect(open["count"].int == 0 && open["seed"].isNull)
            let granted = try await town.platform.desk.submit(draft.id, occasion: occasion)
            #expect(granted.state == .granted)
            let told = try await samples(open, town)
            #expect(told["draw"]["count"].int == 1, "how many, and not which")
            #expect(told["samples"].elements.isEmpty && !told.canonical.contains(granted.number))
            let (kept, decisions) = try await database.read { reader in
                (
                    try Draws.kept(granted.number, family: ControlSample.family, in: reader),
                    try DecisionStore.of(granted.id, in: reader)
                )
            }
            let sampled = try #require(kept)
            let facts = try #require(decisions.last?.facts["sample"])
            #expect(facts["commitment"].text == sampled.draw.commitment && facts["rate"].int == 5)
            #expect(facts["drawn"].bool == sampled.result.isDrawn && sampled.result.rate == 50_000)
            #expect(facts["draw"].text == open["id"].text && sampled.result.at == decisions.last?.at)
            // Nobody draws by a seed that is public: the whole decision is refused.
            try await database.write { tx in
                try tx.execute("UPDATE draw_seed SET seed = '00', published = 1")
            }
            let next = try await town.draft("塞上", of: "zhangsan")
            try await town.sign(next.id, of: "zhangsan")
            let before = try await town.read(next)
            await #expect(throws: DrawError.published) {
                try await town.platform.desk.submit(next.id, occasion: occasion)
            }
            let after = try await town.read(next)
            #expect(after.state == before.state && after.version == before.version)
        }
    }

    @Test("the page says what is drawn, shows commitments and then seeds, and says so when there are none")
    func page() async throws {
        try await FaceTown.open { town in
            #expect(try await town.get("/trust").text.contains("还没有承诺值"))
            _ = try await town.granted("阴山", of: "zhangsan")
            let open = try await day("2026-03-02", town)
            let commitment = try #require(open["commitment"].text)
            let page = try await town.get("/trust").text
            #expect(page.contains(commitment) && page.contains("2026-03-09 03:00"))
            #expect(page.contains("/api/v1/draws") && !page.contains("还没有承诺值"))
            try await move("2026-03-09 03:00", town)
            let seed = try #require(try await day("2026-03-02", town)["seed"].text)
            let later = try await town.get("/trust").text
            #expect(later.contains(commitment) && later.contains(seed) && !page.contains(seed))
            let english = try await town.get("/trust?lang=en").text
            #expect(english.contains("Draws for later control") && english.contains(seed))
        }
    }

    // MARK: a stranger

    /// Cases that nobody opened, drawn as the engine draws.
    private func draw(_ count: Int, by draw: JSON, _ town: FaceTown) async throws {
        let id: ID<Draw> = ID(draw["id"].text ?? "")
        let now = town.town.clock.now
        try await town.platform.database.write { tx in
            for number in 0..<count {
                let item = String(150_203_000_000 + number)
                let result = SampleResult(item: item, rate: 50_000, isDrawn: false, at: now)
                try Draws.keep(result, of: id, in: tx)
            }
        }
    }

    private func verify(_ days: JSON, _ pages: [JSON]) async throws -> (exit: Int32, out: String) {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try await withTemporaryFolder { folder in
            let paths = try ([days] + pages).enumerated().map { number, answer in
                let path = "\(folder)/\(number).json"
                try Data(answer.canonicalBytes).write(to: URL(fileURLWithPath: path))
                return path
            }
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
            process.arguments = ["\(root.path)/Tools/verify-draw.py"] + paths
            process.standardOutput = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return (process.terminationStatus, text)
        }
    }

    /// A day with three cases of the platform's own.
    private func threeCases(_ town: FaceTown) async throws -> (early: JSON, days: JSON, page: JSON) {
        for brand in ["阴山", "塞上", "敕勒"] { _ = try await town.granted(brand, of: "zhangsan") }
        let early = try await town.call("GET", "/api/v1/draws").json
        try await move("2026-03-09 03:00", town)
        let days = try await town.call("GET", "/api/v1/draws").json
        return (early, days, try await samples(try await day("2026-03-02", town), town))
    }

    @Test("Tools/verify-draw.py agrees with the program's answers and with nothing altered")
    func script() async throws {
        try await FaceTown.open { town in
            let (early, days, page) = try await threeCases(town)
            #expect(page["samples"].elements.count == 3 && page["next"].isNull)
            for list in [early, days] {
                let (exit, out) = try await verify(list, [page])
                #expect(exit == 0 && out.contains("2026-03-02: valid: 3 samples"), "\(out)")
                #expect(out.matches(of: /: valid: (?:not )?drawn, number/).count == 3, "\(out)")
            }
            func altered(_ change: (inout [JSON]) -> Void) -> JSON {
                var (page, samples) = (page, page["samples"].elements)
                change(&samples)
                page["samples"] = .array(samples)
                return page
            }
            let flag = page["samples"].elements[1]["drawn"].bool ?? false
            let alterations = [
                altered { $0[1]["rate"] = 50_001 }, altered { $0[1]["item"] = "15020300000000000000000" },
                altered { $0[1]["drawn"] = .bool(!flag) }, altered { $0[1]["at"] = 1 },
                altered { $0.removeLast() }, altered { $0[0] = $0[1] },
            ]
            for (number, page) in alterations.enumerated() {
                let (exit, out) = try await verify(days, [page])
                #expect(exit == 1 && out.contains("invalid"), "\(number): \(out)")
            }
            let seed = page["draw"]["seed"].text ?? ""
            var other = page
            other["draw"]["seed"] = .string((seed.hasPrefix("0") ? "1" : "0") + seed.dropFirst())
            #expect(try await verify(days, [other]).exit == 1)
            // Whoever kept the list sees that another seed was put in the place of the first.
            var list = early
            var first = list["draws"].elements
            first[0]["commitment"] = .string(String(repeating: "0", count: 64))
            list["draws"] = .array(first)
            let exchanged = try await verify(list, [page])
            #expect(exchanged.exit == 1 && exchanged.out.contains("another commitment"), "\(exchanged.out)")
            let secret = try await verify(early, [["draw": early["draws"].elements[0], "samples": []]])
            #expect(secret.exit == 3 && secret.out.hasPrefix("not yet"), "\(secret.out)")
            for unreadable: JSON in [[], ["draws": 1]] {
                #expect(try await verify(unreadable, [page]).exit == 2)
            }
            #expect(try await verify(days, [["samples": []]]).exit == 2)
        }
    }

    @Test("a long day is read page by page, and the page that is left out is missed")
    func pages() async throws {
        try await FaceTown.open { town in
            try await town.platform.opening.control.arm()
            try await town.town.settle()
            try await draw(1_005, by: try await day("2026-03-02", town), town)
            try await move("2026-03-09 03:00", town)
            let open = try await day("2026-03-02", town)
            let first = try await samples(open, town)
            let next = try #require(first["next"].text)
            let second = try await samples(open, town, "?after=\(next)")
            #expect(first["samples"].elements.count == 1_000 && second["samples"].elements.count == 5)
            #expect(second["next"].isNull && open["count"].int == 1_005)
            let days = try await town.call("GET", "/api/v1/draws").json
            // None was said to be drawn, whatever the seed says: those that it draws do not follow from it.
            let whole = try await verify(days, [first, second])
            #expect(whole.exit == 1 && whole.out.contains("do not follow from the seed"))
            #expect(whole.out.contains(": valid: not drawn") && whole.out.contains(": invalid: its number"))
            let part = try await verify(days, [first])
            #expect(part.exit == 1 && part.out.contains("1000 of 1005 samples"))
        }
    }
}
