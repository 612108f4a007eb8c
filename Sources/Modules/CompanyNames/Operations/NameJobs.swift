public import Jobs
public import Kernel
import Standards
public import Storage

/// The timers of the name library: reminders before a reservation ends, its end, and the end of a year's block.
public enum NameJobs {
    static let expire = "company-name.expire"
    static let remind = "company-name.remind"

    /// What the job runner must know.
    /// - Parameter rules: the rules in force now; asked at every run, so that a replaced table counts.
    public static func kinds(
        database: any Database,
        clock: any Clock,
        rules: @escaping @Sendable () -> NameRules
    ) -> [JobKind] {
        [
            JobKind(expire) { job in
                let occasion = Occasion(
                    now: max(clock.now, job.due),
                    actor: .platform("company-names"),
                    request: "job:\(job.key)"
                )
                let current = rules()
                return try await database.write { tx in
                    try end(ID(job.payload["name"].text ?? ""), under: current, occasion: occasion, in: tx)
                }
            },
            JobKind(remind) { job in
                let occasion = Occasion(
                    now: max(clock.now, job.due),
                    actor: .platform("company-names"),
                    request: "job:\(job.key)"
                )
                try await database.write { tx in
                    guard let found = try NameStore.find(ID(job.payload["name"].text ?? ""), in: tx),
                        found.entry.state == .reserved, found.entry.isLive(at: occasion.now)
                    else { return }
                    try Outbox.emit(
                        "company-name.expiring",
                        object: found.entry.object,
                        payload: found.entry.facts,
                        occasion: occasion,
                        in: tx
                    )
                }
                return .done
            },
        ]
    }

    /// Sets the timers of an entry whose term has an end.
    static func arm(
        _ entry: NameEntry,
        under rules: NameRules,
        now: Instant,
        in tx: any Transaction
    ) throws {
        guard let until = entry.until, entry.state.blocks, entry.state != .held else { return }
        let payload: JSON = ["name": .string(entry.id.rawValue)]
        try Jobs.enqueue(
            kind: expire,
            key: "\(entry.object):\(until.milliseconds)",
            payload: payload,
            at: until,
            in: tx
        )
        guard entry.state == .reserved else { return }
        for reminder in NameLimits.Reminder.allCases {
            let days = try rules.limits.days(reminder, region: entry.region, on: now.date)
            let moment = until + -(Int64(days) * Instant.day) + remindHour * Instant.hour
            guard moment > now else { continue }
            try Jobs.enqueue(
                kind: remind,
                key: "\(entry.object):\(until.milliseconds):\(days)",
                payload: payload,
                at: moment,
                in: tx
            )
        }
    }

    /// Reminders go out in the morning, not at midnight: hours after the start of the day.
    private static let remindHour: Int64 = 9

    /// Ends what has run out. A term that was provisional is computed anew first, and does not end while it is.
    static func end(
        _ id: ID<NameEntry>,
        under rules: NameRules,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> JobOutcome {
        guard let (entry, months) = try NameStore.locked(id, in: tx) else { return .done }
        guard entry.state.blocks, entry.state != .held, let until = entry.until else { return .done }
        if entry.isProvisional {
            var end = NameTerms.reservation(
                from: entry.since,
                months: months,
                calendar: rules.standards.calendar
            )
            if end.isProvisional && end.until <= occasion.now {
                // Nobody loses a name by a guess: day by day it stays his until the year's holidays are published.
                end = NameTerms.End(until: Instant(occasion.now.date.adding(days: 1)), isProvisional: true)
            }
            if end.until > occasion.now {
                guard end.until != until || !end.isProvisional else { return .again(at: until, why: "early") }
                let moved = try NameChange.apply(
                    entry.with(end: end),
                    before: entry,
                    termMonths: months,
                    act: "term-moved",
                    occasion: occasion,
                    in: tx
                )
                try arm(moved, under: rules, now: occasion.now, in: tx)
                return .done
            }
        }
        guard until <= occasion.now else { return .done }
        let event: NameEvent = entry.state == .reserved ? .expire : .lapse
        let ended = entry.with(state: try entry.state.after(event), owner: .some(nil))
        try NameChange.apply(
            ended,
            before: entry,
            termMonths: months,
            act: ended.state.rawValue,
            occasion: occasion,
            in: tx
        )
        return .done
    }
}
