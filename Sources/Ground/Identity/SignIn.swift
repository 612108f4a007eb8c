import Audit
import Cryptography
public import Kernel
public import Standards
public import Storage

/// Ways to sign in. Known and unknown accounts get the same answers and cost the same time.
public enum SignIn {
    /// By password.
    /// - Throws: `signInFailed`, `locked`, `noPost`, or `busy` when too many passwords wait to be checked.
    public static func withPassword(
        _ login: Login,
        password: String,
        origin: SignInOrigin,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws -> SignedIn {
        let key = Accounts.key(login, settings.keys)
        let found = try await database.read { reader in try AccountStore.find(login: key, in: reader) }
        let tries = try await reserve(key, found?.account, origin, settings, occasion, database)
        let text = Passwords.normalised(password)
        // Too long a text is never hashed; the answer is the same.
        let fits = text.utf8.count <= 1_024 && !text.isEmpty
        let record = found?.record ?? settings.decoy
        let isRight = try await Scrypt.verify(fits ? text : "-", against: record)
        guard isRight, fits, let account = found?.account, found?.record != nil, account.disabledAt == nil
        else {
            throw IdentityError.signInFailed
        }
        let renewed =
            Scrypt.isOutdated(record, for: settings.scrypt)
            ? try await Scrypt.hash(text, salt: occasion.entropy.bytes(16), parameters: settings.scrypt) : nil
        let actor = occasion.by(self.actor(account))
        return try await database.write { tx in
            guard let now = try AccountStore.find(login: key, in: tx), now.account == account,
                now.record == record
            else { throw IdentityError.signInFailed }
            if let renewed {
                try AccountStore.renewRecord(renewed, replacing: record, of: account.id, in: tx)
            }
            try AccountStore.forgetTries(tries.place, in: tx)
            if let strange = tries.strange {
                try AccountStore.giveTryBack(strange.address, in: tx)
                try AccountStore.forgetTries(strange.account, in: tx)
            }
            return try Sessions.open(
                for: account,
                origin: origin,
                settings: settings,
                occasion: actor,
                in: tx
            )
        }
    }

    /// By a code sent to a phone.
    /// - Throws: `codeWrong`; `unknownAccount` when the code is right but nobody has this phone (the code then
    ///   stays good for `SignUp`, for the time that filling in its form takes); `signInFailed` for a shut account.
    public static func withCode(
        _ code: String,
        attempt: String,
        phone: PhoneNumber,
        origin: SignInOrigin,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws -> SignedIn {
        let key = Accounts.key(.phone(phone.rawValue), settings.keys)
        let outcome = try await database.write { tx -> Result<SignedIn, IdentityError> in
            let found = try AccountStore.find(login: key, in: tx)?.account
            let isRight = try SmsCodes.check(
                code,
                attempt: attempt,
                phone: phone,
                for: .signIn,
                keep: found == nil,
                settings: settings,
                occasion: occasion,
                in: tx
            )
            guard isRight else { return .failure(.codeWrong) }
            guard let account = found else {
                let life = try settings.limits.milliseconds(.codeSignUp, at: occasion.now)
                try CodeStore.prolong(attempt, until: occasion.now + life, in: tx)
                return .failure(.unknownAccount)
            }
            guard account.disabledAt == nil else { return .failure(.signInFailed) }
            return .success(
                try Sessions.open(
                    for: account,
                    origin: origin,
                    settings: settings,
                    occasion: occasion.by(actor(account)),
                    in: tx
                )
            )
        }
        return try outcome.get()
    }

    static func actor(_ account: Account) -> Actor {
        switch account.kind {
        case .person: Actor(.person, id: account.holder, role: "person")
        case .staff: Actor(.staff, id: account.holder, role: "staff")
        }
    }

    /// Under what a try is counted: the account from this address or known device; and, where the device is strange, the
    /// address alone and the account from everywhere.
    private struct Tries: Sendable {
        let place: [UInt8]
        let strange: (address: [UInt8], account: [UInt8])?
    }

    /// Counts the try before it is made. A device that the owner has used before is not shut out by strangers' tries; what
    /// strangers try at one account from many addresses makes all strange devices wait longer and longer.
    private static func reserve(
        _ login: [UInt8],
        _ account: Account?,
        _ origin: SignInOrigin,
        _ settings: IdentitySettings,
        _ occasion: Occasion,
        _ database: any Database
    ) async throws -> Tries {
        let now = occasion.now
        let limits = settings.limits
        let triesMax = try limits.value(.signInTries, at: now)
        let addressMax = try limits.value(.signInAddressTries, at: now)
        let window = try limits.milliseconds(.signInWindow, at: now)
        let lock = try limits.milliseconds(.signInLock, at: now)
        let device = origin.deviceToken.map(Sessions.digest)
        let name = Hex.encode(login)
        let block = AddressBlock.of(origin.address)
        let (tries, until) = try await database.write { tx -> (Tries, Instant?) in
            let isKnown =
                if let account, let device {
                    try AccountStore.knowsDevice(device, account: account.id, in: tx)
                } else {
                    false
                }
            let tries = Tries(
                place: settings.keys.lookup(
                    "try",
                    "\(name) \(isKnown ? "device \(Hex.encode(device ?? []))" : "address \(block)")"
                ),
                strange: isKnown
                    ? nil
                    : (settings.keys.lookup("try-address", block), settings.keys.lookup("try-account", name))
            )
            for (subject, most) in [(tries.strange?.address, addressMax), (tries.place, triesMax)] {
                guard let subject else { continue }
                let until = try AccountStore.reserveTry(
                    subject,
                    triesMax: most,
                    window: window,
                    lock: lock,
                    now: now,
                    in: tx
                )
                if let until { return (tries, until) }
            }
            return (tries, try pace(tries, account, settings, occasion, in: tx))
        }
        if let until {
            throw IdentityError.locked(minutes: until.minutes(after: now))
        }
        return tries
    }

    /// Counts a try from a strange device for the account, wherever it comes from; tells the owner when such tries begin
    /// to wait.
    /// - Returns: until when this one may not be made; it is not counted then.
    private static func pace(
        _ tries: Tries,
        _ account: Account?,
        _ settings: IdentitySettings,
        _ occasion: Occasion,
        in tx: any Transaction
    ) throws -> Instant? {
        guard let strange = tries.strange else { return nil }
        let (limits, now) = (settings.limits, occasion.now)
        let taken = try AccountStore.reservePaced(
            strange.account,
            triesMax: limits.value(.signInAccountTries, at: now),
            pace: (
                try limits.milliseconds(.signInAccountDelay, at: now),
                try limits.milliseconds(.signInAccountDelayMax, at: now),
                try limits.milliseconds(.signInAccountQuiet, at: now)
            ),
            now: now,
            in: tx
        )
        if taken.until != nil {
            try AccountStore.giveTryBack(tries.place, in: tx)
            try AccountStore.giveTryBack(strange.address, in: tx)
        } else if taken.isLastFree, let account {
            try AccountNotices.add(
                .passwordGuessed,
                to: account.id,
                limits: limits,
                occasion: occasion,
                in: tx
            )
        }
        return taken.until
    }
}
