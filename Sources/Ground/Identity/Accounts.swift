import Audit
import Cryptography
import Foundation
public import Kernel
import Standards
public import Storage

/// Passwords, checked and hashed outside any transaction.
public enum Passwords {
    /// - Returns: a record for `Accounts`.
    /// - Throws: `passwordTooShort`, `passwordTooLong`, or `busy` when too many wait.
    public static func record(
        for password: String,
        settings: IdentitySettings,
        occasion: Occasion
    ) async throws -> String {
        let text = try measure(password, settings: settings, occasion: occasion)
        return try await Scrypt.hash(text, salt: occasion.entropy.bytes(16), parameters: settings.scrypt)
    }

    /// - Returns: the text that is hashed.
    /// - Throws: `passwordTooShort`, `passwordTooLong`.
    @discardableResult
    static func measure(_ password: String, settings: IdentitySettings, occasion: Occasion) throws -> String {
        let text = normalised(password)
        let min = try settings.limits.value(.passwordLengthMin, at: occasion.now)
        let max = try settings.limits.value(.passwordLengthMax, at: occasion.now)
        guard text.count >= min else { throw IdentityError.passwordTooShort(min: min) }
        guard text.count <= max, text.utf8.count <= 1_024 else {
            throw IdentityError.passwordTooLong(max: max)
        }
        return text
    }

    /// The same password typed on another keyboard gives the same bytes (Unicode NFC).
    static func normalised(_ password: String) -> String { password.precomposedStringWithCanonicalMapping }
}

/// Accounts and the logins that lead to them.
public enum Accounts {
    /// Opens an account.
    /// - Parameters:
    ///   - record: from `Passwords.record`; nil when only codes by phone let in.
    /// - Throws: `loginTaken`, `phoneTaken`.
    @discardableResult
    public static func open(
        _ kind: Account.Kind,
        holder: String,
        logins: [Login],
        record: String?,
        keys: IdentityKeys,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Account {
        let account = Account(
            id: occasion.newID(),
            kind: kind,
            holder: holder,
            disabledAt: nil,
            passwordChangedAt: record == nil ? nil : occasion.now
        )
        try AccountStore.insert(account, record: record, at: occasion.now, in: tx)
        for login in logins {
            guard try AccountStore.addLogin(key(login, keys), kind: login.kind, account: account.id, in: tx)
            else {
                throw login.kind == .phone ? IdentityError.phoneTaken : IdentityError.loginTaken
            }
        }
        try AuditLog.append(
            "account.opened",
            object: "account:\(account.id)",
            after: ["kind": .string(kind.rawValue), "holder": .string(holder)],
            occasion: occasion,
            in: tx
        )
        return account
    }

    public static func find(_ id: ID<Account>, in reader: any Reader) throws -> Account? {
        try AccountStore.find(id, in: reader)
    }

    public static func find(
        _ kind: Account.Kind,
        holder: String,
        in reader: any Reader
    ) throws -> Account? { try AccountStore.find(kind: kind, holder: holder, in: reader) }

    public static func find(login: Login, keys: IdentityKeys, in reader: any Reader) throws -> Account? {
        try AccountStore.find(login: key(login, keys), in: reader)?.account
    }

    /// The holder changes his own password; every session of the account ends, and locks on guessed codes with them.
    /// - Throws: `signInFailed` for a wrong old one, `locked` after too many, `passwordTooShort`, `passwordTooLong`.
    public static func changePassword(
        of account: Account,
        from old: String,
        to new: String,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws {
        // A new password that cannot be taken costs no try.
        try Passwords.measure(new, settings: settings, occasion: occasion)
        let kept = try await prove(
            old,
            of: account,
            for: "account.password",
            settings: settings,
            occasion: occasion,
            database: database
        )
        let record = try await Passwords.record(for: new, settings: settings, occasion: occasion)
        try await database.write { tx in
            guard try AccountStore.record(of: account.id, in: tx) == kept else { throw IdentityError.stale }
            try FactorAttempt.forget(account.id, settings.keys, in: tx)
            try changePassword(of: account.id, record: record, occasion: occasion, in: tx)
        }
    }

    /// Proves that whoever holds an open session knows the password, with a limit of its own.
    /// - Parameter act: what a refusal is logged as.
    /// - Returns: the record that it fits, to be compared where it is relied on.
    /// - Throws: `signInFailed` for a wrong one, `locked` after too many.
    static func prove(
        _ password: String,
        of account: Account,
        for act: String,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws -> String {
        let limits = settings.limits
        let now = occasion.now
        let tries = settings.keys.lookup("try-password", account.id.rawValue)
        let triesMax = try limits.value(.signInTries, at: now)
        let window = try limits.milliseconds(.signInWindow, at: now)
        let lock = try limits.milliseconds(.signInLock, at: now)
        let (kept, refusal) = try await database.write { tx -> (String?, IdentityError?) in
            let until = try AccountStore.reserveTry(
                tries,
                triesMax: triesMax,
                window: window,
                lock: lock,
                now: now,
                in: tx
            )
            let refusal = until.map { IdentityError.locked(minutes: $0.minutes(after: now)) }
            if let refusal { try refused(act, account, refusal, occasion, in: tx) }
            return (try AccountStore.record(of: account.id, in: tx), refusal)
        }
        if let refusal { throw refusal }
        let text = Passwords.normalised(password)
        let fits = text.utf8.count <= 1_024 && !text.isEmpty
        let isRight = try await Scrypt.verify(fits ? text : "-", against: kept ?? settings.decoy)
        guard isRight, fits, let kept else {
            try await database.write { tx in
                try refused(act, account, .signInFailed, occasion, in: tx)
            }
            throw IdentityError.signInFailed
        }
        try await database.write { tx in try AccountStore.forgetTries(tries, in: tx) }
        return kept
    }

    private static func refused(
        _ act: String,
        _ account: Account,
        _ refusal: IdentityError,
        _ occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try AuditLog.refused(
            act,
            object: "account:\(account.id)",
            refusal: refusal,
            occasion: occasion,
            in: tx
        )
    }

    /// Sets a new password and ends every session of the account.
    public static func changePassword(
        of id: ID<Account>,
        record: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard try AccountStore.find(id, in: tx) != nil else { throw IdentityError.unknownAccount }
        try AccountStore.setRecord(record, of: id, at: occasion.now, in: tx)
        try SessionStore.endAll(of: id, at: occasion.now, why: "password", in: tx)
        try AuditLog.append("account.password-changed", object: "account:\(id)", occasion: occasion, in: tx)
    }

    /// Shuts an account and ends its sessions, or opens it again. Nobody shuts or opens his own.
    public static func setDisabled(
        _ disabled: Bool,
        _ id: ID<Account>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard let account = try AccountStore.find(id, in: tx) else { throw IdentityError.unknownAccount }
        guard account.holder != occasion.actor.id else { throw IdentityError.ownRights }
        _ = try AccountStore.disable(id, at: disabled ? occasion.now : nil, in: tx)
        if disabled { try SessionStore.endAll(of: id, at: occasion.now, why: "disabled", in: tx) }
        try AuditLog.append(
            disabled ? "account.disabled" : "account.enabled",
            object: "account:\(id)",
            occasion: occasion,
            in: tx
        )
    }

    static func key(_ login: Login, _ keys: IdentityKeys) -> [UInt8] {
        switch login {
        case .name(let name): keys.lookup("login", BorderText.code(name))
        case .phone(let digits): keys.lookup("phone", digits)
        }
    }
}

extension Instant {
    /// Whole minutes from an earlier moment, the one begun included.
    func minutes(after earlier: Instant) -> Int {
        Int((self - earlier + Instant.minute - 1) / Instant.minute)
    }
}
