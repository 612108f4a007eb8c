import Cases
import CompanyOpening
import Correspondence
import FaceSupport
import Foundation
import Identity
import Kernel
import Server
import Storage
import TestSupport
import Testing

/// A case that waits for a person, through the pages that clerk and head use.
@Suite("reviewing a case at the workbench", .serialized)
struct ReviewTests {
    private func withTown(_ body: (FaceTown) async throws -> Void) async throws {
        try await FaceTown.open(body)
    }

    private func state(_ id: ID<Case>, _ town: FaceTown) async throws -> CaseState {
        try await town.platform.desk.read(id).state
    }

    private func version(_ id: ID<Case>, _ town: FaceTown) async throws -> String {
        String(try await town.platform.desk.read(id).version)
    }

    /// An act as the page's form sends it.
    private func act(
        _ name: String,
        _ id: ID<Case>,
        _ town: FaceTown,
        as login: String = "registrar",
        reason: String? = nil,
        version: String? = nil,
        fields more: [String: String] = [:]
    ) async throws -> FaceTown.Answer {
        var fields = more
        fields["version"] = try await self.version(id, town)
        if let version { fields["version"] = version }
        if let reason { fields["reason"] = reason }
        return try await town.post("/desk/cases/\(id)/\(name)", fields, as: login)
    }

    @Test("the inbox says why a case waits, until when and who has it; then it is claimed, granted and gone")
    func grant() async throws {
        try await withTown { town in
            #expect(try await town.get("/desk", as: "registrar").text.contains("没有待审办件"))
            let review = try await town.inReview("塞上", of: "zhangsan")
            #expect(review.state == .review)
            let inbox = try await town.get("/desk", as: "registrar").text
            #expect(inbox.contains(review.number) && inbox.contains("R06") && inbox.contains("未领取"))
            #expect(inbox.contains("2026-03-05") && inbox.contains("剩余 3 个工作日"))
            #expect(try await town.get("/desk", as: "registrar-huimin").text.contains(review.number) == false)
            let page = try await town.get("/desk/cases/\(review.id)", as: "registrar").text
            #expect(page.contains("未通过的规则") && page.contains("accesskey=\"c\""))
            #expect(page.contains("150203198510120010") == false && page.contains("张晓晨") == false)
            #expect(page.contains("张*晨"))
            #expect(try await act("grant", review.id, town, reason: "核实").status == 409)
            #expect(try await act("claim", review.id, town).status == 303)
            let mine = try await town.get("/desk/cases/\(review.id)", as: "registrar").text
            for key in ["g", "r", "x", "t", "l"] {
                #expect(mine.contains("accesskey=\"\(key)\""), "Alt+\(key)")
            }
            #expect(try await act("grant", review.id, town, reason: " ").status == 422)
            #expect(try await act("grant", review.id, town, reason: "已电话核实").status == 303)
            #expect(try await state(review.id, town) == .granted)
            #expect(try await town.get("/desk", as: "registrar").text.contains(review.number) == false)
            #expect(try await act("grant", review.id, town, reason: "再来", version: "1").status == 409)
        }
    }

    @Test("two clerks on one case: the slower is told who did what, and nothing of his is kept")
    func two() async throws {
        try await withTown { town in
            let review = try await town.inReview("塞上", of: "zhangsan")
            let seen = try await version(review.id, town)
            #expect(try await act("claim", review.id, town).status == 303)
            let late = try await act("claim", review.id, town, as: "head")
            #expect(late.status == 409)
            #expect(late.text.contains("白雪") && late.text.contains("工作人员领取"))
            let decided = try await act("grant", review.id, town, as: "head", reason: "同意")
            #expect(decided.status == 409 && decided.text.contains("白雪"))
            #expect(try await state(review.id, town) == .review)
            #expect(try await act("release", review.id, town).status == 303)
            #expect(try await act("claim", review.id, town, as: "head").status == 303)
            #expect(try await act("release", review.id, town).status == 409)
            let returned = try await act(
                "return",
                review.id,
                town,
                fields: ["what-1": "缺一页", "why-1": "细则第十八条", "how-1": "补齐"]
            )
            #expect(returned.status == 409)
            #expect(try await act("extend", review.id, town, as: "head", reason: "情形复杂").status == 303)
            let stale = try await act("grant", review.id, town, as: "head", reason: "同意", version: seen)
            #expect(stale.status == 409 && stale.text.contains("审查期限延长"))
            #expect(try await state(review.id, town) == .review)
        }
    }

    @Test(
        "returned with one list; handed in again it is refused with its reason, and the applicant sees both"
    )
    func turned() async throws {
        try await withTown { town in
            let review = try await town.inReview("塞上", of: "zhangsan")
            _ = try await act("claim", review.id, town)
            #expect(try await act("return", review.id, town).status == 422)
            let form = try await town.get("/desk/cases/\(review.id)", as: "registrar").text
            // That the court's list gave no answer is nothing the applicant could mend, and no fact against him.
            #expect(form.contains("name=\"what-1\" rows=\"4\" maxlength=\"2000\"></textarea>"))
            #expect(form.contains("name=\"facts\" rows=\"4\" maxlength=\"2000\"></textarea>"))
            #expect(form.contains("《公司法》第一百七十八条") == false)
            let list = [
                "what-1": "请补正住所证明", "why-1": "房产证地址不一致", "how-1": "上传新的证明", "what-3": "请更正经营范围",
                "why-3": "表述不规范", "how-3": "改用规范表述",
            ]
            for (name, missing) in [("what-3", "需要补正的内容"), ("why-1", "依据"), ("how-3", "补正办法")] {
                let part = try await act("return", review.id, town, fields: list.filter { $0.key != name })
                #expect(part.status == 422 && part.text.contains("href=\"#return-\(name)\""), "\(name)")
                let number = name.hasSuffix("3") ? "2" : "1"
                #expect(part.text.contains("第\(number)项没有写明\(missing)"), "\(name)")
            }
            #expect(try await act("return", review.id, town, fields: list).status == 303)
            #expect(try await state(review.id, town) == .returned)
            let own = try await town.get("/cases/\(review.number)/result", as: "zhangsan").text
            for words in ["请补正住所证明", "房产证地址不一致", "上传新的证明", "请更正经营范围"] {
                #expect(own.contains(words), "\(words)")
            }
            #expect(own.contains("R06") == false)
            try town.party("court-list", is: "down")
            _ = try await town.platform.desk.submit(
                review.id,
                occasion: try await town.occasion(of: "zhangsan")
            )
            #expect(try await state(review.id, town) == .review)
            #expect(try await act("claim", review.id, town).status == 303)
            let bare = try await act("refuse", review.id, town, reason: "材料不实")
            #expect(bare.status == 422 && bare.text.contains("没有写明查明的事实"))
            let lawless = try await act(
                "refuse",
                review.id,
                town,
                reason: "材料不实",
                fields: ["facts": "房产证系伪造"]
            )
            #expect(lawless.status == 422 && lawless.text.contains("没有写明依据"))
            #expect(lawless.text.contains("href=\"#refuse-law\"") && lawless.text.contains("条款）（必填）"))
            let grounds = ["facts": "房产证系伪造", "law": "条例第十六条"]
            let rash = try await act("refuse", review.id, town, reason: "材料不实", fields: grounds)
            #expect(rash.status == 409 && rash.text.contains("请先“重新核验”"))
            // Asked again, it is silent still: now the person decides.
            #expect(try await act("recheck", review.id, town, fields: ["confirm": "yes"]).status == 303)
            #expect(try await act("refuse", review.id, town, reason: "材料不实", fields: grounds).status == 303)
            #expect(try await state(review.id, town) == .refused)
            let result = try await town.get("/cases/\(review.number)/result", as: "zhangsan").text
            for words in ["房产证系伪造", "条例第十六条", "材料不实"] { #expect(result.contains(words), "\(words)") }
        }
    }

    @Test("what the officer has to look at is no deficiency; a paper names people whole, the page masks them")
    func prefilled() async throws {
        try await withTown { town in
            let proof = Array("%PDF-1.7\nlease".utf8)
            let review = try await town.inReview("塞上", of: "zhangsan", proof: proof)
            _ = try await act("claim", review.id, town)
            let form = try await town.get("/desk/cases/\(review.id)", as: "registrar").text
            #expect(form.contains("住所使用证明须人工核对") && !form.contains(">住所使用证明须人工核对</textarea>"))
            let list = ["what-1": "张*晨（股东）与李*博的证件不清楚", "why-1": "细则第十八条", "how-1": "请张*晨重新提交"]
            #expect(try await act("return", review.id, town, fields: list).status == 303)
            let id = review.id.rawValue
            let papers = try await town.platform.database.read {
                try CorrespondenceStore.papers(of: id, in: $0)
            }
            let words = try #require(papers.last { $0.text.contains("证件不清楚") }).text
            #expect(words.contains("张晓晨（股东）与李文博的证件不清楚") && words.contains("请张晓晨重新提交"))
        }
    }

    @Test("handed over to the right authority; extended by the head once and by nobody else")
    func transferredAndExtended() async throws {
        try await withTown { town in
            let first = try await town.inReview("塞上", of: "zhangsan")
            #expect(try await act("extend", first.id, town, reason: "复杂").status == 403)
            #expect(try await act("extend", first.id, town, as: "head").status == 422)
            #expect(try await act("extend", first.id, town, as: "head", reason: "复杂").status == 303)
            #expect(try await town.get("/desk", as: "registrar").text.contains("2026-03-10"))
            #expect(try await act("extend", first.id, town, as: "head", reason: "复杂").status == 409)
            _ = try await act("claim", first.id, town)
            #expect(try await act("transfer", first.id, town, reason: "住所在青山区").status == 422)
            let body = try #require(
                town.platform.opening.registeringBodies(besides: first.agency).first {
                    $0.name.contains("青山区")
                }
            )
            // The bodies of the own league stand first in the list, the own one in it nowhere.
            let bodies = town.platform.opening.registeringBodies(besides: first.agency).map(\.name)
            let near = bodies.prefix { $0.contains("包头市") }.count
            #expect(near > 3 && !bodies.dropFirst(near).contains { $0.contains("包头市") })
            let fields = ["body": body.code]
            #expect(try await act("transfer", first.id, town, reason: "住所在青山区", fields: fields).status == 303)
            #expect(try await state(first.id, town) == .transferred)
            let own = try await town.get("/cases/\(first.number)/result", as: "zhangsan").text
            #expect(own.contains(body.name) && own.contains("住所在青山区"))
        }
    }

    @Test(
        "late, the light turns and says so; the list goes out as a file that no spreadsheet runs, and is logged"
    )
    func lateAndExport() async throws {
        try await withTown { town in
            let review = try await town.inReview("塞上", of: "zhangsan")
            try await town.pass(9 * Instant.day)
            #expect(try await town.get("/desk", as: "registrar").text.contains("逾期"))
            let file = try await town.post("/desk/export", as: "registrar")
            #expect(file.status == 200 && file.headers["content-type"] == "text/csv; charset=utf-8")
            #expect(file.headers["content-disposition"]?.hasPrefix("attachment") == true)
            #expect(
                file.text.contains(review.number) && file.text.contains("R06") && file.text.contains("逾期")
            )
            #expect(
                try await town.post("/desk/export", as: "registrar-huimin").text.contains(review.number)
                    == false
            )
        }
    }

    @Test("nobody reads a person's data without saying why, and the person's data stay masked until then")
    func reveal() async throws {
        try await withTown { town in
            let review = try await town.inReview("塞上", of: "zhangsan")
            let path = "/desk/cases/\(review.id)/reveal"
            #expect(try await town.post(path, as: "registrar").status == 422)
            #expect(try await town.post(path, ["purpose": "核对身份"], as: "supervisor").status == 403)
            let open = try await town.post(path, ["purpose": "核对身份"], as: "registrar")
            #expect(open.status == 200 && open.text.contains("150203198510120010"))
        }
    }

    @Test("the menu shows only ways that are open to the post")
    func menu() async throws {
        try await withTown { town in
            let ways = ["/desk", "/desk/lines", "/desk/corrections", "/desk/measures"]
            for login in ["registrar", "head", "corrector", "supervisor", "tax"] {
                let start = try await town.get("/desk", as: login)
                let page = start.status == 303 ? try await town.get(start.location, as: login) : start
                #expect(page.status == 200, "\(login)")
                let nav =
                    page.text.components(separatedBy: "desk-nav").dropFirst().first?
                    .components(separatedBy: "</nav>").first ?? ""
                for way in ways where nav.contains("href=\"\(way)\"") {
                    let there = try await town.get(way, as: login)
                    #expect(there.status == 200, "\(login) is shown \(way)")
                }
                #expect(
                    nav.contains("href=\"/desk/measures\"") == ["head", "supervisor"].contains(login),
                    "\(login)"
                )
            }
        }
    }

    @Test("claiming and giving back carry the version that was seen; a stale one changes nothing and says so")
    func stale() async throws {
        try await withTown { town in
            let review = try await town.inReview("塞上", of: "zhangsan")
            func assignee() async throws -> String? {
                let id = review.id
                return try await town.platform.database.read {
                    try StepStore.of(id, in: $0).compactMap(\.assignee).first
                }
            }
            let late = try await act("claim", review.id, town, version: "1")
            #expect(late.status == 409 && late.text.contains("已被他人更新"))
            #expect(try await act("claim", review.id, town, version: "x").status == 422)
            #expect(try await assignee() == nil)
            #expect(try await act("claim", review.id, town).status == 303)
            let mine = try await assignee()
            #expect(mine != nil)
            #expect(try await act("release", review.id, town, version: "1").status == 409)
            #expect(try await assignee() == mine)
            // A colleague cannot give it back, and nobody gives it back twice.
            #expect(try await act("release", review.id, town, as: "head").status == 409)
            #expect(try await assignee() == mine)
            #expect(try await act("release", review.id, town).status == 303)
            #expect(try await act("release", review.id, town).status == 409)
            #expect(try await assignee() == nil)
        }
    }

    @Test(
        "who looked at unmasked data stands on the person's own page and in the API: when, which post, what for"
    )
    func reads() async throws {
        try await withTown { town in
            #expect(try await town.get("/my/reads", as: "zhangsan").text.contains("还没有人查看过"))
            let review = try await town.inReview("塞上", of: "zhangsan")
            _ = try await town.get("/desk/cases/\(review.id)", as: "registrar")
            #expect(try await town.get("/my/reads", as: "zhangsan").text.contains("还没有人查看过"))
            let path = "/desk/cases/\(review.id)/reveal"
            let shown = try await town.post(path, ["purpose": "核对证件原件"], as: "registrar")
            #expect(shown.status == 200 && shown.text.contains("150203198510120010"))
            let page = try await town.get("/my/reads", as: "zhangsan").text
            for words in ["核对证件原件", "登记人员", "市场监督管理", "昆都仑区", review.number, "未遮盖"] {
                #expect(page.contains(words), "\(words)")
            }
            let reads = try await town.call("GET", "/api/v1/my/reads", as: "zhangsan").json["reads"].elements
            #expect(reads.count == 1 && reads.first?["purpose"].text == "核对证件原件")
            #expect(reads.first?["role"].text == "registrar" && reads.first?["region"].text == "150203")
            #expect(try await town.get("/my/reads", as: "wuyun").text.contains("核对证件原件") == false)
            #expect(try await town.get("/my/reads").status == 303)
        }
    }
}
