import Audit
import Jobs
import Kernel
import Storage
import Synchronization
import TestSupport
import Testing

@Suite("what came to nothing")
struct DeadLetterTests {
    private let occasion = Occasion(
        now: start,
        actor: Actor(.staff, id: "s1", role: "system-admin"),
        request: "r1"
    )

    @Test("is listed with its reason, and started again one by one or a kind at a time, each in the log")
    func revived() async throws {
        try await forEachEngine(AuditMigrations.all + JobsMigrations.all) { database in
            let fails = Switch()
            let done = Switch()
            let runner = JobRunner(
                database: database,
                clock: ManualClock(start),
                kinds: ["say", "sing"].map { name in
                    JobKind(name, retry: .never) { job in
                        if fails.isOn { throw JobError.badKey }
                        done.note("\(name) \(job.key)")
                        return .done
                    }
                },
                subscribers: [
                    Subscriber("s", events: ["x"], retry: .never) { event, tx in
                        if fails.isOn { throw JobError.payloadTooLarge }
                        tx.afterCommit { done.note(event.object) }
                    }
                ]
            )
            fails.set(true)
            try await database.write { tx in
                for (kind, key) in [("say", "a"), ("say", "b"), ("sing", "a")] {
                    try Jobs.enqueue(kind: kind, key: key, payload: nil, at: start, in: tx)
                }
                for object in ["o1", "o2"] {
                    try Outbox.emit("x", object: object, payload: nil, occasion: occasion, in: tx)
                }
            }
            try await runner.runUntilQuiet()
            let dead = try await database.read { try DeadLetters.all(countMax: 10, in: $0) }
            #expect(dead.map(\.what) == [.job, .job, .job, .delivery, .delivery])
            #expect(dead.map(\.kind) == ["say", "say", "sing", "s", "s"], "\(database.engine)")
            #expect(dead.map(\.why).prefix(4).last == "job.payload-too-large")
            #expect(dead.first?.why == "job.bad-key" && dead.first?.attempts == 1)
            #expect(dead.last?.object == "o2" && dead.last?.key == "2")
            #expect(try await database.read { try DeadLetters.all(countMax: 2, in: $0) }.count == 2)
            fails.set(false)
            try await database.write { tx in
                try DeadLetters.revive(.job, kind: "say", key: "b", occasion: occasion, in: tx)
                try DeadLetters.revive(.delivery, kind: "s", key: "1", occasion: occasion, in: tx)
            }
            try await runner.runUntilQuiet()
            #expect(Set(done.all) == ["say b", "o1"])
            for (what, kind, key) in [
                (DeadLetter.What.job, "say", "b"), (.delivery, "s", "1"), (.delivery, "s", "x"),
            ] {
                await #expect(throws: JobError.notDead) {
                    try await database.write {
                        try DeadLetters.revive(what, kind: kind, key: key, occasion: occasion, in: $0)
                    }
                }
            }
            let counts = try await database.write { tx in
                [
                    try DeadLetters.reviveAll(.job, kind: "say", occasion: occasion, in: tx),
                    try DeadLetters.reviveAll(.delivery, kind: "s", occasion: occasion, in: tx),
                ]
            }
            #expect(counts == [1, 1])
            await #expect(throws: JobError.noneDead(kind: "say", kinds: ["sing"])) {
                try await database.write {
                    try DeadLetters.reviveAll(.job, kind: "say", occasion: occasion, in: $0)
                }
            }
            try await runner.runUntilQuiet()
            #expect(Set(done.all) == ["say b", "o1", "say a", "o2"], "\(database.engine)")
            let left = try await database.read { try DeadLetters.all(countMax: 10, in: $0) }
            #expect(left.map(\.kind) == ["sing"])
            let acts = try await database.read { try AuditLog.history(of: "job:say", in: $0).map(\.act) }
            #expect(acts == ["job.revived", "job.revived"])
        }
    }

    private final class Switch: Sendable {
        private let state = Mutex((isOn: false, notes: [String]()))
        var isOn: Bool { state.withLock { $0.isOn } }
        var all: [String] { state.withLock { $0.notes } }
        func set(_ isOn: Bool) { state.withLock { $0.isOn = isOn } }
        func note(_ text: String) { state.withLock { $0.notes.append(text) } }
    }
}
