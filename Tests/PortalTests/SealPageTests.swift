import Cases
import Credentials
import FaceSupport
import Foundation
import Identity
import Kernel
import Server
import Storage
import Testing

@Suite("pages of seals")
struct SealPageTests {
    private let founder = "zhangsan"

    /// A firm with its seals made, and lisi who may read and use them.
    private func firm(_ town: FaceTown) async throws -> (code: String, agent: ID<Person>, seal: Seal) {
        let granted = try await town.granted("阴山", of: founder)
        try await town.pass(26 * Instant.hour)
        try await town.lead(granted, as: founder)
        let code = try #require(granted.result)
        let representative = ID<Person>(try await town.session(founder).principal.actor.id)
        let agent = ID<Person>(try await town.session("lisi").principal.actor.id)
        let (occasion, home) = (try await town.occasion(of: founder), try Home.find())
        let (table, limits) = (try PermissionTable(home: home), try IdentityLimits(home: home))
        let seal = try await town.platform.database.write { tx in
            try Enterprises.authorise(
                agent,
                for: code,
                scope: ["licence.read", "seal.use"],
                from: occasion.now.date,
                until: occasion.now.date.adding(days: 30),
                by: representative,
                table: table,
                limits: limits,
                occasion: occasion,
                in: tx
            )
            return try #require(try Seals.owned(by: code, in: tx).first { $0.state == .made })
        }
        return (code, agent, seal)
    }

    private func document() throws -> [UInt8] {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return [UInt8](
            try Data(contentsOf: tests.appendingPathComponent("Samples/seals/licence-unsigned.ofd"))
        )
    }

    /// The founder permits, lisi asks.
    private func ask(_ town: FaceTown, _ path: String, _ seal: Seal, _ agent: ID<Person>) async throws
        -> SealRequest
    {
        let until = town.town.clock.now.date.adding(days: 9).description
        let permit = [
            "permit-agent": agent.rawValue, "permit-role": "use", "permit-until": until,
            "permit-uses": "1",
        ]
        #expect(
            try await town.post(
                "\(path)/permits",
                permit,
                as: founder,
                more: [("permit-kinds", "contract")]
            )
            .status == 303
        )
        let asked = try await town.upload(
            "\(path)/requests",
            subject,
            files: [("ask-file", "a.ofd", try document())],
            as: "lisi"
        )
        #expect(asked.status == 303)
        return try #require(
            try await town.platform.database.read { try SealRequests.all(of: seal.id, in: $0).first }
        )
    }

    private let subject = ["ask-name": "采购合同", "ask-kind": "contract", "ask-purpose": "采购"]

    @Test(
        "claimed, permitted, asked for, approved, sealed: the file verifies on the public page, the ledger says so"
    )
    func journey() async throws {
        try await FaceTown.open { town in
            let (code, agent, seal) = try await firm(town)
            let list = try await town.get("/wallet/\(code)/seals", as: founder)
            let number = try #require(seal.code)
            #expect(list.status == 200 && list.text.contains(number))
            let path = "/wallet/\(code)/seals/\(seal.id)"
            #expect(try await town.post("\(path)/state", ["act": "deliver"], as: founder).status == 303)
            #expect(
                try await town.get("\(path)/picture", as: founder).bytes.starts(with: [
                    0x89, 0x50, 0x4E, 0x47,
                ])
            )
            let request = try await ask(town, path, seal, agent)
            let decide = "\(path)/requests/\(request.id)/decide"
            let answer = ["digest": request.subject.digest, "answer": "approve"]
            #expect(try await town.post(decide, answer, as: "lisi").status == 403)
            #expect(try await town.get(path, as: founder).text.contains("采购合同"))
            #expect(try await town.post(decide, answer, as: founder).status == 303)
            let signing = "\(path)/requests/\(request.id)/sign"
            let other = try await town.upload(
                signing,
                [:],
                files: [("file-\(request.id)", "a.ofd", try document() + [0])],
                as: "lisi"
            )
            #expect(other.status == 409)
            let sealed = try await town.upload(
                signing,
                [:],
                files: [("file-\(request.id)", "a.ofd", try document())],
                as: "lisi"
            )
            #expect(sealed.status == 200)
            let verdict = try await town.upload(
                "/verify/file",
                [:],
                files: [("file", "a.ofd", sealed.bytes)],
                as: founder
            )
            #expect(verdict.text.contains("处于有效状态"))
            let ledger = try await town.get("\(path)/ledger", as: founder).text
            #expect(ledger.contains(request.subject.digest) && ledger.contains("采购合同"))
            #expect(try await town.get("\(path)/papers/making", as: founder).status == 200)
            // The one use is spent, and the loss stops everything.
            let again = try await town.upload(
                "\(path)/requests",
                subject,
                files: [("ask-file", "a.ofd", try document())],
                as: "lisi"
            )
            #expect(again.status == 403)
            #expect(try await town.post("\(path)/state", ["act": "lose"], as: "lisi").status == 303)
            let lost = try await town.platform.database.read { try Seals.find(seal.id, in: $0)?.state }
            #expect(lost == .lost)
        }
    }

    @Test("a seal of another firm is not there")
    func others() async throws {
        try await FaceTown.open { town in
            let (code, _, seal) = try await firm(town)
            #expect(try await town.get("/wallet/\(code)/seals", as: "wuyun").status == 404)
            let path = "/wallet/\(code)/seals/\(seal.id)"
            #expect(try await town.post("\(path)/state", ["act": "void"], as: "wuyun").status == 404)
            // Only the representative ends it.
            #expect(try await town.post("\(path)/state", ["act": "void"], as: "lisi").status == 403)
        }
    }
}
