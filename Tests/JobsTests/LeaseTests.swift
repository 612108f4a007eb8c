import Kernel
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Jobs

@Suite("leases, with several nodes on one database")
struct LeaseTests {
    private func runner(_ database: any Database, _ clock: ManualClock, _ kind: JobKind) -> JobRunner {
        JobRunner(database: database, clock: clock, kinds: [kind], subscribers: [], leaseMilliseconds: 1_000)
    }

    @Test(
        "a job whose node died is taken over when its lease has run out, and what the dead node says then is ignored"
    )
    func takenOver() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            let clock = ManualClock(start)
            let heard = Heard()
            let kind = JobKind("say") { job in
                heard.note("\(job.attempt) \(job.why ?? "-")")
                return .done
            }
            let (first, second) = (runner(database, clock, kind), runner(database, clock, kind))
            try await database.write {
                try Jobs.enqueue(kind: "say", key: "a", payload: nil, at: start, in: $0)
            }
            let dead = try #require(try await first.claim(countMax: 1).first)
            try await second.runUntilQuiet()
            #expect(heard.all.isEmpty)
            #expect(try await second.nextDue() == start + 1_000)
            clock.set(start + 900)
            #expect(try await first.prolong(dead))
            clock.set(start + 1_100)
            try await second.runUntilQuiet()
            #expect(heard.all.isEmpty)
            clock.set(start + 1_900)
            try await second.runUntilQuiet()
            #expect(heard.all == ["2 job.lease-lost"], "\(database.engine)")
            #expect(try await first.prolong(dead) == false)
            try await first.attempt(dead)
            let job = try await database.read { try Jobs.find(kind: "say", key: "a", in: $0) }
            #expect(job?.state == .done && job?.attempt == 2)
        }
    }

    @Test("a job that takes its node down each time ends as dead")
    func poison() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            let clock = ManualClock(start)
            let kind = JobKind("say", retry: RetryPolicy(pauses: [1, 1])) { _ in
                Issue.record("it ran again")
                return .done
            }
            let runner = runner(database, clock, kind)
            try await database.write {
                try Jobs.enqueue(kind: "say", key: "a", payload: nil, at: start, in: $0)
            }
            for round in 0..<3 {
                clock.set(start + Int64(round) * 1_000)
                #expect(try await runner.claim(countMax: 1).count == 1)
            }
            clock.set(start + 3_000)
            try await runner.runUntilQuiet()
            let dead = try await database.read { try Jobs.dead(in: $0) }
            #expect(dead.map(\.why) == ["job.lease-lost"], "\(database.engine)")
        }
    }

    @Test("what is cancelled while it runs stays cancelled")
    func cancelledMeanwhile() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            let runner = runner(
                database,
                ManualClock(start),
                JobKind("say") { _ in
                    try await database.write { try Jobs.cancel(kind: "say", key: "a", in: $0) }
                    return .again(at: start + 5, why: "later")
                }
            )
            try await database.write {
                try Jobs.enqueue(kind: "say", key: "a", payload: nil, at: start, in: $0)
            }
            try await runner.runUntilQuiet()
            #expect(try await runner.nextDue() == nil)
            let job = try await database.read { try Jobs.find(kind: "say", key: "a", in: $0) }
            #expect(job?.state == .cancelled)
        }
    }

    @Test("six nodes share 200 jobs and 100 events: each is done once")
    func shared() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            let clock = ManualClock(start)
            let heard = Heard()
            let occasion = Occasion(now: start, actor: .platform("test"), request: "r")
            for hundred in 0..<2 {
                try await database.write { tx in
                    for number in 0..<100 {
                        try Jobs.enqueue(
                            kind: "say",
                            key: "\(hundred)-\(number)",
                            payload: nil,
                            at: start,
                            in: tx
                        )
                    }
                    for number in 0..<50 {
                        try Outbox.emit("x", object: "o", payload: JSON(number), occasion: occasion, in: tx)
                    }
                }
            }
            let runners = (0..<6).map { _ in
                JobRunner(
                    database: database,
                    clock: clock,
                    kinds: [
                        JobKind("say") { job in
                            heard.note(job.key)
                            return .done
                        }
                    ],
                    subscribers: [
                        Subscriber("s", events: ["x"]) { event, tx in
                            // Nodes come back from their commits in any order; what they commit has one.
                            try Outbox.emit(
                                "told",
                                object: "o",
                                payload: JSON(event.sequence),
                                occasion: occasion,
                                in: tx
                            )
                        }
                    ]
                )
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for runner in runners { group.addTask { try await runner.runUntilQuiet() } }
                try await group.waitForAll()
            }
            // A node that found everything taken may have left while another was still at it.
            try await runners[0].runUntilQuiet()
            #expect(heard.all.count == 200 && Set(heard.all).count == 200, "\(database.engine)")
            let told = try await database.read { try Outbox.events(after: 0, countMax: 1_000, in: $0) }
                .filter { $0.name == "told" }
            #expect(told.map(\.payload.int) == (1...100).map { Int64($0) }, "\(database.engine)")
        }
    }
}
