public import Kernel
public import Standards
public import Storage

/// What is asked of the police about somebody who opens an account; given by the program that knows how.
public struct IdentityChecks: Sendable {
    /// Whether name and number belong together.
    public enum Confirmation: Hashable, Sendable {
        case confirmed(reference: String)
        case differs
        /// No answer, or a kind of document whose numbers the police do not keep.
        case unknown
    }

    /// A face beside the police's picture.
    public enum Comparison: Hashable, Sendable {
        /// Per mille.
        case compared(score: Int, reference: String)
        case unknown
    }

    public var confirm: @Sendable (PersonName, IdentityDocument, Occasion) async -> Confirmation
    /// - Parameter sample: what the camera gave, base64; handed on, never kept.
    public var compare:
        @Sendable (_ name: String, _ kind: String, _ number: String, _ sample: String, Occasion) async ->
            Comparison

    public init(
        confirm: @escaping @Sendable (PersonName, IdentityDocument, Occasion) async -> Confirmation,
        compare:
            @escaping @Sendable (_ name: String, _ kind: String, _ number: String, _ sample: String, Occasion)
            async -> Comparison
    ) {
        self.confirm = confirm
        self.compare = compare
    }
}

/// The holder of an account shows that he is who he says (实名核验), by his face.
public enum RealName {
    /// Compares a face with the police's picture of the account's holder. A try is taken before the police are asked,
    /// and given back when they do not answer.
    /// - Returns: the person at his new level.
    /// - Throws: `faceDiffers` under the lowest score, `faceSilent` without an answer, `triesUsed` after too many tries.
    public static func compare(
        _ id: ID<Person>,
        sample: String,
        checks: IdentityChecks,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws -> Person {
        let subject = settings.keys.lookup("face", id.rawValue)
        let reserved = try await database.write { tx -> Result<(Person, String), IdentityError> in
            guard let person = try PersonStore.find(id, in: tx) else {
                return .failure(.unknownPerson)
            }
            if case .failure(let error) = try reserve(
                subject,
                .faceTries,
                .faceWindow,
                settings,
                occasion,
                tx
            ) {
                return .failure(error)
            }
            let papers = try People.document(of: id, keys: settings.keys, occasion: occasion, in: tx)
            return .success((person, papers.number))
        }
        let (person, number) = try reserved.get()
        let answer = await checks.compare(person.name, person.documentKind, number, sample, occasion)
        let needed = try settings.limits.value(.faceScore, at: occasion.now)
        let outcome = try await database.write { tx -> Result<Person, IdentityError> in
            switch answer {
            case .unknown:
                try AccountStore.giveTryBack(subject, in: tx)
                return .failure(.faceSilent)
            case .compared(let score, _) where score < needed:
                return .failure(.faceDiffers(score: score / 10, needed: needed / 10))
            case .compared(let score, let reference):
                try AccountStore.forgetTries(subject, in: tx)
                return .success(
                    try People.verified(
                        id,
                        as: .face,
                        score: score,
                        reference: reference,
                        occasion: occasion,
                        in: tx
                    )
                )
            }
        }
        return try outcome.get()
    }

    /// Takes one of the tries that a subject has within a time.
    static func reserve(
        _ subject: [UInt8],
        _ tries: IdentityLimits.Name,
        _ window: IdentityLimits.Name,
        _ settings: IdentitySettings,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws -> Result<Void, IdentityError> {
        let time = try settings.limits.milliseconds(window, at: occasion.now)
        let until = try AccountStore.reserveTry(
            subject,
            triesMax: settings.limits.value(tries, at: occasion.now),
            window: time,
            lock: time,
            now: occasion.now,
            in: tx
        )
        guard let until else { return .success(()) }
        let minutes = (until - occasion.now + Instant.minute - 1) / Instant.minute
        return .failure(.triesUsed(minutes: Int(minutes)))
    }
}
