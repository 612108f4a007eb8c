import Kernel
import Storage

/// The tables of events, of who has heard what, and of what has to be told again.
enum OutboxStore {
    /// An event has its number at once where one writes at a time, unless some wait that were there before it. Elsewhere
    /// numbers are given after the commit, and `place` keeps the order inside a transaction, and between two of which the
    /// later one has seen the first.
    static func add(
        _ name: String,
        object: String,
        payload: JSON,
        feed: FeedPlace?,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let isNumbered = try tx.writesAlone && takeNumber(in: tx)
        try tx.send(
            """
            INSERT INTO jobs_event
                (id, place, name, object, payload, actor_kind, actor, actor_role, request, at, entry, region, sequence)
            VALUES ($1, (SELECT COALESCE(MAX(place), 0) + 1 FROM jobs_event), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
                CASE WHEN $12 = 1 THEN (SELECT sequence FROM jobs_head WHERE name = 'outbox') END)
            """,
            occasion.newID(Event.self),
            name,
            object,
            payload,
            occasion.actor.kind.rawValue,
            occasion.actor.id,
            occasion.actor.role,
            occasion.request,
            occasion.now,
            feed?.entry,
            feed?.region,
            isNumbered
        )
    }

    private static func takeNumber(in tx: any Transaction) throws -> Bool {
        try tx.execute(
            """
            UPDATE jobs_head SET sequence = sequence + 1
            WHERE name = 'outbox' AND NOT EXISTS (SELECT 1 FROM jobs_event WHERE sequence IS NULL)
            """
        ) == 1
    }

    /// Gives committed events their sequence. One node at a time does it, under the lock of the head's row; what is
    /// not yet committed is not seen and comes later, so the sequence is the order of commits and has no gaps.
    /// - Returns: how many; less than `countMax` means that none is left.
    static func sequence(countMax: Int, in tx: any Transaction) throws -> Int {
        let head = try tx.first("SELECT sequence FROM jobs_head WHERE name = 'outbox' FOR UPDATE SKIP LOCKED")
        guard let head else { return 0 }
        let count = try tx.execute(
            """
            UPDATE jobs_event SET sequence = $1 + numbered.number
            FROM (
                SELECT id AS event, ROW_NUMBER() OVER (ORDER BY place, id) AS number FROM jobs_event
                WHERE sequence IS NULL ORDER BY place, id LIMIT $2) AS numbered
            WHERE jobs_event.id = numbered.event
            """,
            try head.integer(0),
            countMax
        )
        if count > 0 {
            try tx.execute("UPDATE jobs_head SET sequence = sequence + $1 WHERE name = 'outbox'", count)
        }
        return count
    }

    static func hasUnsequenced(in reader: any Reader) throws -> Bool {
        try reader.first("SELECT id FROM jobs_event WHERE sequence IS NULL LIMIT 1") != nil
    }

    static func head(in reader: any Reader) throws -> Int64 {
        try reader.number("SELECT sequence FROM jobs_head WHERE name = 'outbox'")
    }

    static func events(after sequence: Int64, countMax: Int, in reader: any Reader) throws -> [Event] {
        try reader.query(
            """
            SELECT sequence, id, name, object, payload, actor_kind, actor, actor_role, request, at
            FROM jobs_event WHERE sequence > $1 ORDER BY sequence LIMIT $2
            """,
            sequence,
            countMax
        ).map(event)
    }

    struct Heading: Sendable {
        let sequence: Int64
        let name: String
    }

    /// What the next events are called: most concern nobody, and a whole event is dear to read.
    static func headings(after sequence: Int64, countMax: Int, in reader: any Reader) throws -> [Heading] {
        try reader.query(
            "SELECT sequence, name FROM jobs_event WHERE sequence > $1 ORDER BY sequence LIMIT $2",
            sequence,
            countMax
        ).map { Heading(sequence: try $0.integer(0), name: try $0.text(1)) }
    }

    static func addCursor(_ subscriber: String, in tx: any Transaction) throws {
        try tx.send(
            "INSERT INTO jobs_cursor (subscriber, sequence) VALUES ($1, 0) ON CONFLICT DO NOTHING",
            subscriber
        )
    }

    /// How far each subscriber has heard.
    static func cursors(in reader: any Reader) throws -> [String: Int64] {
        let rows = try reader.query("SELECT subscriber, sequence FROM jobs_cursor")
        return try Dictionary(rows.map { (try $0.text(0), try $0.integer(1)) }) { $1 }
    }

    /// - Returns: nil when another node is telling this subscriber.
    static func lockCursor(_ subscriber: String, in tx: any Transaction) throws -> Int64? {
        try tx.first(
            "SELECT sequence FROM jobs_cursor WHERE subscriber = $1 FOR UPDATE SKIP LOCKED",
            subscriber
        )?.integer(0)
    }

    static func setCursor(_ subscriber: String, to sequence: Int64, in tx: any Transaction) throws {
        try tx.execute("UPDATE jobs_cursor SET sequence = $2 WHERE subscriber = $1", subscriber, sequence)
    }

    /// Whether an earlier event of the same object still waits to be told.
    static func isBlocked(_ subscriber: String, object: String, in reader: any Reader) throws -> Bool {
        try reader.first(
            """
            SELECT sequence FROM jobs_delivery
            WHERE subscriber = $1 AND object = $2 AND state = 'waiting' LIMIT 1
            """,
            subscriber,
            object
        ) != nil
    }

    static func postpone(
        _ event: Event,
        _ subscriber: String,
        state: DeliveryState,
        due: Instant,
        attempts: Int,
        why: String?,
        in tx: any Transaction
    ) throws {
        try tx.send(
            """
            INSERT INTO jobs_delivery (subscriber, sequence, object, state, due, attempts, why)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (subscriber, sequence) DO UPDATE SET state = $4, due = $5, attempts = $6, why = $7
            """,
            subscriber,
            event.sequence,
            event.object,
            state.rawValue,
            due,
            attempts,
            why
        )
    }

    /// The first event that may be told again: none of the same object waits before it.
    /// - Returns: the event and the attempts made; nil when none is due, or another node has it.
    static func lockPostponed(
        _ subscriber: String,
        now: Instant,
        in tx: any Transaction
    ) throws -> (event: Event, attempts: Int)? {
        let row = try tx.first(
            """
            SELECT sequence, attempts FROM jobs_delivery AS later
            WHERE subscriber = $1 AND state = 'waiting' AND due <= $2 AND NOT EXISTS (
                SELECT 1 FROM jobs_delivery AS earlier
                WHERE earlier.subscriber = later.subscriber AND earlier.object = later.object
                    AND earlier.state = 'waiting' AND earlier.sequence < later.sequence)
            ORDER BY sequence LIMIT 1 FOR UPDATE SKIP LOCKED
            """,
            subscriber,
            now
        )
        guard let row else { return nil }
        return (try whole(try row.integer(0), in: tx), try row.int(1))
    }

    static func whole(_ sequence: Int64, in reader: any Reader) throws -> Event {
        guard let event = try events(after: sequence - 1, countMax: 1, in: reader).first else {
            throw StorageError.noRow
        }
        return event
    }

    static func settlePostponed(_ sequence: Int64, _ subscriber: String, in tx: any Transaction) throws {
        try tx.execute(
            "DELETE FROM jobs_delivery WHERE subscriber = $1 AND sequence = $2",
            subscriber,
            sequence
        )
    }

    /// When each subscriber that has something to hear again is to hear the first of it.
    static func nextPostponed(in reader: any Reader) throws -> [String: Instant] {
        let rows = try reader.query(
            """
            SELECT subscriber, MIN(due) FROM jobs_delivery AS later
            WHERE state = 'waiting' AND NOT EXISTS (
                SELECT 1 FROM jobs_delivery AS earlier
                WHERE earlier.subscriber = later.subscriber AND earlier.object = later.object
                    AND earlier.state = 'waiting' AND earlier.sequence < later.sequence)
            GROUP BY subscriber
            """
        )
        return try Dictionary(rows.map { (try $0.text(0), try $0.instant(1)) }) { $1 }
    }

    /// Events that every subscriber is past, and that nobody waits to hear again.
    static func forget(toldBefore moment: Instant, countMax: Int, in tx: any Transaction) throws -> Int {
        try tx.execute(
            """
            DELETE FROM jobs_event WHERE id IN (
                SELECT e.id FROM jobs_event e
                WHERE e.at < $1 AND e.sequence <= (SELECT MIN(sequence) FROM jobs_cursor)
                    AND NOT EXISTS (SELECT 1 FROM jobs_delivery d WHERE d.sequence = e.sequence)
                ORDER BY e.at LIMIT $2)
            """,
            moment,
            countMax
        )
    }

    static func dead(countMax: Int, in reader: any Reader) throws -> [DeadDelivery] {
        try reader.query(
            """
            SELECT subscriber, sequence, object, attempts, why, due FROM jobs_delivery WHERE state = 'dead'
            ORDER BY subscriber, sequence LIMIT $1
            """,
            countMax
        ).map { row in
            DeadDelivery(
                subscriber: try row.text(0),
                sequence: try row.integer(1),
                object: try row.text(2),
                attempts: try row.int(3),
                why: try row.optionalText(4),
                since: try row.instant(5)
            )
        }
    }

    static func deadSubscribers(in reader: any Reader) throws -> [String] {
        try reader.query(
            "SELECT DISTINCT subscriber FROM jobs_delivery WHERE state = 'dead' ORDER BY subscriber"
        ).map { try $0.text(0) }
    }

    static func revive(
        subscriber: String,
        sequence: Int64,
        at: Instant,
        in tx: any Transaction
    ) throws -> Bool {
        try tx.execute(
            """
            UPDATE jobs_delivery SET state = 'waiting', due = $3, attempts = 0
            WHERE subscriber = $1 AND sequence = $2 AND state = 'dead'
            """,
            subscriber,
            sequence,
            at
        ) == 1
    }

    static func reviveAll(subscriber: String, at: Instant, in tx: any Transaction) throws -> Int {
        try tx.execute(
            """
            UPDATE jobs_delivery SET state = 'waiting', due = $2, attempts = 0
            WHERE subscriber = $1 AND state = 'dead'
            """,
            subscriber,
            at
        )
    }

    static func event(_ row: Row) throws -> Event {
        Event(
            sequence: try row.integer(0),
            id: try row.text(1),
            name: try row.text(2),
            object: try row.text(3),
            payload: try row.json(4),
            actor: Actor(try row.value(5), id: try row.text(6), role: try row.text(7)),
            request: try row.text(8),
            at: try row.instant(9)
        )
    }
}

/// Raw values are stored: never rename, only add.
enum DeliveryState: String, CaseIterable {
    case waiting, dead
}
