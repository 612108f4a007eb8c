/// A calendar day of the proleptic Gregorian calendar, without time or zone.
public struct LocalDate: Hashable, Comparable, Sendable {
    /// Days since 1970-01-01.
    public let dayNumber: Int

    public init(dayNumber: Int) { self.dayNumber = dayNumber }

    /// - Returns: nil for a day that does not exist, such as 2025-02-29. Years 1...9999.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.length(ofMonth: month, in: year)
        else { return nil }
        dayNumber = Self.number(year, month, day)
    }

    /// Reads `YYYY-MM-DD` and nothing else.
    public init?(parsing text: some StringProtocol) {
        let characters = Array(text.utf8)
        guard characters.count == 10, characters[4] == 0x2D, characters[7] == 0x2D else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for character in characters[range] {
                guard (0x30...0x39).contains(character) else { return nil }
                value = value * 10 + Int(character - 0x30)
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else {
            return nil
        }
        self.init(year: year, month: month, day: day)
    }

    public var year: Int { civil.year }
    public var month: Int { civil.month }
    public var day: Int { civil.day }

    /// 1 is Monday, 7 is Sunday (ISO 8601).
    public var weekday: Int { ((dayNumber + 3) % 7 + 7) % 7 + 1 }

    public func adding(days: Int) -> Self { Self(dayNumber: dayNumber + days) }

    /// The same day number `months` later, or that month's last day when it is shorter (Civil Code, article 202).
    public func adding(months: Int) -> Self {
        let (year, month, day) = civil
        let count = year * 12 + (month - 1) + months
        let newYear = Int(Int64(count).floorDivided(by: 12))
        let newMonth = Int(Int64(count).floorRemainder(by: 12)) + 1
        return Self(
            dayNumber: Self.number(newYear, newMonth, min(day, Self.length(ofMonth: newMonth, in: newYear)))
        )
    }

    /// Whole years from this day to `other`, as an age is counted.
    public func years(until other: LocalDate) -> Int {
        let from = civil
        let to = other.civil
        let reached = (to.month, to.day) >= (from.month, from.day)
        return to.year - from.year - (reached ? 0 : 1)
    }

    public static func < (left: Self, right: Self) -> Bool { left.dayNumber < right.dayNumber }

    public static func length(ofMonth month: Int, in year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    /// Days from civil, after Howard Hinnant's chrono algorithms: years begin in March, eras are 400 years.
    private static func number(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = Int(Int64(shifted).floorDivided(by: 400))
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private var civil: (year: Int, month: Int, day: Int) {
        let shifted = dayNumber + 719_468
        let era = Int(Int64(shifted).floorDivided(by: 146_097))
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

extension LocalDate: CustomStringConvertible {
    public var description: String {
        let (year, month, day) = civil
        guard (0...9_999).contains(year) else {
            return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        }
        return String(unsafeUninitializedCapacity: 10) { text in
            func put(_ number: Int, before end: Int, width: Int) {
                var rest = number
                for place in (end - width..<end).reversed() {
                    text[place] = UInt8(0x30 + rest % 10)
                    rest /= 10
                }
            }
            put(year, before: 4, width: 4)
            put(month, before: 7, width: 2)
            put(day, before: 10, width: 2)
            (text[4], text[7]) = (UInt8(ascii: "-"), UInt8(ascii: "-"))
            return 10
        }
    }

    /// `2026年11月21日`, as Chinese papers write it.
    public var chineseText: String {
        let (year, month, day) = civil
        return "\(year)年\(month)月\(day)日"
    }
}

extension LocalDate: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let date = Self(parsing: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a date YYYY-MM-DD")
        }
        self = date
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
