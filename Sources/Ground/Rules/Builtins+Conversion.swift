import Kernel

extension Builtin {
    static let conversions: [Builtin] = [
        Builtin("date", "from", "year, month, day") { _, arguments in
            if arguments.count == 3 {
                guard let year = whole(arguments[0]), let month = whole(arguments[1]),
                    let day = whole(arguments[2])
                else { return nil }
                return LocalDate.any(year: year, month: month, day: day).map { .date($0) }
            }
            if case .string(let text) = arguments[0].single {
                return RuleValue.readDate(text).map { .date($0) }
            }
            return arguments[0].argumentDate.map { .date($0) }
        },
        Builtin("time", "from", "hour, minute, second, offset?") { _, arguments in
            arguments.count == 1 ? time(arguments[0].single) : time(parts: arguments)
        },
        Builtin("date and time", "from", "date, time") { _, arguments in
            if arguments.count == 2 {
                guard let date = arguments[0].argumentDate, case .time(let time) = arguments[1].single else {
                    return nil
                }
                return .dateTime(RuleDateTime(date: date, time: time))
            }
            switch arguments[0].single {
            case .string(let text):
                if let moment = RuleValue.readDateTime(text) { return .dateTime(moment) }
                return RuleValue.readDate(text).map { .dateTime(midnight($0)) }
            case .dateTime(let moment): return .dateTime(moment)
            case .date(let date): return .dateTime(midnight(date))
            default: return nil
            }
        },
        Builtin("duration", "from") { _, arguments in
            switch arguments[0].single {
            case .string(let text): RuleValue.readDuration(text)
            case .duration, .months: arguments[0].single
            default: nil
            }
        },
        Builtin("years and months duration", "from, to") { _, arguments in
            guard let from = arguments[0].argumentDate, let to = arguments[1].argumentDate else { return nil }
            return .months(months(from: from, to: to))
        },
        Builtin("number", "from, grouping separator?, decimal separator?") { _, arguments in number(arguments)
        },
        Builtin("string", "from") { (machine, arguments) throws(RuleError) in
            if arguments[0].isNull { return .null }
            try machine.measure(arguments[0])
            return .string(arguments[0].displayText)
        },
        Builtin("range", "from") { (machine, arguments) throws(RuleError) in
            guard let text = arguments[0].argumentText, let range = RuleRange(parsing: text) else {
                return nil
            }
            return .range(range)
        },
    ]

    /// A number without a fraction.
    private static func whole(_ value: RuleValue) -> Int? { value.argumentNumber?.int }

    private static func midnight(_ date: LocalDate) -> RuleDateTime {
        RuleDateTime(date: date, time: RuleTime(nanoseconds: 0, zone: nil))
    }

    private static func time(_ value: RuleValue) -> RuleValue? {
        switch value {
        case .string(let text): RuleValue.readTime(text).map { .time($0) }
        case .time: value
        case .dateTime(let moment): .time(moment.time)
        case .date: .time(RuleTime(nanoseconds: 0, zone: .offset(0)))
        default: nil
        }
    }

    private static func time(parts arguments: [RuleValue]) -> RuleValue? {
        guard let hour = whole(arguments[0]), let minute = whole(arguments[1]),
            let second = arguments[2].argumentNumber, (0..<24).contains(hour), (0..<60).contains(minute),
            !second.isNegative, second < 60, let nanoseconds = RuleDuration(seconds: second)?.nanoseconds
        else { return nil }
        var zone: RuleZone?
        if arguments.count > 3 {
            switch arguments[3].single {
            case .null: break
            case .duration(let offset):
                let seconds = offset.nanoseconds / Int128(RuleTime.second)
                guard seconds.magnitude <= 14 * 3_600 else { return nil }
                zone = .offset(Int(seconds))
            default: return nil
            }
        }
        let start = Int64(hour * 3_600 + minute * 60) * RuleTime.second
        return .time(RuleTime(nanoseconds: start + Int64(nanoseconds), zone: zone))
    }

    /// Whole months, towards zero.
    private static func months(from: LocalDate, to: LocalDate) -> Int {
        let count = (to.year - from.year) * 12 + to.month - from.month
        if count > 0, to.day < from.day { return count - 1 }
        if count < 0, to.day > from.day { return count + 1 }
        return count
    }

    private static func number(_ arguments: [RuleValue]) -> RuleValue? {
        if arguments.count == 1, case .number = arguments[0].single { return arguments[0].single }
        guard let text = arguments[0].argumentText else { return nil }
        func separator(_ place: Int, _ allowed: Set<String>) -> String?? {
            guard arguments.count > place, !arguments[place].isNull else { return .some(nil) }
            guard let text = arguments[place].argumentText, allowed.contains(text) else { return nil }
            return .some(text)
        }
        guard let grouping = separator(1, [" ", ",", "."]), let point = separator(2, [",", "."]) else {
            return nil
        }
        guard grouping == nil || grouping != point else { return nil }
        var plain = text
        if let grouping {
            plain = plain.split(separator: grouping, omittingEmptySubsequences: false).joined()
        }
        if let point, point != "." {
            guard !plain.contains(".") else { return nil }
            plain = plain.split(separator: point, omittingEmptySubsequences: false).joined(separator: ".")
        }
        return RuleDecimal(parsing: plain).map { .number($0) }
    }
}

extension RuleRange {
    /// Reads `[1..3]`, `(1..3]` and so on; ends are literals (DMN 1.5, 10.3.4.1).
    init?(parsing text: String) {
        guard text.utf8.count <= 1_000, let expression = try? FEEL.parse(text),
            case .range = expression.root.kind,
            expression.hasLiteralEnds, case .range(let range) = expression.evaluate(in: RuleContext()).value,
            let start = range.start, let end = range.end, !start.isNull, !end.isNull
        else { return nil }
        self = range
    }
}
