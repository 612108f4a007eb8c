import Foundation
import Kernel

/// Reads the ISO 8601 texts of DMN 1.5, 10.3.2.3.4-10.3.2.3.8. Works on bytes and stops at the first misfit.
struct TimeReader {
    private let bytes: [UInt8]
    private var index = 0
    private var isNextDay = false

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { index == bytes.count }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func accept(_ character: Character) -> Bool {
        guard let next, next == character.asciiValue else { return false }
        index += 1
        return true
    }

    private mutating func digits(_ range: ClosedRange<Int>) -> Int? {
        var value = 0
        var count = 0
        while let byte = next, (0x30...0x39).contains(byte), count <= range.upperBound {
            value = value * 10 + Int(byte - 0x30)
            count += 1
            index += 1
        }
        return range.contains(count) ? value : nil
    }

    /// `[-]YYYY-MM-DD`, four to nine digits of year, no zero before more than four.
    mutating func date() -> LocalDate? {
        let negative = accept("-")
        let start = index
        guard let year = digits(4...9) else { return nil }
        if index - start > 4, bytes[start] == 0x30 { return nil }
        guard accept("-"), let month = digits(2...2), accept("-"), let day = digits(2...2) else { return nil }
        return LocalDate.any(year: negative ? -year : year, month: month, day: day)
    }

    /// `hh:mm:ss[.fraction][Z|±hh:mm[:ss]|@Zone]`
    /// - Parameter midnight: 24:00:00 is allowed and answered as 00:00:00, `isNextDay` then is set.
    mutating func time(midnight: Bool = false) -> RuleTime? {
        guard let hour = digits(2...2), accept(":"), let minute = digits(2...2), accept(":"),
            let second = digits(2...2), minute < 60, second < 60,
            hour < 24 || (midnight && hour == 24 && minute + second == 0)
        else { return nil }
        isNextDay = hour == 24
        var fraction: Int64 = 0
        if accept(".") {
            var unit: Int64 = 100_000_000
            let start = index
            while let byte = next, (0x30...0x39).contains(byte) {
                fraction += Int64(byte - 0x30) * unit
                unit /= 10
                index += 1
            }
            guard index > start else { return nil }
        }
        if isNextDay, fraction != 0 { return nil }
        let seconds = Int64(hour % 24 * 3_600 + minute * 60 + second)
        let nanoseconds = seconds * RuleTime.second + fraction
        if isAtEnd { return RuleTime(nanoseconds: nanoseconds, zone: nil) }
        guard let zone = zone() else { return nil }
        return RuleTime(nanoseconds: nanoseconds, zone: zone)
    }

    private mutating func zone() -> RuleZone? {
        if accept("Z") || accept("z") { return .offset(0) }
        if accept("@") {
            let name = String(decoding: bytes[index...], as: UTF8.self)
            index = bytes.count
            return RuleZone(name: name)
        }
        let negative = next == UInt8(ascii: "-")
        guard accept("+") || accept("-"), let hour = digits(2...2), accept(":"), let minute = digits(2...2)
        else {
            return nil
        }
        var second = 0
        if accept(":") {
            guard let written = digits(2...2) else { return nil }
            second = written
        }
        let offset = hour * 3_600 + minute * 60 + second
        guard minute < 60, second < 60, offset <= 14 * 3_600 else { return nil }
        return .offset(negative ? -offset : offset)
    }

    mutating func dateTime() -> RuleDateTime? {
        guard let date = date(), accept("T"), let time = time(midnight: true) else { return nil }
        return RuleDateTime(date: isNextDay ? date.adding(days: 1) : date, time: time)
    }

    /// `[-]PnDTnHnMn.nS` or `[-]PnYnM`, at least one part.
    mutating func duration() -> RuleValue? {
        let negative = accept("-")
        guard accept("P") else { return nil }
        var inTime = false
        var months = 0
        var nanoseconds: Int128 = 0
        var used: [UInt8] = []
        while !isAtEnd {
            if !inTime, accept("T") {
                inTime = true
                guard !isAtEnd else { return nil }
                continue
            }
            guard let amount = digits(1...18) else { return nil }
            var fraction: Int128 = 0
            if inTime, accept(".") {
                var unit: Int128 = 100_000_000
                while let byte = next, (0x30...0x39).contains(byte) {
                    fraction += Int128(byte - 0x30) * unit
                    unit /= 10
                    index += 1
                }
                guard next == UInt8(ascii: "S") else { return nil }
            }
            guard let letter = next else { return nil }
            index += 1
            let part = inTime ? letter &+ 32 : letter
            guard Self.order(part) > (used.last.map(Self.order) ?? 0) else { return nil }
            used.append(part)
            switch part {
            case UInt8(ascii: "Y"):
                guard amount < 1_000_000_000_000 else { return nil }
                months += amount * 12
            case UInt8(ascii: "M"):
                guard amount < 12_000_000_000_000 else { return nil }
                months += amount
            case UInt8(ascii: "D"): nanoseconds += Int128(amount) * Int128(RuleTime.day)
            case UInt8(ascii: "h"): nanoseconds += Int128(amount) * 3_600 * Int128(RuleTime.second)
            case UInt8(ascii: "m"): nanoseconds += Int128(amount) * 60 * Int128(RuleTime.second)
            default: nanoseconds += Int128(amount) * Int128(RuleTime.second) + fraction
            }
        }
        guard let first = used.first, let last = used.last else { return nil }
        if Self.order(last) <= 2 { return .months(negative ? -months : months) }
        guard Self.order(first) >= 3 else { return nil }
        return .duration(RuleDuration(nanoseconds: negative ? -nanoseconds : nanoseconds))
    }

    /// Y M D h m s in this order; 0 for anything else.
    private static func order(_ letter: UInt8) -> Int {
        switch letter {
        case UInt8(ascii: "Y"): 1
        case UInt8(ascii: "M"): 2
        case UInt8(ascii: "D"): 3
        case UInt8(ascii: "h"): 4
        case UInt8(ascii: "m"): 5
        case UInt8(ascii: "s"): 6
        default: 0
        }
    }
}

extension RuleZone {
    /// Nil for a zone that is not on the list.
    init?(name: String) {
        let isPlain = name.utf8.allSatisfy {
            (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0)
                || [0x2F, 0x5F, 0x2B, 0x2D].contains($0)
        }
        guard isPlain, !name.isEmpty, TimeZone(identifier: name) != nil else { return nil }
        self = .named(name)
    }

    var text: String {
        switch self {
        case .offset(0): return "Z"
        case .offset(let seconds):
            let size = abs(seconds)
            let rest = size % 60 == 0 ? "" : ":" + twoDigits(size % 60)
            return (seconds < 0 ? "-" : "+") + twoDigits(size / 3_600) + ":" + twoDigits(size / 60 % 60)
                + rest
        case .named(let name): return "@" + name
        }
    }
}

private func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

extension RuleTime: CustomStringConvertible {
    public var description: String {
        twoDigits(hour) + ":" + twoDigits(minute) + ":" + twoDigits(second) + fractionText(fraction)
            + (zone?.text ?? "")
    }
}

/// `.25` for 250,000,000 billionths, nothing for none.
private func fractionText(_ billionths: Int) -> String {
    guard billionths != 0 else { return "" }
    var digits = String(billionths + 1_000_000_000).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "." + digits
}

extension RuleDateTime: CustomStringConvertible {
    public var description: String { date.feelText + "T" + time.description }
}

extension LocalDate {
    /// As FEEL writes it: years before 1 with a minus, years over 9999 with all their digits.
    var feelText: String {
        let size = String(abs(year))
        let padding = String(repeating: "0", count: max(0, 4 - size.utf8.count))
        return (year < 0 ? "-" : "") + padding + size + "-" + twoDigits(month) + "-" + twoDigits(day)
    }
}

extension RuleDuration: CustomStringConvertible {
    public var description: String {
        let size = nanoseconds.magnitude
        guard size != 0 else { return "PT0S" }
        let seconds = size / 1_000_000_000
        let fraction = Int(size % 1_000_000_000)
        let days = seconds / 86_400
        let hours = seconds / 3_600 % 24
        let minutes = seconds / 60 % 60
        let rest = seconds % 60
        var text = nanoseconds < 0 ? "-P" : "P"
        if days > 0 { text += "\(days)D" }
        guard hours + minutes + rest > 0 || fraction > 0 else { return text }
        text += "T"
        if hours > 0 { text += "\(hours)H" }
        if minutes > 0 { text += "\(minutes)M" }
        if rest > 0 || fraction > 0 { text += "\(rest)" + fractionText(fraction) + "S" }
        return text
    }
}

/// `P1Y2M` for 14.
func monthsText(_ months: Int) -> String {
    let years = months.magnitude / 12
    let rest = months.magnitude % 12
    guard months != 0 else { return "P0M" }
    return (months < 0 ? "-P" : "P") + (years > 0 ? "\(years)Y" : "") + (rest > 0 ? "\(rest)M" : "")
}

extension RuleValue {
    static func readDate(_ text: String) -> LocalDate? {
        var reader = TimeReader(text)
        let value = reader.date()
        return reader.isAtEnd ? value : nil
    }

    static func readTime(_ text: String) -> RuleTime? {
        var reader = TimeReader(text)
        let value = reader.time()
        return reader.isAtEnd ? value : nil
    }

    static func readDateTime(_ text: String) -> RuleDateTime? {
        var reader = TimeReader(text)
        let value = reader.dateTime()
        return reader.isAtEnd ? value : nil
    }

    static func readDuration(_ text: String) -> RuleValue? {
        var reader = TimeReader(text)
        let value = reader.duration()
        return reader.isAtEnd ? value : nil
    }

    /// What stands in `@"..."`: a date, time, date and time or duration (rule 65).
    init?(atLiteral text: String) {
        if let date = Self.readDate(text) {
            self = .date(date)
        } else if let dateTime = Self.readDateTime(text) {
            self = .dateTime(dateTime)
        } else if let time = Self.readTime(text) {
            self = .time(time)
        } else if let duration = Self.readDuration(text) {
            self = duration
        } else {
            return nil
        }
    }
}
