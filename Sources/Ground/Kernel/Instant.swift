import Synchronization

/// A moment: milliseconds since 1970-01-01T00:00:00Z, as it is stored.
public struct Instant: Hashable, Comparable, Sendable, Codable {
    public var milliseconds: Int64

    /// What is farther away than 100,000,000 days stands for that day: a number from outside never leads beyond what can be
    /// reckoned with.
    public init(milliseconds: Int64) {
        self.milliseconds = min(max(milliseconds, -Self.farthest), Self.farthest)
    }

    private static let farthest = 100_000_000 * day

    /// A wall-clock moment in the platform's time zone, Asia/Shanghai (UTC+8 without daylight saving).
    public init(_ date: LocalDate, hour: Int = 0, minute: Int = 0, second: Int = 0, millisecond: Int = 0) {
        let local = Int64(date.dayNumber) * Self.day + Int64(hour) * Self.hour + Int64(minute) * Self.minute
        milliseconds = local + Int64(second) * 1_000 + Int64(millisecond) - Self.zone
    }

    public static let minute: Int64 = 60_000
    public static let hour: Int64 = 3_600_000
    public static let day: Int64 = 86_400_000
    public static let week: Int64 = 604_800_000
    /// Asia/Shanghai, UTC+8 all year.
    static let zone: Int64 = 8 * hour

    /// The calendar day on which this moment falls in Asia/Shanghai.
    public var date: LocalDate {
        LocalDate(dayNumber: Int((milliseconds + Self.zone).floorDivided(by: Self.day)))
    }

    /// Milliseconds since local midnight, 0..<86,400,000.
    public var timeOfDay: Int64 { (milliseconds + Self.zone).floorRemainder(by: Self.day) }

    public static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

    public static func + (left: Self, milliseconds: Int64) -> Self {
        Self(milliseconds: left.milliseconds + milliseconds)
    }

    public static func - (left: Self, right: Self) -> Int64 { left.milliseconds - right.milliseconds }
}

extension Instant: CustomStringConvertible {
    /// ISO 8601 with the zone's offset, `2026-11-21T13:05:00+08:00`; milliseconds only when there are any.
    public var description: String {
        let time = timeOfDay
        let fraction = time % 1_000
        let clock =
            "\(padded(time / Self.hour, 2)):\(padded(time / Self.minute % 60, 2)):\(padded(time / 1_000 % 60, 2))"
        return "\(date)T\(clock)\(fraction == 0 ? "" : ".\(padded(fraction, 3))")+08:00"
    }

    /// `2026-11-21 13:05`, as pages and papers show it.
    public var minuteText: String {
        "\(date) \(padded(timeOfDay / Self.hour, 2)):\(padded(timeOfDay / Self.minute % 60, 2))"
    }

    /// Reads `2026-11-21`, `2026-11-21 13:05`, `2026-11-21T13:05:07.250`, each with an optional `Z` or `±hh:mm`;
    /// without a zone the moment is local.
    public init?(parsing text: some StringProtocol) {
        let characters = Array(text.utf8)
        guard characters.count >= 10, let date = LocalDate(parsing: text.prefix(10)) else { return nil }
        var cursor = 10
        func digits(_ count: Int) -> Int? {
            guard cursor + count <= characters.count else { return nil }
            var value = 0
            for character in characters[cursor..<cursor + count] {
                guard (0x30...0x39).contains(character) else { return nil }
                value = value * 10 + Int(character - 0x30)
            }
            cursor += count
            return value
        }
        func accept(_ character: Character) -> Bool {
            guard cursor < characters.count, characters[cursor] == character.asciiValue else { return false }
            cursor += 1
            return true
        }
        var time: Int64 = 0
        if accept("T") || accept(" ") {
            guard let hour = digits(2), accept(":"), let minute = digits(2), hour < 24, minute < 60 else {
                return nil
            }
            time = Int64(hour) * Self.hour + Int64(minute) * Self.minute
            if accept(":") {
                guard let second = digits(2), second < 60 else { return nil }
                time += Int64(second) * 1_000
                if accept(".") {
                    guard let fraction = digits(3) else { return nil }
                    time += Int64(fraction)
                }
            }
        }
        var zone = Self.zone
        if accept("Z") {
            zone = 0
        } else if cursor < characters.count {
            let negative = characters[cursor] == 0x2D
            guard accept("+") || accept("-"), let hour = digits(2), accept(":"), let minute = digits(2),
                hour < 24, minute < 60
            else { return nil }
            zone = (Int64(hour) * Self.hour + Int64(minute) * Self.minute) * (negative ? -1 : 1)
        }
        guard cursor == characters.count else { return nil }
        milliseconds = Int64(date.dayNumber) * Self.day + time - zone
    }
}

/// Tells the time. The system clock lives in `Server`; scenarios and tests hold a `ManualClock`.
public protocol Clock: Sendable {
    var now: Instant { get }
}

/// A clock that moves only when told to.
public final class ManualClock: Clock {
    private let instant: Mutex<Instant>

    public init(_ start: Instant) { instant = Mutex(start) }

    public var now: Instant { instant.withLock { $0 } }

    public func set(_ moment: Instant) { instant.withLock { $0 = moment } }
}

func padded(_ number: some BinaryInteger, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
}

extension Int64 {
    func floorDivided(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    func floorRemainder(by divisor: Int64) -> Int64 {
        let remainder = self % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}
