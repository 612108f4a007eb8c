import Kernel
import Storage

/// The only place that knows the tables of differences and of compared days.
enum DifferenceStore {
    /// Once for each transaction and kind; `false` when it is there already.
    static func insert(_ difference: Difference, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            """
            INSERT INTO charge_difference (id, kind, provider, transaction_id, number, ours, theirs, opened_at, region)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (provider, transaction_id, kind) DO NOTHING
            """,
            difference.id,
            difference.kind.rawValue,
            difference.provider,
            difference.transaction,
            difference.number,
            difference.ours?.fen,
            difference.theirs?.fen,
            difference.openedAt,
            difference.region
        ) == 1
    }

    static func find(_ id: ID<Difference>, in reader: any Reader) throws -> Difference? {
        try reader.first(
            """
            SELECT id, kind, provider, transaction_id, number, ours, theirs, opened_at, closed_at, closed_by, reason,
                region
            FROM charge_difference WHERE id = $1
            """,
            id
        ).map(difference)
    }

    static func open(within reach: CashReach, limit: Int, in reader: any Reader) throws -> [Difference] {
        try reader.query(
            """
            SELECT d.id, d.kind, d.provider, d.transaction_id, d.number, d.ours, d.theirs, d.opened_at, d.closed_at,
                d.closed_by, d.reason, d.region
            FROM charge_difference d LEFT JOIN charge_bill b ON b.number = d.number
            WHERE d.closed_at IS NULL
                AND (b.id IS NULL OR (b.agency IN ($1, '') OR $1 = '') AND b.region >= $2 AND b.region < $3)
            ORDER BY d.id LIMIT $4
            """,
            reach.agency,
            reach.low,
            reach.high,
            limit
        ).map(difference)
    }

    static func close(_ difference: Difference, in tx: any Transaction) throws {
        let rows = try tx.execute(
            """
            UPDATE charge_difference SET closed_at = $2, closed_by = $3, reason = $4
            WHERE id = $1 AND closed_at IS NULL
            """,
            difference.id,
            difference.closedAt,
            difference.closedBy,
            difference.reason
        )
        guard rows == 1 else { throw ChargeError.stale }
    }

    static func keep(_ day: ComparedDay, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO charge_day (provider, day, ours, theirs, count_ours, count_theirs, differences, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (provider, day) DO UPDATE SET ours = excluded.ours, theirs = excluded.theirs,
                count_ours = excluded.count_ours, count_theirs = excluded.count_theirs,
                differences = excluded.differences, at = excluded.at
            """,
            day.provider,
            day.day,
            day.ours.fen,
            day.theirs.fen,
            Int64(day.countOurs),
            Int64(day.countTheirs),
            Int64(day.differences),
            day.at
        )
    }

    static func days(limit: Int, in reader: any Reader) throws -> [ComparedDay] {
        try reader.query(
            """
            SELECT provider, day, ours, theirs, count_ours, count_theirs, differences, at FROM charge_day
            ORDER BY day DESC, provider LIMIT $1
            """,
            limit
        ).map { row in
            ComparedDay(
                provider: try row.text(0),
                day: try row.date(1),
                ours: Money(fen: try row.integer(2)),
                theirs: Money(fen: try row.integer(3)),
                countOurs: try row.int(4),
                countTheirs: try row.int(5),
                differences: try row.int(6),
                at: try row.instant(7)
            )
        }
    }

    private static func difference(_ row: Row) throws -> Difference {
        Difference(
            id: try row.id(0),
            kind: try row.value(1),
            provider: try row.text(2),
            transaction: try row.text(3),
            number: try row.text(4),
            ours: row.isNull(5) ? nil : Money(fen: try row.integer(5)),
            theirs: row.isNull(6) ? nil : Money(fen: try row.integer(6)),
            openedAt: try row.instant(7),
            region: try row.text(11),
            closedAt: row.isNull(8) ? nil : try row.instant(8),
            closedBy: try row.optionalText(9),
            reason: try row.optionalText(10)
        )
    }
}
