public import Kernel
public import Standards

/// How a running clock stands, in one word: derived from its due date and its ladder, kept nowhere.
public enum ClockLight: String, Sendable, CaseIterable {
    case green
    /// A rung before the end has been reached.
    case yellow
    /// The end has passed.
    case red
}

extension DeadlineClock {
    /// - Returns: nil once the clock has ended, while it stands still, and while its date is not known.
    public func light(at now: Instant, calendar: WorkingCalendar) -> ClockLight? {
        guard ended == nil, let end = due(calendar).end else { return nil }
        if now >= end { return .red }
        let warnings = ladder.rungs.compactMap { ladder.moment(of: $0, clock: self, calendar: calendar) }
        return warnings.contains { $0 < end && $0 <= now } ? .yellow : .green
    }
}
