public import Kernel
public import Storage

/// Which entries of the log are looked for. What is nil does not narrow; at least one of the first three, or a time,
/// should be given.
public struct AuditSearch: Sendable {
    /// Identifiers of a person, a member of staff, a party or a part of the platform: any of these; empty for all.
    public var actors: [String]
    /// `case:01J…`: any of these, and what belongs to them (`case:01J…/files/…`); empty for all.
    public var objects: [String]
    /// Identifier of the person whose data were read.
    public var subject: String?
    public var from: Instant
    public var until: Instant
    /// Only entries with a smaller number: the next page.
    public var before: Int64?

    /// What one typed word may stand for.
    public static let namesMax = 3

    public init(
        actors: [String] = [],
        objects: [String] = [],
        subject: String? = nil,
        from: Instant,
        until: Instant,
        before: Int64? = nil
    ) {
        precondition(actors.count <= Self.namesMax && objects.count <= Self.namesMax, "bind them all")
        self.actors = actors
        self.objects = objects
        self.subject = subject
        self.from = from
        self.until = until
        self.before = before
    }

    /// What is written into the log about the search itself.
    public var logged: JSON {
        [
            "actors": .array(actors.map(JSON.string)), "objects": .array(objects.map(JSON.string)),
            "subject": JSON(subject),
            "from": JSON(from.milliseconds), "until": JSON(until.milliseconds),
        ]
    }
}

/// One page of what was found, the latest first.
public struct AuditFound: Sendable {
    public let entries: [AuditLine]
    /// Where the next page begins; nil when everything was looked at.
    public let next: Int64?
}

extension AuditLog {
    /// Sealed entries that fit, the latest first.
    /// - Parameter look: entries looked at in one go, where a search by actor or time reads them one by one.
    public static func search(_ search: AuditSearch, limit: Int, look: Int, in reader: any Reader) throws
        -> AuditFound
    {
        let last = try AuditStore.ends(in: reader)?.last ?? -1
        let end = min(search.before ?? .max, last == .max ? .max : last + 1)
        // With an index on what is looked for there is no need to stop.
        let isIndexed = !search.objects.isEmpty || search.subject != nil
        let start = isIndexed ? 0 : max(0, end - Int64(look))
        let rows = try AuditStore.search(search, from: start, until: end, limit: limit + 1, in: reader)
        let entries = Array(rows.prefix(limit))
        if rows.count > limit {
            return AuditFound(entries: entries, next: entries.compactMap(\.sequence).last)
        }
        guard start > 0 else { return AuditFound(entries: entries, next: nil) }
        // An entry bears the time at which its request came, its number follows its commit: never a day apart.
        let latest = try AuditStore.latest(from: start, until: end, in: reader)
        let isPassed = latest.map { search.from - $0 > Instant.day } ?? false
        return AuditFound(entries: entries, next: isPassed ? nil : start)
    }

    /// Everything that fits, the latest first, however many stretches that takes.
    /// - Parameter limit: not more lines than this; then the answer has a `next`.
    public static func searchAll(_ search: AuditSearch, limit: Int, look: Int, in database: any Database)
        async throws -> AuditFound
    {
        var (entries, search) = ([AuditLine](), search)
        while true {
            let (now, left) = (search, limit - entries.count)
            let found = try await database.read {
                try Self.search(now, limit: left, look: look, in: $0)
            }
            entries += found.entries
            guard let next = found.next else { return AuditFound(entries: entries, next: nil) }
            if entries.count >= limit { return AuditFound(entries: entries, next: next) }
            search.before = next
        }
    }
}
