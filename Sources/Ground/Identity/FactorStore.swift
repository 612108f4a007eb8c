import Kernel
import Storage

/// The tables of second factors, of secrets that are being enrolled, of codes to enrol with, and of recovery codes.
enum FactorStore {
    /// A second factor in force.
    struct Kept {
        let secret: [UInt8]
        let confirmed: Instant
        let lastStep: Int64
    }

    /// A secret that waits for its first code.
    struct Begun {
        let secret: [UInt8]
        /// Whose it is: no other session sees or confirms it.
        let session: String
    }

    static func find(_ account: ID<Account>, in reader: any Reader) throws -> Kept? {
        try reader.first(
            """
            SELECT secret, confirmed, last_step FROM identity_factor
            WHERE account = $1 AND confirmed IS NOT NULL
            """,
            account
        ).map(kept)
    }

    static func lock(_ account: ID<Account>, in tx: any Transaction) throws -> Kept? {
        try tx.first(
            """
            SELECT secret, confirmed, last_step FROM identity_factor
            WHERE account = $1 AND confirmed IS NOT NULL FOR UPDATE
            """,
            account
        ).map(kept)
    }

    private static func kept(_ row: Row) throws -> Kept {
        Kept(secret: try row.blob(0), confirmed: try row.instant(1), lastStep: try row.integer(2))
    }

    // MARK: enrolling

    /// A new secret that is not confirmed yet takes the place of one that was not either.
    static func begin(
        _ sealed: [UInt8],
        of account: ID<Account>,
        by session: String,
        at now: Instant,
        in tx: any Transaction
    ) throws {
        try tx.send(
            """
            INSERT INTO identity_factor_begun (account, secret, session, created) VALUES ($1, $2, $3, $4)
            ON CONFLICT (account) DO UPDATE SET secret = $2, session = $3, created = $4
            """,
            account,
            sealed,
            session,
            now
        )
    }

    static func begun(_ account: ID<Account>, by session: String, in reader: any Reader) throws -> Begun? {
        try reader.first(
            "SELECT secret, session FROM identity_factor_begun WHERE account = $1 AND session = $2",
            account,
            session
        ).map(begun)
    }

    static func lockBegun(_ account: ID<Account>, by session: String, in tx: any Transaction) throws -> Begun?
    {
        try tx.first(
            "SELECT secret, session FROM identity_factor_begun WHERE account = $1 AND session = $2 FOR UPDATE",
            account,
            session
        ).map(begun)
    }

    private static func begun(_ row: Row) throws -> Begun {
        Begun(secret: try row.blob(0), session: try row.text(1))
    }

    /// What was begun is in force, in the place of what was before.
    static func confirm(
        _ begun: Begun,
        of account: ID<Account>,
        step: Int64,
        at now: Instant,
        in tx: any Transaction
    ) throws {
        try tx.send(
            """
            INSERT INTO identity_factor (account, secret, created, confirmed, last_step) VALUES ($1, $2, $3, $3, $4)
            ON CONFLICT (account) DO UPDATE SET secret = $2, created = $3, confirmed = $3, last_step = $4
            """,
            account,
            begun.secret,
            now,
            step
        )
        try forgetBegun(account, in: tx)
    }

    /// The digest of a code handed out; an earlier one no longer counts.
    static func setEnrolment(
        _ code: [UInt8],
        of account: ID<Account>,
        at now: Instant,
        expires: Instant,
        in tx: any Transaction
    ) throws {
        try tx.send(
            """
            INSERT INTO identity_enrolment (account, code, created, expires) VALUES ($1, $2, $3, $4)
            ON CONFLICT (account) DO UPDATE SET code = $2, created = $3, expires = $4, used = NULL
            """,
            account,
            code,
            now,
            expires
        )
    }

    /// - Returns: false for a code that is none, was used, or whose term is over.
    static func useEnrolment(
        _ code: [UInt8],
        of account: ID<Account>,
        at now: Instant,
        in tx: any Transaction
    ) throws -> Bool {
        try tx.execute(
            """
            UPDATE identity_enrolment SET used = $3
            WHERE account = $1 AND code = $2 AND used IS NULL AND expires > $3
            """,
            account,
            code,
            now
        ) == 1
    }

    static func forget(_ account: ID<Account>, in tx: any Transaction) throws {
        try tx.execute("DELETE FROM identity_recovery WHERE account = $1", account)
        try tx.execute("DELETE FROM identity_factor WHERE account = $1", account)
        try forgetBegun(account, in: tx)
    }

    /// What somebody has begun to enrol and not confirmed.
    static func forgetBegun(_ account: ID<Account>, in tx: any Transaction) throws {
        try tx.execute("DELETE FROM identity_factor_begun WHERE account = $1", account)
    }

    // MARK: codes

    /// - Returns: false when this step, or a later one, was used before.
    static func use(_ step: Int64, of account: ID<Account>, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            "UPDATE identity_factor SET last_step = $2 WHERE account = $1 AND last_step < $2",
            account,
            step
        ) == 1
    }

    static func setRecovery(_ codes: [[UInt8]], of account: ID<Account>, in tx: any Transaction) throws {
        try tx.execute("DELETE FROM identity_recovery WHERE account = $1", account)
        for code in codes {
            try tx.send("INSERT INTO identity_recovery (account, code) VALUES ($1, $2)", account, code)
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
