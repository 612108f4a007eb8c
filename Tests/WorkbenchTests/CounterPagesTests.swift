import Audit
import Cases
import FaceSupport
import Foundation
import Kernel
import Server
import Storage
import TestSupport
import Testing

/// A firm that no register knows signs in front of a clerk, through the pages.
@Suite("signing at the counter", .serialized)
struct CounterPagesTests {
    private func withCase(_ body: (FaceTown, Case, Signer) async throws -> Void) async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft("塞上", of: "zhangsan") { data in
                data["beneficial"] = ["mode": "later"]
                guard case .object(var promises) = data["promises"] else { return }
                promises["beneficial"] = nil
                data["promises"] = .object(promises)
                var holders = data["shareholders"].elements
                holders[1] = [
                    "kind": "organisation", "name": "中国工商银行股份有限公司", "creditCode": "91150203MA0N000164",
                    "organisationKind": "company", "signerName": "赵青", "signerIdKind": "resident-id",
                    "signerIdNumber": "150203197506060014", "signerPhone": "13800009999",
                    "amount": 40_000_000, "method": "cash", "dueDate": "2030-12-31",
                ]
                data["shareholders"] = .array(holders)
            }
            let links = try await town.platform.desk.askSignatures(
                draft.id,
                occasion: try await town.occasion(of: "zhangsan")
            )
            let firm = try #require(
                try await town.platform.database.read { try SignerStore.state(of: draft.id, in: $0) }
                    .signers.first { $0.kind == .enterprise }
            )
            let anyone = Occasion(
                now: town.town.clock.now,
                actor: .anonymous,
                request: "test",
                entropy: SystemEntropy()
            )
            for link in links where link.signer != firm.key {
                let check = try await town.platform.desk.verifyFace(
                    link.secret,
                    sample: "score:950",
                    occasion: anyone
                )
                _ = try await town.platform.desk.sign(link.secret, proof: check.proof, occasion: anyone)
            }
            try await body(town, try await town.platform.desk.read(draft.id), firm)
        }
    }

    @Test(
        "with number and code the clerk of the region sees who waits, records who signed, and may not examine it"
    )
    func counter() async throws {
        try await withCase { town, draft, firm in
            let opening = ["number": draft.number, "code": draft.lookupCode]
            for login in ["head", "corrector", "tax", "supervisor"] {
                #expect(try await town.get("/desk/counter", as: login).status == 403, "\(login)")
                #expect(try await town.post("/desk/counter", opening, as: login).status == 403, "\(login)")
            }
            // Neither by its identifier nor with a wrong code is a case seen that was not handed in.
            #expect(try await town.get("/desk/cases/\(draft.id)", as: "registrar").status == 404)
            let wrong = ["number": draft.number, "code": "222222"]
            #expect(try await town.post("/desk/counter", wrong, as: "registrar").status == 422)
            let elsewhere = try await town.post("/desk/counter", opening, as: "registrar-huimin")
            #expect(elsewhere.status == 404 && elsewhere.text.contains("不在本窗口办理范围内"))
            #expect(elsewhere.text.contains("昆都仑区市场监督管理局"))
            let page = try await town.post("/desk/counter", opening, as: "registrar").text
            #expect(page.contains("中国工商银行股份有限公司") && page.contains("主体资格证明"))
            #expect(page.contains("150203197506060014") == false)
            let read = try await town.platform.database.read {
                try AuditLog.history(of: draft.object, in: $0).filter { $0.act == "case.counter-read" }
            }
            #expect(read.count == 1 && read.first?.outcome == .read)
            // Why is said to those whose data they are.
            let purpose = read.first?.purpose ?? ""
            #expect(purpose.contains("窗口") && purpose.contains(draft.number))
            let told = try await town.get("/my/reads", as: "zhangsan").text
            #expect(told.contains(purpose) && !told.contains("未写明"))
            var form = opening
            form["signer"] = firm.key
            form["signedBy"] = "赵青"
            form["capacity"] = "representative"
            form["words"] = "事业单位法人证书 第 1 号"
            form["proof"] = "standing"
            let short = try await town.post("/desk/counter/sign", form, as: "registrar")
            #expect(short.status == 422 && short.text.contains("没有勾齐") && short.text.contains("第 1 号"))
            #expect(
                try await town.post("/desk/counter/sign", form, as: "registrar-huimin").status == 404
            )
            let done = try await town.post(
                "/desk/counter/sign",
                form,
                as: "registrar",
                more: [("proof", "representative-id")]
            )
            #expect(done.status == 303)
            let again = try await town.post("/desk/counter", opening, as: "registrar").text
            #expect(again.contains("没有等待现场签署的单位") && again.contains("赵*"))
            let submitted = try await town.platform.desk.submit(
                draft.id,
                occasion: try await town.occasion(of: "zhangsan")
            )
            #expect(submitted.state == .review)
            let path = "/desk/cases/\(draft.id)"
            let examined = try await town.get(path, as: "head").text
            #expect(examined.contains("现场记录") && examined.contains("主体资格证明"))
            let version = ["version": String(submitted.version)]
            let own = try await town.post("\(path)/claim", version, as: "registrar")
            #expect(own.status == 403 && own.text.contains("不能审查该办件"))
            #expect(try await town.post("\(path)/claim", version, as: "head").status == 303)
        }
    }

    @Test(
        "with the number of an objection the clerk takes it back for whoever shows the document, and for nobody else"
    )
    func takenBack() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft("塞上", of: "zhangsan")
            let links = try await town.platform.desk.askSignatures(
                draft.id,
                occasion: try await town.occasion(of: "zhangsan")
            )
            let signers = try await town.platform.database.read {
                try SignerStore.signers(of: draft.id, in: $0)
            }
            let person = try #require(signers.first { $0.idNumber == "150203199003030023" })
            let link = try #require(links.first { $0.signer == person.key })
            let objection = try await town.platform.desk.object(
                link.secret,
                text: "误点",
                occasion: Occasion(now: town.town.clock.now, actor: .anonymous, request: "test")
            )
            let opening = ["number": draft.number, "code": objection.number.lowercased()]
            let wrong = ["number": draft.number, "code": "Y0000000000"]
            #expect(try await town.post("/desk/counter", wrong, as: "registrar").status == 422)
            #expect(try await town.post("/desk/counter", opening, as: "registrar-huimin").status == 404)
            let page = try await town.post("/desk/counter", opening, as: "registrar").text
            #expect(page.contains("objection-\(objection.number)") && page.contains("异议人身份证件原件"))
            #expect(!page.contains("150203199003030023") && !page.contains("误点"))
            var form = opening
            form["objection"] = objection.number
            form["signedBy"] = "李文博"
            form["words"] = "身份证原件 已核"
            form["idNumber"] = "150203198510120010"
            let path = "/desk/counter/take-back"
            let short = try await town.post(path, form, as: "registrar")
            #expect(short.status == 422 && short.text.contains("身份证原件 已核"))
            form["proof"] = "objector-id"
            let other = try await town.post(path, form, as: "registrar")
            #expect(other.status == 403 && other.text.contains("不一致"))
            form["idNumber"] = "150203199003030023"
            for login in ["zhangsan", "registrar-huimin", "corrector"] {
                let status = try await town.post(path, form, as: login).status
                #expect(status == 403 || status == 404, "\(login)")
            }
            let done = try await town.post(path, form, as: "registrar")
            #expect(done.status == 303 && done.location == "/desk/counter?done=taken-back")
            #expect(try await town.get(done.location, as: "registrar").text.contains("当面撤回"))
            #expect(try await town.post(path, form, as: "registrar").status == 404)
            let again = ["number": draft.number, "code": draft.lookupCode]
            let record = try await town.post("/desk/counter", again, as: "registrar").text
            #expect(record.contains("异议人本人") && record.contains("李*"))
        }
    }
}
