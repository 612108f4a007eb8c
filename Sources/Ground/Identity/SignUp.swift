public import Kernel
public import Standards
public import Storage

/// What a person says of himself when he opens an account.
public struct SignUpEntry: Sendable {
    public var name: PersonName
    public var document: IdentityDocument
    public var birth: LocalDate?
    /// From `Passwords.record`; nil when only codes by phone let in.
    public var record: String?

    public init(name: PersonName, document: IdentityDocument, birth: LocalDate? = nil, record: String? = nil)
    {
        self.name = name
        self.document = document
        self.birth = birth
        self.record = record
    }
}

/// A new person makes himself known with his phone.
public enum SignUp {
    /// Checks the code, lets the police confirm name and number, registers the person, opens account and session.
    ///
    /// The police are asked outside any transaction, and only for the holder of a right code: each question takes one of
    /// the tries of his number, so that nobody finds out by asking which names and numbers belong together. What they
    /// do not answer leaves the person `declared`.
    /// - Throws: `codeWrong`, `nameDiffers`, `locked` after too many of those, `documentTaken`, `phoneTaken`.
    public static func withCode(
        _ code: String,
        attempt: String,
        phone: PhoneNumber,
        purpose: CodePurpose = .signUp,
        entry: SignUpEntry,
        checks: IdentityChecks,
        origin: SignInOrigin,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws -> SignedIn {
        let subject = settings.keys.lookup("sign-up", phone.rawValue)
        let reserved = try await database.write { tx -> Result<Void, IdentityError> in
            let isRight = try SmsCodes.check(
                code,
                attempt: attempt,
                phone: phone,
                for: purpose,
                keep: true,
                settings: settings,
                occasion: occasion,
                in: tx
            )
            guard isRight else { return .failure(.codeWrong) }
            return try RealName.reserve(subject, .signUpTries, .signUpWindow, settings, occasion, tx)
        }
        try reserved.get()
        let confirmation = await checks.confirm(entry.name, entry.document, occasion)
        guard confirmation != .differs else { throw IdentityError.nameDiffers }
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
            try AccountStore.forgetTries(subject, in: tx)
            return .success(
                try open(
                    entry,
                    phone: phone,
                    confirmation: confirmation,
                    origin: origin,
                    settings: settings,
                    occasion: occasion,
                    in: tx
                )
            )
        }
        return try outcome.get()
    }

    private static func open(
        _ entry: SignUpEntry,
        phone: PhoneNumber,
        confirmation: IdentityChecks.Confirmation,
        origin: SignInOrigin,
        settings: IdentitySettings,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> SignedIn {
        let person = try People.register(
            name: entry.name,
            document: entry.document,
            birth: entry.birth,
            phone: phone,
            keys: settings.keys,
            occasion: occasion,
            in: tx
        )
        let himself = occasion.by(Actor(.person, id: person.id.rawValue, role: "person"))
        if case .confirmed(let reference) = confirmation {
            try People.verified(
                person.id,
                as: .confirmed,
                reference: reference,
                occasion: himself,
                in: tx
            )
        }
        let account = try Accounts.open(
            .person,
            holder: person.id.rawValue,
            logins: [.phone(phone.rawValue)],
            record: entry.record,
            keys: settings.keys,
            occasion: himself,
            in: tx
        )
        return try Sessions.open(
            for: account,
            origin: origin,
            settings: settings,
            occasion: himself,
            in: tx
        )
    }
}
