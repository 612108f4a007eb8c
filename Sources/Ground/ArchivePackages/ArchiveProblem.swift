public import Audit
public import Cryptography
public import ElectronicSeals

/// What is wrong with an archive. Codes are stable: `verdict.<code>` is the message in each language.
public enum ArchiveProblem: Error, Hashable, Sendable {
    /// The ZIP file itself.
    case package(VerificationProblem)
    /// There is no index, or it is not written as one.
    case indexFormat
    /// There is no seal, or it is not written as one.
    case sealFormat
    /// The index is not what was sealed, or another key sealed it.
    case signature
    case timestamp
    case certificate(ChainProblem)
    /// The certificate is good, but not one that seals archives.
    case notAnArchive
    case fileChanged(String)
    case fileMissing(String)
    case fileAdded(String)
    /// Bytes of the ZIP file that no digest covers are not those that the entries give.
    case wrapping
    /// What a copy left out is not stated by the archive, or not as it is.
    case excerpt
    /// The extract of the log is none, or does not lead to its head.
    case log(ReceiptProblem, entry: Int64?)
    /// An entry speaks of something that is not in this archive.
    case foreignEntry(Int64)
    /// An entry digested something else than the file that it names.
    case otherContent(Int64)
    /// The log knows of nothing that the index says is in it.
    case logSilent(String)
    /// A renewal of the time stamps, by its number: not written as one.
    case renewalFormat(Int)
    /// It is not the next one: one is missing or they are in another order.
    case renewalMissing(Int)
    /// It is older than the stamp before it.
    case renewalOrder(Int)
    /// It stamps other bytes than the index, the seal, the files and the renewals before.
    case renewalOther(Int)
    /// Its time stamp is of something else, of nobody trusted, or from the future.
    case renewalStamp(Int)
    /// The stamp before it counted no more, and the log does not prove that the archive was there while it did.
    case renewalLate(Int)
    /// The log's receipt is none, or not of this archive.
    case renewalProof(Int)
    /// Whoever gave the last stamp was revoked so that no stamp of his counts.
    case stampTakenBack

    public var code: String {
        switch self {
        case .package(let problem): "class.\(problem.kind.rawValue)"
        case .indexFormat: "archive.index"
        case .sealFormat: "archive.seal-format"
        case .signature: "archive.signature"
        case .timestamp: "archive.timestamp"
        case .certificate: "archive.certificate"
        case .notAnArchive: "archive.not-an-archive"
        case .fileChanged: "archive.file-changed"
        case .fileMissing: "archive.file-missing"
        case .fileAdded: "archive.file-added"
        case .wrapping: "archive.wrapping"
        case .excerpt: "archive.excerpt"
        case .log: "archive.log"
        case .foreignEntry: "archive.foreign-entry"
        case .otherContent: "archive.other-content"
        case .logSilent: "archive.log-silent"
        case .renewalFormat: "archive.renewal-format"
        case .renewalMissing: "archive.renewal-missing"
        case .renewalOrder: "archive.renewal-order"
        case .renewalOther: "archive.renewal-other"
        case .renewalStamp: "archive.renewal-stamp"
        case .renewalLate: "archive.renewal-late"
        case .renewalProof: "archive.renewal-proof"
        case .stampTakenBack: "archive.stamp-taken-back"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .package(let problem): ["place": problem.place]
        case .fileChanged(let path), .fileMissing(let path), .fileAdded(let path): ["path": path]
        case .certificate(let problem): ["problem": problem.rawValue]
        case .log(let problem, let entry):
            ["problem": problem.code, "entry": entry.map { String($0) } ?? "—"]
        case .foreignEntry(let entry), .otherContent(let entry): ["entry": String(entry)]
        case .logSilent(let object): ["object": object]
        case .renewalFormat(let number), .renewalMissing(let number), .renewalOrder(let number),
            .renewalOther(let number), .renewalStamp(let number), .renewalLate(let number),
            .renewalProof(let number):
            ["number": String(number)]
        case .indexFormat, .sealFormat, .signature, .timestamp, .notAnArchive, .wrapping, .excerpt,
            .stampTakenBack:
            [:]
        }
    }
}
