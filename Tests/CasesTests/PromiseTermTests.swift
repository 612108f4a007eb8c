import Catalogue
import Kernel
import Standards
import Testing

@testable import Cases

@Suite("The end of a promised time")
struct PromiseTermTests {
    private let calendar: WorkingCalendar

    init() throws { calendar = try Standards(home: Home.find()).calendar }

    @Test(
        "ends after so much time, of which only working days count where the promise says so",
        arguments: [
            // Running hours and days take no notice of weekends.
            ("12 h", "2026-03-06 16:00", "2026-03-07 04:00"), ("1 d", "2026-03-06 16:00", "2026-03-07 16:00"),
            ("1 mo", "2026-01-31 10:00", "2026-02-28 10:00"),
            // Friday afternoon: eight hours of the working day are left, the weekend stands still.
            ("1 wd", "2026-03-06 16:00", "2026-03-09 16:00"),
            ("36 wh", "2026-03-06 16:00", "2026-03-10 04:00"),
            ("8 wh", "2026-03-06 16:00", "2026-03-07 00:00"),
            ("9 wh", "2026-03-06 16:00", "2026-03-09 01:00"),
            // Handed in on a Sunday: it begins on Monday.
            ("1 wd", "2026-03-08 12:00", "2026-03-10 00:00"),
            ("12 wh", "2026-03-08 12:00", "2026-03-09 12:00"),
            // 14 February 2026 is a Saturday that is worked; the Spring Festival follows.
            ("1 wd", "2026-02-13 16:00", "2026-02-14 16:00"),
            ("2 wd", "2026-02-13 16:00", "2026-02-24 16:00"),
        ]
    )
    func ends(_ promise: String, _ start: String, _ end: String) throws {
        let period = try #require(LimitPeriod(parsing: promise))
        let due = try PromiseTerm.end(of: period, from: moment(start), calendar: calendar)
        #expect(due.minuteText == end)
    }

    @Test("is not guessed beyond the published calendar")
    func beyond() throws {
        let period = try #require(LimitPeriod(parsing: "36 wh"))
        let last = Instant(calendar.lastDay) + 20 * Instant.hour
        #expect(throws: BeyondCalendar.self) {
            try PromiseTerm.end(of: period, from: last, calendar: calendar)
        }
    }

    private func moment(_ text: String) throws -> Instant {
        let day = try #require(LocalDate(parsing: text.prefix(10)))
        let (hour, minute) = (Int64(text.dropFirst(11).prefix(2)), Int64(text.suffix(2)))
        return Instant(day) + (try #require(hour)) * Instant.hour + (try #require(minute)) * Instant.minute
    }
}
