import Deadlines
import Kernel
import Standards
import Storage
import Web

/// A legal clock in words: how long is left, always as words and colour together.
struct ClockWords {
    let due: String
    let badge: BadgeView?

    /// - Parameter clock: the identifier of a clock; nil where none runs.
    init(_ clock: String?, visit: Visit, calendar: WorkingCalendar, in reader: any Reader) throws {
        guard let clock, let found = try Deadlines.find(ID(clock), in: reader) else {
            due = visit.dash(nil)
            badge = nil
            return
        }
        let end = found.due(calendar)
        if case .waitsForCalendar(_, let notBefore) = end {
            due = visit.text("workbench.clock.not-before", ["date": notBefore.description])
        } else {
            due = end.date?.description ?? visit.text("workbench.clock.paused")
        }
        if found.ended != nil {
            badge = BadgeView(visit.text("workbench.clock.ended"), .neutral)
        } else if found.light(at: visit.now, calendar: calendar) == .red {
            badge = BadgeView(visit.text("workbench.clock.over"), .bad)
        } else if let date = end.date, let left = try? calendar.workingDays(from: visit.now.date, to: date) {
            badge = BadgeView(
                visit.text("workbench.clock.left", ["days": String(left)]),
                found.light(at: visit.now, calendar: calendar) == .green ? .good : .warn
            )
        } else {
            badge = nil
        }
    }
}

/// How long something has waited: `3 小时 20 分`.
enum Waiting {
    /// For what took at most so long: rounded up in the unit that is shown, never down.
    static func atMost(_ milliseconds: Int64, visit: Visit) -> String {
        let unit = milliseconds > Instant.minute - 1_000 ? Instant.minute : 1_000
        return words((max(0, milliseconds) + unit - 1) / unit * unit, visit: visit)
    }

    static func words(_ milliseconds: Int64, visit: Visit) -> String {
        let minutes = max(0, milliseconds) / Instant.minute
        if minutes < 1 {
            return visit.text("workbench.seconds", ["seconds": String(max(0, milliseconds) / 1_000)])
        }
        if minutes < 60 { return visit.text("workbench.minutes", ["minutes": String(minutes)]) }
        let arguments = [
            "days": String(minutes / 1_440), "hours": String(minutes / 60 % 24),
            "minutes": String(minutes % 60),
        ]
        return visit.text(minutes < 1_440 ? "workbench.hours" : "workbench.days", arguments)
    }
}
