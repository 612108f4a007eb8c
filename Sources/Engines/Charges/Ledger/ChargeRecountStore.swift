public import Storage

/// What the ledger must say, counted anew: a sum is kept nowhere.
public enum ChargeRecounts {
    public static let all = [
        // Every movement has two sides that meet, and so all accounts together are nothing.
        Recount(
            "charge.entries",
            all: "SELECT COUNT(DISTINCT id) FROM charge_entry",
            wrong: """
                SELECT id FROM charge_entry GROUP BY id HAVING SUM(fen) <> 0 OR COUNT(*) <> 2 ORDER BY id LIMIT $1
                """
        ),
        // What a bill's state says its payer owes, what its payee earned and what is owed back is what was booked for it.
        Recount(
            "charge.bills",
            all: "SELECT COUNT(*) FROM charge_bill",
            wrong: """
                SELECT b.number FROM charge_bill b
                    LEFT JOIN (SELECT bill,
                            SUM(CASE WHEN account LIKE 'receivable/%' THEN fen ELSE 0 END) AS receivable,
                            SUM(CASE WHEN account LIKE 'income/%' THEN fen ELSE 0 END) AS income,
                            SUM(CASE WHEN account LIKE 'refunds/%' THEN fen ELSE 0 END) AS refunds
                        FROM charge_entry GROUP BY bill) e ON e.bill = b.id
                    LEFT JOIN (SELECT bill, SUM(fen) AS fen FROM (
                            SELECT bill, part, MAX(fen) AS fen FROM charge_refund WHERE bill IS NOT NULL
                            GROUP BY bill, part) AS parts GROUP BY bill) a ON a.bill = b.id
                    LEFT JOIN (SELECT r.bill, SUM(p.fen) AS fen FROM charge_refund r
                            JOIN charge_payment p ON p.provider = r.provider AND p.transaction_id = r.given_by
                        WHERE r.state = 'given' GROUP BY r.bill) g ON g.bill = b.id
                WHERE COALESCE(e.receivable, 0) <> CASE WHEN b.state = 'due' THEN b.total ELSE 0 END
                    OR COALESCE(e.income, 0)
                        <> CASE WHEN b.state = 'cancelled' THEN 0 ELSE COALESCE(a.fen, 0) - b.total END
                    OR COALESCE(e.refunds, 0) <> COALESCE(g.fen, 0) - COALESCE(a.fen, 0)
                ORDER BY b.number LIMIT $1
                """
        ),
    ]
}
