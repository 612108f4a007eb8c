import Deadlines
import Kernel
import Standards
import Testing

@Suite("clocks by the law")
struct ClockTests {
    private func clock(
        _ budget: String,
        _ started: String,
        pauses: [(String, String?)] = [],
        extensions: [String] = []
    ) throws -> DeadlineClock {
        try DeadlineClock(
            id: ID("c"),
            object: "case:1",
            name: "decide",
            budget: Period(budget),
            rule: "rule",
            started: #require(Instant(parsing: started)),
            pauses: pauses.map { from, to in
                DeadlineClock.Pause(
                    from: try #require(Instant(parsing: from)),
                    to: try to.map { try #require(Instant(parsing: $0)) },
                    rule: "行政许可法45"
                )
            },
            extensions: extensions.map {
                DeadlineClock.Extension(by: try Period($0), at: Instant(milliseconds: 0), rule: "r")
            }
        )
    }

    @Test(
        "due dates",
        arguments: [
            // Across the Spring Festival of 2023 with its make-up weekend.
            ("5 wd", "2023-01-19 10:00", "2023-01-31"),
            // Two months from the last of December.
            ("2 mo", "2022-12-31 09:00", "2023-02-28"), ("2 mo", "2023-12-31 09:00", "2024-02-29"),
            // The last day is a Sunday: the next working day.
            ("20 d", "2026-11-02 09:00", "2026-11-23"),
            // The last day is a holiday that lasts a week.
            ("30 d", "2025-09-01 09:00", "2025-10-09"),
            // A make-up Saturday is a working day.
            ("1 wd", "2026-10-09 17:00", "2026-10-10"),
            ("3 wd", "2026-11-20 23:59", "2026-11-25"), ("3 wd", "2026-11-21 00:00", "2026-11-25"),
            ("1 y", "2024-02-29 12:00", "2025-02-28"), ("0 wd", "2026-11-20 12:00", "2026-11-20"),
            ("45 min", "2026-11-21 23:30", "2026-11-22T00:15:00+08:00"),
            ("2 h", "2026-11-21 10:00", "2026-11-21T12:00:00+08:00"),
            // Beyond the published years.
            ("20 wd", "2026-12-15 09:00", "calendar 2027"), ("1 y", "2026-11-21 09:00", "calendar 2027"),
        ]
    )
    func due(budget: String, started: String, text: String) throws {
        let calendar = try Standards(home: Home.find()).calendar
        #expect(try clock(budget, started).due(calendar).description == text)
    }

    @Test("a pause gives its days back")
    func pauses() throws {
        let calendar = try Standards(home: Home.find()).calendar
        // Monday 2 November; three days used by Thursday; eight days stood still.
        let paused = try clock("5 wd", "2026-11-02 09:00", pauses: [("2026-11-05 15:00", "2026-11-13 10:00")])
        #expect(paused.due(calendar).description == "2026-11-17")
        let open = try clock("5 wd", "2026-11-02 09:00", pauses: [("2026-11-05 15:00", nil)])
        #expect(open.due(calendar).description == "paused 2 wd")
        #expect(open.isPaused)
        // Within one day nothing is given back.
        let short = try clock("5 wd", "2026-11-02 09:00", pauses: [("2026-11-05 09:00", "2026-11-05 17:00")])
        #expect(short.due(calendar).description == "2026-11-09")
        // Hours are given back to the millisecond.
        let hours = try clock("2 h", "2026-11-02 09:00", pauses: [("2026-11-02 10:00", "2026-11-02 10:30")])
        #expect(hours.due(calendar).description == "2026-11-02T11:30:00+08:00")
        // A pause on the last day keeps the period open until the day of resumption.
        let last = try clock("1 wd", "2026-11-02 09:00", pauses: [("2026-11-03 16:00", "2026-11-07 10:00")])
        #expect(last.due(calendar).description == "2026-11-09")
        // One that begins when the period is over changes nothing.
        let late = try clock("1 wd", "2026-11-02 09:00", pauses: [("2026-11-04 00:00", "2026-11-07 10:00")])
        #expect(late.due(calendar).description == "2026-11-03")
    }

    @Test("three working days and three more, three months and three more")
    func extensions() throws {
        let calendar = try Standards(home: Home.find()).calendar
        #expect(
            try clock("3 wd", "2026-11-18 09:00", extensions: ["3 wd"]).due(calendar).description
                == "2026-11-26"
        )
        #expect(
            try clock("3 mo", "2025-11-30 09:00", extensions: ["3 mo"]).due(calendar).description
                == "2026-06-01"
        )
        #expect(
            try clock("20 wd", "2026-09-01 09:00", extensions: ["10 wd"]).due(calendar).description
                == "2026-10-19"
        )
    }

    @Test("the day ends at 24:00")
    func midnight() throws {
        let calendar = try Standards(home: Home.find()).calendar
        let due = try clock("1 wd", "2026-11-19 09:00").due(calendar)
        #expect(due == .day(try #require(LocalDate(parsing: "2026-11-20"))))
        #expect(!due.isOver(at: try #require(Instant(parsing: "2026-11-20T23:59:59.999"))))
        #expect(due.isOver(at: try #require(Instant(parsing: "2026-11-21T00:00:00"))))
        let running = try clock("1 h", "2026-11-19 09:00").due(calendar)
        #expect(!running.isOver(at: try #require(Instant(parsing: "2026-11-19T10:00:00"))))
        #expect(running.isOver(at: try #require(Instant(parsing: "2026-11-19T10:00:00.001"))))
        #expect(
            !Due.waitsForCalendar(year: 2027, notBefore: LocalDate(dayNumber: 0)).isOver(
                at: Instant(milliseconds: .max / 2)
            )
        )
    }

    @Test(
        "rungs of a ladder",
        arguments: [
            ("3 wd", "1/3", 540, "2026-11-25 09:00"), ("20 wd", "1/3", 540, "2026-12-11 09:00"),
            ("5 wd", "-1 wd", 540, "2026-11-26 09:00"),
            ("20 d", "-7 d", 540, "2026-12-03 09:00"), ("3 wd", "+0 d", 0, "2026-11-26 00:00"),
            ("3 wd", "+1 wd", 540, "2026-11-26 09:00"),
            ("3 h", "-1 h", 0, "2026-11-20 12:00"), ("3 h", "1/3", 0, "2026-11-20 12:00"),
            ("72 h", "-24 h", 0, "2026-11-22 10:00"),
        ]
    )
    func rungs(budget: String, mark: String, minute: Int, moment: String) throws {
        let calendar = try Standards(home: Home.find()).calendar
        let clock = try clock(budget, "2026-11-20 10:00")
        let rung = WarningLadder.Rung(
            name: "r",
            mark: try WarningLadder.Mark(mark),
            minuteOfDay: minute,
            to: "handler"
        )
        let ladder = WarningLadder(name: "l", rungs: [rung])
        #expect(ladder.moment(of: rung, clock: clock, calendar: calendar)?.minuteText == moment)
        #expect(try WarningLadder(ladder.json) == ladder)
    }

    @Test("a rung that would lie before the start is left out")
    func early() throws {
        let calendar = try Standards(home: Home.find()).calendar
        let rung = WarningLadder.Rung(name: "week", mark: try WarningLadder.Mark("-7 d"), to: "applicant")
        let clock = try clock("5 d", "2026-11-20 10:00")
        #expect(
            WarningLadder(name: "l", rungs: [rung]).moment(of: rung, clock: clock, calendar: calendar) == nil
        )
    }

    @Test("the shipped ladders can be read")
    func shipped() throws {
        let ladders = try WarningLadders(home: Home.find())
        let day = try #require(LocalDate(parsing: "2026-11-21"))
        #expect(
            ladders.names.isSuperset(of: ["decision", "promise", "reservation", "signature", "task", "party"])
        )
        #expect(ladders.ladder("decision", on: day)?.rungs.map(\.name) == ["yellow", "red", "red-again"])
        #expect(ladders.ladder("decision", on: LocalDate(dayNumber: 0)) == nil)
    }
}
