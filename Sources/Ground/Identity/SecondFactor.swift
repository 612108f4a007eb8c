import Audit
import Cryptography
public import Kernel
public import Storage

/// The second factor of an account: codes of an authenticator (RFC 6238), and recovery codes for when it is lost.
public enum SecondFactor {
    /// How an account stands.
    public enum Standing: Hashable, Sendable {
        case none
        /// A secret was made and no code has proven yet that the authenticator has it.
        case begun
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
        guard let since = kept.confirmed else { return .begun }
        return .on(since: since, recoveryLeft: try FactorStore.recoveryLeft(account, in: reader))
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

    /// What a sign-in by password still needs. For who must enrol, a secret is made at once.
    static func missing(
        for account: Account,
        _ roles: [StaffRole],
        settings: IdentitySettings,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> SecondStep? {
        if try FactorStore.find(account.id, in: tx)?.confirmed != nil { return .code }
        let day = occasion.now.date
        guard roles.contains(where: { settings.factors.isNeeded($0, on: day) }) else { return nil }
        try begin(account.id, settings: settings, occasion: occasion, in: tx)
        return .enrol
    }

    /// The sign-in that a token stands for while its second factor is missing.
    public static func pending(_ token: String, now: Instant, in reader: any Reader) throws -> Pending? {
        guard token.utf8.count == 64,
            let (session, id) = try SessionStore.pending(Sessions.digest(token), now: now, in: reader),
            let account = try AccountStore.find(id, in: reader)
        else { return nil }
        let isOn = try FactorStore.find(id, in: reader)?.confirmed != nil
        return Pending(session: session, account: account, missing: isOn ? .code : .enrol)
    }

    /// Makes a secret that waits to be confirmed; one in force is never replaced this way.
    public static func begin(
        _ account: ID<Account>,
        settings: IdentitySettings,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let secret = Hex.encode(occasion.entropy.bytes(TimeCode.secretByteCount))
        try FactorStore.begin(
            settings.keys.seal(secret, label: label(account), entropy: occasion.entropy),
            of: account,
            at: occasion.now,
            in: tx
        )
    }

    /// The secret while it is being enrolled, and never again: for the page with the picture.
    /// - Throws: `factorNotBegun`.
    public static func secret(of account: ID<Account>, settings: IdentitySettings, in reader: any Reader)
        throws
        -> [UInt8]
    {
        guard let kept = try FactorStore.find(account, in: reader), kept.confirmed == nil else {
            throw IdentityError.factorNotBegun
        }
        return try open(kept.secret, of: account, settings)
    }

    /// The first code proves that the authenticator has the secret: from now on every sign-in asks for one.
    /// - Returns: the recovery codes, shown once and kept only as digests.
    /// - Throws: `factorWrong`, `factorLocked`, `factorNotBegun`.
    public static func enrol(
        _ account: ID<Account>,
        code: String,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws -> [String] {
        let count = try settings.limits.value(.factorRecoveryCodes, at: occasion.now)
        let codes = (0..<count).map { _ in recoveryCode(occasion.entropy) }
        let digests = codes.map { digest($0, of: account, settings) }
        let outcome = try await database.write { tx -> Result<Void, IdentityError> in
            if let refusal = try reserve(account, settings, occasion, in: tx) { return .failure(refusal) }
            guard let kept = try FactorStore.lock(account, in: tx), kept.confirmed == nil else {
                return .failure(.factorNotBegun)
            }
            guard let step = try self.step(of: code, kept, account, settings, occasion) else {
                return .failure(.factorWrong)
            }
            try FactorStore.confirm(account, step: step, at: occasion.now, in: tx)
            try FactorStore.setRecovery(digests, of: account, in: tx)
            try AccountStore.forgetTries(tries(account, settings), in: tx)
            try AuditLog.append(
                "account.factor-enrolled",
                object: "account:\(account)",
                occasion: occasion,
                in: tx
            )
            return .success(())
        }
        try outcome.get()
        return codes
    }

    /// Checks a code, or a recovery code, which is used up. A code counts once: the same one again, or an older one,
    /// is refused.
    /// - Throws: `factorWrong`, `factorUsed`, `factorLocked`.
    public static func check(
        _ code: String,
        of account: ID<Account>,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws {
        let outcome = try await database.write { tx in
            try judge(code, of: account, settings, occasion, in: tx)
        }
        if let refusal = outcome { throw refusal }
    }

    /// Ends a pending sign-in by a code.
    /// - Returns: the token of the session, and recovery codes when he enrolled just now.
    public static func complete(
        _ pending: Pending,
        code: String,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws -> (token: String, recovery: [String]) {
        let himself = occasion.by(SignIn.actor(pending.account))
        let id = pending.account.id
        var recovery: [String] = []
        switch pending.missing {
        case .code:
            try await check(code, of: id, settings: settings, occasion: himself, database: database)
        case .enrol:
            recovery = try await enrol(
                id,
                code: code,
                settings: settings,
                occasion: himself,
                database: database
            )
        }
        let token = try await database.write { tx in
            try Sessions.complete(pending.session, of: id, settings: settings, occasion: himself, in: tx)
        }
        return (token, recovery)
    }

    /// Takes the second factor away, by a code of it: whose post asks for one keeps it.
    /// - Throws: `factorNeeded`, and as `check`.
    public static func remove(
        _ account: Account,
        code: String,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws {
        let day = occasion.now.date
        let isNeeded = try await database.read {
            try Self.isNeeded(by: account, settings: settings, on: day, in: $0)
        }
        guard !isNeeded else { throw IdentityError.factorNeeded }
        try await check(code, of: account.id, settings: settings, occasion: occasion, database: database)
        try await database.write { tx in
            try FactorStore.forget(account.id, in: tx)
            try AuditLog.append(
                "account.factor-removed",
                object: "account:\(account.id)",
                occasion: occasion,
                in: tx
            )
        }
    }

    // MARK: inside

    /// A refusal is a value, so that the try stays counted.
    private static func judge(
        _ code: String,
        of account: ID<Account>,
        _ settings: IdentitySettings,
        _ occasion: Occasion,
        in tx: any Transaction
    ) throws -> IdentityError? {
        if let refusal = try reserve(account, settings, occasion, in: tx) { return refusal }
        guard let kept = try FactorStore.lock(account, in: tx), kept.confirmed != nil else {
            return .factorWrong
        }
        if let step = try Self.step(of: code, kept, account, settings, occasion) {
            guard try FactorStore.use(step, of: account, in: tx) else { return .factorUsed }
        } else {
            let recovery = digest(code, of: account, settings)
            guard try FactorStore.useRecovery(recovery, of: account, at: occasion.now, in: tx) else {
                return .factorWrong
            }
            try AuditLog.append(
                "account.recovery-used",
                object: "account:\(account)",
                occasion: occasion,
                in: tx
            )
        }
        try AccountStore.forgetTries(tries(account, settings), in: tx)
        return nil
    }

    private static func step(
        of code: String,
        _ kept: FactorStore.Kept,
        _ account: ID<Account>,
        _ settings: IdentitySettings,
        _ occasion: Occasion
    ) throws -> Int64? {
        TimeCode.step(
            of: code.filter { !$0.isWhitespace },
            try open(kept.secret, of: account, settings),
            at: occasion.now,
            drift: try settings.limits.value(.factorDrift, at: occasion.now)
        )
    }

    private static func reserve(
        _ account: ID<Account>,
        _ settings: IdentitySettings,
        _ occasion: Occasion,
        in tx: any Transaction
    ) throws -> IdentityError? {
        let limits = settings.limits
        let now = occasion.now
        let until = try AccountStore.reserveTry(
            tries(account, settings),
            triesMax: limits.value(.factorTries, at: now),
            window: limits.milliseconds(.factorLock, at: now),
            lock: limits.milliseconds(.factorLock, at: now),
            now: now,
            in: tx
        )
        return until.map {
            .factorLocked(minutes: Int(($0 - now + Instant.minute - 1) / Instant.minute))
        }
    }

    private static func tries(_ account: ID<Account>, _ settings: IdentitySettings) -> [UInt8] {
        settings.keys.lookup("try-factor", account.rawValue)
    }

    private static func label(_ account: ID<Account>) -> String { "factor:\(account)" }

    private static func open(_ sealed: [UInt8], of account: ID<Account>, _ settings: IdentitySettings) throws
        -> [UInt8]
    {
        guard let secret = Hex.decode(try settings.keys.open(sealed, label: label(account))) else {
            throw IdentityError.factorNotBegun
        }
        return secret
    }

    /// Ten characters that nobody confuses, in two halves: fifty random bits.
    private static func recoveryCode(_ entropy: any Entropy) -> String {
        let text = Base32.encode(entropy.bytes(7)).prefix(10)
        return "\(text.prefix(5))-\(text.suffix(5))"
    }

    private static func digest(_ code: String, of account: ID<Account>, _ settings: IdentitySettings)
        -> [UInt8]
    {
        let plain = code.uppercased().filter { $0.isLetter || $0.isNumber }
        return settings.keys.lookup("recovery", "\(account) \(plain)")
    }
}
