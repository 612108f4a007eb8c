public import Kernel
public import Storage

/// Which entries of the log are looked for. What is nil does not narrow; at least one of the first three, or a time,
/// should be given.
public struct AuditSearch: Sendable {
    /// Identifier of an account, a party or a part of the platform.
    public var actor: String?
    /// `case:01J…`
    public var object: String?
    /// Identifier of the account of the person whose data were read.
    public var subject: String?
    public var from: Instant
    public var until: Instant
    /// Only entries with a smaller number: the next page.
    public var before: Int64?

    public init(
        actor: String? = nil,
        object: String? = nil,
        subject: String? = nil,
        from: Instant,
        until: Instant,
        before: Int64? = nil
    ) {
        self.actor = actor
        self.object = object
        self.subject = subject
        self.from = from
        self.until = until
        self.before = before
    }

    /// What is written into the log about the search itself.
    public var logged: JSON {
        [
            "actor": JSON(actor), "object": JSON(object), "subject": JSON(subject),
            "from": JSON(from.milliseconds), "until": JSON(until.milliseconds),
        ]
    }
}

/// One page of what was found, the latest first.
public struct AuditFound: Sendable {
    public let entries: [(sequence: Int64, entry: AuditEntry)]
    /// Where the next page begins; nil when everything was looked at.
    public let next: Int64?
}

extension AuditLog {
    /// Entries looked at in one go: a search by actor or time reads them one by one.
    private static let lookedAtMax: Int64 = 20_000

    /// Sealed entries that fit, the latest first.
    public static func search(_ search: AuditSearch, limit: Int, in reader: any Reader) throws -> AuditFound {
        let end = min(search.before ?? .max, try AuditStore.sealedRows(in: reader).last + 1)
        // With an index on what is looked for there is no need to stop.
        let isIndexed = search.object != nil || search.subject != nil
        let start = isIndexed ? 0 : max(0, end - lookedAtMax)
        let rows = try AuditStore.search(search, from: start, until: end, limit: limit + 1, in: reader)
        let entries: [(sequence: Int64, entry: AuditEntry)] = try rows.prefix(limit).map { row in
            (sequence: row.sequence, entry: try entry(row.bytes))
        }
        let next: Int64? = rows.count > limit ? entries.last?.sequence : start > 0 ? start : nil
        return AuditFound(entries: entries, next: next)
    }
}
