import Cases
import Credentials
import Exchange
import FaceSupport
import Foundation
import Jobs
import Kernel
import Server
import Storage
import Testing

@Suite("seals of a firm of one person")
struct SealAloneTests {
    private let owner = "zhangsan"

    private func document() throws -> [UInt8] {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let path = tests.appendingPathComponent("Samples/seals/contract-unsigned.ofd")
        return [UInt8](try Data(contentsOf: path))
    }

    /// The seal of the owner's business, claimed.
    private func seal(_ town: FaceTown) async throws -> Seal {
        let granted = try await town.soleTrader(of: owner)
        try await town.pass(26 * Instant.hour)
        let code = try #require(granted.result)
        let made = try await town.platform.database.read {
            try #require(try Seals.owned(by: code, in: $0).first { $0.state == .made })
        }
        let claimed = try await town.post(
            "/wallet/\(code)/seals/\(made.id)/state",
            ["act": "deliver"],
            as: owner
        )
        #expect(claimed.status == 303)
        return made
    }

    /// The code as the carrier would get it.
    private func code(_ town: FaceTown) async throws -> String {
        try await town.platform.runner.runUntilQuiet()
        let lines = try await town.platform.database.read {
            try ExchangeStore.lines(party: "sms", state: nil, limit: 1, in: $0)
        }
        let text = try #require(lines.first?.order.fields["text"].text)
        return String(try #require(text.firstMatch(of: /[0-9]{6}/)).output)
    }

    @Test(
        "its owner confirms a use by a code to his phone, wrong ones count for nothing, and the ledger says it"
    )
    func alone() async throws {
        try await FaceTown.open { town in
            let seal = try await seal(town)
            let path = "/wallet/\(seal.owner.code)/seals/\(seal.id)"
            let subject = ["ask-name": "采购合同", "ask-kind": "contract", "ask-purpose": "采购"]
            let file = try document()
            let files = [(name: "ask-file", fileName: "a.ofd", bytes: file)]
            #expect(try await town.upload("\(path)/requests", subject, files: files, as: owner).status == 303)
            let request = try await town.platform.database.read {
                try #require(try SealRequests.all(of: seal.id, in: $0).first)
            }
            let own = "\(path)/requests/\(request.id)"
            let plain = ["answer": "approve", "digest": request.subject.digest]
            let refused = try await town.post("\(own)/decide", plain, as: owner)
            #expect(refused.status == 403 && refused.text.contains("凭短信验证码本人确认"))
            let typed = ["answer": "confirm", "digest": request.subject.digest]
            let none = try await town.post("\(own)/decide", typed, as: owner)
            #expect(none.status == 422)
            try town.party("sms", is: "down")
            let sent = try await town.post("\(own)/code", [:], as: owner)
            #expect(sent.status == 303)
            #expect(try await town.get(path, as: owner).text.contains("code-\(request.id)"))
            let code = try await code(town)
            func confirm(_ code: String) async throws -> FaceTown.Answer {
                let field = ["code-\(request.id)": code]
                return try await town.post("\(own)/decide", typed.merging(field) { $1 }, as: owner)
            }
            let wrong = try await confirm(code == "000000" ? "000001" : "000000")
            #expect(wrong.status == 422 && wrong.text.contains("验证码不正确"))
            #expect(try await confirm(code).status == 303)
            let signed = try await town.upload(
                "\(own)/sign",
                [:],
                files: [("file-\(request.id)", "a.ofd", file)],
                as: owner
            )
            #expect(signed.status == 200)
            let page = try await town.get(path, as: owner).text
            #expect(page.contains("本人，短信验证码确认"))
            #expect(try await town.get("\(path)/ledger", as: owner).text.contains("text-message"))
        }
    }
}
