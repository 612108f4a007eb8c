import Kernel
import Storage

/// The list of jobs.
enum JobStore {
    /// `place` keeps the order in which jobs of the same moment were put on the list.
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
        try tx.send(
            """
            INSERT INTO jobs_job (kind, key, payload, state, due, place, attempts)
            VALUES ($1, $2, $3, 'waiting', $4, (SELECT COALESCE(MAX(place), 0) + 1 FROM jobs_job), 0)
            ON CONFLICT (kind, key) DO UPDATE
            SET payload = $3, state = 'waiting', due = $4, place = excluded.place, attempts = 0,
                lease = NULL, lease_until = NULL, why = NULL
            WHERE jobs_job.state = 'cancelled'
            """,
            kind,
            key,
            text,
            at
        )
    }

    static func hasten(kind: String, key: String, at now: Instant, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            "UPDATE jobs_job SET due = $3 WHERE kind = $1 AND key = $2 AND state = 'waiting' AND due > $3",
            kind,
            key,
            now
        ) == 1
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
            """
            SELECT kind, key, payload, state, due, attempts, why, place FROM jobs_job WHERE kind = $1 AND key = $2
            """,
            kind,
            key
        ).map(job)
    }

    static func dead(countMax: Int, in reader: any Reader) throws -> [Job] {
        try reader.query(
            """
            SELECT kind, key, payload, state, due, attempts, why, place FROM jobs_job
            WHERE state = 'dead' ORDER BY due, place, kind, key LIMIT $1
            """,
            countMax
        ).map(job)
    }

    static func deadKinds(in reader: any Reader) throws -> [String] {
        try reader.query("SELECT DISTINCT kind FROM jobs_job WHERE state = 'dead' ORDER BY kind")
            .map { try $0.text(0) }
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

    static func reviveAll(kind: String, at: Instant, in tx: any Transaction) throws -> Int {
        try tx.execute(
            "UPDATE jobs_job SET state = 'waiting', due = $2, attempts = 0 WHERE kind = $1 AND state = 'dead'",
            kind,
            at
        )
    }

    /// Takes what is due, in order, skipping what another node is taking at this moment. Jobs whose lease ran out are
    /// due again: their node has died or lost the database.
    static func claim(
        now: Instant,
        lease: String,
        until: Instant,
        countMax: Int,
        in tx: any Transaction
    ) throws -> [Job] {
        try tx.execute(
            """
            UPDATE jobs_job SET state = 'waiting', lease = NULL, lease_until = NULL, why = 'job.lease-lost'
            WHERE state = 'running' AND lease_until <= $1
            """,
            now
        )
        let rows = try tx.query(
            """
            WITH chosen AS MATERIALIZED (
                SELECT kind, key FROM jobs_job WHERE state = 'waiting' AND due <= $1
                ORDER BY due, place, kind, key LIMIT $4 FOR UPDATE SKIP LOCKED)
            UPDATE jobs_job SET state = 'running', lease = $2, lease_until = $3, attempts = attempts + 1
            WHERE (kind, key) IN (SELECT kind, key FROM chosen)
            RETURNING kind, key, payload, state, due, attempts, why, place
            """,
            now,
            lease,
            until,
            countMax
        )
        let sorted = try rows.sorted { left, right in
            let (first, second) = (try left.integer(4), try right.integer(4))
            return first == second ? try left.integer(7) < right.integer(7) : first < second
        }
        return try sorted.map(job)
    }

    static func forget(doneBefore moment: Instant, countMax: Int, in tx: any Transaction) throws -> Int {
        try tx.execute(
            """
            DELETE FROM jobs_job WHERE place IN (
                SELECT place FROM jobs_job WHERE state IN ('done', 'cancelled') AND due < $1
                ORDER BY due LIMIT $2) AND state IN ('done', 'cancelled') AND due < $1
            """,
            moment,
            countMax
        )
    }

    static func isAnythingDue(at now: Instant, in reader: any Reader) throws -> Bool {
        guard let due = try nextDue(in: reader) else { return false }
        return due <= now
    }

    /// The earliest moment at which a job is due or a lease runs out.
    static func nextDue(in reader: any Reader) throws -> Instant? {
        let waiting = try reader.first("SELECT MIN(due) FROM jobs_job WHERE state = 'waiting'")
        let running = try reader.first("SELECT MIN(lease_until) FROM jobs_job WHERE state = 'running'")
        return try [waiting?.optionalInstant(0), running?.optionalInstant(0)].compactMap { $0 }.min()
    }

    /// - Returns: false when the lease is no longer held: the job was cancelled, or another node has it.
    static func prolong(_ job: Job, lease: String, until: Instant, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            "UPDATE jobs_job SET lease_until = $4 WHERE kind = $1 AND key = $2 AND lease = $3 AND state = 'running'",
            job.kind,
            job.key,
            lease,
            until
        ) == 1
    }

    /// Notes how an attempt ended, unless the lease is no longer held.
    static func settle(
        _ job: Job,
        lease: String,
        state: JobState,
        due: Instant,
        attempts: Int,
        why: String?,
        in tx: any Transaction
    ) throws {
        try tx.execute(
            """
            UPDATE jobs_job SET state = $4, due = $5, attempts = $6, why = $7, lease = NULL, lease_until = NULL
            WHERE kind = $1 AND key = $2 AND lease = $3 AND state = 'running'
            """,
            job.kind,
            job.key,
            lease,
            state.rawValue,
            due,
            attempts,
            why
        )
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
