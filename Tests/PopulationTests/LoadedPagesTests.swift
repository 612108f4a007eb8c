import Cases
import Credentials
import FaceSupport
import Kernel
import Population
import Registers
import Server
import Storage
import Testing

@Suite("pages of a loaded installation")
struct LoadedPagesTests {
    @Test(
        "every page and the description of the API say that people and firms are made up, in both languages"
    )
    func banner() async throws {
        try await FaceTown.open { town in
            let platform = town.platform
            func says(_ words: String) async throws -> [Bool] {
                try await [
                    town.get("/?lang=zh").text.contains(words), town.get("/?lang=en").text.contains(words),
                    town.get("/desk?lang=zh", as: "registrar").text.contains(words),
                    town.get("/openapi.json").text.contains(words),
                ]
            }
            let (chinese, english) = ("7 户企业及其人员、40 件办件、5 张证照均为虚构", "the 7 firms of this installation")
            #expect(try await says(chinese) == [false, false, false, false])
            let request = PopulationRequest(
                subjects: 7,
                cases: 40,
                licences: 5,
                seed: 1,
                day: platform.clock.now.date
            )
            _ = try await Population(request, in: platform).load { _ in }
            try await platform.refresh()
            #expect(try await says(chinese) == [true, false, true, true])
            #expect(try await says(english) == [false, true, false, true])
        }
    }

    @Test(
        "the inbox, the search, a case, a firm's entry, its licences and the public look-up show what was loaded"
    )
    func pages() async throws {
        try await FaceTown.open { town in
            let platform = town.platform
            let request = PopulationRequest(
                subjects: 400,
                cases: 6_000,
                licences: 800,
                seed: 1,
                day: platform.clock.now.date
            )
            _ = try await Population(request, in: platform).load { _ in }
            let open = try await platform.database.read { reader in
                try reader.query(
                    """
                    SELECT c.id, c.region FROM case_case c JOIN case_step s ON s.case_id = c.id
                    WHERE s.state = 'open' ORDER BY s.opened_at LIMIT 1
                    """
                ).first
            }
            let waiting = try #require(open)
            let scope = InboxScope(regionPrefix: try waiting.text(1), agency: nil, role: "registrar")
            let rows = try await platform.database.read { try InboxStore.list(scope, limit: 10, in: $0) }
            #expect(try rows.map(\.caseID.rawValue).contains(waiting.text(0)))
            #expect(rows.allSatisfy { $0.clock != nil })
            #expect(try await town.get("/desk", as: "registrar").status == 200)
            let granted = try await platform.database.read { reader in
                try reader.query(
                    """
                    SELECT id, number, title, result FROM case_case WHERE state = 'granted' AND region = '150203'
                        AND item = 'llc' ORDER BY id LIMIT 1
                    """
                ).first
            }
            let done = try #require(granted)
            let code = try done.text(3)
            for path in ["/desk/cases/\(try done.text(0))", "/desk/corrections/\(code)"] {
                let page = try await town.get(path, as: "registrar")
                #expect(page.status == 200, "\(path)")
                #expect(page.text.contains(try done.text(2)), "\(path)")
            }
            let pages = try await platform.database.read { reader in
                func decided(before: (Instant, String)?, limit: Int) throws -> [DecidedLine] {
                    try CaseSearchStore.decided(
                        from: Instant(milliseconds: 0),
                        until: platform.clock.now,
                        before: before,
                        by: nil,
                        regionPrefix: "15",
                        limit: limit,
                        in: reader
                    )
                }
                let first = try decided(before: nil, limit: 3)
                let second = try decided(before: first.last.map { ($0.at, $0.id) }, limit: 3)
                return ((first + second).map(\.id), try decided(before: nil, limit: 6).map(\.id))
            }
            #expect(pages.0 == pages.1 && pages.0.count == 6)
            let found = try await town.get("/desk/find?q=\(code)", as: "registrar")
            #expect(found.location.contains(code) || found.text.contains(code))
            // The registrar of the demonstration sits in 昆都仑区.
            let brand = try done.text(2).dropFirst("包头市昆都仑区".count).prefix(2)
            let named = try await town.get("/desk/find?q=\(SentForm.escaped(String(brand)))", as: "registrar")
            #expect(named.text.contains(try done.text(1)))
            let entry = try await town.get("/api/v1/register/\(code)")
            #expect(entry.status == 200, "\(entry.text)")
            let licence = try await platform.database.read { reader in
                try Credentials.held(by: code, in: reader).first
            }
            let looked = try await town.get("/v/\(try #require(licence).record.code.rawValue)")
            #expect(looked.status == 200)
            #expect(looked.text.contains(try done.text(2)))
        }
    }
}
