import Cases
import FaceSupport
import Kernel
import Server
import Storage
import Testing

/// The applicant sees the links of all signers: with them he signs for nobody but himself.
@Suite struct OthersLinkTests {
    private static let named = "150203199003030023"

    private func links(_ text: String) -> [String] {
        Set(text.matches(of: /href="(\/sign\/[A-Z0-9]+)"/).map { String($0.output.1) }).sorted()
    }

    private func state(_ draft: Case, _ town: FaceTown) async throws -> SigningState {
        try await town.platform.database.read { try SignerStore.state(of: draft.id, in: $0) }
    }

    /// The link of one named person, as the applicant's own page shows it.
    private func link(of number: String, _ draft: Case, _ town: FaceTown) async throws -> String {
        let signer = try #require(try await state(draft, town).signers.first { $0.idNumber == number })
        let page = try await town.get("/cases/\(draft.number)/signers", as: "zhangsan").text
        let own = links(page).first {
            SigningLink.digest(String($0.dropFirst("/sign/".count))) == signer.link
        }
        return try #require(own)
    }

    @Test(
        "a face shown in one browser lets no other sign, whoever is signed in there",
        arguments: DatabaseEngine.allCases
    )
    func otherBrowser(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let draft = try await town.draft(of: "zhangsan")
            _ = try await town.post("/cases/\(draft.number)/signers", as: "zhangsan")
            let link = try await link(of: Self.named, draft, town)
            let passed = try await town.showFace(link)
            let cookie = passed.headers["set-cookie"] ?? ""
            #expect(cookie.hasPrefix("suban-sign-") && cookie.contains("HttpOnly; SameSite=Lax; Max-Age=7"))
            #expect(try await town.get(link).text.contains("id=\"sign\""))
            for language in ["zh", "en"] {
                let answer = try await town.post(
                    "\(link)/sign?lang=\(language)",
                    ["agree": "yes"],
                    as: "zhangsan"
                )
                #expect(answer.status == 403 && answer.text.contains("sign.other-browser"))
                #expect(answer.text.contains(language == "zh" ? "不是这个浏览器" : "in another browser"))
            }
            #expect(try await state(draft, town).signatures.isEmpty)
            let page = try await town.get("\(link)?lang=zh", as: "zhangsan").text
            #expect(page.contains("id=\"face\"") && !page.contains("id=\"sign\""))
            #expect(page.contains("核验是在其他浏览器通过的") && !page.contains("通过，95 分"))
            // A face that fails there takes nothing away; one that passes moves the right.
            _ = try await town.showFace(link, score: 300, as: "zhangsan")
            #expect(try await town.get(link).text.contains("id=\"sign\""))
            _ = try await town.showFace(link, as: "lisi")
            #expect(try await town.get(link).text.contains("id=\"sign\"") == false)
            #expect(try await town.post("\(link)/sign", ["agree": "yes"]).status == 403)
            #expect(try await town.post("\(link)/sign", ["agree": "yes"], as: "lisi").status == 303)
            #expect(try await town.get(link).text.contains("您已签署完毕"))
        }
    }

    @Test("after the time for signing the page asks for the face again, in the browser that passed as well")
    func expired() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft(of: "zhangsan")
            _ = try await town.post("/cases/\(draft.number)/signers", as: "zhangsan")
            let link = try await link(of: Self.named, draft, town)
            try await town.showFace(link)
            try await town.town.move(to: town.town.clock.now + 2 * Instant.hour)
            let page = try await town.get(link).text
            #expect(page.contains("id=\"face\"") && page.contains("核验已过可签署的时间"))
            let late = try await town.post("\(link)/sign", ["agree": "yes"])
            #expect(late.status == 403 && late.text.contains("sign.check-expired"))
            try await town.showFace(link)
            #expect(try await town.post("\(link)/sign", ["agree": "yes"]).status == 303)
        }
    }

    @Test("contributions changed after all signed: the other founder is told, and nobody signs in his place")
    func edited() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft(of: "zhangsan")
            let path = "/api/v1/cases/\(draft.id)"
            _ = try await town.post("/cases/\(draft.number)/signers", as: "zhangsan")
            let old = try await link(of: Self.named, draft, town)
            for link in links(try await town.get("/cases/\(draft.number)/signers", as: "zhangsan").text) {
                try await town.showFace(link)
                _ = try await town.post("\(link)/sign", ["agree": "yes"])
            }
            #expect(try await state(draft, town).isComplete)
            var data = try await town.read(draft).data
            data["shareholders"] = .array(
                data["shareholders"].elements.map { holder in
                    var holder = holder
                    holder["amount"] = JSON(Int(holder["amount"].int ?? 0) * 3)
                    return holder
                }
            )
            data["capital"] = JSON(Int(data["capital"].int ?? 0) * 3)
            let version = try await town.read(draft).version
            let body: JSON = ["version": JSON(version), "data": data]
            let saved = try await town.call("PUT", "\(path)/data", body, as: "zhangsan")
            #expect(saved.status == 200 && (saved.json["voided"].int ?? 0) > 0)
            let asked = try await town.call("POST", "\(path)/signatures", as: "zhangsan")
            #expect((asked.json["invited"].int ?? 0) >= 1)
            #expect(try await town.get(old, as: "zhangsan").status == 410)
            #expect(try await town.post("\(old)/sign", ["agree": "yes"], as: "zhangsan").status == 404)
            #expect(try await town.post("\(old)/sign", ["agree": "yes"]).status == 404)
            let fresh = try await link(of: Self.named, draft, town)
            #expect(fresh != old)
            // Neither the applicant's browser nor the one that had passed for the text of before.
            for who in ["zhangsan", nil] {
                let page = try await town.get(fresh, as: who).text
                #expect(page.contains("id=\"face\"") && !page.contains("id=\"sign\""))
                #expect(!page.contains("通过，95 分"))
                #expect(try await town.post("\(fresh)/sign", ["agree": "yes"], as: who).status == 403)
            }
            #expect(try await state(draft, town).isComplete == false)
        }
    }
}
