import Kernel
import Standards

/// When the term of a name ends.
enum NameTerms {
    struct End: Hashable {
        /// The first moment after the term.
        let until: Instant
        /// The last day lies beyond the published calendar: weekends are taken as free, and the day may move.
        let isProvisional: Bool
    }

    /// A reservation of so many months. The day of reservation does not count; the term ends on the same day number
    /// or the month's last day (Civil Code, articles 201 and 202), or on the next working day (article 203).
    static func reservation(from start: Instant, months: Int, calendar: WorkingCalendar) -> End {
        let day = start.date.adding(months: months)
        if let last = try? calendar.workingDay(onOrAfter: day) {
            return End(until: Instant(last.adding(days: 1)), isProvisional: false)
        }
        let last = day.weekday <= 5 ? day : day.adding(days: 8 - day.weekday)
        return End(until: Instant(last.adding(days: 1)), isProvisional: true)
    }

    /// A name that was left stays blocked until so many months are full (名称规定, article 17: "less than a year").
    static func block(from start: Instant, months: Int) -> End {
        End(until: Instant(start.date.adding(months: months).adding(days: 1)), isProvisional: false)
    }
}
