import Kernel
import Storage

/// The list of jobs.
enum JobStore {
    static func enqueue(
        kind: String,
        key: String,
        payload: JSON,
        at: Instant,
        in tx: any Transaction
    ) throws {
        guard (1...400).contains(key.utf8.count), (1...100).contains(kind.utf8.count) else {
            throw JobError.badKey
        }
        let text = payload.canonical
        guard text.utf8.count <= 1_048_576 else { throw JobError.payloadTooLarge }
        try tx.execute(
            """
            INSERT INTO jobs_job (kind, key, payload, state, due, attempts) VALUES ($1, $2, $3, 'waiting', $4, 0)
            ON CONFLICT (kind, key) DO UPDATE
            SET payload = $3, state = 'waiting', due = $4, attempts = 0, lease = NULL, lease_until = NULL, why = NULL
            WHERE jobs_job.state = 'cancelled'
            """,
            kind,
            key,
            text,
            at
        )
    }

    static func cancel(kind: String, key: String, in tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE jobs_job SET state = 'cancelled', lease = NULL, lease_until = NULL
            WHERE kind = $1 AND key = $2 AND state IN ('waiting', 'running', 'dead')
            """,
            kind,
            key
        )
    }

    static func find(kind: String, key: String, in reader: any Reader) throws -> Job? {
        try reader.first(
            "SELECT kind, key, payload, state, due, attempts, why FROM jobs_job WHERE kind = $1 AND key = $2",
            kind,
            key
        ).map(job)
    }

    static func dead(countMax: Int, in reader: any Reader) throws -> [Job] {
        try reader.query(
            """
            SELECT kind, key, payload, state, due, attempts, why FROM jobs_job
            WHERE state = 'dead' ORDER BY due, kind, key LIMIT $1
            """,
            countMax
        ).map(job)
    }

    static func revive(kind: String, key: String, at: Instant, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            """
            UPDATE jobs_job SET state = 'waiting', due = $3, attempts = 0
            WHERE kind = $1 AND key = $2 AND state = 'dead'
            """,
            kind,
            key,
            at
        ) == 1
    }

    static func job(_ row: Row) throws -> Job {
        Job(
            kind: try row.text(0),
            key: try row.text(1),
            payload: try row.json(2),
            state: try row.value(3),
            due: try row.instant(4),
            attempt: try row.int(5),
            why: try row.optionalText(6)
        )
    }
}
