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
            try AccountStore.forgetTries(tries.subject, in: tx)
            if let address = tries.address { try AccountStore.giveTryBack(address, in: tx) }
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
    ///   stays good for `SignUp`); `signInFailed` for a shut account.
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
            guard let account = found else { return .failure(.unknownAccount) }
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

    /// Counts the try for the account from this address (or known device), and for the address alone.
    private static func reserve(
        _ login: [UInt8],
        _ account: Account?,
        _ origin: SignInOrigin,
        _ settings: IdentitySettings,
        _ occasion: Occasion,
        _ database: any Database
    ) async throws -> (subject: [UInt8], address: [UInt8]?) {
        let now = occasion.now
        let limits = settings.limits
        let triesMax = try limits.value(.signInTries, at: now)
        let addressMax = try limits.value(.signInAddressTries, at: now)
        let window = try limits.milliseconds(.signInWindow, at: now)
        let lock = try limits.milliseconds(.signInLock, at: now)
        let device = origin.deviceToken.map(Sessions.digest)
        let address = settings.keys.lookup("try-address", origin.address)
        let answer = try await database.write { tx -> (subject: [UInt8], until: Instant?, isKnown: Bool) in
            // A device that the owner has used before is not shut out by strangers' tries.
            let isKnown =
                if let account, let device {
                    try AccountStore.knowsDevice(device, account: account.id, in: tx)
                } else {
                    false
                }
            let place = isKnown ? "device \(Hex.encode(device ?? []))" : "address \(origin.address)"
            let subject = settings.keys.lookup("try", "\(Hex.encode(login)) \(place)")
            if !isKnown,
                let until = try AccountStore.reserveTry(
                    address,
                    triesMax: addressMax,
                    window: window,
                    lock: lock,
                    now: now,
                    in: tx
                )
            {
                return (subject, until, isKnown)
            }
            let until = try AccountStore.reserveTry(
                subject,
                triesMax: triesMax,
                window: window,
                lock: lock,
                now: now,
                in: tx
            )
            return (subject, until, isKnown)
        }
        if let until = answer.until {
            throw IdentityError.locked(minutes: Int((until - now + Instant.minute - 1) / Instant.minute))
        }
        return (answer.subject, answer.isKnown ? nil : address)
    }
}

/// A new person makes himself known with his phone.
public enum SignUp {
    /// Checks the code, registers the person as declared, opens account and session.
    /// - Throws: `codeWrong`, `documentTaken`, `phoneTaken`.
    public static func withCode(
        _ code: String,
        attempt: String,
        phone: PhoneNumber,
        purpose: CodePurpose = .signUp,
        name: PersonName,
        document: IdentityDocument,
        birth: LocalDate? = nil,
        record: String? = nil,
        origin: SignInOrigin,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws -> SignedIn {
        let outcome = try await database.write { tx -> Result<SignedIn, IdentityError> in
            let isRight = try SmsCodes.check(
                code,
                attempt: attempt,
                phone: phone,
                for: purpose,
                settings: settings,
                occasion: occasion,
                in: tx
            )
            guard isRight else { return .failure(.codeWrong) }
            let person = try People.register(
                name: name,
                document: document,
                birth: birth,
                phone: phone,
                keys: settings.keys,
                occasion: occasion,
                in: tx
            )
            let himself = occasion.by(Actor(.person, id: person.id.rawValue, role: "person"))
            let account = try Accounts.open(
                .person,
                holder: person.id.rawValue,
                logins: [.phone(phone.rawValue)],
                record: record,
                keys: settings.keys,
                occasion: himself,
                in: tx
            )
            return .success(
                try Sessions.open(for: account, origin: origin, settings: settings, occasion: himself, in: tx)
            )
        }
        return try outcome.get()
    }
}
