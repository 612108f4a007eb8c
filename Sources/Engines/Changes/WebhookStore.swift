import Kernel
import Storage

/// Subscriptions and how far each has been told.
enum WebhookStore {
    static func insert(_ webhook: Webhook, secret: String, in tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO changes_webhook (id, name, address, region, secret, state, cursor, made_at, failures)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)
            """,
            webhook.id,
            webhook.name,
            webhook.address,
            webhook.region,
            PersonalText(secret),
            webhook.state.rawValue,
            webhook.cursor,
            webhook.madeAt
        )
    }

    static func all(in reader: any Reader) throws -> [Webhook] {
        try reader.query(
            """
            SELECT id, name, address, region, state, cursor, made_at, failures, why, told_at
            FROM changes_webhook ORDER BY made_at, id
            """
        ).map(webhook)
    }

    static func find(_ id: ID<Webhook>, in reader: any Reader) throws -> Webhook? {
        try reader.first(
            """
            SELECT id, name, address, region, state, cursor, made_at, failures, why, told_at
            FROM changes_webhook WHERE id = $1
            """,
            id
        ).map(webhook)
    }

    /// The row, locked until the transaction ends.
    static func lock(_ id: ID<Webhook>, in tx: any Transaction) throws -> Webhook? {
        try tx.first(
            """
            SELECT id, name, address, region, state, cursor, made_at, failures, why, told_at
            FROM changes_webhook WHERE id = $1 FOR UPDATE
            """,
            id
        ).map(webhook)
    }

    static func secret(_ id: ID<Webhook>, in reader: any Reader) throws -> String? {
        try reader.first("SELECT secret FROM changes_webhook WHERE id = $1", id)?.text(0)
    }

    static func setState(_ state: Webhook.State, of id: ID<Webhook>, in tx: any Transaction) throws {
        try tx.execute(
            "UPDATE changes_webhook SET state = $2, failures = 0, why = NULL WHERE id = $1",
            id,
            state.rawValue
        )
    }

    static func setCursor(_ cursor: Int64, of id: ID<Webhook>, in tx: any Transaction) throws {
        try tx.execute(
            "UPDATE changes_webhook SET cursor = $2, failures = 0, why = NULL WHERE id = $1",
            id,
            cursor
        )
    }

    /// Moves the cursor on, unless somebody else has moved it meanwhile.
    /// - Parameter toldAt: when it took a delivery; nil when there was nothing to tell.
    static func advance(
        _ id: ID<Webhook>,
        from cursor: Int64,
        to next: Int64,
        toldAt: Instant?,
        in tx: any Transaction
    ) throws -> Bool {
        try tx.execute(
            """
            UPDATE changes_webhook SET cursor = $3, failures = 0, why = NULL, told_at = COALESCE($4, told_at)
            WHERE id = $1 AND cursor = $2 AND state = 'active'
            """,
            id,
            cursor,
            next,
            toldAt
        ) == 1
    }

    static func fail(_ id: ID<Webhook>, at cursor: Int64, why: String, in tx: any Transaction) throws {
        try tx.execute(
            "UPDATE changes_webhook SET failures = failures + 1, why = $3 WHERE id = $1 AND cursor = $2",
            id,
            cursor,
            why
        )
    }

    static func remove(_ id: ID<Webhook>, in tx: any Transaction) throws {
        try tx.execute("DELETE FROM changes_webhook WHERE id = $1", id)
    }

    private static func webhook(_ row: Row) throws -> Webhook {
        Webhook(
            id: ID(try row.text(0)),
            name: try row.text(1),
            address: try row.text(2),
            region: try row.text(3),
            state: try row.value(4),
            cursor: try row.integer(5),
            madeAt: try row.instant(6),
            failures: try row.int(7),
            why: try row.optionalText(8),
            toldAt: try row.optionalInstant(9)
        )
    }
}
