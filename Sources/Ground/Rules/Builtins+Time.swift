import Kernel

extension Builtin {
    static let times: [Builtin] = [
        Builtin("is", "value1?, value2?") { (machine, arguments) throws(RuleError) in
            guard let first = arguments.first else { return nil }
            return isSame(first, arguments.count > 1 ? arguments[1] : .null, &machine.steps).map {
                .boolean($0)
            }
        },
        Builtin("now", "") { machine, _ in
            guard let now = machine.context.now else { return machine.null("now() was not given a time") }
            return .dateTime(RuleDateTime(now))
        },
        Builtin("today", "") { machine, _ in
            guard let today = machine.context.today ?? machine.context.now?.date else {
                return machine.null("today() was not given a day")
            }
            return .date(today)
        },
        Builtin("day of year", "date") { _, arguments in
            guard let date = arguments[0].argumentDate,
                let first = LocalDate.any(year: date.year, month: 1, day: 1)
            else { return nil }
            return RuleValue(date.dayNumber - first.dayNumber + 1)
        },
        Builtin("day of week", "date") { _, arguments in
            let names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
            return arguments[0].argumentDate.map { .string(names[$0.weekday - 1]) }
        },
        Builtin("month of year", "date") { _, arguments in
            let names = [
                "January", "February", "March", "April", "May", "June", "July", "August", "September",
                "October",
                "November", "December",
            ]
            return arguments[0].argumentDate.map { .string(names[$0.month - 1]) }
        },
        Builtin("week of year", "date") { _, arguments in
            // ISO 8601: the week belongs to the year of its Thursday.
            guard let date = arguments[0].argumentDate else { return nil }
            let thursday = date.adding(days: 4 - date.weekday)
            guard let first = LocalDate.any(year: thursday.year, month: 1, day: 1) else { return nil }
            return RuleValue((thursday.dayNumber - first.dayNumber) / 7 + 1)
        },
    ]

    /// The same value of the same kind, zone and all (DMN 1.5, 10.3.4.5).
    private static func isSame(_ left: RuleValue, _ right: RuleValue, _ budget: inout Int) -> Bool? {
        switch (left, right) {
        case (.time(let left), .time(let right)): return same(left, right)
        case (.dateTime(let left), .dateTime(let right)):
            return left.date == right.date && same(left.time, right.time)
        default: return Operators.equal(left, right, budget: &budget) ?? false
        }
    }

    private static func same(_ left: RuleTime, _ right: RuleTime) -> Bool {
        left.nanoseconds == right.nanoseconds && left.zone == right.zone
    }

    /// Ours, beside the standard's: the calendar is the caller's (`RuleContext.calendar`).
    static let workingDays: [Builtin] = [
        Builtin("is working day", "date") { (machine, arguments) throws(RuleError) in
            guard let date = arguments[0].argumentDate else { return nil }
            return answer(&machine, machine.context.calendar?.isWorkingDay(date).map { .boolean($0) })
        },
        Builtin("add working days", "date, n") { (machine, arguments) throws(RuleError) in
            guard let date = arguments[0].argumentDate, let count = arguments[1].argumentNumber?.int,
                abs(count) <= 100_000
            else { return nil }
            return answer(&machine, machine.context.calendar?.adding(count, date).map { .date($0) })
        },
        Builtin("working days between", "from, to") { (machine, arguments) throws(RuleError) in
            guard let from = arguments[0].argumentDate, let to = arguments[1].argumentDate else { return nil }
            return answer(&machine, machine.context.calendar?.workingDays(from, to).map { RuleValue($0) })
        },
    ]

    private static func answer(_ machine: inout Machine, _ value: RuleValue?) -> RuleValue {
        if let value { return value }
        let isGiven = machine.context.calendar != nil
        return machine.null(
            isGiven ? "the working calendar does not reach that far" : "no working calendar was given"
        )
    }
}
