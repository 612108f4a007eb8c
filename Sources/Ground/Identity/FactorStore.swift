import Kernel
import Storage

/// The tables of second factors and their recovery codes.
enum FactorStore {
    struct Kept {
        let secret: [UInt8]
        let confirmed: Instant?
        let lastStep: Int64
    }

    static func find(_ account: ID<Account>, in reader: any Reader) throws -> Kept? {
        try reader.first(
            "SELECT secret, confirmed, last_step FROM identity_factor WHERE account = $1",
            account
        ).map(kept)
    }

    static func lock(_ account: ID<Account>, in tx: any Transaction) throws -> Kept? {
        try tx.first(
            "SELECT secret, confirmed, last_step FROM identity_factor WHERE account = $1 FOR UPDATE",
            account
        ).map(kept)
    }

    private static func kept(_ row: Row) throws -> Kept {
        Kept(secret: try row.blob(0), confirmed: try row.optionalInstant(1), lastStep: try row.integer(2))
    }

    /// A new secret that is not confirmed yet; one that is stays.
    static func begin(_ sealed: [UInt8], of account: ID<Account>, at now: Instant, in tx: any Transaction)
        throws
    {
        try tx.execute(
            """
            INSERT INTO identity_factor (account, secret, created, last_step) VALUES ($1, $2, $3, 0)
            ON CONFLICT (account) DO UPDATE SET secret = $2, created = $3
            WHERE identity_factor.confirmed IS NULL
            """,
            account,
            sealed,
            now
        )
    }

    static func confirm(_ account: ID<Account>, step: Int64, at now: Instant, in tx: any Transaction) throws {
        try tx.execute(
            "UPDATE identity_factor SET confirmed = $2, last_step = $3 WHERE account = $1 AND confirmed IS NULL",
            account,
            now,
            step
        )
    }

    /// - Returns: false when this step, or a later one, was used before.
    static func use(_ step: Int64, of account: ID<Account>, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            "UPDATE identity_factor SET last_step = $2 WHERE account = $1 AND last_step < $2",
            account,
            step
        ) == 1
    }

    static func forget(_ account: ID<Account>, in tx: any Transaction) throws {
        try tx.execute("DELETE FROM identity_recovery WHERE account = $1", account)
        try tx.execute("DELETE FROM identity_factor WHERE account = $1", account)
    }

    static func setRecovery(_ codes: [[UInt8]], of account: ID<Account>, in tx: any Transaction) throws {
        try tx.execute("DELETE FROM identity_recovery WHERE account = $1", account)
        for code in codes {
            try tx.execute("INSERT INTO identity_recovery (account, code) VALUES ($1, $2)", account, code)
        }
    }

    /// - Returns: false for a code that is none, or was used.
    static func useRecovery(_ code: [UInt8], of account: ID<Account>, at now: Instant, in tx: any Transaction)
        throws -> Bool
    {
        try tx.execute(
            "UPDATE identity_recovery SET used = $3 WHERE account = $1 AND code = $2 AND used IS NULL",
            account,
            code,
            now
        ) == 1
    }

    static func recoveryLeft(_ account: ID<Account>, in reader: any Reader) throws -> Int {
        Int(
            try reader.number(
                "SELECT COUNT(*) FROM identity_recovery WHERE account = $1 AND used IS NULL",
                account
            )
        )
    }
}
