import Catalogue
import Kernel
import Standards

/// When a promised time of the whole opening is over.
///
/// A promise is measured more strictly than a legal period is counted: it runs from the very moment of handing in.
/// Days are 24 hours each; working days and working hours (`wd`, `wh`) run through the days and nights of working
/// days and stand still on the others; months end on the same day number.
enum PromiseTerm {
    /// The last moment that keeps the promise.
    /// - Throws: `BeyondCalendar` when it depends on a year whose calendar is not published.
    static func end(
        of promise: LimitPeriod,
        from start: Instant,
        calendar: WorkingCalendar
    ) throws(BeyondCalendar) -> Instant {
        switch promise.unit {
        case .minutes: start + Int64(promise.amount) * Instant.minute
        case .hours: start + Int64(promise.amount) * Instant.hour
        case .days: start + Int64(promise.amount) * Instant.day
        case .weeks: start + Int64(promise.amount) * Instant.week
        case .months: later(start, months: promise.amount)
        case .years: later(start, months: promise.amount * 12)
        case .workingDays: try working(Int64(promise.amount) * Instant.day, after: start, calendar)
        case .workingHours: try working(Int64(promise.amount) * Instant.hour, after: start, calendar)
        }
    }

    private static func later(_ start: Instant, months: Int) -> Instant {
        Instant(start.date.adding(months: months)) + (start - Instant(start.date))
    }

    private static func working(
        _ length: Int64,
        after start: Instant,
        _ calendar: WorkingCalendar
    ) throws(BeyondCalendar) -> Instant {
        let first = try calendar.workingDay(onOrAfter: start.date)
        let begin = first == start.date ? start : Instant(first)
        let used = begin - Instant(first)
        // Whole working days first; the rest falls into the last one. A length that fills a day to its end is over
        // at midnight and not at the beginning of the next working day.
        let (days, rest) = (used + length).quotientAndRemainder(dividingBy: Instant.day)
        if rest == 0 && days > 0 {
            let last = try calendar.adding(workingDays: Int(days) - 1, to: first)
            return Instant(last.adding(days: 1))
        }
        return Instant(try calendar.adding(workingDays: Int(days), to: first)) + rest
    }
}
