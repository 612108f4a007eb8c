import Kernel
import Storage

/// Accounts, logins and the count of wrong tries.
enum AccountStore {
    static func insert(_ account: Account, record: String?, at: Instant, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO identity_account (id, kind, holder, record, password_changed, created)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            account.id,
            account.kind.rawValue,
            account.holder,
            record,
            account.passwordChangedAt,
            at
        )
    }

    static func find(_ id: ID<Account>, in reader: any Reader) throws -> Account? {
        try reader.first(
            "SELECT id, kind, holder, disabled, password_changed FROM identity_account WHERE id = $1",
            id
        ).map(account)
    }

    static func find(kind: Account.Kind, holder: String, in reader: any Reader) throws -> Account? {
        try reader.first(
            "SELECT id, kind, holder, disabled, password_changed FROM identity_account WHERE kind = $1 AND holder = $2",
            kind.rawValue,
            holder
        ).map(account)
    }

    static func find(login: [UInt8], in reader: any Reader) throws -> (account: Account, record: String?)? {
        try reader.first(
            """
            SELECT a.id, a.kind, a.holder, a.disabled, a.password_changed, a.record FROM identity_login l
            JOIN identity_account a ON a.id = l.account WHERE l.login = $1
            """,
            login
        ).map { (try account($0), try $0.optionalText(5)) }
    }

    static func record(of account: ID<Account>, in reader: any Reader) throws -> String? {
        try reader.first("SELECT record FROM identity_account WHERE id = $1", account)?.optionalText(0)
    }

    /// - Returns: false when somebody has it already.
    static func addLogin(_ login: [UInt8], kind: Login.Kind, account: ID<Account>, in tx: any Transaction)
        throws -> Bool
    {
        try tx.execute(
            "INSERT INTO identity_login (login, account, kind) VALUES ($1, $2, $3) ON CONFLICT (login) DO NOTHING",
            login,
            account,
            kind.rawValue
        ) == 1
    }

    static func removeLogins(of account: ID<Account>, kind: Login.Kind, in tx: any Transaction) throws {
        try tx.execute("DELETE FROM identity_login WHERE account = $1 AND kind = $2", account, kind.rawValue)
    }

    static func setRecord(_ record: String, of account: ID<Account>, at: Instant, in tx: any Transaction)
        throws
    {
        try tx.execute(
            "UPDATE identity_account SET record = $1, password_changed = $2 WHERE id = $3",
            record,
            at,
            account
        )
    }

    /// - Returns: false when the record is no longer the one that was renewed.
    static func renewRecord(
        _ record: String,
        replacing old: String,
        of account: ID<Account>,
        in tx: any Transaction
    ) throws {
        try tx.execute(
            "UPDATE identity_account SET record = $1 WHERE id = $2 AND record = $3",
            record,
            account,
            old
        )
    }

    static func disable(_ account: ID<Account>, at: Instant?, in tx: any Transaction) throws -> Bool {
        try tx.execute("UPDATE identity_account SET disabled = $1 WHERE id = $2", at, account) == 1
    }

    // MARK: Tries

    /// Tries, since when, and until when the subject waits; held until the transaction ends.
    private static func lockedTries(of subject: [UInt8], now: Instant, in tx: any Transaction) throws -> Row {
        try tx.send(
            "INSERT INTO identity_try (subject, tries, since) VALUES ($1, 0, $2) ON CONFLICT (subject) DO NOTHING",
            subject,
            now
        )
        guard
            let row = try tx.first(
                "SELECT tries, since, locked_until FROM identity_try WHERE subject = $1 FOR UPDATE",
                subject
            )
        else { throw StorageError.noRow }
        return row
    }

    /// Counts a try before it is made, so that many at once cannot slip past the limit.
    /// - Returns: nil when it may be made, otherwise until when it may not.
    static func reserveTry(
        _ subject: [UInt8],
        triesMax: Int,
        window: Int64,
        lock: Int64,
        now: Instant,
        in tx: any Transaction
    ) throws -> Instant? {
        let row = try lockedTries(of: subject, now: now, in: tx)
        var tries = try row.int(0)
        var since = try row.instant(1)
        if let until = try row.optionalInstant(2) {
            if now < until { return until }
            tries = 0
            since = now
        } else if since + window <= now {
            tries = 0
            since = now
        }
        let until = tries >= triesMax ? now + lock : nil
        try tx.execute(
            "UPDATE identity_try SET tries = $1, since = $2, locked_until = $3 WHERE subject = $4",
            until == nil ? tries + 1 : tries,
            since,
            until,
            subject
        )
        return until
    }

    /// As `reserveTry`, for what may be guessed for years: no time takes a wrong try back, and each lock is longer than
    /// the last one. Only `forgetTries` begins anew.
    /// - Parameter locks: the first lock, the second, and so on; the last one is repeated.
    /// - Returns: nil when it may be made, otherwise until when it may not, and whether this try shut it.
    static func reserveLasting(
        _ subject: [UInt8],
        triesMax: Int,
        locks: [Int64],
        now: Instant,
        in tx: any Transaction
    ) throws -> (until: Instant, isNew: Bool)? {
        try tx.send(
            "INSERT INTO identity_try (subject, tries, since) VALUES ($1, 0, $2) ON CONFLICT (subject) DO NOTHING",
            subject,
            now
        )
        guard
            let row = try tx.first(
                "SELECT tries, locked_until, locks FROM identity_try WHERE subject = $1 FOR UPDATE",
                subject
            )
        else { throw StorageError.noRow }
        var (tries, fallen) = (try row.int(0), try row.int(2))
        if let until = try row.optionalInstant(1) {
            if now < until { return (until, false) }
            tries = 0
        }
        var until: Instant?
        if tries >= triesMax {
            until = now + locks[min(fallen, locks.count - 1)]
            fallen += 1
        } else {
            tries += 1
        }
        try tx.execute(
            "UPDATE identity_try SET tries = $1, since = $2, locked_until = $3, locks = $4 WHERE subject = $5",
            tries,
            now,
            until,
            fallen,
            subject
        )
        return until.map { ($0, true) }
    }

    /// As `reserveTry`, for what many can guess at from many places: after `triesMax` tries each further one makes the
    /// next wait twice as long. Only the tries that may be made are counted.
    /// - Parameter pace: the first delay and the longest, and after how long without a try it begins anew.
    /// - Returns: until when it may not be made, or nil; and whether this try was the last one without a delay.
    static func reservePaced(
        _ subject: [UInt8],
        triesMax: Int,
        pace: (delay: Int64, delayMax: Int64, quiet: Int64),
        now: Instant,
        in tx: any Transaction
    ) throws -> (until: Instant?, isLastFree: Bool) {
        let row = try lockedTries(of: subject, now: now, in: tx)
        if let until = try row.optionalInstant(2), now < until { return (until, false) }
        let tries = try row.instant(1) + pace.quiet <= now ? 1 : try row.int(0) + 1
        // Doubled at most thirty times: far beyond any longest delay.
        let delay = tries < triesMax ? 0 : min(pace.delay << min(tries - triesMax, 30), pace.delayMax)
        try tx.execute(
            "UPDATE identity_try SET tries = $1, since = $2, locked_until = $3 WHERE subject = $4",
            tries,
            now,
            delay > 0 ? now + delay : nil,
            subject
        )
        return (nil, tries == triesMax)
    }

    static func forgetTries(_ subject: [UInt8], in tx: any Transaction) throws {
        try tx.execute("DELETE FROM identity_try WHERE subject = $1", subject)
    }

    static func giveTryBack(_ subject: [UInt8], in tx: any Transaction) throws {
        try tx.execute("UPDATE identity_try SET tries = tries - 1 WHERE subject = $1 AND tries > 0", subject)
    }

    // MARK: Devices

    static func knowsDevice(_ device: [UInt8], account: ID<Account>, in reader: any Reader) throws -> Bool {
        try reader.first(
            "SELECT first_seen FROM identity_device WHERE account = $1 AND device_key = $2",
            account,
            device
        ) != nil
    }

    /// The digests of the devices that an account was used from, the last used first.
    static func devices(_ account: ID<Account>, in reader: any Reader) throws -> [[UInt8]] {
        try reader.query(
            "SELECT device_key FROM identity_device WHERE account = $1 ORDER BY last_seen DESC LIMIT 1000",
            account
        ).map { try $0.blob(0) }
    }

    static func seeDevice(_ device: [UInt8], account: ID<Account>, at: Instant, in tx: any Transaction) throws
    {
        try tx.send(
            """
            INSERT INTO identity_device (account, device_key, first_seen, last_seen) VALUES ($1, $2, $3, $3)
            ON CONFLICT (account, device_key) DO UPDATE SET last_seen = $3
            """,
            account,
            device,
            at
        )
    }

    private static func account(_ row: Row) throws -> Account {
        Account(
            id: try row.id(0),
            kind: try row.value(1),
            holder: try row.text(2),
            disabledAt: try row.optionalInstant(3),
            passwordChangedAt: try row.optionalInstant(4)
        )
    }
}
