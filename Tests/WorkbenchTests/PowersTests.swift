import Audit
import Cases
import FaceSupport
import Identity
import Kernel
import Server
import Standards
import Storage
import Testing

/// Who decides this on that date: a delegation moves what is handed in from its first day to its last, to other desks.
@Suite("powers that are given to another body", .serialized)
struct PowersTests {
    private let founder = "zhangsan"

    private func sees(_ case_: Case, _ town: FaceTown) async throws -> [Bool] {
        var seen: [Bool] = []
        for login in ["registrar", "registrar-huimin"] {
            let status = try await town.get("/desk/cases/\(case_.id)", as: login).status
            #expect([200, 404].contains(status), "\(login): \(status)")
            seen.append(status == 200)
        }
        return seen
    }

    private func give(to agency: String, _ town: FaceTown) async throws -> AuthorityChange {
        let today = try await town.occasion(of: founder).now.date
        let maintenance = try await Maintenance(town.platform.settings, by: Operator(user: "root"))
        let change = try await maintenance.changeAuthority(
            .delegated,
            matter: "company-registration",
            agency: "NMSCJG",
            region: "150203",
            toAgency: agency,
            toRegion: "150103",
            from: today.adding(days: 1),
            until: nil,
            basis: "包府发〔2026〕9号"
        )
        try await town.platform.refresh()
        return change
    }

    private func end(_ change: AuthorityChange, _ town: FaceTown) async throws {
        let today = try await town.occasion(of: founder).now.date
        let maintenance = try await Maintenance(town.platform.settings, by: Operator(user: "root"))
        try await maintenance.endAuthority(change.id, on: today, reason: "包府发〔2026〕12号")
        try await town.platform.refresh()
    }

    @Test(
        "from its first day to its last another division's desk has what is handed in, and what lay before stays",
        arguments: DatabaseEngine.allCases
    )
    func delegated(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let change = try await give(to: "NMSCJG", town)
            let before = try await town.inReview("塞上", of: founder)
            #expect(before.region == "150203")
            #expect(try await sees(before, town) == [true, false])
            try await town.pass(Instant.day)
            let during = try await town.inReview("阴山", of: founder)
            #expect(during.region == "150103" && during.agency == "SCJG150103")
            #expect(try await sees(during, town) == [false, true])
            #expect(try await sees(before, town) == [true, false])
            try await end(change, town)
            try await town.pass(Instant.day)
            let after = try await town.inReview("敕勒", of: founder)
            #expect(try await sees(after, town) == [true, false])
            let entry = try await town.platform.database.read {
                try AuditLog.history(of: "authority:\(change.id)", in: $0).map(\.act)
            }
            #expect(entry == ["authority.changed", "authority.ended"])
        }
    }

    @Test("what another agency decides is not opened here, and the founder is told where")
    func elsewhere() async throws {
        try await FaceTown.open { town in
            _ = try await give(to: "NMZWFW", town)
            try await town.pass(Instant.day)
            let case_ = try await town.inReview("阴山", of: founder)
            let decision = try await town.get("/desk/cases/\(case_.id)", as: "registrar-huimin").text
            let name = try #require(town.platform.standards.agencies["NMZWFW"]).name
            #expect(decision.contains("不属于本机关登记管辖") && decision.contains(name))
        }
    }
}
