public import Kernel

/// When a clock runs out: always derived, never edited.
public enum Due: Hashable, Sendable, CustomStringConvertible {
    /// At 24:00 of that day.
    case day(LocalDate)
    /// At that moment (hours and minutes).
    case moment(Instant)
    /// Depends on a year whose calendar is not published: set when it is, and not before that day.
    case waitsForCalendar(year: Int, notBefore: LocalDate)
    /// The clock stands still; so much is left.
    case paused(left: Period)

    /// The first moment that is too late; nil while it is not known.
    public var end: Instant? {
        switch self {
        case .day(let date): Instant(date.adding(days: 1))
        case .moment(let instant): instant + 1
        case .waitsForCalendar, .paused: nil
        }
    }

    /// Whether the period is over at `now`. Never while the date is not known.
    public func isOver(at now: Instant) -> Bool { end.map { now >= $0 } ?? false }

    /// The date to show; nil while it is not known.
    public var date: LocalDate? {
        switch self {
        case .day(let date): date
        case .moment(let instant): instant.date
        case .waitsForCalendar, .paused: nil
        }
    }

    /// `2026-11-21`, a moment in ISO 8601, `calendar 2027`, `paused 3 wd`.
    public var description: String {
        switch self {
        case .day(let date): date.description
        case .moment(let instant): instant.description
        case .waitsForCalendar(let year, _): "calendar \(year)"
        case .paused(let left): "paused \(left)"
        }
    }
}
