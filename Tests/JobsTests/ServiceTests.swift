import Foundation
import Kernel
import Logging
import ServiceLifecycle
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Jobs

/// The machine's own time: these tests let a real loop run.
private struct MachineClock: Kernel.Clock {
    private let zero = ContinuousClock.now

    var now: Instant {
        let passed = (ContinuousClock.now - zero).components
        return start + (passed.seconds * 1_000 + passed.attoseconds / 1_000_000_000_000_000)
    }
}

@Suite("the service in a server", .timeLimit(.minutes(5)))
struct ServiceTests {
    private func serve(
        _ runner: JobRunner,
        parallelMax: Int = 16,
        lookEvery: Duration = .milliseconds(20),
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        _ body: () async throws -> Void
    ) async throws {
        let service = JobService(
            runner,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            parallelMax: parallelMax,
            lookEvery: lookEvery,
            pause: pause
        )
        // A group that is told to end before it has begun does not hear it.
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        let services = ServiceGroup(
            services: [service, Beginning(begin: begin)],
            logger: Logger(label: "test")
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            for await _ in begun { break }
            do { try await body() } catch {
                group.cancelAll()
                throw error
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }

    private func until(_ condition: () -> Bool) async throws {
        for _ in 0..<18_000 {
            if condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw NeverCame()
    }

    @Test("does jobs and tells events soon after their commit, with a bound on how many at once")
    func works() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            let clock = MachineClock()
            let done = Heard()
            let now = Mutex((running: 0, most: 0))
            let runner = JobRunner(
                database: database,
                clock: clock,
                kinds: [
                    JobKind("work") { job in
                        now.withLock {
                            $0.running += 1
                            $0.most = max($0.most, $0.running)
                        }
                        try await Task.sleep(for: .milliseconds(5))
                        now.withLock { $0.running -= 1 }
                        done.note(job.key)
                        return .done
                    }
                ],
                subscribers: [
                    Subscriber("s", events: ["asked"]) { event, tx in
                        try Jobs.enqueue(kind: "work", key: event.object, payload: nil, at: start, in: tx)
                    }
                ]
            )
            let occasion = Occasion(now: start, actor: .platform("test"), request: "r")
            // It looks by itself only once an hour: what is done here is done because the bell rang.
            try await serve(runner, parallelMax: 3, lookEvery: .seconds(3_600)) {
                for number in 0..<30 {
                    try await database.write { tx in
                        try Outbox.emit(
                            "asked",
                            object: "o\(number)",
                            payload: nil,
                            occasion: occasion,
                            in: tx
                        )
                    }
                }
                try await until { done.all.count == 30 }
            }
            #expect(Set(done.all).count == 30, "\(database.engine)")
            #expect((1...3).contains(now.withLock { $0.most }), "\(database.engine)")
        }
    }

    @Test("prolongs the lease of a long job, so that it is done only once; and lets it end at a shutdown")
    func longJob() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            // Neither clock nor heartbeat moves unless the test moves it.
            let clock = ManualClock(start)
            let (beats, beat) = AsyncStream.makeStream(of: Void.self)
            let heard = Heard()
            // With nothing else on the list, the next due moment is the end of the lease.
            let looking = JobRunner(database: database, clock: clock, kinds: [], subscribers: [])
            let runner = JobRunner(
                database: database,
                clock: clock,
                kinds: [
                    JobKind("long") { job in
                        // Known before anybody hears of the beginning: from then on the lease may grow.
                        let first = try await looking.nextDue() ?? start
                        heard.note("begun \(job.attempt)")
                        while try await looking.nextDue() ?? start <= first {
                            try Task.checkCancellation()
                            await Task.yield()
                        }
                        heard.note("done \(job.attempt)")
                        return .done
                    }
                ],
                subscribers: [],
                leaseMilliseconds: 6_000
            )
            let pause: @Sendable (Duration) async throws -> Void = { _ in
                for await _ in beats { return }
                throw CancellationError()
            }
            try await serve(runner, pause: pause) {
                try await database.write { tx in
                    try Jobs.enqueue(kind: "long", key: "a", payload: nil, at: start, in: tx)
                }
                try await until { heard.all.count == 1 }
                // Past the middle of the lease: without the prolongation it would end at 6,000.
                clock.set(start + 4_000)
                beat.yield()
                try await until { heard.all.count == 2 }
            }
            beat.finish()
            #expect(heard.all == ["begun 1", "done 1"], "\(database.engine)")
            let job = try await database.read { try Jobs.find(kind: "long", key: "a", in: $0) }
            #expect(job?.state == .done)
        }
    }

    @Test("an event that takes long to hear keeps no job waiting")
    func slowEvent() async throws {
        // SQLite has one writer, whom an event holds for 20 ms at most.
        try await withDatabase(.postgres, JobsMigrations.all) { database in
            let (isDone, heard) = (DispatchSemaphore(value: 0), Heard())
            let runner = JobRunner(
                database: database,
                clock: MachineClock(),
                kinds: [
                    JobKind("work") { _ in
                        isDone.signal()
                        return .done
                    }
                ],
                subscribers: [
                    Subscriber("s", events: ["asked"]) { event, tx in
                        isDone.wait()
                        tx.afterCommit { heard.note(event.object) }
                    }
                ]
            )
            let occasion = Occasion(now: start, actor: .platform("test"), request: "r")
            try await serve(runner) {
                try await database.write { tx in
                    try Outbox.emit("asked", object: "o", payload: nil, occasion: occasion, in: tx)
                }
                try await database.write { tx in
                    try Jobs.enqueue(kind: "work", key: "k", payload: nil, at: start, in: tx)
                }
                try await until { heard.all == ["o"] }
            }
        }
    }

    @Test("jobs survive a restart, and what comes due later is found by looking")
    func restart() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            let clock = MachineClock()
            let heard = Heard()
            let runner = JobRunner(
                database: database,
                clock: clock,
                kinds: [
                    JobKind("say", retry: RetryPolicy(pauses: [30])) { job in
                        heard.note("\(job.key) \(job.attempt)")
                        guard job.attempt == 2 else { throw Broken() }
                        return .done
                    }
                ],
                subscribers: []
            )
            try await serve(runner) {}
            try await database.write { tx in
                try Jobs.enqueue(kind: "say", key: "a", payload: nil, at: clock.now + 50, in: tx)
            }
            try await serve(runner) { try await until { heard.all.count == 2 } }
            #expect(heard.all == ["a 1", "a 2"], "\(database.engine)")
        }
    }
}

private struct NeverCame: Error {}

/// Tells that its group has begun.
private struct Beginning: Service {
    let begin: AsyncStream<Void>.Continuation

    func run() async throws {
        begin.yield()
        try await gracefulShutdown()
    }
}
