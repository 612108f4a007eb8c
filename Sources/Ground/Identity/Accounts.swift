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
        let text = normalised(password)
        let min = try settings.limits.value(.passwordLengthMin, at: occasion.now)
        let max = try settings.limits.value(.passwordLengthMax, at: occasion.now)
        guard text.count >= min else { throw IdentityError.passwordTooShort(min: min) }
        guard text.count <= max, text.utf8.count <= 1_024 else {
            throw IdentityError.passwordTooLong(max: max)
        }
        return try await Scrypt.hash(text, salt: occasion.entropy.bytes(16), parameters: settings.scrypt)
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

    /// The holder changes his own password; every session of the account ends.
    /// - Throws: `signInFailed` for a wrong old one, `locked` after too many, `passwordTooShort`, `passwordTooLong`.
    public static func changePassword(
        of account: Account,
        from old: String,
        to new: String,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws {
        let limits = settings.limits
        let tries = settings.keys.lookup("try-password", account.id.rawValue)
        let triesMax = try limits.value(.signInTries, at: occasion.now)
        let window = try limits.milliseconds(.signInWindow, at: occasion.now)
        let lock = try limits.milliseconds(.signInLock, at: occasion.now)
        let (kept, until) = try await database.write { tx in
            (
                try AccountStore.record(of: account.id, in: tx),
                try AccountStore.reserveTry(
                    tries,
                    triesMax: triesMax,
                    window: window,
                    lock: lock,
                    now: occasion.now,
                    in: tx
                )
            )
        }
        if let until {
            throw IdentityError.locked(
                minutes: Int((until - occasion.now + Instant.minute - 1) / Instant.minute)
            )
        }
        let text = Passwords.normalised(old)
        let fits = text.utf8.count <= 1_024 && !text.isEmpty
        let isRight = try await Scrypt.verify(fits ? text : "-", against: kept ?? settings.decoy)
        guard isRight, fits, kept != nil else { throw IdentityError.signInFailed }
        let record = try await Passwords.record(for: new, settings: settings, occasion: occasion)
        try await database.write { tx in
            guard try AccountStore.record(of: account.id, in: tx) == kept else { throw IdentityError.stale }
            try AccountStore.forgetTries(tries, in: tx)
            try changePassword(of: account.id, record: record, occasion: occasion, in: tx)
        }
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
