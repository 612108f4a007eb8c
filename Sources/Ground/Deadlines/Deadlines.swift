import Audit
import Jobs
public import Kernel
public import Standards
public import Storage

/// The one deadline engine (design rule 3). Every change happens in the caller's transaction: the clock, its
/// journal, and the timers of its warnings.
public enum Deadlines {
    /// Starts a clock. The day of the start does not count.
    /// - Parameters:
    ///   - object: `case:01J…`.
    ///   - at: when it starts, such as the moment of dispatch; nil for now.
    @discardableResult
    public static func start(
        _ name: String,
        for object: String,
        budget: Period,
        rule: String,
        ladder: WarningLadder = .none,
        at start: Instant? = nil,
        calendar: WorkingCalendar,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> DeadlineClock {
        let clock = DeadlineClock(
            id: occasion.newID(),
            object: object,
            name: name,
            budget: budget,
            rule: rule,
            started: start ?? occasion.now,
            ladder: ladder
        )
        let due = clock.due(calendar)
        try DeadlineStore.insert(clock, due: due, in: tx)
        try journal(.started, clock, rule, before: nil, after: due, occasion, tx)
        try DeadlineTimers.set(clock, calendar: calendar, in: tx)
        return clock
    }

    /// The clock stands still from now on.
    /// - Throws: `ended`, `paused`, `over`, `outOfOrder`.
    @discardableResult
    public static func pause(
        _ id: ID<DeadlineClock>,
        rule: String,
        calendar: WorkingCalendar,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> DeadlineClock {
        try change(id, .paused, rule: rule, calendar: calendar, occasion: occasion, in: tx) { clock, due in
            guard !clock.isPaused else { throw DeadlineError.paused }
            guard !due.isOver(at: occasion.now) else { throw DeadlineError.over }
            guard occasion.now >= clock.lastMoment else { throw DeadlineError.outOfOrder }
            clock.pauses.append(DeadlineClock.Pause(from: occasion.now, to: nil, rule: rule))
        }
    }

    /// The clock runs on: the time it stood still is given back.
    @discardableResult
    public static func resume(
        _ id: ID<DeadlineClock>,
        rule: String,
        calendar: WorkingCalendar,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> DeadlineClock {
        try change(id, .resumed, rule: rule, calendar: calendar, occasion: occasion, in: tx) { clock, _ in
            guard let pause = clock.pauses.last, pause.to == nil else { throw DeadlineError.notPaused }
            guard occasion.now >= pause.from else { throw DeadlineError.outOfOrder }
            clock.pauses[clock.pauses.count - 1] = DeadlineClock.Pause(
                from: pause.from,
                to: occasion.now,
                rule: pause.rule
            )
        }
    }

    /// More time by a rule; how often and by whom is the caller's rule. A period that is over cannot be extended.
    /// - Throws: `ended`, `over`, `mixedUnits`.
    @discardableResult
    public static func extend(
        _ id: ID<DeadlineClock>,
        by period: Period,
        rule: String,
        calendar: WorkingCalendar,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> DeadlineClock {
        try change(id, .extended, rule: rule, calendar: calendar, occasion: occasion, in: tx) { clock, due in
            guard period.unit.family == clock.budget.unit.family else {
                throw DeadlineError.mixedUnits(
                    budget: clock.budget.description,
                    extension: period.description
                )
            }
            guard !due.isOver(at: occasion.now) else { throw DeadlineError.over }
            clock.extensions.append(
                DeadlineClock.Extension(by: period, at: occasion.now, rule: rule)
            )
        }
    }

    /// The thing is done: no warning follows. Ending a second time changes nothing.
    @discardableResult
    public static func end(
        _ id: ID<DeadlineClock>,
        rule: String = "",
        calendar: WorkingCalendar,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> DeadlineClock {
        if let clock = try DeadlineStore.locked(id, in: tx), clock.ended != nil { return clock }
        return try change(id, .ended, rule: rule, calendar: calendar, occasion: occasion, in: tx) {
            clock,
            _ in
            clock.ended = occasion.now
        }
    }

    /// Ends every open clock of an object.
    public static func endAll(
        of object: String,
        rule: String = "",
        calendar: WorkingCalendar,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        for clock in try DeadlineStore.find(object: object, in: tx) where clock.ended == nil {
            try end(clock.id, rule: rule, calendar: calendar, occasion: occasion, in: tx)
        }
    }

    public static func find(_ id: ID<DeadlineClock>, in reader: any Reader) throws -> DeadlineClock? {
        try DeadlineStore.find(id, in: reader)
    }

    /// All clocks of an object, ended ones too, in the order of their start; at most 500.
    public static func clocks(of object: String, in reader: any Reader) throws -> [DeadlineClock] {
        try DeadlineStore.find(object: object, in: reader)
    }

    /// Compares all clocks with the log: their starts, pauses, extensions and ends, and when each of these let them run out.
    /// - Returns: how many were compared, and at most `max` that are not as they were logged.
    public static func compareWithLog(in database: any Database, max: Int) async throws -> (
        count: Int, altered: [String]
    ) {
        try await AuditLog.compare("clock", in: database, max: max) { id, reader in
            try DeadlineStore.logged(ID(id), in: reader)
        }
    }

    /// What changed a clock, in order.
    public static func journal(
        of id: ID<DeadlineClock>,
        in reader: any Reader
    ) throws -> [JournalStep] { try DeadlineStore.journal(id, in: reader) }

    /// Rungs that have warned, with their moment.
    public static func climbed(
        _ id: ID<DeadlineClock>,
        in reader: any Reader
    ) throws -> [String: Instant] { try DeadlineStore.climbed(id, in: reader) }

    /// Derives the due date anew after a calendar was published or changed.
    /// - Returns: whether it moved.
    static func project(
        _ id: ID<DeadlineClock>,
        before old: WorkingCalendar,
        calendar: WorkingCalendar,
        rule: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Bool {
        guard var clock = try DeadlineStore.locked(id, in: tx), clock.ended == nil else { return false }
        let before = clock.due(old)
        let after = clock.due(calendar)
        guard before != after else { return false }
        clock.version += 1
        guard try DeadlineStore.update(clock, due: after, in: tx) else { throw StorageError.stale }
        try journal(.projected, clock, rule, before: before, after: after, occasion, tx)
        try DeadlineTimers.set(clock, calendar: calendar, in: tx)
        return true
    }

    private static func change(
        _ id: ID<DeadlineClock>,
        _ kind: JournalStep.Kind,
        rule: String,
        calendar: WorkingCalendar,
        occasion: Occasion,
        in tx: any Transaction,
        _ change: (inout DeadlineClock, Due) throws -> Void
    ) throws -> DeadlineClock {
        guard var clock = try DeadlineStore.locked(id, in: tx) else { throw DeadlineError.unknown }
        guard clock.ended == nil else { throw DeadlineError.ended }
        let before = clock.due(calendar)
        try change(&clock, before)
        clock.version += 1
        let after = clock.due(calendar)
        guard try DeadlineStore.update(clock, due: after, in: tx) else { throw StorageError.stale }
        try journal(kind, clock, rule, before: before, after: after, occasion, tx)
        try DeadlineTimers.set(clock, calendar: calendar, in: tx)
        return clock
    }

    private static func journal(
        _ kind: JournalStep.Kind,
        _ clock: DeadlineClock,
        _ rule: String,
        before: Due?,
        after: Due,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws {
        let step = JournalStep(
            version: clock.version,
            at: occasion.now,
            kind: kind,
            rule: rule,
            dueBefore: before?.description,
            dueAfter: after.description,
            actor: occasion.actor.id
        )
        try DeadlineStore.write(step, of: clock.id, in: tx)
        try AuditLog.append(
            "clock.\(kind.rawValue)",
            object: "clock:\(clock.id)",
            after: clock.logged(due: step.dueAfter),
            occasion: occasion,
            in: tx
        )
    }
}

extension DeadlineClock {
    /// The latest moment in its pauses: a new one may not begin earlier.
    var lastMoment: Instant { pauses.last.map { $0.to ?? $0.from } ?? started }
}
