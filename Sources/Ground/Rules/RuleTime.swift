public import Kernel

/// Where a time is told: an offset from UTC or a zone of the IANA list.
public enum RuleZone: Hashable, Sendable {
    /// Seconds east of UTC, within ±14 hours.
    case offset(Int)
    case named(String)
}

/// A time of day, with a zone or without one.
public struct RuleTime: Hashable, Sendable {
    /// 0 ..< 86,400,000,000,000.
    public let nanoseconds: Int64
    public let zone: RuleZone?

    public init(nanoseconds: Int64, zone: RuleZone?) {
        self.nanoseconds = nanoseconds
        self.zone = zone
    }
}

/// A day and a time of day, with a zone or without one.
public struct RuleDateTime: Hashable, Sendable {
    public let date: LocalDate
    public let time: RuleTime

    public init(date: LocalDate, time: RuleTime) {
        self.date = date
        self.time = time
    }
}

/// A days and time duration.
public struct RuleDuration: Hashable, Comparable, Sendable {
    public let nanoseconds: Int128

    public init(nanoseconds: Int128) { self.nanoseconds = nanoseconds }

    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
}
