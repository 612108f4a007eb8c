public import Kernel
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
}

/// What a person decided.
public struct DecidedLine: Sendable {
    public let found: CaseLine
    public let at: Instant
    public let outcome: CaseEvent
    public let by: String
}

/// Cases that were handed in, found by what a clerk has at hand. Which regions is part of the query.
public enum CaseSearchStore {
    /// Fewer characters find half the register.
    public static let charactersMin = 2

    /// - Parameter words: a number or part of it, a company's name or part of it, or a whole credit code.
    public static func find(_ words: String, regionPrefix: String, limit: Int, in reader: any Reader) throws
        -> [CaseLine]
    {
        guard words.count >= charactersMin else { return [] }
        return try reader.query(
            """
            SELECT id, number, title, state, submitted_at, result FROM case_case
            WHERE submitted_at IS NOT NULL AND region >= $1 AND region < $2
                AND (number LIKE $3 ESCAPE '!' OR title LIKE $3 ESCAPE '!' OR result = $4)
            ORDER BY submitted_at DESC, id DESC LIMIT $5
            """,
            regionPrefix,
            regionPrefix + "~",
            LikePattern.containing(words),
            words.uppercased(),
            limit
        ).map(line)
    }

    /// What people decided between two moments, latest first.
    /// - Parameter by: only this member of staff; nil for all.
    public static func decided(
        from: Instant,
        until: Instant,
        by: String?,
        regionPrefix: String,
        limit: Int,
        in reader: any Reader
    ) throws -> [DecidedLine] {
        try reader.query(
            """
            SELECT c.id, c.number, c.title, c.state, c.submitted_at, c.result, d.at, d.outcome, d.actor
            FROM case_decision d JOIN case_case c ON c.id = d.case_id
            WHERE d.actor_kind = 'staff' AND d.at >= $1 AND d.at < $2 AND c.region >= $3 AND c.region < $4
                AND ($5 = '' OR d.actor = $5)
            ORDER BY d.at DESC, d.id DESC LIMIT $6
            """,
            from,
            until,
            regionPrefix,
            regionPrefix + "~",
            by ?? "",
            limit
        ).map { row in
            DecidedLine(
                found: try line(row),
                at: try row.instant(6),
                outcome: try row.value(7),
                by: try row.text(8)
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
            result: try row.optionalText(5)
        )
    }
}
