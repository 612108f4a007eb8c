@testable import CompanyNames
import Jobs
import Kernel
import Standards
import Storage
import TestSupport
import Testing

@Suite("Same and near names")
struct SameAndNearTests {
    private static func same(_ report: NameReport) -> [String] {
        report.findings.filter { $0.check == .same }.map(\.code)
    }

    @Test("a cancelled firm's name is blocked at 364 days and free at 366")
    func cancelled() async throws {
        try await forEachEngine(Fixture.migrations) { database in
            let rules = try Fixture.rules.get()
            let day = try Fixture.day("2025-03-03 10:00")
            try await Fixture.register(Fixture.parts("云帆"), enterprise: "e-1", at: day, on: database)
            let left = try await database.write { tx in
                try NameLibrary.leave(
                    enterprise: "e-1",
                    as: .cancel,
                    under: rules,
                    occasion: Fixture.occasion(day),
                    in: tx
                )
            }
            #expect(left.map(\.state) == [.cancelled])
            let proposal = Fixture.proposal(Fixture.parts("云帆"))
            let blocked = try await Fixture.check(proposal, at: day + 364 * Instant.day, on: database)
            #expect(Self.same(blocked) == ["name.same-cancelled"] && blocked.verdict == .refused)
            let free = try await Fixture.check(proposal, at: day + 366 * Instant.day, on: database)
            #expect(Self.same(free) == [] && free.verdict == .free)
            let clock = ManualClock(day + 366 * Instant.day)
            try await Fixture.runner(database, clock).runUntilQuiet()
            let names = try await database.read { try NameLibrary.names(of: "e-1", in: $0) }
            #expect(names.map(\.state) == [.lapsed])
            _ = try await Fixture.reserved(proposal, at: clock.now, on: database)
        }
    }

    @Test("parent and subsidiary share a brand, a stranger does not", arguments: [NameEvent.rename, .revoke])
    func kin(event: NameEvent) async throws {
        try await forEachEngine(Fixture.migrations) { database in
            let rules = try Fixture.rules.get()
            let now = try Fixture.day("2025-03-03 10:00")
            try await Fixture.register(Fixture.parts("云帆"), enterprise: "parent", at: now, on: database)
            let child = Fixture.proposal(
                Fixture.parts("云帆", "技术"),
                applicant: "p-2",
                kin: ["parent"]
            )
            let report = try await Fixture.check(child, at: now, on: database)
            #expect(Self.same(report) == ["name.same-kindred"] && report.verdict == .free)
            let entry = try await Fixture.reserved(child, at: now, on: database)
            try await database.write { tx in
                try ConsumeName.run(entry.id, enterprise: "child", occasion: Fixture.occasion(now), in: tx)
            }
            let stranger = Fixture.proposal(Fixture.parts("云帆"), applicant: "p-3")
            let strange = try await Fixture.check(stranger, at: now, on: database)
            #expect(Self.same(strange) == ["name.same-registered"])
            try await database.write { tx in
                _ = try NameLibrary.leave(
                    enterprise: "parent",
                    as: event,
                    under: rules,
                    occasion: Fixture.occasion(now),
                    in: tx
                )
            }
            let two = Fixture.proposal(
                Fixture.parts("云帆"),
                applicant: "p-3",
                kin: ["parent", "child"]
            )
            let kindred = try await Fixture.check(two, at: now, on: database)
            #expect(Self.same(kindred) == ["name.same-kindred"])
        }
    }

    @Test(
        "地产 against 置业: the same trade, however the name is written",
        arguments: ["呼和浩特市云帆置业有限责任公司", "云帆（呼和浩特市）房地产开发有限公司", "云帆地产（呼和浩特）有限公司", "呼和浩特市云帆有限公司"]
    )
    func synonyms(text: String) async throws {
        try await forEachEngine(Fixture.migrations) { database in
            let rules = try Fixture.rules.get()
            let now = try Fixture.day("2025-03-03 10:00")
            try await Fixture.register(Fixture.parts("云帆", "房地产"), enterprise: "e-1", at: now, on: database)
            let report = try await Fixture.check(
                Fixture.proposal(try rules.parse(text)),
                at: now,
                on: database
            )
            #expect(Self.same(report) == ["name.same-registered"])
            #expect(report.proposals.count == 3)
        }
    }

    @Test("another trade or another library is near, not the same")
    func elsewhere() async throws {
        try await forEachEngine(Fixture.migrations) { database in
            let now = try Fixture.day("2025-03-03 10:00")
            try await Fixture.register(Fixture.parts("云帆", "餐饮"), enterprise: "e-1", at: now, on: database)
            try await Fixture.register(
                Fixture.parts("云帆", "科技", division: "包头市"),
                enterprise: "e-2",
                scope: "150200",
                at: now,
                on: database
            )
            let report = try await Fixture.check(
                Fixture.proposal(Fixture.parts("云帆")),
                at: now,
                on: database
            )
            #expect(Self.same(report) == [] && report.verdict == .free)
            #expect(report.nearest.map(\.scope) == ["150200", "150100"])
            #expect(report.nearest.map(\.reason) == [.sameBrand, .sameBrand])
        }
    }

    @Test("sound, one character, containment, reverse: each found with its reason and a score that falls")
    func near() async throws {
        try await forEachEngine(Fixture.migrations) { database in
            let now = try Fixture.day("2025-03-03 10:00")
            let cases: [(mine: String, other: String, reason: NearName.Reason)] = [
                ("鑫达", "新达", .sameSound), ("重山", "虫山", .sameSound), ("云帆", "帆云", .reversed),
                ("云帆", "云航", .oneApart), ("云帆", "白帆", .oneApart), ("金云帆", "金海帆", .oneApart),
                ("金云帆", "金帆", .oneApart), ("金帆", "金云帆", .oneApart), ("云帆", "大云帆", .contained),
                ("云帆", "云帆达", .contained), ("云帆", "大云帆达", .contained), ("大云帆", "云帆", .contains),
                ("草原明珠", "草原", .contains), ("草原明珠", "草原名珠", .sameSound),
                ("草原明珠", "草原明月", .oneApart), ("草原明珠", "草地明珠", .oneApart),
            ]
            for (index, item) in cases.enumerated() {
                let trades = ["科技", "餐饮", "物流", "置业", "商贸", "软件", "农业", "乳业", "煤炭", "电力"]
                let scope = index < 10 ? "150100" : "150200"
                let trade = trades[index % 10]
                let division = index < 10 ? "呼和浩特市" : "包头市"
                let region = index < 10 ? "150102" : "150203"
                try await Fixture.register(
                    Fixture.parts(item.other, trade, division: division),
                    enterprise: "e-\(index)",
                    scope: scope,
                    at: now,
                    on: database
                )
                let proposal = Fixture.proposal(
                    Fixture.parts(item.mine, trade, division: division),
                    scope: scope,
                    region: region
                )
                let report = try await Fixture.check(proposal, at: now, on: database)
                let found = report.nearest.first { $0.text.contains(item.other + trade) && $0.scope == scope }
                #expect(found?.reason == item.reason, "\(item.mine) \(item.other)")
                #expect(report.nearest.map(\.score) == report.nearest.map(\.score).sorted(by: >))
                #expect(report.nearest.count <= 10)
                #expect(report.findings.contains { $0.code == "name.near" && $0.severity == .notice })
            }
        }
    }

    @Test("the indexes find every near name that a look at all names finds")
    func complete() async throws {
        let seed: UInt64 = 7_041
        print("seed \(seed)")
        let entropy = SeededEntropy(seed: seed)
        let letters = Array("云帆海天金达鑫新山川明珠草原重虫乐月越行航长常")
        func brand() -> String {
            String(
                (0..<2 + entropy.number(below: 3)).map { _ in letters[entropy.number(below: letters.count)] }
            )
        }
        let library = Set((0..<400).map { _ in brand() })
        let asked = (0..<60).map { _ in brand() }
        let rules = try Fixture.rules.get()
        try await forEachEngine(Fixture.migrations) { database in
            let now = try Fixture.day("2025-03-03 10:00")
            let names = library.map { brand in
                NameLibrary.Borne(
                    parts: Fixture.parts(brand),
                    subject: .limitedCompany,
                    scope: "150200",
                    region: "150203",
                    enterprise: brand,
                    industry: nil
                )
            }
            let count = try await database.write { tx in
                try NameLibrary.load(names, under: rules, occasion: Fixture.occasion(now), in: tx)
            }
            #expect(count == library.count)
            for brand in asked {
                let proposal = Fixture.proposal(Fixture.parts(brand))
                let key = rules.key(proposal.parts, subject: .limitedCompany, scope: "150100")
                let search = NearSearch(rules: rules, proposal: proposal, key: key, now: now)
                let sounds = Set(rules.language.sounds(of: brand))
                let expected = library.filter { search.reason($0, sounds: sounds) != nil }
                let found = Set(try await database.read { try search.candidates(in: $0) }.map(\.brand))
                #expect(expected.subtracting(found) == [], "\(brand)")
            }
        }
    }
}
