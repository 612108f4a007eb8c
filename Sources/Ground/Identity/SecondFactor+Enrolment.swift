import Audit
public import Kernel
public import Storage

/// A secret that is being enrolled belongs to the session that began it. The one in force, if there is one, stays in
/// force until the new one has proven itself by a code.
extension SecondFactor {
    /// The owner begins from an open session, with his password.
    /// - Throws: `signInFailed`, `locked`; `factorOn` where one is in force; `factorByCode` where the post asks for
    ///   one, which the password alone never enrols.
    public static func start(
        _ account: Account,
        password: String,
        session: String,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws {
        let record = try await Accounts.prove(
            password,
            of: account,
            for: "account.factor-begun",
            settings: settings,
            occasion: occasion,
            database: database
        )
        try await changed(database) { tx in
            guard try AccountStore.record(of: account.id, in: tx) == record else {
                return try refused(.stale, account.id, occasion, tx)
            }
            guard try FactorStore.find(account.id, in: tx) == nil else {
                return try refused(.factorOn, account.id, occasion, tx)
            }
            guard try !isNeeded(by: account, settings: settings, on: occasion.now.date, in: tx) else {
                return try refused(.factorByCode, account.id, occasion, tx)
            }
            try begin(account.id, by: session, settings, occasion, tx)
            return nil
        }
    }

    /// The owner moves to another authenticator, by a code of the one in force or a recovery code.
    /// - Throws: `factorWrong`, `factorUsed`, `factorLocked`.
    public static func move(
        _ account: ID<Account>,
        code: String,
        session: String,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws {
        try await changed(database) { tx in
            if let refusal = try judge(code, of: account, in: session, settings, occasion, tx) {
                return refusal
            }
            try begin(account, by: session, settings, occasion, tx)
            return nil
        }
    }

    /// Whose post asks for a second factor begins with the code that the security administrator handed out.
    /// - Throws: `handedCodeWrong`, `factorLocked`, `factorOn`.
    public static func admit(
        _ pending: Pending,
        code: String,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws {
        let himself = occasion.by(SignIn.actor(pending.account))
        let id = pending.account.id
        let attempt = FactorAttempt(
            account: id,
            session: pending.session,
            settings: settings,
            occasion: himself
        )
        try await changed(database) { tx in
            if let refusal = try attempt.reserve(in: tx) { return try refused(refusal, id, himself, tx) }
            guard try FactorStore.find(id, in: tx) == nil else {
                return try refused(.factorOn, id, himself, tx)
            }
            let handed = digest(code, of: id, for: "enrolment", settings.keys)
            guard try FactorStore.useEnrolment(handed, of: id, at: himself.now, in: tx) else {
                return try refused(.handedCodeWrong, id, himself, tx)
            }
            try attempt.succeeded(in: tx)
            try begin(id, by: pending.session, settings, himself, tx)
            return nil
        }
    }

    /// The secret while it is being enrolled, and only for the session that began it: for the page with the picture.
    /// - Throws: `factorNotBegun`.
    public static func secret(
        of account: ID<Account>,
        session: String,
        settings: IdentitySettings,
        in reader: any Reader
    ) throws -> [UInt8] {
        guard let begun = try FactorStore.begun(account, by: session, in: reader) else {
            throw IdentityError.factorNotBegun
        }
        return try open(begun.secret, of: account, settings)
    }

    /// The first code proves that the authenticator has the secret: from now on every sign-in asks for one. Every
    /// other session and half sign-in of the account ends.
    /// - Returns: the recovery codes, shown once and kept only as digests.
    /// - Throws: `factorWrong`, `factorNotBegun`.
    public static func enrol(
        _ account: ID<Account>,
        code: String,
        session: String,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws -> [String] {
        let codes = try recoveryCodes(settings, occasion)
        try await changed(database) { tx in
            try confirm(code, of: account, in: session, codes, settings, occasion, tx)
        }
        return codes
    }

    /// Nothing is guessed here, so no lock falls: the session that may try is shown the secret.
    static func confirm(
        _ code: String,
        of account: ID<Account>,
        in session: String,
        _ recovery: [String],
        _ settings: IdentitySettings,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws -> IdentityError? {
        guard let begun = try FactorStore.lockBegun(account, by: session, in: tx) else {
            return try refused(.factorNotBegun, account, occasion, tx)
        }
        guard let step = try step(of: code, begun.secret, account, settings, occasion) else {
            return try refused(.factorWrong, account, occasion, tx)
        }
        let wasOn = try FactorStore.find(account, in: tx) != nil
        try FactorStore.confirm(begun, of: account, step: step, at: occasion.now, in: tx)
        try FactorStore.setRecovery(
            recovery.map { digest($0, of: account, settings.keys) },
            of: account,
            in: tx
        )
        try SessionStore.endOthers(of: account, but: session, at: occasion.now, why: "factor", in: tx)
        try FactorAttempt.forget(account, settings.keys, in: tx)
        try AuditLog.append(
            wasOn ? "account.factor-moved" : "account.factor-enrolled",
            object: "account:\(account)",
            occasion: occasion,
            in: tx
        )
        if wasOn {
            try AccountNotices.add(
                .factorMoved,
                to: account,
                limits: settings.limits,
                occasion: occasion,
                in: tx
            )
        }
        return nil
    }

    private static func begin(
        _ account: ID<Account>,
        by session: String,
        _ settings: IdentitySettings,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws {
        let secret = Hex.encode(occasion.entropy.bytes(TimeCode.secretByteCount))
        try FactorStore.begin(
            settings.keys.seal(secret, label: label(account), entropy: occasion.entropy),
            of: account,
            by: session,
            at: occasion.now,
            in: tx
        )
        try AuditLog.append("account.factor-begun", object: "account:\(account)", occasion: occasion, in: tx)
    }

    // MARK: somebody in charge

    /// Hands out the code with which somebody enrols whose post asks for a second factor. An earlier one no longer
    /// counts, not even where somebody has begun to enrol with it, and the lock on guessed codes is lifted. Nobody hands
    /// one to himself.
    /// - Returns: the code, told once and kept only as a digest, and the moment its term ends.
    /// - Throws: `ownRights`, `unknownStaff`, `factorOn`.
    public static func handOut(
        to account: Account,
        keys: IdentityKeys,
        limits: IdentityLimits,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> (code: String, until: Instant) {
        guard account.holder != occasion.actor.id else { throw IdentityError.ownRights }
        guard account.kind == .staff else { throw IdentityError.unknownStaff }
        guard try FactorStore.find(account.id, in: tx) == nil else { throw IdentityError.factorOn }
        let code = oneTimeCode(occasion.entropy)
        let until = occasion.now + (try limits.milliseconds(.factorHandedCode, at: occasion.now))
        try FactorStore.setEnrolment(
            digest(code, of: account.id, for: "enrolment", keys),
            of: account.id,
            at: occasion.now,
            expires: until,
            in: tx
        )
        try FactorStore.forgetBegun(account.id, in: tx)
        try FactorAttempt.forget(account.id, keys, in: tx)
        try AccountNotices.add(.codeHanded, to: account.id, limits: limits, occasion: occasion, in: tx)
        try AuditLog.append(
            "account.enrolment-code",
            object: "account:\(account.id)",
            after: ["until": .string(until.description)],
            occasion: occasion,
            in: tx
        )
        return (code, until)
    }

    /// Takes away a second factor that its owner cannot use any more, or that somebody else may have: his sessions
    /// end and his page tells him. Nobody takes away his own this way.
    /// - Throws: `ownRights`, `factorOff`.
    public static func takeAway(
        from account: Account,
        reason: FactorReason,
        keys: IdentityKeys,
        limits: IdentityLimits,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard account.holder != occasion.actor.id else { throw IdentityError.ownRights }
        guard try FactorStore.lock(account.id, in: tx) != nil else { throw IdentityError.factorOff }
        try FactorStore.forget(account.id, in: tx)
        try FactorAttempt.forget(account.id, keys, in: tx)
        try SessionStore.endAll(of: account.id, at: occasion.now, why: "factor", in: tx)
        try AccountNotices.add(
            .factorTaken,
            reason: reason,
            to: account.id,
            limits: limits,
            occasion: occasion,
            in: tx
        )
        try AuditLog.append(
            "account.factor-taken",
            object: "account:\(account.id)",
            after: ["reason": .string(reason.rawValue)],
            occasion: occasion,
            in: tx
        )
    }
}
