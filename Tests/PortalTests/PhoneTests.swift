import Cases
import CompanyNames
import CompanyOpening
import FaceSupport
import Forms
import Foundation
import Identity
import Kernel
import Server
import Storage
import Testing

@testable import Portal

/// What a founder with a telephone stumbled over.
@Suite struct PhoneTests {
    private let founder = "zhangsan"
    private let ours = ["origin": "http://localhost:8080"]

    private func started(_ town: FaceTown, _ item: String = "llc") async throws -> String {
        let answer = try await town.post("/apply/\(item)", ["district": "150203"], as: founder)
        return answer.location.split(separator: "/").dropLast().reduce(into: "") { $0 += "/\($1)" }
    }

    private func granted(_ town: FaceTown, _ change: (inout JSON) -> Void = { _ in }) async throws -> Case {
        let draft = try await town.draft(of: founder, change: change)
        try await town.sign(draft.id, of: founder)
        let occasion = try await town.occasion(of: founder)
        let granted = try await town.platform.desk.submit(draft.id, occasion: occasion)
        #expect(granted.state == .granted)
        try await town.pass(3 * Instant.hour)
        return try await town.read(granted)
    }

    /// A company whose scope needs an approval that it has not, handed in past the pages.
    private func returned(_ town: FaceTown) async throws -> Case {
        let draft = try await town.draft(of: founder) { $0["scope"] = ["F0003", "F0088"] }
        try await town.sign(draft.id, of: founder)
        let occasion = try await town.occasion(of: founder)
        let returned = try await town.platform.desk.submit(draft.id, occasion: occasion)
        #expect(returned.state == .returned)
        return returned
    }

    @Test("what the account answers is a text on the page; a page nobody has touched is not begun")
    func fixed() async throws {
        try await FaceTown.open { town in
            let draft = try await started(town)
            let page = try await town.get("\(draft)/applicant", as: founder).text
            #expect(!page.contains("name=\"applicant.idKind\"") && page.contains("居民身份证"))
            let changed = try await town.answer(
                "\(draft)/applicant",
                ["applicant.idKind": "passport", "applicant.role": "founder"],
                as: founder
            )
            #expect(changed.status == 422 && changed.text.contains("证件类型来自您的账户"))
            #expect(
                changed.text.contains("href=\"#f-applicant-idKind\"") && !changed.text.contains("“applicant.")
            )
            #expect(try await town.answer("\(draft)/applicant", as: founder).status == 303)
            let fresh = try await started(town)
            let list = try await town.get(fresh, as: founder).text
            #expect(list.contains("未开始") && !list.contains("进行中"))
            let name = try await town.get("\(fresh)/name", as: founder).text
            #expect(!name.contains("使用名称"))
            let seals = try await town.get("\(fresh)/seals", as: founder).text
            #expect(!seals.contains("联办服务"))
        }
    }

    @Test("a page sent after the session had ended comes back in words, and is taken after sign-in")
    func session() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft(of: founder)
            let path = "/drafts/\(draft.id)/premises"
            var fields = Dictionary(
                SentForm.pairs(of: try await town.get(path, as: founder).text).filter {
                    !["_form", "_once"].contains($0.name)
                }.map { ($0.name, $0.value) }
            ) { $1 }
            fields["premises.ownerName"] = "赵房东"
            let lost = try await town.post(path, fields, headers: ours)
            #expect(lost.status == 401)
            for words in ["<dt>使用方式</dt>", "<dt>房屋产权人</dt><dd>赵房东</dd>"] {
                #expect(lost.text.contains(words), "\(words)")
            }
            #expect(!lost.text.contains("<dd>\(fields["premises.use"] ?? "")</dd>"))
            #expect(!lost.text.contains("<dd>\(draft.version)</dd>"))
            let token = try #require(
                lost.text.firstMatch(of: /class="panel unsent">[\s\S]*?name="_form" value="([0-9a-f]+)"/)
            )
            let password = try #require(
                try DemoAccounts.read(home: Home.find()).first { $0.login == founder }?.password
            )
            let signedIn = try await town.post("/sign-in", ["login": founder, "password": password])
            #expect(signedIn.status == 303)
            let sent = try await town.post(path, fields, token: String(token.output.1), headers: ours)
            #expect(sent.status == 303, "\(sent.text)")
            #expect(try await town.read(draft).data["premises"]["ownerName"] == "赵房东")
        }
    }

    @Test("a page of a form that was handed in leads to where the case stands")
    func handedIn() async throws {
        try await FaceTown.open { town in
            let case_ = try await granted(town)
            for page in ["", "/scope", "/check", "/name"] {
                let answer = try await town.get("/drafts/\(case_.id)\(page)", as: founder)
                #expect(answer.status == 303 && answer.location == "/cases/\(case_.number)", "\(page)")
            }
            #expect(try await town.get("/drafts/\(case_.id)/scope", as: "lisi").status == 404)
            let late = try await town.post("/drafts/\(case_.id)/scope", ["scope": "F0003"], as: founder)
            #expect(late.status == 409 && late.text.contains("href=\"/drafts/\(case_.id)/scope\""))
        }
    }

    @Test("an approval that comes first is told at the scope and at the check, before anybody signs")
    func approval() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft(of: founder) { $0["scope"] = ["F0003", "F0088"] }
            let path = "/drafts/\(draft.id)"
            let page = try await town.get("\(path)/scope", as: founder).text
            #expect(page.contains("F0088 · 前置审批 · 烟草专卖批发企业许可"))
            #expect(page.contains("“烟草制品批发”须先取得烟草专卖批发企业许可（烟草专卖局）"))
            let stopped = try await town.answer("\(path)/scope", as: founder)
            #expect(stopped.status == 422 && stopped.text.contains("href=\"#f-approvals\""))
            let check = try await town.get("\(path)/check", as: founder).text
            #expect(check.contains("“烟草制品批发”须先取得") && !check.contains("\(path)/sign\""))
            #expect(try await town.post("\(path)/sign", as: founder).status == 422)
            // The row offers what was chosen and needs an approval; a code in small letters is that code.
            let list = try #require(
                page.firstMatch(of: /<select[^>]*name="approvals\[0\]\.phrase"[\s\S]*?<\/select>/)
            )
            #expect(list.output.contains("value=\"F0088\"") && !list.output.contains("value=\"F0003\""))
            let given = try await town.answer(
                "\(path)/scope",
                [
                    "approvals[0].phrase": "f0088", "approvals[0].number": "烟批〔2026〕1号",
                    "approvals[0].agency": "烟草专卖局", "approvals[0].from": "2026-01-05",
                ],
                as: founder
            )
            #expect(given.status == 303, "\(given.text)")
            #expect(try await town.read(draft).data["approvals"][0]["phrase"] == "F0088")
            #expect(try await town.get("\(path)/check", as: founder).text.contains("\(path)/sign\""))
        }
    }

    @Test("a return leads to the page to be mended, which is marked until it was changed")
    func mending() async throws {
        try await FaceTown.open { town in
            let case_ = try await returned(town)
            let (path, scope) = ("/drafts/\(case_.id)", "/drafts/\(case_.id)/scope")
            let result = try await town.get("/cases/\(case_.number)/result", as: founder).text
            #expect(result.contains("href=\"\(scope)\"") && result.contains("审查规则：R09 经营范围"))
            #expect(!result.contains(">R09<"))
            let list = try await town.get(path, as: founder).text
            #expect(list.contains("需要修改") && list.contains("须先取得烟草专卖批发企业许可"))
            #expect(list.contains("btn-lg\" href=\"\(scope)\""))
            #expect(try await town.get(scope, as: founder).text.contains("可先删去该项"))
            var data = case_.data
            data["scope"] = ["F0003"]
            let occasion = try await town.occasion(of: founder)
            _ = try await town.platform.desk.save(
                case_.id,
                data: data,
                version: case_.version,
                occasion: occasion
            )
            let after = try await town.get(path, as: founder).text
            #expect(!after.contains("需要修改") && after.contains("btn-lg\" href=\"\(path)/check\""))
        }
    }

    @Test("every reason to return leads to a page that one of the forms has, or to signers or check")
    func places() async throws {
        try await FaceTown.open { town in
            let reader = town.platform
            let today = town.town.clock.now.date
            var pages: Set<String> = []
            for item in ["llc", "sole-trader"] {
                let definition = try await reader.definitions.current(
                    "company-opening",
                    item: item,
                    region: "150203",
                    on: today
                )
                pages.formUnion(definition.form.pages.map(\.id))
            }
            let folder = try Home.find().resource("../Systems/company-opening/rules")
            var found = 0
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
                for match in text.matches(of: /'"return"', '"([a-z.-]+)"'/) {
                    let reason = String(match.output.1)
                    let isElsewhere = ["identity", "signature", "officer"].contains {
                        reason.hasPrefix("\($0).")
                    }
                    #expect((Mending.page(of: reason, in: pages) == nil) == isElsewhere, "\(reason)")
                    found += 1
                }
            }
            #expect(found > 30)
        }
    }

    @Test("the engraver is named with address and telephone, and each receipt by its matter")
    func fetched() async throws {
        try await FaceTown.open { town in
            let case_ = try await granted(town)
            let page = try await town.get("/cases/\(case_.number)/result", as: founder).text
            for words in ["包头墨印印章刻制店（样本）", "青山区（样本地址）", "0471-5000005", "09:00-17:30"] {
                #expect(page.contains(words), "\(words)")
            }
            #expect(page.contains("办理回执（印章备案）") && page.contains("办理回执（社会保险登记）"))
            #expect(!page.contains("办理回执<") && !page.contains("公安机关印章备案"))
            let english = try await town.get("/cases/\(case_.number)/result?lang=en", as: founder).text
            #expect(english.contains("Receipt of an Agency (Seal filing)") && english.contains("墨印 engraver"))
        }
    }

    @Test("tasks are counted alike everywhere, and what forbids trading stands first")
    func tasks() async throws {
        try await FaceTown.open { town in
            let case_ = try await granted(town) { $0["scope"] = ["F0003", "A0024"] }
            let code = try #require(case_.result)
            let firm = try await town.get("/wallet/\(code)", as: founder).text
            let open = try #require(firm.firstMatch(of: /待办 ([0-9]+) 项/)).output
            #expect((Int(open.1) ?? 0) > 2)
            #expect(try await town.get("/wallet", as: founder).text.contains(open.0))
            let list = try #require(firm.components(separatedBy: "id=\"tasks\"").last)
            let titles = list.matches(of: /<h3>([^<]*) </).map { String($0.output.1) }
            #expect(titles.first?.contains("取得“林木种子生产经营”的许可后再经营") == true, "\(titles)")
            let once = try #require(titles.lastIndex { $0.contains("缴足") })
            #expect(titles.suffix(from: once).contains { $0.contains("登记事项") }, "\(titles)")
            let english = try await town.get("/wallet/\(code)?lang=en", as: founder).text
            #expect(english.contains("pays in CNY ") && !english.contains("10,000 yuan"))
        }
    }

    @Test("a link that was sent again says so, and the one before it says that it was replaced")
    func resent() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft(of: founder)
            let base = "/cases/\(draft.number)"
            let occasion = try await town.occasion(of: founder)
            let link = try #require(
                try await town.platform.desk.askSignatures(draft.id, occasion: occasion).first
            )
            let sent = try await town.post("\(base)/signers/renew", ["signer": link.signer], as: founder)
            #expect(
                sent.status == 303 && sent.location.hasSuffix("?sent=\(link.signer)#signer-\(link.signer)")
            )
            let page = try await town.get("\(base)/signers?sent=\(link.signer)", as: founder).text
            #expect(page.components(separatedBy: "已重新发送").count == 2)
            #expect(!(try await town.get("\(base)/signers", as: founder).text).contains("已重新发送"))
            let old = try await town.get("/sign/\(link.secret)")
            #expect(old.status == 410 && old.text.contains("由新链接代替"))
            #expect(try await town.get("/sign/ABCDEFGHJKMNPQRSTVWXYZ2345").text.contains("签署链接无效"))
        }
    }

    @Test("texts are true where they stand")
    func texts() async throws {
        try await FaceTown.open { town in
            let signIn = try await town.get("/sign-in").text
            #expect(signIn.contains("或注册新账号") && !signIn.contains("注册时选定"))
            let wrong = try await town.post("/sign-in", ["login": "nobody", "password": "x"]).text
            #expect(wrong.firstMatch(of: /[。？！] +[一-鿿]/) == nil)
            #expect(!(try await town.get("/guides/company-opening").text).contains("地图上"))
            let draft = try await town.draft(of: founder)
            let check = try await town.get("/drafts/\(draft.id)/check", as: founder).text
            #expect(check.contains("邀请签署") && !check.contains("章程等文书"))
            let scope = try await town.get("/drafts/\(draft.id)/scope", as: founder).text
            #expect(scope.contains("添加一项“前置审批文件”") && !scope.contains("再添加一项“前置审批文件”"))
            let path = "/drafts/\(draft.id)/name"
            _ = try await town.answer(path, ["name.brand": "最佳"], as: founder)
            let result = try await town.get(path, as: founder).text
            #expect(result.contains("不能使用"))
            #expect(result.contains("从建议的名称中选择") == result.contains("\(path)/use"))
            let badges = result.components(separatedBy: "<ul class=\"tasks\">").dropFirst().first ?? ""
            #expect(badges.firstMatch(of: /class="state [a-z]+">([^<]*)</)?.output.1 == "不能使用", "\(badges)")
        }
    }

    @Test(
        "a device is named in words",
        arguments: [
            (
                "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36",
                "Chrome，Android"
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1",
                "Safari，iPhone"
            ),
            ("Mozilla/5.0 (Linux; Android 13) Chrome/116 MicroMessenger/8.0", "微信，Android"),
            ("strange", "未知设备"),
        ]
    )
    func devices(agent: String, words: String) async throws {
        try await FaceTown.open { town in
            let password = try #require(
                try DemoAccounts.read(home: Home.find()).first { $0.login == founder }?.password
            )
            let fields = ["login": founder, "password": password]
            #expect(try await town.post("/sign-in", fields, headers: ["user-agent": agent]).status == 303)
            let page = try await town.get("/account").text
            #expect(page.contains(words) && !page.contains("Mozilla"), "\(words)")
        }
    }
}
