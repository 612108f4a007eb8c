public import Forms
public import Kernel
public import Rules
import Synchronization

/// Numbers of the law and of promises, by region and day: `limits.yaml` of a system.
///
/// A limit's value on a day is that of the nearest region that has one in force: the banner, its league, the region.
public struct DatedLimits: Sendable {
    public let all: [DatedLimit]
    private let byName: [String: DatedLimit]
    private let found = Found()

    public static let none = DatedLimits([])

    init(_ all: [DatedLimit]) {
        self.all = all
        byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
    }

    public subscript(name: String) -> DatedLimit? { byName[name] }

    /// - Parameters:
    ///   - region: six digits, or twelve of which the first six count.
    ///   - date: the day on which the matter is judged.
    /// - Returns: nil when the limit is unknown or nothing is in force there on that day.
    public func value(_ name: String, region: String, on date: LocalDate) -> LimitValue? {
        byName[name]?.value(region: region, on: date)
    }

    /// Every limit in force there on that day, as expressions see them under `limits`: numbers and percentages as
    /// numbers, money in fen, flags, lists, and periods as the text that clocks read (`3 wd`).
    public func values(region: String, on date: LocalDate) -> JSON {
        found.values(region, date) {
            var members: [String: JSON] = [:]
            for limit in all { members[limit.name] = limit.value(region: region, on: date)?.json }
            return .object(members)
        }
    }

    /// What was worked out for a region and a day: every act on a case asks for it, and the answer does not change.
    private final class Found: Sendable {
        private struct Key: Hashable {
            let region: String
            let date: LocalDate
        }

        private let known = Mutex<[Key: JSON]>([:])
        /// Every banner on a few days.
        private static let countMax = 1_000

        func values(_ region: String, _ date: LocalDate, _ find: () -> JSON) -> JSON {
            let key = Key(region: region, date: date)
            if let values = known.withLock({ $0[key] }) { return values }
            let values = find()
            known.withLock { known in
                if known.count >= Self.countMax { known.removeAll() }
                known[key] = values
            }
            return values
        }
    }

    /// `150203` → `150203`, `150200`, `150000`.
    static func chain(_ region: String) -> [String] {
        let code = String(region.prefix(6))
        var chain = [code]
        for length in [4, 2] {
            let upper = String(code.prefix(length)) + String(repeating: "0", count: 6 - length)
            if !chain.contains(upper) { chain.append(upper) }
        }
        return chain
    }
}

public struct DatedLimit: Sendable {
    /// English camelCase, as expressions write it.
    public let name: String
    public let label: Words
    /// Statute and article, or the document that promises it.
    public let law: String?
    /// What makes use of it where no step, form or table names it: `rules`, `clock`, `register`, `names` …
    public let usedBy: [String]
    public let entries: [Entry]
    public let position: SourcePosition

    public struct Entry: Sendable, Hashable {
        /// Six digits.
        public let region: String
        public let from: LocalDate
        /// The last day, inclusive; nil while in force.
        public let until: LocalDate?
        public let value: LimitValue
    }

    public func value(region: String, on date: LocalDate) -> LimitValue? {
        for code in DatedLimits.chain(region) {
            let inForce = entries.filter {
                $0.region == code && $0.from <= date && ($0.until.map { date <= $0 } ?? true)
            }
            if let latest = inForce.max(by: { $0.from < $1.from }) { return latest.value }
        }
        return nil
    }
}

/// What a limit says.
public enum LimitValue: Sendable, Hashable {
    /// A decimal number, canonical digits.
    case number(String)
    case period(LimitPeriod)
    /// `25 %` is 25.
    case percent(String)
    case money(Money)
    case flag(Bool)
    case list([String])

    public var period: LimitPeriod? { if case .period(let period) = self { period } else { nil } }
    public var flag: Bool? { if case .flag(let flag) = self { flag } else { nil } }
    public var list: [String]? { if case .list(let list) = self { list } else { nil } }
    public var money: Money? { if case .money(let money) = self { money } else { nil } }

    /// A number or percentage without decimals.
    public var int: Int? {
        switch self {
        case .number(let digits), .percent(let digits): Int(digits)
        case .period, .money, .flag, .list: nil
        }
    }

    /// As limits.yaml writes it.
    public var text: String {
        switch self {
        case .number(let digits): digits
        case .period(let period): period.text
        case .percent(let digits): "\(digits) %"
        case .money(let money): money.limitText
        case .flag(let flag): flag ? "true" : "false"
        case .list(let words): words.joined(separator: ", ")
        }
    }

    var json: JSON {
        switch self {
        case .number(let digits), .percent(let digits): .number(digits)
        case .period(let period): .string(period.text)
        case .money(let money): JSON(money.fen)
        case .flag(let flag): .bool(flag)
        case .list(let words): .array(words.map { .string($0) })
        }
    }
}

extension Money {
    /// In the unit that needs fewer digits.
    fileprivate var limitText: String {
        fen.isMultiple(of: 1_000_000) ? "\(tenThousandYuanText) 万元" : "\(yuanText) 元"
    }
}

/// An amount of time in one unit; `Deadlines` reads its `text`, but not hours of working days: those are for promises.
public struct LimitPeriod: Sendable, Hashable {
    public enum Unit: String, Sendable, CaseIterable {
        /// Working days, calendar days, weeks, months, years, hours, hours of working days only, minutes.
        case workingDays = "wd"
        case days = "d"
        case weeks = "wk"
        case months = "mo"
        case years = "y"
        case hours = "h"
        case workingHours = "wh"
        case minutes = "min"
    }

    public let amount: Int
    public let unit: Unit

    public init(_ amount: Int, _ unit: Unit) {
        self.amount = amount
        self.unit = unit
    }

    /// Reads `5 wd`, `20d`, `2 mo`.
    public init?(parsing text: String) {
        let digits = text.prefix { $0.isNumber && $0.isASCII }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        guard let amount = Int(digits), amount <= 100_000, let unit = Unit(rawValue: String(unit)) else {
            return nil
        }
        self.init(amount, unit)
    }

    /// `5 wd`; weeks as days and years as months, which is all that clocks know.
    public var text: String {
        switch unit {
        case .weeks: "\(amount * 7) d"
        case .years: "\(amount * 12) mo"
        case .workingDays, .days, .months, .hours, .workingHours, .minutes: "\(amount) \(unit.rawValue)"
        }
    }

    /// The day that lies this far after `date`; nil for working days (the calendar knows) and for hours and minutes.
    public func after(_ date: LocalDate) -> LocalDate? {
        switch unit {
        case .days: date.adding(days: amount)
        case .weeks: date.adding(days: amount * 7)
        case .months: date.adding(months: amount)
        case .years: date.adding(months: amount * 12)
        case .workingDays, .hours, .workingHours, .minutes: nil
        }
    }

    public var words: Words {
        switch unit {
        case .workingDays: Words(zh: "\(amount)个工作日", en: "\(amount) working day\(amount == 1 ? "" : "s")")
        case .days: Words(zh: "\(amount)日", en: "\(amount) day\(amount == 1 ? "" : "s")")
        case .weeks: Words(zh: "\(amount)周", en: "\(amount) week\(amount == 1 ? "" : "s")")
        case .months: Words(zh: "\(amount)个月", en: "\(amount) month\(amount == 1 ? "" : "s")")
        case .years: Words(zh: "\(amount)年", en: "\(amount) year\(amount == 1 ? "" : "s")")
        case .hours: Words(zh: "\(amount)小时", en: "\(amount) hour\(amount == 1 ? "" : "s")")
        case .workingHours:
            Words(
                zh: "工作日内\(amount)小时",
                en: "\(amount) hour\(amount == 1 ? "" : "s") on working days"
            )
        case .minutes: Words(zh: "\(amount)分钟", en: "\(amount) minute\(amount == 1 ? "" : "s")")
        }
    }
}
