import Cryptography
public import Kernel
public import Storage

/// What the public is told of a licence or a seal by the number printed on it: that there is one, of what type, how it
/// stands, by whom and until when. Nothing else of what it says.
public struct NumberFinding: Hashable, Sendable {
    public enum Thing: Hashable, Sendable {
        case licence(CredentialState)
        /// - Parameter isStopped: suspended by its owner.
        case seal(SealState, isStopped: Bool)
    }

    public let thing: Thing
    /// The key of its type.
    public let type: String
    public let number: String
    /// Masked; of a seal the name of the enterprise, which stands in the picture.
    public let holderName: String
    /// Nil where the record names none.
    public let issuer: String?
    public let from: LocalDate?
    /// The last day; nil is without end.
    public let until: LocalDate?

    public var isInForce: Bool { thing == .licence(.valid) || thing == .seal(.active, isStopped: false) }
}

/// Public verification by number. Numbers follow one another, so that wrong ones are counted as wrong codes are.
public struct NumberLookUps: Sendable {
    private let database: any Database
    private let policy: @Sendable (LocalDate) -> PresentationPolicy
    private static let shownMax = 5

    /// - Parameter policy: how many wrong numbers of one place are taken in which time, on a day.
    public init(database: any Database, policy: @escaping @Sendable (LocalDate) -> PresentationPolicy) {
        self.database = database
        self.policy = policy
    }

    /// What is known under a number, the newest first; none when nothing is.
    /// - Parameter address: of whoever asks, when nobody is signed in.
    /// - Throws: `PresentationError.locked` after too many wrong ones from there.
    public func find(_ number: String, from address: String, occasion: Occasion) async throws
        -> [NumberFinding]
    {
        let policy = policy(occasion.now.date)
        let (now, since) = (occasion.now, occasion.now + -policy.window)
        let who = occasion.actor.kind == .anonymous ? "address \(AddressBlock.of(address))" : occasion.by
        let place = Hex.encode(SM3.digest(Array("suban number \(who)".utf8)).prefix(16))
        return try await database.write { tx -> Result<[NumberFinding], PresentationError> in
            // One after the other: numbers that are tried at the same moment would all see the count before.
            let misses = try PresentationStore.lockedMisses(at: place, since: since, now: now, in: tx)
            guard misses < policy.guessesMax else {
                return .failure(.locked(minutes: Int(policy.window / Instant.minute)))
            }
            let found = try Self.find(number, at: now, in: tx)
            if found.isEmpty { try PresentationStore.miss(at: place, since: since, now: now, in: tx) }
            try PresentationStore.release(place, in: tx)
            return .success(found)
        }.get()
    }

    private static func find(_ number: String, at now: Instant, in reader: any Reader) throws
        -> [NumberFinding]
    {
        if let seal = try SealStore.find(code: number, in: reader) {
            return [
                NumberFinding(
                    thing: .seal(
                        seal.state(at: now),
                        isStopped: try Seals.isStoppedByOwner(seal, in: reader)
                    ),
                    type: seal.kind,
                    number: number,
                    holderName: seal.owner.kind == .person ? seal.owner.maskedName : seal.owner.name,
                    issuer: nil,
                    from: seal.made?.at.date,
                    until: seal.made?.validUntil.date
                )
            ]
        }
        let everywhere = LibraryReach(from: "", upTo: "~")
        return try LibraryStore.numbered(number, everywhere, limit: 100, in: reader).suffix(shownMax)
            .reversed()
            .compactMap { found in
                let record = found.record
                guard let credential = try CredentialStore.find(record.id, in: reader),
                    let state = try Credentials.state(of: credential, at: now, in: reader)
                else { return nil }
                return NumberFinding(
                    thing: .licence(state),
                    type: record.type,
                    number: number,
                    holderName: record.holder.maskedName,
                    issuer: record.issuer.name,
                    from: record.validFrom,
                    until: record.validUntil
                )
            }
    }
}
