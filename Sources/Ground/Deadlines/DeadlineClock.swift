public import Kernel
public import Standards

/// One legal or promised period that runs for something: a budget, what moved it, and the due date derived from both.
public struct DeadlineClock: Hashable, Sendable {
    /// A time during which the clock stands still, by a rule.
    public struct Pause: Hashable, Sendable {
        public let from: Instant
        /// Nil while it lasts.
        public let to: Instant?
        /// Why it stands still: an article, such as `行政许可法45`.
        public let rule: String

        public init(from: Instant, to: Instant?, rule: String) {
            self.from = from
            self.to = to
            self.rule = rule
        }
    }

    /// More time, granted by a rule.
    public struct Extension: Hashable, Sendable {
        public let by: Period
        public let at: Instant
        public let rule: String

        public init(by period: Period, at: Instant, rule: String) {
            by = period
            self.at = at
            self.rule = rule
        }
    }

    public let id: ID<DeadlineClock>
    /// What it runs for: `case:01J…`.
    public let object: String
    /// Which of the object's clocks it is: `decide`, `promise`.
    public let name: String
    public let budget: Period
    /// The law or promise that sets the budget.
    public let rule: String
    public let started: Instant
    public internal(set) var pauses: [Pause]
    public internal(set) var extensions: [Extension]
    public internal(set) var ended: Instant?
    /// Which rungs warn before and after the end.
    public let ladder: WarningLadder
    /// Grows by one with each change; a writer that read another version is refused.
    public internal(set) var version: Int

    public init(
        id: ID<DeadlineClock>,
        object: String,
        name: String,
        budget: Period,
        rule: String,
        started: Instant,
        pauses: [Pause] = [],
        extensions: [Extension] = [],
        ended: Instant? = nil,
        ladder: WarningLadder = .none,
        version: Int = 1
    ) {
        self.id = id
        self.object = object
        self.name = name
        self.budget = budget
        self.rule = rule
        self.started = started
        self.pauses = pauses
        self.extensions = extensions
        self.ended = ended
        self.ladder = ladder
        self.version = version
    }

    public var isPaused: Bool { pauses.last.map { $0.to == nil } ?? false }

    /// When it runs out, by the calendar at hand.
    ///
    /// The day on which something begins does not count: neither the start nor the end of a pause (Civil Code,
    /// article 201); the day on which a pause begins counts as used. Months end on the same day number, else on the
    /// month's last day (202). A period of days, months or years whose last day is no working day ends on the next
    /// one (203); so does a last day reached while the clock stood still. Hours and minutes run on.
    public func due(_ calendar: WorkingCalendar) -> Due {
        switch budget.unit.family {
        case .running: runningDue
        case .workingDays, .calendar: dayDue(calendar)
        }
    }

    /// Working or calendar days, or minutes, of budget and extensions together.
    var total: Int {
        switch budget.unit.family {
        case .running: Int(runningTotal / Instant.minute)
        case .workingDays: budget.amount + extensions.reduce(0) { $0 + $1.by.amount }
        case .calendar: calendarDays
        }
    }

    private var runningTotal: Int64 {
        (budget.milliseconds ?? 0) + extensions.reduce(0) { $0 + ($1.by.milliseconds ?? 0) }
    }

    /// Days from the start to the raw last day: all months first, then all days.
    private var calendarDays: Int {
        var months = 0
        var days = 0
        for period in [budget] + extensions.map(\.by) {
            switch period.unit {
            case .month: months += period.amount
            case .year: months += period.amount * 12
            case .day: days += period.amount
            case .workingDay, .hour, .minute: break
            }
        }
        return started.date.adding(months: months).dayNumber + days - started.date.dayNumber
    }

    private var runningDue: Due {
        var cursor = started
        var left = runningTotal
        for pause in pauses {
            let begin = max(pause.from, cursor)
            if cursor + left < begin { return .moment(cursor + left) }
            left -= begin - cursor
            guard let end = pause.to else { return .paused(left: Self.runningLeft(left)) }
            cursor = max(begin, end)
        }
        return .moment(cursor + left)
    }

    private static func runningLeft(_ milliseconds: Int64) -> Period {
        let minutes = Int((milliseconds + Instant.minute - 1) / Instant.minute)
        return Period(clamped: minutes, .minute)
    }

    private func dayDue(_ calendar: WorkingCalendar) -> Due {
        let counter = DayCounter(calendar: calendar, working: budget.unit.family == .workingDays)
        var cursor = started.date
        var left = total
        var resumed = false
        do {
            for pause in pauses {
                let begin = max(pause.from.date, cursor)
                if begin > calendar.lastDay, try counter.last(cursor, left, resumed: resumed) < begin {
                    break
                }
                let used = max(0, try counter.days(from: cursor, to: begin))
                // A period that was over before the pause began stays over.
                if counter.working ? used >= left : used > left,
                    try counter.last(cursor, left, resumed: resumed) < begin
                {
                    break
                }
                left -= min(left, used)
                guard let end = pause.to else { return .paused(left: Period(clamped: left, counter.unit)) }
                if end.date > begin { resumed = true }
                cursor = max(begin, end.date)
            }
            return .day(try counter.last(cursor, left, resumed: resumed))
        } catch {
            let notBefore = counter.working ? calendar.lastDay.adding(days: 1) : cursor.adding(days: left)
            return .waitsForCalendar(year: error.year, notBefore: notBefore)
        }
    }
}

/// Counts working or calendar days.
private struct DayCounter {
    let calendar: WorkingCalendar
    let working: Bool

    var unit: Period.Unit { working ? .workingDay : .day }

    func days(from: LocalDate, to: LocalDate) throws(BeyondCalendar) -> Int {
        working ? try calendar.workingDays(from: from, to: to) : to.dayNumber - from.dayNumber
    }

    /// The last day of `count` days after `date`, moved off holidays.
    /// - Parameter resumed: with nothing left, a clock that stood still ends on the day of its resumption at the earliest.
    func last(_ date: LocalDate, _ count: Int, resumed: Bool) throws(BeyondCalendar) -> LocalDate {
        if working {
            guard count == 0 else { return try calendar.adding(workingDays: count, to: date) }
            return resumed ? try calendar.workingDay(onOrAfter: date) : date
        }
        return try calendar.workingDay(onOrAfter: date.adding(days: count))
    }
}

extension Period {
    /// For amounts that were derived, not entered.
    init(clamped amount: Int, _ unit: Unit) {
        self.amount = max(0, min(amount, Self.amountMax))
        self.unit = unit
    }
}
