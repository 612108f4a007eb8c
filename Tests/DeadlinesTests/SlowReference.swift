import Deadlines
import Kernel
import Standards

/// The due date found by walking from day to day over the raw holiday list: slow, and nothing of it is shared with
/// the engine.
struct SlowReference {
    private let works: [Bool]
    private let first: Int

    init(_ calendar: WorkingCalendar) {
        first = LocalDate(year: calendar.years.lowerBound, month: 1, day: 1)?.dayNumber ?? 0
        let last = LocalDate(year: calendar.years.upperBound, month: 12, day: 31)?.dayNumber ?? 0
        var works = (first...last).map { LocalDate(dayNumber: $0).weekday <= 5 }
        for day in calendar.exceptions { works[day.date.dayNumber - first] = day.kind == .workday }
        self.works = works
    }

    func due(_ clock: DeadlineClock) -> Due? {
        clock.budget.unit.family == .running ? running(clock) : days(clock)
    }

    /// Nil when the calendar ends first.
    private func days(_ clock: DeadlineClock) -> Due? {
        let working = clock.budget.unit == .workingDay
        let start = clock.started.date.dayNumber
        let total = total(clock)
        let pauses = clock.pauses.map { ($0.from.date.dayNumber, $0.to?.date.dayNumber ?? Int.max) }
        var used = 0
        var stood = false
        var day = start
        while true {
            guard day >= first, day - first < works.count else { return nil }
            let isOut = pauses.contains { $0.0 < day && day <= $0.1 }
            if day > start && (!working || works[day - first]) && !isOut { used += 1 }
            if let open = pauses.last, open.1 == Int.max, open.0 == day {
                let left = max(0, total - used)
                return (try? Period(left, working ? .workingDay : .day)).map { .paused(left: $0) }
            }
            let stands = pauses.contains { $0.0 <= day && day < $0.1 }
            if stands { stood = true }
            let mayEnd = works[day - first] || (working && total == 0 && !stood)
            if used >= total && !stands && mayEnd { return .day(LocalDate(dayNumber: day)) }
            day += 1
        }
    }

    private func total(_ clock: DeadlineClock) -> Int {
        if clock.budget.unit == .workingDay {
            return clock.budget.amount + clock.extensions.reduce(0) { $0 + $1.by.amount }
        }
        var months = 0
        var days = 0
        for period in [clock.budget] + clock.extensions.map(\.by) {
            switch period.unit {
            case .year: months += 12 * period.amount
            case .month: months += period.amount
            default: days += period.amount
            }
        }
        let start = clock.started.date
        let count = start.year * 12 + start.month - 1 + months
        let (year, month) = (count / 12, count % 12 + 1)
        var day = start.day
        while LocalDate(year: year, month: month, day: day) == nil { day -= 1 }
        let raw = LocalDate(year: year, month: month, day: day)?.dayNumber ?? 0
        return raw + days - start.dayNumber
    }

    private func running(_ clock: DeadlineClock) -> Due? {
        var end = clock.started.milliseconds
        for period in [clock.budget] + clock.extensions.map(\.by) {
            end += Int64(period.amount) * (period.unit == .hour ? 3_600_000 : 60_000)
        }
        for pause in clock.pauses where pause.from.milliseconds <= end {
            guard let to = pause.to else {
                let left = (end - pause.from.milliseconds + 59_999) / 60_000
                return (try? Period(Int(left), .minute)).map { .paused(left: $0) }
            }
            end += to - pause.from
        }
        return .moment(Instant(milliseconds: end))
    }
}
