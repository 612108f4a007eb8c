import Cases
import FaceSupport
import Foundation
import Kernel
import Server
import Storage
import TestSupport
import Testing

/// A case that waits because a source was silent, and one that comes back after a return.
@Suite("asking again, and a case that comes back", .serialized)
struct RecheckTests {
    private func act(
        _ name: String,
        _ id: ID<Case>,
        _ town: FaceTown,
        as login: String = "registrar",
        fields more: [String: String] = [:]
    ) async throws -> FaceTown.Answer {
        var fields = more
        fields["version"] = String(try await town.platform.desk.read(id).version)
        return try await town.post("/desk/cases/\(id)/\(name)", fields, as: login)
    }

    private func kinds(_ id: ID<Case>, _ town: FaceTown) async throws -> [String] {
        try await town.platform.database.read { reader in
            try HappeningStore.timeline(of: id, publicOnly: false, in: reader).map(\.act)
        }
    }

    @Test(
        "while the source is silent the findings stay; when it answers the rules grant the case",
        arguments: DatabaseEngine.allCases
    )
    func recheck(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let review = try await town.inReview("塞上", of: "zhangsan")
            let page = try await town.get("/desk/cases/\(review.id)", as: "registrar").text
            #expect(!page.contains("/recheck"), "nobody has it")
            #expect(try await act("recheck", review.id, town, fields: ["confirm": "yes"]).status == 409)
            #expect(try await act("claim", review.id, town).status == 303)
            let mine = try await town.get("/desk/cases/\(review.id)", as: "registrar").text
            #expect(mine.contains("accesskey=\"u\"") && mine.contains("全部通过的，将当即准予"))
            let silent = try await act("recheck", review.id, town)
            #expect(silent.status == 422 && silent.text.contains("href=\"#recheck-confirm\""))
            #expect(page.contains("来源恢复后可“重新核验”") && !page.contains("无需操作"))
            #expect(page.contains("没有答复"))
            let stale = try await town.post(
                "/desk/cases/\(review.id)/recheck",
                ["version": String(review.version - 1), "confirm": "yes"],
                as: "registrar"
            )
            #expect(stale.status == 409 && stale.text.contains("已被他人更新"))
            try town.party("court-list", is: "down")
            #expect(try await act("recheck", review.id, town, fields: ["confirm": "yes"]).status == 303)
            let still = try await town.platform.desk.read(review.id)
            #expect(still.state == .review)
            let papers = try await town.get("/desk/cases/\(review.id)", as: "registrar").text
            #expect(papers.contains("剩余 3 个工作日"))
            #expect(try await kinds(review.id, town).filter { $0 == "rechecked" }.count == 1)
            let decisions = try await town.platform.database.read { try DecisionStore.of(review.id, in: $0) }
            #expect(decisions.map(\.outcome) == [.toPerson, .toPerson])
            #expect(try await kinds(review.id, town).filter { $0 == "to-person" }.count == 1)
            #expect(try await act("release", review.id, town).status == 303)
            #expect(try await act("claim", review.id, town, as: "head").status == 303)
            let sure = ["confirm": "yes"]
            #expect(
                try await act("recheck", review.id, town, fields: sure).status == 409,
                "a colleague has it"
            )
            try town.party("court-list", is: "up")
            #expect(try await act("recheck", review.id, town, as: "head", fields: sure).status == 303)
            let granted = try await town.platform.desk.read(review.id)
            #expect(granted.state == .granted && granted.result != nil)
            let last = try await town.platform.database.read { try DecisionStore.of(review.id, in: $0).last }
            #expect(last?.by.kind == .platform && last?.instant == false)
            #expect(try await act("recheck", review.id, town, as: "head", fields: sure).status == 409)
            #expect(try await town.get("/desk", as: "registrar").text.contains(review.number) == false)
        }
    }

    @Test(
        "a case that comes back says how often it came, what was listed, and which answers changed",
        arguments: DatabaseEngine.allCases
    )
    func returned(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let review = try await town.inReview("塞上", of: "zhangsan")
            #expect(try await town.get("/desk", as: "registrar").text.contains("次提交") == false)
            _ = try await act("claim", review.id, town)
            let first = try await town.get("/desk/cases/\(review.id)", as: "registrar").text
            #expect(!first.contains("id=\"returned\"") && !first.contains("差错记录"))
            let list = ["what-1": "请更正住所门牌", "why-1": "与房产证不一致", "how-1": "按房产证填写"]
            #expect(try await act("return", review.id, town, fields: list).status == 303)
            let back = try await town.platform.desk.read(review.id)
            var data = back.data
            let old = try #require(data["address"]["detail"].text)
            data["address"]["detail"] = .string("少先路99号")
            _ = try await town.platform.desk.save(
                back.id,
                data: data,
                version: back.version,
                occasion: try await town.occasion(of: "zhangsan")
            )
            try await town.sign(review.id, of: "zhangsan")
            try town.party("court-list", is: "down")
            _ = try await town.platform.desk.submit(
                review.id,
                occasion: try await town.occasion(of: "zhangsan")
            )
            let inbox = try await town.get("/desk?assignee=me", as: "registrar").text
            #expect(inbox.contains(review.number) && inbox.contains("第2次提交"))
            let page = try await town.get("/desk/cases/\(review.id)", as: "registrar").text
            #expect(page.contains("将作为办理人员的差错记录") && page.contains("重新提交，交原审查人员"))
            #expect(page.contains("填报项"))
            let section = try #require(
                page.components(separatedBy: "id=\"returned\"").dropFirst().first?
                    .components(separatedBy: "</section>").first
            )
            for words in ["第2次提交", "请更正住所门牌", "与房产证不一致", "按房产证填写", "少先路99号", old] {
                #expect(section.contains(words), "\(words)")
            }
            #expect(!section.contains("注册资本"), "only what changed")
        }
    }
}
