import Audit
import Cases
import CompanyOpening
import Correspondence
import FaceSupport
import Kernel
import Server
import Storage
import Testing
import Web

/// Where an applicant finds what the authority and the parties wrote.
@Suite struct CasePaperTests {
    @Test("the name's page leads to the notice of the reservation, which nobody else opens")
    func nameNotice() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft(of: "zhangsan")
            let page = try await town.get("/drafts/\(draft.id)/name", as: "zhangsan").text
            let found = page.firstMatch(of: /href="(\/cases\/[^"]+\/papers\/[^"]+)"/)
            let link = String(try #require(found).output.1)
            let notice = try await town.get(link, as: "zhangsan")
            #expect(notice.status == 200 && notice.text.contains("企业名称保留告知书"))
            #expect(notice.text.contains("href=\"/drafts/\(draft.id)/name\""))
            #expect(try await town.get(link, as: "lisi").status == 404)
        }
    }

    @Test(
        "looking at a paper changes nothing; its recipient says that he read it, once",
        arguments: DatabaseEngine.allCases
    )
    func reading(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let draft = try await town.draft(of: "zhangsan")
            let page = try await town.get("/drafts/\(draft.id)/name", as: "zhangsan").text
            let found = page.firstMatch(of: /href="(\/cases\/[^"]+\/papers\/([^"]+))"/)
            let (_, link, id) = try #require(found).output
            func state() async throws -> (read: Instant?, entries: Int) {
                try await town.platform.database.read { reader in
                    (
                        try CorrespondenceStore.services(of: ID(String(id)), in: reader).first?.readAt,
                        try AuditLog.history(of: "paper:\(id)", in: reader).count
                    )
                }
            }
            let before = try await state()
            for _ in 0..<2 {
                let shown = try await town.get(String(link), as: "zhangsan")
                #expect(shown.status == 200 && shown.text.contains("action=\"\(link)/read\""))
            }
            #expect(try await state().read == nil)
            #expect(try await state().entries == before.entries)
            #expect(try await town.post("\(link)/read", as: "lisi").status == 404)
            for _ in 0..<2 {
                let answer = try await town.post("\(link)/read", as: "zhangsan")
                #expect(answer.status == 303 && answer.location == link)
            }
            let after = try await state()
            let moment = try #require(after.read)
            #expect(after.entries == before.entries + 1)
            let done = try await town.get(String(link), as: "zhangsan").text
            #expect(done.contains("\(moment.minuteText) 确认已阅读") && !done.contains("\(link)/read\""))
        }
    }

    @Test("the result lists every paper but the proofs of service, and each opens")
    func listed() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: "zhangsan")
            try await town.pass(6 * 60 * 60 * 1_000)
            let page = try await town.get("/cases/\(granted.number)/result", as: "zhangsan").text
            for title in [
                "企业名称保留告知书", "登记通知书", "营业执照", "营业执照（副本）", "备案通知书", "办理回执", "企业开办结果单", "登记电子档案目录",
            ] {
                #expect(page.contains(title), "\(title)")
            }
            #expect(!page.contains("送达回证"))
            let links = page.matches(of: /href="(\/cases\/[^"]+\/papers\/[^"]+)"/).map { String($0.output.1) }
            #expect(links.count >= 8)
            for link in links { #expect(try await town.get(link, as: "zhangsan").status == 200, "\(link)") }
            let desk = try await town.get("/desk/cases/\(granted.id)", as: "registrar").text
            #expect(desk.contains("送达回证") && desk.contains("登记电子档案目录"))
        }
    }
}
