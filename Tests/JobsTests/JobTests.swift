import Jobs
import Kernel
import Storage
import Synchronization
import TestSupport
import Testing

let start = Instant(milliseconds: 1_795_000_000_000)

/// What was done, in order.
final class Heard: Sendable {
    private let notes = Mutex<[String]>([])

    func note(_ text: String) { notes.withLock { $0.append(text) } }

    var all: [String] { notes.withLock { $0 } }
}

struct Broken: Refusal {
    var code: String { "test.broken" }
    var status: RefusalStatus { .unavailable }
}

struct Secret: Error { let name = "张三" }

@Suite("jobs")
struct JobTests {
    @Test("what is due runs once and in order; what is not due waits for its moment")
    func due() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            let clock = ManualClock(start)
            let heard = Heard()
            let runner = JobRunner(
                database: database,
                clock: clock,
                kinds: [
                    JobKind("say") { job in
                        heard.note("\(job.key) \(job.payload["word"].text ?? "?") \(job.attempt)")
                        return .done
                    }
                ],
                subscribers: []
            )
            try await database.write { tx in
                for (key, after) in [("z", 0), ("late", 5_000), ("a", 0), ("early", -5)] as [(String, Int64)]
                {
                    try Jobs.enqueue(
                        kind: "say",
                        key: key,
                        payload: ["word": "hm"],
                        at: start + after,
                        in: tx
                    )
                }
                try Jobs.enqueue(kind: "say", key: "a", payload: ["word": "again"], at: start + -99, in: tx)
            }
            #expect(try await runner.nextDue() == start + -5)
            try await runner.runUntilQuiet()
            #expect(heard.all == ["early hm 1", "z hm 1", "a hm 1"], "\(database.engine)")
            #expect(try await runner.nextDue() == start + 5_000)
            clock.set(start + 5_000)
            try await runner.runUntilQuiet()
            try await runner.runUntilQuiet()
            #expect(heard.all.count == 4)
            #expect(try await runner.nextDue() == nil)
            let job = try await database.read { try Jobs.find(kind: "say", key: "late", in: $0) }
            #expect(job?.state == .done)
        }
    }

    @Test("a job written in a transaction that is undone is never run")
    func undone() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            let runner = JobRunner(
                database: database,
                clock: ManualClock(start),
                kinds: [
                    JobKind("say") { _ in
                        Issue.record("it ran")
                        return .done
                    }
                ],
                subscribers: []
            )
            try? await database.write { tx in
                try Jobs.enqueue(kind: "say", key: "a", payload: nil, at: start, in: tx)
                throw Broken()
            }
            try await runner.runUntilQuiet()
            #expect(try await runner.nextDue() == nil)
        }
    }

    @Test(
        "failures are retried after growing pauses; after the last one the job is dead, listed, and can be revived"
    )
    func retries() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            let clock = ManualClock(start)
            let heard = Heard()
            let works = Mutex(false)
            let runner = JobRunner(
                database: database,
                clock: clock,
                kinds: [
                    JobKind("say", retry: RetryPolicy(pauses: [10, 100, 1_000])) { job in
                        heard.note("\(clock.now - start) \(job.attempt) \(job.why ?? "-")")
                        guard works.withLock({ $0 }) else { throw Broken() }
                        return .done
                    }
                ],
                subscribers: []
            )
            try await database.write {
                try Jobs.enqueue(kind: "say", key: "a", payload: nil, at: start, in: $0)
            }
            try await run(runner, clock)
            #expect(
                heard.all == ["0 1 -", "10 2 test.broken", "110 3 test.broken", "1110 4 test.broken"],
                "\(database.engine)"
            )
            let dead = try await database.read { try Jobs.dead(in: $0) }
            #expect(dead.map(\.key) == ["a"] && dead.first?.why == "test.broken" && dead.first?.attempt == 4)
            works.withLock { $0 = true }
            try await database.write { try Jobs.revive(kind: "say", key: "a", at: clock.now, in: $0) }
            try await run(runner, clock)
            #expect(heard.all.last == "1110 1 test.broken")
            let left = try await database.read { try Jobs.dead(in: $0) }
            #expect(left.isEmpty)
            await #expect(throws: JobError.notDead) {
                try await database.write { try Jobs.revive(kind: "say", key: "a", at: start, in: $0) }
            }
        }
    }

    @Test("a job may ask to come again, which is no failure, and never in the same moment")
    func again() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            let clock = ManualClock(start)
            let heard = Heard()
            let runner = JobRunner(
                database: database,
                clock: clock,
                kinds: [
                    JobKind("ask", retry: .never) { job in
                        heard.note("\(clock.now - start) \(job.attempt)")
                        let passed = clock.now - start
                        return passed >= 20
                            ? .done : .again(at: passed == 0 ? start : clock.now + 20, why: "down")
                    }
                ],
                subscribers: []
            )
            try await database.write {
                try Jobs.enqueue(kind: "ask", key: "a", payload: nil, at: start, in: $0)
            }
            try await run(runner, clock)
            #expect(heard.all == ["0 1", "1 1", "21 1"], "\(database.engine)")
        }
    }

    @Test("a cancelled job does not run; enqueued again it does, with the new payload")
    func cancelled() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            let clock = ManualClock(start)
            let heard = Heard()
            let runner = JobRunner(
                database: database,
                clock: clock,
                kinds: [
                    JobKind("say") { job in
                        heard.note(job.payload.text ?? "?")
                        return .done
                    }
                ],
                subscribers: []
            )
            try await database.write { tx in
                try Jobs.enqueue(kind: "say", key: "a", payload: "old", at: start, in: tx)
                try Jobs.cancel(kind: "say", key: "a", in: tx)
                try Jobs.cancel(kind: "say", key: "not there", in: tx)
            }
            try await runner.runUntilQuiet()
            #expect(heard.all.isEmpty)
            try await database.write {
                try Jobs.enqueue(kind: "say", key: "a", payload: "new", at: start, in: $0)
            }
            try await runner.runUntilQuiet()
            try await database.write { tx in
                try Jobs.cancel(kind: "say", key: "a", in: tx)
                try Jobs.enqueue(kind: "say", key: "a", payload: "third", at: start, in: tx)
            }
            try await runner.runUntilQuiet()
            #expect(heard.all == ["new"], "\(database.engine)")
        }
    }

    @Test("an error's text is not kept, only its kind")
    func noPersonalText() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            let runner = JobRunner(
                database: database,
                clock: ManualClock(start),
                kinds: [JobKind("say", retry: .never) { _ in throw Secret() }],
                subscribers: []
            )
            try await database.write { tx in
                try Jobs.enqueue(kind: "say", key: "a", payload: nil, at: start, in: tx)
                try Jobs.enqueue(kind: "unknown", key: "b", payload: nil, at: start, in: tx)
            }
            try await runner.runUntilQuiet()
            let dead = try await database.read { try Jobs.dead(in: $0) }
            #expect(dead.map(\.why) == ["JobsTests.Secret"])
            let waiting = try await database.read { try Jobs.find(kind: "unknown", key: "b", in: $0) }
            #expect(waiting?.state == .waiting && waiting?.why == "job.unknown-kind")
        }
    }

    @Test("a job that brings others about is run to the end; one that never ends is found out")
    func chain() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            let heard = Heard()
            let runner = JobRunner(
                database: database,
                clock: ManualClock(start),
                kinds: [
                    JobKind("count") { job in
                        heard.note(job.key)
                        let number = Int(job.key) ?? 0
                        guard number < 5 else { return .done }
                        try await database.write { tx in
                            try Jobs.enqueue(
                                kind: "count",
                                key: "\(number + 1)",
                                payload: nil,
                                at: start,
                                in: tx
                            )
                        }
                        return .done
                    }
                ],
                subscribers: []
            )
            try await database.write {
                try Jobs.enqueue(kind: "count", key: "1", payload: nil, at: start, in: $0)
            }
            try await runner.runUntilQuiet()
            #expect(heard.all == ["1", "2", "3", "4", "5"], "\(database.engine)")
        }
    }

    @Test(
        "keys and payloads have bounds",
        arguments: [
            ("", JobError.badKey, 0), (String(repeating: "k", count: 401), .badKey, 0),
            ("k", .payloadTooLarge, 1_048_576),
        ]
    )
    func bounds(key: String, refusal: JobError, size: Int) async throws {
        try await withDatabase(.sqlite, JobsMigrations.all) { database in
            await #expect(throws: refusal) {
                try await database.write { tx in
                    let payload = JSON.string(String(repeating: "p", count: size))
                    try Jobs.enqueue(kind: "say", key: key, payload: payload, at: start, in: tx)
                }
            }
        }
    }

    @Test("pauses grow by a factor up to the longest")
    func policy() {
        let policy = RetryPolicy(attempts: 5, first: 10, factor: 3, longest: 100)
        #expect(policy.pauses == [10, 30, 90, 100])
        #expect((1...5).map { policy.pause(after: $0) } == [10, 30, 90, 100, nil])
        #expect(RetryPolicy(attempts: 1, first: 10, factor: 3, longest: 100) == .never)
        #expect(RetryPolicy.standard.pauses.count == 9)
    }
}

/// Lets the clock jump from one due moment to the next until nothing is due any more.
func run(_ runner: JobRunner, _ clock: ManualClock) async throws {
    try await runner.runUntilQuiet()
    while let due = try await runner.nextDue() {
        clock.set(max(due, clock.now))
        try await runner.runUntilQuiet()
    }
}
