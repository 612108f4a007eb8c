import Cases
import Credentials
import Cryptography
import FaceSupport
import Foundation
import Identity
import Kernel
import Server
import Storage
import Testing

@Suite("the desk of trust", .serialized)
struct TrustDeskTests {
    private func waiting(_ town: FaceTown) async throws -> [TrustProposal] {
        try await town.platform.database.read { try TrustDesk.waiting(in: $0) }
    }

    @Test("an authority is proposed by one official and confirmed by another, then suspended")
    func authority() async throws {
        try await FaceTown.open { town in
            let fields = [
                "name": "呼和浩特 CA", "certificates": town.platform.keys.root.pem, "from": "2026-03-01",
                "areas": "150100、150200", "reason": "互认协议 1 号",
            ]
            let made = try await town.post(
                "/desk/trust",
                fields,
                as: "head",
                more: [("holders", "person"), ("holders", "enterprise")]
            )
            #expect(made.status == 303)
            let proposal = try #require(try await waiting(town).first)
            let path = "/desk/trust/proposals/\(proposal.id)"
            let own = try await town.get("/desk/trust", as: "head").text
            #expect(own.contains("呼和浩特 CA") && !own.contains("value=\"confirm\""))
            let fingerprint = Hex.encode(SM3.digest(town.platform.keys.root.der))
            #expect(own.contains(fingerprint), "whoever confirms sees what he confirms")
            #expect(try await town.post(path, ["answer": "confirm"], as: "head").status == 403)
            #expect(try await town.post(path, ["answer": "confirm"], as: "registrar").status == 403)
            #expect(try await town.get("/desk/trust", as: "police").status == 403)
            // A second head does not exist in the town: what a registrar proposes the head confirms.
            #expect(try await town.post(path, ["answer": "refuse"], as: "head").status == 303)
            let again = try await town.post(
                "/desk/trust",
                fields,
                as: "registrar",
                more: [("holders", "person")]
            )
            #expect(again.status == 303)
            let second = try #require(try await waiting(town).first)
            let other = "/desk/trust/proposals/\(second.id)"
            #expect(try await town.post(other, ["answer": "confirm"], as: "head").status == 303)
            let authority = try #require(
                try await town.platform.database.read { try TrustDesk.authorities(in: $0).first }
            )
            #expect(authority.state == .recognised && authority.areas == ["150100", "150200"])
            let page = "/desk/trust/authorities/\(authority.id)"
            #expect(try await town.get(page, as: "registrar").text.contains("互认协议 1 号"))
            let act = ["act": "suspend", "reason-suspend": "通报 2 号"]
            #expect(try await town.post(page, act, as: "registrar").status == 303)
            #expect(
                try await town.post(page, ["act": "resume", "reason-resume": "x"], as: "registrar").status
                    == 409
            )
        }
    }

    @Test("a certificate is found by its serial number and revoked by two")
    func certificate() async throws {
        try await FaceTown.open { town in
            let me = try await town.session("zhangsan").principal.actor.id
            let applied = try await town.post("/certificates", ["holder": me], as: "zhangsan")
            let id = ID<HolderCertificate>(String(applied.location.dropFirst("/certificates/".count)))
            let found = try await town.platform.database.read { try Certificates.find(id, in: $0) }
            let one = try #require(found)
            let search = try await town.get("/desk/trust?serial=\(one.serial.uppercased())", as: "registrar")
            #expect(search.location == "/desk/trust/certificates/\(id)")
            let page = try await town.get(search.location, as: "registrar").text
            #expect(page.contains(one.serial) && !page.contains(one.holder.name), "the name is masked")
            let why = ["why": "9", "reason": "函 3 号"]
            #expect(try await town.post(search.location, why, as: "registrar").status == 303)
            let proposal = try #require(try await waiting(town).first)
            let path = "/desk/trust/proposals/\(proposal.id)"
            #expect(try await town.post(path, ["answer": "confirm"], as: "head").status == 303)
            let own = try await town.get(applied.location, as: "zhangsan").text
            #expect(own.contains("已吊销") && own.contains("被取消资格"))
        }
    }

    @Test("a proposal that is refused keeps what was typed and names each fault; a root waits once")
    func faults() async throws {
        try await FaceTown.open { town in
            let pem = town.platform.keys.root.pem
            let bad = try await town.post(
                "/desk/trust",
                ["name": "呼和浩特 CA", "certificates": pem, "areas": "150100，159999", "until": "x"],
                as: "registrar"
            )
            #expect(bad.status == 422 && bad.text.contains("value=\"呼和浩特 CA\""))
            for field in ["holders", "areas", "from", "until", "reason"] {
                #expect(bad.text.contains("href=\"#f-\(field)\""), "\(field)")
            }
            #expect(bad.text.contains("不存在的区划代码") && !bad.text.contains("trust.bad-field"))
            let fields = [
                "name": "呼和浩特 CA", "certificates": pem, "from": "2026-03-01", "areas": "150100,150200",
                "reason": "互认协议 1 号",
            ]
            let holders = [("holders", "person")]
            let made = try await town.post("/desk/trust", fields, as: "registrar", more: holders)
            let page = try await town.get(made.location, as: "registrar").text
            #expect(page.contains("提议已提交") && page.contains("呼和浩特市 150100"))
            #expect(page.contains("由提议人以外的登记机关负责人确认"))
            #expect(page.contains("撤回提议") && !page.contains("value=\"confirm\""))
            let staff = try await town.session("registrar").principal.actor.id
            #expect(!page.contains(staff), "people are told by their names")
            let twice = try await town.post("/desk/trust", fields, as: "head", more: holders)
            #expect(twice.status == 409 && twice.text.contains("已有人提议"))
            let proposal = try #require(try await waiting(town).first)
            let path = "/desk/trust/proposals/\(proposal.id)"
            let bare = try await town.post(path, ["answer": "refuse"], as: "head")
            #expect(bare.status == 422 && bare.text.contains("href=\"#f-answer-\(proposal.id)\""))
            let refusal = ["answer": "refuse", "answer-\(proposal.id)": "指纹不符"]
            let refused = try await town.post(path, refusal, as: "head")
            let closed = try await town.get(refused.location, as: "registrar").text
            #expect(closed.contains("提议已否决") && closed.contains("指纹不符"))
            #expect(!(try await town.get("/desk", as: "police").text.contains("href=\"/desk/trust\"")))
            #expect(try await town.get("/desk", as: "head").text.contains("href=\"/desk/trust\""))
        }
    }

    @Test("a certificate's page says that a proposal waits; a seal's serial leads to the seal")
    func finding() async throws {
        try await FaceTown.open { town in
            let me = try await town.session("zhangsan").principal.actor.id
            let applied = try await town.post("/certificates", ["holder": me], as: "zhangsan")
            let page = "/desk/trust/certificates/\(applied.location.dropFirst("/certificates/".count))"
            let bare = try await town.post(page, ["why": "9"], as: "registrar")
            #expect(bare.status == 422 && bare.text.contains("href=\"#f-reason\""))
            #expect(bare.text.contains("value=\"9\" selected"))
            #expect(
                try await town.post(page, ["why": "9", "reason": "函 3 号"], as: "registrar").status == 303
            )
            let waits = try await town.get(page, as: "head").text
            #expect(waits.contains("正等待另一人确认") && !waits.contains("name=\"why\""))
            let card = try await town.get("/desk/trust", as: "head").text
            #expect(card.contains("href=\"\(page)\"") && card.contains("被取消资格"))
            let granted = try await town.granted("阴山", of: "zhangsan")
            try await town.pass(26 * Instant.hour)
            try await town.lead(granted, as: "zhangsan")
            let code = try #require(granted.result)
            let seal = try await town.platform.database.read {
                try #require(try Seals.owned(by: code, in: $0).first { $0.made != nil })
            }
            let serial = try #require(seal.made?.certificate)
            let found = try await town.get("/desk/trust?serial=\(serial)", as: "registrar")
            #expect(found.location == "/desk/seals/\(seal.id)")
        }
    }
}
