import Cases
import Credentials
import FaceSupport
import Foundation
import Kernel
import Storage
import Testing

/// 亮证 through the pages and the call: chosen lines, once, for a minute, and its holder sees who looked.
@Suite("showing a licence", .serialized)
struct PresentTests {
    private let founder = "zhangsan"

    private func page(_ code: String, _ town: FaceTown) async throws -> String {
        let page = try await town.get("/wallet/\(code)", as: founder).text
        let found = try #require(page.firstMatch(of: /href="(\/wallet\/[^"]+\/files\/[^"]+\/present)"/))
        return String(found.output.1)
    }

    /// The long code in the picture's address cannot be read here; the short one is on the page.
    private func short(_ page: String) throws -> String {
        String(try #require(page.firstMatch(of: /<code class="big-number">([^<]+)</)).output.1)
    }

    private let wish = ["field": "scope", "purpose": "向包头某银行开户"]
    private let bank = ["organisation": "包头某银行", "operator": "李柜员"]

    @Test("what was ticked is shown once, and stands among the uses", arguments: DatabaseEngine.allCases)
    func shown(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let granted = try await town.granted("阴山", of: founder)
            try await town.lead(granted, as: founder)
            let code = try #require(granted.result)
            let path = try await page(code, town)
            let asked = try await town.get(path, as: founder).text
            // The name is a line of this licence: it is not asked for twice.
            #expect(asked.contains("经营范围") && !asked.contains("name=\"name\""))
            let named = ["field": "name", "purpose": "开户"]
            let whole = try short(try await town.post(path, named, as: founder).text)
            let namedPage = try await town.post("/present", bank.merging(["code": whole]) { $1 }).text
            #expect(namedPage.components(separatedBy: granted.title).count > 2, "above the lines too")
            #expect(try await town.post(path, ["purpose": "x"], as: founder).status == 422)
            let made = try await town.post(path, wish, as: founder)
            #expect(made.status == 200 && made.text.contains("60"))
            let typed = bank.merging(["code": try short(made.text)]) { $1 }
            let seen = try await town.post("/present", typed)
            #expect(seen.status == 200 && seen.text.contains("经营范围") && seen.text.contains("有效"))
            #expect(!seen.text.contains("少先路"), "the address was not ticked")
            #expect(!seen.text.contains(granted.title), "the name was not ticked")
            #expect(try await town.post("/present", typed).status == 410)
            let uses = try await town.get("/wallet/\(code)/uses", as: founder).text
            #expect(uses.contains("包头某银行") && uses.contains("向包头某银行开户") && uses.contains("经营范围"))
            #expect(try await town.get("/wallet/\(code)/uses", as: "lisi").status == 404)
        }
    }

    @Test(
        "a program takes a code in; a late one, a wrong one and one without a name are refused by their codes"
    )
    func call() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: founder)
            try await town.lead(granted, as: founder)
            let code = try #require(granted.result)
            let path = try await page(code, town)
            func made() async throws -> String {
                try short(try await town.post(path, wish.merging(["name": "whole"]) { $1 }, as: founder).text)
            }
            func ask(_ code: String, organisation: String = "包头某银行") async throws -> (Int, JSON) {
                let body: JSON = ["code": .string(code), "organisation": .string(organisation)]
                let answer = try await town.call("POST", "/api/v1/licences/presentation", body)
                return (answer.status, answer.json)
            }
            let (status, json) = try await ask(try await made())
            #expect(status == 200 && json["type"] == "business-licence" && json["stateCode"] == "01")
            #expect(json["holder"].text == granted.title && json["fields"].elements.count == 1)
            let late = try await made()
            try await town.pass(Instant.minute)
            #expect(try await ask(late).0 == 410)
            #expect(try await ask("000000").0 == 404)
            #expect(try await ask(late, organisation: "").0 == 422)
        }
    }

    @Test("a scanned link that is only looked at uses nothing up")
    func preview() async throws {
        try await FaceTown.open { town in
            let page = try await town.get("/present?code=00000000000000000000000000")
            #expect(page.status == 200 && page.text.contains("00000000000000000000000000"))
        }
    }
}
