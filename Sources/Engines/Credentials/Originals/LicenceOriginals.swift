public import Attachments
import Audit
public import Documents
import ElectronicSeals
public import Jobs
public import Kernel
import Standards
public import Storage
import Synchronization

/// Files of licences that are made once and kept: the same version always gives the same bytes, whatever becomes of it,
/// and the log knows their digest. They are drawn outside of any transaction.
public final class LicenceOriginals: Sendable {
    let database: any Database
    let blobs: BlobStore
    private let licences: LicencePress
    private let press: DocumentPress
    let limits: @Sendable (LocalDate) -> VerificationLimits
    /// Pictures by the digest of the file and the word across them.
    private let pictures = Mutex<[String: [UInt8]]>([:])

    /// - Parameter limits: how large a package may be that is opened to be shown.
    public init(
        database: any Database,
        blobs: BlobStore,
        licences: LicencePress,
        press: DocumentPress,
        limits: @escaping @Sendable (LocalDate) -> VerificationLimits
    ) {
        self.database = database
        self.blobs = blobs
        self.licences = licences
        self.press = press
        self.limits = limits
    }

    // MARK: - Making

    static let job = "licence.original"

    /// Hears of licences that were issued; their files follow by a job.
    public var subscriber: Subscriber {
        Subscriber("licence-originals", events: ["credential.issued"]) { event, tx in
            guard event.payload["sealCode"].isNull else { return }
            try Jobs.enqueue(
                kind: Self.job,
                key: event.object,
                payload: ["credential": .string(String(event.object.dropFirst("credential:".count)))],
                at: event.at,
                in: tx
            )
        }
    }

    public func jobKind(clock: any Clock, entropy: any Entropy) -> JobKind {
        JobKind(Self.job) { [self] job in
            guard let id = job.payload["credential"].text.map({ ID<Credential>($0) }),
                let found = try await database.read({ try CredentialStore.find(id, in: $0) })
            else { return .done }
            let occasion = Occasion(
                now: max(clock.now, job.due),
                actor: .platform("licence-press"),
                request: "job:\(job.key)",
                entropy: entropy
            )
            _ = try await file(of: found, .ofd, occasion: occasion)
            return .done
        }
    }

    /// The file of a licence, made when there is none yet.
    public func file(of credential: Credential, _ format: LicencePress.Format, occasion: Occasion)
        async throws
        -> (file: LicenceFile, bytes: [UInt8])
    {
        if let kept = try await kept(credential.id, format) { return kept }
        let pressed = try await licences.file(of: credential, format, occasion: occasion)
        let made = pressed.bytes
        let digest = try await blobs.keep(made)
        let file = LicenceFile(
            credential: credential.id,
            format: format,
            digest: digest,
            madeAt: occasion.now
        )
        let isFirst = try await database.write { tx in
            guard try LicenceFileStore.insert(file, in: tx) else { return false }
            let facts = file.facts(of: credential)
            try Self.attach(file, made.count, of: credential, occasion: occasion, in: tx)
            try AuditLog.append(
                "licence.file-kept",
                object: file.object,
                after: facts,
                occasion: occasion,
                in: tx
            )
            try Outbox.emit(
                "licence.file-kept",
                object: file.object,
                payload: facts,
                occasion: occasion,
                in: tx
            )
            if let mark = pressed.mark {
                let plain = String(digest.dropFirst("sm3:".count))
                try SealLedger.enterOriginal(mark, digest: plain, occasion: occasion, in: tx)
            }
            return true
        }
        if isFirst { return (file, made) }
        guard let kept = try await kept(credential.id, format) else { throw CredentialError.unknown }
        return kept
    }

    /// Makes a file anew that verifiers refuse through no fault of the licence, as after the theft of a key that stamped
    /// it. The former one stays on record and among the files.
    func remake(_ old: LicenceFile, of credential: Credential, occasion: Occasion) async throws {
        let pressed = try await licences.file(of: credential, old.format, occasion: occasion)
        let made = pressed.bytes
        let new = LicenceFile(
            credential: credential.id,
            format: old.format,
            digest: try await blobs.keep(made),
            madeAt: occasion.now
        )
        try await database.write { tx in
            guard try LicenceFileStore.replace(old, by: new, in: tx) else { return }
            let facts = new.facts(of: credential)
            try Self.attach(new, made.count, of: credential, occasion: occasion, in: tx)
            if let mark = pressed.mark {
                let plain = String(new.digest.dropFirst("sm3:".count))
                try SealLedger.enterOriginal(mark, digest: plain, occasion: occasion, in: tx)
            }
            try AuditLog.append(
                "licence.file-renewed",
                object: new.object,
                before: old.facts(of: credential),
                after: facts,
                occasion: occasion,
                in: tx
            )
            try Outbox.emit(
                "licence.file-renewed",
                object: new.object,
                payload: facts,
                occasion: occasion,
                in: tx
            )
        }
    }

    private static func attach(
        _ file: LicenceFile,
        _ sizeBytes: Int,
        of credential: Credential,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try AttachmentStore.add(
            Attachment(
                digest: file.digest,
                kind: file.format == .ofd ? .ofd : .pdf,
                sizeBytes: sizeBytes,
                name: credential.record.name,
                addedAt: file.madeAt
            ),
            to: file.object,
            by: occasion.actor.id,
            in: tx
        )
    }

    private func kept(_ id: ID<Credential>, _ format: LicencePress.Format) async throws -> (
        file: LicenceFile, bytes: [UInt8]
    )? {
        guard let file = try await find(id, format) else { return nil }
        guard let bytes = try await blobs.read(file.digest) else { throw AttachmentError.noSuchFile }
        return (file, bytes)
    }

    /// What is kept of a licence; nil before its file was made.
    public func find(_ id: ID<Credential>, _ format: LicencePress.Format = .ofd) async throws -> LicenceFile?
    {
        try await database.read { try LicenceFileStore.find(id, format, in: $0) }
    }

    /// Which of several licences have their file, and with it a picture.
    public static func drawn(_ held: [Credential], in reader: any Reader) throws -> Set<ID<Credential>> {
        var drawn: Set<ID<Credential>> = []
        for one in held where one.record.sealCode == nil {
            if try LicenceFileStore.find(one.id, .ofd, in: reader) != nil { drawn.insert(one.id) }
        }
        return drawn
    }

    // MARK: - Showing

    /// How fine a small picture is, in points to the inch: some 300 across a page.
    private static let dpi = 36.0
    private static let picturesMax = 512

    /// The first page of the kept file as a small PNG; nil before the file was made.
    /// - Parameter mark: the state in words, across the page of a licence that does not stand.
    public func picture(of id: ID<Credential>, mark: String?, on day: LocalDate) async throws -> [UInt8]? {
        guard let file = try await find(id) else { return nil }
        let name = "\(file.digest) \(mark ?? "")"
        if let known = pictures.withLock({ $0[name] }) { return known }
        guard let bytes = try await blobs.read(file.digest) else { throw AttachmentError.noSuchFile }
        let package = limits(day).package
        let made = try await press.make { typesetter throws(DocumentError) in
            do {
                let drawing = try OFDDrawing(Package(reading: bytes, limits: package))
                return try drawing.picture(page: 0, dpi: Self.dpi, across: mark, by: typesetter)
            } catch { throw .engine("\(error)") }
        }
        pictures.withLock { pictures in
            if pictures.count >= Self.picturesMax { pictures = [:] }
            pictures[name] = made
        }
        return made
    }
}
