import Correspondence
import Kernel
import Registers
import Server
import Storage
import Testing

@testable import Cases

@Suite("what came up behind the officer's back", .serialized)
struct FreshFindingTests {
    private let clerk = Actor(.staff, id: "clerk", role: "registrar")

    @Test(
        "an objection in review blocks the grant until it was looked into; the objector is told and may object again"
    )
    func objection() async throws {
        try await GuardTown.each { town in
            let (handed, links) = try await town.inReview()
            let own = try #require(links[GuardTown.named])
            try await town.object(own)
            let seen = try await town.desk.read(handed.id)
            let number = try #require(try await town.desk.objector(own.secret).last).number
            // Nobody settles what he has not taken, and nothing but what is open.
            await #expect(throws: CaseError.notClaimed) {
                try await town.settle(seen, number, as: .confirmed)
            }
            await #expect(throws: CaseError.objectionOpen(number)) {
                try await town.grant(seen, on: town.desk)
            }
            await #expect(throws: CaseError.notFound) {
                try await town.settle(seen, "Y0000000000", as: .confirmed)
            }
            let settled = try await town.settle(seen, number, as: .confirmed)
            #expect(settled.state == .review && settled.version > seen.version)
            let told = try #require(try await town.messages(of: handed, "objection-settled").first)
            #expect(told.textZh.contains(number) && told.link.hasSuffix("/objection"))
            let again = try #require(told.link.split(separator: "/").dropFirst().first.map(String.init))
            try await town.desk.object(again, text: "我没有确认过", occasion: town.occasion(GuardTown.anyone))
            let now = try await town.desk.read(handed.id)
            await #expect(throws: CaseError.self) {
                try await town.grant(now, on: town.desk, isClaimed: true)
            }
            let second = try #require(try await town.desk.objector(again).last)
            #expect(second.state == .open && second.number != number)
            let after = try await town.settle(now, second.number, as: .unfounded)
            let granted = try await town.grant(after, on: town.desk, isClaimed: true)
            #expect(granted.state == .granted)
            // After the grant it is the matter's to settle.
            await #expect(throws: CaseError.self) {
                try await town.settle(granted, second.number, as: .unfounded)
            }
        }
    }

    @Test("a refusal settles the objection; who is told that nothing was registered objects no more")
    func refused() async throws {
        try await GuardTown.each { town in
            let (handed, links) = try await town.inReview()
            let own = try #require(links[GuardTown.named])
            try await town.object(own)
            let seen = try await town.desk.read(handed.id)
            try await town.desk.claim(
                seen.id,
                step: "review",
                version: seen.version,
                occasion: town.occasion(clerk)
            )
            let refused = try await town.desk.turnBack(
                seen.id,
                as: .refuse,
                version: seen.version,
                reason: "被冒用身份",
                told: Told(facts: "本人未同意", law: "条例第十七条"),
                occasion: town.occasion(clerk)
            )
            #expect(refused.state == .refused)
            #expect(try await town.desk.objector(own.secret).last?.state == .accepted)
            await #expect(throws: CaseError.notAllowed(event: .edit, in: .refused)) {
                try await town.object(own)
            }
        }
    }

    @Test(
        "what the rules find at the decision and the page did not show comes back; shown, it may be granted over"
    )
    func finding() async throws {
        try await GuardTown.each { town in
            let (handed, _) = try await town.inReview()
            let name = try #require(handed.data["name"]["full"].text)
            let note = RegisterNote(
                id: town.occasion().newID(),
                register: "companies",
                object: "name:\(name)",
                kind: .dispute,
                text: "名称争议",
                blocks: false,
                from: town.town.clock.now,
                until: nil,
                liftedAt: nil
            )
            try await town.database.write { tx in
                try NoteStore.insert(note, in: tx)
            }
            let rules = { try await town.database.read { try DecisionStore.of(handed.id, in: $0) } }
            #expect(try await rules().last?.findings.obstacles.map(\.rule) == ["R06"])
            await #expect(throws: CaseError.newFindings(["R17"])) {
                try await town.grant(handed, on: town.desk)
            }
            let seen = try await town.desk.read(handed.id)
            #expect(seen.state == .review && seen.result == nil && seen.version > handed.version)
            let kept = try #require(try await rules().last)
            #expect(kept.outcome == .toPerson && kept.findings.obstacles.map(\.rule) == ["R06", "R17"])
            #expect(kept.facts["disputes"]["name"] == 1)
            let granted = try await town.grant(seen, on: town.desk, isClaimed: true)
            #expect(granted.state == .granted && granted.definition == handed.definition)
            let last = try #require(try await rules().last)
            #expect(last.by == clerk && last.findings.obstacles.map(\.rule) == ["R06", "R17"])
        }
    }

    @Test("handed in again, a case whose officer holds no post any more waits in the pool")
    func pool() async throws {
        try await GuardTown.each { town in
            let (handed, _) = try await town.inReview()
            try await town.desk.claim(
                handed.id,
                step: "review",
                version: handed.version,
                occasion: town.occasion(clerk)
            )
            let returned = try await town.desk.turnBack(
                handed.id,
                as: .return,
                version: handed.version,
                reason: "缺一页",
                told: Told(points: [.init(what: "缺一页", why: "细则第十八条", how: "补齐")]),
                occasion: town.occasion(clerk)
            )
            #expect(returned.state == .returned)
            let again = try await town.desk.submit(handed.id, occasion: town.occasion())
            let step = try await town.database.read { try StepStore.find("review", of: handed.id, in: $0) }
            #expect(again.state == .review && step?.state == .open && step?.assignee == nil)
        }
    }
}
