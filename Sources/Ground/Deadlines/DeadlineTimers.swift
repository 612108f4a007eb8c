public import Jobs
public import Kernel
import Standards
public import Storage

/// The timers of a clock's warnings: one job for each rung, and one for the end itself.
///
/// When a rung's moment comes, the event `deadline.warned` goes into the outbox with clock, object, name, rung, role
/// and due date; at the end `deadline.due` does. Each goes out once, however often the due date moves afterwards.
public enum DeadlineTimers {
    public static let kindName = "deadline.rung"
    public static let warned = "deadline.warned"
    public static let due = "deadline.due"

    /// The rung of the end, which every clock has.
    static let end = WarningLadder.Rung(
        name: "due",
        mark: .after(Period(clamped: 0, .day)),
        minuteOfDay: 0,
        to: ""
    )

    static func rungs(_ clock: DeadlineClock) -> [WarningLadder.Rung] { clock.ladder.rungs + [end] }

    /// Sets, moves or takes away the timers after a change.
    static func set(_ clock: DeadlineClock, calendar: WorkingCalendar, in tx: any Transaction) throws {
        for rung in rungs(clock) {
            let key = "\(clock.id):\(rung.name)"
            try Jobs.cancel(kind: kindName, key: key, in: tx)
            guard clock.ended == nil,
                let moment = clock.ladder.moment(of: rung, clock: clock, calendar: calendar)
            else { continue }
            try Jobs.enqueue(
                kind: kindName,
                key: key,
                payload: ["clock": .string(clock.id.rawValue), "rung": .string(rung.name)],
                at: moment,
                in: tx
            )
        }
    }

    /// The kind of job to be given to the runner.
    public static func kind(
        database: any Database,
        calendars: CalendarShelf,
        clock: any Clock,
        entropy: any Entropy = SystemEntropy()
    ) -> JobKind {
        JobKind(kindName) { job in
            guard let id = job.payload["clock"].text, let name = job.payload["rung"].text else {
                return .done
            }
            let calendar = calendars.current
            let occasion = Occasion(
                now: clock.now,
                actor: .platform("deadlines"),
                request: "job:\(job.key)",
                entropy: entropy
            )
            return try await database.write { tx in
                try climb(ID(id), rung: name, calendar: calendar, occasion: occasion, in: tx)
            }
        }
    }

    private static func climb(
        _ id: ID<DeadlineClock>,
        rung name: String,
        calendar: WorkingCalendar,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> JobOutcome {
        guard let clock = try DeadlineStore.locked(id, in: tx), clock.ended == nil,
            let rung = rungs(clock).first(where: { $0.name == name })
        else { return .done }
        guard let moment = clock.ladder.moment(of: rung, clock: clock, calendar: calendar) else {
            // Another node published a calendar that has not arrived here, or the clock was paused this moment.
            return .again(at: occasion.now + Instant.hour, why: "not-known")
        }
        guard occasion.now >= moment else { return .again(at: moment, why: "moved") }
        guard try DeadlineStore.climb(id, rung: name, at: occasion.now, in: tx) else { return .done }
        let payload: JSON = [
            "clock": .string(id.rawValue), "name": .string(clock.name), "rung": .string(name),
            "to": .string(rung.to), "due": .string(clock.due(calendar).description),
            "rule": .string(clock.rule),
        ]
        try Outbox.emit(
            name == end.name ? due : warned,
            object: clock.object,
            payload: payload,
            occasion: occasion,
            in: tx
        )
        return .done
    }
}
