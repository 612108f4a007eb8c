public import Audit
import Cryptography
public import Documents
import ElectronicSeals
public import Kernel

/// What an archive proves, found out without asking anybody.
public struct ArchiveVerdict: Hashable, Sendable {
    /// Nil when there is none that can be read.
    public let index: ArchiveIndex?
    /// Empty when everything is as it was sealed.
    public let problems: [ArchiveProblem]
    /// Who sealed it; nil when nobody is known to have.
    public let archivist: String?
    /// When it was sealed at the latest.
    public let sealedAt: Instant?
    /// How many further time stamps lie over it.
    public let renewals: Int
    /// What these and the seal's own prove; nil when they do not.
    public let stamps: ArchiveStamps.Proof?
    /// The log's head under which all entries lie, and how many these are.
    public let head: SignedHead?
    public let entries: Int
    /// Of these, how many a copy tells by their digests only.
    public let withheldEntries: Int
    /// Files that a copy leaves out, by the archive's own word.
    public let withheld: [String]

    public var isValid: Bool { problems.isEmpty }
}

/// Checks archives offline, in the order of Docs/formats/archive.md, section 5.
public struct ArchiveVerifier: Sendable {
    private let trust: ArchiveTrust

    public init(_ trust: ArchiveTrust) { self.trust = trust }

    public func verify(_ bytes: [UInt8], limits: PackageLimits) -> ArchiveVerdict {
        let archive: ArchivePackage
        do { archive = try ArchivePackage(file: bytes, limits: limits) } catch {
            return ArchiveVerdict(
                index: nil,
                problems: [error],
                archivist: nil,
                sealedAt: nil,
                renewals: 0,
                stamps: nil,
                head: nil,
                entries: 0,
                withheldEntries: 0,
                withheld: []
            )
        }
        var problems: [ArchiveProblem] = []
        var proof: ArchiveSeal.Proof?
        var stamps: ArchiveStamps.Proof?
        do throws(ArchiveProblem) {
            let text = archive.index.bytes
            proof = try archive.seal.check(text, as: ArchiveIndex.format, trust) {
                () throws(ArchiveProblem) in
                let found = try self.stamps(archive)
                stamps = found
                return found.at
            }
        } catch { problems.append(error) }
        let withheld = withheld(archive, proof, &problems)
        problems += files(archive, without: Set(withheld))
        let log = log(archive, by: proof?.at ?? trust.latest, &problems)
        // Asked last: it says nothing new of a package in which something else is wrong.
        if problems.isEmpty, (try? archive.file()) != bytes { problems.append(.wrapping) }
        return ArchiveVerdict(
            index: archive.index,
            problems: problems,
            archivist: proof?.archivist.subject.organization,
            sealedAt: proof?.at,
            renewals: archive.renewals.count,
            stamps: stamps,
            head: log?.head,
            entries: log?.lines.count ?? 0,
            withheldEntries: log?.withheldCount ?? 0,
            withheld: withheld
        )
    }

    private func stamps(_ archive: ArchivePackage) throws(ArchiveProblem) -> ArchiveStamps.Proof {
        try archive.stamps.check(
            trust,
            content: archive.content,
            // The log's entries in a copy are others than those that were stamped.
            isGiven: { !archive.givesOtherLog || $0 != ArchivePackage.logPath }
        )
    }

    /// What a copy may lack: what the archive says it left out, which may be nothing but what is for bodies only.
    private func withheld(
        _ archive: ArchivePackage,
        _ proof: ArchiveSeal.Proof?,
        _ problems: inout [ArchiveProblem]
    ) -> [String] {
        guard let excerpt = archive.excerpt else { return [] }
        let paths = archive.index.files.filter { $0.access == .body }.map(\.path)
        let log = excerpt.reducesLog ? archive.content(ArchivePackage.logPath) : nil
        let kind =
            log == nil ? ArchivePackage.Excerpt.wholeLogFormat : ArchivePackage.Excerpt.format
        guard excerpt.text == ArchivePackage.Excerpt.text(leaving: paths, of: archive.index, log: log),
            let given = try? excerpt.seal.check(excerpt.text, as: kind, trust),
            given.archivist.subject == proof?.archivist.subject
        else {
            problems.append(.excerpt)
            return []
        }
        return paths
    }

    private func files(_ archive: ArchivePackage, without withheld: Set<String>) -> [ArchiveProblem] {
        var problems: [ArchiveProblem] = []
        for file in archive.index.files where !withheld.contains(file.path) {
            guard let bytes = archive.content(file.path) else {
                problems.append(.fileMissing(file.path))
                continue
            }
            // The digest of the log's entries in a copy is in the archive's word for it.
            if archive.givesOtherLog, file.path == ArchivePackage.logPath { continue }
            if bytes.count != file.size || Hex.encode(SM3.digest(bytes)) != file.digest {
                problems.append(.fileChanged(file.path))
            }
        }
        for path in archive.paths where archive.index.file(path) == nil || withheld.contains(path) {
            problems.append(.fileAdded(path))
        }
        return problems
    }

    /// The entries of the log: all in it, all about this matter, and each thing that the archive holds known to it.
    /// - Parameter time: when the archive's time stamp proves that the head was there.
    private func log(
        _ archive: ArchivePackage,
        by time: Instant,
        _ problems: inout [ArchiveProblem]
    ) -> LogExtract? {
        guard let bytes = archive.content(ArchivePackage.logPath) else {
            // Its absence is a missing file, or there is no log in the index.
            if archive.index.file(ArchivePackage.logPath) == nil {
                problems.append(.fileMissing(ArchivePackage.logPath))
            }
            return nil
        }
        guard let extract = LogExtract(file: bytes) else {
            problems.append(.log(.format, entry: nil))
            return nil
        }
        let log = LogTrust(anchors: trust.anchors, revocation: trust.revocation, asked: time)
        if let found = extract.problem(log, latest: trust.latest) {
            problems.append(.log(found.problem, entry: found.sequence))
            return nil
        }
        let objects = Set(archive.index.objects)
        var spoken: Set<String> = []
        for line in extract.lines {
            guard let entry = line.entry.flatMap(AuditEntry.init(bytes:)) else { continue }
            spoken.insert(entry.object)
            if !objects.contains(entry.object) { problems.append(.foreignEntry(line.sequence)) }
            // A withheld file is not here to be compared; its digest in the index is.
            if let disclosed = line.disclosed, let content = archive.content(disclosed.name),
                !disclosed.stands(for: content, in: entry)
            {
                problems.append(.otherContent(line.sequence))
            }
        }
        guard archive.givesOtherLog || extract.withheldCount == 0 else {
            problems.append(.log(.format, entry: nil))
            return nil
        }
        // What only withheld entries speak of is not told.
        for object in archive.index.objects where !archive.givesOtherLog && !spoken.contains(object) {
            problems.append(.logSilent(object))
        }
        return extract
    }
}
