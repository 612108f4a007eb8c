import Kernel

/// What FEEL's operators do with values (DMN 1.5, 10.3.2.13-10.3.2.15). Nil means null.
enum Operators {
    // MARK: Equality and order

    /// Nil when the kinds differ. `budget` falls by one for each value looked at; below zero the answer is nil.
    static func equal(_ left: RuleValue, _ right: RuleValue, budget: inout Int) -> Bool? {
        budget -= 1
        guard budget >= 0 else { return nil }
        switch (left, right) {
        case (.null, .null): return true
        case (.null, _), (_, .null): return false
        case (.boolean(let left), .boolean(let right)): return left == right
        case (.number(let left), .number(let right)): return left == right
        case (.string(let left), .string(let right)): return left.utf8.elementsEqual(right.utf8)
        case (.date(let left), .date(let right)): return left == right
        case (.time(let left), .time(let right)):
            return (left.zone == nil) == (right.zone == nil) && left.wholeSeconds == right.wholeSeconds
        case (.dateTime(let left), .dateTime(let right)):
            return (left.time.zone == nil) == (right.time.zone == nil)
                && left.wholeSeconds == right.wholeSeconds
        case (.duration(let left), .duration(let right)): return left == right
        case (.months(let left), .months(let right)): return left == right
        case (.list(let left), .list(let right)):
            guard left.count == right.count else { return false }
            for (one, other) in zip(left, right) where equal(one, other, budget: &budget) != true {
                return false
            }
            return true
        case (.context(let left), .context(let right)):
            guard left.count == right.count else { return false }
            for (name, value) in left.entries {
                guard let other = right[name], equal(value, other, budget: &budget) == true else {
                    return false
                }
            }
            return true
        case (.range(let left), .range(let right)):
            guard left.startIncluded == right.startIncluded, left.endIncluded == right.endIncluded else {
                return false
            }
            return equal(left.start ?? .null, right.start ?? .null, budget: &budget) == true
                && equal(left.end ?? .null, right.end ?? .null, budget: &budget) == true
        case (.function(let left), .function(let right)): return left === right
        default: return nil
        }
    }

    static func equal(_ left: RuleValue, _ right: RuleValue) -> Bool? {
        var budget = 1_000_000
        return equal(left, right, budget: &budget)
    }

    /// Negative, zero or positive; nil when the two have no order.
    static func order(_ left: RuleValue, _ right: RuleValue) -> Int? {
        switch (left, right) {
        case (.number(let left), .number(let right)): return left < right ? -1 : left == right ? 0 : 1
        case (.string(let left), .string(let right)):
            if left.utf8.elementsEqual(right.utf8) { return 0 }
            return left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : 1
        case (.date(let left), .date(let right)): return sign(left.dayNumber, right.dayNumber)
        case (.time(let left), .time(let right)):
            guard (left.zone == nil) == (right.zone == nil) else { return nil }
            return sign(left.wholeSeconds, right.wholeSeconds)
        case (.dateTime(let left), .dateTime(let right)):
            guard (left.time.zone == nil) == (right.time.zone == nil) else { return nil }
            return sign(left.wholeSeconds, right.wholeSeconds)
        case (.duration(let left), .duration(let right)): return sign(left.nanoseconds, right.nanoseconds)
        case (.months(let left), .months(let right)): return sign(left, right)
        default: return nil
        }
    }

    private static func sign<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
        left < right ? -1 : left == right ? 0 : 1
    }

    static func compare(
        _ operation: Comparison,
        _ left: RuleValue,
        _ right: RuleValue,
        budget: inout Int
    ) -> Bool? {
        switch operation {
        case .equal: return equal(left, right, budget: &budget)
        case .notEqual: return equal(left, right, budget: &budget).map { !$0 }
        case .less: return order(left, right).map { $0 < 0 }
        case .lessOrEqual: return order(left, right).map { $0 <= 0 }
        case .greater: return order(left, right).map { $0 > 0 }
        case .greaterOrEqual: return order(left, right).map { $0 >= 0 }
        }
    }

    /// Whether `value` lies in `range`; nil when they have no order.
    static func contains(_ range: RuleRange, _ value: RuleValue) -> Bool? {
        var within = true
        if let start = range.start {
            guard let order = order(value, start) else { return nil }
            within = order > 0 || (order == 0 && range.startIncluded)
        }
        if let end = range.end {
            guard let order = order(value, end) else { return nil }
            within = within && (order < 0 || (order == 0 && range.endIncluded))
        }
        return within
    }

    // MARK: Arithmetic

    static func apply(_ operation: Arithmetic, _ left: RuleValue, _ right: RuleValue) -> RuleValue? {
        if case .number(let left) = left, case .number(let right) = right {
            switch operation {
            case .add: return left.adding(right).map(RuleValue.number)
            case .subtract: return left.subtracting(right).map(RuleValue.number)
            case .multiply: return left.multiplied(by: right).map(RuleValue.number)
            case .divide: return left.divided(by: right).map(RuleValue.number)
            case .power: return left.power(right).map(RuleValue.number)
            }
        }
        switch operation {
        case .add: return add(left, right) ?? add(right, left)
        case .subtract: return subtract(left, right)
        case .multiply: return multiply(left, right) ?? multiply(right, left)
        case .divide: return divide(left, right)
        case .power: return nil
        }
    }

    private static func add(_ left: RuleValue, _ right: RuleValue) -> RuleValue? {
        switch (left, right) {
        case (.string(let left), .string(let right)): return .string(left + right)
        case (.duration(let left), .duration(let right)):
            return duration(left.nanoseconds + right.nanoseconds)
        case (.months(let left), .months(let right)): return months(left, right)
        case (_, .duration(let right)): return moved(left, by: right)
        case (_, .months(let right)): return moved(left, byMonths: right)
        default: return nil
        }
    }

    private static func subtract(_ left: RuleValue, _ right: RuleValue) -> RuleValue? {
        switch (left, right) {
        case (.duration(let left), .duration(let right)):
            return duration(left.nanoseconds - right.nanoseconds)
        case (.months(let left), .months(let right)): return months(left, -right)
        case (_, .duration(let right)): return moved(left, by: RuleDuration(nanoseconds: -right.nanoseconds))
        case (_, .months(let right)): return moved(left, byMonths: -right)
        case (.time(let left), .time(let right)):
            guard (left.zone == nil) == (right.zone == nil) else { return nil }
            return duration(Int128(left.comparable) - Int128(right.comparable))
        default:
            guard let left = moment(left), let right = moment(right),
                (left.time.zone == nil) == (right.time.zone == nil)
            else { return nil }
            return duration(left.comparable - right.comparable)
        }
    }

    /// A date is its midnight in UTC when it meets a date and time (DMN 1.5, 10.3.2.3.5).
    static func moment(_ value: RuleValue) -> RuleDateTime? {
        switch value {
        case .dateTime(let value): value
        case .date(let date): RuleDateTime(date: date, time: RuleTime(nanoseconds: 0, zone: .offset(0)))
        default: nil
        }
    }

    private static func duration(_ nanoseconds: Int128) -> RuleValue? {
        nanoseconds.magnitude < 1 << 110 ? .duration(RuleDuration(nanoseconds: nanoseconds)) : nil
    }

    private static let monthsMax = 1 << 50

    private static func months(_ left: Int, _ right: Int) -> RuleValue? {
        let sum = left + right
        return sum.magnitude < monthsMax ? .months(sum) : nil
    }

    private static func moved(_ value: RuleValue, by duration: RuleDuration) -> RuleValue? {
        switch value {
        case .date(let date):
            let start = RuleDateTime(date: date, time: RuleTime(nanoseconds: 0, zone: nil))
            return start.adding(duration).map { .date($0.date) }
        case .dateTime(let moment): return moment.adding(duration).map { .dateTime($0) }
        case .time(let time):
            let day = Int128(RuleTime.day)
            let sum = (Int128(time.nanoseconds) + duration.nanoseconds) % day
            return .time(RuleTime(nanoseconds: Int64(sum < 0 ? sum + day : sum), zone: time.zone))
        default: return nil
        }
    }

    private static func moved(_ value: RuleValue, byMonths count: Int) -> RuleValue? {
        switch value {
        case .date(let date): return date.addingMonths(count).map { .date($0) }
        case .dateTime(let moment):
            return moment.date.addingMonths(count).map {
                .dateTime(RuleDateTime(date: $0, time: moment.time))
            }
        default: return nil
        }
    }

    private static func multiply(_ left: RuleValue, _ right: RuleValue) -> RuleValue? {
        guard case .number(let factor) = right else { return nil }
        switch left {
        case .duration(let value):
            return value.seconds.multiplied(by: factor).flatMap(RuleDuration.init(seconds:)).map {
                .duration($0)
            }
        case .months(let value): return wholeMonths(RuleDecimal(value).multiplied(by: factor))
        default: return nil
        }
    }

    private static func wholeMonths(_ value: RuleDecimal?) -> RuleValue? {
        guard let count = value?.rounded(scale: 0, .down).int, count.magnitude < monthsMax else { return nil }
        return .months(count)
    }

    private static func divide(_ left: RuleValue, _ right: RuleValue) -> RuleValue? {
        switch (left, right) {
        case (.duration(let left), .number(let right)):
            return left.seconds.divided(by: right).flatMap(RuleDuration.init(seconds:)).map { .duration($0) }
        case (.months(let left), .number(let right)): return wholeMonths(RuleDecimal(left).divided(by: right))
        case (.duration(let left), .duration(let right)):
            return left.seconds.divided(by: right.seconds).map(RuleValue.number)
        case (.months(let left), .months(let right)):
            return RuleDecimal(left).divided(by: RuleDecimal(right)).map(RuleValue.number)
        default: return nil
        }
    }

    static func negate(_ value: RuleValue) -> RuleValue? {
        switch value {
        case .number(let value): .number(value.negated)
        case .duration(let value): .duration(RuleDuration(nanoseconds: -value.nanoseconds))
        case .months(let value): .months(-value)
        default: nil
        }
    }
}
