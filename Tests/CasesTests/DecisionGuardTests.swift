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
                            told: Told(
                                points: [.init(what: "已核实", why: "依据", how: "办法")],
                                facts: "事实",
                                law: "依据",
                                body: "机关"
                            ),
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
            func look(_ number: String, _ code: String, from address: String) async throws -> Case {
                try await town.look(number, code, from: address)
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

    @Test("sixty wrong codes at once are no more than five; a right one leaves no trace")
    func lookUpsAtOnce() async throws {
        try await GuardTown.each { town in
            let draft = try await town.start()
            for _ in 0..<6 {
                _ = try await town.look(draft.number, draft.lookupCode, from: "192.0.2.9")
            }
            let (places, numbers) = try await town.database.read {
                (try LookupStore.rows(in: $0), try LookupStore.numbers(in: $0))
            }
            #expect(places == 0 && numbers == 0)
            let compared = await withTaskGroup(of: Bool.self) { group in
                for serial in 0..<60 {
                    group.addTask {
                        do {
                            _ = try await town.look(
                                draft.number,
                                "AAAA\(serial)",
                                from: "2001:db8::\(serial)"
                            )
                            return true
                        } catch { return error as? CaseError == .lookupWrong }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(compared == 5)
        }
    }

    @Test(
        "wrong codes from many addresses make all wait longer and longer, but not the applicant and the clerk"
    )
    func lookUpsFromEverywhere() async throws {
        try await GuardTown.each { town in
            let (draft, other) = (try await town.start(), try await town.start())
            var address = 0
            func look(_ code: String, _ actor: Actor = GuardTown.anyone) async throws -> Case {
                address += 1
                return try await town.look(draft.number, code, from: "192.0.2.\(address)", as: actor)
            }
            for _ in 0..<20 {
                await #expect(throws: CaseError.lookupWrong) { _ = try await look("222222") }
            }
            for minutes in [15, 30, 60, 120, 240, 240] {
                await #expect(throws: CaseError.lookupLocked(minutes: minutes)) {
                    _ = try await look(draft.lookupCode)
                }
                for actor in [GuardTown.founder, clerk] {
                    #expect(try await look(draft.lookupCode, actor).id == draft.id)
                }
                try await town.town.move(to: town.town.clock.now + (Int64(minutes) * Instant.minute - 1))
                await #expect(throws: CaseError.lookupLocked(minutes: 1)) { _ = try await look("222222") }
                try await town.town.move(to: town.town.clock.now + 1)
                #expect(try await look(draft.lookupCode).id == draft.id)
                await #expect(throws: CaseError.lookupWrong) { _ = try await look("222222") }
            }
            // Another case is open all the while, and after a quiet day this one begins anew.
            #expect(try await town.look(other.number, other.lookupCode, from: "192.0.2.250").id == other.id)
            try await town.town.move(to: town.town.clock.now + 24 * Instant.hour)
            for _ in 0..<20 {
                await #expect(throws: CaseError.lookupWrong) { _ = try await look("222222") }
            }
            await #expect(throws: CaseError.lookupLocked(minutes: 15)) {
                _ = try await look(draft.lookupCode)
            }
        }
    }

    @Test("after the quiet time nobody waits for a number, however long the longest delay is")
    func quiet() throws {
        let policy = try LookupPolicy([
            "lookupTries": 5, "lookupLockMinutes": 15, "lookupNumberTries": 20,
            "lookupNumberDelayMinutes": 15,
            "lookupNumberDelayMinutesMax": 10_000, "lookupNumberQuietMinutes": 1_440,
        ])
        let last = Instant(milliseconds: 1_772_416_800_000)
        let tried = LookupStore.Tried(misses: 40, last: last)
        let quiet = last + 1_440 * Instant.minute
        #expect(policy.until(tried, now: quiet + -1) == last + 10_000 * Instant.minute)
        #expect(policy.until(tried, now: quiet) == nil)
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
