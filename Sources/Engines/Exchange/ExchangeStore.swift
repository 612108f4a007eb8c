public import Kernel
public import Storage

/// The exchange's tables. The only file that knows them.
public enum ExchangeStore {
    // MARK: lines

    /// The lines of a case, oldest first.
    public static func lines(of caseID: String, in reader: any Reader) throws -> [PartyLine] {
        try reader.query(
            """
            SELECT id, line_key, party, operation, case_id, case_number, credit_code, purpose, consent, fields,
                counts, opened_as, state, version, round, attempts, answer, reason_code, reason_text, opened_at,
                changed_at, due_at, ended_at, founder_may
            FROM exchange_line WHERE case_id = $1 ORDER BY opened_at, id LIMIT 500
            """,
            caseID
        ).map(line)
    }

    /// What a party has done about an enterprise or a person, the oldest first.
    public static func done(
        _ operation: String,
        by party: String,
        about code: String,
        in reader: any Reader
    ) throws -> [PartyLine] {
        try reader.query(
            """
            SELECT id, line_key, party, operation, case_id, case_number, credit_code, purpose, consent, fields,
                counts, opened_as, state, version, round, attempts, answer, reason_code, reason_text, opened_at,
                changed_at, due_at, ended_at, founder_may
            FROM exchange_line WHERE credit_code = $1 AND party = $2 AND operation = $3 AND state = 'done'
            ORDER BY opened_at, id LIMIT 500
            """,
            code,
            party,
            operation
        ).map(line)
    }

    /// What a party has done in cases, about no enterprise, the oldest first.
    /// - Parameter cases: their identifiers.
    public static func done(
        _ operation: String,
        by party: String,
        inCases cases: [String],
        in reader: any Reader
    ) throws -> [PartyLine] {
        var found: [PartyLine] = []
        for start in stride(from: 0, to: cases.count, by: casesAtOnce) {
            let ids = Array(cases[start..<min(start + casesAtOnce, cases.count)])
            // Every place is bound: a shorter list repeats its first.
            let places = (0..<casesAtOnce).map { ids.count > $0 ? ids[$0] : ids[0] }
            found += try reader.query(
                """
                SELECT id, line_key, party, operation, case_id, case_number, credit_code, purpose, consent, fields,
                    counts, opened_as, state, version, round, attempts, answer, reason_code, reason_text, opened_at,
                    changed_at, due_at, ended_at, founder_may
                FROM exchange_line WHERE case_id IN ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12) AND party = $1
                    AND operation = $2 AND state = 'done' AND credit_code = ''
                """,
                [party as any Bindable, operation] + places.map { $0 as any Bindable }
            ).map(line)
        }
        return found.sorted { ($0.openedAt, $0.id) < ($1.openedAt, $1.id) }
    }

    private static let casesAtOnce = 10

    public static func line(_ id: ID<PartyLine>, in reader: any Reader) throws -> PartyLine? {
        try reader.first(
            """
            SELECT id, line_key, party, operation, case_id, case_number, credit_code, purpose, consent, fields,
                counts, opened_as, state, version, round, attempts, answer, reason_code, reason_text, opened_at,
                changed_at, due_at, ended_at, founder_may
            FROM exchange_line WHERE id = $1
            """,
            id
        ).map(line)
    }

    /// The line that was opened with an order's key.
    public static func line(key: String, in reader: any Reader) throws -> PartyLine? {
        try reader.first(
            """
            SELECT id, line_key, party, operation, case_id, case_number, credit_code, purpose, consent, fields,
                counts, opened_as, state, version, round, attempts, answer, reason_code, reason_text, opened_at,
                changed_at, due_at, ended_at, founder_may
            FROM exchange_line WHERE line_key = $1
            """,
            key
        ).map(line)
    }

    /// The latest lines of a party, for its clerk and the board; a nil state is every state.
    public static func lines(
        party: String,
        state: LineState? = nil,
        limit: Int = 100,
        in reader: any Reader
    ) throws -> [PartyLine] {
        try reader.query(
            """
            SELECT id, line_key, party, operation, case_id, case_number, credit_code, purpose, consent, fields,
                counts, opened_as, state, version, round, attempts, answer, reason_code, reason_text, opened_at,
                changed_at, due_at, ended_at, founder_may
            FROM exchange_line WHERE party = $1 AND ($2 = '' OR state = $2) ORDER BY opened_at DESC, id LIMIT $3
            """,
            party,
            state?.rawValue ?? "",
            min(limit, 500)
        ).map(line)
    }

    /// What happened to a line, oldest first.
    /// How many lines of a party have not ended well, by state.
    public static func open(of party: String, in reader: any Reader) throws -> [(
        state: LineState, count: Int64
    )] {
        try reader.query(
            """
            SELECT state, COUNT(*) FROM exchange_line
            WHERE party = $1
                AND state IN ('pending', 'sent', 'received', 'working', 'overdue', 'returned', 'personNeeded')
            GROUP BY state ORDER BY state
            """,
            party
        ).map { (try $0.value(0), try $0.integer(1)) }
    }

    public static func changes(of id: ID<PartyLine>, in reader: any Reader) throws -> [LineChange] {
        try reader.query(
            """
            SELECT at, event, state_from, state_to, stayed, note, staff FROM exchange_change WHERE line = $1
            ORDER BY number LIMIT 500
            """,
            id
        ).map { row in
            LineChange(
                at: try row.instant(0),
                event: try row.value(1),
                from: try row.value(2),
                to: try row.value(3),
                stayed: row.isNull(4) ? nil : try row.value(4),
                note: try row.optionalText(5),
                staff: try row.optionalText(6)
            )
        }
    }

    static func lock(_ id: ID<PartyLine>, in tx: any Transaction) throws -> PartyLine? {
        try tx.first(
            """
            SELECT id, line_key, party, operation, case_id, case_number, credit_code, purpose, consent, fields,
                counts, opened_as, state, version, round, attempts, answer, reason_code, reason_text, opened_at,
                changed_at, due_at, ended_at, founder_may
            FROM exchange_line WHERE id = $1 FOR UPDATE
            """,
            id
        ).map(line)
    }

    /// The line that opened when `parent` was done.
    static func follower(of parent: ID<PartyLine>, operation: String, in reader: any Reader) throws
        -> PartyLine?
    {
        try reader.first(
            """
            SELECT id, line_key, party, operation, case_id, case_number, credit_code, purpose, consent, fields,
                counts, opened_as, state, version, round, attempts, answer, reason_code, reason_text, opened_at,
                changed_at, due_at, ended_at, founder_may
            FROM exchange_line WHERE parent = $1 AND operation = $2 LIMIT 1
            """,
            parent,
            operation
        ).map(line)
    }

    static func parent(of id: ID<PartyLine>, in reader: any Reader) throws -> ID<PartyLine>? {
        guard let row = try reader.first("SELECT parent FROM exchange_line WHERE id = $1", id) else {
            return nil
        }
        return try row.optionalText(0).map { ID($0) }
    }

    /// False when a line with that key is there already.
    static func insert(_ line: PartyLine, parent: ID<PartyLine>?, in tx: any Transaction) throws -> Bool {
        let order = line.order
        let values: [any Bindable] = [
            line.id, order.key, order.party, order.operation, order.caseID, order.caseNumber,
            order.creditCode,
            order.purpose, order.consent, PersonalText(order.fields), order.counts, order.state.rawValue,
            parent,
            line.state.rawValue, line.version, line.round, line.attempts, PersonalText(line.answer),
            line.openedAt,
            line.changedAt, line.dueAt, line.endedAt,
            order.founderMay.map(\.rawValue).sorted().joined(separator: ","),
        ]
        return try tx.execute(
            """
            INSERT INTO exchange_line (id, line_key, party, operation, case_id, case_number, credit_code, purpose,
                consent, fields, counts, opened_as, parent, state, version, round, attempts, answer, opened_at,
                changed_at, due_at, ended_at, founder_may)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                $22, $23)
            ON CONFLICT (line_key) DO NOTHING
            """,
            values
        ) == 1
    }

    /// Writes what can change, if nobody changed it since `line` was read.
    static func update(_ line: PartyLine, expecting version: Int64, in tx: any Transaction) throws {
        let values: [any Bindable] = [
            line.id, version, line.state.rawValue, line.version, line.round, line.attempts,
            PersonalText(line.answer),
            line.reasonCode, line.reasonText, line.changedAt, line.dueAt, line.endedAt,
            PersonalText(line.order.fields),
        ]
        let changed = try tx.execute(
            """
            UPDATE exchange_line SET state = $3, version = $4, round = $5, attempts = $6, answer = $7,
                reason_code = $8, reason_text = $9, changed_at = $10, due_at = $11, ended_at = $12, fields = $13
            WHERE id = $1 AND version = $2
            """,
            values
        )
        guard changed == 1 else { throw ExchangeError.lineChanged }
    }

    static func note(_ change: LineChange, of line: ID<PartyLine>, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO exchange_change (line, number, at, event, state_from, state_to, stayed, note, staff)
            SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8 FROM exchange_change
            WHERE line = $1
            """,
            line,
            change.at,
            change.event.rawValue,
            change.from.rawValue,
            change.to.rawValue,
            change.stayed?.rawValue,
            change.note,
            change.staff
        )
    }

    private static func line(_ row: Row) throws -> PartyLine {
        PartyLine(
            id: try row.id(0),
            order: LineOrder(
                party: try row.text(2),
                operation: try row.text(3),
                caseID: try row.text(4),
                caseNumber: try row.text(5),
                creditCode: try row.text(6),
                purpose: try row.text(7),
                consent: try row.text(8),
                fields: try row.json(9),
                key: try row.text(1),
                counts: try row.bool(10),
                state: try row.value(11),
                founderMay: Set(
                    try row.text(23).split(separator: ",").compactMap { FounderWish(rawValue: String($0)) }
                )
            ),
            state: try row.value(12),
            version: try row.integer(13),
            round: try row.integer(14),
            attempts: try row.integer(15),
            answer: try row.json(16),
            reasonCode: try row.optionalText(17),
            reasonText: try row.optionalText(18),
            openedAt: try row.instant(19),
            changedAt: try row.instant(20),
            dueAt: try row.optionalInstant(21),
            endedAt: try row.optionalInstant(22)
        )
    }

    // MARK: work items

    /// Open items of a queue, oldest first.
    public static func items(queue: String, limit: Int = 100, in reader: any Reader) throws -> [WorkItem] {
        try reader.query(
            """
            SELECT id, line, party, operation, case_number, queue, why, opened_at, closed_at FROM exchange_item
            WHERE queue = $1 AND closed_at IS NULL ORDER BY opened_at, id LIMIT $2
            """,
            queue,
            min(limit, 500)
        ).map(item)
    }

    /// Open items of all queues, oldest first.
    public static func openItems(limit: Int = 100, in reader: any Reader) throws -> [WorkItem] {
        try reader.query(
            """
            SELECT id, line, party, operation, case_number, queue, why, opened_at, closed_at FROM exchange_item
            WHERE closed_at IS NULL ORDER BY opened_at, id LIMIT $1
            """,
            min(limit, 500)
        ).map(item)
    }

    static func openItem(_ item: WorkItem, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO exchange_item (id, line, party, operation, case_number, queue, why, opened_at)
            SELECT $1, $2, $3, $4, $5, $6, $7, $8
            WHERE NOT EXISTS (SELECT 1 FROM exchange_item WHERE line = $2 AND why = $7 AND closed_at IS NULL)
            """,
            item.id,
            item.line,
            item.party,
            item.operation,
            item.caseNumber,
            item.queue,
            item.why.rawValue,
            item.openedAt
        )
    }

    /// How many items were closed, 0 or 1.
    static func closeItem(
        _ id: ID<WorkItem>,
        by actor: String,
        note: String,
        at: Instant,
        in tx: any Transaction
    ) throws -> Int {
        try tx.execute(
            "UPDATE exchange_item SET closed_at = $2, closed_by = $3, note = $4 WHERE id = $1 AND closed_at IS NULL",
            id,
            at,
            actor,
            note
        )
    }

    static func closeItems(
        of line: ID<PartyLine>,
        why: WorkItem.Why,
        by actor: String,
        note: String,
        at: Instant,
        in tx: any Transaction
    ) throws {
        try tx.execute(
            """
            UPDATE exchange_item SET closed_at = $3, closed_by = $4, note = $5
            WHERE line = $1 AND why = $2 AND closed_at IS NULL
            """,
            line,
            why.rawValue,
            at,
            actor,
            note
        )
    }

    private static func item(_ row: Row) throws -> WorkItem {
        WorkItem(
            id: try row.id(0),
            line: try row.optionalText(1).map { ID($0) },
            party: try row.text(2),
            operation: try row.text(3),
            caseNumber: try row.text(4),
            queue: try row.text(5),
            why: try row.value(6),
            openedAt: try row.instant(7),
            closedAt: try row.optionalInstant(8)
        )
    }
}
