import Storage

/// The statements of `pgbench -N` and `-S` on its own tables.
enum PostgresBenchStore {
    static func add(_ delta: Int, to account: Int, in tx: any Transaction) throws -> Int64 {
        try tx.execute("UPDATE pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2", delta, account)
        let balance = try balance(of: account, in: tx)
        try tx.send(
            """
            INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES ($1, $2, $3, $4, CURRENT_TIMESTAMP)
            """,
            1,
            1,
            account,
            delta
        )
        return balance
    }

    static func balance(of account: Int, in reader: any Reader) throws -> Int64 {
        try reader.number("SELECT abalance FROM pgbench_accounts WHERE aid = $1", account)
    }
}
