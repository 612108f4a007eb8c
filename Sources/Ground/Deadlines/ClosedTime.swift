import Audit
import Jobs
public import Kernel
import Standards
public import Storage

/// A time in which nobody could act because the platform was closed, by an announcement.
public struct ClosedTime: Sendable {
    public let from: Instant
    public let to: Instant
    /// What clocks it moves, by name, with the basis for each: dated data, not everything that runs.
    public let clocks: [(name: String, basis: String)]
    /// The announcement: the same one moves a clock once.
    public let announcement: String

    public init(from: Instant, to: Instant, clocks: [(name: String, basis: String)], announcement: String) {
        self.from = from
        self.to = to
        self.clocks = clocks
        self.announcement = announcement
    }

    private static let batch = 500

    /// Gives every clock back what the time took: each working or calendar day that it touched, or the minutes. The due
    /// date follows from that, with the announcement and its basis in the clock's journal and in the log.
    /// - Parameter noted: told of each clock in the transaction that moves it.
    /// - Returns: how many were moved.
    /// - Throws: the first failure, after all others were moved.
    @discardableResult
    public func giveBack(
        in database: any Database,
        calendars: CalendarShelf,
        occasion: Occasion,
        noted: @escaping @Sendable (DeadlineClock, any Transaction) throws -> Void
    ) async throws -> Int {
        var count = 0
        var failure: (any Error)?
        for (name, basis) in clocks {
            let rule = "\(announcement)；\(basis)"
            var after = ""
            while true {
                let cursor = after
                let ids = try await database.read { reader in
                    try DeadlineStore.running(
                        name,
                        startedBefore: to,
                        endingAfter: from,
                        after: cursor,
                        countMax: Self.batch,
                        in: reader
                    )
                }
                guard let last = ids.last else { break }
                after = last.rawValue
                for id in ids {
                    do {
                        let isMoved = try await database.write { tx in
                            try giveBack(id, rule, calendars.current, occasion, noted, tx)
                        }
                        if isMoved { count += 1 }
                    } catch { failure = failure ?? error }
                }
            }
        }
        if let failure { throw failure }
        return count
    }

    private func giveBack(
        _ id: ID<DeadlineClock>,
        _ rule: String,
        _ calendar: WorkingCalendar,
        _ occasion: Occasion,
        _ noted: (DeadlineClock, any Transaction) throws -> Void,
        _ tx: any Transaction
    ) throws -> Bool {
        guard let clock = try DeadlineStore.locked(id, in: tx), clock.ended == nil, !clock.isPaused,
            !clock.extensions.contains(where: { $0.rule.hasPrefix("\(announcement)；") }),
            let period = try period(for: clock, calendar), period.amount > 0
        else { return false }
        let moved: DeadlineClock
        do {
            moved = try Deadlines.extend(
                id,
                by: period,
                rule: rule,
                calendar: calendar,
                occasion: occasion,
                in: tx
            )
        } catch DeadlineError.over {
            return false
        }
        try noted(moved, tx)
        return true
    }

    /// Nil where the days cannot be counted: their calendar is not published.
    private func period(for clock: DeadlineClock, _ calendar: WorkingCalendar) throws -> Period? {
        let (first, last) = (max(from, clock.started).date, (to + -1).date)
        switch clock.budget.unit.family {
        case .running:
            let taken = to - max(from, clock.started)
            return try Period(Int((taken + Instant.minute - 1) / Instant.minute), .minute)
        case .calendar: return try Period(last.dayNumber - first.dayNumber + 1, .day)
        case .workingDays:
            guard let days = try? calendar.workingDays(from: first.adding(days: -1), to: last) else {
                return nil
            }
            return try Period(max(0, days), .workingDay)
        }
    }
}
