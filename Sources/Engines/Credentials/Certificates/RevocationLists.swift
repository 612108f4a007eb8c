import Audit
public import Cryptography
public import Jobs
public import Kernel
public import Storage
import Synchronization

/// A revocation list as it is published.
public struct PublishedList: Hashable, Sendable {
    /// Which authority's: `sm2-1`, `p256-1` …
    public let issuer: String
    /// Rises with each list of one authority (RFC 5280, section 5.2.3).
    public let number: Int64
    public let der: [UInt8]
    public let thisUpdate: Instant
    public let nextUpdate: Instant
}

/// What verifiers are told of revocation, by family.
public struct Revocations: Sendable {
    public let national: [RevocationList<SM2>]
    public let international: [RevocationList<P256>]

    public init(national: [RevocationList<SM2>] = [], international: [RevocationList<P256>] = []) {
        self.national = national
        self.international = international
    }

    public func adding(_ more: Revocations) -> Revocations {
        Revocations(
            national: national + more.national,
            international: international + more.international
        )
    }

    /// Reads files of either family, as published or as brought by somebody.
    /// - Throws: `CryptographyError.badList` for bytes that are neither.
    public init(reading files: [[UInt8]], limits: RevocationLimits) throws(CryptographyError) {
        var national: [RevocationList<SM2>] = []
        var international: [RevocationList<P256>] = []
        for file in files {
            if let list = try? RevocationList<SM2>(der: file, limits: limits) {
                national.append(list)
            } else {
                international.append(try RevocationList<P256>(der: file, limits: limits))
            }
        }
        self.init(national: national, international: international)
    }
}

/// Publishes the revocation lists of the platform's authorities: numbered, renewed before they run out, and at once when
/// something was revoked.
public struct RevocationLists: Sendable {
    static let job = "certificate.list"

    let database: any Database
    let keys: PlatformKeys
    let terms: @Sendable (LocalDate) throws -> CertificateTerms
    private let memory = ListMemory()

    public init(
        database: any Database,
        keys: PlatformKeys,
        terms: @escaping @Sendable (LocalDate) throws -> CertificateTerms
    ) {
        self.database = database
        self.keys = keys
        self.terms = terms
    }

    /// The list of an authority as it was published last; nil for an authority that there is not.
    public static func published(of issuer: String, in reader: any Reader) throws -> PublishedList? {
        try CertificateStore.list(of: issuer, in: reader)
    }

    /// Everything that was revoked, as the platform's own verification uses it: in lists that are in force now, signed
    /// anew in memory where the published one has run out because nobody could renew it.
    public func current(at now: Instant, in reader: any Reader) throws -> Revocations {
        let all = try keys.issuerIDs.map { try current(of: $0, at: now, in: reader) }
        return Revocations(national: all.flatMap(\.national), international: all.flatMap(\.international))
    }

    /// What was revoked until now, whether the lists that say so are out yet or not: for whoever makes something that has
    /// to hold under the next ones.
    public func newest(at now: Instant, in reader: any Reader) throws -> Revocations {
        let files = try keys.issuerIDs.map { issuer in
            try sign(issuer, number: 1, now: now, until: now + Instant.day, in: reader).list.der
        }
        return try Revocations(reading: files, limits: .unlimited)
    }

    private func current(of issuer: String, at now: Instant, in reader: any Reader) throws -> Revocations {
        let period = try CertificateStore.period(of: issuer, in: reader)
        guard let period, now >= period.from, now < period.until else {
            let number = (period?.number ?? 0) + 1
            let made = try sign(issuer, number: number, now: now, until: now + Instant.day, in: reader)
            return try Revocations(reading: [made.list.der], limits: .unlimited)
        }
        if let known = memory.list(issuer, number: period.number) { return known }
        guard let kept = try CertificateStore.list(of: issuer, in: reader) else { return Revocations() }
        let read = try Revocations(reading: [kept.der], limits: .unlimited)
        memory.keep(read, issuer, number: kept.number)
        return read
    }

    /// Publishes the lists that are due, at the start: those of authorities that have none, and those that ran out while
    /// the platform stood still.
    public func publishDue(occasion: Occasion) async throws {
        for issuer in keys.issuerIDs {
            let kept = try await database.read { try CertificateStore.list(of: issuer, in: $0) }
            if let kept, occasion.now < kept.nextUpdate { continue }
            do { try await publish(issuer, occasion: occasion) } catch CertificateError.noTerm {
                // An installation without the terms of lists has none; the first start with them publishes.
                return
            }
        }
    }

    private func sign(
        _ issuer: String,
        number: Int64,
        now: Instant,
        until: Instant,
        in reader: any Reader
    ) throws -> (list: PublishedList, count: Int) {
        let entries = try CertificateStore.revoked(by: issuer, in: reader)
        let list = PublishedList(
            issuer: issuer,
            number: number,
            der: try keys.revocationList(
                of: issuer,
                entries,
                number: number,
                thisUpdate: now,
                nextUpdate: until
            ),
            thisUpdate: now,
            nextUpdate: until
        )
        return (list, entries.count)
    }

    /// Signs the list of one authority anew and publishes it; the next one is planned before this one ends.
    func publish(_ issuer: String, occasion: Occasion) async throws {
        let terms = try terms(occasion.now.date)
        let until = occasion.now + Int64(terms.listHours) * Instant.hour
        let (made, count) = try await database.read { reader in
            let last = try CertificateStore.list(of: issuer, in: reader)
            return try sign(
                issuer,
                number: (last?.number ?? 0) + 1,
                now: occasion.now,
                until: until,
                in: reader
            )
        }
        let overlap = Int64(terms.listOverlapHours) * Instant.hour
        try await database.write { tx in
            guard try CertificateStore.publish(made, in: tx) else { return }
            let object = "issuer:\(issuer)"
            let facts: JSON = [
                "number": JSON(made.number), "digest": .string(Hex.encode(SM3.digest(made.der))),
                "until": JSON(made.nextUpdate.milliseconds),
            ]
            try AuditLog.append(
                "certificate.list-published",
                object: object,
                after: facts,
                occasion: occasion,
                in: tx
            )
            try Outbox.emit(
                "certificate.list-published",
                object: object,
                payload: facts,
                occasion: occasion,
                in: tx
            )
            // What was revoked while this one was signed waits for no planned list.
            let isWhole = try CertificateStore.revoked(by: issuer, in: tx).count == count
            let next = isWhole ? made.nextUpdate + -overlap : occasion.now
            try Self.plan(issuer, number: made.number, at: next, in: tx)
        }
    }

    /// - Parameter number: of the list that the next one follows: each is followed once.
    private static func plan(_ issuer: String, number: Int64, at: Instant, in tx: any Transaction) throws {
        try Jobs.enqueue(
            kind: job,
            key: "\(issuer):\(number)",
            payload: ["issuer": .string(issuer), "after": JSON(number)],
            at: at,
            in: tx
        )
    }

    /// The list after the one that is out comes now.
    static func hasten(_ issuer: String, at now: Instant, in tx: any Transaction) throws {
        // Before the first list nothing is planned; the start publishes it with everything that was revoked.
        // Whoever publishes meanwhile waits for this transaction and sees its entry, or this one waits for him.
        guard let last = try CertificateStore.lockedNumber(of: issuer, in: tx) else { return }
        try Jobs.hasten(kind: job, key: "\(issuer):\(last)", at: now, in: tx)
    }

    /// What the job runner has to know.
    public func jobKind(clock: any Clock, entropy: any Entropy) -> JobKind {
        JobKind(Self.job) { job in
            guard let issuer = job.payload["issuer"].text, let after = job.payload["after"].int else {
                return .done
            }
            let last = try await database.read { try CertificateStore.list(of: issuer, in: $0) }
            guard last?.number == after else { return .done }
            let occasion = Occasion(
                now: max(clock.now, job.due),
                actor: .platform("certificates"),
                request: "job:\(job.key)",
                entropy: entropy
            )
            try await publish(issuer, occasion: occasion)
            return .done
        }
    }
}

/// The published lists as they were read last. A list of one authority and number is never another.
private final class ListMemory: Sendable {
    private let kept = Mutex<[String: (number: Int64, lists: Revocations)]>([:])

    func list(_ issuer: String, number: Int64) -> Revocations? {
        kept.withLock { kept in kept[issuer].flatMap { $0.number == number ? $0.lists : nil } }
    }

    func keep(_ lists: Revocations, _ issuer: String, number: Int64) {
        kept.withLock { $0[issuer] = (number, lists) }
    }
}
