import Kernel
import Storage

/// The feed's reading of the outbox and the log, and its own tables. The log's tables are only read here: that an event
/// takes its place from its entry is what makes the feed one with the log.
enum ChangeStore {
    /// How many entries have their number: 0 to below it, without gaps.
    static func size(in reader: any Reader) throws -> Int64 {
        try reader.first("SELECT size FROM audit_tree WHERE name = 'log'")?.integer(0) ?? 0
    }

    /// When an entry was written; nil when there is none of that number.
    static func moment(of sequence: Int64, in reader: any Reader) throws -> Instant? {
        try reader.first("SELECT at FROM audit_entry WHERE sequence = $1", sequence)?.instant(0)
    }

    static func changes(
        after: Int64,
        through: Int64,
        reach: ChangeReach,
        countMax: Int,
        in reader: any Reader
    ) throws -> [Change] {
        try reader.query(
            """
            SELECT a.sequence, e.id, e.name, e.object, e.region, e.at, e.payload
            FROM audit_entry a CROSS JOIN jobs_event e
            WHERE a.sequence > $1 AND a.sequence <= $2 AND e.entry = a.id AND e.region >= $3 AND e.region < $4
            ORDER BY a.sequence LIMIT $5
            """,
            after,
            through,
            reach.regionLow,
            reach.regionHigh,
            countMax
        ).map { row in
            Change(
                sequence: try row.integer(0),
                id: try row.text(1),
                name: try row.text(2),
                object: try row.text(3),
                region: try row.text(4),
                at: try row.instant(5),
                facts: Change.facts(of: try row.json(6))
            )
        }
    }

    /// The moment before which events may be gone; nil while none ever went.
    static func forgotten(in reader: any Reader) throws -> Instant? {
        try reader.first("SELECT at FROM changes_forgotten WHERE name = 'feed'")?.instant(0)
    }

    static func setForgotten(_ moment: Instant, in tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO changes_forgotten (name, at) VALUES ('feed', $1)
            ON CONFLICT (name) DO UPDATE SET at = excluded.at WHERE changes_forgotten.at < excluded.at
            """,
            moment
        )
    }
}
