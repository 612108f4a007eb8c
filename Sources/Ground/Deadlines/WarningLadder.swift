public import Kernel
public import Standards

/// When to warn about a clock, rung by rung. Data with a first day of validity, from `warning-ladders.tsv` or a
/// system's own definition; a clock keeps the ladder it began with.
public struct WarningLadder: Hashable, Sendable {
    public enum Mark: Hashable, Sendable {
        /// That long before the last day (or moment).
        case before(Period)
        /// On the first day on which no more than this part of the budget is left, at the earliest the last day.
        case left(part: Int, of: Int)
        /// That long after the end. `0 d` is the end itself.
        case after(Period)
    }

    public struct Rung: Hashable, Sendable {
        /// `yellow`; unique in the ladder. `due` is kept for the end itself.
        public let name: String
        public let mark: Mark
        /// Minutes after midnight at which a rung of days warns, 0...1439.
        public let minuteOfDay: Int
        /// Whom it concerns: a role, `handler`, `head`, `supervisor`.
        public let to: String

        public init(name: String, mark: Mark, minuteOfDay: Int = 0, to: String) {
            self.name = name
            self.mark = mark
            self.minuteOfDay = minuteOfDay
            self.to = to
        }
    }

    public let name: String
    public let rungs: [Rung]

    public init(name: String, rungs: [Rung]) {
        self.name = name
        self.rungs = rungs
    }

    /// No warnings; the end itself is announced all the same.
    public static let none = WarningLadder(name: "none", rungs: [])

    /// The moment of a rung.
    /// - Returns: nil while the due date is not known, or when the moment would lie before the clock's start.
    public func moment(of rung: Rung, clock: DeadlineClock, calendar: WorkingCalendar) -> Instant? {
        let moment: Instant?
        switch clock.due(calendar) {
        case .waitsForCalendar, .paused: return nil
        case .moment(let end): moment = Self.moment(rung.mark, end: end, clock: clock)
        case .day(let last): moment = Self.moment(rung, last: last, clock: clock, calendar: calendar)
        }
        guard let moment, moment > clock.started else { return nil }
        return moment
    }

    private static func moment(_ mark: Mark, end: Instant, clock: DeadlineClock) -> Instant? {
        switch mark {
        case .before(let period): period.milliseconds.map { end + -$0 }
        case .after(let period): period.amount == 0 ? end + 1 : period.milliseconds.map { end + $0 }
        case .left(let part, let whole):
            end + -(Int64(clock.total) * Instant.minute * Int64(part) / Int64(max(1, whole)))
        }
    }

    private static func moment(
        _ rung: Rung,
        last: LocalDate,
        clock: DeadlineClock,
        calendar: WorkingCalendar
    ) -> Instant? {
        func at(_ day: LocalDate) -> Instant { Instant(day) + Int64(rung.minuteOfDay) * Instant.minute }
        func back(_ count: Int, working: Bool) -> LocalDate? {
            guard working else { return last.adding(days: -count) }
            do { return try calendar.adding(workingDays: -count, to: last) } catch { return nil }
        }
        switch rung.mark {
        case .before(let period):
            switch period.unit {
            case .workingDay: return back(period.amount, working: true).map(at)
            case .day: return back(period.amount, working: false).map(at)
            case .month: return at(last.adding(months: -period.amount))
            case .year: return at(last.adding(months: -12 * period.amount))
            case .hour, .minute: return Instant(last.adding(days: 1)) + -(period.milliseconds ?? 0)
            }
        case .left(let part, let whole):
            let days = max(1, clock.total * part / max(1, whole))
            return back(days - 1, working: clock.budget.unit == .workingDay).map(at)
        case .after(let period):
            let end = Instant(last.adding(days: 1))
            if period.amount == 0 { return end }
            switch period.unit {
            case .workingDay:
                do { return at(try calendar.adding(workingDays: period.amount, to: last)) } catch {
                    return nil
                }
            case .day: return at(last.adding(days: period.amount))
            case .month: return at(last.adding(months: period.amount))
            case .year: return at(last.adding(months: 12 * period.amount))
            case .hour, .minute: return end + (period.milliseconds ?? 0)
            }
        }
    }
}

extension WarningLadder.Mark {
    /// Reads `-1 wd`, `1/3`, `+0 d`, `+2 wd`.
    public init(_ text: some StringProtocol) throws(DeadlineError) {
        if text.hasPrefix("-") {
            self = .before(try Period(text.dropFirst()))
        } else if text.hasPrefix("+") {
            self = .after(try Period(text.dropFirst()))
        } else {
            let parts = text.split(separator: "/")
            guard parts.count == 2, let part = Int(parts[0]), let whole = Int(parts[1]), part > 0,
                part < whole,
                whole <= 1_000
            else { throw .badLadder(why: String(text)) }
            self = .left(part: part, of: whole)
        }
    }

    public var text: String {
        switch self {
        case .before(let period): "-\(period)"
        case .after(let period): "+\(period)"
        case .left(let part, let whole): "\(part)/\(whole)"
        }
    }
}

extension WarningLadder {
    /// As stored with a clock.
    public var json: JSON {
        [
            "name": .string(name),
            "rungs": .array(
                rungs.map { rung in
                    [
                        "name": .string(rung.name), "mark": .string(rung.mark.text),
                        "at": JSON(rung.minuteOfDay),
                        "to": .string(rung.to),
                    ]
                }
            ),
        ]
    }

    public init(_ json: JSON) throws(DeadlineError) {
        guard let name = json["name"].text else { throw .badLadder(why: "name") }
        var rungs: [Rung] = []
        for rung in json["rungs"].elements {
            guard let name = rung["name"].text, let mark = rung["mark"].text, let to = rung["to"].text,
                let minute = rung["at"].int, (0..<1_440).contains(minute)
            else { throw .badLadder(why: name) }
            rungs.append(Rung(name: name, mark: try Mark(mark), minuteOfDay: Int(minute), to: to))
        }
        self.init(name: name, rungs: rungs)
    }
}
