import Audit
import Cryptography
public import Kernel
public import Storage

/// The second factor of an account: codes of an authenticator (RFC 6238), and recovery codes for when it is lost.
public enum SecondFactor {
    /// How an account stands.
    public enum Standing: Hashable, Sendable {
        case none
        case on(since: Instant, recoveryLeft: Int)
    }

    /// A sign-in that got past the password.
    public struct Pending: Sendable {
        public let session: String
        public let account: Account
        public let missing: SecondStep
    }

    public static func standing(of account: ID<Account>, in reader: any Reader) throws -> Standing {
        guard let kept = try FactorStore.find(account, in: reader) else { return .none }
        return .on(since: kept.confirmed, recoveryLeft: try FactorStore.recoveryLeft(account, in: reader))
    }

    /// Whether any of the posts that a member of staff holds today asks for it.
    public static func isNeeded(
        by account: Account,
        settings: IdentitySettings,
        on day: LocalDate,
        in reader: any Reader
    ) throws -> Bool {
        guard account.kind == .staff else { return false }
        return try StaffStore.posts(of: ID(account.holder), in: reader).contains {
            $0.isInForce(on: day) && settings.factors.isNeeded($0.role, on: day)
        }
    }

    /// What a sign-in by password still needs.
    static func missing(
        for account: Account,
        _ roles: [StaffRole],
        settings: IdentitySettings,
        on day: LocalDate,
        in tx: any Transaction
    ) throws -> SecondStep? {
        if try FactorStore.find(account.id, in: tx) != nil { return .code }
        return roles.contains { settings.factors.isNeeded($0, on: day) } ? .handedCode : nil
    }

    /// The sign-in that a token stands for while its second factor is missing.
    public static func pending(_ token: String, now: Instant, in reader: any Reader) throws -> Pending? {
        guard token.utf8.count == 64,
            let (session, id) = try SessionStore.pending(Sessions.digest(token), now: now, in: reader),
            let account = try AccountStore.find(id, in: reader)
        else { return nil }
        let missing: SecondStep =
            if try FactorStore.find(id, in: reader) != nil {
                .code
            } else {
                try FactorStore.begun(id, by: session, in: reader) != nil ? .enrol : .handedCode
            }
        return Pending(session: session, account: account, missing: missing)
    }

    /// Ends a pending sign-in by a code: one of the authenticator, a recovery code, or the first one of the
    /// authenticator that it is enrolling. The code is used up and the session opened in one transaction.
    /// - Returns: the token of the session, and recovery codes when he enrolled just now.
    /// - Throws: `factorWrong`, `factorUsed`, `factorLocked`, `factorNotBegun`.
    public static func complete(
        _ pending: Pending,
        code: String,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws -> (token: String, recovery: [String]) {
        let himself = occasion.by(SignIn.actor(pending.account))
        let id = pending.account.id
        let recovery = pending.missing == .enrol ? try recoveryCodes(settings, himself) : []
        let outcome = try await database.write { tx -> Result<String, IdentityError> in
            let refusal: IdentityError? =
                switch pending.missing {
                case .code: try judge(code, of: id, in: pending.session, settings, himself, tx)
                case .enrol: try confirm(code, of: id, in: pending.session, recovery, settings, himself, tx)
                case .handedCode: .factorNotBegun
                }
            if let refusal { return .failure(refusal) }
            return .success(
                try Sessions.complete(pending.session, of: id, settings: settings, occasion: himself, in: tx)
            )
        }
        return (try outcome.get(), recovery)
    }

    /// Takes the second factor away, by a code of it: whose post asks for one keeps it.
    /// - Parameter session: that of the owner, in force.
    /// - Throws: `factorNeeded`, `factorWrong`, `factorUsed`, `factorLocked`.
    public static func remove(
        _ account: Account,
        code: String,
        session: String,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws {
        let id = account.id
        try await changed(database) { tx in
            guard try !isNeeded(by: account, settings: settings, on: occasion.now.date, in: tx) else {
                return try refused(.factorNeeded, id, occasion, tx)
            }
            if let refusal = try judge(code, of: id, in: session, settings, occasion, tx) { return refusal }
            try FactorStore.forget(id, in: tx)
            try AuditLog.append(
                "account.factor-removed",
                object: "account:\(id)",
                occasion: occasion,
                in: tx
            )
            try AccountNotices.add(
                .factorRemoved,
                to: id,
                limits: settings.limits,
                occasion: occasion,
                in: tx
            )
            return nil
        }
    }

    /// New recovery codes in the place of those before, by a code.
    /// - Returns: the codes, shown once and kept only as digests.
    /// - Throws: `factorWrong`, `factorUsed`, `factorLocked`.
    public static func renewRecovery(
        of account: ID<Account>,
        code: String,
        session: String,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws -> [String] {
        let codes = try recoveryCodes(settings, occasion)
        try await changed(database) { tx in
            if let refusal = try judge(code, of: account, in: session, settings, occasion, tx) {
                return refusal
            }
            try FactorStore.setRecovery(
                codes.map { digest($0, of: account, settings.keys) },
                of: account,
                in: tx
            )
            try AuditLog.append(
                "account.recovery-renewed",
                object: "account:\(account)",
                occasion: occasion,
                in: tx
            )
            try AccountNotices.add(
                .recoveryRenewed,
                to: account,
                limits: settings.limits,
                occasion: occasion,
                in: tx
            )
            return nil
        }
        return codes
    }

    // MARK: inside

    /// One transaction whose refusal is a value, so that the try stays counted and the log hears of it.
    static func changed(
        _ database: any Database,
        _ body: @escaping @Sendable (any Transaction) throws -> IdentityError?
    ) async throws {
        if let refusal = try await database.write(body) { throw refusal }
    }

    /// A refusal to somebody who is known, in the log.
    static func refused(
        _ refusal: IdentityError,
        _ account: ID<Account>,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws -> IdentityError {
        try AuditLog.refused(
            "account.factor",
            object: "account:\(account)",
            refusal: refusal,
            occasion: occasion,
            in: tx
        )
        return refusal
    }

    /// Checks a code, or a recovery code, which is used up. A code counts once: the same one again, or an older one,
    /// is refused.
    static func judge(
        _ code: String,
        of account: ID<Account>,
        in session: String,
        _ settings: IdentitySettings,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws -> IdentityError? {
        let attempt = FactorAttempt(
            account: account,
            session: session,
            settings: settings,
            occasion: occasion
        )
        if let refusal = try attempt.reserve(in: tx) { return try refused(refusal, account, occasion, tx) }
        guard let kept = try FactorStore.lock(account, in: tx) else {
            return try refused(.factorWrong, account, occasion, tx)
        }
        if let step = try Self.step(of: code, kept.secret, account, settings, occasion) {
            guard try FactorStore.use(step, of: account, in: tx) else {
                return try refused(.factorUsed, account, occasion, tx)
            }
        } else {
            let recovery = digest(code, of: account, settings.keys)
            guard try FactorStore.useRecovery(recovery, of: account, at: occasion.now, in: tx) else {
                return try refused(.factorWrong, account, occasion, tx)
            }
            try AuditLog.append(
                "account.recovery-used",
                object: "account:\(account)",
                occasion: occasion,
                in: tx
            )
        }
        try attempt.succeeded(in: tx)
        return nil
    }

    static func step(
        of code: String,
        _ sealed: [UInt8],
        _ account: ID<Account>,
        _ settings: IdentitySettings,
        _ occasion: Occasion
    ) throws -> Int64? {
        TimeCode.step(
            of: code.filter { !$0.isWhitespace },
            try open(sealed, of: account, settings),
            at: occasion.now,
            drift: try settings.limits.value(.factorDrift, at: occasion.now)
        )
    }

    static func label(_ account: ID<Account>) -> String { "factor:\(account)" }

    static func open(_ sealed: [UInt8], of account: ID<Account>, _ settings: IdentitySettings) throws
        -> [UInt8]
    {
        guard let secret = Hex.decode(try settings.keys.open(sealed, label: label(account))) else {
            throw IdentityError.factorNotBegun
        }
        return secret
    }

    static func recoveryCodes(_ settings: IdentitySettings, _ occasion: Occasion) throws -> [String] {
        let count = try settings.limits.value(.factorRecoveryCodes, at: occasion.now)
        return (0..<count).map { _ in oneTimeCode(occasion.entropy) }
    }

    /// Ten characters that nobody confuses, in two halves: fifty random bits.
    static func oneTimeCode(_ entropy: any Entropy) -> String {
        let text = Base32.encode(entropy.bytes(7)).prefix(10)
        return "\(text.prefix(5))-\(text.suffix(5))"
    }

    static func digest(
        _ code: String,
        of account: ID<Account>,
        for use: String = "recovery",
        _ keys: IdentityKeys
    ) -> [UInt8] {
        let plain = code.uppercased().filter { $0.isLetter || $0.isNumber }
        return keys.lookup(use, "\(account) \(plain)")
    }
}
