import Audit
import Cryptography
public import Kernel
public import Storage

/// Sessions: found in one query, extended while used, rotated when rights change.
public enum Sessions {
    /// How many are open, for whoever watches.
    public static func openCount(now: Instant, in reader: any Reader) throws -> Int64 {
        try SessionStore.openCount(now: now, in: reader)
    }

    /// Who holds a token at this moment: nil when the session has ended, its account is shut, its post is over, or
    /// the text is no token.
    public static func find(token: String, now: Instant, in reader: any Reader) throws -> Session? {
        guard token.utf8.count == 64 else { return nil }
        return try SessionStore.find(digest(token), now: now, in: reader)
    }

    /// The same, with the answers to questions that are asked in the same trip to the database; none without a session.
    public static func find(
        token: String,
        now: Instant,
        asking questions: [Question],
        in database: any Database
    ) async throws -> (session: Session, answers: [[Row]])? {
        guard token.utf8.count == 64 else { return nil }
        var answers = try await database.ask([SessionStore.question(digest(token), now: now)] + questions)
        guard !answers.isEmpty, let row = answers.removeFirst().first, try SessionStore.isOpen(row, now: now)
        else { return nil }
        let session =
            try SessionStore.isWhole(row)
            ? try SessionStore.session(row, now: now, in: nil)
            // All of it in one snapshot.
            : try await database.read { try find(token: token, now: now, in: $0) }
        return session.map { ($0, answers) }
    }

    /// Whether the last use should be written down again: at most once in the limit's seconds.
    public static func isTouchDue(_ session: Session, now: Instant, limits: IdentityLimits) throws -> Bool {
        now - session.seen >= (try limits.milliseconds(.sessionTouch, at: now))
    }

    /// Writes down that a session is in use; its idle time begins anew, its absolute end stays.
    public static func touch(
        _ session: Session,
        now: Instant,
        limits: IdentityLimits,
        in tx: any Transaction
    ) throws {
        let idle = try limits.milliseconds(idleLimit(session.principal), at: now)
        try SessionStore.touch(
            session.id,
            seen: now,
            idleUntil: min(now + idle, session.absoluteUntil),
            in: tx
        )
    }

    /// From now on the person acts for an enterprise, or for himself again. The token changes.
    /// - Throws: `sessionEnded`; `notLegalRepresentative` when he has no right to act for it.
    public static func act(
        for enterprise: String?,
        _ session: Session,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> String {
        guard case .person(let person, _, _, _) = session.principal else { throw IdentityError.sessionEnded }
        if let enterprise {
            guard try Enterprises.acting(person, for: enterprise, at: occasion.now, in: tx) != nil else {
                throw IdentityError.notLegalRepresentative
            }
        }
        let token = try rotate(session, occasion: occasion, in: tx) { old in (old.post, enterprise) }
        try AuditLog.append(
            "session.acting",
            object: "account:\(session.account)",
            after: ["enterprise": JSON(enterprise)],
            occasion: occasion,
            in: tx
        )
        return token
    }

    /// The member of staff goes on in another of his posts. The token changes.
    public static func choose(
        _ post: ID<Post>,
        _ session: Session,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> String {
        guard case .staff(let staff, _) = session.principal,
            let chosen = try StaffStore.post(post, in: tx), chosen.staff == staff,
            chosen.isInForce(on: occasion.now.date)
        else { throw IdentityError.noPost }
        let token = try rotate(session, occasion: occasion, in: tx) { old in (post, old.enterprise) }
        try AuditLog.append(
            "session.post",
            object: "account:\(session.account)",
            after: ["post": .string(post.rawValue)],
            occasion: occasion,
            in: tx
        )
        return token
    }

    public static func signOut(_ session: Session, occasion: Occasion, in tx: any Transaction) throws {
        if try SessionStore.end(session.id, of: session.account, at: occasion.now, why: "signed-out", in: tx)
        {
            try AuditLog.append(
                "session.signed-out",
                object: "account:\(session.account)",
                occasion: occasion,
                in: tx
            )
        }
    }

    /// Ends another session of the same account (下线).
    public static func kick(
        _ id: String,
        of account: ID<Account>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard try SessionStore.end(id, of: account, at: occasion.now, why: "kicked", in: tx) else {
            throw IdentityError.sessionEnded
        }
        try AuditLog.append("session.kicked", object: "account:\(account)", occasion: occasion, in: tx)
    }

    /// Ends every other session of the account, and every sign-in that waits for its second factor.
    public static func kickOthers(
        _ own: String,
        of account: ID<Account>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let count = try SessionStore.endOthers(
            of: account,
            but: own,
            at: occasion.now,
            why: "kicked",
            in: tx
        )
        guard count > 0 else { return }
        try AuditLog.append("session.others-kicked", object: "account:\(account)", occasion: occasion, in: tx)
    }

    /// Where an account is signed in now, the newest first.
    public static func list(
        of account: ID<Account>,
        now: Instant,
        countMax: Int = 50,
        in reader: any Reader
    ) throws -> [SessionLine] { try SessionStore.list(account, now: now, countMax: countMax, in: reader) }

    /// Takes away sessions whose absolute end lies before a moment.
    @discardableResult
    public static func removeOld(before: Instant, countMax: Int, in tx: any Transaction) throws -> Int {
        try SessionStore.removeOld(before: before, countMax: countMax, in: tx)
    }

    /// Opens a session for an account whose sign-in was proven.
    static func open(
        for account: Account,
        origin: SignInOrigin,
        settings: IdentitySettings,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> SignedIn {
        var post: ID<Post>?
        var roles: [StaffRole] = []
        if account.kind == .staff {
            let posts = try StaffStore.posts(of: ID(account.holder), in: tx).filter {
                $0.isInForce(on: occasion.now.date)
            }
            guard let current = posts.first else { throw IdentityError.noPost }
            post = current.id
            roles = posts.map(\.role)
        }
        let missing = try SecondFactor.missing(
            for: account,
            roles,
            settings: settings,
            on: occasion.now.date,
            in: tx
        )
        let token = Hex.encode(occasion.entropy.bytes(32))
        // A token that this account has not seen was set by somebody else: it becomes nobody's known device.
        var kept: String?
        if let brought = origin.deviceToken,
            try AccountStore.knowsDevice(digest(brought), account: account.id, in: tx)
        {
            kept = brought
        }
        let deviceToken = kept ?? Hex.encode(occasion.entropy.bytes(32))
        let deviceKey = digest(deviceToken)
        let idle = try settings.limits.milliseconds(
            missing != nil ? .factorPending : account.kind == .staff ? .sessionIdleStaff : .sessionIdlePerson,
            at: occasion.now
        )
        let absolute = try settings.limits.milliseconds(.sessionAbsolute, at: occasion.now)
        let id = occasion.newID(Session.self).rawValue
        try SessionStore.insert(
            SessionStore.New(
                token: digest(token),
                id: id,
                account: account.id,
                post: post,
                enterprise: nil,
                created: occasion.now,
                seen: occasion.now,
                idleUntil: occasion.now + idle,
                absoluteUntil: occasion.now + absolute,
                device: origin.device,
                deviceKey: deviceKey,
                isPending: missing != nil
            ),
            in: tx
        )
        // A password alone makes no device known where more is asked for.
        if missing == nil {
            try AccountStore.seeDevice(deviceKey, account: account.id, at: occasion.now, in: tx)
        }
        try AuditLog.append(
            missing == nil ? "session.opened" : "session.half-opened",
            object: "account:\(account.id)",
            occasion: occasion,
            in: tx
        )
        return SignedIn(
            token: token,
            session: id,
            deviceToken: deviceToken,
            account: account.id,
            missing: missing
        )
    }

    /// The second factor was given: a pending sign-in becomes a session with a token of its own.
    static func complete(
        _ id: String,
        of account: ID<Account>,
        settings: IdentitySettings,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> String {
        guard let old = try SessionStore.forRotation(id, in: tx), old.account == account,
            try SessionStore.end(id, of: account, at: occasion.now, why: "rotated", in: tx),
            let found = try AccountStore.find(account, in: tx)
        else { throw IdentityError.sessionEnded }
        let token = Hex.encode(occasion.entropy.bytes(32))
        let idle = try settings.limits.milliseconds(
            found.kind == .staff ? .sessionIdleStaff : .sessionIdlePerson,
            at: occasion.now
        )
        try SessionStore.insert(
            SessionStore.New(
                token: digest(token),
                id: occasion.newID(Session.self).rawValue,
                account: account,
                post: old.post,
                enterprise: nil,
                created: occasion.now,
                seen: occasion.now,
                idleUntil: min(occasion.now + idle, old.absoluteUntil),
                absoluteUntil: old.absoluteUntil,
                device: old.device,
                deviceKey: old.deviceKey
            ),
            in: tx
        )
        if let device = old.deviceKey {
            try AccountStore.seeDevice(device, account: account, at: occasion.now, in: tx)
        }
        try AuditLog.append("session.opened", object: "account:\(account)", occasion: occasion, in: tx)
        return token
    }

    /// The account behind a session that is in force.
    public static func account(of session: String, in reader: any Reader) throws -> Account {
        guard let id = try SessionStore.account(of: session, in: reader),
            let account = try AccountStore.find(id, in: reader)
        else { throw IdentityError.sessionEnded }
        return account
    }

    static func digest(_ token: String) -> [UInt8] { SM3.digest(Array(token.utf8)) }

    private static func idleLimit(_ principal: Principal) -> IdentityLimits.Name {
        switch principal {
        case .staff: .sessionIdleStaff
        case .person, .anonymous: .sessionIdlePerson
        }
    }

    /// A new token and row for the same sign-in; the old one ends. Times are taken over.
    private static func rotate(
        _ session: Session,
        occasion: Occasion,
        in tx: any Transaction,
        changing change: (SessionStore.New) -> (post: ID<Post>?, enterprise: String?)
    ) throws -> String {
        guard let old = try SessionStore.forRotation(session.id, in: tx),
            try SessionStore.end(session.id, of: session.account, at: occasion.now, why: "rotated", in: tx)
        else { throw IdentityError.sessionEnded }
        let token = Hex.encode(occasion.entropy.bytes(32))
        let (post, enterprise) = change(old)
        try SessionStore.insert(
            SessionStore.New(
                token: digest(token),
                id: occasion.newID(Session.self).rawValue,
                account: old.account,
                post: post,
                enterprise: enterprise,
                created: old.created,
                seen: old.seen,
                idleUntil: old.idleUntil,
                absoluteUntil: old.absoluteUntil,
                device: old.device,
                deviceKey: old.deviceKey
            ),
            in: tx
        )
        return token
    }
}
