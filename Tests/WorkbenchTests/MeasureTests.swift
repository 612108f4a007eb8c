import Cases
import Credentials
import FaceSupport
import Foundation
import GRDB
import Identity
import Kernel
import Server
import Storage
import TestSupport
import Testing

/// The figures on the page and in the API are those that a plain recount of the tables gives.
@Suite("what is measured", .serialized)
struct MeasureTests {
    @Test(
        "page, API and a recount by hand agree: durations, instant share and reasons, first time right, lines"
    )
    func recount() async throws {
        try await FaceTown.open { town in
            for brand in ["阴山", "敕勒"] {
                _ = try await town.granted(brand, of: "zhangsan")
                try await town.pass(3 * Instant.hour)
            }
            let review = try await town.inReview("塞上", of: "zhangsan")
            func act(_ name: String, _ fields: [String: String] = ["reason": "核实"]) async throws {
                let version = String(try await town.platform.desk.read(review.id).version)
                let answer = try await town.post(
                    "/desk/cases/\(review.id)/\(name)",
                    fields.merging(["version": version]) { $1 },
                    as: "registrar"
                )
                #expect(answer.status == 303, "\(name)")
            }
            try await act("claim")
            try await act("return", ["what-1": "缺一页", "why-1": "细则第十八条", "how-1": "补齐"])
            // The applicant's own minute is not the authority's.
            try await town.pass(Instant.minute)
            _ = try await town.platform.desk.submit(
                review.id,
                occasion: try await town.occasion(of: "zhangsan")
            )
            #expect(try await town.platform.desk.read(review.id).state == .granted)
            try await town.pass(3 * Instant.hour)
            let answer = try await town.call("GET", "/api/v1/measures?region=150203&item=llc", as: "head")
            #expect(answer.status == 200)
            try compare(answer.json, town.folder)
            let page = try await town.get("/desk/measures?region=150203&item=llc", as: "head").text
            for words in ["填报时长", "审批时长", "全流程时长", "即时办结率", "100 %", "66 %", "一次通过率", "R06"] {
                #expect(page.contains(words), "\(words)")
            }
            // Returned and still with its applicant: not right the first time, although nothing was granted.
            let second = try await town.inReview("乌拉", of: "zhangsan")
            let point = ["what-1": "缺一页", "why-1": "细则第十八条", "how-1": "补齐"]
            for (name, fields) in [("claim", [:]), ("return", point)] {
                let version = String(try await town.platform.desk.read(second.id).version)
                let path = "/desk/cases/\(second.id)/\(name)"
                let answer = try await town.post(
                    path,
                    fields.merging(["version": version]) { $1 },
                    as: "registrar"
                )
                #expect(answer.status == 303, "\(name)")
            }
            let later = try await town.call("GET", "/api/v1/measures?region=150203&item=llc", as: "head").json
            try compare(later, town.folder)
            #expect(
                later["judged"].int == 4 && later["firstTimeRight"].int == 2 && later["returned"].int == 2
            )
            let half = try await town.get("/desk/measures?region=150203&item=llc", as: "head").text
            #expect(half.contains("50 %") && half.contains("退还办件数"))
            let none = try await town.get("/desk/measures?region=150203&until=2020-01-01", as: "head").text
            #expect(none.contains("该时段没有办件") && none.contains("0 %") == false)
            #expect(try await town.get("/desk/measures?from=yesterday", as: "head").status == 422)
            for region in ["1502030000", "1502000000", "15020", "999999", "1502%30%30"] {
                let answer = try await town.get("/desk/measures?region=\(region)", as: "supervisor")
                #expect(answer.status == (region.hasSuffix("%30%30") ? 200 : 422), "\(region)")
            }
            #expect(try await town.get("/desk/measures?region=150103", as: "head").status == 404)
            #expect(try await town.get("/desk/measures", as: "registrar").status == 403)
        }
    }

    @Test(
        "a decision is made when it is written: 61 seconds after the hand-in is above the promise, and shown as that",
        arguments: DatabaseEngine.allCases
    )
    func slow(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let draft = try await town.draft("阴山", of: "zhangsan")
            _ = try await town.sign(draft.id, of: "zhangsan")
            // The request came in, and parties, queue and retries took their time.
            let asked = try await town.occasion(of: "zhangsan")
            town.town.clock.set(asked.now + 61_000)
            let granted = try await town.platform.desk.submit(draft.id, occasion: asked)
            #expect(granted.state == .granted && granted.submittedAt == asked.now)
            #expect(granted.decidedAt == asked.now + 61_000)
            let decided = try await town.platform.database.read { try DecisionStore.of(granted.id, in: $0) }
            #expect(decided.map(\.at) == [asked.now + 61_000])
            let told = try await town.call("GET", "/api/v1/measures?region=150203&item=llc", as: "head").json
            #expect(told["approval"]["median"].int == 61_000)
            #expect(told["approval"]["ninetieth"].int == 61_000, "of a single case")
            #expect(told["granted"].int == 1 && told["prompt"].int == 0, "\(told)")
            let page = try await town.get("/desk/measures?region=150203&item=llc", as: "head").text
            #expect(page.contains("2 分"), "rounded up, never down")
            let result = try await town.get("/cases/\(granted.number)/result", as: "zhangsan").text
            #expect(result.contains("用时不超过 61 秒"))
            #expect(try await Credentials.compareWithLog(in: town.platform.database, max: 9).altered.isEmpty)
        }
    }

    private func compare(_ told: JSON, _ folder: String) throws {
        let queue = try DatabaseQueue(path: "\(folder)/suban.sqlite")
        defer { try? queue.close() }
        try queue.read { database in
            func number(_ sql: String) throws -> Int64 { try Int64.fetchOne(database, sql: sql) ?? -1 }
            func duration(_ name: String, _ sql: String) throws {
                let all = try Int64.fetchAll(database, sql: sql).sorted()
                #expect(told[name]["count"].int == Int64(all.count), "\(name)")
                #expect(told[name]["median"].int == all[(all.count + 1) / 2 - 1], "\(name) median")
                let ninetieth = Int((Double(all.count) * 0.9).rounded(.up)) - 1
                #expect(told[name]["ninetieth"].int == all[ninetieth], "\(name) ninetieth")
            }
            // From the history, where every hand-in stands; the pages count from the times kept beside the case.
            let first =
                "(SELECT min(at) FROM case_happening h WHERE h.case_id = c.id AND h.act = 'submitted')"
            let office = """
                SELECT sum(d.at - (SELECT max(h.at) FROM case_happening h
                    WHERE h.case_id = d.case_id AND h.act = 'submitted' AND h.at <= d.at)) AS office
                FROM case_decision d JOIN case_case c ON c.id = d.case_id
                WHERE d.outcome <> 'to-person' AND c.result <> '' GROUP BY d.case_id
                """
            try duration("filling", "SELECT \(first) - c.created_at FROM case_case c WHERE \(first) > 0")
            try duration("approval", office)
            try duration(
                "whole",
                "SELECT c.completed_at - \(first) FROM case_case c WHERE c.completed_at > 0"
            )
            #expect(
                told["granted"].int == (try number("SELECT count(*) FROM case_case WHERE state = 'granted'"))
            )
            #expect(
                told["instant"].int
                    == (try number(
                        "SELECT count(*) FROM case_decision WHERE outcome = 'grant' AND actor_kind <> 'staff'"
                    ))
            )
            #expect(
                told["prompt"].int
                    == (try number("SELECT count(*) FROM (\(office)) WHERE office <= 60000"))
            )
            let returned = try number(
                "SELECT count(DISTINCT case_id) FROM case_decision WHERE outcome = 'return'"
            )
            let judged = try number(
                "SELECT count(DISTINCT case_id) FROM case_decision WHERE outcome IN ('grant', 'refuse', 'return')"
            )
            #expect(told["judged"].int == judged && told["returned"].int == returned)
            #expect(told["firstTimeRight"].int == judged - returned)
            let again = try number(
                """
                SELECT count(*) FROM (SELECT case_id FROM case_decision WHERE outcome = 'return'
                    GROUP BY case_id HAVING count(*) > 1)
                """
            )
            #expect(told["returnedAgain"].int == again)
            let refused = "SELECT count(DISTINCT case_id) FROM case_decision WHERE outcome = 'refuse'"
            #expect(told["refused"].int == (try number(refused)))
            #expect(
                told["lines"].int
                    == (try number(
                        "SELECT count(*) FROM case_step WHERE kind = 'outside' AND state <> 'skipped'"
                    ))
            )
            #expect(told["lines"].int ?? 0 > 0)
            let reasons = told["fallouts"].elements.map { $0["reason"].text ?? "" }
            #expect(reasons.isEmpty == false && reasons.allSatisfy { $0.hasPrefix("R06.") })
        }
    }
}
