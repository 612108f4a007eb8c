import Audit
public import Cryptography
public import Documents
import ElectronicSeals
public import Kernel

/// A file that goes into an archive, with its bytes.
public struct ArchiveItem: Hashable, Sendable {
    public let file: ArchiveFile
    public let bytes: [UInt8]

    public init(
        _ path: String,
        kind: String,
        name: String,
        access: ArchiveFile.Access,
        date: Instant,
        body: String,
        bytes: [UInt8]
    ) {
        file = ArchiveFile(path, kind: kind, name: name, access: access, date: date, body: body, bytes: bytes)
        self.bytes = bytes
    }
}

/// The sealed package of a closed matter: index, seal, and every file, in a ZIP that deflates nothing.
public struct ArchivePackage: Hashable, Sendable {
    public let index: ArchiveIndex
    public let seal: ArchiveSeal
    /// Further time stamps over it, the first first.
    public let renewals: [ArchiveRenewal]
    /// What a copy leaves out, and the archive's word for it; nil for the whole.
    let excerpt: Excerpt?
    /// By path.
    private let contents: [PackageEntry]

    /// What the archive states of a copy that it gave out.
    struct Excerpt: Hashable, Sendable {
        static let format = "suban-archive-excerpt-2"
        /// Of copies from before entries of the log were withheld.
        static let wholeLogFormat = "suban-archive-excerpt-1"
        static let name = "excerpt.json"
        static let sealName = "excerpt.seal"

        /// Canonical JSON: SM3 of the index and of the log's entries as they are in the copy, and the paths of the files
        /// that were left out, sorted.
        let text: [UInt8]
        let seal: ArchiveSeal

        /// - Parameter log: the log's entries in the copy; nil when they are those of the whole.
        static func text(leaving paths: [String], of index: ArchiveIndex, log: [UInt8]?) -> [UInt8] {
            var text: JSON = [
                "format": .string(log == nil ? wholeLogFormat : format), "index": .string(index.digest),
                "withheld": .array(paths.sorted().map(JSON.string)),
            ]
            if let log { text["log"] = .string(Hex.encode(SM3.digest(log))) }
            return text.canonicalBytes
        }

        /// Whether the log's entries in the copy are others than in the whole.
        var reducesLog: Bool {
            (try? JSON.read(text, depthMax: 2, sizeBytesMax: 4_194_304))?["format"].text == Self.format
        }
    }

    /// Where the log's entries lie.
    public static let logPath = "log/entries.json"
    /// Where that lies which the applicant's page tells of the course.
    public static let historyPath = "history/history.json"

    /// Seals files under an index that lists them.
    public init(_ index: ArchiveIndex, _ items: [ArchiveItem], by archivist: Archivist, now: Instant)
        throws(CryptographyError)
    {
        self.index = index
        contents = items.sorted { $0.file.path < $1.file.path }.map { PackageEntry($0.file.path, $0.bytes) }
        seal = try archivist.seal(index.bytes, as: ArchiveIndex.format, now: now)
        renewals = []
        excerpt = nil
    }

    private init(
        _ whole: ArchivePackage,
        _ contents: [PackageEntry],
        _ excerpt: Excerpt?,
        _ renewals: [ArchiveRenewal]
    ) {
        index = whole.index
        seal = whole.seal
        self.renewals = renewals
        self.contents = contents
        self.excerpt = excerpt
    }

    /// The same with the further time stamps that were laid over it since it was sealed.
    public func renewed(by renewals: [ArchiveRenewal]) -> ArchivePackage {
        ArchivePackage(self, contents, excerpt, renewals)
    }

    var pathContents: [ArchiveRenewal.PathContent] {
        contents.map { ArchiveRenewal.PathContent(path: $0.name, bytes: $0.bytes) }
    }

    /// The way of its time stamps.
    public var stamps: ArchiveStamps { ArchiveStamps(index, seal, renewals) }

    /// A copy for whoever asked for the matter: without what is for bodies only, and without the log's entries on what
    /// others did (Docs/formats/archive.md, section 3). The index stays whole, so that he sees what there is besides.
    /// - Parameter applicant: as the log names him.
    public func excerpt(for applicant: String, by archivist: Archivist, now: Instant)
        throws(CryptographyError) -> ArchivePackage
    {
        let withheld = index.files.filter { $0.access == .body }.map(\.path)
        let log = content(Self.logPath).flatMap(LogExtract.init(file:)).map {
            $0.reduced(to: isGiven(to: applicant), showing: { !withheld.contains($0) }).file
        }
        let text = Excerpt.text(leaving: withheld, of: index, log: log)
        let given = contents.compactMap { entry -> PackageEntry? in
            guard !withheld.contains(entry.name) else { return nil }
            guard entry.name == Self.logPath, let log else { return entry }
            return PackageEntry(Self.logPath, log)
        }
        return ArchivePackage(
            self,
            given,
            Excerpt(
                text: text,
                seal: try archivist.seal(
                    text,
                    as: log == nil ? Excerpt.wholeLogFormat : Excerpt.format,
                    now: now
                )
            ),
            renewals
        )
    }

    /// What he did himself, and what the platform did in a moment of which his own page tells.
    private func isGiven(to applicant: String) -> (AuditEntry) -> Bool {
        let history = content(Self.historyPath).flatMap {
            try? JSON.read($0, depthMax: 8, sizeBytesMax: 33_554_432)
        }
        let told = Set((history ?? nil)?.elements.compactMap { $0["at"].int } ?? [])
        return { entry in
            if entry.actor.kind != .platform { return entry.actor.id == applicant }
            return entry.outcome == .done && told.contains(entry.at.milliseconds)
        }
    }

    /// The bytes of the package file.
    public func file() throws(DocumentError) -> [UInt8] { try Package(entries).zipped(isStored: true) }

    /// In the order in which they are packed.
    private var entries: [PackageEntry] {
        var entries = [
            PackageEntry(ArchiveIndex.name, index.bytes), PackageEntry(ArchiveSeal.name, seal.bytes),
        ]
        if !renewals.isEmpty {
            entries.append(PackageEntry(ArchiveRenewals.name, ArchiveRenewals.bytes(renewals)))
        }
        if let excerpt {
            entries += [
                PackageEntry(Excerpt.name, excerpt.text),
                PackageEntry(Excerpt.sealName, excerpt.seal.bytes),
            ]
        }
        return entries + contents
    }

    /// A file of the package.
    public func content(_ path: String) -> [UInt8]? { contents.first { $0.name == path }?.bytes }

    var paths: [String] { contents.map(\.name) }

    /// Whether the log's entries are those of a copy.
    var givesOtherLog: Bool { excerpt?.reducesLog ?? false }

    /// Whether a file begins as an archive does: a ZIP file whose first entry is the index.
    public static func isLikely(_ bytes: [UInt8]) -> Bool {
        // The local header (APPNOTE 4.3.7) is of 30 bytes, then comes the name.
        Package.isLikely(bytes) && bytes.dropFirst(30).starts(with: ArchiveIndex.name.utf8)
    }

    /// What `file()` wrote, or what somebody made of it.
    private init(reading package: Package) throws(ArchiveProblem) {
        func bytes(_ name: String) -> [UInt8]? { package.entries.first { $0.name == name }?.bytes }
        guard let index = bytes(ArchiveIndex.name).flatMap({ ArchiveIndex(bytes: $0) }) else {
            throw .indexFormat
        }
        guard let seal = bytes(ArchiveSeal.name).flatMap({ ArchiveSeal(bytes: $0) }) else {
            throw .sealFormat
        }
        self.index = index
        self.seal = seal
        var own: Set = [ArchiveIndex.name, ArchiveSeal.name, ArchiveRenewals.name]
        if let text = bytes(ArchiveRenewals.name) {
            guard let read = ArchiveRenewals.read(text) else { throw .renewalFormat(1) }
            renewals = read
        } else {
            renewals = []
        }
        if let text = bytes(Excerpt.name) {
            guard let seal = bytes(Excerpt.sealName).flatMap({ ArchiveSeal(bytes: $0) }) else {
                throw .excerpt
            }
            excerpt = Excerpt(text: text, seal: seal)
            own.formUnion([Excerpt.name, Excerpt.sealName])
        } else {
            excerpt = nil
        }
        // In the order in which they are packed: another one is another file.
        contents = package.entries.filter { !own.contains($0.name) }.sorted { $0.name < $1.name }
    }

    /// Reads the bytes of a package file within limits.
    public init(file bytes: [UInt8], limits: PackageLimits) throws(ArchiveProblem) {
        let package: Package
        do { package = try Package(reading: bytes, limits: limits) } catch { throw .package(error) }
        try self.init(reading: package)
    }
}
