import Audit
import Cases
import CompanyOpening
import Cryptography
import FaceSupport
import Foundation
import Kernel
import Server
import Storage
import TestSupport
import Testing

/// The public record, certified extracts, and the root on which they rest.
@Suite("what everybody may read and verify", .serialized)
struct RecordTests {
    private func withFirm(_ body: (FaceTown, String) async throws -> Void) async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: "zhangsan")
            try await town.pass(4 * Instant.hour)
            try await body(town, try #require(granted.result))
        }
    }

    private func verify(_ extract: JSON, _ town: FaceTown) async throws -> FaceTown.Answer {
        try await town.call("POST", "/api/v1/register/verification", extract)
    }

    @Test("the public record names what the law makes public and nobody's number, telephone or benefit")
    func record() async throws {
        try await withFirm { town, code in
            let answer = try await town.call("GET", "/api/v1/register/\(code)")
            #expect(answer.status == 200)
            let record = answer.json
            #expect(record["state"].text == "active" && record["chain"].text == "whole")
            #expect(record["items"]["legalRepresentative"].text == "张晓晨")
            #expect(record["history"].elements.count == 1)
            #expect(record["filings"].elements.contains { $0["kind"].text == "supervisor" })
            let closed = ["liaison", "beneficialOwner", "beneficialOwnerMode", "serviceAddress", "funds"]
            #expect(!record["filings"].elements.contains { closed.contains($0["kind"].text ?? "") })
            for secret in ["150203198510120010", "13800001234", "\"key\"", "idNumber"] {
                #expect(!answer.text.contains(secret), "\(secret)")
            }
            #expect(try await town.call("GET", "/api/v1/register/91150203MA0N2X4F5L").status == 404)
            #expect(try await town.call("GET", "/api/v1/register/x'%20OR%201=1").status == 404)
        }
    }

    @Test("an extract verifies, says when entries were made since, and fails with every change of a byte")
    func extract() async throws {
        try await withFirm { town, code in
            let extract = try await town.call("GET", "/api/v1/register/\(code)/extract").json
            let good = try await verify(extract, town)
            #expect(good.status == 200 && good.json["valid"].bool == true)
            #expect(good.json["standing"].text == "current" && good.json["entriesSince"].int == 0)
            #expect(good.json["code"].text == code && good.json["issuer"].text?.isEmpty == false)
            let text = extract["text"].text ?? ""
            var changed = extract
            for place in stride(from: 0, to: text.count, by: max(1, text.count / 25)) {
                var letters = Array(text)
                letters[place] = letters[place] == "1" ? "2" : "1"
                changed["text"] = .string(String(letters))
                let answer = try await verify(changed, town)
                #expect(answer.status == 200 && answer.json["valid"].bool == false, "\(place)")
                #expect(answer.json["code"].isNull && answer.json["standing"].isNull)
            }
            changed = extract
            changed["certificates"] = []
            #expect(try await verify(changed, town).status == 422)
            #expect(try await verify(["text": "x"], town).status == 422)
            // A slip is put right: the extract was true, and is no longer the whole story.
            let slip = try await town.platform.corrections.proposeSlip(
                code,
                changes: ["address": "内蒙古自治区包头市昆都仑区少先路街道少先社区少先路12号2楼301室"],
                reason: "录入笔误",
                occasion: town.platform.occasion("test")
            )
            try await town.platform.corrections.confirm(
                slip.id,
                of: code,
                version: slip.version,
                occasion: town.platform.occasion("second-test")
            )
            let later = try await verify(extract, town).json
            #expect(later["valid"].bool == true && later["standing"].text == "outdated")
            #expect(later["entriesSince"].int == 1)
        }
    }

    @Test("the root and its fingerprint are published, the same on the page, in the file and in the call")
    func trust() async throws {
        try await FaceTown.open { town in
            let told = try await town.call("GET", "/api/v1/trust").json.elements
            let sm3 = try #require(told.first?["sm3"].text)
            #expect(told.first?["pem"].text == town.platform.keys.root.pem)
            let page = try await town.get("/trust")
            #expect(page.status == 200 && page.text.contains(sm3))
            let file = try await town.get("/trust/root.pem")
            #expect(file.text == town.platform.keys.root.pem)
            let all = try await town.get("/trust/anchors.pem").text
            #expect(all == town.platform.keys.root.pem + town.platform.keys.documentRoot.pem)
            #expect(file.headers["content-disposition"]?.contains("root.pem") == true)
            for path in ["/verify", "/trust"] {
                #expect(try await town.get(path).text.contains("/trust"), "\(path)")
            }
            #expect(try await town.get("/verify").text.contains("/api/v1/register/verification"))
        }
    }

    @Test("the log's key and its signed heads are published, on the page and for programs, and verify")
    func heads() async throws {
        try await FaceTown.open { town in
            let keeper = town.platform.keeper
            _ = try await town.granted("阴山", of: "zhangsan")
            try await keeper.round()
            let size = try await town.platform.database.read { try LogTree($0).size }
            let head = try #require(try await keeper.head(covering: size - 1))
            let told = try await town.call("GET", "/api/v1/log/heads").json
            #expect(told["log"].text == keeper.log)
            let spki = try #require(told["key"].text.flatMap(Base64.decode))
            #expect(Hex.encode(SM3.digest(spki)) == keeper.log)
            let pem = try #require(told["certificates"].elements.first?.text)
            #expect(try Certificate(pem: pem).isFor(.log))
            let heads = told["heads"].elements.compactMap(SignedHead.init)
            #expect(heads.first == head && heads.count == told["heads"].elements.count)
            let key = keeper.identity.key.publicKey
            #expect(heads.allSatisfy { $0.isSigned(by: key) })
            #expect(heads.map(\.size) == heads.map(\.size).sorted(by: >))
            let older = try await town.call("GET", "/api/v1/log/heads?below=\(head.size)").json
            #expect(older["heads"].elements.count == heads.count - 1)
            #expect(try await town.call("GET", "/api/v1/log/heads?below=0").status == 422)
            let page = try await town.get("/trust").text
            #expect(page.contains(keeper.log) && page.contains(head.root))
        }
    }

    @Test("one address that asks for record after record is told to wait")
    func limited() async throws {
        try await FaceTown.open { town in
            var status = 0
            let moment = town.town.clock.now
            for _ in 0..<1_200 where status != 429 {
                town.town.clock.set(moment)
                status = try await town.call(
                    "GET",
                    "/api/v1/register/91150203MA0N2X4F5L",
                    from: "198.51.100.7"
                ).status
            }
            #expect(status == 429)
        }
    }

    @Test("one account is told to wait in all its sessions, wherever it asks from")
    func limitedAccount() async throws {
        try await FaceTown.open { town in
            func taken() async throws -> Int {
                let moment = town.town.clock.now
                for count in 0..<1_200 {
                    town.town.clock.set(moment)
                    let answer = try await town.call("GET", "/api/v1/register/91150203MA0N2X4F5L", as: "lisi")
                    if answer.status == 429 { return count }
                }
                return 1_200
            }
            try await town.signIn("lisi")
            let first = try await taken()
            #expect((100..<500).contains(first))
            // A new session is no new allowance: only what the time of signing in gave back.
            try await town.signIn("lisi")
            #expect(try await taken() < 30)
        }
    }
}
