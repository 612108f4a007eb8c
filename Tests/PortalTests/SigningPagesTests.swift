import Cases
import FaceSupport
import Foundation
import Kernel
import Server
import Storage
import Testing

/// From the invitation to the licence through the pages alone.
@Suite struct SigningPagesTests {
    private func withTown(_ body: (FaceTown) async throws -> Void) async throws {
        try await FaceTown.open(body)
    }

    private func links(_ text: String) -> [String] {
        Set(text.matches(of: /href="(\/sign\/[A-Z0-9]+)"/).map { String($0.output.1) }).sorted()
    }

    @Test func peopleSignAndTheFounderGetsReceiptResultAndLicence() async throws {
        try await withTown { town in
            let draft = try await town.draft(of: "zhangsan")
            let base = "/cases/\(draft.number)"
            #expect(try await town.get("\(base)/signers", as: "lisi").status == 404)
            #expect(try await town.post("\(base)/signers", as: "zhangsan").status == 303)
            // Papers are missing: however often it is pressed, nothing was handed in and no page says so.
            for _ in 0..<2 {
                let early = try await town.post("\(base)/submit", as: "zhangsan", once: "ABCDEFGHJKMNPQRST")
                #expect(early.location == "\(base)/signers")
            }
            #expect(try await town.platform.desk.read(draft.id).submittedAt == nil)
            let invited = links(try await town.get("\(base)/signers", as: "zhangsan").text)
            // Three people of the form, and the applicant, whom his account names.
            #expect(invited.count == 4)
            for link in invited {
                #expect(try await town.get(link).text.contains(draft.number))
                #expect(try await town.post("\(link)/sign", ["agree": "yes"]).status == 403)
                try await town.showFace(link)
                #expect(try await town.post("\(link)/sign").status == 422)
                #expect(try await town.post("\(link)/sign", ["agree": "yes"]).status == 303)
                #expect(try await town.post("\(link)/sign", ["agree": "yes"]).status == 303)
            }
            for _ in 0..<2 {
                let answer = try await town.post("\(base)/submit", as: "zhangsan", once: "ABCDEFGHJKMNPQRST")
                #expect(answer.status == 303 && answer.location == "\(base)/result")
            }
            try await town.pass(3 * Instant.hour)
            let result = try await town.get("\(base)/result", as: "zhangsan")
            let granted = try await town.platform.desk.read(draft.id)
            let code = try #require(granted.result)
            #expect(result.text.contains(code) && result.text.contains(draft.lookupCode))
            #expect(
                try await town.get("/receipts/\(draft.number)", as: "zhangsan").text.contains(
                    "suban-receipt-1"
                )
            )
            #expect(try await town.get("/receipts/\(draft.number)", as: "lisi").status == 404)
            let firm = try await town.get("/wallet/\(code)", as: "zhangsan")
            #expect(firm.status == 200)
            #expect(try await town.get("/wallet/\(code)", as: "lisi").status == 404)
            let verify = try #require(firm.text.firstMatch(of: /href="(\/v\/[0-9A-Z]+)"/))
            #expect(try await town.get(String(verify.output.1)).status == 200)
        }
    }

    @Test func tooManyWrongFacesLeadToTheCounterAndNewLinksCloseOldOnes() async throws {
        try await withTown { town in
            let draft = try await town.draft(of: "zhangsan")
            let base = "/cases/\(draft.number)"
            _ = try await town.post("\(base)/signers", as: "zhangsan")
            let first = try #require(links(try await town.get("\(base)/signers", as: "zhangsan").text).first)
            for _ in 0..<3 { try await town.showFace(first, score: 300) }
            #expect(try await town.get(first).text.contains("id=\"face\"") == false)
            let state = try await town.platform.database.read { try SignerStore.state(of: draft.id, in: $0) }
            let failed = try #require(state.signers.first { $0.state == .inPerson })
            _ = try await town.post("\(base)/signers/renew", ["signer": failed.key], as: "zhangsan")
            #expect(try await town.get(first).status == 410)
            // The old link opens no paper any more, but a complaint through it is taken.
            #expect(try await town.post("\(first)/objection", ["text": "不是我"]).status == 303)
            #expect(try await town.get("\(first)/objection").text.contains("已收到您的异议"))
            let wrong = "/sign/ABCDEFGHJKMNPQRSTVWXYZ2345/objection"
            #expect(try await town.get(wrong).status == 404)
            let lost = try await town.post(wrong, ["text": "从来没有签过"])
            #expect(lost.status == 404 && lost.text.contains("从来没有签过") && lost.text.contains("12345"))
        }
    }

    @Test func wrongCodesLockTheNumberAlsoForTheRightCode() async throws {
        try await withTown { town in
            let draft = try await town.draft(of: "zhangsan")
            let right = ["number": draft.number, "code": draft.lookupCode.lowercased()]
            let wrong = ["number": draft.number, "code": "222222"]
            let peer = "192.0.2.201"
            #expect(try await town.post("/progress", right, from: peer).status == 303)
            for _ in 0..<5 { #expect(try await town.post("/progress", wrong, from: peer).status == 422) }
            #expect(try await town.post("/progress", right, from: peer).status == 429)
            try await town.pass(16 * Instant.minute)
            #expect(try await town.post("/progress", right, from: peer).status == 303)
        }
    }
}
