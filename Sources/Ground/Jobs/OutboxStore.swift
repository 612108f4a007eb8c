import Kernel
import Storage

/// The table of events.
enum OutboxStore {
    /// `place` keeps the order inside a transaction, and between two of which the later one has seen the first.
    static func add(
        _ name: String,
        object: String,
        payload: JSON,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try tx.execute(
            """
            INSERT INTO jobs_event (id, place, name, object, payload, actor_kind, actor, actor_role, request, at)
            VALUES ($1, (SELECT COALESCE(MAX(place), 0) + 1 FROM jobs_event), $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            occasion.newID(Event.self),
            name,
            object,
            payload,
            occasion.actor.kind.rawValue,
            occasion.actor.id,
            occasion.actor.role,
            occasion.request,
            occasion.now
        )
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
