import Attachments
public import Audit
public import Cryptography
import ElectronicSeals
public import Jobs
public import Kernel
public import Storage

/// After the key of the time stamps was stolen: files of licences that the log knew before the theft are made anew with
/// stamps of the new key, the others stay refused (decision 0043). Archives are stamped anew by their own round.
public struct StampRecovery: Sendable {
    private let originals: LicenceOriginals
    private let authority: CredentialAuthority
    private let lists: RevocationLists
    private let keeper: LogKeeper
    private let clock: any Clock
    private let entropy: any Entropy

    public init(
        originals: LicenceOriginals,
        authority: CredentialAuthority,
        lists: RevocationLists,
        keeper: LogKeeper,
        clock: any Clock,
        entropy: any Entropy
    ) {
        self.originals = originals
        self.authority = authority
        self.lists = lists
        self.keeper = keeper
        self.clock = clock
        self.entropy = entropy
    }

    // MARK: - Taking back

    /// Takes every stamp of these certificates back from a day on, and plans that files are made anew.
    /// - Returns: what was planned.
    public static func begin(
        takingBack certificates: [P256Certificate],
        of keys: PlatformKeys,
        since theft: Instant,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> StampLoss {
        let loss = StampLoss(id: occasion.newID(), since: theft, begunAt: occasion.now)
        for certificate in certificates {
            guard let issuer = keys.issuerID(of: certificate) else { continue }
            let entry = RevokedCertificate(
                serial: certificate.serial,
                revokedAt: theft,
                reason: .keyCompromise
            )
            if try CertificateStore.list(entry, of: issuer, object: loss.object, in: tx) {
                try RevocationLists.hasten(issuer, at: occasion.now, in: tx)
            }
        }
        try StampLossStore.insert(loss, in: tx)
        try Jobs.enqueue(
            kind: job,
            key: loss.id.rawValue,
            payload: ["loss": .string(loss.id.rawValue)],
            at: occasion.now,
            in: tx
        )
        return loss
    }

    /// All thefts of keys of time stamps, with how far the files are; the first first.
    public static func losses(in reader: any Reader) throws -> [StampLoss] {
        try StampLossStore.all(in: reader)
    }

    // MARK: - Making anew

    static let job = "licence.restamp"
    /// Files a job's turn: each is read, and drawn where it is refused.
    private static let turnMax = 50

    public var jobKind: JobKind {
        JobKind(Self.job) { job in
            guard let id = job.payload["loss"].text.map({ ID<StampLoss>($0) }) else { return .done }
            let now = clock.now
            let kept = try await originals.database.read { reader in
                (try StampLossStore.find(id, in: reader), try lists.newest(at: now, in: reader))
            }
            guard let loss = kept.0, loss.doneAt == nil else { return .done }
            // A node that was not started again since stamps with the old key still.
            guard !isTakenBack(authority.keys.timestamps.certificate, kept.1, now) else {
                return .again(at: now + Instant.minute, why: "the key of time stamps is the old one")
            }
            return try await turn(loss, kept.1, now) ? .done : .again(at: now, why: "files")
        }
    }

    private func isTakenBack(_ certificate: P256Certificate, _ lists: Revocations, _ now: Instant) -> Bool {
        lists.international.contains { list in
            list.entry(of: certificate).map { !$0.reason.leavesStamps } ?? false
        }
    }

    private enum Outcome { case good, renewed, unproven }

    /// One turn over the files that were kept before the theft was noted.
    /// - Returns: whether it was the last one.
    private func turn(_ loss: StampLoss, _ revoked: Revocations, _ now: Instant) async throws -> Bool {
        let page = try await originals.database.read { reader in
            try StampLossStore.files(after: loss.place, before: loss.begunAt, limit: Self.turnMax, in: reader)
        }
        var after = loss
        for file in page {
            after.place = (file.credential.rawValue, file.format.rawValue)
            after.looked += 1
            switch try await look(file, loss, revoked, now) {
            case .good: break
            case .renewed: after.renewed += 1
            case .unproven: after.unproven += 1
            }
        }
        let isLast = page.count < Self.turnMax
        if isLast { after.doneAt = now }
        let state = after
        try await originals.database.write { try StampLossStore.update(state, in: $0) }
        return isLast
    }

    private func look(_ file: LicenceFile, _ loss: StampLoss, _ revoked: Revocations, _ now: Instant)
        async throws -> Outcome
    {
        guard let bytes = try await originals.blobs.read(file.digest),
            let credential = try await originals.database.read({
                try CredentialStore.find(file.credential, in: $0)
            })
        else { return .unproven }
        let verifier = FileVerifier(
            anchors: authority.trust,
            revocation: revoked,
            moment: now,
            limits: originals.limits(now.date)
        )
        let classes = verifier.verify(bytes).problems.compactMap(\.classCode)
        guard classes.contains(VerificationClass.stampTakenBack.rawValue) else { return .good }
        guard try await isOlder(file, of: credential, than: loss.since) else { return .unproven }
        let occasion = Occasion(
            now: now,
            actor: .platform("licence-press"),
            request: "\(Self.job):\(file.credential)/\(file.format.rawValue)",
            purpose: loss.object,
            entropy: entropy
        )
        try await originals.remake(file, of: credential, occasion: occasion)
        return .renewed
    }

    /// Whether the log knew the very file before a moment: an entry of its keeping, under a head that was signed by then.
    private func isOlder(_ file: LicenceFile, of credential: Credential, than moment: Instant) async throws
        -> Bool
    {
        let facts = file.facts(of: credential)
        let object = file.object
        let entries = try await originals.database.read { try AuditLog.kept(about: object, in: $0) }
        for kept in entries where kept.stands(for: facts) {
            let receipt = try await keeper.earliestReceipt(for: kept.entry.id, disclosing: facts)
            guard let head = receipt.headTime else { return false }
            return head < moment
        }
        return false
    }
}
