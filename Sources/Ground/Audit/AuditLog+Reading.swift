public import Kernel
public import Storage

extension AuditLog {
    /// Who looked at a person's data, when and why: the answer to 谁查过我的信息 (个人信息保护法, articles 44 and 45).
    /// The latest first; `subject` is the identifier of the person.
    public static func whoRead(_ subject: String, limit: Int = 200, in reader: any Reader) throws
        -> [AuditLine]
    { try AuditStore.entries(of: subject, limit: limit, in: reader) }

    /// What was done to a thing, in order, as far as it can be read: for whoever looks for one act among them. What
    /// cannot be read is named by the verification, by `search` and by `whoRead`.
    public static func history(of object: String, limit: Int = 1_000, in reader: any Reader) throws
        -> [AuditEntry]
    { try AuditStore.entries(about: object, limit: limit, in: reader).compactMap(\.entry) }

    /// What was done to a thing, in order, with what shows whether content is what an entry digested.
    public static func kept(about object: String, in reader: any Reader) throws -> [KeptEntry] {
        try AuditStore.salted(about: object, in: reader).map {
            KeptEntry(entry: try entry($0.bytes), salt: $0.salt)
        }
    }

    /// Objects that the log knows below another one, such as the files of a case: `case:01J…/…`.
    public static func parts(of object: String, limit: Int, in reader: any Reader) throws -> [String] {
        try AuditStore.objects("\(object)/", after: "", limit: limit, in: reader)
    }

    /// The sealed entries from number `sequence` on: the change feed, in commit order, nothing skipped.
    public static func entries(
        from sequence: Int64,
        limit: Int,
        in reader: any Reader
    ) throws -> [(sequence: Int64, entry: AuditEntry)] {
        try AuditStore.sealed(from: sequence, limit: limit, in: reader).map {
            ($0.sequence, try entry($0.bytes))
        }
    }

    /// The latest signed heads, the largest first, for everybody to compare: two people who were shown different logs have
    /// heads that contradict each other.
    /// - Parameter size: only heads over fewer entries than this; nil for the latest.
    public static func heads(below size: Int64? = nil, limit: Int, in reader: any Reader) throws
        -> [SignedHead]
    {
        // One that is none is for the verification to name.
        try HeadStore.below(size ?? .max, limit: limit, in: reader).filter {
            Hex.decode($0.root)?.count == 32 && !$0.signature.isEmpty
        }
    }

    /// Makes the digests of a thing's entries meaningless when its personal data are deleted (个人信息保护法,
    /// article 47). The entries and the tree stay whole.
    @discardableResult
    public static func forget(_ object: String, in tx: any Transaction) throws -> Int {
        try AuditStore.eraseSalts(of: object, in: tx)
    }

    /// When the oldest unsealed entry was written, or nil when all are sealed.
    public static func oldestUnsealed(in reader: any Reader) throws -> Instant? {
        try AuditStore.oldestUnsealed(in: reader)
    }

    /// Entries that have no sequence yet, which no verification of the log speaks of, and when the oldest was written.
    public static func waiting(in reader: any Reader) throws -> (count: Int64, oldest: Instant?) {
        (try AuditStore.unsealedCount(in: reader), try oldestUnsealed(in: reader))
    }

    /// The readiness check: false when an entry has waited for its seal longer than the design allows, 60 s
    /// (Docs/formats/log.md §3).
    public static func isSealing(
        now: Instant,
        waitMax: Int64 = Instant.minute,
        in reader: any Reader
    ) throws -> Bool {
        isSealing(oldest: try oldestUnsealed(in: reader), now: now, waitMax: waitMax)
    }

    /// The same of what was read before.
    public static func isSealing(oldest: Instant?, now: Instant, waitMax: Int64 = Instant.minute) -> Bool {
        oldest.map { now - $0 <= waitMax } ?? true
    }

    /// When the oldest entry was written that has no sequence yet, and the oldest that no head covers.
    public static func ages(in reader: any Reader) throws -> (unsealed: Instant?, unsigned: Instant?) {
        let covered = try HeadStore.latest(in: reader)?.size ?? 0
        return (try oldestUnsealed(in: reader), try AuditStore.oldestAfter(covered, in: reader))
    }

    static func entry(_ text: String) throws -> AuditEntry {
        guard let entry = AuditEntry(bytes: Array(text.utf8)) else { throw AuditError.damaged }
        return entry
    }
}

/// An entry where it stands in the log. One that cannot be read stands there all the same: it is shown as that, and hides
/// none of the others.
public struct AuditLine: Hashable, Sendable {
    /// Its number; nil while it waits for one, or when that is none.
    public let sequence: Int64?
    /// Nil when it cannot be read.
    public let entry: AuditEntry?

    /// - Parameter row: number and bytes.
    init(_ row: Row) {
        sequence = (try? row.optionalInteger(0)) ?? nil
        entry = (try? row.text(1)).flatMap { AuditEntry(bytes: Array($0.utf8)) }
    }
}

/// An entry with its salt.
public struct KeptEntry: Sendable {
    public let entry: AuditEntry
    let salt: [UInt8]?

    /// Whether the entry digested exactly this as what came out of the act. Never once the salt is erased.
    public func stands(for content: JSON) -> Bool {
        guard let salt, let after = entry.after else { return false }
        return after == AuditEntry.digest(of: content, salt: salt)
    }
}
