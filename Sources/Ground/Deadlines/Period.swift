import Kernel

/// A length of time as a rule states it: `5 wd`, `20 d`, `2 mo`, `1 y`, `2 h`, `45 min`.
public struct Period: Hashable, Sendable, CustomStringConvertible {
    public enum Unit: String, Sendable, CaseIterable {
        case workingDay = "wd"
        case day = "d"
        case month = "mo"
        case year = "y"
        case hour = "h"
        case minute = "min"

        /// Units of one family may be added up; those of different families may not.
        public var family: Family {
            switch self {
            case .workingDay: .workingDays
            case .day, .month, .year: .calendar
            case .hour, .minute: .running
            }
        }
    }

    public enum Family: Sendable {
        /// Working days by the published calendar.
        case workingDays
        /// Days, months and years (Civil Code, articles 201-203).
        case calendar
        /// Hours and minutes, which run on through nights and holidays.
        case running
    }

    /// 0...100,000.
    public let amount: Int
    public let unit: Unit

    public static let amountMax = 100_000

    /// - Throws: `period.amount` outside 0...100,000.
    public init(_ amount: Int, _ unit: Unit) throws(DeadlineError) {
        guard (0...Self.amountMax).contains(amount) else { throw .badAmount(String(amount)) }
        self.amount = amount
        self.unit = unit
    }

    /// Reads what `description` prints; one space or none between number and unit.
    public init(_ text: some StringProtocol) throws(DeadlineError) {
        let digits = text.prefix(upTo: text.utf8.firstIndex { !(0x30...0x39).contains($0) } ?? text.endIndex)
        let rest = text[digits.endIndex...]
        let unit = rest.hasPrefix(" ") ? rest.dropFirst() : rest[...]
        guard !digits.isEmpty, let unit = Unit(rawValue: String(unit)) else { throw .badPeriod(String(text)) }
        guard digits.utf8.count <= 6, let amount = Int(digits) else { throw .badAmount(String(digits)) }
        try self.init(amount, unit)
    }

    public var description: String { "\(amount) \(unit.rawValue)" }

    /// Milliseconds of hours and minutes; nil for the others, whose length depends on the calendar.
    var milliseconds: Int64? {
        switch unit {
        case .hour: Int64(amount) * Instant.hour
        case .minute: Int64(amount) * Instant.minute
        case .workingDay, .day, .month, .year: nil
        }
    }
}
