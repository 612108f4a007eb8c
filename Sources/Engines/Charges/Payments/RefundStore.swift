import Kernel
import Storage

/// The only place that knows the table of refunds.
enum RefundStore {
    /// - Throws: `ChargeError.stale` when the same money is going back already.
    static func insert(_ refund: Refund, in tx: any Transaction) throws {
        let rows = try tx.execute(
            """
            INSERT INTO charge_refund (id, bill, provider, transaction_id, fen, reason, asked_by, asked_at, state,
                region)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (provider, transaction_id) WHERE state <> 'failed' DO NOTHING
            """,
            refund.id,
            refund.bill,
            refund.provider,
            refund.transaction,
            refund.amount.fen,
            refund.reason,
            refund.askedBy,
            refund.askedAt,
            refund.state.rawValue,
            refund.region
        )
        guard rows == 1 else { throw ChargeError.stale }
    }

    static func find(_ id: ID<Refund>, in reader: any Reader) throws -> Refund? {
        try reader.first(
            """
            SELECT id, bill, provider, transaction_id, fen, reason, asked_by, asked_at, released_by, released_at,
                given_by, state, region
            FROM charge_refund WHERE id = $1
            """,
            id
        ).map(refund)
    }

    static func all(
        _ state: Refund.State,
        from low: String,
        below high: String,
        limit: Int,
        in reader: any Reader
    ) throws -> [Refund] {
        try reader.query(
            """
            SELECT id, bill, provider, transaction_id, fen, reason, asked_by, asked_at, released_by, released_at,
                given_by, state, region
            FROM charge_refund WHERE state = $1 AND (region = '' OR region >= $2 AND region < $3)
            ORDER BY id LIMIT $4
            """,
            state.rawValue,
            low,
            high,
            limit
        ).map(refund)
    }

    /// Failed ones of whose money no other refund is under way or done.
    static func abandoned(from low: String, below high: String, limit: Int, in reader: any Reader) throws
        -> [Refund]
    {
        try reader.query(
            """
            SELECT f.id, f.bill, f.provider, f.transaction_id, f.fen, f.reason, f.asked_by, f.asked_at,
                f.released_by, f.released_at, f.given_by, f.state, f.region
            FROM charge_refund f
            WHERE f.state = 'failed' AND (f.region = '' OR f.region >= $1 AND f.region < $2)
                AND NOT EXISTS (SELECT 1 FROM charge_refund o WHERE o.provider = f.provider
                    AND o.transaction_id = f.transaction_id AND (o.state <> 'failed' OR o.id > f.id))
            ORDER BY f.id LIMIT $3
            """,
            low,
            high,
            limit
        ).map(refund)
    }

    /// - Throws: `ChargeError.stale` when it is no longer where it was.
    static func update(_ refund: Refund, from state: Refund.State, in tx: any Transaction) throws {
        let rows = try tx.execute(
            """
            UPDATE charge_refund SET state = $2, released_by = $3, released_at = $4, given_by = $5
            WHERE id = $1 AND state = $6
            """,
            refund.id,
            refund.state.rawValue,
            refund.releasedBy,
            refund.releasedAt,
            refund.givenBy,
            state.rawValue
        )
        guard rows == 1 else { throw ChargeError.stale }
    }

    private static func refund(_ row: Row) throws -> Refund {
        Refund(
            id: try row.id(0),
            bill: try row.optionalText(1).map { ID($0) },
            provider: try row.text(2),
            transaction: try row.text(3),
            amount: Money(fen: try row.integer(4)),
            reason: try row.text(5),
            askedBy: try row.text(6),
            askedAt: try row.instant(7),
            releasedBy: try row.optionalText(8),
            releasedAt: row.isNull(9) ? nil : try row.instant(9),
            givenBy: try row.optionalText(10),
            state: try row.value(11),
            region: try row.text(12)
        )
    }
}
