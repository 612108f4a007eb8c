import Jobs
import Kernel
import Storage
import Synchronization
import TestSupport
import Testing

@Suite("events")
struct OutboxTests {
    static let migrations =
        JobsMigrations.all + [
            Migration(
                "heard",
                1,
                """
                CREATE TABLE heard_note (place BIGINT PRIMARY KEY, subscriber TEXT NOT NULL, sequence BIGINT NOT NULL)
                """
            )
        ]
    let occasion = Occasion(now: start, actor: Actor(.staff, id: "s1", role: "registrar"), request: "r1")

    private func emit(_ name: String, _ object: String, in tx: any Transaction) throws {
        try Outbox.emit(name, object: object, payload: ["of": .string(object)], occasion: occasion, in: tx)
    }

    private func subscriber(
        _ name: String,
        _ events: Set<String>,
        retry: RetryPolicy = .standard,
        failing: @escaping @Sendable (Event) -> Bool = { _ in false }
    ) -> Subscriber {
        Subscriber(name, events: events, retry: retry) { event, tx in
            try tx.execute(
                """
                INSERT INTO heard_note (place, subscriber, sequence)
                VALUES ((SELECT COALESCE(MAX(place), 0) + 1 FROM heard_note), $1, $2)
                """,
                name,
                event.sequence
            )
            if failing(event) { throw Broken() }
        }
    }

    private func heard(_ name: String, in database: any Database) async throws -> [Int64] {
        try await database.read { reader in
            try reader.query("SELECT sequence FROM heard_note WHERE subscriber = $1 ORDER BY place", name)
                .map { try $0.integer(0) }
        }
    }

    @Test("are told once, in order, to those who asked for them; also to one who comes later")
    func told() async throws {
        try await forEachEngine(Self.migrations) { database in
            let clock = ManualClock(start)
            let first = JobRunner(
                database: database,
                clock: clock,
                kinds: [],
                subscribers: [subscriber("all", ["a", "b"]), subscriber("only-b", ["b"])]
            )
            for round in 0..<50 {
                try await database.write { tx in
                    try emit(round % 2 == 0 ? "a" : "b", "o\(round)", in: tx)
                    try emit("b", "o\(round)", in: tx)
                    try emit("nobody-asks", "o\(round)", in: tx)
                }
            }
            #expect(try await first.nextDue() == start)
            try await first.runUntilQuiet()
            #expect(try await first.nextDue() == nil)
            try await first.runUntilQuiet()
            let events = try await database.read { try Outbox.events(after: 0, countMax: 1_000, in: $0) }
            #expect(events.map(\.sequence) == Array(1...150))
            #expect(events.prefix(3).map(\.name) == ["a", "b", "nobody-asks"])
            #expect(events[0].actor == occasion.actor && events[0].request == "r1" && events[0].at == start)
            #expect(events[4].payload == ["of": "o1"])
            let wanted = events.filter { ["a", "b"].contains($0.name) }.map(\.sequence)
            #expect(try await heard("all", in: database) == wanted, "\(database.engine)")
            #expect(
                try await heard("only-b", in: database) == events.filter { $0.name == "b" }.map(\.sequence)
            )
            let later = JobRunner(
                database: database,
                clock: clock,
                kinds: [],
                subscribers: [subscriber("later", ["a"])]
            )
            try await later.runUntilQuiet()
            let heardLater = try await heard("later", in: database)
            #expect(heardLater == events.filter { $0.name == "a" }.map(\.sequence), "\(database.engine)")
        }
    }

    @Test("many writers at once: the sequence has no gap, and a transaction's events keep their order")
    func sequence() async throws {
        try await forEachEngine(Self.migrations) { database in
            let runner = JobRunner(database: database, clock: ManualClock(start), kinds: [], subscribers: [])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<20 {
                    group.addTask {
                        for round in 0..<5 {
                            try? await database.write { tx in
                                for part in ["a", "b", "c"] { try emit(part, "\(task)-\(round)", in: tx) }
                                if round == 3 { throw Broken() }
                            }
                        }
                    }
                }
                group.addTask { for _ in 0..<20 { try await runner.runUntilQuiet() } }
                try await group.waitForAll()
            }
            try await runner.runUntilQuiet()
            let events = try await database.read { try Outbox.events(after: 0, countMax: 1_000, in: $0) }
            #expect(events.map(\.sequence) == Array(1...240), "\(database.engine)")
            for (_, ofOne) in Dictionary(grouping: events, by: \.object) {
                #expect(ofOne.map(\.name) == ["a", "b", "c"], "\(database.engine)")
            }
        }
    }

    @Test("has its number with its transaction where one writes at a time, unless older ones wait for theirs")
    func numbered() async throws {
        try await forEachEngine(Self.migrations) { database in
            let runner = JobRunner(database: database, clock: ManualClock(start), kinds: [], subscribers: [])
            func listed() async throws -> [String] {
                try await database.read {
                    try Outbox.events(after: 0, in: $0).map { "\($0.sequence) \($0.name)" }
                }
            }
            try await database.write { tx in
                try emit("a", "x", in: tx)
                try emit("b", "x", in: tx)
            }
            await #expect(throws: Broken.self) {
                try await database.write { tx in
                    try emit("undone", "x", in: tx)
                    throw Broken()
                }
            }
            #expect(try await listed() == (database.engine == .sqlite ? ["1 a", "2 b"] : []))
            try await runner.runUntilQuiet()
            // As a program leaves it that was killed before it gave numbers.
            try await database.write { tx in
                try emit("c", "x", in: tx)
                try tx.execute("UPDATE jobs_event SET sequence = NULL WHERE name = 'c'")
                try tx.execute("UPDATE jobs_head SET sequence = 2")
            }
            try await database.write { try emit("d", "x", in: $0) }
            #expect(try await listed() == ["1 a", "2 b"], "\(database.engine)")
            try await runner.runUntilQuiet()
            #expect(try await listed() == ["1 a", "2 b", "3 c", "4 d"], "\(database.engine)")
        }
    }

    @Test("one that fails is undone and retried, holds back later ones of its object, and no others")
    func failing() async throws {
        try await forEachEngine(Self.migrations) { database in
            let clock = ManualClock(start)
            let fails = Mutex(true)
            let runner = JobRunner(
                database: database,
                clock: clock,
                kinds: [],
                subscribers: [
                    subscriber("s", ["a"], retry: RetryPolicy(pauses: [100, 1_000])) { event in
                        event.sequence == 2 && fails.withLock { $0 }
                    },
                    subscriber("t", ["a"]),
                ]
            )
            // 1: x, 2: y (fails), 3: x, 4: y (waits), 5: z
            for object in ["x", "y", "x", "y", "z"] {
                try await database.write { try emit("a", object, in: $0) }
            }
            try await runner.runUntilQuiet()
            #expect(try await heard("s", in: database) == [1, 3, 5], "\(database.engine)")
            #expect(try await heard("t", in: database) == [1, 2, 3, 4, 5], "\(database.engine)")
            #expect(try await runner.nextDue() == start + 100)
            clock.set(start + 100)
            try await runner.runUntilQuiet()
            #expect(try await heard("s", in: database) == [1, 3, 5])
            #expect(try await runner.nextDue() == start + 1_100)
            fails.withLock { $0 = false }
            clock.set(start + 1_100)
            try await runner.runUntilQuiet()
            #expect(try await heard("s", in: database) == [1, 3, 5, 2, 4], "\(database.engine)")
            #expect(try await runner.nextDue() == nil)
        }
    }

    @Test("after the last retry it is dead and listed, its object's later ones go on, and it can be revived")
    func dead() async throws {
        try await forEachEngine(Self.migrations) { database in
            let clock = ManualClock(start)
            let fails = Mutex(true)
            let runner = JobRunner(
                database: database,
                clock: clock,
                kinds: [],
                subscribers: [
                    subscriber("s", ["a"], retry: RetryPolicy(pauses: [100])) { event in
                        event.sequence == 1 && fails.withLock { $0 }
                    }
                ]
            )
            for _ in 0..<3 { try await database.write { try emit("a", "x", in: $0) } }
            try await run(runner, clock)
            #expect(try await heard("s", in: database) == [2, 3], "\(database.engine)")
            let dead = try await database.read { try Outbox.dead(in: $0) }
            #expect(
                dead.map(\.subscriber) == ["s"] && dead.map(\.sequence) == [1] && dead.map(\.object) == ["x"]
            )
            #expect(dead.map(\.attempts) == [2] && dead.map(\.why) == ["test.broken"])
            fails.withLock { $0 = false }
            try await database.write {
                try Outbox.revive(subscriber: "s", sequence: 1, at: clock.now, in: $0)
            }
            try await run(runner, clock)
            #expect(try await heard("s", in: database) == [2, 3, 1])
            await #expect(throws: JobError.notDead) {
                try await database.write {
                    try Outbox.revive(subscriber: "s", sequence: 1, at: start, in: $0)
                }
            }
        }
    }

    @Test(
        "one that ends each time by the database's fault, as it seems, holds up nobody and is dead in the end",
        arguments: [StorageError.tooLong("test"), .unavailable("test"), .damaged("test")]
    )
    func poison(error: StorageError) async throws {
        try await forEachEngine(Self.migrations) { database in
            let clock = ManualClock(start)
            let done = Heard()
            let runner = JobRunner(
                database: database,
                clock: clock,
                kinds: [
                    JobKind("work") { job in
                        done.note(job.key)
                        return .done
                    }
                ],
                subscribers: [
                    Subscriber("first", events: ["a"], retry: RetryPolicy(pauses: [100])) { event, _ in
                        if event.object == "poison" { throw error }
                    }, subscriber("second", ["a"]),
                ]
            )
            try await database.write { tx in
                for object in ["x", "poison", "y"] { try emit("a", object, in: tx) }
                try Jobs.enqueue(kind: "work", key: "k", payload: nil, at: start, in: tx)
            }
            try await runner.runUntilQuiet()
            #expect(try await heard("second", in: database) == [1, 2, 3], "\(database.engine)")
            #expect(done.all == ["k"], "\(database.engine)")
            #expect(try await runner.nextDue() == start + 100)
            try await run(runner, clock)
            let dead = try await database.read { try Outbox.dead(in: $0) }
            #expect(dead.map(\.sequence) == [2] && dead.map(\.why) == [error.code], "\(database.engine)")
        }
    }

    @Test("when all the room is gone nobody's attempt is counted, and nothing is left out")
    func outage() async throws {
        try await forEachEngine(Self.migrations) { database in
            let isFull = Mutex(true)
            let runner = JobRunner(
                database: database,
                clock: ManualClock(start),
                kinds: [],
                subscribers: [
                    Subscriber("s", events: ["a"], retry: .never) { _, _ in
                        if isFull.withLock({ $0 }) { throw StorageError.full }
                    }
                ]
            )
            try await database.write { try emit("a", "x", in: $0) }
            for _ in 0..<3 {
                await #expect(throws: StorageError.full) { try await runner.runUntilQuiet() }
            }
            isFull.withLock { $0 = false }
            try await runner.runUntilQuiet()
            #expect(try await database.read { try Outbox.dead(in: $0) }.isEmpty)
            #expect(try await runner.nextDue() == nil)
        }
    }

    @Test("an event that brings about another event and a job is followed to the end")
    func chain() async throws {
        try await forEachEngine(Self.migrations) { database in
            let done = Heard()
            let occasion = occasion
            let runner = JobRunner(
                database: database,
                clock: ManualClock(start),
                kinds: [
                    JobKind("tell") { job in
                        done.note(job.key)
                        return .done
                    }
                ],
                subscribers: [
                    Subscriber("first", events: ["a"]) { event, tx in
                        try Outbox.emit("b", object: event.object, payload: nil, occasion: occasion, in: tx)
                    },
                    Subscriber("second", events: ["b"]) { event, tx in
                        try Jobs.enqueue(kind: "tell", key: event.object, payload: nil, at: start, in: tx)
                    },
                ]
            )
            try await database.write { try emit("a", "x", in: $0) }
            try await runner.runUntilQuiet()
            #expect(done.all == ["x"], "\(database.engine)")
        }
    }
}
