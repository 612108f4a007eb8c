import Deadlines
import Kernel
import Storage
import Synchronization
import TestSupport
import Testing

@Suite("clocks that ran while the platform was closed")
struct ClosedTimeTests {
    /// Friday 20:00 to Monday 06:00.
    private func closed(_ name: String = "decide", from: String, to: String) throws -> ClosedTime {
        ClosedTime(
            from: try #require(Instant(parsing: from)),
            to: try #require(Instant(parsing: to)),
            clocks: [(name, "依据一")],
            announcement: "公告 1"
        )
    }

    @Test(
        "each gets the days or minutes back that the time took, once, with announcement and basis in its journal"
    )
    func giveBack() async throws {
        try await forEachEngine(DeadlineStoreTests.migrations) { database in
            let bench = try DeadlineStoreTests.Bench(database, "2026-11-16 10:00")
            var clocks: [String: DeadlineClock] = [:]
            let occasion = bench.occasion()
            for (budget, name) in [
                ("5 wd", "decide"), ("10 d", "decide"), ("120 h", "decide"), ("5 wd", "other"),
            ] {
                let period = try Period(budget)
                clocks["\(budget) \(name)"] = try await database.write { tx in
                    try Deadlines.start(
                        name,
                        for: "case:1",
                        budget: period,
                        rule: "条例19",
                        calendar: bench.calendar,
                        occasion: occasion,
                        in: tx
                    )
                }
            }
            bench.clock.set(try #require(Instant(parsing: "2026-11-20 20:00")))
            let noted = Mutex<[String]>([])
            let closed = try closed(from: "2026-11-20 20:00", to: "2026-11-23 06:00")
            func run() async throws -> Int {
                try await closed.giveBack(in: database, calendars: bench.shelf, occasion: bench.occasion()) {
                    clock,
                    _ in
                    noted.withLock { $0.append(clock.budget.description) }
                }
            }
            #expect(try await run() == 3)
            #expect(try await run() == 0, "an announcement moves a clock once")
            #expect(noted.withLock { $0.sorted() } == ["10 d", "120 h", "5 wd"])
            for (what, due) in [
                // Friday and Monday were touched; the weekend is no working time.
                ("5 wd decide", "2026-11-25"), ("10 d decide", "2026-11-30"), ("5 wd other", "2026-11-23"),
                // 58 hours.
                ("120 h decide", "2026-11-23T20:00:00+08:00"),
            ] {
                let id = try #require(clocks[what]).id
                let (clock, journal) = try await database.read {
                    (try Deadlines.find(id, in: $0), try Deadlines.journal(of: id, in: $0))
                }
                #expect(clock?.due(bench.calendar).description == due, "\(what)")
                if what.hasSuffix("other") { continue }
                #expect(journal.last?.kind == .extended && journal.last?.rule == "公告 1；依据一", "\(what)")
            }
            let altered = try await Deadlines.compareWithLog(in: database, max: 10).altered
            #expect(altered == [])
        }
    }

    @Test(
        "a clock that was over, has ended or is paused is left as it is, and so is one whose days are all holidays"
    )
    func left() async throws {
        try await forEachEngine(DeadlineStoreTests.migrations) { database in
            let bench = try DeadlineStoreTests.Bench(database, "2026-11-16 10:00")
            let (occasion, calendar) = (bench.occasion(), bench.calendar)
            let (short, long) = (try Period("1 d"), try Period("9 wd"))
            try await database.write { tx in
                func start(_ period: Period) throws -> ID<DeadlineClock> {
                    try Deadlines.start(
                        "decide",
                        for: "case:1",
                        budget: period,
                        rule: "r",
                        calendar: calendar,
                        occasion: occasion,
                        in: tx
                    ).id
                }
                _ = try start(short)
                _ = try Deadlines.end(try start(long), calendar: calendar, occasion: occasion, in: tx)
                _ = try Deadlines.pause(
                    try start(long),
                    rule: "r",
                    calendar: calendar,
                    occasion: occasion,
                    in: tx
                )
            }
            bench.clock.set(try #require(Instant(parsing: "2026-11-20 20:00")))
            let week = try closed(from: "2026-11-20 20:00", to: "2026-11-20 23:00")
            #expect(
                try await week.giveBack(in: database, calendars: bench.shelf, occasion: bench.occasion()) {
                    _,
                    _ in
                } == 0
            )
            try await database.write { tx in
                _ = try Deadlines.start(
                    "decide",
                    for: "case:2",
                    budget: long,
                    rule: "r",
                    calendar: calendar,
                    occasion: occasion,
                    in: tx
                )
            }
            let weekend = try closed(from: "2026-11-21 08:00", to: "2026-11-22 20:00")
            #expect(
                try await weekend.giveBack(in: database, calendars: bench.shelf, occasion: bench.occasion()) {
                    _,
                    _ in
                }
                    == 0
            )
        }
    }
}
