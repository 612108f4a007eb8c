import Audit
import Cases
import CompanyOpening
import FaceSupport
import Foundation
import Identity
import Kernel
import Server
import Standards
import Storage
import Testing

/// What acts leave in the log, and whom a look at a case is told.
@Suite("what is left in the log", .serialized)
struct TraceTests {
    private func history(_ object: String, _ town: FaceTown) async throws -> [AuditEntry] {
        try await town.platform.database.read { try AuditLog.history(of: object, in: $0) }
    }

    @Test("words from outside come into the log only by a form that asks an officer why")
    func purpose() async throws {
        try await FaceTown.open { town in
            let words = "张三 150102199001011234"
            let draft = try await town.draft("塞上", of: "zhangsan")
            let asked = try await town.post(
                "/cases/\(draft.number)/signers",
                ["_purpose": words],
                as: "zhangsan"
            )
            #expect(asked.status == 303)
            let own = try await history(draft.object, town)
            #expect(own.count >= 2 && own.allSatisfy { $0.purpose == nil })
            let granted = try await town.granted("阴山", of: "zhangsan")
            try await town.pass(4 * Instant.hour)
            let code = try #require(granted.result)
            let path = "/desk/corrections/\(code)"
            let opened = try await town.post(
                "\(path)/open",
                ["reason": "冒名登记", "item": "whole", "_purpose": words],
                as: "corrector"
            )
            #expect(opened.status == 303)
            func matter() async throws -> Correction {
                try #require(
                    try await town.platform.database.read { try CorrectionStore.of(code, in: $0).last }
                )
            }
            var fields = [
                "confirm": "yes", "version": "\(try await matter().id)/\(try await matter().version)",
            ]
            #expect(try await town.post("\(path)/accept", fields, as: "corrector").status == 303)
            fields["version"] = "\(try await matter().id)/\(try await matter().version)"
            fields["_purpose"] = "案情复杂"
            #expect(try await town.post("\(path)/extend", fields, as: "head").status == 303)
            let entries = try await history(try await matter().object, town)
            // What has no words of its own was done for the reason that the matter was begun with.
            #expect(entries.allSatisfy { $0.purpose?.contains("张三") == false })
            #expect(
                entries.map { [$0.act, $0.purpose ?? ""] } == [
                    ["correction.opened", "冒名登记"], ["correction.accept", "冒名登记"],
                    ["correction.extend", "案情复杂"],
                ]
            )
        }
    }

    @Test("the log says why a registered item was withdrawn, at the matter and at the register")
    func withdrawal() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: "zhangsan")
            try await town.pass(4 * Instant.hour)
            let code = try #require(granted.result)
            let path = "/desk/corrections/\(code)"
            func matter() async throws -> Correction {
                try #require(
                    try await town.platform.database.read { try CorrectionStore.of(code, in: $0).last }
                )
            }
            func act(_ name: String, _ fields: [String: String], by login: String = "corrector") async throws
            {
                var fields = fields
                if name != "open" {
                    fields["version"] = "\(try await matter().id)/\(try await matter().version)"
                }
                fields["confirm"] = "yes"
                #expect(try await town.post("\(path)/\(name)", fields, as: login).status == 303)
            }
            try await act("open", ["reason": "李文博称被冒名", "item": "shareholders"])
            try await act("accept", [:])
            let why = "条例第四十条：冒名"
            try await act(
                "withdraw-item",
                ["facts": "冒名登记", "evidence": "笔迹鉴定意见", "reason": why, "value": "李文博"]
            )
            #expect(try await history("register:company:\(code)", town).allSatisfy { $0.purpose != why })
            // Words sent along with the confirmation are nobody's reason.
            try await act("confirm", ["reason": "顺手写的"], by: "head")
            let register = try await history("register:company:\(code)", town)
            #expect(register.last?.act.hasPrefix("register.withdraw") == true)
            #expect(register.last?.purpose == why)
            #expect(try await history(try await matter().object, town).last?.purpose == why)
            let own = try await history(granted.object, town)
            #expect(own.filter { $0.actor.kind == .person }.allSatisfy { $0.purpose == nil })
        }
    }

    @Test("a task that is ticked off or taken up again is in the log, once each")
    func tasks() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: "zhangsan")
            let code = try #require(granted.result)
            try await town.lead(granted, as: "zhangsan")
            let task = try #require(
                try await town.platform.database.read { try TaskStore.of(code, in: $0) }.first {
                    $0.doneAt == nil
                }
            )
            let path = "/wallet/\(code)/tasks/\(task.id)"
            for act in ["done", "done", "undone", "undone"] {
                #expect(try await town.post(path, ["act": act], as: "zhangsan").status == 303)
            }
            let entries = try await history("task:\(task.id)", town)
            #expect(entries.map(\.act) == ["task.done", "task.reopened"])
            let me = try await town.session("zhangsan").principal.actor.id
            #expect(entries.allSatisfy { $0.actor.id == me })
        }
    }

    @Test("everybody in the form is told who read it, by whichever page")
    func reads() async throws {
        try await FaceTown.open { town in
            let proof = Array("%PDF-1.7\nlease".utf8)
            let review = try await town.inReview("塞上", of: "zhangsan", proof: proof)
            let platform = town.platform
            let document = try platform.standards.identityDocument(
                kind: "resident-id",
                number: "150203199003030023",
                on: town.town.clock.now.date
            )
            let occasion = try await town.occasion(of: "zhangsan")
            let name = try PersonName("李文博")
            let named = try await platform.database.write { tx in
                try People.register(
                    name: name,
                    document: document,
                    phone: nil,
                    keys: platform.identityKeys,
                    occasion: occasion,
                    in: tx
                ).id.rawValue
            }
            // Whoever signs for a firm, owns through others or deals with the tax office stands in the form as well.
            let pair: JSON = ["idKind": "resident-id", "idNumber": "150203199003030023"]
            let signer: JSON = [
                "kind": "organisation", "signerIdKind": "resident-id", "signerIdNumber": "150203199003030023",
            ]
            let forms: [JSON] = [
                ["taxOfficer": pair], ["beneficialOwners": [pair]], ["shareholders": [signer]],
                ["joined": ["staff": ["list": [pair, pair]]]],
            ]
            for form in forms {
                let known = try await platform.database.read {
                    try platform.opening.knownPeople(in: form, on: occasion.now.date, in: $0)
                }
                #expect(known.map(\.rawValue) == [named], "\(form)")
            }
            let file = try #require(review.data["premises"]["proof"].text)
            let base = "/desk/cases/\(review.id)"
            #expect(try await town.get("\(base)/files/\(file)", as: "registrar").status == 200)
            #expect(try await town.get("\(base)/papers/articles", as: "registrar").status == 200)
            #expect(
                try await town.post("\(base)/reveal", ["purpose": "核对"], as: "registrar").status == 200
            )
            for person in [named, review.applicant] {
                let acts = try await platform.database.read {
                    try AuditLog.whoRead(person, in: $0).compactMap(\.entry?.act)
                }
                #expect(Set(acts) == ["case.file-read", "case.paper-read", "case.form-read"], "\(person)")
            }
        }
    }

    @Test("the board of corrections has objections to registrations of the region, and none to drafts")
    func objections() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: "zhangsan")
            let draft = try await town.draft("塞上", of: "zhangsan")
            let secrets = try await town.sign(draft.id, of: "zhangsan")
            let anyone = Occasion(
                now: town.town.clock.now,
                actor: .anonymous,
                request: "test",
                entropy: town.platform.settings.entropy
            )
            let desk = town.platform.desk
            _ = try await desk.object(try #require(secrets.first), text: "草稿中的异议", occasion: anyone)
            let link = SigningLink.make(for: "", entropy: town.platform.settings.entropy)
            try await town.platform.database.write { tx in
                var signer = try #require(try SignerStore.state(of: granted.id, in: tx).active.first)
                signer.link = SigningLink.digest(link.secret)
                try SignerStore.update(signer, in: tx)
            }
            _ = try await desk.object(link.secret, text: "登记后的异议", occasion: anyone)
            let page = try await town.get("/desk/corrections", as: "corrector").text
            #expect(page.contains("登记后的异议") && page.contains(granted.number))
            #expect(!page.contains("草稿中的异议") && !page.contains("#objections"))
            let elsewhere = try await town.get("/desk/corrections", as: "registrar-huimin").text
            #expect(!elsewhere.contains("登记后的异议"))
            // From behind its last row the list has nothing more.
            let after = try await town.get(
                "/desk/corrections?objections=\(town.town.clock.now.milliseconds)-~",
                as: "corrector"
            ).text
            #expect(!after.contains("登记后的异议"))
        }
    }
}
