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

/// Lines that wait at outside parties, through the pages of the party's clerk and of the authority.
@Suite("lines and work items at the workbench", .serialized)
struct LineTests {
    private func withOverdue(_ body: (FaceTown, PartyLine) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let town = try await FaceTown(folder: folder)
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
            await town.platform.database.close()
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
            #expect(try await town.post(path, ["reason": "已补办"], as: "tax").status == 303)
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
        }
    }
}
