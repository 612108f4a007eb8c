public import Kernel
public import Search
public import Storage

/// A case as lists of found or decided cases show it.
public struct CaseLine: Sendable {
    public let id: ID<Case>
    public let number: String
    public let title: String
    public let state: CaseState
    public let submittedAt: Instant?
    /// The credit code that the grant brought forth.
    public let result: String?
    public let origin: CaseOrigin
}

/// What a person decided.
public struct DecidedLine: Sendable {
    /// Of the decision.
    public let id: String
    public let found: CaseLine
    public let at: Instant
    public let outcome: CaseEvent
    public let by: String
}

/// Cases that were handed in, found by what a clerk has at hand. Which regions is part of the query.
public enum CaseSearchStore {
    /// Fewer characters find half the register.
    public static let charactersMin = 2

    /// What `Search` calls cases.
    public static let kind = "case"

    /// So many that may bear the words are looked at, the newest first.
    private static let lookedAtMax = 2_000
    private static let portion = 20

    /// - Parameter words: a number, its beginning or its last six digits or more, a company's name or part of it, or a whole
    ///   credit code.
    /// - Returns: the latest first.
    public static func find(_ words: String, regionPrefix: String, limit: Int, in reader: any Reader) throws
        -> [CaseLine]
    {
        guard words.count >= charactersMin else { return [] }
        var found =
            words.utf8.allSatisfy { (0x30...0x39).contains($0) }
            ? try numbered(words, regionPrefix: regionPrefix, limit: limit, in: reader)
            : try resulting(in: words.uppercased(), regionPrefix: regionPrefix, limit: limit, in: reader)
        if found.isEmpty { found = try named(words, regionPrefix: regionPrefix, limit: limit, in: reader) }
        var seen: Set<ID<Case>> = []
        return Array(
            found.filter { seen.insert($0.id).inserted }
                .sorted {
                    ($1.submittedAt?.milliseconds ?? 0, $1.id) < ($0.submittedAt?.milliseconds ?? 0, $0.id)
                }
                .prefix(limit)
        )
    }

    /// Makes a case findable that is handed in.
    static func put(_ subject: Case, telling: String, in tx: any Transaction) throws {
        guard let submitted = subject.submittedAt else { return }
        try Search.put(
            telling,
            kind: kind,
            object: subject.id.rawValue,
            region: subject.region,
            at: submitted,
            in: tx
        )
    }

    /// Cases that were handed in, in the order of their identifiers, and which of them no part of their title leads to.
    public static func page(after id: String, limit: Int, in reader: any Reader) throws -> SearchPage {
        try SearchPage(
            reader.query(
                """
                WITH RECURSIVE place (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM place WHERE i < 100),
                page AS (
                    SELECT id, title, region, submitted_at FROM case_case
                    WHERE id > $1 AND submitted_at IS NOT NULL ORDER BY id LIMIT $2)
                SELECT c.id, c.title, c.region, c.submitted_at, CASE WHEN EXISTS (
                    SELECT 1 FROM place p CROSS JOIN search_gram g
                    WHERE p.i < length(c.title) AND g.kind = 'case' AND g.gram = lower(substr(c.title, p.i, 2))
                        AND g.region = c.region AND g.at = c.submitted_at AND g.object = c.id)
                    THEN 1 ELSE 0 END
                FROM page c ORDER BY c.id
                """,
                id,
                limit
            )
        )
    }

    private static func numbered(_ digits: String, regionPrefix: String, limit: Int, in reader: any Reader)
        throws
        -> [CaseLine]
    {
        let whole = try reader.query(
            """
            SELECT id, number, title, state, submitted_at, result, definition, item, region FROM case_case
            WHERE number >= $1 AND number < $2 AND region >= $3 AND region < $4 AND submitted_at IS NOT NULL
            ORDER BY number DESC LIMIT $5
            """,
            digits,
            digits + "~",
            regionPrefix,
            regionPrefix + "~",
            limit
        )
        let last = try ending(digits, regionPrefix: regionPrefix, limit: limit, in: reader)
        return try (whole + last).map(line)
    }

    /// People read out the last eight digits, or six.
    private static func ending(_ digits: String, regionPrefix: String, limit: Int, in reader: any Reader)
        throws
        -> [Row]
    {
        guard digits.count >= 6 else { return [] }
        let rows =
            digits.count >= 8
            ? try reader.query(
                """
                SELECT id, number, title, state, submitted_at, result, definition, item, region FROM case_case
                WHERE substr(number, 16) = $1 AND region >= $2 AND region < $3 AND submitted_at IS NOT NULL LIMIT $4
                """,
                String(digits.suffix(8)),
                regionPrefix,
                regionPrefix + "~",
                limit
            )
            : try reader.query(
                """
                SELECT id, number, title, state, submitted_at, result, definition, item, region FROM case_case
                WHERE substr(number, 18) = $1 AND region >= $2 AND region < $3 AND submitted_at IS NOT NULL LIMIT $4
                """,
                String(digits.suffix(6)),
                regionPrefix,
                regionPrefix + "~",
                limit
            )
        return try rows.filter { try $0.text(1).hasSuffix(digits) }
    }

    private static func resulting(in code: String, regionPrefix: String, limit: Int, in reader: any Reader)
        throws
        -> [CaseLine]
    {
        try reader.query(
            """
            SELECT id, number, title, state, submitted_at, result, definition, item, region FROM case_case
            WHERE result = $1 AND region >= $2 AND region < $3 AND submitted_at IS NOT NULL
            ORDER BY submitted_at DESC LIMIT $4
            """,
            code,
            regionPrefix,
            regionPrefix + "~",
            limit
        ).map(line)
    }

    private static func named(_ words: String, regionPrefix: String, limit: Int, in reader: any Reader) throws
        -> [CaseLine]
    {
        var rest = try Search.find(words, kind: kind, regionPrefix: regionPrefix, in: reader).prefix(
            lookedAtMax
        )
        var found: [CaseLine] = []
        while !rest.isEmpty, found.count < limit {
            let ids = Array(rest.prefix(portion))
            rest = rest.dropFirst(portion)
            // Every place is bound: a shorter list repeats its first.
            let places = (0..<portion).map { ids.count > $0 ? ids[$0] : ids[0] }
            let rows = try reader.query(
                """
                SELECT id, number, title, state, submitted_at, result, definition, item, region FROM case_case
                WHERE id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
                    AND submitted_at IS NOT NULL
                """,
                places
            )
            found += try rows.map(line).filter { $0.title.lowercased().contains(words.lowercased()) }
        }
        return found
    }

    /// What people decided between two moments, latest first.
    /// - Parameters:
    ///   - before: the last row of the page before, by its moment and its decision.
    ///   - by: only this member of staff; nil for all.
    public static func decided(
        from: Instant,
        until: Instant,
        before: (Instant, String)? = nil,
        by: String?,
        regionPrefix: String,
        limit: Int,
        in reader: any Reader
    ) throws -> [DecidedLine] {
        try reader.query(
            """
            SELECT c.id, c.number, c.title, c.state, c.submitted_at, c.result, c.definition, c.item,
                c.region, d.at, d.outcome, d.actor, d.id
            FROM case_decision d JOIN case_case c ON c.id = d.case_id
            WHERE d.actor_kind = 'staff' AND d.at >= $1 AND d.at < $2 AND c.region >= $3 AND c.region < $4
                AND ($5 = '' OR d.actor = $5) AND (d.at < $6 OR (d.at = $6 AND d.id < $7))
            ORDER BY d.at DESC, d.id DESC LIMIT $8
            """,
            from,
            until,
            regionPrefix,
            regionPrefix + "~",
            by ?? "",
            before?.0 ?? until,
            before?.1 ?? "",
            limit
        ).map { row in
            DecidedLine(
                id: try row.text(12),
                found: try line(row),
                at: try row.instant(9),
                outcome: try row.value(10),
                by: try row.text(11)
            )
        }
    }

    private static func line(_ row: Row) throws -> CaseLine {
        CaseLine(
            id: try row.id(0),
            number: try row.text(1),
            title: try row.text(2),
            state: try row.value(3),
            submittedAt: try row.optionalInstant(4),
            result: try row.optionalText(5),
            origin: try CaseOrigin(row, from: 6)
        )
    }
}
