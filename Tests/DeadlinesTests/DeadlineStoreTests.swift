import Audit
import Deadlines
import Jobs
import Kernel
import Standards
import Storage
import Synchronization
import TestSupport
import Testing

@Suite("clocks that are kept")
struct DeadlineStoreTests {
    static let migrations = AuditMigrations.all + JobsMigrations.all + DeadlineMigrations.all

    struct Bench {
        let database: any Database
        let clock: ManualClock
        let shelf: CalendarShelf
        let entropy = SeededEntropy(seed: 5)
        let heard = Heard()

        init(_ database: any Database, _ start: String) throws {
            self.database = database
            clock = ManualClock(try #require(Instant(parsing: start)))
            shelf = CalendarShelf(base: try Standards(home: Home.find()).calendar)
        }

        var calendar: WorkingCalendar { shelf.current }

        func occasion() -> Occasion {
            Occasion(
                now: clock.now,
                actor: Actor(.staff, id: "s1", role: "registrar"),
                request: "r1",
                entropy: entropy
            )
        }

        func runner() -> JobRunner {
            let heard = heard
            return JobRunner(
                database: database,
                clock: clock,
                kinds: [
                    DeadlineTimers.kind(database: database, calendars: shelf, clock: clock, entropy: entropy),
                    Calendars.kind(database: database, calendars: shelf, clock: clock, entropy: entropy),
                ],
                subscribers: [
                    Subscriber(
                        "test",
                        events: [DeadlineTimers.warned, DeadlineTimers.due, Calendars.published]
                    ) { event, _ in
                        heard.add("\(event.at.minuteText) \(event.name) \(event.payload["rung"].text ?? "")")
                    }
                ]
            )
        }

        /// Moves to a moment through every timer on the way, in order.
        func advance(to text: String) async throws {
            let target = try #require(Instant(parsing: text))
            let runner = runner()
            try await runner.runUntilQuiet()
            while let next = try await runner.nextDue(), next <= target {
                clock.set(max(next, clock.now))
                try await runner.runUntilQuiet()
            }
            clock.set(target)
            try await runner.runUntilQuiet()
        }
    }

    final class Heard: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    static func ladder() throws -> WarningLadder {
        try WarningLadder(
            name: "decision",
            rungs: [
                WarningLadder.Rung(
                    name: "yellow",
                    mark: WarningLadder.Mark("1/3"),
                    minuteOfDay: 540,
                    to: "handler"
                ),
                WarningLadder.Rung(
                    name: "red-again",
                    mark: WarningLadder.Mark("+1 wd"),
                    minuteOfDay: 540,
                    to: "supervisor"
                ),
            ]
        )
    }

    func start(_ bench: Bench, _ budget: String, ladder: WarningLadder? = nil) async throws
        -> DeadlineClock
    {
        let occasion = bench.occasion()
        let calendar = bench.calendar
        let period = try Period(budget)
        let ladder = try ladder ?? Self.ladder()
        return try await bench.database.write { tx in
            try Deadlines.start(
                "decide",
                for: "case:1",
                budget: period,
                rule: "条例19",
                ladder: ladder,
                calendar: calendar,
                occasion: occasion,
                in: tx
            )
        }
    }

    @Test("the ladder is climbed once a rung, through an extension, and ends with the thing")
    func climbing() async throws {
        try await forEachEngine(Self.migrations) { database in
            let bench = try Bench(database, "2026-11-16 10:00")
            let clock = try await start(bench, "3 wd")
            try await bench.advance(to: "2026-11-19 12:00")
            #expect(bench.heard.all == ["2026-11-19 09:00 deadline.warned yellow"])
            let occasion = bench.occasion()
            let calendar = bench.calendar
            try await database.write { tx in
                _ = try Deadlines.extend(
                    clock.id,
                    by: Period(3, .workingDay),
                    rule: "条例19 延长",
                    calendar: calendar,
                    occasion: occasion,
                    in: tx
                )
            }
            try await bench.advance(to: "2026-11-26 10:00")
            #expect(
                bench.heard.all == [
                    "2026-11-19 09:00 deadline.warned yellow", "2026-11-25 00:00 deadline.due due",
                    "2026-11-25 09:00 deadline.warned red-again",
                ]
            )
            let later = bench.occasion()
            try await database.write { tx in
                _ = try Deadlines.end(clock.id, calendar: calendar, occasion: later, in: tx)
                _ = try Deadlines.end(clock.id, calendar: calendar, occasion: later, in: tx)
            }
            let (kept, journal, climbed) = try await database.read { reader in
                (
                    try Deadlines.find(clock.id, in: reader), try Deadlines.journal(of: clock.id, in: reader),
                    try Deadlines.climbed(clock.id, in: reader)
                )
            }
            #expect(kept?.ended != nil)
            #expect(kept?.extensions.count == 1)
            #expect(journal.map(\.kind) == [.started, .extended, .ended])
            #expect(journal.map(\.dueAfter) == ["2026-11-19", "2026-11-24", "2026-11-24"])
            #expect(journal.map(\.dueBefore) == [nil, "2026-11-19", "2026-11-24"])
            #expect(Set(climbed.keys) == ["yellow", "due", "red-again"])
        }
    }

    @Test("a paused clock warns nobody; it runs on where it stood")
    func pausing() async throws {
        try await forEachEngine(Self.migrations) { database in
            let bench = try Bench(database, "2026-11-02 10:00")
            let clock = try await start(bench, "5 wd")
            try await bench.advance(to: "2026-11-05 15:00")
            let calendar = bench.calendar
            let occasion = bench.occasion()
            try await database.write { tx in
                _ = try Deadlines.pause(
                    clock.id,
                    rule: "行政许可法45",
                    calendar: calendar,
                    occasion: occasion,
                    in: tx
                )
            }
            try await expectRefusal(.paused) {
                try await database.write { tx in
                    _ = try Deadlines.pause(
                        clock.id,
                        rule: "x",
                        calendar: calendar,
                        occasion: occasion,
                        in: tx
                    )
                }
            }
            try await bench.advance(to: "2026-11-13 10:00")
            #expect(bench.heard.all.isEmpty)
            let later = bench.occasion()
            let resumed = try await database.write { tx in
                try Deadlines.resume(clock.id, rule: "行政许可法45", calendar: calendar, occasion: later, in: tx)
            }
            #expect(resumed.due(calendar).description == "2026-11-17")
            try await expectRefusal(.notPaused) {
                try await database.write { tx in
                    _ = try Deadlines.resume(clock.id, rule: "x", calendar: calendar, occasion: later, in: tx)
                }
            }
            try await bench.advance(to: "2026-11-18 00:00")
            #expect(
                bench.heard.all == [
                    "2026-11-17 09:00 deadline.warned yellow", "2026-11-18 00:00 deadline.due due",
                ]
            )
            let over = bench.occasion()
            try await expectRefusal(.over) {
                try await database.write { tx in
                    _ = try Deadlines.extend(
                        clock.id,
                        by: Period(1, .workingDay),
                        rule: "x",
                        calendar: calendar,
                        occasion: over,
                        in: tx
                    )
                }
            }
            try await expectRefusal(.over) {
                try await database.write { tx in
                    _ = try Deadlines.pause(clock.id, rule: "x", calendar: calendar, occasion: over, in: tx)
                }
            }
        }
    }

    @Test("beyond the calendar the date waits, and publishing sets it, with a journal")
    func publishing() async throws {
        try await forEachEngine(Self.migrations) { database in
            let bench = try Bench(database, "2026-12-21 10:00")
            let waiting = try await start(bench, "20 wd")
            let near = try await start(bench, "3 wd")
            #expect(waiting.due(bench.calendar).description == "calendar 2027")
            try await bench.advance(to: "2026-12-22 10:00")
            let base = bench.shelf.current
            let occasion = bench.occasion()
            let newYear = CalendarDay(
                date: try #require(LocalDate(parsing: "2027-01-01")),
                kind: .holiday,
                name: "元旦"
            )
            try await expectRefusal(.badCalendar(year: 2028)) {
                try await database.write { tx in
                    try Calendars.publish(2028, [], source: "x", base: base, occasion: occasion, in: tx)
                }
            }
            try await database.write { tx in
                try Calendars.publish(
                    2027,
                    [newYear],
                    source: "国办发明电",
                    base: base,
                    occasion: occasion,
                    in: tx
                )
            }
            try await bench.advance(to: "2026-12-22 10:01")
            #expect(bench.shelf.current.years == 2019...2027)
            let journal = try await database.read { reader in
                try Deadlines.journal(of: waiting.id, in: reader)
            }
            #expect(journal.map(\.kind) == [.started, .projected])
            #expect(journal.last?.dueBefore == "calendar 2027")
            #expect(journal.last?.dueAfter == "2027-01-19")
            #expect(journal.last?.rule == "国办发明电")
            #expect(
                try await database.read { reader in try Deadlines.journal(of: near.id, in: reader) }.count
                    == 1
            )
            // A changed arrangement moves the date again.
            let more = CalendarDay(
                date: try #require(LocalDate(parsing: "2027-01-04")),
                kind: .holiday,
                name: "元旦"
            )
            let again = bench.occasion()
            try await database.write { tx in
                try Calendars.publish(
                    2027,
                    [newYear, more],
                    source: "更正",
                    base: base,
                    occasion: again,
                    in: tx
                )
            }
            try await bench.advance(to: "2026-12-22 10:02")
            let moved = try await database.read { reader in try Deadlines.journal(of: waiting.id, in: reader)
            }
            #expect(moved.last?.dueBefore == "2027-01-19")
            #expect(moved.last?.dueAfter == "2027-01-20")
            #expect(try await Deadlines.compareWithLog(in: database, max: 100).altered.isEmpty)
            try await database.write { tx in
                try tx.execute("DELETE FROM audit_entry WHERE object = $1", "clock:\(waiting.id)")
                try AuditLog.append(
                    "clock.started",
                    object: "clock:\(waiting.id)",
                    after: waiting.logged,
                    occasion: again,
                    in: tx
                )
            }
            #expect(try await Deadlines.compareWithLog(in: database, max: 99).altered.isEmpty, "as before")
            try await bench.advance(to: "2027-01-21 00:00")
            #expect(bench.heard.all.contains("2027-01-21 00:00 deadline.due due"))
        }
    }

    @Test("an extension of another family is refused, and an unknown clock")
    func refusals() async throws {
        try await forEachEngine(Self.migrations) { database in
            let bench = try Bench(database, "2026-11-02 10:00")
            let clock = try await start(bench, "5 wd")
            let calendar = bench.calendar
            let occasion = bench.occasion()
            try await expectRefusal(.mixedUnits(budget: "5 wd", extension: "3 d")) {
                try await database.write { tx in
                    _ = try Deadlines.extend(
                        clock.id,
                        by: Period(3, .day),
                        rule: "x",
                        calendar: calendar,
                        occasion: occasion,
                        in: tx
                    )
                }
            }
            try await expectRefusal(.unknown) {
                try await database.write { tx in
                    _ = try Deadlines.end(ID("none"), calendar: calendar, occasion: occasion, in: tx)
                }
            }
            try await database.write { tx in
                try Deadlines.endAll(of: "case:1", calendar: calendar, occasion: occasion, in: tx)
            }
            try await expectRefusal(.ended) {
                try await database.write { tx in
                    _ = try Deadlines.pause(
                        clock.id,
                        rule: "x",
                        calendar: calendar,
                        occasion: occasion,
                        in: tx
                    )
                }
            }
        }
    }

    func expectRefusal(
        _ refusal: DeadlineError,
        at location: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async throws {
        await #expect(throws: refusal, sourceLocation: location) { try await body() }
    }
}
