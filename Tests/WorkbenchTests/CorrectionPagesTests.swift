import Cases
import CompanyOpening
import Correspondence
import FaceSupport
import Foundation
import Identity
import Kernel
import Server
import Registers
import Storage
import TestSupport
import Testing

/// Wrong registrations, through the corrector's pages.
@Suite("correcting at the workbench", .serialized)
struct CorrectionPagesTests {
    private func withFirm(_ body: (FaceTown, String) async throws -> Void) async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: "zhangsan")
            try await town.pass(4 * Instant.hour)
            try await body(town, try #require(granted.result))
        }
    }

    private func matter(_ code: String, _ town: FaceTown) async throws -> Correction? {
        try await town.platform.database.read { try CorrectionStore.of(code, in: $0) }
            .max { $0.openedAt < $1.openedAt }
    }

    private func subject(_ code: String, _ town: FaceTown) async throws -> RegisterSubject {
        try #require(try await town.platform.database.read { try RegisterStore.find(code, in: $0) })
    }

    private func act(
        _ name: String,
        _ code: String,
        _ town: FaceTown,
        _ fields: [String: String] = [:],
        by login: String = "corrector"
    ) async throws -> FaceTown.Answer {
        var fields = fields
        if let matter = try await matter(code, town) {
            fields["version"] = fields["version"] ?? "\(matter.id)/\(matter.version)"
        }
        fields["confirm"] = fields["confirm"] ?? "yes"
        fields["_purpose"] = fields["_purpose"] ?? "情形复杂"
        return try await town.post("/desk/corrections/\(code)/\(name)", fields, as: login)
    }

    /// The corrector proposes, the head confirms.
    private func decide(
        _ name: String,
        _ code: String,
        _ town: FaceTown,
        _ fields: [String: String]
    ) async throws {
        #expect(try await act(name, code, town, fields).status == 303, "\(name)")
        #expect(try await matter(code, town)?.state == .proposed, "\(name)")
        #expect(try await act("confirm", code, town).status == 403, "\(name) by its proposer")
        #expect(try await act("confirm", code, town, by: "head").status == 303, "\(name)")
    }

    private let finding = ["facts": "冒名登记", "evidence": "笔迹鉴定意见", "reason": "条例第四十条"]

    @Test("a slip is proposed by the corrector and put right by the head, and the register keeps both")
    func slip() async throws {
        try await withFirm { town, code in
            let path = "/desk/corrections/\(code)"
            #expect(try await town.get(path, as: "corrector").text.contains("accesskey=\"k\""))
            #expect(try await town.get(path, as: "registrar").text.contains("accesskey=\"k\"") == false)
            // Sums as a person reads them, in either language; nobody counts a capital in fen.
            let entry = try await subject(code, town)
            let fen = try #require(entry.items["capitalFen"].int)
            let page = try await town.get(path, as: "corrector").text
            #expect(page.contains("<dt>注册资本</dt><dd>\(Money(fen: fen).tenThousandYuanText) 万元</dd>"))
            #expect(page.contains(String(fen)) == false)
            let english = try await town.get("\(path)?lang=en", as: "registrar").text
            #expect(english.contains("<dt>Registered capital</dt><dd>1,000,000 yuan</dd>"))
            let fields = ["value-address": "内蒙古自治区包头市昆都仑区少先路街道少先社区少先路12号2楼301室", "reason": "录入笔误"]
            // Each box holds what stands; what is left as it stands is no change.
            let corrector = try await town.get(path, as: "corrector").text
            let address = try #require(entry.items["address"].text)
            #expect(corrector.contains("maxlength=\"2000\">\(address)</textarea>"))
            #expect(corrector.contains("name=\"value-capitalFen\" value=\"100\""))
            #expect(corrector.contains("value-type") == false)
            var same = fields
            same["value-address"] = address
            same["value-capitalFen"] = "100"
            #expect(try await act("slip", code, town, same).status == 422)
            same["value-capitalFen"] = "一百"
            #expect(try await act("slip", code, town, same).status == 422)
            same["value-capitalFen"] = "60"
            #expect(try await act("slip", code, town, same).text.contains("R11"))
            same["version"] = String(entry.version - 1)
            #expect(try await act("slip", code, town, same).status == 409)
            #expect(try await town.post("\(path)/slip", fields, as: "registrar").status == 403)
            #expect(
                try await act("slip", code, town, ["value-colour": "红", "reason": "误"]).status
                    == 422
            )
            #expect(try await act("slip", code, town, ["value-address": "x"]).status == 422)
            #expect(
                try await act("slip", code, town, ["value-type": "股份有限公司", "reason": "误"]).status
                    == 409
            )
            #expect(try await act("slip", code, town, fields).status == 303)
            #expect(
                try await subject(code, town).items["address"].text != "内蒙古自治区包头市昆都仑区少先路街道少先社区少先路12号2楼301室"
            )
            #expect(try await town.get(path, as: "corrector").text.contains("须由另一人复核"))
            #expect(try await town.get(path, as: "corrector").text.contains("\(path)/confirm") == false)
            #expect(try await act("confirm", code, town).status == 403)
            #expect(try await act("confirm", code, town, by: "registrar").status == 403)
            #expect(try await act("dismiss", code, town, ["reason": "误"]).status == 409)
            #expect(try await town.get(path, as: "head").text.contains("\(path)/confirm"))
            #expect(try await act("confirm", code, town, ["version": "x/1"], by: "head").status == 404)
            #expect(try await act("confirm", code, town, by: "head").status == 303)
            #expect(
                try await subject(code, town).items["address"].text == "内蒙古自治区包头市昆都仑区少先路街道少先社区少先路12号2楼301室"
            )
            #expect(try await act("confirm", code, town, by: "head").status == 409)
            #expect(try await act("slip", code, town, fields).status == 422)
            let entries = try await town.platform.database.read {
                try RegisterStore.entries(of: code, in: $0)
            }
            #expect(entries.count == 2)
        }
    }

    @Test(
        "a false registration: opened, not taken up; opened, taken up, extended, published, suspended, kept"
    )
    func kept() async throws {
        try await withFirm { town, code in
            #expect(try await act("open", code, town, ["item": "whole"]).status == 422)
            let words = ["item": "whole", "applicant": "李四", "reason": "本人不知情"]
            #expect(try await act("open", code, town, words).status == 303)
            #expect(try await act("open", code, town, words).status == 409)
            #expect(try await town.get("/desk/corrections", as: "corrector").text.contains("待决定是否受理"))
            #expect(try await act("dismiss", code, town).status == 422)
            #expect(try await act("dismiss", code, town, ["reason": "证据不足"]).status == 303)
            #expect(try await matter(code, town)?.state == .dismissed)
            town.town.clock.set(town.town.clock.now + 1_000)
            #expect(try await act("open", code, town, words).status == 303)
            let stale = try #require(try await matter(code, town))
            let firm = try await town.granted("敕勒", of: "zhangsan").result ?? ""
            let strange = "\(stale.id)/\(stale.version)"
            for name in [
                "accept", "dismiss", "take-back", "publish", "suspend", "resume", "withdraw", "withdraw-item",
                "keep",
                "restore",
            ] {
                var fields = finding
                fields.merge(["version": strange, "confirm": "yes", "_purpose": "案情复杂"]) { $1 }
                let path = "/desk/corrections/\(firm)/\(name)"
                let answer = try await town.post(path, fields, as: "corrector")
                #expect(answer.status == 404, "\(name) with a matter of another registration")
            }
            #expect(try await act("accept", code, town).status == 303)
            let late = try await act("accept", code, town, ["version": "\(stale.id)/\(stale.version)"])
            #expect(late.status == 409)
            // Only the head lengthens an investigation.
            #expect(try await act("extend", code, town).status == 403)
            #expect(try await act("extend", code, town, by: "head").status == 303)
            #expect(try await act("extend", code, town, by: "head").status == 409)
            #expect(try await act("publish", code, town).status == 303)
            #expect(try await act("publish", code, town).status == 409)
            #expect(try await act("withdraw", code, town, finding).status == 409)
            #expect(try await act("suspend", code, town).status == 303)
            #expect(try await act("keep", code, town, finding).status == 409)
            #expect(try await act("resume", code, town).status == 303)
            try await town.pass(46 * Instant.day)
            #expect(try await act("keep", code, town).status == 422)
            try await decide("keep", code, town, finding)
            #expect(try await matter(code, town)?.state == .kept)
            #expect(try await subject(code, town).state == .active)
        }
    }

    @Test("the whole registration falls and is restored")
    func whole() async throws {
        try await withFirm { town, code in
            _ = try await act("open", code, town, ["item": "whole", "reason": "冒名"])
            _ = try await act("accept", code, town)
            var unknown = finding
            unknown["responsible"] = "无此人"
            #expect(try await act("withdraw", code, town, unknown).status == 422)
            let path = "/desk/corrections/\(code)"
            let asked = try await town.get(path, as: "corrector").text
            #expect(
                asked.contains("id=\"withdraw-responsible\"") && !asked.contains("id=\"keep-responsible\"")
            )
            var whole = finding
            whole["responsible"] = "张晓晨"
            #expect(try await act("withdraw", code, town, whole).status == 303)
            // The second person sees all of it; nothing happens until he agrees, and he may say no.
            #expect(try await subject(code, town).state == .active)
            let own = try await town.get(path, as: "corrector").text
            #expect(own.contains("由您提出，须由另一人复核") && !own.contains("\(path)/confirm"))
            let seen = try await town.get(path, as: "head").text
            for words in ["提出：撤销登记", "冒名登记", "笔迹鉴定意见", "条例第四十条", "<dd>张晓晨</dd>", "\(path)/confirm"] {
                #expect(seen.contains(words), "\(words)")
            }
            #expect(try await act("drop", code, town, by: "head").status == 422)
            #expect(try await act("drop", code, town, ["reason": "证据不足"], by: "head").status == 303)
            #expect(try await matter(code, town)?.state == .investigating)
            #expect(try await town.get(path, as: "corrector").text.contains("证据不足"))
            try await decide("withdraw", code, town, whole)
            #expect(try await subject(code, town).state == .withdrawn)
            #expect(try await town.get(path, as: "corrector").text.contains("禁止期至"))
            #expect(try await act("restore", code, town).status == 422)
            try await decide("restore", code, town, ["reason": "复议决定撤销原决定"])
            #expect(try await subject(code, town).state == .active)
            let page = try await town.get(path, as: "corrector").text
            #expect(!page.contains("禁止期至") && page.contains("平台自动审批"))
            let both = try #require(page.firstRange(of: "提出，"))
            #expect(page[both.upperBound...].prefix(20).contains("复核"))
        }
    }

    @Test("only the false shareholder falls away, whom the clerk chose; a mistake is undone")
    func item() async throws {
        try await withFirm { town, code in
            let path = "/desk/corrections/\(code)"
            let unchosen = "<option value=\"\">请选择</option>"
            #expect(try await act("open", code, town, ["reason": "未选"]).status == 422)
            #expect(try await matter(code, town) == nil)
            #expect(try await town.get(path, as: "corrector").text.contains("name=\"item\">\(unchosen)"))
            let before = try await subject(code, town).items
            _ = try await act("open", code, town, ["item": "shareholders", "reason": "股东李文博系冒名"])
            _ = try await act("accept", code, town)
            let asked = try await town.get(path, as: "corrector").text
            #expect(asked.contains("撤销其中哪一项") && asked.contains("name=\"value\">\(unchosen)"))
            var fields = finding
            #expect(try await act("withdraw-item", code, town, fields).status == 422)
            fields["value"] = "无此人"
            #expect(try await act("withdraw-item", code, town, fields).status == 422)
            #expect(try await subject(code, town).items == before)
            fields["value"] = "李文博"
            fields["responsible"] = "张晓晨"
            #expect(asked.contains("登记簿中有不相符的内容") == false)
            #expect(try await act("withdraw-item", code, town, fields).status == 303)
            #expect(try await subject(code, town).items == before)
            #expect(try await town.get(path, as: "head").text.contains("股东去除“李文博"))
            #expect(try await act("confirm", code, town, by: "head").status == 303)
            let after = try await subject(code, town)
            #expect(after.state == .active)
            #expect(after.items["shareholders"].canonical.contains("李文博") == false)
            #expect(after.items["shareholders"].canonical.contains("张晓晨"))
            let page = try await town.get(path, as: "corrector").text
            #expect(page.contains("股东认缴合计60 万元，与注册资本100 万元不符"))
            #expect(page.contains("李文博已随撤销的事项去除，仍登记（备案）为监事"))
            // The file names whom the ban hits; the history names the paper of each act and no other.
            #expect(page.contains("<dt>直接责任人员（姓名，以顿号分隔）</dt><dd>张晓晨</dd>"))
            let papers = try await town.platform.database.read {
                try CorrespondenceStore.papers(of: Self.caseID(code, $0), in: $0)
            }
            for kind in ["revocation-decision", "registration-notice"] {
                let number = try #require(papers.last { $0.kind == kind }?.number)
                #expect(page.contains("\">\(number)</a></td>"), "\(kind)")
            }
            let accepted = try #require(papers.last { $0.kind == "investigation-record" })
            #expect(page.contains(" · \(accepted.titleZh)"))
            #expect(page.contains(" · 登记电子档案目录") == false)
            #expect(try await act("restore", code, town).status == 422)
            try await decide("restore", code, town, ["reason": "复核认定撤销有误"])
            #expect(try await subject(code, town).items == before)
            let restored = try await town.get(path, as: "corrector").text
            #expect(restored.contains("已恢复登记") && !restored.contains("登记簿中有不相符的内容"))
            #expect(try await act("restore", code, town, ["reason": "再来"]).status == 409)
        }
    }

    private static func caseID(_ code: String, _ reader: any Reader) throws -> String {
        try #require(try CaseStore.granting(code, in: reader)).id.rawValue
    }

    @Test(
        "an act with effect outside asks its reason and that one means it; the file shows both, the history what changed"
    )
    func care() async throws {
        try await withFirm { town, code in
            _ = try await act("open", code, town, ["item": "whole", "applicant": "李四", "reason": "本人不知情"])
            let asked = try await town.get("/desk/corrections/\(code)", as: "corrector").text
            #expect(asked.contains("id=\"accept-confirm\""))
            #expect(try await act("accept", code, town, ["confirm": ""]).status == 422)
            #expect(try await act("accept", code, town).status == 303)
            for name in ["extend", "publish", "suspend"] {
                let login = name == "extend" ? "head" : "corrector"
                let silent = try await act(name, code, town, ["_purpose": " "], by: login)
                #expect(silent.status == 422, "\(name)")
                let hasty = try await act(
                    name,
                    code,
                    town,
                    ["_purpose": "当事人下落不明", "confirm": ""],
                    by: login
                )
                #expect(hasty.status == 422 && hasty.text.contains("当事人下落不明</textarea>"), "\(name)")
            }
            #expect(try #require(try await matter(code, town)).isExtended == false)
            #expect(
                try await act("extend", code, town, ["_purpose": "案情复杂，需要鉴定"], by: "head").status == 303
            )
            let page = try await town.get("/desk/corrections/\(code)", as: "corrector").text
            #expect(page.contains("案情复杂，需要鉴定") && page.contains("李四"))
            #expect(page.contains("/extend\"") == false)
            var unknown = finding
            unknown["responsible"] = "无此人"
            let refused = try await act("withdraw", code, town, unknown).text
            for words in ["冒名登记", "笔迹鉴定意见", "条例第四十条"] {
                #expect(refused.contains(">\(words)</textarea>"), "\(words)")
            }
            try await decide("withdraw", code, town, finding)
            let ended = try await town.get("/desk/corrections/\(code)", as: "corrector").text
            for words in ["冒名登记", "笔迹鉴定意见", "条例第四十条"] { #expect(ended.contains(words), "\(words)") }
        }
    }

    @Test("a broken promise: ordered, taken back; ordered, listed after the term only, put right")
    func promise() async throws {
        try await withFirm { town, code in
            let path = "/desk/corrections/\(code)"
            #expect(try await town.get(path, as: "corrector").text.contains("责令履行承诺"))
            #expect(try await town.get(path, as: "registrar").text.contains("责令履行承诺") == false)
            let order = ["promise": "address", "facts": "按登记住所无法联系"]
            #expect(try await town.post("\(path)/order-promise", order, as: "registrar").status == 403)
            #expect(
                try await act("order-promise", code, town, ["promise": "colour", "facts": "x"]).status == 422
            )
            #expect(try await act("order-promise", code, town, ["promise": "address"]).status == 422)
            #expect(try await act("order-promise", code, town, order).status == 303)
            #expect(try await matter(code, town)?.state == .ordered)
            let page = try await town.get(path, as: "corrector").text
            #expect(page.contains("已责令改正") && page.contains("确认已改正") && page.contains("撤销责令"))
            #expect(page.contains("\(path)/rename") == false && page.contains("\(path)/open") == false)
            #expect(try await act("order-promise", code, town, order).status == 409)
            #expect(try await act("dismiss", code, town, ["reason": "核查有误"]).status == 303)
            town.town.clock.set(town.town.clock.now + 1_000)
            #expect(try await act("order-promise", code, town, order).status == 303)
            #expect(try await act("list", code, town, ["reason": "逾期未改正"]).status == 409)
            #expect(try await act("comply", code, town).status == 422)
            try await town.pass(60 * Instant.day)
            #expect(try await act("list", code, town, ["reason": "逾期未改正"]).status == 303)
            #expect(try await matter(code, town)?.state == .listed)
            #expect(try await town.get(path, as: "corrector").text.contains("已列入经营异常名录"))
            #expect(try await act("comply", code, town, ["reason": "已恢复联系"]).status == 303)
            #expect(try await matter(code, town)?.state == .complied)
            #expect(try await subject(code, town).state == .active)
        }
    }

    @Test("a name is ordered given up; only a name of the firm's own people takes its place")
    func name() async throws {
        try await withFirm { town, code in
            let path = "/desk/corrections/\(code)"
            #expect(try await act("order-name", code, town).status == 422)
            let old = try #require(try await subject(code, town).items["name"].text)
            try await decide("order-name", code, town, ["facts": "法院判决停止使用"])
            #expect(try await subject(code, town).items["name"].text == code)
            // Ordered in error it comes back; two persons for that too.
            let ordered = try await town.get(path, as: "corrector").text
            #expect(ordered.contains("原名称 \(old)") && ordered.contains("撤销责令（责令有误）"))
            #expect(ordered.contains(">责令变更名称</td>") && !ordered.contains(">变更登记</td>"))
            #expect(ordered.contains("<p class=\"lead\">\(code)") == false)
            try await decide("take-back", code, town, ["reason": "判决被撤销"])
            #expect(try await subject(code, town).items["name"].text == old)
            #expect(try await matter(code, town)?.state == .dismissed)
            #expect(try await town.get(path, as: "corrector").text.contains(">撤销责令（责令有误）</td>"))
            town.town.clock.set(town.town.clock.now + 1_000)
            try await decide("order-name", code, town, ["facts": "法院再审判决停止使用"])
            #expect(try await subject(code, town).items["name"].text == code)
            let bare = try await town.get(path, as: "corrector").text
            #expect(bare.contains("没有已保留的名称") && bare.contains("\(path)/rename") == false)
            #expect(bare.contains("\(path)/order-name") == false)
            for name in ["comply", "dismiss"] {
                #expect(try await act(name, code, town, ["reason": "误"]).status == 409)
            }
            let strange = try await town.form(brand: "云中", for: "lisi")["name"]["reservation"].text ?? ""
            #expect(try await act("rename", code, town, ["reservation": strange]).status == 404)
            #expect(try await subject(code, town).items["name"].text == code)
            let own = try await town.form(brand: "敕勒", for: "zhangsan")["name"]
            let page = try await town.get(path, as: "corrector").text
            #expect(page.contains(own["full"].text ?? "?") && page.contains("\(path)/rename"))
            let chosen = ["reservation": own["reservation"].text ?? ""]
            #expect(try await act("rename", code, town, chosen).status == 303)
            #expect(try await subject(code, town).items["name"] == own["full"])
            #expect(try await matter(code, town)?.state == .complied)
        }
    }

    @Test("a term in a year without a calendar is told by its earliest day")
    func provisional() async throws {
        try await withFirm { town, code in
            town.town.clock.set(try #require(Instant(parsing: "2026-11-20 10:00")))
            _ = try await act("open", code, town, ["item": "whole", "reason": "冒名"])
            let path = "/desk/corrections/\(code)"
            #expect(try await town.get(path, as: "corrector").text.contains("受理决定截止 2026-11-25"))
            #expect(try await act("accept", code, town).status == 303)
            let words = "不早于 2027-02-20（节假日安排公布后确定）"
            #expect(try await town.get(path, as: "corrector").text.contains("调查截止 \(words)"))
            #expect(try await town.get("/desk/corrections", as: "corrector").text.contains(words))
        }
    }

    @Test("one false filing falls away alone: the filed person is chosen from what stands filed")
    func filing() async throws {
        try await withFirm { town, code in
            let path = "/desk/corrections/\(code)"
            let page = try await town.get(path, as: "corrector").text
            #expect(page.contains("备案：监事") && page.contains("登记联络员") && page.contains("（不公开）"))
            #expect(
                try await act("open", code, town, ["item": "supervisor", "reason": "监事系冒名"]).status == 303
            )
            #expect(try await act("accept", code, town).status == 303)
            let open = try await town.get(path, as: "corrector").text
            #expect(open.contains("<option value=\"*\">该类全部备案") && open.contains("<option value=\"李文博\">"))
            var fields = finding
            #expect(try await act("withdraw-item", code, town, fields).status == 422)
            fields["value"] = "无此人"
            #expect(try await act("withdraw-item", code, town, fields).status == 422)
            fields["value"] = "李文博"
            try await decide("withdraw-item", code, town, fields)
            #expect(try await town.get(path, as: "corrector").text.contains(">监事去除“李文博”</td>"))
            let tomorrow = town.town.clock.now.date.adding(days: 1)
            let (supervisors, directors) = try await town.platform.database.read { reader in
                (
                    try RegisterStore.filings("supervisor", of: code, on: tomorrow, in: reader),
                    try RegisterStore.filings("director", of: code, on: tomorrow, in: reader)
                )
            }
            #expect(supervisors.isEmpty && directors.count == 1)
            #expect(try await subject(code, town).state == .active)
        }
    }
}
