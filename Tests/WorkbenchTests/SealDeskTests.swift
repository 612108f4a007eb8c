import Cases
import Credentials
import FaceSupport
import Identity
import Kernel
import Server
import Standards
import Storage
import Testing

@Suite("the desk of seals", .serialized)
struct SealDeskTests {
    /// A firm whose seals were made.
    private func firm(_ town: FaceTown) async throws -> String {
        let granted = try await town.granted("阴山", of: "zhangsan")
        try await town.pass(26 * Instant.hour)
        try await town.lead(granted, as: "zhangsan")
        return try #require(granted.result)
    }

    /// A further seal of a firm, applied for.
    private func applied(_ town: FaceTown) async throws -> Seal {
        let code = try await firm(town)
        let made = try await town.post(
            "/wallet/\(code)/seals",
            ["kind": "seal-department", "line": "采购部"],
            as: "zhangsan"
        )
        #expect(made.status == 303)
        return try await town.platform.database.read {
            try #require(try Seals.owned(by: code, in: $0).first { $0.state == .applied })
        }
    }

    private func now(_ seal: Seal, _ town: FaceTown) async throws -> Seal {
        try await town.platform.database.read { try #require(try Seals.find(seal.id, in: $0)) }
    }

    @Test(
        "each act has a form of its own, and what stops or ends a seal a page of its own that wants a reason"
    )
    func acts() async throws {
        try await FaceTown.open { town in
            let seal = try await applied(town)
            let path = "/desk/seals/\(seal.id)"
            let page = try await town.get(path, as: "registrar").text
            let forms = page.matches(of: /<form[\s\S]*?<\/form>/).map { String($0.output) }
                .filter { $0.contains("action=\"\(path)") }
            #expect(forms.count == 2)
            for form in forms { #expect(form.matches(of: /<button/).count == 1, "Enter has one meaning") }
            #expect(page.contains("<kbd>Alt+a</kbd>"))
            let version = String(seal.version)
            let bare = try await town.post("\(path)/reject", ["version": version], as: "registrar")
            #expect(bare.status == 422 && bare.text.contains("href=\"#reject-reason\""))
            #expect(try await now(seal, town).state == .applied)
            let done = try await town.post("\(path)/approve", ["version": version], as: "registrar")
            #expect(try await town.get(done.location, as: "registrar").text.contains("已办理：核准"))
            let next = String(try await now(seal, town).version)
            for (filing, words) in [("", "请填写公安备案编号"), ("15-02", "只有字母和数字")] {
                let answer = try await town.post(
                    "\(path)/record",
                    ["version": next, "filing": filing],
                    as: "registrar"
                )
                #expect(answer.status == 422 && answer.text.contains(words))
                #expect(filing.isEmpty || answer.text.contains("value=\"\(filing)\""))
            }
            let ask = try await town.get("\(path)/void", as: "registrar").text
            #expect(ask.contains("立即销毁") && ask.contains("确认注销"))
            let void = try await town.post("\(path)/void", ["version": next], as: "registrar")
            #expect(void.status == 422 && void.text.contains("href=\"#f-reason\""))
            #expect(void.text.contains("href=\"#f-confirm\""), "the key is destroyed for good")
            #expect(try await now(seal, town).state == .approved)
            let ended = try await town.post(
                "\(path)/void",
                ["version": next, "reason": "函 8 号", "confirm": "yes"],
                as: "registrar"
            )
            #expect(ended.status == 303)
            let history = try await town.get(path, as: "registrar").text
            #expect(history.contains("函 8 号") && history.contains("准予制作"))
            #expect(!history.contains(">approved<") && !history.contains(">applied<"))
        }
    }

    @Test("claiming in the owner's stead wants a reason and what was shown")
    func claiming() async throws {
        try await FaceTown.open { town in
            let code = try await firm(town)
            let seal = try await town.platform.database.read {
                try #require(try Seals.owned(by: code, in: $0).first { $0.state == .made })
            }
            let path = "/desk/seals/\(seal.id)/deliver"
            let version = String(seal.version)
            let bare = try await town.post(path, ["version": version, "reason": "年老"], as: "registrar")
            #expect(bare.status == 422 && bare.text.contains("href=\"#f-evidence\""))
            #expect(bare.text.contains("value=\"年老\"") && !bare.text.contains("seal.evidence"))
            let fields = ["version": version, "reason": "年老", "evidence": "委托书 3 号"]
            #expect(try await town.post(path, fields, as: "registrar").status == 303)
            let steps = try await town.platform.database.read { try Seals.history(of: seal.id, in: $0) }
            #expect(steps.last?.reason.contains("委托书 3 号") == true)
        }
    }

    @Test("a seal is found by its owner's name, with the time of its last step")
    func finding() async throws {
        try await FaceTown.open { town in
            let seal = try await applied(town)
            let name = SentForm.escaped(String(seal.owner.name.prefix(6)))
            let found = try await town.get("/desk/seals?q=\(name)", as: "registrar").text
            #expect(found.contains("/desk/seals/\(seal.id)") && found.contains("采购部"))
            #expect(found.contains(try await since(seal, town).minuteText))
            let none = try await town.get("/desk/seals?q=%25", as: "registrar").text
            #expect(none.contains("没有这个编码的印章"))
            let made = try await town.platform.database.read {
                try #require(try Seals.owned(by: seal.owner.code, in: $0).first { $0.state == .made })
            }
            let list = try await town.get("/desk/seals", as: "registrar").text
            let older = try #require(list.firstRange(of: "/desk/seals/\(made.id)"))
            let newer = try #require(list.firstRange(of: "/desk/seals/\(seal.id)"))
            #expect(older.lowerBound < newer.lowerBound, "what waits longest comes first, in whichever state")
        }
    }

    @Test(
        "an approval goes to the police by itself; while they do not answer, a number by hand wants a reason"
    )
    func filing() async throws {
        try await FaceTown.open { town in
            let seal = try await applied(town)
            let path = "/desk/seals/\(seal.id)"
            func post(_ act: String, _ fields: [String: String] = [:]) async throws -> Int {
                let version = String(try await now(seal, town).version)
                let fields = fields.merging(["version": version]) { one, _ in one }
                return try await town.post("\(path)/\(act)", fields, as: "registrar").status
            }
            try town.party("police-seal", is: "file-electronic: refuse name-differs once")
            #expect(try await post("approve") == 303)
            try await town.pass(4 * Instant.hour)
            let back = try await town.get(path, as: "registrar").text
            #expect(back.contains("印章名称与登记信息不符") && back.contains("重新发送公安备案"))
            #expect(try await now(seal, town).state == .approved)
            #expect(try await post("record", ["filing": "15020300001234"]) == 422)
            try town.party("police-seal", is: "silent")
            #expect(try await post("send") == 303)
            #expect(try await post("send") == 409)
            let sent = try await town.get(path, as: "registrar").text
            #expect(sent.contains("公安备案申报") && !sent.contains("\(path)/send"))
            #expect(try await post("record", ["filing": "15020300001234", "reason": "线路中断"]) == 303)
            try await town.pass(4 * Instant.hour)
            let made = try await now(seal, town)
            #expect(made.state == .made && made.filing == "15020300001234")
            let page = try await town.get(path, as: "registrar").text
            #expect(page.contains("线路中断") && !page.contains("\(path)/send"))
        }
    }

    @Test(
        "the seal of an issuing body stands on the desk with every file it was put to, and can be stopped there"
    )
    func bodies() async throws {
        try await FaceTown.open { town in
            let code = try await firm(town)
            let seals = try await town.platform.database.read {
                try Seals.ofAuthorities(from: "150000", below: "160000", in: $0)
            }
            let seal = try #require(seals.first { $0.owner.name.contains("市场监督管理局") } ?? seals.first)
            let path = "/desk/seals/\(seal.id)"
            let list = try await town.get("/desk/seals", as: "registrar").text
            #expect(list.contains(path) && list.contains("发证机关的电子证照专用章"))
            let licence = try await town.platform.database.read { reader in
                try #require(try Credentials.held(by: code, in: reader).first { $0.record.sealCode == nil })
            }
            let page = try await town.get(path, as: "registrar").text
            #expect(page.contains(licence.record.identifier.description) && page.contains("证照文件"))
            let line = try await town.platform.database.read {
                try #require(try SealLedger.impressions(of: seal.id, limit: 1, in: $0).first)
            }
            #expect(page.contains(line.digest))
            let later = try await town.get("\(path)?before=\(line.id)", as: "registrar").text
            #expect(!later.contains(line.digest) && later.contains("还没有用过"))
            #expect(try await town.get("\(path)/void", as: "registrar").text.contains("新的编码另制一枚"))
            let version = String(seal.version)
            let stop = ["version": version, "reason": "函 9 号"]
            #expect(try await town.post("\(path)/suspend", stop, as: "registrar").status == 303)
            #expect(try await now(seal, town).state == .suspended)
        }
    }

    private func since(_ seal: Seal, _ town: FaceTown) async throws -> Instant {
        try await town.platform.database.read { try #require(try Seals.since(seal, in: $0)) }
    }
}
