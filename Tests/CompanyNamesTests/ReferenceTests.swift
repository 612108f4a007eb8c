import CompanyNames
import Kernel
import Standards
import Storage
import TestSupport
import Testing

@Suite("Reference tables of opening a business")
struct ReferenceTests {
    let standards: Standards
    let home: Home

    init() throws {
        standards = try Fixture.standards.get()
        home = try Fixture.home.get()
    }

    private func table(_ kind: String) throws -> ReferenceTable {
        try ReferenceImport.shipped(kind, home: home, standards: standards)
    }

    @Test("every shipped table is read without a complaint", arguments: ReferenceSchema.all.map(\.kind))
    func shipped(kind: String) throws {
        #expect(try !table(kind).rows.isEmpty)
    }

    @Test("scope phrases cover every section and name permits before and after registration")
    func phrases() throws {
        let date = try #require(LocalDate(parsing: "2026-01-05"))
        let phrases = try table("scope-phrases").rows(on: date)
        #expect(phrases.count >= 320)
        let sections = Set(phrases.compactMap { standards.industries[$0["industry"]]?.section })
        #expect(sections == Set("ABCDEFGHIJKLMNOPQRST".map(String.init)))
        let permits = phrases.filter { $0["permit_timing"] != "none" }
        #expect(permits.count >= 40 && permits.contains { $0["permit_timing"] == "before" })
        for phrase in permits {
            let named = ["permit_item", "department", "link"].allSatisfy { !phrase[$0].isEmpty }
            #expect(named, "\(phrase["text_zh"])")
        }
        func timing(_ text: String) -> String? {
            phrases.first { $0["text_zh"] == text }.map { $0["permit_timing"] }
        }
        #expect(timing("烟草制品批发") == "before" && timing("餐饮服务") == "after")
    }

    @Test("every banner and every league has an authority for each kind and owner")
    func authorities() throws {
        let jurisdiction = Jurisdiction(try table("jurisdiction"))
        let date = try #require(LocalDate(parsing: "2026-01-05"))
        let regions = standards.regions.banners + standards.regions.leagues
        #expect(regions.count == 115)
        for region in regions {
            let company = jurisdiction.authority(
                region: region.code,
                kind: .limitedCompany,
                capital: Money(fen: 100_000_000),
                on: date
            )
            let trader = jurisdiction.authority(
                region: region.code,
                kind: .soleTrader,
                capital: nil,
                on: date
            )
            let state = jurisdiction.authority(
                region: region.code,
                kind: .limitedCompany,
                capital: Money(fen: 1),
                owner: .state,
                on: date
            )
            #expect(company != nil && trader != nil, "\(region.name)")
            #expect(state?.region == "150000")
        }
    }

    @Test("a hundred million in Wuhai goes to the city, one fen less to the district")
    func capitalBound() throws {
        let jurisdiction = Jurisdiction(try table("jurisdiction"))
        let date = try #require(LocalDate(parsing: "2026-01-05"))
        func region(_ fen: Int64) -> String? {
            jurisdiction.authority(
                region: "150302",
                kind: .limitedCompany,
                capital: Money(fen: fen),
                on: date
            )?.region
        }
        #expect(region(9_999_999_999) == "150302")
        #expect(region(10_000_000_000) == "150300")
    }

    @Test("two engravers in every league, more than 150 words for trades")
    func counts() throws {
        let engravers = Dictionary(grouping: try table("engravers").rows.filter { $0["state"] == "active" }) {
            $0["league"]
        }
        for league in standards.regions.leagues {
            #expect((engravers[league.code]?.count ?? 0) >= 2, "\(league.name)")
        }
        #expect(try table("trade-synonyms").rows.count { $0["role"] == "main" } >= 150)
        #expect(Set(try table("forbidden-words").rows.map { $0["class"] }).count == 9)
    }

    private func problems(_ text: String, kind: String = "brand-extensions") -> [String] {
        do {
            _ = try ReferenceImport.read(Array(text.utf8), kind: kind, standards: standards)
            return []
        } catch { return error.problems.map { "\($0.line):\($0.column):\($0.code)" } }
    }

    @Test("a bad file is refused with line, column and reason for everything that is wrong")
    func badRows() {
        let header = "character\tplace\tcertainty\n"
        #expect(problems("# note\n\(header)盛\tafter\tx\n") == [])
        #expect(
            problems("# note\n\(header)盛盛\tafter\tx\n盛\tinside\tx\n\tafter\tx\n盛\tafter\n")
                == [
                    "3:character:reference.too-long", "4:place:reference.not-a-choice",
                    "5:character:reference.missing", "6::reference.field-count",
                ]
        )
        #expect(problems("\(header)盛\tafter\tx\n盛\tafter\ty\n") == ["3:character+place:reference.duplicate"])
        #expect(
            problems("character\twhere\tcertainty\n盛\tafter\tx\n")
                == ["1:place:reference.column-missing", "1:where:reference.column-unknown"]
        )
        #expect(problems("") == ["0::reference.empty"])
        #expect(problems(header) == ["1::reference.empty"])
        #expect(problems("x", kind: "nothing") == ["0::reference.unknown-kind"])
    }

    @Test("codes are checked against the standards: region, industry, agency, dates")
    func codes() {
        let header = "zone,name,region,from,until,note,certainty\n"
        #expect(problems("\(header)150172,x,150105,2021-01-01,,,y\n", kind: "zones") == [])
        #expect(
            problems("\(header)150172,x,150172,2021-13-01,,,y\n", kind: "zones")
                == ["2:region:reference.functional-area", "2:from:reference.not-a-date"]
        )
        #expect(
            problems("\(header)999999,x,150105,2021-01-02,2021-01-01,,y\n", kind: "zones")
                == ["2:zone:reference.unknown-region", "2:until:reference.ends-before-start"]
        )
        let trades = "word,class,industry,role,certainty\n"
        #expect(
            problems("\(trades)电商,99,52,main,x\n", kind: "trade-synonyms")
                == ["2:class:reference.unknown-industry"]
        )
    }

    @Test("comma-separated files with quotes, and files that are no text")
    func quoted() throws {
        let text =
            "\u{FEFF}character,place,certainty\r\n\"盛\",after,\"a, \"\"b\"\"\nc\"\r\n# note\r\n恒,after,x\r\n"
        let table = try ReferenceImport.read(Array(text.utf8), kind: "brand-extensions", standards: standards)
        #expect(table.rows.map { $0["certainty"] } == ["a, \"b\"\nc", "x"])
        #expect(problems("character,place,certainty\n\"盛,after,x\n") == ["2::reference.open-quote"])
        #expect(throws: ReferenceRejected.self) {
            try ReferenceImport.read([0xC4, 0xE3, 0xFF], kind: "banks", standards: standards)
        }
    }

    @Test("tables load once, a bureau's own follows from its day on")
    func versions() async throws {
        let (standards, home) = (standards, home)
        try await forEachEngine(Fixture.migrations) { database in
            let now = try Fixture.day("2026-03-02 10:00")
            let first = try await ReferenceImport.loadShipped(
                home: home,
                standards: standards,
                occasion: Fixture.occasion(now),
                into: database
            )
            #expect(first.count == ReferenceSchema.all.count)
            let again = try await ReferenceImport.loadShipped(
                home: home,
                standards: standards,
                occasion: Fixture.occasion(now),
                into: database
            )
            #expect(again.isEmpty)
            let own = try ReferenceImport.read(
                Array("character\tplace\tcertainty\n丰\tafter\tbureau\n".utf8),
                kind: "brand-extensions",
                standards: standards
            )
            let from = now.date.adding(days: 30)
            try await database.write { tx in
                try ReferenceImport.store(
                    own,
                    effective: from,
                    source: "文件1号",
                    occasion: Fixture.occasion(now),
                    in: tx
                )
            }
            let (before, after) = try await database.read { reader in
                (
                    try ReferenceImport.table("brand-extensions", on: from.adding(days: -1), in: reader),
                    try ReferenceImport.table("brand-extensions", on: from, in: reader)
                )
            }
            #expect((before?.rows.count ?? 0) > 20)
            #expect(after == own)
            let language = try Language(home: home)
            let rules = try await database.read { reader in
                try NameRules(
                    standards: standards,
                    language: language,
                    terms: NameRules.shippedTerms(home: Fixture.home.get()),
                    on: now.date,
                    in: reader
                )
            }
            #expect(try rules.parse("呼和浩特市云帆科技有限公司").brand == "云帆")
        }
    }
}
