import Kernel
import Storage

/// The table of notices to owners of accounts.
enum NoticeStore {
    static func list(_ account: ID<Account>, since start: Instant, countMax: Int, in reader: any Reader)
        throws
        -> [AccountNotice]
    {
        try reader.query(
            """
            SELECT at, kind, reason FROM identity_notice WHERE account = $1 AND at > $2
            ORDER BY at DESC, id DESC LIMIT $3
            """,
            account,
            start,
            countMax
        ).map { row in
            AccountNotice(
                at: try row.instant(0),
                kind: try row.value(1),
                reason: try row.optionalText(2).flatMap(FactorReason.init(rawValue:))
            )
        }
    }

    static func insert(
        _ id: ID<AccountNotice>,
        _ notice: AccountNotice,
        to account: ID<Account>,
        in tx: any Transaction
    ) throws {
        try tx.send(
            "INSERT INTO identity_notice (id, account, at, kind, reason) VALUES ($1, $2, $3, $4, $5)",
            id,
            account,
            notice.at,
            notice.kind.rawValue,
            notice.reason?.rawValue
        )
    }

    static func removeOld(of account: ID<Account>, until end: Instant, in tx: any Transaction) throws {
        try tx.execute("DELETE FROM identity_notice WHERE account = $1 AND at <= $2", account, end)
    }
}
