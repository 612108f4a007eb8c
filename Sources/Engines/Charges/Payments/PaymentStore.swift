import Kernel
import Storage

/// The only place that knows the table of payments.
enum PaymentStore {
    static func insert(_ payment: Payment, bill: ID<Bill>?, at: Instant, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO charge_payment (provider, transaction_id, direction, number, fen, moved_at, bill, taken_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            payment.provider,
            payment.transaction,
            payment.direction.rawValue,
            payment.number,
            payment.amount.fen,
            payment.at,
            bill,
            at
        )
    }

    static func find(_ provider: String, _ transaction: String, in reader: any Reader) throws -> Payment? {
        try reader.first(
            """
            SELECT provider, transaction_id, direction, number, fen, moved_at FROM charge_payment
            WHERE provider = $1 AND transaction_id = $2
            """,
            provider,
            transaction
        ).map(payment)
    }

    static func settling(_ bill: ID<Bill>, in reader: any Reader) throws -> Payment? {
        try reader.first(
            """
            SELECT provider, transaction_id, direction, number, fen, moved_at FROM charge_payment
            WHERE bill = $1 AND direction = $2
            """,
            bill,
            Payment.Direction.taken.rawValue
        ).map(payment)
    }

    /// What moved with a provider from a moment up to another.
    static func between(
        _ from: Instant,
        _ until: Instant,
        provider: String,
        in reader: any Reader
    ) throws -> [Payment] {
        try reader.query(
            """
            SELECT provider, transaction_id, direction, number, fen, moved_at FROM charge_payment
            WHERE provider = $1 AND moved_at >= $2 AND moved_at < $3 ORDER BY transaction_id
            """,
            provider,
            from,
            until
        ).map(payment)
    }

    private static func payment(_ row: Row) throws -> Payment {
        Payment(
            provider: try row.text(0),
            transaction: try row.text(1),
            direction: try row.value(2),
            number: try row.text(3),
            amount: Money(fen: try row.integer(4)),
            at: try row.instant(5)
        )
    }
}
