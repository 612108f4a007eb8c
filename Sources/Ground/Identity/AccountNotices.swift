public import Kernel
public import Storage

/// What happened to an account and its owner should hear of, in case it was not he: told on his page for a while.
public struct AccountNotice: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        /// Too many wrong codes of the second factor: somebody knows the password, or the owner mistyped.
        case guessed
        /// Too many wrong passwords from devices that the owner never used: they have to wait now.
        case passwordGuessed = "password-guessed"
        /// The security administrator handed out a code to enrol a second factor with.
        case codeHanded = "code-handed"
        /// Somebody in charge took the second factor away.
        case factorTaken = "factor-taken"
        /// Another authenticator took the place of the one before, by a code.
        case factorMoved = "factor-moved"
        /// The second factor was switched off, by a code.
        case factorRemoved = "factor-removed"
        /// New recovery codes took the place of those before, by a code.
        case recoveryRenewed = "recovery-renewed"
    }

    public let at: Instant
    public let kind: Kind
    public let reason: FactorReason?
}

/// Why a second factor is taken away by somebody else.
public enum FactorReason: String, Sendable, CaseIterable {
    case lost
    case broken
    case suspected
}

public enum AccountNotices {
    /// The newest first, as far back as the dated number of days.
    public static func list(
        of account: ID<Account>,
        limits: IdentityLimits,
        now: Instant,
        in reader: any Reader
    ) throws -> [AccountNotice] {
        try NoticeStore.list(account, since: start(limits, now), countMax: 20, in: reader)
    }

    static func add(
        _ kind: AccountNotice.Kind,
        reason: FactorReason? = nil,
        to account: ID<Account>,
        limits: IdentityLimits,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let now = occasion.now
        try NoticeStore.removeOld(of: account, until: start(limits, now), in: tx)
        try NoticeStore.insert(
            occasion.newID(),
            AccountNotice(at: now, kind: kind, reason: reason),
            to: account,
            in: tx
        )
    }

    private static func start(_ limits: IdentityLimits, _ now: Instant) throws -> Instant {
        now + -Int64(try limits.value(.noticeDays, at: now)) * Instant.day
    }
}
