import Kernel
import Standards
import Storage

/// Clocks, the rungs they have climbed, and their journal.
enum DeadlineStore {
    static func insert(_ clock: DeadlineClock, due: Due, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO deadline_clock (id, object, name, budget, rule, started, pauses, extensions, ended, ladder,
                due_day, due_end, waits_year, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, $9, $10, $11, $12, $13)
            """,
            clock.id,
            clock.object,
            clock.name,
            clock.budget.description,
            clock.rule,
            clock.started,
            pauses(clock),
            extensions(clock),
            clock.ladder.json,
            due.date,
            due.end,
            due.waitsYear,
            clock.version
        )
    }

    /// - Returns: false when somebody changed it since.
    static func update(_ clock: DeadlineClock, due: Due, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            """
            UPDATE deadline_clock SET pauses = $1, extensions = $2, ended = $3, due_day = $4, due_end = $5,
                waits_year = $6, version = $7 WHERE id = $8 AND version = $9
            """,
            pauses(clock),
            extensions(clock),
            clock.ended,
            due.date,
            due.end,
            due.waitsYear,
            clock.version,
            clock.id,
            clock.version - 1
        ) == 1
    }

    static func locked(_ id: ID<DeadlineClock>, in tx: any Transaction) throws -> DeadlineClock? {
        try tx.first(
            """
            SELECT id, object, name, budget, rule, started, pauses, extensions, ended, ladder, version
            FROM deadline_clock WHERE id = $1 FOR UPDATE
            """,
            id
        ).map(clock)
    }

    static func find(_ id: ID<DeadlineClock>, in reader: any Reader) throws -> DeadlineClock? {
        try reader.first(
            """
            SELECT id, object, name, budget, rule, started, pauses, extensions, ended, ladder, version
            FROM deadline_clock WHERE id = $1
            """,
            id
        ).map(clock)
    }

    /// With its journal, when the two agree on its end.
    static func logged(_ id: ID<DeadlineClock>, in reader: any Reader) throws -> LoggedClock? {
        guard let found = try find(id, in: reader),
            let row = try reader.first(
                "SELECT due_day, due_end, waits_year FROM deadline_clock WHERE id = $1",
                id
            )
        else { return nil }
        return LoggedClock(
            found,
            journal: try journal(id, in: reader),
            day: try row.optionalDate(0),
            end: try row.optionalInstant(1),
            waitsYear: try row.optionalInteger(2).map { Int($0) }
        )
    }

    static func find(object: String, in reader: any Reader) throws -> [DeadlineClock] {
        try reader.query(
            """
            SELECT id, object, name, budget, rule, started, pauses, extensions, ended, ladder, version
            FROM deadline_clock WHERE object = $1 ORDER BY started, id LIMIT 500
            """,
            object
        ).map(clock)
    }

    /// Open clocks that may change with a year's calendar: those that wait for it or for an earlier one, or whose
    /// last day lies in it or later.
    static func touched(
        by year: Int,
        after: String,
        countMax: Int,
        in reader: any Reader
    ) throws -> [ID<DeadlineClock>] {
        let first = LocalDate(year: year, month: 1, day: 1)?.description ?? ""
        return try reader.query(
            """
            SELECT id FROM deadline_clock WHERE ended IS NULL AND id > $1
                AND (waits_year <= $2 OR due_day >= $3) ORDER BY id LIMIT $4
            """,
            after,
            year,
            first,
            countMax
        ).map { try $0.id(0) }
    }

    /// Open clocks of a name that ran in a time, by their identifiers.
    static func running(
        _ name: String,
        startedBefore: Instant,
        endingAfter: Instant,
        after: String,
        countMax: Int,
        in reader: any Reader
    ) throws -> [ID<DeadlineClock>] {
        try reader.query(
            """
            SELECT id FROM deadline_clock WHERE ended IS NULL AND due_end > $3 AND name = $1 AND started < $2
                AND id > $4 ORDER BY id LIMIT $5
            """,
            name,
            startedBefore,
            endingAfter,
            after,
            countMax
        ).map { try $0.id(0) }
    }

    static func climb(_ id: ID<DeadlineClock>, rung: String, at: Instant, in tx: any Transaction) throws
        -> Bool
    {
        try tx.execute(
            "INSERT INTO deadline_rung (clock, rung, at) VALUES ($1, $2, $3) ON CONFLICT (clock, rung) DO NOTHING",
            id,
            rung,
            at
        ) == 1
    }

    static func climbed(_ id: ID<DeadlineClock>, in reader: any Reader) throws -> [String: Instant] {
        let rows = try reader.query("SELECT rung, at FROM deadline_rung WHERE clock = $1", id)
        return Dictionary(try rows.map { (try $0.text(0), try $0.instant(1)) }) { first, _ in first }
    }

    static func write(_ step: JournalStep, of id: ID<DeadlineClock>, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO deadline_journal (clock, version, at, step, rule, due_before, due_after, actor)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            id,
            step.version,
            step.at,
            step.kind.rawValue,
            step.rule,
            step.dueBefore,
            step.dueAfter,
            step.actor
        )
    }

    static func journal(_ id: ID<DeadlineClock>, in reader: any Reader) throws -> [JournalStep] {
        try reader.query(
            """
            SELECT version, at, step, rule, due_before, due_after, actor FROM deadline_journal
            WHERE clock = $1 ORDER BY version
            """,
            id
        ).map { row in
            JournalStep(
                version: try row.int(0),
                at: try row.instant(1),
                kind: try row.value(2),
                rule: try row.text(3),
                dueBefore: try row.optionalText(4),
                dueAfter: try row.text(5),
                actor: try row.text(6)
            )
        }
    }

    // MARK: Calendars

    static func putCalendar(
        year: Int,
        days: JSON,
        source: String,
        at: Instant,
        in tx: any Transaction
    ) throws {
        try tx.send(
            """
            INSERT INTO deadline_calendar (year, days, source, published, version) VALUES ($1, $2, $3, $4, 1)
            ON CONFLICT (year) DO UPDATE SET days = $2, source = $3, published = $4,
                version = deadline_calendar.version + 1
            """,
            year,
            days,
            source,
            at
        )
    }

    static func calendars(in reader: any Reader) throws -> [(year: Int, days: JSON)] {
        try reader.query("SELECT year, days FROM deadline_calendar ORDER BY year").map {
            (try $0.int(0), try $0.json(1))
        }
    }

    // MARK: Values

    private static func pauses(_ clock: DeadlineClock) -> JSON {
        .array(
            clock.pauses.map { pause in
                [
                    "from": JSON(pause.from.milliseconds),
                    "to": pause.to.map { JSON($0.milliseconds) } ?? .null,
                    "rule": .string(pause.rule),
                ]
            }
        )
    }

    private static func extensions(_ clock: DeadlineClock) -> JSON {
        .array(
            clock.extensions.map { more in
                [
                    "by": .string(more.by.description), "at": JSON(more.at.milliseconds),
                    "rule": .string(more.rule),
                ]
            }
        )
    }

    private static func clock(_ row: Row) throws -> DeadlineClock {
        DeadlineClock(
            id: try row.id(0),
            object: try row.text(1),
            name: try row.text(2),
            budget: try Period(row.text(3)),
            rule: try row.text(4),
            started: try row.instant(5),
            pauses: try row.json(6).elements.map { pause in
                guard let from = pause["from"].int, let rule = pause["rule"].text else {
                    throw StorageError.unexpectedColumn(index: 6, wanted: "pauses")
                }
                return DeadlineClock.Pause(
                    from: Instant(milliseconds: from),
                    to: pause["to"].int.map { Instant(milliseconds: $0) },
                    rule: rule
                )
            },
            extensions: try row.json(7).elements.map { more in
                guard let by = more["by"].text, let at = more["at"].int, let rule = more["rule"].text else {
                    throw StorageError.unexpectedColumn(index: 7, wanted: "extensions")
                }
                return DeadlineClock.Extension(
                    by: try Period(by),
                    at: Instant(milliseconds: at),
                    rule: rule
                )
            },
            ended: try row.optionalInstant(8),
            ladder: try WarningLadder(try row.json(9)),
            version: try row.int(10)
        )
    }
}

extension Due {
    fileprivate var waitsYear: Int? {
        if case .waitsForCalendar(let year, _) = self { year } else { nil }
    }
}
