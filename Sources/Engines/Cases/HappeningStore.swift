public import Kernel
public import Storage

/// The timeline of a case: one line an act, in order.
public enum HappeningStore {
    public static func append(
        _ act: String,
        to id: ID<Case>,
        details: JSON = [:],
        isPublic: Bool = true,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try tx.send(
            """
            INSERT INTO case_happening (case_id, sequence, at, act, actor_kind, actor, role, details, is_public)
            VALUES ($1, (SELECT COALESCE(MAX(sequence), 0) + 1 FROM case_happening WHERE case_id = $1),
                $2, $3, $4, $5, $6, $7, $8)
            """,
            id,
            occasion.now,
            act,
            occasion.actor.kind.rawValue,
            occasion.actor.id,
            occasion.actor.role,
            PersonalText(details),
            isPublic
        )
    }

    /// How often `act` happened.
    public static func count(_ act: String, of id: ID<Case>, in reader: any Reader) throws -> Int {
        Int(
            try reader.number("SELECT COUNT(*) FROM case_happening WHERE case_id = $1 AND act = $2", id, act)
        )
    }

    /// When `act` last happened.
    static func last(_ act: String, of id: ID<Case>, in reader: any Reader) throws -> Instant? {
        try reader.first("SELECT MAX(at) FROM case_happening WHERE case_id = $1 AND act = $2", id, act)?
            .optionalInstant(0)
    }

    /// When somebody other than the platform last did something.
    static func lastByPeople(of id: ID<Case>, in reader: any Reader) throws -> Instant? {
        try reader.first(
            "SELECT MAX(at) FROM case_happening WHERE case_id = $1 AND actor_kind <> $2",
            id,
            Actor.Kind.platform.rawValue
        )?.optionalInstant(0)
    }

    public static func timeline(of id: ID<Case>, publicOnly: Bool, in reader: any Reader) throws
        -> [CaseHappening]
    {
        try reader.query(
            """
            SELECT sequence, at, act, actor_kind, actor, role, details, is_public FROM case_happening
            WHERE case_id = $1 AND is_public >= $2 ORDER BY sequence
            """,
            id,
            publicOnly
        ).map { row in
            CaseHappening(
                sequence: try row.int(0),
                at: try row.instant(1),
                act: try row.text(2),
                actor: Actor(try row.value(3), id: try row.text(4), role: try row.text(5)),
                details: try row.json(6),
                isPublic: try row.bool(7)
            )
        }
    }
}
