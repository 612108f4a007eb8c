public import ArchivePackages
public import Attachments
import Audit
public import Cases
public import Cryptography
public import Documents
public import Identity
import Jobs
public import Kernel
public import Storage

/// Where archives are kept: found, opened for a purpose, copied for whoever asked for the matter.
public struct Archives: Sendable {
    let database: any Database
    let blobs: BlobStore
    /// Packages rest sealed: they hold in clear what the database keeps in sealed columns.
    let box: SealedBox
    let schedule: RetentionSchedule
    /// How large an archive may be, on a day.
    let limits: @Sendable (LocalDate) -> PackageLimits
    /// Holds the archiving key of whoever runs the installation.
    let archivist: @Sendable (Instant) throws -> Archivist
    /// Whom the platform's own verification trusts, at a moment, by everything that was revoked until then.
    let trust: @Sendable (Instant, any Reader) throws -> ArchiveTrust
    let press: DocumentPress
    /// Whose data a case's form holds, as far as they are known here.
    let people: @Sendable (Case, LocalDate, any Reader) throws -> [String]

    public init(
        database: any Database,
        blobs: BlobStore,
        box: SealedBox,
        schedule: RetentionSchedule,
        limits: @escaping @Sendable (LocalDate) -> PackageLimits,
        archivist: @escaping @Sendable (Instant) throws -> Archivist,
        trust: @escaping @Sendable (Instant, any Reader) throws -> ArchiveTrust,
        press: DocumentPress,
        people: @escaping @Sendable (Case, LocalDate, any Reader) throws -> [String]
    ) {
        self.database = database
        self.blobs = blobs
        self.box = box
        self.schedule = schedule
        self.limits = limits
        self.archivist = archivist
        self.trust = trust
        self.press = press
        self.people = people
    }

    // MARK: - Finding

    public func find(_ id: ID<Archive>, in reader: any Reader) throws -> Archive? {
        try ArchiveStore.find(id, in: reader)
    }

    /// All packages of a case, the first first.
    public func of(_ id: ID<Case>, in reader: any Reader) throws -> [Archive] {
        try ArchiveStore.of(id, in: reader)
    }

    public func numbered(_ number: String, in reader: any Reader) throws -> [Archive] {
        try ArchiveStore.numbered(number, in: reader)
    }

    /// The latest closed first.
    public func list(_ search: ArchiveSearch, limit: Int, in reader: any Reader) throws -> [Archive] {
        try ArchiveStore.list(search, limit: limit, in: reader)
    }

    /// Every look into an archive, in order: who it is by post and body, when and what for.
    public func reads(of archive: Archive, in reader: any Reader) throws -> [DataRead] {
        try DataReads.about(archive.readObject, in: reader)
    }

    /// How far the archive of a closed case is.
    public enum Progress: Sendable {
        /// Nothing is to be made: the case goes on, or was never handed in.
        case none
        case waits(until: Instant)
        case running
        case failed(why: String)
        case made([Archive])
    }

    public func progress(of subject: Case, in reader: any Reader) throws -> Progress {
        let made = try ArchiveStore.of(subject.id, in: reader)
        guard made.isEmpty else { return .made(made) }
        guard let closed = subject.completedAt ?? (subject.state.isFinal ? subject.decidedAt : nil),
            let job = try Jobs.find(
                kind: ArchiveWork.kindName,
                key: ArchiveWork.key(subject.id, closed: closed),
                in: reader
            )
        else { return .none }
        switch job.state {
        case .waiting: return .waits(until: job.due)
        case .running, .done: return .running
        case .dead: return .failed(why: job.why ?? "")
        case .cancelled: return .none
        }
    }

    // MARK: - Opening

    /// The package file, for a purpose that the people concerned are told.
    public func take(_ archive: Archive, purpose: String, occasion: Occasion) async throws -> [UInt8] {
        guard purpose.contains(where: { !$0.isWhitespace }) else { throw ArchiveError.purposeMissing }
        let bytes = try await file(archive)
        let subject = try await database.read { try CaseStore.find(archive.caseID, in: $0) }
        let (people, day) = (people, occasion.now.date)
        let concerned = try await database.read { try people(subject, day, $0) }
        let told = occasion.because(purpose)
        for person in Set(concerned).union([archive.applicant]).sorted() {
            try await database.write { tx in
                _ = try AuditLog.read(
                    "archive.read",
                    object: archive.readObject,
                    of: person,
                    occasion: told,
                    in: tx
                )
            }
        }
        return bytes
    }

    /// A copy for whoever asked for the matter, without what is for bodies only and the log's entries on what others did.
    public func copy(_ archive: Archive, occasion: Occasion) async throws -> [UInt8] {
        let whole = try Self.package(try await file(archive), archive)
        let copy = try whole.excerpt(
            for: archive.applicant,
            by: archivist(occasion.now),
            now: occasion.now
        ).file()
        try await database.write { tx in
            try AuditLog.append(
                "archive.copy-given",
                object: archive.readObject,
                after: ["digest": .string(Hex.encode(SM3.digest(copy)))],
                occasion: occasion,
                in: tx
            )
        }
        return copy
    }

    /// Whether the kept package is as it was sealed.
    public func check(_ archive: Archive, now: Instant) async throws -> ArchiveVerdict {
        let bytes = try await file(archive)
        let trust = trust
        let verifier = ArchiveVerifier(try await database.read { try trust(now, $0) })
        let limits = limits(now.date)
        return try await press.make { _ in verifier.verify(bytes, limits: limits) }
    }

    /// The bytes of the package with the time stamps that were laid over it since it was sealed, read by the platform
    /// itself.
    /// - Throws: `ArchiveError.disposed`, `.damaged`.
    public func file(_ archive: Archive) async throws -> [UInt8] {
        let kept = try await kept(archive)
        let renewals = try await database.read { try RenewalStore.of(archive.id, in: $0) }
        guard !renewals.isEmpty else { return kept }
        return try Self.package(kept, archive).renewed(by: renewals.map(\.renewal)).file()
    }

    /// What was kept reads as what it was when it was sealed: its size is the only limit.
    static func package(_ bytes: [UInt8], _ archive: Archive) throws -> ArchivePackage {
        try ArchivePackage(
            file: bytes,
            limits: PackageLimits(
                sizeBytesMax: bytes.count,
                unpackedBytesMax: bytes.count,
                entriesMax: archive.index.files.count + 8,
                nameBytesMax: .max,
                ratioMax: 1,
                signaturesMax: 1
            )
        )
    }

    /// The bytes of the package as it was sealed.
    func kept(_ archive: Archive) async throws -> [UInt8] {
        guard let package = archive.package else { throw ArchiveError.disposed }
        guard let sealed = try await blobs.read(package) else { throw ArchiveError.damaged }
        let bytes = try box.open(sealed, label: archive.object)
        guard Hex.encode(SM3.digest(bytes)) == archive.digest else { throw ArchiveError.damaged }
        return bytes
    }

    /// Keeps a package: sealed bytes in the folder first, then its row, which names them.
    func keep(
        _ package: ArchivePackage,
        of subject: Case,
        occasion: Occasion
    ) async throws -> Archive {
        let bytes = try package.file()
        let most = limits(occasion.now.date).sizeBytesMax
        guard bytes.count <= most else { throw ArchiveError.tooLarge(megabytes: most / 1_048_576) }
        let id: ID<Archive> = occasion.newID()
        let object = "archive:\(id)"
        let sealed = try box.seal(bytes, label: object, entropy: occasion.entropy)
        let place = try await blobs.keep(sealed)
        let digest = Hex.encode(SM3.digest(bytes))
        let trust = trust
        return try await database.write { tx in
            // Another node was faster, or another closing of the case took the number: then it is composed anew after that.
            let known = try ArchiveStore.of(subject.id, in: tx)
            if let made = known.first(where: {
                $0.index.matter.closedAt == package.index.matter.closedAt
            }) {
                return made
            }
            guard !known.contains(where: { $0.index.version == package.index.version }) else {
                throw ArchiveOvertaken()
            }
            var archive = Archive(
                id: id,
                caseID: subject.id,
                index: package.index,
                seal: package.seal.bytes,
                region: subject.region,
                body: subject.agency,
                applicant: subject.applicant,
                sealedAt: occasion.now,
                digest: digest,
                sizeBytes: bytes.count,
                package: place,
                entry: "",
                state: .kept,
                version: 1
            )
            archive.entry = try AuditLog.append(
                ArchiveStamps.sealed,
                object: object,
                after: archive.sealing,
                occasion: occasion,
                in: tx
            ).id.rawValue
            try ArchiveStore.insert(archive, in: tx)
            if let standing = package.stamps.standing(try trust(occasion.now, tx)) {
                try RenewalStore.setStanding(of: id, standing, in: tx)
            }
            let file = Attachment(
                digest: place,
                kind: .sealed,
                sizeBytes: sealed.count,
                name: archive.number,
                addedAt: occasion.now
            )
            try AttachmentStore.add(file, to: object, by: occasion.actor.id, in: tx)
            try Outbox.emit(
                "archive.sealed",
                object: object,
                payload: ["archive": .string(archive.number), "case": .string(subject.id.rawValue)],
                occasion: occasion,
                in: tx
            )
            return archive
        }
    }
}

/// Another package of the same case was kept while this one was made.
struct ArchiveOvertaken: Error {}
