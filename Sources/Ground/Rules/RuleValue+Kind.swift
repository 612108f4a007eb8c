import Kernel

extension RuleValue {
    /// FEEL's name of this value's type, for warnings.
    public var kindName: String {
        switch self {
        case .null: "null"
        case .boolean: "boolean"
        case .number: "number"
        case .string: "string"
        case .date: "date"
        case .time: "time"
        case .dateTime: "date and time"
        case .duration: "days and time duration"
        case .months: "years and months duration"
        case .list: "list"
        case .context: "context"
        case .range: "range"
        case .function: "function"
        }
    }

    /// What `.year`, `.hour` and so on give (DMN 1.5, table 64); nil when there is no such property.
    func property(_ name: String) -> RuleValue? {
        switch self {
        case .date(let date): Self.property(of: date, name)
        case .dateTime(let moment):
            Self.property(of: moment.date, name)
                ?? Self.property(of: moment.time, offset: moment.offset, name)
        case .time(let time): Self.property(of: time, offset: time.offset, name)
        case .duration(let duration): Self.property(of: duration, name)
        case .months(let months):
            switch name {
            case "years": RuleValue(months / 12)
            case "months": RuleValue(months % 12)
            default: nil
            }
        case .range(let range):
            switch name {
            case "start": range.start ?? .null
            case "end": range.end ?? .null
            case "start included": .boolean(range.startIncluded)
            case "end included": .boolean(range.endIncluded)
            default: nil
            }
        default: nil
        }
    }

    private static func property(of date: LocalDate, _ name: String) -> RuleValue? {
        switch name {
        case "year": RuleValue(date.year)
        case "month": RuleValue(date.month)
        case "day": RuleValue(date.day)
        case "weekday": RuleValue(date.weekday)
        default: nil
        }
    }

    private static func property(of time: RuleTime, offset: Int?, _ name: String) -> RuleValue? {
        switch name {
        case "hour": return RuleValue(time.hour)
        case "minute": return RuleValue(time.minute)
        case "second":
            let seconds = RuleDecimal(negative: false, coefficient: UInt128(time.fraction), exponent: -9)
            return RuleDecimal(time.second).adding(seconds).map { .number($0.normalised) }
        case "time offset":
            guard let offset else { return .null }
            return .duration(RuleDuration(nanoseconds: Int128(offset) * Int128(RuleTime.second)))
        case "timezone":
            switch time.zone {
            case .named(let name): return .string(name)
            default: return .null
            }
        default: return nil
        }
    }

    private static func property(of duration: RuleDuration, _ name: String) -> RuleValue? {
        let size = duration.nanoseconds.magnitude
        let second = UInt128(1_000_000_000)
        let negative = duration.nanoseconds < 0
        let count: UInt128
        switch name {
        case "days": count = size / (86_400 * second)
        case "hours": count = size / (3_600 * second) % 24
        case "minutes": count = size / (60 * second) % 60
        case "seconds":
            return RuleDecimal.rounding(negative: negative, size % (60 * second), exponent: -9)
                .map { .number($0.normalised) }
        default: return nil
        }
        return RuleDecimal.rounding(negative: negative, count, exponent: 0).map { .number($0) }
    }
}

extension RuleRange {
    /// Why these ends make no range; nil when they do.
    var problem: String? {
        for end in [start, end] {
            switch end {
            case nil, .number, .string, .date, .time, .dateTime, .duration, .months: break
            case .some(let value): return "a range cannot end at \(value.kindName)"
            }
        }
        guard let start, let end else { return nil }
        guard let order = Operators.order(start, end) else {
            return "a range cannot reach from \(start.kindName) to \(end.kindName)"
        }
        return order > 0 ? "a range cannot run backwards" : nil
    }
}

extension RuleType {
    /// `instance of` (DMN 1.5, table 58). Null is an instance of nothing but `Null`.
    func includes(_ value: RuleValue) -> Bool {
        switch (self, value) {
        case (.null, .null): true
        case (_, .null): false
        case (.any, _), (.boolean, .boolean), (.number, .number), (.string, .string), (.date, .date),
            (.time, .time),
            (.dateTime, .dateTime), (.duration, .duration), (.months, .months), (.someContext, .context),
            (.someFunction, .function), (.someList, .list), (.someRange, .range):
            true
        case (.list(let inner), .list(let elements)): elements.allSatisfy { inner.accepts($0) }
        case (.context(let members), .context(let record)):
            members.allSatisfy { name, type in record[name].map { type.accepts($0) } ?? false }
        case (.range(let inner), .range(let range)):
            [range.start, range.end].allSatisfy { $0.map { inner.includes($0) } ?? true }
        case (.function(let parameters, _), .function(let function)): function.matches(parameters)
        default: false
        }
    }

    /// As a member: null conforms to every type.
    private func accepts(_ value: RuleValue) -> Bool { value.isNull || includes(value) }

    /// The value as an argument of this type, a list of one taken for its element and the other way round; nil
    /// when it does not fit (DMN 1.5, 10.3.2.9.4).
    func converted(_ value: RuleValue) -> RuleValue? {
        if accepts(value) { return value }
        if case .list(let elements) = value, elements.count == 1, includes(elements[0]) { return elements[0] }
        switch (self, value) {
        case (.list(let inner), _) where inner.includes(value): return .list([value])
        case (.someList, _): return .list([value])
        case (.dateTime, .date): return Operators.moment(value).map { .dateTime($0) }
        default: return nil
        }
    }

    /// A date, time or duration written as ISO 8601 text, as JSON carries it; nil for anything else.
    func reading(_ value: RuleValue) -> RuleValue? {
        guard case .string(let text) = value else { return nil }
        return switch self {
        case .date: RuleValue.readDate(text).map { .date($0) }
        case .time: RuleValue.readTime(text).map { .time($0) }
        case .dateTime: RuleValue.readDateTime(text).map { .dateTime($0) }
        case .duration, .months: RuleValue.readDuration(text).flatMap { includes($0) ? $0 : nil }
        default: nil
        }
    }
}
