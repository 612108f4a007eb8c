import Credentials
import Kernel
import Registers
import Storage
import Synchronization
import Testing

@testable import Cases

/// Tells the moments of a list one after the other, then the last one for ever.
private final class ListedClock: Clock {
    private let moments: Mutex<[Instant]>

    init(_ moments: [Instant]) { self.moments = Mutex(moments) }

    var now: Instant { moments.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] } }
}

@Suite("the moment of a decision", .serialized)
struct DecisionTimeTests {
    @Test("papers of before midnight are prepared anew: register, licence and decision bear one day")
    func midnight() async throws {
        try await GuardTown.each { town in
            let draft = try await town.start(try await town.reserve(town.data))
            try await town.sign(try await town.desk.askSignatures(draft.id, occasion: town.occasion()))
            let asked = town.occasion()
            let midnight = Instant(asked.now.date.adding(days: 1))
            let desk = town.desk
            let crossing = CaseDesk(
                database: desk.database,
                clock: ListedClock([midnight + -1, midnight + 1_000]),
                calendars: desk.calendars,
                ports: desk.ports,
                modules: Array(desk.modules.values),
                definitions: desk.definitions,
                codes: desk.codes,
                ladders: desk.ladders
            )
            let granted = try await crossing.submit(draft.id, occasion: asked)
            let code = try #require(granted.result)
            let (subject, held) = try await town.database.read { reader in
                (try RegisterStore.find(code, in: reader), try Credentials.held(by: code, in: reader))
            }
            #expect(granted.submittedAt == asked.now)
            #expect(granted.decidedAt == midnight + 1_000)
            #expect(subject?.establishedOn == midnight.date)
            #expect(!held.isEmpty && held.allSatisfy { $0.record.issuedAt.date == midnight.date })
        }
    }
}
