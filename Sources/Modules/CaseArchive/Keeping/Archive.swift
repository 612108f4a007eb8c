public import ArchivePackages
public import Cases
import Cryptography
public import Kernel

/// An archive as the platform keeps it: its signed index, and where its files lie.
public struct Archive: Sendable {
    public enum State: String, Sendable, CaseIterable, Codable {
        case kept
        /// Its files are gone; index, seal and the record of the disposal stay and prove what was there.
        case disposed
    }

    public let id: ID<Archive>
    public let caseID: ID<Case>
    public let index: ArchiveIndex
    public let seal: [UInt8]
    /// Six digits of the region whose authority decided.
    public let region: String
    /// Code of the body that decided: its agency's posts read the archive, and no other's.
    public let body: String
    public let applicant: String
    public let sealedAt: Instant
    /// SM3 of the package file, hexadecimal.
    public let digest: String
    public let sizeBytes: Int
    /// The sealed package among the files of the installation; nil once it is disposed of.
    let package: String?
    /// The log's entry of the sealing.
    public internal(set) var entry: String
    public let state: State
    public let version: Int

    public var object: String { "archive:\(id)" }
    public var number: String { index.number }
    /// What looks into it are logged under, so that they stand beside the other looks at the case.
    public var readObject: String { "case:\(caseID)/archive/\(index.version)" }
    /// What the log's entry of the sealing digested.
    var sealing: JSON {
        var facts = sealingBefore.members
        facts["seal"] = .string(Hex.encode(SM3.digest(seal)))
        return .object(facts)
    }

    /// What was digested before the seal was.
    var sealingBefore: JSON {
        [
            "case": .string(caseID.rawValue), "index": .string(index.digest),
            "number": .string(index.number), "package": .string(digest), "version": JSON(index.version),
        ]
    }

    /// What the log's entry of the disposal digested.
    func disposing(_ words: String, proposedBy: String) -> JSON {
        [
            "index": .string(index.digest), "package": .string(digest), "words": .string(words),
            "proposedBy": .string(proposedBy),
        ]
    }

    /// Its file's name, for whoever takes it away.
    public var fileName: String { "\(number)-\(index.version).zip" }
}

/// An archive that may not be disposed of, whatever its term: a dispute, an inquiry.
public struct ArchiveHold: Sendable {
    public let id: ID<ArchiveHold>
    public let reason: String
    public let by: String
    public let at: Instant
    public let liftedBy: String?
    public let liftedAt: Instant?
    public let liftReason: String?

    public var stands: Bool { liftedAt == nil }
}

/// A proposal to destroy an archive's files, and what became of it.
public struct ArchiveDisposal: Sendable {
    public enum Outcome: String, Sendable, CaseIterable, Codable {
        case proposed, done, refused
    }

    public let id: ID<ArchiveDisposal>
    public let archive: ID<Archive>
    public let reason: String
    public let proposedBy: String
    public let proposedAt: Instant
    public let decidedBy: String?
    public let decidedAt: Instant?
    public let words: String?
    public let outcome: Outcome
}

/// What a list of archives is narrowed by.
public struct ArchiveSearch: Sendable {
    /// Region codes from the first up to, not with, the second.
    public var low: String
    public var high: String
    public var item: String?
    /// Of the closing.
    public var year: Int?

    public init(low: String, high: String, item: String? = nil, year: Int? = nil) {
        self.low = low
        self.high = high
        self.item = item
        self.year = year
    }
}
