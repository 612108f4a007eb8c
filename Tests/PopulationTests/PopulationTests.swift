import Audit
import Cases
import Credentials
import Kernel
import Population
import Registers
import Server
import Standards
import Storage
import TestSupport
import Testing
import TownSupport

@Suite("a made-up population")
struct PopulationTests {
    private static func request(_ seed: UInt64 = 3, day: LocalDate) -> PopulationRequest {
        PopulationRequest(subjects: 120, cases: 1_500, licences: 300, seed: seed, day: day)
    }

    /// What is compared of two populations: names, codes, states, moments.
    private static func likeness(_ reader: any Reader) throws -> [[ColumnValue]] {
        try reader.query("SELECT code, name, items, established_on FROM register_subject ORDER BY code").map(
            \.values
        )
            + reader.query("SELECT id, number, title, state, decided_at, result FROM case_case ORDER BY id")
            .map(\.values)
            + reader.query("SELECT id, identifier, code, holder, record FROM credential_record ORDER BY id")
            .map(\.values)
    }

    @Test("is the same on both engines for one seed, another for another, and stands as the log says")
    func reproducible() async throws {
        let seen = Seen()
        try await TownShop.plain.onEachEngine { copy in
            let platform = copy.town.platform
            let population = try await Population(Self.request(day: platform.clock.now.date), in: platform)
            let rows = try await population.load { _ in }
            #expect(rows > 10_000)
            let proven = try await RegisterProof.all(in: platform.database, max: 3)
            #expect(proven.subjects == 120)
            #expect(proven.problems.isEmpty)
            #expect(try await platform.keeper.check(.whole).isWhole)
            #expect(await platform.keeper.damage == nil)
            await seen.add(try await platform.database.read { try Self.likeness($0) })
        }
        try await TownShop.plain.on(.sqlite) { copy in
            let platform = copy.town.platform
            _ = try await Population(Self.request(4, day: platform.clock.now.date), in: platform).load { _ in
            }
            await seen.add(try await platform.database.read { try Self.likeness($0) })
        }
        let all = await seen.all
        try #require(all.count == 3)
        #expect(all[0] == all[1])
        #expect(all[0] != all[2])
    }

    private actor Seen {
        var all: [[[ColumnValue]]] = []
        func add(_ one: [[ColumnValue]]) { all.append(one) }
    }

    @Test(
        "what an older program wrote beside a newer one is found by its name once the names were looked over"
    )
    func indexNames() async throws {
        try await TownShop.plain.onEachEngine { copy in
            let platform = copy.town.platform
            _ = try await Population(Self.request(day: platform.clock.now.date), in: platform).load { _ in }
            func index() async throws -> Maintenance.NameIndex {
                try await Maintenance(platform.settings, by: Operator(user: "test")).indexNames()
            }
            let whole = try await index()
            #expect(whole.put == 0 && whole.subjects == 120 && whole.cases > 1_000, "\(whole)")
            let lost = try await platform.database.write { tx in
                let one = try tx.query(
                    """
                    SELECT id, title, result FROM case_case
                    WHERE state = 'granted' AND EXISTS (SELECT 1 FROM register_subject WHERE code = result) ORDER BY id LIMIT 1
                    """
                )
                let row = try #require(one.first)
                let (id, title, code) = (try row.text(0), try row.text(1), try row.text(2))
                try tx.execute("DELETE FROM search_gram WHERE object IN ($1, $2)", id, code)
                return (id: id, title: title, code: code)
            }
            func isFound() async throws -> [Bool] {
                try await platform.database.read { reader in
                    [
                        try CaseSearchStore.find(lost.title, regionPrefix: "15", limit: 100, in: reader)
                            .contains { $0.id.rawValue == lost.id },
                        try RegisterStore.search(lost.title, regionPrefix: "15", limit: 100, in: reader)
                            .contains { $0.code == lost.code },
                    ]
                }
            }
            #expect(try await isFound() == [false, false])
            #expect(try await index().put == 2)
            #expect(try await isFound() == [true, true])
            #expect(try await index().put == 0, "what is there stays as it is")
        }
    }

    @Test("has cases in every state that they can be left in, each with a history that fits")
    func states() async throws {
        try await TownShop.plain.on(.sqlite) { copy in
            let platform = copy.town.platform
            let many = PopulationRequest(
                subjects: 200,
                cases: 8_000,
                licences: 0,
                seed: 3,
                day: platform.clock.now.date
            )
            _ = try await Population(many, in: platform).load { _ in }
            let states = try await platform.database.read {
                try $0.query("SELECT DISTINCT state FROM case_case").map { try $0.text(0) }
            }
            let passing: Set<CaseState> = [.received, .accepted]
            #expect(Set(states) == Set(CaseState.allCases.filter { !passing.contains($0) }.map(\.rawValue)))
            let odd = try await platform.database.read { reader in
                try reader.number(
                    """
                    SELECT COUNT(*) FROM case_case c WHERE (submitted_at < created_at) OR (decided_at < submitted_at)
                        OR (state = 'review') <> EXISTS (
                            SELECT 1 FROM case_step s WHERE s.case_id = c.id AND s.state = 'open')
                        OR (state = 'granted') AND (result IS NULL OR NOT EXISTS (
                            SELECT 1 FROM register_subject r WHERE r.code = c.result AND r.name = c.title))
                    """
                )
            }
            #expect(odd == 0)
        }
    }

    private struct Stopped: Error {}

    @Test("goes on where it was stopped, writes nothing twice, and leaves other numbers and real cases alone")
    func resumes() async throws {
        try await TownShop.plain.onEachEngine { copy in
            let platform = copy.town.platform
            let request = Self.request(day: platform.clock.now.date)
            await #expect(throws: Stopped.self) {
                try await Population(request, in: platform, batch: 50).load { run in
                    if run.casesDone >= 200 { throw Stopped() }
                }
            }
            let half = try #require(try await platform.database.read { try LoadRun.find(in: $0) })
            #expect(!half.isComplete && half.subjectsDone == 120 && half.casesDone >= 200)
            _ = try await Population(request, in: platform, batch: 50).load { _ in }
            let counts = try await platform.database.read { reader in
                [
                    try reader.number("SELECT COUNT(*) FROM register_subject"),
                    try reader.number("SELECT COUNT(*) FROM case_case"),
                    try reader.number("SELECT COUNT(*) FROM credential_record"),
                ]
            }
            #expect(counts == [120, 1_500, 300])
            #expect(try await Population(request, in: platform).load { _ in } == 0)
            let more = PopulationRequest(subjects: 121, cases: 0, licences: 0, seed: 3, day: request.day)
            await #expect(throws: LoadError.self) { try await Population(more, in: platform).load { _ in } }
        }
    }

    @Test("of one city is of nobody else's, goes on as that only, and where nobody registers there is none")
    func region() async throws {
        try await TownShop.plain.onEachEngine { copy in
            let platform = copy.town.platform
            let day = platform.clock.now.date
            func request(_ region: String?) -> PopulationRequest {
                PopulationRequest(subjects: 60, cases: 200, licences: 40, seed: 3, region: region, day: day)
            }
            await #expect(throws: LoadError.self) { try await Population(request("999999"), in: platform) }
            _ = try await Population(request("150200"), in: platform).load { _ in }
            let regions = try await platform.database.read { reader in
                try reader.query("SELECT DISTINCT region FROM case_case").map { try $0.text(0) }
            }
            #expect(regions.count > 1)
            #expect(regions.allSatisfy { platform.standards.regions.league(of: $0)?.code == "150200" })
            #expect(try await Population(request("150200"), in: platform).load { _ in } == 0)
            await #expect(throws: LoadError.self) {
                try await Population(request("150203"), in: platform).load { _ in }
            }
        }
    }
}
