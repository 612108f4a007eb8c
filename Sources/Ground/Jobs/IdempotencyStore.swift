import Kernel
import Storage

/// Requests that were answered.
enum IdempotencyStore {
    static func add(
        key: String,
        scope: String,
        digest: [UInt8],
        at: Instant,
        in tx: any Transaction
    ) throws -> Bool {
        try tx.execute(
            """
            INSERT INTO jobs_idempotency (scope, key, digest, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
            """,
            scope,
            key,
            digest,
            at
        ) == 1
    }

    static func find(
        key: String,
        scope: String,
        in reader: any Reader
    ) throws -> (digest: [UInt8], answer: JSON?)? {
        let row = try reader.first(
            "SELECT digest, answer FROM jobs_idempotency WHERE scope = $1 AND key = $2",
            scope,
            key
        )
        guard let row else { return nil }
        // `nil` alone would be read as JSON's null.
        let answer: JSON? = row.isNull(1) ? Optional.none : try row.json(1)
        return (try row.blob(0), answer)
    }

    static func setAnswer(_ answer: JSON, key: String, scope: String, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            "UPDATE jobs_idempotency SET answer = $3 WHERE scope = $1 AND key = $2",
            scope,
            key,
            PersonalText(answer)
        ) == 1
    }

    static func forget(before: Instant, countMax: Int, in tx: any Transaction) throws -> Int {
        try tx.execute(
            """
            DELETE FROM jobs_idempotency WHERE (scope, key) IN (
                SELECT scope, key FROM jobs_idempotency WHERE at < $1 ORDER BY at LIMIT $2)
            """,
            before,
            countMax
        )
    }
}
