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
                "areas": "150100 150200", "reason": "互认协议 1 号",
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
            let act = ["act": "suspend", "reason": "通报 2 号"]
            #expect(try await town.post(page, act, as: "registrar").status == 303)
            #expect(
                try await town.post(page, ["act": "resume", "reason": "x"], as: "registrar").status == 409
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
}
