import Cryptography
public import Kernel
import Standards
public import Storage

/// Who asks whether a certificate is what somebody says: by its number and its holder's name, and what for.
public struct LicenceQuery: Sendable {
    /// The key of its type.
    public let type: String
    public let number: String
    public let name: String
    /// As it calls itself.
    public let organisation: String
    public let operatorName: String
    public let purpose: String
    /// Where the request came from.
    public let address: String

    public init(
        type: String,
        number: String,
        name: String,
        organisation: String,
        operatorName: String,
        purpose: String,
        address: String
    ) {
        self.type = type
        self.number = number
        self.name = name
        self.organisation = organisation
        self.operatorName = operatorName
        self.purpose = purpose
        self.address = address
    }
}

/// What whoever asked is told: how the certificate stands, and of a valid one the fields that its type lets be asked for.
public struct QueriedLicence: Hashable, Sendable {
    public let type: LicenceType
    public let number: String
    /// As it was asked for.
    public let name: String
    public let issuer: String
    public let state: CredentialState
    public let fields: [PresentedLicence.Field]
    /// The other place under whose root it is recognised; nil for one of this library.
    public let place: String?
    public let at: Instant
}

/// Why a question about a certificate is not answered.
public enum LicenceQueryError: Refusal, Equatable {
    /// Nothing of this number under this name; which of the two is wrong nobody learns.
    case unknown
    /// A type that nobody is told of this way, a number or a name that is none.
    case question
    /// Who asks has to say who he is and what for.
    case asker
    /// Too many wrong questions from here.
    case locked(minutes: Int)

    public var code: String {
        switch self {
        case .unknown: "licence-query.unknown"
        case .question: "licence-query.question"
        case .asker: "licence-query.asker"
        case .locked: "licence-query.locked"
        }
    }

    public var arguments: [String: String] {
        if case .locked(let minutes) = self { ["minutes": String(minutes)] } else { [:] }
    }

    public var status: RefusalStatus {
        switch self {
        case .unknown: .notFound
        case .question, .asker: .unacceptable
        case .locked: .tooMany
        }
    }
}

/// Checking certificates by number and name, without their holder: for types whose file says so (`query`).
public struct LicenceQueries: Sendable {
    private let types: LicenceTypes
    private let roots: ForeignRoots
    private let database: any Database
    private let policy: @Sendable (LocalDate) -> PresentationPolicy

    /// - Parameter policy: in force on a day; wrong questions are counted as wrong codes are.
    public init(
        types: LicenceTypes,
        roots: ForeignRoots,
        database: any Database,
        policy: @escaping @Sendable (LocalDate) -> PresentationPolicy
    ) {
        self.types = types
        self.roots = roots
        self.database = database
        self.policy = policy
    }

    /// Types of which somebody may be told.
    public var open: [LicenceType] { types.all.filter { !$0.query.isEmpty } }

    private static let lengthMax = 200

    /// Answers a question and writes it down for the holder, in one durable transaction.
    /// - Throws: `LicenceQueryError`.
    public func ask(_ query: LicenceQuery, occasion: Occasion) async throws -> QueriedLicence {
        let policy = policy(occasion.now.date)
        guard let type = types[query.type], !type.query.isEmpty, (1...60).contains(query.number.count),
            (1...80).contains(query.name.count)
        else { throw LicenceQueryError.question }
        guard (1...Self.lengthMax).contains(query.organisation.count),
            query.operatorName.count <= Self.lengthMax,
            (1...Self.lengthMax).contains(query.purpose.count)
        else { throw LicenceQueryError.asker }
        let turn = QueryTurn(query: query, type: type, roots: roots, policy: policy, occasion: occasion)
        return try await database.write { tx in try turn.answer(in: tx) }.get()
    }
}

/// One question.
private struct QueryTurn: Sendable {
    let query: LicenceQuery
    let type: LicenceType
    let roots: ForeignRoots
    let policy: PresentationPolicy
    let occasion: Occasion

    typealias Answer = Result<QueriedLicence, LicenceQueryError>

    /// Digested, so that no list of visitors is kept.
    private var place: String {
        let who =
            occasion.actor.kind == .anonymous ? "address \(AddressBlock.of(query.address))" : occasion.by
        return Hex.encode(SM3.digest(Array("suban licence query \(who)".utf8)).prefix(16))
    }

    /// Questions of one place are answered one after another, so that many at once are no more than the limit.
    func answer(in tx: any Transaction) throws -> Answer {
        let since = occasion.now + -policy.window
        let misses = try PresentationStore.lockedMisses(at: place, since: since, now: occasion.now, in: tx)
        guard misses < policy.guessesMax else {
            return .failure(.locked(minutes: Int(policy.window / Instant.minute)))
        }
        guard let answer = try own(in: tx) ?? recognised(in: tx) else {
            try PresentationStore.miss(at: place, since: since, now: occasion.now, in: tx)
            return .failure(.unknown)
        }
        try PresentationStore.release(place, in: tx)
        return .success(answer)
    }

    private func own(in tx: any Transaction) throws -> QueriedLicence? {
        let all = LibraryReach(from: "", upTo: "~")
        let found = try LibraryStore.numbered(query.number, all, limit: 20, in: tx)
        let last = found.last { $0.record.type == type.key && $0.state != .replaced } ?? nil
        guard let record = last?.record, PersonName.areSame(record.holder.name, query.name),
            let credential = try CredentialStore.find(record.id, in: tx),
            let state = try Credentials.state(of: credential, at: occasion.now, in: tx)
        else { return nil }
        let told = fields(of: record, isValid: state == .valid)
        try note(record, object: "credential:\(record.id)", told, in: tx)
        return answer(record, state, told, place: nil)
    }

    private func recognised(in tx: any Transaction) throws -> QueriedLicence? {
        let found = try RecognisedLicenceStore.numbered(query.number, type: type.key, in: tx).last {
            PersonName.areSame($0.record.holder.name, query.name)
        }
        guard let found else { return nil }
        let today = occasion.now.date
        // A root that is trusted no longer vouches for nothing.
        guard let root = roots.all.first(where: { $0.id == found.root }), root.covers(type.key, on: today)
        else {
            return nil
        }
        let isOver = found.record.validUntil.map { today > $0 } ?? false
        let told = fields(of: found.record, isValid: !isOver)
        try note(found.record, object: "recognised-licence:\(found.id)", told, in: tx)
        return answer(found.record, isOver ? .expired : .valid, told, place: root.name)
    }

    private func fields(of record: CredentialRecord, isValid: Bool) -> [PresentedLicence.Field] {
        guard isValid else { return [] }
        return type.fields.filter { type.query.contains($0.key) && !record.fields[$0.key].isNull }.map {
            PresentedLicence.Field(field: $0, value: record.fields[$0.key])
        }
    }

    private func answer(
        _ record: CredentialRecord,
        _ state: CredentialState,
        _ fields: [PresentedLicence.Field],
        place: String?
    ) -> QueriedLicence {
        QueriedLicence(
            type: type,
            number: query.number,
            name: record.holder.name,
            issuer: record.issuer.name,
            state: state,
            fields: fields,
            place: place,
            at: occasion.now
        )
    }

    private func note(
        _ record: CredentialRecord,
        object: String,
        _ told: [PresentedLicence.Field],
        in tx: any Transaction
    ) throws {
        let keys = told.map(\.field.key)
        try LicenceUses.tell(
            LicenceUse(
                id: occasion.newID(),
                licence: object,
                type: type.key,
                holder: record.holder.code,
                way: .query,
                organisation: query.organisation,
                operatorName: query.operatorName,
                purpose: query.purpose,
                reason: nil,
                item: nil,
                itemCode: nil,
                caseNumber: nil,
                fields: keys,
                at: occasion.now
            ),
            as: "licence.queried",
            occasion: occasion,
            in: tx
        )
    }
}
