import Kernel
import Storage

/// The only place that knows the table of the ledger.
enum LedgerStore {
    static func insert(_ entry: LedgerEntry, in tx: any Transaction) throws {
        try tx.send(
            "INSERT INTO charge_entry (id, account, fen, reason, bill, at) VALUES ($1, $2, $3, $4, $5, $6)",
            entry.id,
            entry.account,
            entry.fen,
            entry.reason,
            entry.bill,
            entry.at
        )
    }

    static func balances(in reader: any Reader) throws -> [(account: String, fen: Int64)] {
        try reader.query(
            "SELECT account, CAST(SUM(fen) AS BIGINT) FROM charge_entry GROUP BY account ORDER BY account"
        ).map { (try $0.text(0), try $0.integer(1)) }
    }
}
