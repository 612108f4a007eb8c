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

    private func document(_ name: String = "contract-unsigned") throws -> [UInt8] {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return [UInt8](
            try Data(contentsOf: tests.appendingPathComponent("Samples/seals/\(name).ofd"))
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
            #expect(verdict.text.contains("处于有效状态（使用中）"))
            #expect(!verdict.text.contains("请扫码在线核验"), "a contract has no code, and the register was asked")
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

    @Test("where nobody acts for the firm, nobody can be permitted: the page leads to the rights")
    func nobody() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: founder)
            try await town.pass(26 * Instant.hour)
            try await town.lead(granted, as: founder)
            let code = try #require(granted.result)
            let seal = try await town.platform.database.read {
                try #require(try Seals.owned(by: code, in: $0).first { $0.state == .made })
            }
            let path = "/wallet/\(code)/seals/\(seal.id)"
            #expect(try await town.post("\(path)/state", ["act": "deliver"], as: founder).status == 303)
            let rights = try await town.platform.database.read {
                try Enterprises.authorisations(of: code, in: $0)
            }
            for right in rights {
                let end = try await town.post("/wallet/\(code)/rights/\(right.id)/end", as: founder)
                #expect(end.status == 303)
            }
            #expect(try await town.get(path, as: founder).text.contains("href=\"/wallet/\(code)/rights\""))
        }
    }

    /// Forms of a page in which a file is chosen but that a browser would not send in parts.
    private func deaf(_ page: String) -> [String] {
        page.matches(of: /<form[\s\S]*?<\/form>/).map { String($0.output) }
            .filter { $0.contains("type=\"file\"") && !$0.contains("enctype=\"multipart/form-data\"") }
    }

    @Test("every form with a file is sent in parts, and one that answers with a file says so")
    func uploads() async throws {
        try await FaceTown.open { town in
            let (code, agent, seal) = try await firm(town)
            let path = "/wallet/\(code)/seals/\(seal.id)"
            #expect(try await town.post("\(path)/state", ["act": "deliver"], as: founder).status == 303)
            #expect(try await town.get(path, as: founder).text.contains("name=\"ask-file\""))
            let request = try await ask(town, path, seal, agent)
            let deciding = try await town.get(path, as: founder).text
            #expect(deciding.contains("/compare\"") && deaf(deciding) == [])
            let answer = ["digest": request.subject.digest, "answer": "approve"]
            let decide = "\(path)/requests/\(request.id)/decide"
            #expect(try await town.post(decide, answer, as: founder).status == 303)
            let signing = try await town.get(path, as: "lisi").text
            #expect(signing.contains("data-download") && deaf(signing) == [])
        }
    }

    @Test(
        "a form that is refused is shown again with everything that was typed and a sentence for each fault"
    )
    func refused() async throws {
        try await FaceTown.open { town in
            let (code, agent, seal) = try await firm(town)
            let all = "/wallet/\(code)/seals"
            let path = "\(all)/\(seal.id)"
            #expect(try await town.post("\(path)/state", ["act": "deliver"], as: founder).status == 303)
            let applied = try await town.post(all, ["kind": "seal-department"], as: founder)
            #expect(applied.status == 422 && applied.text.contains("href=\"#f-line\""))
            let lined = try await town.post(all, ["kind": "seal-finance", "line": "采购部"], as: founder)
            #expect(lined.text.contains("没有第二行") && lined.text.contains("value=\"采购部\""))
            let permit = try await town.post(
                "\(path)/permits",
                ["permit-agent": agent.rawValue, "permit-uses": "0", "permit-until": "2020-01-01"],
                as: founder
            )
            #expect(permit.status == 422)
            for field in ["kinds", "until", "uses"] {
                #expect(permit.text.contains("href=\"#f-permit-\(field)\""), "\(field)")
            }
            #expect(permit.text.contains("value=\"2020-01-01\"") && !permit.text.contains("seal.permit-"))
            let few = ["ask-name": "采购合同"]
            let none = try await town.upload("\(path)/requests", few, files: [], as: founder)
            #expect(none.status == 422 && none.text.contains("value=\"采购合同\""))
            for field in ["file", "kind", "purpose"] {
                #expect(none.text.contains("href=\"#f-ask-\(field)\""), "\(field)")
            }
            let no = try await town.upload(
                "\(path)/requests",
                subject,
                files: [("ask-file", "a.ofd", Array("no OFD".utf8))],
                as: founder
            )
            #expect(no.status == 422 && no.text.contains("不是可以盖章的 OFD 文件"))
            #expect(!no.text.contains("PKG_") && !no.text.contains("seal.unreadable"))
            var kept = try await town.platform.database.read { try SealRequests.all(of: seal.id, in: $0) }
            #expect(kept.isEmpty)
            // Refused for a reason only.
            let request = try await ask(town, path, seal, agent)
            let decide = "\(path)/requests/\(request.id)/decide"
            let bare = try await town.post(
                decide,
                ["digest": request.subject.digest, "answer": "refuse"],
                as: founder
            )
            #expect(bare.status == 422 && bare.text.contains("href=\"#f-reason-\(request.id)\""))
            kept = try await town.platform.database.read { try SealRequests.all(of: seal.id, in: $0) }
            #expect(kept.first?.state == .waiting)
        }
    }

    @Test("a request waits on the approver's list, is held against his own copy, and is taken back")
    func waiting() async throws {
        try await FaceTown.open { town in
            let (code, agent, seal) = try await firm(town)
            let path = "/wallet/\(code)/seals/\(seal.id)"
            let claimed = try await town.post("\(path)/state", ["act": "deliver"], as: founder)
            #expect(try await town.get(claimed.location, as: founder).text.contains("印章已启用"))
            let request = try await ask(town, path, seal, agent)
            let one = "\(path)/requests/\(request.id)"
            #expect(try await town.get("/my", as: founder).text.contains("\(path)#request-\(request.id)"))
            #expect(try await town.get("/my", as: "lisi").text.contains("#request-") == false)
            for (bytes, words) in [(try document(), "文件相同"), (try document() + [0], "文件不同")] {
                let files = [(name: "file-\(request.id)", fileName: "b.ofd", bytes: bytes)]
                let answer = try await town.upload("\(one)/compare", [:], files: files, as: founder)
                #expect(answer.status == 200 && answer.text.contains(words))
            }
            #expect(try await town.post("\(one)/withdraw", as: founder).status == 403)
            let back = try await town.post("\(one)/withdraw", as: "lisi")
            #expect(try await town.get(back.location, as: "lisi").text.contains("用印申请已撤回"))
            #expect(try await town.get("/my", as: founder).text.contains("#request-") == false)
            let late = ["digest": request.subject.digest, "answer": "approve"]
            #expect(try await town.post("\(one)/decide", late, as: founder).status == 409)
        }
    }

    @Test("a locked file, and one that was changed under its seal, are refused before anybody is asked")
    func unsealable() async throws {
        try await FaceTown.open { town in
            let (code, agent, seal) = try await firm(town)
            let path = "/wallet/\(code)/seals/\(seal.id)"
            #expect(try await town.post("\(path)/state", ["act": "deliver"], as: founder).status == 303)
            let request = try await ask(town, path, seal, agent)
            let one = "\(path)/requests/\(request.id)"
            let answer = ["digest": request.subject.digest, "answer": "approve"]
            #expect(try await town.post("\(one)/decide", answer, as: founder).status == 303)
            let locked = try await town.upload(
                "\(one)/sign",
                ["lock-\(request.id)": "yes"],
                files: [("file-\(request.id)", "a.ofd", try document())],
                as: "lisi"
            )
            #expect(locked.status == 200)
            for (bytes, words) in [(locked.bytes, "已锁定"), (try document("03-sealswap"), "已失效")] {
                let answer = try await town.upload(
                    "\(path)/requests",
                    subject,
                    files: [("ask-file", "a.ofd", bytes)],
                    as: founder
                )
                #expect(answer.status == 422 && answer.text.contains(words), "\(words)")
            }
        }
    }

    @Test("wallet, page of the seal and both verifications say one word for how it stands")
    func standing() async throws {
        try await FaceTown.open { town in
            let (code, _, seal) = try await firm(town)
            let path = "/wallet/\(code)/seals/\(seal.id)"
            let number = try #require(seal.code)
            let secret = try await town.platform.database.read {
                try Credentials.held(by: code, in: $0).first { $0.record.sealCode == number }?.record.code
                    .path
            }
            let printed = try #require(secret)
            for (act, words) in [
                ("", "已制作，待领取"), ("deliver", "使用中"), ("suspend", "企业已停用"), ("resume", "使用中"),
                ("lose", "已挂失"),
            ] {
                if !act.isEmpty {
                    #expect(try await town.post("\(path)/state", ["act": act], as: founder).status == 303)
                }
                let pages = [
                    try await town.get("/wallet/\(code)", as: founder),
                    try await town.get(path, as: founder), try await town.get(printed),
                    try await town.post("/verify", ["code": number]),
                ]
                for page in pages { #expect(page.text.contains(words), "\(act) \(words)") }
                #expect(!pages[2].text.contains("暂扣"), "the words of licences")
                let made = try await town.platform.database.read {
                    try Seals.owned(by: code, in: $0).count { $0.state == .made }
                }
                #expect(pages[0].text.contains("\(made) 枚印章已制作，待法定代表人领取"), "\(act) \(made)")
            }
            #expect(!(try await town.get(path, as: founder).text.contains("name=\"ask-file\"")))
        }
    }

    @Test("a seal only applied for is taken back, not ended; what harms stands apart")
    func applied() async throws {
        try await FaceTown.open { town in
            let (code, _, seal) = try await firm(town)
            let path = "/wallet/\(code)/seals/\(seal.id)"
            let made = try await town.post(
                "/wallet/\(code)/seals",
                ["kind": "seal-department", "line": "采购部"],
                as: founder
            )
            let page = try await town.get(made.location, as: founder).text
            #expect(page.contains("申请已提交") && page.contains("撤回申请") && !page.contains("注销"))
            #expect(try await town.post("\(path)/state", ["act": "deliver"], as: founder).status == 303)
            let own = try await town.get(path, as: founder).text
            let (resume, harm) = (own.range(of: "value=\"suspend\""), own.range(of: "id=\"ending\""))
            #expect(try #require(resume).lowerBound < #require(harm).lowerBound, "what harms stands apart")
            #expect(!own.contains("/rights\""))
        }
    }

    @Test("an application that was refused shows its owner why, and no step says twice that it is done")
    func rejected() async throws {
        try await FaceTown.open { town in
            let (code, _, _) = try await firm(town)
            let all = "/wallet/\(code)/seals"
            let wrong = try await town.post(
                all,
                ["kind": "seal-finance", "mongolian": "abc"],
                as: founder
            )
            #expect(wrong.text.contains("蒙古文名称不符合要求。请") && !wrong.text.contains("。。"))
            let made = try await town.post(all, ["kind": "seal-department", "line": "采购部"], as: founder)
            #expect(made.status == 303)
            let officer = Occasion(
                now: town.platform.clock.now,
                actor: Actor(.staff, id: "officer", role: "registrar"),
                request: "test",
                entropy: town.platform.settings.entropy
            )
            try await town.platform.database.write { tx in
                let seal = try #require(try Seals.owned(by: code, in: tx).first { $0.state == .applied })
                try Seals.move(seal.id, by: .reject, reason: "部门名称与章程不符", occasion: officer, in: tx)
            }
            let page = try await town.get(made.location, as: founder).text
            #expect(page.components(separatedBy: "部门名称与章程不符").count == 3)
            #expect(page.contains("不予核准") && !page.contains("step-word"))
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
