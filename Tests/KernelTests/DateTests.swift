import Kernel
import Testing

@Suite("days and moments")
struct DateTests {
    @Test(
        "days that do not exist are refused",
        arguments: [
            "2025-02-29", "1900-02-29", "2023-13-01", "2023-00-10", "2023-04-31", "2023-01-00", "0000-01-01",
            "2023-1-1", "20230101", "2023-01-01 ", "２０２３-01-01", "2023/01/01", "",
        ]
    )
    func refuses(text: String) { #expect(LocalDate(parsing: text) == nil) }

    @Test("a moment beyond all reckoning stands for the farthest day", arguments: [Int64.min, .max])
    func farthest(milliseconds: Int64) {
        let moment = Instant(milliseconds: milliseconds)
        #expect(abs(moment.date.dayNumber) == 100_000_000)
        #expect(!moment.minuteText.isEmpty && (0..<Instant.day).contains(moment.timeOfDay))
    }

    @Test("every day of four centuries has its number, weekday and text")
    func everyDay() {
        var year = 1_899
        var month = 12
        var day = 31
        let start = -25_568
        for number in start..<(start + 146_097) {
            let date = LocalDate(dayNumber: number)
            if date.year != year || date.month != month || date.day != day {
                Issue.record("day \(number) is \(date), not \(year)-\(month)-\(day)")
                return
            }
            if LocalDate(parsing: date.description) != date { Issue.record("\(date) does not read back") }
            day += 1
            if day > LocalDate.length(ofMonth: month, in: year) { (day, month) = (1, month + 1) }
            if month > 12 { (month, year) = (1, year + 1) }
        }
    }

    @Test(
        "weekdays",
        arguments: [("1970-01-01", 4), ("2026-11-21", 6), ("2000-02-29", 2), ("1969-12-28", 7)]
    )
    func weekdays(text: String, weekday: Int) throws {
        #expect(try #require(LocalDate(parsing: text)).weekday == weekday)
    }

    @Test(
        "months end on the same day number or the month's last",
        arguments: [
            ("2022-12-31", 2, "2023-02-28"), ("2023-12-31", 2, "2024-02-29"),
            ("2024-02-29", 12, "2025-02-28"),
            ("2024-02-29", 60, "2029-02-28"), ("2023-01-31", 1, "2023-02-28"),
            ("2023-03-31", -1, "2023-02-28"),
            ("2023-01-15", 0, "2023-01-15"), ("2023-11-30", 3, "2024-02-29"),
        ]
    )
    func months(from: String, months: Int, to: String) throws {
        #expect(try #require(LocalDate(parsing: from)).adding(months: months).description == to)
    }

    @Test(
        "age is reached on the birthday",
        arguments: [
            ("2008-11-21", "2026-11-20", 17), ("2008-11-21", "2026-11-21", 18),
            ("2008-02-29", "2026-02-28", 17),
            ("2008-02-29", "2026-03-01", 18),
        ]
    )
    func ages(birth: String, day: String, years: Int) throws {
        let birth = try #require(LocalDate(parsing: birth))
        #expect(birth.years(until: try #require(LocalDate(parsing: day))) == years)
    }

    @Test(
        "moments are read in the platform's zone",
        arguments: [
            ("2026-11-21", "2026-11-21T00:00:00+08:00"), ("2026-11-21 13:05", "2026-11-21T13:05:00+08:00"),
            ("2026-11-21T13:05:07.250", "2026-11-21T13:05:07.250+08:00"),
            ("2026-11-20T16:00:00Z", "2026-11-21T00:00:00+08:00"),
            ("2026-11-21T00:00:00-05:30", "2026-11-21T13:30:00+08:00"),
        ]
    )
    func moments(text: String, printed: String) throws {
        let instant = try #require(Instant(parsing: text))
        #expect(instant.description == printed)
        #expect(Instant(parsing: printed) == instant)
    }

    @Test(
        "what is no moment is refused",
        arguments: [
            "2026-11-21T24:00", "2026-11-21T12:60", "2026-11-21T12:00:60", "2026-11-21T", "2026-11-21T12",
            "2026-11-21T12:00:00.5", "2026-11-21T12:00+8", "2026-11-21T12:00 Z", "2026-02-30T00:00", "now",
        ]
    )
    func badMoments(text: String) { #expect(Instant(parsing: text) == nil) }

    @Test("midnight belongs to the day that begins")
    func midnight() throws {
        let day = try #require(LocalDate(parsing: "2026-11-21"))
        #expect(Instant(day).date == day)
        #expect((Instant(day) + -1).date == day.adding(days: -1))
        #expect(Instant(day).timeOfDay == 0)
        #expect(Instant(milliseconds: -1).date.description == "1970-01-01")
        #expect(Instant(milliseconds: -8 * Instant.hour - 1).date.description == "1969-12-31")
    }
}
