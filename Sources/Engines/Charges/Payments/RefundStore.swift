import Kernel
import Storage

/// The only place that knows the table of refunds.
enum RefundStore {
    /// - Throws: `ChargeError.stale` when the same money is going back already.
    static func insert(_ refund: Refund, in tx: any Transaction) throws {
        let rows = try tx.execute(
            """
            INSERT INTO charge_refund (id, bill, provider, transaction_id, fen, reason, asked_by, asked_at, state,
                region, part)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ON CONFLICT (provider, transaction_id, part) WHERE state <> 'failed' DO NOTHING
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
            refund.region,
            refund.part
        )
        guard rows == 1 else { throw ChargeError.stale }
    }

    static func find(_ id: ID<Refund>, in reader: any Reader) throws -> Refund? {
        try reader.first(
            """
            SELECT id, bill, provider, transaction_id, fen, reason, asked_by, asked_at, released_by, released_at,
                given_by, state, region, part
            FROM charge_refund WHERE id = $1
            """,
            id
        ).map(refund)
    }

    static func all(_ state: Refund.State, within reach: CashReach, limit: Int, in reader: any Reader) throws
        -> [Refund]
    {
        try reader.query(
            """
            SELECT f.id, f.bill, f.provider, f.transaction_id, f.fen, f.reason, f.asked_by, f.asked_at,
                f.released_by, f.released_at, f.given_by, f.state, f.region, f.part
            FROM charge_refund f
                LEFT JOIN charge_payment p ON p.provider = f.provider AND p.transaction_id = f.transaction_id
                LEFT JOIN charge_bill b ON b.number = p.number
            WHERE f.state = $1
                AND (b.id IS NULL OR (b.agency IN ($2, '') OR $2 = '') AND b.region >= $3 AND b.region < $4)
            ORDER BY f.id LIMIT $5
            """,
            state.rawValue,
            reach.agency,
            reach.low,
            reach.high,
            limit
        ).map(refund)
    }

    /// Failed ones of whose money no other refund is under way or done.
    static func abandoned(within reach: CashReach, limit: Int, in reader: any Reader) throws -> [Refund] {
        try reader.query(
            """
            SELECT f.id, f.bill, f.provider, f.transaction_id, f.fen, f.reason, f.asked_by, f.asked_at,
                f.released_by, f.released_at, f.given_by, f.state, f.region, f.part
            FROM charge_refund f
                LEFT JOIN charge_payment p ON p.provider = f.provider AND p.transaction_id = f.transaction_id
                LEFT JOIN charge_bill b ON b.number = p.number
            WHERE f.state = 'failed'
                AND (b.id IS NULL OR (b.agency IN ($1, '') OR $1 = '') AND b.region >= $2 AND b.region < $3)
                AND NOT EXISTS (SELECT 1 FROM charge_refund o WHERE o.provider = f.provider
                    AND o.transaction_id = f.transaction_id AND o.part = f.part
                    AND (o.state <> 'failed' OR o.id > f.id))
            ORDER BY f.id LIMIT $4
            """,
            reach.agency,
            reach.low,
            reach.high,
            limit
        ).map(refund)
    }

    /// The refund of the same part of a payment that was not given up.
    static func standing(besides refund: Refund, in reader: any Reader) throws -> Refund? {
        try reader.first(
            """
            SELECT id, bill, provider, transaction_id, fen, reason, asked_by, asked_at, released_by, released_at,
                given_by, state, region, part
            FROM charge_refund
            WHERE provider = $1 AND transaction_id = $2 AND part = $3 AND state <> 'failed' AND id <> $4
            """,
            refund.provider,
            refund.transaction,
            refund.part,
            refund.id
        ).map(Self.refund)
    }

    /// What turned out to be too much on a bill: how much of it in how many parts, whatever came of asking for it.
    static func surplus(of bill: ID<Bill>, in reader: any Reader) throws -> (fen: Int64, parts: Int64) {
        let row = try reader.first(
            """
            SELECT CAST(COALESCE(SUM(fen), 0) AS BIGINT), COUNT(*) FROM (
                SELECT part, MAX(fen) AS fen FROM charge_refund WHERE bill = $1 AND part > 0 GROUP BY part) AS parts
            """,
            bill
        )
        return (try row?.integer(0) ?? 0, try row?.integer(1) ?? 0)
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
            part: try row.integer(13),
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
