import Audit
import Cryptography
import Forms
import Jobs
public import Kernel
import Standards
public import Storage

/// What a holder wants to show, of which licence, and what for.
public struct PresentationWish: Sendable {
    public let credential: ID<Credential>
    /// Whoever asks for the code may act for this holder; the face has seen to it.
    public let holder: String
    /// Keys of the type's fields.
    public let fields: [String]
    /// Whether the holder's name is shown whole.
    public let showsName: Bool
    public let purpose: String

    public init(
        credential: ID<Credential>,
        holder: String,
        fields: [String],
        showsName: Bool,
        purpose: String
    ) {
        self.credential = credential
        self.holder = holder
        self.fields = fields
        self.showsName = showsName
        self.purpose = purpose
    }
}

/// Who looks at a presented licence.
public struct PresentationVerifier: Sendable {
    /// As it calls itself.
    public let organisation: String
    public let operatorName: String
    /// Where the request came from.
    public let address: String
    public let item: String?
    public let caseNumber: String?

    public init(
        organisation: String,
        operatorName: String,
        address: String,
        item: String? = nil,
        caseNumber: String? = nil
    ) {
        self.organisation = organisation
        self.operatorName = operatorName
        self.address = address
        self.item = item
        self.caseNumber = caseNumber
    }
}

/// What a verifier is shown: the chosen fields, the state at that moment, and nothing else.
public struct PresentedLicence: Hashable, Sendable {
    public let type: LicenceType
    public let issuer: String
    /// Masked unless its holder chose to show it.
    public let holderName: String
    public let state: CredentialState
    public let fields: [Field]
    public let purpose: String
    public let at: Instant

    public struct Field: Hashable, Sendable {
        public let field: LicenceField
        public let value: JSON
    }
}

/// Presenting licences by one-time codes.
public struct Presentations: Sendable {
    private let types: LicenceTypes
    private let database: any Database
    private let policy: @Sendable (LocalDate) -> PresentationPolicy

    /// - Parameter policy: in force on a day.
    public init(
        types: LicenceTypes,
        database: any Database,
        policy: @escaping @Sendable (LocalDate) -> PresentationPolicy
    ) {
        self.types = types
        self.database = database
        self.policy = policy
    }

    /// Short forms are so many that two open codes hardly share one; then another is drawn.
    private static let drawsMax = 4
    /// A write takes so many forgotten rows with it: more than it adds, and few enough to be quick.
    private static let forgottenMax = 20
    private static let lengthMax = 200

    // MARK: - The holder

    /// Makes a code for chosen fields of a licence. Only digests of it are kept.
    public func make(_ wish: PresentationWish, occasion: Occasion) async throws -> PresentationCode {
        let policy = policy(occasion.now.date)
        guard !wish.fields.isEmpty else { throw PresentationError.nothingChosen }
        guard (1...Self.lengthMax).contains(wish.purpose.count) else { throw PresentationError.purpose }
        let now = occasion.now
        let drawn = (0..<Self.drawsMax).map { _ in
            let code = PresentationCode(entropy: occasion.entropy, until: now + policy.life)
            return (code, PresentationCode.digest(of: code.long))
        }
        let types = types
        let made = try await database.write { tx -> PresentationCode in
            guard let credential = try CredentialStore.find(wish.credential, in: tx),
                credential.record.holder.code == wish.holder, let type = types[credential.record.type]
            else { throw CredentialError.unknown }
            for key in wish.fields where type.field(key) == nil || credential.record.fields[key].isNull {
                throw PresentationError.unknownField(key)
            }
            guard try PresentationStore.open(of: wish.holder, now: now, in: tx) < policy.openMax else {
                throw PresentationError.tooManyOpen
            }
            for (code, digest) in drawn {
                if try PresentationStore.insert(code, wish, digest: digest, occasion: occasion, in: tx) {
                    try Self.tell("code-made", credential.id, wish.fields, occasion: occasion, in: tx)
                    return code
                }
            }
            throw PresentationError.tooManyOpen
        }
        try await forget(policy, now: now)
        return made
    }

    /// By itself, because it touches rows of others.
    private func forget(_ policy: PresentationPolicy, now: Instant) async throws {
        try await database.write { tx in
            _ = try PresentationStore.forget(
                before: now + -policy.keep,
                countMax: Self.forgottenMax,
                in: tx
            )
            _ = try PresentationStore.forgetGuesses(
                before: now + -policy.window,
                countMax: Self.forgottenMax,
                in: tx
            )
        }
    }

    // MARK: - The verifier

    /// Takes a code in, once: what its holder chose is shown and the use written down, in one durable transaction.
    ///
    /// After too many wrong codes from one place it has to wait, also with the right one. Short codes are tried one after
    /// another at each place, so that many at once are no more than the limit; long ones cannot be guessed.
    /// - Throws: `PresentationError`: `unknown`, `used`, `late`, `locked`, `shortLocked`.
    public func redeem(
        _ code: String,
        by verifier: PresentationVerifier,
        occasion: Occasion
    ) async throws -> PresentedLicence {
        let policy = policy(occasion.now.date)
        guard (1...Self.lengthMax).contains(verifier.organisation.count),
            verifier.operatorName.count <= Self.lengthMax, (verifier.item ?? "").count <= Self.lengthMax,
            (verifier.caseNumber ?? "").count <= Self.lengthMax
        else { throw PresentationError.verifier }
        let typed = PresentationCode.Typed(code)
        let turn = Turn(
            place: Self.place(of: verifier, occasion),
            since: occasion.now + -policy.window,
            policy: policy,
            types: types,
            verifier: verifier,
            occasion: occasion
        )
        return try await database.write { tx in try turn.take(typed, in: tx) }.get()
    }

    /// Digested, so that no list of visitors is kept.
    private static func place(of verifier: PresentationVerifier, _ occasion: Occasion) -> String {
        let who =
            occasion.actor.kind == .anonymous ? "address \(AddressBlock.of(verifier.address))" : occasion.by
        return Hex.encode(SM3.digest(Array("suban presentation \(who)".utf8)).prefix(16))
    }

    static func tell(
        _ what: String,
        _ id: ID<Credential>,
        _ fields: [String],
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let object = "credential:\(id)"
        let facts: JSON = ["fields": .array(fields.map(JSON.string))]
        try AuditLog.append("licence.\(what)", object: object, after: facts, occasion: occasion, in: tx)
        try Outbox.emit("licence.\(what)", object: object, payload: facts, occasion: occasion, in: tx)
    }
}

/// One try of a verifier.
private struct Turn: Sendable {
    let place: String
    let since: Instant
    let policy: PresentationPolicy
    let types: LicenceTypes
    let verifier: PresentationVerifier
    let occasion: Occasion

    typealias Answer = Result<PresentedLicence, PresentationError>

    /// Where the wrong short codes of everybody are counted.
    private static let everywhere = "short"

    func take(_ typed: PresentationCode.Typed, in tx: any Transaction) throws -> Answer {
        let now = occasion.now
        switch typed {
        case .long(let digest):
            let misses = try PresentationStore.misses(at: place, since: since, in: tx)
            guard misses < policy.guessesMax else { return .failure(locked) }
            return try take(try PresentationStore.find(digest: digest, at: now, in: tx), in: tx)
        case .short(let code):
            let misses = try PresentationStore.lockedMisses(at: place, since: since, now: now, in: tx)
            guard misses < policy.guessesMax else { return .failure(locked) }
            let all = try PresentationStore.misses(at: Self.everywhere, since: since, in: tx)
            guard all < policy.shortGuessesMax || occasion.actor.kind != .anonymous else {
                return .failure(.shortLocked)
            }
            let answer = try take(try PresentationStore.find(short: code, at: now, in: tx), in: tx)
            if answer == .failure(.unknown) {
                try PresentationStore.miss(at: Self.everywhere, since: since, now: now, in: tx)
            }
            try PresentationStore.release(place, in: tx)
            return answer
        case .other:
            let misses = try PresentationStore.misses(at: place, since: since, in: tx)
            guard misses < policy.guessesMax else { return .failure(locked) }
            return try take(nil, in: tx)
        }
    }

    private var locked: PresentationError { .locked(minutes: Int(policy.window / Instant.minute)) }

    private func take(_ kept: PresentationStore.Kept?, in tx: any Transaction) throws -> Answer {
        let now = occasion.now
        guard let kept else {
            try PresentationStore.miss(at: place, since: since, now: now, in: tx)
            return .failure(.unknown)
        }
        guard kept.usedAt == nil else { return try refused(.used, kept, in: tx) }
        guard now < kept.until else { return try refused(.late, kept, in: tx) }
        guard try PresentationStore.use(kept.id, now: now, in: tx) else {
            return try refused(.used, kept, in: tx)
        }
        let record = kept.record
        guard let type = types[record.type],
            let state = kept.state.map({ Credential.state($0, of: record, on: now.date) })
        else { throw CredentialError.unknown }
        let shown = type.fields.filter { kept.fields.contains($0.key) }
        try LicenceUses.tell(use(of: record, kept), as: "licence.presented", occasion: occasion, in: tx)
        return .success(
            PresentedLicence(
                type: type,
                issuer: record.issuer.name,
                holderName: kept.showsName ? record.holder.name : record.holder.maskedName,
                state: state,
                fields: shown.map { PresentedLicence.Field(field: $0, value: record.fields[$0.key]) },
                purpose: kept.purpose,
                at: now
            )
        )
    }

    /// Somebody known who comes with a code that does not count any more stands in the log; a stranger is not told from
    /// another.
    private func refused(
        _ refusal: PresentationError,
        _ kept: PresentationStore.Kept,
        in tx: any Transaction
    ) throws -> Answer {
        if occasion.actor.kind != .anonymous {
            try AuditLog.refused(
                "licence.presented",
                object: "credential:\(kept.record.id)",
                refusal: refusal,
                occasion: occasion,
                in: tx
            )
        }
        return .failure(refusal)
    }

    private func use(of record: CredentialRecord, _ kept: PresentationStore.Kept) -> LicenceUse {
        LicenceUse(
            id: occasion.newID(),
            licence: "credential:\(record.id)",
            type: record.type,
            holder: record.holder.code,
            way: .presentation,
            organisation: verifier.organisation,
            operatorName: verifier.operatorName,
            purpose: kept.purpose,
            reason: nil,
            item: verifier.item,
            itemCode: nil,
            caseNumber: verifier.caseNumber,
            fields: kept.fields,
            at: occasion.now
        )
    }
}

extension Holder {
    /// A person's name with its first character only; of an enterprise the place at its front and the form at its end.
    public var maskedName: String {
        switch kind {
        case .person: Masking.name(name)
        case .enterprise:
            name.count <= 6 ? Masking.name(name) : "\(name.prefix(2))＊＊＊\(name.suffix(4))"
        }
    }
}
