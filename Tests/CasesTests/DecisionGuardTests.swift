import Server
import Catalogue
import Exchange
import Kernel
import Rules
import Storage
import Testing

@testable import Cases

@Suite("who decides, who looks up, what must be done", .serialized)
struct DecisionGuardTests {
    private let clerk = Actor(.staff, id: "clerk", role: "registrar")
    private let colleague = Actor(.staff, id: "colleague", role: "registrar")

    @Test("only who claimed the case decides it, and a claim carries the version that was seen")
    func claim() async throws {
        try await GuardTown.each { town in
            let subject = try await town.inReviewForTwin()
            let desk = town.desk
            func refused(_ actor: Actor) async throws {
                await #expect(throws: CaseError.notClaimed) {
                    _ = try await desk.grant(
                        subject.id,
                        version: subject.version,
                        reason: "已核实",
                        occasion: town.occasion(actor)
                    )
                }
                for event in [CaseEvent.return, .refuse, .transfer] {
                    await #expect(throws: CaseError.notClaimed) {
                        _ = try await desk.turnBack(
                            subject.id,
                            as: event,
                            version: subject.version,
                            reason: "已核实",
                            told: Told(points: [.init(what: "已核实")], facts: "事实", law: "依据", body: "机关"),
                            occasion: town.occasion(actor)
                        )
                    }
                }
            }
            try await refused(clerk)
            await #expect(throws: CaseError.self) {
                try await desk.claim(
                    subject.id,
                    step: "review",
                    version: subject.version - 1,
                    occasion: town.occasion(clerk)
                )
            }
            try await desk.claim(
                subject.id,
                step: "review",
                version: subject.version,
                occasion: town.occasion(clerk)
            )
            try await refused(colleague)
            await #expect(throws: CaseError.self) {
                try await desk.release(
                    subject.id,
                    step: "review",
                    version: subject.version - 1,
                    occasion: town.occasion(clerk)
                )
            }
            let granted = try await desk.grant(
                subject.id,
                version: subject.version,
                reason: "身份证号码不同，不是同一人",
                occasion: town.occasion(clerk)
            )
            #expect(granted.state == .granted)
        }
    }

    @Test(
        "wrong codes lock a page for the address that tried them, for no other; made-up numbers add no rows"
    )
    func lookUp() async throws {
        try await GuardTown.each { town in
            let draft = try await town.start()
            let policy = LookupPolicy(triesMax: 5, lockMinutes: 15)
            func look(_ number: String, _ code: String, from address: String) async throws -> Case {
                try await town.desk.lookUp(
                    number: number,
                    code: code,
                    address: address,
                    policy: policy,
                    occasion: town.occasion(GuardTown.anyone)
                )
            }
            for _ in 0..<5 {
                await #expect(throws: CaseError.lookupWrong) {
                    _ = try await look(draft.number, "222222", from: "192.0.2.1")
                }
            }
            await #expect(throws: CaseError.lookupLocked(minutes: 15)) {
                _ = try await look(draft.number, draft.lookupCode, from: "192.0.2.1")
            }
            #expect(try await look(draft.number, draft.lookupCode, from: "192.0.2.2").id == draft.id)
            for serial in 0..<600 {
                _ = try? await look("15020320260302\(serial)", "222222", from: "192.0.2.3")
            }
            let rows = try await town.database.read { try LookupStore.rows(in: $0) }
            #expect(rows <= 257)
            // A number that nobody has locks like one that somebody has.
            for _ in 0..<5 { _ = try? await look("150203202603029", "222222", from: "192.0.2.4") }
            await #expect(throws: CaseError.lookupLocked(minutes: 15)) {
                _ = try await look("150203202603029", "222222", from: "192.0.2.4")
            }
            try await town.town.move(to: town.town.clock.now + 16 * Instant.minute)
            #expect(try await look(draft.number, draft.lookupCode, from: "192.0.2.1").id == draft.id)
        }
    }

    @Test("what statutes ask for is not the founder's to drop; engraving begins when the seals are filed")
    func statutory() async throws {
        try await GuardTown.each { town in
            let data = try await town.reserve(town.data)
            let draft = try await town.start(data)
            try await town.sign(try await town.desk.askSignatures(draft.id, occasion: town.occasion()))
            let granted = try await town.desk.submit(draft.id, occasion: town.occasion())
            #expect(granted.state == .granted)
            let exchange = town.town.platform.exchange
            let lines = try await town.database.read {
                try ExchangeStore.lines(of: granted.id.rawValue, in: $0)
            }
            let statutory: Set<String> = ["publicity", "national-collection", "tax", "police-seal"]
            #expect(statutory.isSubset(of: Set(lines.map(\.order.party))))
            for line in lines where statutory.contains(line.order.party) {
                await #expect(throws: ExchangeError.notOptional(party: line.order.party)) {
                    try await town.database.write { tx in
                        _ = try exchange.decline(line.id, occasion: town.occasion(), in: tx)
                    }
                }
                await #expect(throws: ExchangeError.notOptional(party: line.order.party)) {
                    try await town.database.write { tx in
                        _ = try exchange.setAside(line.id, occasion: town.occasion(), in: tx)
                    }
                }
            }
            let flow = try await town.desk.definition(of: granted).item.flow
            engraving(flow, form: data)
        }
    }

    private func engraving(_ flow: [FlowStep], form: JSON) {
        let context = RuleContext(
            json: form,
            today: LocalDate(parsing: "2026-03-02"),
            calendar: nil
        )
        var states = Dictionary(
            uniqueKeysWithValues: flow.filter { $0.name != "engraving" }.map { ($0.name, StepState.done) }
        )
        for state in StepState.allCases {
            states["sealFiling"] = state
            let opening = Flow.next(flow, states: states, context: context)
            #expect(opening.open.map(\.name) == (state == .done ? ["engraving"] : []), "\(state)")
            #expect(opening.skip.isEmpty)
            // A bundle does not wait for what can no longer begin.
            let ends: Set<StepState> = [.skipped, .failed, .later]
            #expect(Flow.isComplete(flow, states: states) == ends.contains(state), "\(state)")
        }
    }
}
