import Cases
import Correspondence
import Credentials
import FaceSupport
import Forms
import Identity
import Kernel
import Server
import Storage
import Testing

@Suite("the pages of the licence library's desk", .serialized)
struct LicenceDeskPagesTests {
    private static let food = [
        "type": "food-operation", "number": "JY11502030001", "premises": "包头市昆都仑区钢铁大街 1 号",
        "businessKind": "餐饮服务经营者", "scope": "热食类食品制售\n冷食类食品制售", "legalRepresentative": "张三",
        "decision": "包昆市监许〔2026〕7号", "reason": "依申请核准", "confirm": "yes",
    ]

    private func waiting(_ town: FaceTown) async throws -> LicenceProposal? {
        try await town.platform.database.read {
            try LicenceDesk.waiting(of: "", reach: LibraryReach(from: "", upTo: "~"), limit: 9, in: $0).first
        }
    }

    @Test("a licence is proposed, confirmed by another, suspended at once; its holder is told each time")
    func life() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: "zhangsan")
            let code = granted.result ?? ""
            // Who represents a firm is told; the example's own representative has no account here.
            try await town.lead(granted, as: "zhangsan")
            let form = try await town.get("/desk/licences/new?type=food-operation", as: "registrar").text
            #expect(form.contains("食品经营许可证") && form.contains("name=\"premises\""))
            var fields = Self.food
            fields["holder"] = code
            let bad = fields.merging(["premises": "", "number": "J Y"]) { $1 }
            let refused = try await town.post("/desk/licences", bad, as: "registrar")
            #expect(refused.status == 422 && refused.text.contains("热食类食品制售"), "what was typed stays")
            let strange = fields.merging(["holder": "91150203MA0N2X4F5L"]) { $1 }
            #expect(try await town.post("/desk/licences", strange, as: "registrar").status == 422)
            let unsure = fields.merging(["confirm": ""]) { $1 }
            #expect(try await town.post("/desk/licences", unsure, as: "registrar").status >= 400)
            #expect(try await waiting(town) == nil)
            #expect(try await town.post("/desk/licences", fields, as: "registrar").status == 303)
            let wish = try #require(try await waiting(town))
            let path = "/desk/licences/proposals/\(wish.id)"
            #expect(try await town.post(path, ["answer": "confirm"], as: "registrar").status == 403)
            #expect(try await town.post(path, ["answer": "confirm"], as: "police").status == 404)
            let made = try await town.post(path, ["answer": "confirm"], as: "head")
            #expect(made.status == 303)
            let page = try await town.get(made.location, as: "registrar").text
            #expect(page.contains("热食类食品制售；冷食类食品制售") && page.contains("JY11502030001"))
            #expect(try await town.get(made.location, as: "police").status == 404)
            let taken = [
                "version": "suspend/1", "decision": "包昆市监扣〔2026〕1号", "reason": "涉嫌违法", "confirm": "yes",
            ]
            let hasty = taken.merging(["confirm": ""]) { $1 }
            #expect(try await town.post(made.location, hasty, as: "registrar").status >= 400)
            #expect(try await town.post(made.location, taken, as: "registrar").status == 303)
            #expect(try await town.post(made.location, taken, as: "registrar").status == 409, "only once")
            try await town.pass(Instant.minute)
            let told = try await town.platform.database.read {
                try CorrespondenceStore.messages(case: "JY11502030001", in: $0)
            }
            #expect(told.map(\.template) == ["licence-moved", "licence-moved"])
            #expect(told.last?.textZh.contains("暂扣") == true)
            let wallet = try await town.get("/wallet/\(code)", as: "zhangsan").text
            #expect(wallet.contains("食品经营许可证") && wallet.contains("暂扣") && wallet.contains("涉嫌违法"))
        }
    }

    @Test("what waits is shown whole and told to its proposer; it is refused with a reason, and filed once")
    func proposals() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: "zhangsan")
            var fields = Self.food
            fields["holder"] = granted.result ?? ""
            let blank = ["type": "food-operation", "holder": "1", "from": "2019-01-01"]
            let bare = try await town.post("/desk/licences", blank, as: "registrar")
            for field in ["holder", "number", "premises", "decision", "reason", "confirm"] {
                #expect(bare.text.contains("href=\"#f-\(field)\""), "\(field)")
            }
            fields["from"] = "2019-01-01"
            let over = try await town.post("/desk/licences", fields, as: "registrar")
            #expect(over.status == 422 && over.text.contains("发证当天已经届满"))
            let later = town.platform.occasion("a").now.date.adding(days: 3).description
            fields["from"] = later
            let made = try await town.post("/desk/licences", fields, as: "registrar")
            let mine = try await town.get(made.location, as: "registrar").text
            #expect(mine.contains("提议已提交") && mine.contains("撤回提议"))
            #expect(mine.contains("由提议人以外的本机关负责人确认") && !mine.contains("value=\"confirm\""))
            let twice = try await town.post("/desk/licences", fields, as: "registrar")
            #expect(twice.status == 409 && twice.text.contains("href=\"#f-number\""))
            let wish = try #require(try await waiting(town))
            let card = try await town.get("/desk/licences", as: "head").text
            for words in [granted.result ?? "", later, "有效期至", "晚于今天", "依申请核准", "提议人"] {
                #expect(card.contains(words), "\(words)")
            }
            #expect(!card.contains(wish.proposedBy), "people are told by their names")
            let path = "/desk/licences/proposals/\(wish.id)"
            let mute = try await town.post(path, ["answer": "refuse"], as: "head")
            #expect(mute.status == 422 && mute.text.contains("href=\"#f-answer-\(wish.id)\""))
            let answer = ["answer": "refuse", "answer-\(wish.id)": "编号有误"]
            let refused = try await town.post(path, answer, as: "head")
            let closed = try await town.get(refused.location, as: "registrar").text
            #expect(closed.contains("提议已否决") && closed.contains("编号有误"))
        }
    }

    @Test("the page of a licence names all faults of an act, tells what waits, and how it was issued")
    func acts() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: "zhangsan")
            let licence = try await town.foodLicence(of: granted.result ?? "", number: "JY7")
            let path = "/desk/licences/\(licence.id)"
            let page = try await town.get(path, as: "registrar").text
            #expect(page.contains("签发：依申请") && page.contains("包昆市监许〔2026〕1号"))
            let bare = try await town.post(path, ["version": "suspend/1"], as: "registrar")
            #expect(bare.status == 422 && bare.text.contains("有 3 处需要修改"))
            for box in ["decision", "reason", "confirm"] {
                #expect(bare.text.contains("href=\"#suspend-\(box)\""), "\(box)")
            }
            let words = ["decision": "函 5 号", "reason": "已停业", "confirm": "yes"]
            func post(_ act: String) async throws -> FaceTown.Answer {
                try await town.post(path, words.merging(["version": "\(act)/1"]) { $1 }, as: "registrar")
            }
            #expect(try await post("cancel").status == 303)
            let waits = try await town.get(path, as: "registrar").text
            #expect(waits.contains("正等待另一人确认") && !waits.contains("value=\"cancel/1\""))
            let second = try await post("revoke")
            #expect(second.status == 409 && second.text.contains("已有一项提议") && second.text.contains("函 5 号"))
            let done = try await post("suspend")
            #expect(try await town.get(done.location, as: "registrar").text.contains("已办理：暂扣"))
            let stale = try await post("suspend")
            #expect(stale.text.contains("请核对下面的最新情况后重新提交") && stale.text.contains("函 5 号"))
            let change = try await town.get("\(path)/change", as: "registrar")
            #expect(change.status == 409 && change.text.contains("现为“暂扣”，不能办理“变更”"))
        }
    }

    @Test(
        "a licence is listed once by its holder's code, found by what tells a firm's name from others, and by a state with its type"
    )
    func finding() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: "zhangsan")
            let code = try #require(granted.result)
            let licence = try await town.foodLicence(of: code, number: "JY7")
            let list = try await town.get("/desk/licences?q=\(code)", as: "registrar").text
            let rows = list.matches(of: /href="\/desk\/licences\/[^"\/?]+"/).map { String($0.output) }
            #expect(Set(rows).count == rows.count && rows.count > 1)
            let part = SentForm.escaped("阴山")
            #expect(!granted.title.hasPrefix("阴山"))
            #expect(try await town.get("/desk/licences?q=\(part)", as: "registrar").text.contains("JY7"))
            let broad = try await town.get("/desk/licences?state=valid", as: "registrar").text
            #expect(broad.contains("请同时选择种类"))
            func typed(_ state: String) async throws -> Bool {
                let page = try await town.get(
                    "/desk/licences?type=food-operation&state=\(state)",
                    as: "registrar"
                )
                return page.text.contains("/desk/licences/\(licence.id)")
            }
            #expect(try await typed("valid"))
            #expect(!(try await typed("expired")))
        }
    }

    @Test("what only a reason opens is hidden, and its holder sees who looked and why")
    func reading() async throws {
        try await FaceTown.open { town in
            let person = try await town.session("zhangsan").principal.actor.id
            let authority = town.platform.credentials
            let desk = LicenceDesk(authority: authority, database: town.platform.database)
            let type = try #require(authority.types.licences["professional-title"])
            var fields: JSON = [:]
            for field in type.fields where field.isRequired {
                fields[field.key] =
                    field.kind == .date
                    ? "2026-03-01" : field.kind == .list ? ["甲"] : .string("特级\(field.key)")
            }
            let wish = try await desk.propose(
                issuing: LicenceDraft(
                    type: type.key,
                    holder: Holder(.person, code: person, name: "张三"),
                    issuer: IssuingBody(code: "150200", name: "包头市人力资源和社会保障局"),
                    region: "150200",
                    fields: fields
                ),
                try LicenceDecision(number: "包人社〔2026〕1号", reason: "评审通过"),
                occasion: town.platform.occasion("a")
            )
            let made = try await desk.decide(
                wish.id,
                isConfirmed: true,
                occasion: town.platform.occasion("b")
            )
            let path = "/desk/licences/\(try #require(made).id)"
            #expect(try await town.get(path, as: "registrar").status == 404, "of another administration")
            let page = try await town.get(path, as: "personnel").text
            #expect(!page.contains("张三") && !page.contains("特级level"))
            #expect(try await town.post("\(path)/read", ["reason": ""], as: "personnel").status == 422)
            let open = try await town.post("\(path)/read", ["reason": "核对聘任"], as: "personnel").text
            #expect(open.contains("张三") && open.contains("特级"))
            #expect(try await town.get("/my/reads", as: "zhangsan").text.contains("核对聘任"))
        }
    }
}
