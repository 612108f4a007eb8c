import Kernel
import Storage

/// The table of sessions.
///
/// Whoever knows token or number of one puts nothing beside it that an index could serve: where nobody has counted the
/// rows yet, PostgreSQL takes the index of open sessions for a shorter way than the key, and walks through all of them.
enum SessionStore {
    struct New {
        let token: [UInt8]
        let id: String
        let account: ID<Account>
        let post: ID<Post>?
        let enterprise: String?
        let created: Instant
        let seen: Instant
        let idleUntil: Instant
        let absoluteUntil: Instant
        let device: String
        let deviceKey: [UInt8]?
        /// Waits for its second factor.
        var isPending = false
    }

    /// Those that somebody can still use.
    static func openCount(now: Instant, in reader: any Reader) throws -> Int64 {
        try reader.number(
            "SELECT COUNT(*) FROM identity_session WHERE ended IS NULL AND idle_until > $1",
            now
        )
    }

    static func insert(_ session: New, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO identity_session (token, id, account, post, enterprise, created, seen, idle_until, absolute_until,
                device, device_key, pending) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """,
            session.token,
            session.id,
            session.account,
            session.post,
            session.enterprise,
            session.created,
            session.seen,
            session.idleUntil,
            session.absoluteUntil,
            session.device,
            session.deviceKey,
            session.isPending
        )
    }

    /// Who holds a token, over the few tables that everybody's session needs: what hangs on a post or on an enterprise
    /// is read after it, by those who have one.
    static func question(_ token: [UInt8], now: Instant) -> Question {
        Question(
            """
            SELECT s.id, s.account, a.kind, a.holder, s.post, s.enterprise, s.created, s.seen, s.idle_until,
                s.absolute_until, s.device, p.name, p.level,
                (SELECT COUNT(*) FROM identity_agent g WHERE g.person = a.holder AND g.withdrawn IS NULL
                    AND g.from_day <= $2 AND (g.until_day IS NULL OR g.until_day >= $2)),
                s.pending, s.ended, a.disabled
            FROM identity_session s
            JOIN identity_account a ON a.id = s.account
            LEFT JOIN identity_person p ON a.kind = 'person' AND p.id = a.holder
            WHERE s.token = $1
            """,
            token,
            now.date
        )
    }

    /// Whether the session of a row is one that somebody can use at this moment.
    static func isOpen(_ row: Row, now: Instant) throws -> Bool {
        try row.int(14) == 0 && row.isNull(15) && row.isNull(16) && row.instant(8) > now
            && row.instant(9) > now
    }

    static func find(_ token: [UInt8], now: Instant, in reader: any Reader) throws -> Session? {
        let question = question(token, now: now)
        guard let row = try reader.query(question.sql, question.values).first, try isOpen(row, now: now)
        else { return nil }
        return try session(row, now: now, in: reader)
    }

    /// - Parameter reader: for what else there is to read; nil where that is nothing.
    /// - Throws: `StorageError.noRow` when there is more to read and no reader.
    static func session(_ row: Row, now: Instant, in reader: (any Reader)?) throws -> Session? {
        let found: (Principal, name: String)?
        switch try row.value(2, as: Account.Kind.self) {
        case .person: found = try person(row, now: now, in: reader)
        case .staff: found = try staff(row, now: now, in: reader)
        }
        guard let (principal, name) = found else { return nil }
        return Session(
            id: try row.text(0),
            account: try row.id(1),
            principal: principal,
            name: name,
            created: try row.instant(6),
            seen: try row.instant(7),
            idleUntil: try row.instant(8),
            absoluteUntil: try row.instant(9),
            device: try row.text(10)
        )
    }

    /// Whether the row tells everything: that of a person who acts for himself.
    static func isWhole(_ row: Row) throws -> Bool {
        try row.value(2, as: Account.Kind.self) == .person && row.isNull(5)
    }

    private static func person(_ row: Row, now: Instant, in reader: (any Reader)?) throws -> (
        Principal, name: String
    )? {
        guard let name = try row.optionalText(11) else { return nil }
        let person: ID<Person> = try row.id(3)
        var acting: ActingFor?
        if let enterprise = try row.optionalText(5) {
            guard let reader else { throw StorageError.noRow }
            acting = try Enterprises.acting(person, for: enterprise, at: now, in: reader)
        }
        return (
            .person(person, level: try row.value(12), isAgent: try row.int(13) > 0, acting: acting), name
        )
    }

    private static func staff(_ row: Row, now: Instant, in reader: (any Reader)?) throws -> (
        Principal, name: String
    )? {
        guard let reader else { throw StorageError.noRow }
        // A post that has ended takes its session with it.
        guard let post = try row.optionalText(4), let post = try StaffStore.post(ID(post), in: reader),
            post.isInForce(on: now.date), let staff = try StaffStore.find(row.id(3), in: reader)
        else { return nil }
        return (.staff(staff.id, post: post), staff.name)
    }

    /// A sign-in that waits for its second factor.
    static func pending(_ token: [UInt8], now: Instant, in reader: any Reader) throws -> (
        id: String, account: ID<Account>
    )? {
        // As `question`: by the token alone.
        let row = try reader.first(
            """
            SELECT s.id, s.account, s.pending, s.ended, s.idle_until, a.disabled
            FROM identity_session s JOIN identity_account a ON a.id = s.account WHERE s.token = $1
            """,
            token
        )
        guard let row, try row.int(2) == 1, row.isNull(3), try row.instant(4) > now, row.isNull(5) else {
            return nil
        }
        return (try row.text(0), try row.id(1))
    }

    static func account(of id: String, in reader: any Reader) throws -> ID<Account>? {
        try reader.first("SELECT account FROM identity_session WHERE id = $1 AND COALESCE(ended, 0) = 0", id)
            .map {
                try $0.id(0)
            }
    }

    static func touch(_ id: String, seen: Instant, idleUntil: Instant, in tx: any Transaction) throws {
        try tx.execute(
            "UPDATE identity_session SET seen = $1, idle_until = $2 WHERE id = $3 AND COALESCE(ended, 0) = 0 AND seen < $1",
            seen,
            idleUntil,
            id
        )
    }

    /// What a successor of this session takes over; nil when it has ended.
    static func forRotation(_ id: String, in tx: any Transaction) throws -> New? {
        try tx.first(
            """
            SELECT token, id, account, post, enterprise, created, seen, idle_until, absolute_until, device, device_key
            FROM identity_session WHERE id = $1 AND COALESCE(ended, 0) = 0 FOR UPDATE
            """,
            id
        ).map { row in
            New(
                token: try row.blob(0),
                id: try row.text(1),
                account: try row.id(2),
                post: try row.optionalText(3).map { ID($0) },
                enterprise: try row.optionalText(4),
                created: try row.instant(5),
                seen: try row.instant(6),
                idleUntil: try row.instant(7),
                absoluteUntil: try row.instant(8),
                device: try row.text(9),
                deviceKey: row.isNull(10) ? nil : try row.blob(10)
            )
        }
    }

    /// - Returns: false when it had ended already, or is another account's.
    static func end(
        _ id: String,
        of account: ID<Account>,
        at: Instant,
        why: String,
        in tx: any Transaction
    ) throws -> Bool {
        try tx.execute(
            "UPDATE identity_session SET ended = $1, ended_why = $2 WHERE id = $3 AND account = $4 AND COALESCE(ended, 0) = 0",
            at,
            why,
            id,
            account
        ) == 1
    }

    static func endAll(of account: ID<Account>, at: Instant, why: String, in tx: any Transaction) throws {
        try tx.execute(
            "UPDATE identity_session SET ended = $1, ended_why = $2 WHERE account = $3 AND ended IS NULL",
            at,
            why,
            account
        )
    }

    /// Ends all but one.
    /// - Returns: how many.
    @discardableResult
    static func endOthers(
        of account: ID<Account>,
        but own: String,
        at: Instant,
        why: String,
        in tx: any Transaction
    ) throws -> Int {
        try tx.execute(
            """
            UPDATE identity_session SET ended = $1, ended_why = $2
            WHERE account = $3 AND id <> $4 AND ended IS NULL
            """,
            at,
            why,
            account,
            own
        )
    }

    /// Those in force, and sign-ins that wait for their second factor.
    static func list(_ account: ID<Account>, now: Instant, countMax: Int, in reader: any Reader) throws
        -> [SessionLine]
    {
        try reader.query(
            """
            SELECT id, device, created, seen, pending FROM identity_session
            WHERE account = $1 AND ended IS NULL AND idle_until > $2 AND absolute_until > $2
            ORDER BY created DESC, id DESC LIMIT $3
            """,
            account,
            now,
            countMax
        ).map { row in
            SessionLine(
                id: try row.text(0),
                device: try row.text(1),
                created: try row.instant(2),
                seen: try row.instant(3),
                isPending: try row.int(4) == 1
            )
        }
    }

    /// The device of a session, if its account was used from there before.
    static func knownDevice(of id: String, in reader: any Reader) throws -> [UInt8]? {
        try reader.first(
            """
            SELECT d.device_key FROM identity_session s
            JOIN identity_device d ON d.account = s.account AND d.device_key = s.device_key WHERE s.id = $1
            """,
            id
        ).map { try $0.blob(0) }
    }

    static func removeOld(before: Instant, countMax: Int, in tx: any Transaction) throws -> Int {
        try tx.execute(
            """
            DELETE FROM identity_session WHERE id IN (SELECT id FROM identity_session WHERE absolute_until < $1 ORDER BY absolute_until LIMIT $2)
            """,
            before,
            countMax
        )
    }
}
