import CompanyNames
import Kernel
import Storage
import TestSupport
import Testing

@Suite("Checks of a name's shape and words")
struct NameShapeTests {
    private static let now = Instant(LocalDate(dayNumber: 20_458), hour: 10)

    private static func codes(_ proposal: NameProposal, on database: any Database) async throws -> [String] {
        let report = try await Fixture.check(proposal, at: now, on: database)
        return report.findings.filter { $0.code != "name.promise" }.map {
            "\($0.code):\($0.severity.rawValue)"
        }
    }

    @Test("every rule of the shape answers with its code")
    func shapes() async throws {
        let cases: [(NameParts, [String])] = [
            (Fixture.parts("云帆"), []),
            (Fixture.parts("云"), ["name.brand-too-short:refuse"]),
            (Fixture.parts("云A2"), ["name.not-chinese:refuse", "name.brand-too-short:refuse"]),
            (Fixture.parts("云帆😀"), ["name.not-chinese:refuse"]),
            (Fixture.parts("雲帆"), ["name.traditional:refuse"]),
            (Fixture.parts("云𠀀帆"), ["name.rare-character:person"]),
            (Fixture.parts("包头市云"), ["name.brand-has-division:refuse"]),
            (Fixture.parts("武川"), ["name.brand-is-division:person"]),
            (Fixture.parts("科技"), ["name.brand-is-trade:person"]),
            (Fixture.parts("云帆", division: ""), ["name.no-division:person"]),
            (Fixture.parts("云帆", division: "广州市"), ["name.division-unknown:refuse"]),
            (Fixture.parts("云帆", division: "新城区"), ["name.division-alone:refuse"]),
            (Fixture.parts("云帆", division: "包头市"), ["name.division-elsewhere:refuse"]),
            (Fixture.parts("云帆", division: "内蒙古"), []),
            (Fixture.parts("云帆", division: "呼和浩特市新城区"), []),
            (Fixture.parts("云帆", ""), ["name.no-trade:person"]),
            (Fixture.parts("云帆", "飞车"), ["name.trade-unknown:person"]),
            (Fixture.parts("云帆", form: "股份有限公司"), ["name.form-not-allowed-limited-company:refuse"]),
            (Fixture.parts("云帆", form: "帮"), ["name.form-unknown:refuse"]),
            (Fixture.parts("联合国"), ["name.forbidden-4:refuse"]),
            (Fixture.parts("云帆", "博彩"), ["name.trade-unknown:person", "name.forbidden-5:refuse"]),
            (
                Fixture.parts("中国云", division: ""),
                ["name.no-division:person", "name.limited-state-prefix:refuse"]
            ),
            (Fixture.parts("云帆", "科技集团"), ["name.limited-group:person"]),
            (Fixture.parts("云帆", "国际贸易"), ["name.limited-international:notice"]),
            (Fixture.parts("伊利", "乳业"), ["name.protected:person"]),
            (Fixture.parts("伊利", "软件"), ["name.protected-elsewhere:notice"]),
        ]
        try await withDatabase(.sqlite, Fixture.migrations) { database in
            for (parts, expected) in cases {
                let found = try await Self.codes(Fixture.proposal(parts), on: database)
                #expect(found == expected, "\(parts.text)")
            }
        }
    }

    @Test("the simplified form and the place of the character are told")
    func traditional() async throws {
        try await withDatabase(.sqlite, Fixture.migrations) { database in
            let report = try await Fixture.check(
                Fixture.proposal(Fixture.parts("新雲帆")),
                at: Self.now,
                on: database
            )
            let finding = try #require(report.findings.first)
            #expect(finding.arguments["simplified"] == "新云帆")
            #expect(finding.position == 1..<2 && finding.part == .brand)
            #expect(report.verdict == .refused && report.key.brand == "新云帆")
        }
    }

    @Test("a sole trader is no company, and may go without a trade")
    func soleTrader() async throws {
        try await withDatabase(.sqlite, Fixture.migrations) { database in
            let good = NameParts(division: "呼和浩特市新城区", brand: "老张", trade: "", form: "面馆")
            let bad = NameParts(division: "呼和浩特市新城区", brand: "老张", trade: "", form: "有限公司")
            let found = try await Self.codes(Fixture.proposal(good, subject: .soleTrader), on: database)
            #expect(found == [])
            let refused = try await Self.codes(Fixture.proposal(bad, subject: .soleTrader), on: database)
            #expect(refused == ["name.form-not-allowed-sole-trader:refuse"])
        }
    }

    @Test("a Mongolian name of twenty characters is good, Latin letters in it are not")
    func mongolian() async throws {
        try await withDatabase(.sqlite, Fixture.migrations) { database in
            var proposal = Fixture.proposal(Fixture.parts("云帆"))
            proposal.mongolian = "ᠥᠪᠥᠷ ᠮᠣᠩᠭᠣᠯ ᠤᠨ ᠬᠤᠷᠳᠤᠨ"
            let answer1 = try await Self.codes(proposal, on: database)
            #expect(answer1 == ["name.mongolian-confirm:notice"])
            proposal.mongolian = "ᠮᠣᠩᠭᠣᠯ abc"
            let answer2 = try await Self.codes(proposal, on: database)
            #expect(answer2 == ["name.mongolian-letters:refuse"])
        }
    }

    @Test(
        "a text of no reasonable length is refused unread, also one of a single character with a thousand marks"
    )
    func endless() async throws {
        try await withDatabase(.sqlite, Fixture.migrations) { database in
            for brand in [
                String(repeating: "云", count: 100_000), "云" + String(repeating: "\u{301}", count: 1_000),
            ] {
                let found = try await Self.codes(Fixture.proposal(Fixture.parts(brand)), on: database)
                #expect(found == ["name.too-long:refuse"])
            }
        }
    }
}
