import Kernel
import Storage
import TestSupport
import Testing

@testable import Jobs

@Suite("how long telling holds the writer")
struct HoldTests {
    @Test("a batch ends with the event over which its time passes, and goes on from the next one")
    func ends() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            let heard = Heard()
            let occasion = Occasion(now: start, actor: .platform("test"), request: "r1")
            var dispatcher = Dispatcher(
                database: database,
                clock: ManualClock(start),
                subscribers: [Subscriber("slow", events: ["a"]) { event, _ in heard.note(event.object) }]
            )
            func emit(_ objects: [String]) async throws {
                try await database.write { tx in
                    for object in objects {
                        try Outbox.emit("a", object: object, payload: nil, occasion: occasion, in: tx)
                    }
                }
            }
            try await emit(["1", "2", "3"])
            dispatcher.holdMax = .zero
            for told in 1...3 {
                #expect(try await dispatcher.round().isBusy)
                #expect(heard.all == Array(["1", "2", "3"].prefix(told)))
            }
            #expect(try await dispatcher.round().isBusy == false)
            try await emit(["4", "5", "6"])
            dispatcher.holdMax = .seconds(1_000)
            #expect(try await dispatcher.round().isBusy)
            #expect(heard.all == ["1", "2", "3", "4", "5", "6"])
        }
    }
}
