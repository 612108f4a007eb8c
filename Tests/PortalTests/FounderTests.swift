import Cases
import CompanyNames
import Correspondence
import Exchange
import FaceSupport
import Foundation
import Kernel
import Server
import Storage
import Testing
import Web

/// What a founder at home on a telephone meets beside the straight way to the licence.
@Suite struct FounderTests {
    private func links(_ town: FaceTown, _ subject: Case) async throws -> [String] {
        let page = try await town.get("/cases/\(subject.number)/signers", as: "zhangsan").text
        return Set(page.matches(of: /href="(\/sign\/[A-Z0-9]+)"/).map { String($0.output.1) }).sorted()
    }

    private func granted(_ town: FaceTown, _ change: (inout JSON) -> Void = { _ in }) async throws -> Case {
        let draft = try await town.draft(of: "zhangsan", change: change)
        let base = "/cases/\(draft.number)"
        _ = try await town.post("\(base)/signers", as: "zhangsan")
        for link in try await links(town, draft) {
            try await town.showFace(link)
            _ = try await town.post("\(link)/sign", ["agree": "yes"])
        }
        _ = try await town.post("\(base)/submit", as: "zhangsan", once: "ABCDEFGHJKMNPQRST")
        try await town.pass(3 * Instant.hour)
        let granted = try await town.read(draft)
        #expect(granted.state == .granted)
        return granted
    }

    private func lines(_ town: FaceTown, _ subject: Case, party: String) async throws -> [PartyLine] {
        try await town.platform.database.read {
            try ExchangeStore.lines(of: subject.id.rawValue, in: $0).filter { $0.order.party == party }
        }
    }

    @Test(
        "every verdict on a name says in both languages what it means",
        arguments: ["free", "person", "refused"]
    )
    func verdicts(verdict: String) throws {
        #expect(NameReport.Verdict(rawValue: verdict) != nil)
        let messages = try Messages.load(try Home.find())
        for language in Web.Language.allCases where language == .zh || language == .en {
            #expect(messages.has("portal.name.says.\(verdict)", in: language))
        }
    }

    @Test("a text message carries a whole address, and the papers state contributions once and in percent")
    func messagesAndPapers() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft(of: "zhangsan")
            _ = try await town.post("/cases/\(draft.number)/signers", as: "zhangsan")
            let texts = try await town.platform.database.read {
                try CorrespondenceStore.messages(case: draft.number, in: $0)
            }.filter { $0.template == "sign-please" }
            #expect(texts.count == 4)
            let origin = town.platform.settings.origin
            #expect(origin.hasPrefix("http"))
            for text in texts {
                #expect(text.textZh.contains("\(origin)/sign/") && text.textEn.contains("\(origin)/sign/"))
            }
            var papers = ""
            for link in try await links(town, draft) {
                for kind in ["articles", "application"] {
                    let paper = try await town.get("\(link)/papers/\(kind)")
                    if paper.status == 200 { papers += paper.text }
                }
            }
            #expect(papers.contains("万元") && !papers.contains("万元万元"))
            #expect(papers.firstMatch(of: /\d+\.\d\d%/) != nil)
        }
    }

    @Test("an objection while signing has a number, shows on both sides, and stops the case at once")
    func objection() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft(of: "zhangsan")
            let base = "/cases/\(draft.number)"
            _ = try await town.post("\(base)/signers", as: "zhangsan")
            let invited = try await links(town, draft)
            for link in invited {
                try await town.showFace(link)
                _ = try await town.post("\(link)/sign", ["agree": "yes"])
            }
            let sent = try await town.platform.database.read {
                try CorrespondenceStore.messages(case: draft.number, in: $0)
            }.first { $0.template == "sign-please" && $0.phone == "13800002345" }
            let first = try #require(sent?.link)
            try #require(invited.contains(first))
            #expect(try await town.post("\(first)/objection", ["text": " "]).status == 422)
            #expect(try await town.post("\(first)/objection", ["text": "我没有同意"]).status == 303)
            let open = try await town.platform.database.read { try ObjectionStore.of(draft.id, in: $0) }
            let number = try #require(open.first?.number)
            for path in [first, "\(first)/objection"] {
                let page = try await town.get(path).text
                #expect(page.contains(number), "\(path)")
                #expect(!page.contains("id=\"sign\""))
            }
            #expect(try await town.post("\(first)/sign", ["agree": "yes"]).status == 409)
            let signers = try await town.get("\(base)/signers", as: "zhangsan").text
            #expect(signers.contains("已提出异议") && !signers.contains("action=\"\(base)/submit\""))
            let answer = try await town.post("\(base)/submit", as: "zhangsan")
            #expect(answer.location == "\(base)/signers")
            let told = try await town.platform.database.read {
                try CorrespondenceStore.messages(case: draft.number, in: $0)
            }
            #expect(told.contains { $0.template == "objected" && $0.textZh.contains("提出异议") })
            let occasion = try await town.occasion(of: "zhangsan")
            await #expect(throws: CaseError.objected) {
                try await town.platform.desk.submit(draft.id, occasion: occasion)
            }
            try await takenBack(town, draft, first, number)
        }
    }

    /// The founder, who has the link from his page, is refused; the telephone that objected is not.
    private func takenBack(_ town: FaceTown, _ draft: Case, _ link: String, _ number: String) async throws {
        let (path, base) = ("\(link)/objection", "/cases/\(draft.number)")
        #expect(try await town.get(path).text.contains("action=\"\(path)/take-back\""))
        #expect(
            try await town.post("\(path)/take-back", ["sample": "score:950"], as: "zhangsan").status == 403
        )
        let asked = try await town.post("\(path)/take-back")
        #expect(asked.status == 303 && asked.location == "\(path)?sent=yes")
        let page = try await town.get("\(path)?sent=yes").text
        #expect(page.contains("撤回链接已发送") && page.contains(number) && !page.contains("13800002345"))
        let told = try await town.platform.database.read {
            try CorrespondenceStore.messages(case: draft.number, in: $0)
        }.last { $0.template == "objection-link" }
        let secret = try #require(told?.link)
        #expect(told?.phone == "13800002345" && secret.hasPrefix("/objections/"))
        for (shown, login) in [("\(base)/signers", "zhangsan"), (path, nil), (link, nil), (base, "zhangsan")]
        {
            #expect(try await town.get(shown, as: login).text.contains(secret) == false, "\(shown)")
        }
        // Looking takes nothing back; nor does the founder, should he come by it.
        #expect(try await town.get(secret).text.contains("action=\"\(secret)\""))
        #expect(try await town.post(secret, as: "zhangsan").status == 403)
        let wrong = "/objections/ABCDEFGHJKMNPQRSTVWXYZ2345"
        #expect(try await town.get(wrong).status == 404)
        #expect(try await town.post("/sign/ABCDEFGHJKMNPQRSTVWXYZ2345/objection/take-back").status == 404)
        #expect(try await town.post(wrong).status == 404)
        #expect(try await town.post("\(base)/submit", as: "zhangsan").location == "\(base)/signers")
        #expect(try await town.post(secret).status == 303)
        let done = try await town.get(secret).text
        #expect(done.contains("已撤回") && done.contains(number) && !done.contains("action=\"\(secret)\""))
        #expect(try await town.post(secret).status == 410)
        let after = try await town.get(path).text
        #expect(after.contains("已撤回") && after.contains(number) && after.contains("name=\"text\""))
        #expect(try await town.get("\(base)/signers", as: "zhangsan").text.contains("\(base)/submit"))
    }

    @Test("what was put off or not wanted asks its questions first, and then goes out with the answers")
    func takenUp() async throws {
        try await FaceTown.open { town in
            let subject = try await granted(town) { data in
                data["joined"]["bank"] = ["choice": "later"]
                data["joined"]["housingFund"] = ["choice": "none"]
            }
            let base = "/cases/\(subject.number)"
            let result = try await town.get("\(base)/result", as: "zhangsan").text
            #expect(
                result.contains("\(base)/services/bank") && result.contains("\(base)/services/housingFund")
            )
            #expect(result.contains("现在办的事项都已办结") && !result.contains("全部办结"))
            #expect(try await town.get("\(base)/services/bank", as: "lisi").status == 404)
            #expect(try await town.get("\(base)/services/tax", as: "zhangsan").status == 303)
            let bank = try await town.get("\(base)/services/bank", as: "zhangsan")
            #expect(bank.status == 200 && bank.text.contains("joined.bank.branch"))
            // No branch of BCM lies in this league; and a branch is one of its own bank.
            #expect(bank.text.contains("value=\"ABC\"") && !bank.text.contains("value=\"BCM\""))
            let strange = try await town.answer(
                "\(base)/services/bank",
                ["joined.bank.bank": "ABC", "joined.bank.branch": "CCB-150204-2"],
                as: "zhangsan"
            )
            #expect(strange.status == 422 && strange.text.contains("所选网点不属于所选的开户银行"))
            #expect(try await town.answer("\(base)/services/bank", as: "zhangsan").status == 422)
            #expect(try await lines(town, subject, party: "bank").map(\.state) == [.later])
            let booked = try await town.answer(
                "\(base)/services/bank",
                [
                    "joined.bank.bank": "BK01", "joined.bank.branch": "BR001",
                    "joined.bank.date": "2026-03-10",
                    "joined.bank.time": "10:00", "joined.bank.account": "basic",
                    "joined.bank.consent": "true",
                ],
                as: "zhangsan"
            )
            #expect(booked.status == 303 && booked.location == "\(base)/result#lines")
            let line = try #require(try await lines(town, subject, party: "bank").first)
            #expect(line.state != .later && line.order.fields["branch"] == "BR001")
            let open = try await town.get("\(base)/result", as: "zhangsan").text
            #expect(open.contains("还有事项正在办理") && !open.contains("现在办的事项都已办结"))
            #expect(try await lines(town, subject, party: "housing-fund").isEmpty)
            let fund = try await town.answer(
                "\(base)/services/housingFund",
                ["joined.housingFund.ratio": "8", "joined.housingFund.firstMonth": "2026-04-01"],
                as: "zhangsan"
            )
            #expect(fund.status == 303)
            try await town.pass(3 * Instant.hour)
            let unit = try #require(try await lines(town, subject, party: "housing-fund").first)
            #expect(unit.order.fields["firstMonth"] == "2026-04" && unit.state == .done)
            let after = try await town.read(subject)
            #expect(after.data["joined"]["socialInsurance"] == subject.data["joined"]["socialInsurance"])
            try await guarded(town, before: subject, now: after)
            #expect(try await town.get("\(base)/services/bank", as: "zhangsan").status == 303)
        }
    }

    /// Answers put onto a form that changed since are not taken; nor is a form too long, or a file unseen.
    private func guarded(_ town: FaceTown, before: Case, now: Case) async throws {
        let (desk, occasion) = (town.platform.desk, try await town.occasion(of: "zhangsan"))
        var long = now.data
        long["note"] = .string(String(repeating: "长", count: 100_000))
        var strange = now.data
        strange["note"] = .string("sm3:" + String(repeating: "0", count: 64))
        for (seen, data, refusal) in [
            (before.data, now.data, CaseError.changedMeanwhile(act: "saved", at: occasion.now)),
            (now.data, long, .draftTooLarge(max: 262_144)), (now.data, strange, .fileUnknown),
        ] {
            await #expect(throws: refusal) {
                try await desk.takeUp(
                    "joined.bank.choice",
                    of: now.id,
                    seen: seen,
                    data: data,
                    occasion: occasion
                )
            }
        }
        #expect(try await town.read(now).version == now.version)
    }

    @Test("the engraver makes the seals under the codes that the police filed")
    func sealCodes() async throws {
        try await FaceTown.open { town in
            let subject = try await granted(town)
            let filed = try #require(try await lines(town, subject, party: "police-seal").first)
            let made = try #require(try await lines(town, subject, party: "engraver").first)
            let codes = filed.answer["seals"].elements.compactMap { $0["code"].text }
            #expect(codes.count == 3)
            #expect(made.order.fields["seals"].elements.compactMap { $0["code"].text } == codes)
        }
    }
}
