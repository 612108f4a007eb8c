import Foundation
public import Kernel

/// Where a time is told: an offset from UTC or a zone of the IANA list.
public enum RuleZone: Hashable, Sendable {
    /// Seconds east of UTC, within ±14 hours.
    case offset(Int)
    /// `Asia/Shanghai`; only names that this machine's zone list knows.
    case named(String)

    /// Seconds east of UTC at a local moment.
    func offset(atLocal seconds: Int) -> Int {
        switch self {
        case .offset(let offset): return offset
        case .named(let name):
            guard let zone = TimeZone(identifier: name) else { return 0 }
            // A zone answers for moments, so the local time is approached in two steps.
            let first = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
            return zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds - first)))
        }
    }
}

/// A time of day, with a zone or without one.
public struct RuleTime: Hashable, Sendable {
    /// 0 ..< 86,400,000,000,000.
    public let nanoseconds: Int64
    public let zone: RuleZone?

    static let second: Int64 = 1_000_000_000
    static let day: Int64 = 86_400 * second

    public init(nanoseconds: Int64, zone: RuleZone?) {
        self.nanoseconds = nanoseconds
        self.zone = zone
    }

    public var hour: Int { Int(nanoseconds / (3_600 * Self.second)) }
    public var minute: Int { Int(nanoseconds / (60 * Self.second) % 60) }
    public var second: Int { Int(nanoseconds / Self.second % 60) }
    /// Billionths below the second.
    public var fraction: Int { Int(nanoseconds % Self.second) }

    /// Seconds east of UTC; a named zone answers for 1970-01-01.
    var offset: Int? { zone?.offset(atLocal: Int(nanoseconds / Self.second)) }

    /// Nanoseconds of the day in UTC when there is a zone, else as told.
    var comparable: Int64 { nanoseconds - Int64(offset ?? 0) * Self.second }

    /// What equality and order look at: hour, minute, second and offset (DMN 1.5, 10.3.2.3.5).
    var wholeSeconds: Int64 { nanoseconds / Self.second - Int64(offset ?? 0) }
}

/// A day and a time of day, with a zone or without one.
public struct RuleDateTime: Hashable, Sendable {
    public let date: LocalDate
    public let time: RuleTime

    public init(date: LocalDate, time: RuleTime) {
        self.date = date
        self.time = time
    }

    /// A moment as Asia/Shanghai tells it.
    public init(_ instant: Instant) {
        date = instant.date
        time = RuleTime(nanoseconds: instant.timeOfDay * 1_000_000, zone: .named("Asia/Shanghai"))
    }

    var localNanoseconds: Int128 { Int128(date.dayNumber) * Int128(RuleTime.day) + Int128(time.nanoseconds) }

    var offset: Int? {
        time.zone?.offset(atLocal: date.dayNumber * 86_400 + Int(time.nanoseconds / RuleTime.second))
    }

    /// Nanoseconds since 1970 in UTC when there is a zone, else as told.
    var comparable: Int128 { localNanoseconds - Int128(offset ?? 0) * Int128(RuleTime.second) }

    /// What equality and order look at: the parts down to the second and the offset (DMN 1.5, 10.3.2.3.6).
    var wholeSeconds: Int {
        date.dayNumber * 86_400 + Int(time.nanoseconds / RuleTime.second) - (offset ?? 0)
    }

    /// Nil beyond the calendar.
    func adding(_ duration: RuleDuration) -> RuleDateTime? {
        guard let zone = time.zone else {
            return Self(local: localNanoseconds + duration.nanoseconds, zone: nil)
        }
        let moment = comparable + duration.nanoseconds
        guard case .named(let name) = zone, let rules = TimeZone(identifier: name) else {
            return Self(local: localNanoseconds + duration.nanoseconds, zone: zone)
        }
        let seconds = Double(moment / Int128(RuleTime.second))
        let shift = rules.secondsFromGMT(for: Date(timeIntervalSince1970: seconds))
        return Self(local: moment + Int128(shift) * Int128(RuleTime.second), zone: zone)
    }

    private init?(local: Int128, zone: RuleZone?) {
        let day = Int128(RuleTime.day)
        var (days, rest) = local.quotientAndRemainder(dividingBy: day)
        if rest < 0 {
            days -= 1
            rest += day
        }
        guard days.magnitude < UInt128(LocalDate.dayNumberMax) else { return nil }
        date = LocalDate(dayNumber: Int(days))
        time = RuleTime(nanoseconds: Int64(rest), zone: zone)
    }
}

extension LocalDate {
    /// Year 999,999,999 (XML Schema 1.1 part 2, minimally conforming processors go further than 9999).
    static let dayNumberMax = 365_242_500_000
    static let yearMax = 999_999_999

    /// Any year of the proleptic calendar; nil for a day that does not exist.
    static func any(year: Int, month: Int, day: Int) -> LocalDate? {
        if (1...9999).contains(year) { return LocalDate(year: year, month: month, day: day) }
        guard abs(year) <= yearMax else { return nil }
        // 400 years are 146,097 days, so any year is a near one moved by whole cycles.
        let cycles = (year - 2000) / 400
        let near = year - cycles * 400
        return LocalDate(year: near, month: month, day: day)?.adding(days: cycles * 146_097)
    }

    /// Nil beyond the calendar.
    func addingMonths(_ count: Int) -> LocalDate? {
        guard count.magnitude < 24_000_000_000 else { return nil }
        let moved = adding(months: count)
        return abs(moved.dayNumber) < Self.dayNumberMax ? moved : nil
    }
}

/// A days and time duration.
public struct RuleDuration: Hashable, Comparable, Sendable {
    public let nanoseconds: Int128

    public init(nanoseconds: Int128) { self.nanoseconds = nanoseconds }
    public init(days: Int) { nanoseconds = Int128(days) * Int128(RuleTime.day) }

    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Decimal seconds, exact to the nanosecond.
    var seconds: RuleDecimal {
        let size = nanoseconds.magnitude
        return RuleDecimal.rounding(negative: nanoseconds < 0, size, exponent: -9) ?? .zero
    }

    /// Nil beyond ±10^12 days; parts of a nanosecond are dropped.
    init?(seconds: RuleDecimal) {
        let whole = seconds.rounded(scale: 9, .halfEven)
        guard let scaled = whole.multiplied(by: RuleDecimal(1_000_000_000))?.normalised,
            scaled.exponent >= 0, scaled.exponent + scaled.digits <= 27
        else { return nil }
        let size = scaled.coefficient * RuleDecimal.ten(scaled.exponent)
        nanoseconds = scaled.isNegative ? -Int128(size) : Int128(size)
    }
}
