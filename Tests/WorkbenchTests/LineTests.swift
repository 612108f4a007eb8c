import Audit
import Cases
import Exchange
import FaceSupport
import Foundation
import Identity
import Kernel
import Server
import Storage
import TestSupport
import Testing
import Web

/// Lines that wait at outside parties, through the pages of the party's clerk and of the authority.
@Suite("lines and work items at the workbench", .serialized)
struct LineTests {
    private func withOverdue(_ body: (FaceTown, PartyLine) async throws -> Void) async throws {
        try await FaceTown.open { town in
            try town.party("tax", is: "silent")
            let granted = try await town.granted("阴山", of: "zhangsan")
            #expect(granted.state == .granted)
            try await town.pass(2 * Instant.day)
            let lines = try await town.platform.database.read {
                try ExchangeStore.lines(of: granted.id.rawValue, in: $0)
            }
            let line = try #require(
                lines.first { $0.order.party == "tax" && $0.order.operation == "register" }
            )
            #expect(line.state == .overdue)
            try await body(town, line)
        }
    }

    private func line(_ id: ID<PartyLine>, _ town: FaceTown) async throws -> PartyLine {
        try #require(try await town.platform.database.read { try ExchangeStore.line(id, in: $0) })
    }

    private func act(
        _ name: String,
        _ id: ID<PartyLine>,
        _ town: FaceTown,
        as login: String,
        reason: String = "申请人来电要求",
        version: Int64? = nil
    ) async throws -> FaceTown.Answer {
        let now = try await line(id, town).version
        return try await town.post(
            "/desk/lines/\(id)/\(name)",
            ["version": String(version ?? now), "reason": reason],
            as: login
        )
    }

    @Test("the party's clerk sees his party's overdue line and item, closes the item, and nobody else's")
    func clerk() async throws {
        try await withOverdue { town, line in
            #expect(try await town.get("/desk", as: "tax").location == "/desk/lines")
            let list = try await town.get("/desk/lines", as: "tax").text
            #expect(list.contains("部门超过约定时间未办结") && list.contains("逾期"))
            #expect(list.contains(line.order.caseNumber) && list.contains("社会保险") == false)
            #expect(list.contains("data-label=\"名称\">") && list.contains("阴山"), "whose line it is")
            let page = try await town.get("/desk/lines/\(line.id)", as: "tax").text
            #expect(page.contains("重新推送") && page.contains("150203198510120010") == false)
            let others = try await town.platform.database.read { reader in
                try ExchangeStore.lines(of: line.order.caseID, in: reader).filter { $0.order.party != "tax" }
            }
            for other in others {
                #expect(try await town.get("/desk/lines/\(other.id)", as: "tax").status == 404)
            }
            #expect(try await town.get("/desk/lines/\(line.id)", as: "registrar-huimin").status == 404)
            #expect(try await town.get("/desk/lines/\(line.id)", as: "head").status == 403)
            let close = try #require(list.firstMatch(of: /action="(\/desk\/items\/[A-Z0-9]+\/close)"/))
            let path = String(close.output.1)
            #expect(try await town.post(path, ["reason": "已补办"], as: "registrar-huimin").status == 404)
            #expect(try await town.post(path, as: "tax").status == 422)
            #expect(try await town.post(path, ["reason": "已电话补办"], as: "tax").status == 303)
            let after = try await town.get("/desk/lines/\(line.id)", as: "tax").text
            #expect(after.contains("已电话补办") && after.contains("已处理的待办"))
            #expect(after.contains("事项经过") && !after.contains("登记历史") && !after.contains("登记行为"))
            #expect(try await town.get("/desk/lines", as: "tax").text.contains("没有需要人工处理的事项"))
            #expect(try await town.post(path, ["reason": "已补办"], as: "tax").status == 404)
        }
    }

    @Test("set aside, taken up again, sent anew: each needs a reason and the version that was seen")
    func acts() async throws {
        try await withOverdue { town, line in
            #expect(try await act("set-aside", line.id, town, as: "registrar", reason: " ").status == 422)
            #expect(try await act("set-aside", line.id, town, as: "registrar").status == 303)
            #expect(try await self.line(line.id, town).state == .later)
            #expect(
                try await act("set-aside", line.id, town, as: "registrar", version: line.version).status
                    == 409
            )
            #expect(try await act("reopen", line.id, town, as: "registrar").status == 303)
            #expect(try await self.line(line.id, town).state == .pending)
            try await town.pass(2 * Instant.day)
            #expect(try await self.line(line.id, town).state == .overdue)
            try town.party("tax", is: "up")
            #expect(try await act("resubmit", line.id, town, as: "tax", reason: "系统恢复").status == 303)
            #expect(try await self.line(line.id, town).round == line.round + 1)
            try await town.pass(Instant.hour)
            #expect(try await self.line(line.id, town).state == .done)
            #expect(try await act("resubmit", line.id, town, as: "tax").status == 409)
            let page = try await town.get("/desk/lines/\(line.id)", as: "registrar").text
            #expect(page.contains("系统恢复") && page.contains("部门的回复"))
            // Why it was set aside and taken up again, and how often it went out.
            #expect(page.contains("申请人来电要求"))
            #expect(try await self.line(line.id, town).attempts > 0)
        }
    }

    @Test("the party's clerk answers by hand: done with every field, by nobody else, and followers open")
    func answeredByHand() async throws {
        try await withOverdue { town, line in
            let path = "/desk/lines/\(line.id)"
            let page = try await town.get(path, as: "tax").text
            #expect(page.contains("人工回复：办结") && page.contains("主管税务机关") && page.contains("人工回复：退回"))
            #expect(page.contains("税费种，每行一项") && page.contains("暂缓办理"))
            #expect(
                page.contains("统一社会信用代码") && !page.contains(">creditCode<") && !page.contains(">taxOffice<")
            )
            #expect(try await town.get(path, as: "registrar").text.contains("人工回复") == false)
            let good = [
                "give.taxOffice": "昆都仑区税务局第一税务所", "give.taxKinds": "增值税\n 印花税 \n",
                "give.taxpayerKind": "small", "give.invoiceCeilingFen": "100000",
            ]
            #expect(page.contains("发票总额度（元）") && page.contains("<dd>独立核算</dd>"))
            #expect(page.contains("<dd>小规模纳税人</dd>") && !page.contains("<dd>independent</dd>"))
            func send(_ fields: [String: String], as login: String = "tax") async throws -> FaceTown.Answer {
                var fields = fields
                let now = try await self.line(line.id, town).version
                fields["version"] = fields["version"] ?? String(now)
                return try await town.post("\(path)/answer-done", fields, as: login)
            }
            #expect(try await send(good, as: "registrar").status == 403)
            #expect(try await send(good, as: "registrar-huimin").status == 404)
            var short = good
            short["give.taxKinds"] = "  "
            let missing = try await send(short)
            #expect(missing.status == 422 && missing.text.contains("税费种"))
            var odd = good
            for words in ["许多", "1.234", "1,000", "-5"] {
                odd["give.invoiceCeilingFen"] = words
                #expect(try await send(odd).status == 422, "\(words)")
            }
            var stale = good
            stale["version"] = "1"
            #expect(try await send(stale).status == 409)
            #expect(try await self.line(line.id, town).state == .overdue)
            #expect(try await send(good).status == 303)
            let done = try await self.line(line.id, town)
            #expect(done.state == .done)
            #expect(done.answer["taxKinds"] == ["增值税", "印花税"])
            // Typed in yuan, told in fen.
            #expect(done.answer["invoiceCeilingFen"] == 10_000_000)
            #expect(try await send(good).status == 409)
            let after = try await town.get(path, as: "tax").text
            #expect(after.contains("昆都仑区税务局第一税务所") && after.contains("人工回复") == false)
            #expect(after.contains("<dd>100000.00</dd>"))
            let who = try await town.session("tax").principal.actor.id
            let name = try await town.platform.database.read { try StaffRegister.find(ID(who), in: $0)?.name }
            #expect(after.contains("data-label=\"办理人\">\(try #require(name))</td>"))
            #expect(try await town.get("/desk/lines", as: "tax").text.contains("没有需要人工处理的事项"))
            let log = try await town.platform.database.read {
                try AuditLog.history(of: "line:\(line.id)", in: $0)
            }
            let clerk = try await town.session("tax").principal.actor.id
            #expect(log.contains { $0.act == "exchange.line-answered" && $0.actor.id == clerk })
            // What the party's system says later changes nothing.
            try town.party("tax", is: "up")
            try await town.pass(Instant.day)
            #expect(try await self.line(line.id, town).answer == done.answer)
        }
    }

    @Test(
        "refused by hand: only for a reason the party is known to give, or in words; the applicant reads it"
    )
    func refusedByHand() async throws {
        try await withOverdue { town, line in
            let path = "/desk/lines/\(line.id)/answer-return"
            func send(_ code: String, _ words: String = "") async throws -> Int {
                let version = String(try await self.line(line.id, town).version)
                return try await town.post(
                    path,
                    ["version": version, "code": code, "reason": words],
                    as: "tax"
                ).status
            }
            #expect(try await send("colour") == 422)
            #expect(try await send("other") == 422)
            #expect(try await send("other", String(repeating: "长", count: 201)) == 422)
            #expect(try await send("face-check-needed") == 303)
            let refused = try await self.line(line.id, town)
            #expect(refused.state == .returned && refused.reasonCode == "face-check-needed")
            #expect(try await send("other", "再退一次") == 409)
            let own = try await town.get("/cases/\(line.order.caseNumber)/result", as: "zhangsan").text
            #expect(own.contains("税务实名采集未完成"))
        }
    }

    @Test("every field of every line has words in both languages")
    func worded() throws {
        let home = try Home.find()
        let messages = try Messages.load(home)
        var missing: Set<String> = []
        for operation in try Parties(home: home).all.flatMap(\.operations) where operation.kind != .question {
            for field in operation.asks + operation.gives {
                for language in [Language.zh, .en] {
                    let isWorded = ["line-field", "artefact", "register-item"].contains {
                        messages.has("\($0).\(field.name)", in: language)
                    }
                    if !isWorded { missing.insert("\(operation.id).\(field.name) \(language)") }
                }
            }
        }
        #expect(missing.sorted() == [])
    }
}
