import Attachments
import Cases
import Credentials
import FaceSupport
import Foundation
import Kernel
import Server
import Storage
import Testing

/// An item that runs by its folder alone, page by page: begun, filled in, signed, handed in, decided at its own agency's
/// desk, and its licence in the wallet.
@Suite struct PlainItemPagesTests {
    private let founder = "zhangsan"
    private let pdf = Array("%PDF-1.7\nresult".utf8)

    private func draft(_ town: FaceTown) async throws -> Case {
        let page = try await town.get("/apply/professional-title", as: founder)
        #expect(page.status == 200 && page.text.contains("职称证书申领"))
        let begun = try await town.post("/apply/professional-title", ["district": "150203"], as: founder)
        let path = begun.headers["location"] ?? ""
        let id: ID<Case> = ID(path.split(separator: "/").dropFirst().first.map(String.init) ?? "")
        // Who applies is known from the account; the rest is asked.
        #expect(path.hasSuffix("/title"), "\(path)")
        let title = try await town.answer(
            "/drafts/\(id)/title",
            [
                "title.series": "工程技术", "title.speciality": "机械设计", "title.title": "工程师",
                "title.level": "intermediate", "title.committee": "包头市工程系列评审委员会",
                "title.approvedOn": "2026-01-10",
            ],
            as: founder
        )
        #expect(title.status == 303, "\(title.text)")
        let evidence = try await town.upload(
            "/drafts/\(id)/evidence",
            ["evidence.document": "包人社职〔2026〕3号"],
            files: [("evidence.result", "公示.pdf", pdf)],
            as: founder
        )
        #expect(evidence.status == 303, "\(evidence.text)")
        return try await town.platform.desk.read(id)
    }

    @Test func anItemOfAFolderGoesFromTheGuideToTheWallet() async throws {
        try await FaceTown.open { town in
            let guide = try await town.get("/guides/systems/title-verify")
            #expect(guide.status == 200 && guide.text.contains("/apply/professional-title"))
            #expect(guide.text.contains("职称证书"))
            #expect(try await town.get("/search?q=职称").text.contains("/guides/systems/title-verify"))
            #expect(try await town.get("/apply/nothing", as: founder).status == 404)
            let draft = try await draft(town)
            #expect(
                draft.system == "title-verify" && draft.agency == "NMRST150200" && draft.region == "150200"
            )
            let check = try await town.get("/drafts/\(draft.id)/check", as: founder)
            #expect(check.status == 200 && check.text.contains("工程师") && check.text.contains("公示.pdf"))
            #expect(try await town.get("/drafts/\(draft.id)/name", as: founder).status == 404)
            #expect(try await town.get("/drafts/\(draft.id)/seal", as: founder).status == 404)
            try await town.sign(draft.id, of: founder)
            let sent = try await town.post("/cases/\(draft.number)/submit", as: founder)
            #expect(sent.status == 303)
            let waiting = try await town.get("/cases/\(draft.number)/result", as: founder)
            #expect(waiting.text.contains("包头市人力资源和社会保障局") && waiting.text.contains("受理凭证"))
            // The registering authority's clerk sees nothing of it; the personnel authority's does.
            let desk = "/desk/cases/\(draft.id)"
            #expect(try await town.get(desk, as: "registrar").status == 404)
            #expect(try await town.get("/desk", as: "registrar").text.contains(draft.number) == false)
            #expect(try await town.get("/desk", as: "personnel").text.contains(draft.number))
            let sheet = try await town.get(desk, as: "personnel")
            #expect(sheet.status == 200 && sheet.text.contains("工程师（机械设计）"))
            #expect(sheet.text.contains("职称评审结果由工作人员审核"))
            func act(_ name: String, _ fields: [String: String]) async throws -> FaceTown.Answer {
                var fields = fields
                fields["version"] = String(try await town.read(draft).version)
                return try await town.post("\(desk)/\(name)", fields, as: "personnel")
            }
            #expect(try await act("claim", [:]).status == 303)
            // A title is confirmed, not registered; the page says so in both languages.
            let mine = try await town.get(desk, as: "personnel").text
            #expect(mine.contains("予以确认") && mine.contains("不予确认") && !mine.contains("准予登记"))
            #expect(!mine.contains("不予登记"))
            let english = try await town.get("\(desk)?lang=en", as: "personnel").text
            #expect(english.contains("Refuse to confirm") && !english.contains("efuse registration"))
            _ = try await town.get("\(desk)?lang=zh", as: "personnel")
            #expect(try await act("grant", ["reason": "评审结果属实"]).status == 303)
            let granted = try await town.read(draft)
            let result = try await town.get("/cases/\(draft.number)/result", as: founder).text
            #expect(result.contains("职称证书申领结果单") && !result.contains("企业开办结果单"))
            #expect(result.contains("予以确认") && !result.contains("准予登记"))
            #expect(try await town.get("/my", as: founder).text.contains("予以确认"))
            let decided = try await town.get("/desk/decided", as: "personnel").text
            #expect(decided.contains("予以确认") && !decided.contains("准予登记"))
            let found = try await town.get("/desk/find?words=\(draft.number.suffix(8))", as: "personnel").text
            #expect(!found.contains("准予登记"))
            #expect(granted.state == .granted && granted.completedAt != nil)
            let wallet = try await town.get("/wallet", as: founder).text
            #expect(wallet.contains("本人证照"))
            let own = try await town.get("/wallet/\(granted.applicant)", as: founder)
            #expect(own.status == 200 && own.text.contains(granted.result ?? "-") && own.text.contains("亮证"))
            // Nobody else opens it, staff neither.
            #expect(try await town.get("/wallet/\(granted.applicant)", as: "lisi").status == 404)
            let held = try await town.platform.database.read {
                try Credentials.held(by: granted.applicant, in: $0)
            }
            let verified = try await town.get(try #require(held.first).record.code.path)
            #expect(
                verified.status == 200 && !verified.text.contains("张三") && !verified.text.contains("机械设计")
            )
        }
    }

    @Test func aReturnedOneIsMendedAndARefusedOneSaysWhy() async throws {
        try await FaceTown.open { town in
            let draft = try await draft(town)
            try await town.sign(draft.id, of: founder)
            _ = try await town.post("/cases/\(draft.number)/submit", as: founder)
            let desk = "/desk/cases/\(draft.id)"
            func act(_ name: String, _ fields: [String: String]) async throws {
                var fields = fields
                fields["version"] = String(try await town.read(draft).version)
                let answer = try await town.post("\(desk)/\(name)", fields, as: "personnel")
                #expect(answer.status == 303, "\(name) \(answer.text)")
            }
            try await act("claim", [:])
            try await act("return", ["what-1": "文件不清晰", "why-1": "评审办法", "how-1": "重新上传"])
            let returned = try await town.get("/cases/\(draft.number)/result", as: founder).text
            #expect(returned.contains("文件不清晰") && returned.contains("重新上传"))
            #expect(returned.contains("一次性告知书"))
            _ = try await town.answer("/drafts/\(draft.id)/title", ["title.employer": "包头某厂"], as: founder)
            try await town.sign(draft.id, of: founder)
            _ = try await town.post("/cases/\(draft.number)/submit", as: founder)
            #expect(try await town.read(draft).state == .review)
            try await act("refuse", ["facts": "公布结果无此人", "reason": "不符合申领条件", "law": "评审办法"])
            let refused = try await town.get("/cases/\(draft.number)/result", as: founder).text
            #expect(refused.contains("不符合申领条件") && refused.contains("不予办理决定书"))
            #expect(refused.contains("不予确认") && !refused.contains("不予登记"))
        }
    }

    @Test func anItemOfEnterprisesAsksForWhomOneActs() async throws {
        try await FaceTown.open { town in
            let page = try await town.get("/apply/bank-open", as: founder)
            #expect(page.status == 303 && page.location.hasPrefix("/account/acting?next="))
            #expect(try await town.get(page.location, as: founder).text.contains("没有您可以代表办理的企业"))
            let early = try await town.post("/apply/bank-open", ["district": "150203"], as: founder)
            #expect(early.status == 409 && early.text.contains("该事项由企业办理"))
            let firm = try await town.granted("塞外", of: founder)
            try await town.lead(firm, as: founder)
            let choice = try await town.get(page.location, as: founder).text
            #expect(choice.contains(firm.title) && choice.contains("/apply/bank-open"))
            let strange = try await town.post(
                "/account/acting",
                ["enterprise": "91150203MA0000058M"],
                as: founder
            )
            #expect(strange.status == 403 && strange.text.contains(firm.title), "\(strange.status)")
            try await town.act(founder, for: firm.result ?? "")
            let own = try await town.get("/apply/bank-open", as: founder)
            #expect(own.status == 200 && own.text.contains(firm.title))
            let begun = try await town.post("/apply/bank-open", ["district": "150203"], as: founder)
            let path = begun.headers["location"] ?? ""
            // What the licence and the account say is filled in: the first question is the account's.
            #expect(path.hasSuffix("/account"), "\(path)")
            let id: ID<Case> = ID(path.split(separator: "/").dropFirst().first.map(String.init) ?? "")
            let draft = try await town.platform.desk.read(id)
            #expect(draft.data["firm"]["name"].text == firm.title)
            #expect(draft.data["firm"]["address"].text?.isEmpty == false)
            #expect(
                try await town.get("/drafts/\(id)/seal", as: founder).status == 404,
                "not before it is filled in"
            )
            _ = try await town.answer(
                "/drafts/\(id)/account",
                [
                    "account.bank": "ICBC", "account.branch": "昆区支行", "account.kind": "basic",
                    "account.purpose": "结算",
                ],
                as: founder
            )
            let sealing = try await town.get("/drafts/\(id)/seal", as: founder)
            #expect(sealing.status == 200 && sealing.text.contains("尚未申请用印"))
            let file = try await town.get("/drafts/\(id)/seal/application", as: founder)
            #expect(file.bytes.starts(with: Array("PK".utf8)))
            let again = try await town.get("/drafts/\(id)/seal/application", as: founder)
            #expect(again.bytes == file.bytes, "the same answers give the same bytes")
            let refused = try await town.post("/drafts/\(id)/seal", ["act": "put"], as: founder)
            #expect(refused.status >= 400 && refused.text.contains("error") || refused.status == 404)
        }
    }
}
