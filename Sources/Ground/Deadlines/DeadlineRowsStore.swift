public import Kernel
public import Storage

/// Clocks that ran or run in another system and are taken over with the end that they have there.
public struct DeadlineRows: Sendable {
    private var clocks = Rows(
        """
        INSERT INTO deadline_clock (id, object, name, budget, rule, started, pauses, extensions, ended, ladder,
            due_day, due_end, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """
    )
    private var journal = Rows(
        """
        INSERT INTO deadline_journal (clock, version, at, step, rule, due_after, actor)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """
    )

    public init() {}

    public var all: [Rows] { [clocks, journal] }

    /// - Parameter day: the last day that is in time.
    public mutating func add(_ clock: DeadlineClock, lastDay day: LocalDate, actor: Actor) {
        let due = Due.day(day)
        let isEnded = clock.ended != nil
        clocks.add(
            clock.id,
            clock.object,
            clock.name,
            clock.budget.description,
            clock.rule,
            clock.started,
            "[]",
            "[]",
            clock.ended,
            clock.ladder.json,
            day,
            due.end,
            isEnded ? 2 : 1
        )
        journal.add(
            clock.id,
            1,
            clock.started,
            JournalStep.Kind.started.rawValue,
            clock.rule,
            due.description,
            actor.id
        )
        guard let ended = clock.ended else { return }
        journal.add(
            clock.id,
            2,
            ended,
            JournalStep.Kind.ended.rawValue,
            clock.rule,
            due.description,
            actor.id
        )
    }
}
