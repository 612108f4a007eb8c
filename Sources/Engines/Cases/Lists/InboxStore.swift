public import Deadlines
public import Kernel
public import Storage

/// One row of a reviewer's inbox.
public struct InboxRow: Sendable {
    public let caseID: ID<Case>
    public let origin: CaseOrigin
    public let number: String
    public let item: String
    public let title: String
    public let region: String
    public let agency: String
    public let state: CaseState
    public let step: String
    public let role: String?
    public let assignee: String?
    public let submittedAt: Instant?
    public let openedAt: Instant
    public let clock: String?
    public let channel: Case.Channel
    /// The legal clock of the step as it stands; nil where none runs.
    public var due: Due?
    public var light: ClockLight?
}

/// Which open steps somebody may see. Part of the query, never a filter afterwards.
public struct InboxScope: Sendable {
    /// Six digits, or the first two or four of them: the cases of that region and below.
    public let regionPrefix: String
    /// Nil for an office that follows every agency of its region.
    public let agency: String?
    public let role: String

    public init(regionPrefix: String, agency: String?, role: String) {
        self.regionPrefix = regionPrefix
        self.agency = agency
        self.role = role
    }
}

/// What somebody looks for among the open steps. Part of the query.
public struct InboxFilter: Sendable {
    /// The member of staff who took it; `nobody` for those that wait in the pool.
    public var assignee: String?
    /// Only those whose legal clock runs out before this moment, those that ran out included.
    public var dueBefore: Instant?
    /// How the code of the banner begins where the form says that the matter lies; of cases whose form names none, the
    /// region of the body that decides.
    public var place: String?

    public static let nobody = "-"

    public init(assignee: String? = nil, dueBefore: Instant? = nil, place: String? = nil) {
        self.assignee = assignee
        self.dueBefore = dueBefore
        self.place = place
    }
}

/// A step's clock is found by its key, and what is asked of it stands where no index can serve it: PostgreSQL would look
/// through all clocks that are due anywhere.
public enum InboxStore {
    /// Open staff steps, longest waiting first.
    /// - Parameters:
    ///   - after: the last row of the page before, by opening time and case.
    public static func list(
        _ scope: InboxScope,
        filter: InboxFilter = InboxFilter(),
        after: (Instant, String)? = nil,
        limit: Int,
        in reader: any Reader
    ) throws -> [InboxRow] {
        try reader.query(
            """
            SELECT c.id, c.number, c.item, c.title, c.region, c.agency, c.state, s.name, s.role, s.assignee,
                c.submitted_at, s.opened_at, s.clock, c.channel, c.definition, c.item, c.region
            FROM (
                SELECT case_id, name, role, assignee, opened_at, clock FROM case_step w
                WHERE state = 'open' AND kind = 'staff' AND role = $1 AND region >= $2 AND region < $3
                    AND ($4 = '' OR agency = $4)
                    AND ($5 = '' OR assignee = $5 OR ($5 = '-' AND assignee IS NULL))
                    AND (CAST($9 AS BIGINT) < 0 OR (
                        SELECT CASE WHEN d.ended IS NULL THEN d.due_end END FROM deadline_clock d WHERE d.id = w.clock) <= $9)
                    AND ($10 = '' OR COALESCE((
                        SELECT NULLIF(t.banner, '') FROM case_times t WHERE t.case_id = w.case_id), w.region)
                        BETWEEN $10 AND $11)
                    AND (opened_at > $6 OR (opened_at = $6 AND case_id > $7))
                ORDER BY opened_at, case_id LIMIT $8) s
            JOIN case_case c ON c.id = s.case_id
            ORDER BY s.opened_at, s.case_id
            """,
            scope.role,
            scope.regionPrefix,
            scope.regionPrefix + "~",
            scope.agency ?? "",
            filter.assignee ?? "",
            after?.0.milliseconds ?? -1,
            after?.1 ?? "",
            limit,
            filter.dueBefore?.milliseconds ?? -1,
            filter.place ?? "",
            (filter.place ?? "") + "~"
        ).map { row in
            InboxRow(
                caseID: try row.id(0),
                origin: try CaseOrigin(row, from: 14),
                number: try row.text(1),
                item: try row.text(2),
                title: try row.text(3),
                region: try row.text(4),
                agency: try row.text(5),
                state: try row.value(6),
                step: try row.text(7),
                role: try row.optionalText(8),
                assignee: try row.optionalText(9),
                submittedAt: try row.optionalInstant(10),
                openedAt: try row.instant(11),
                clock: try row.optionalText(12),
                channel: try row.value(13)
            )
        }
    }

    /// How many the same scope and filter hold, however many a page shows.
    public static func count(
        _ scope: InboxScope,
        filter: InboxFilter = InboxFilter(),
        in reader: any Reader
    ) throws -> Int {
        Int(
            try reader.number(
                """
                SELECT COUNT(*) FROM case_step s WHERE state = 'open' AND kind = 'staff' AND role = $1
                    AND region >= $2 AND region < $3 AND ($4 = '' OR agency = $4)
                    AND ($5 = '' OR assignee = $5 OR ($5 = '-' AND assignee IS NULL))
                    AND (CAST($6 AS BIGINT) < 0 OR (
                        SELECT CASE WHEN d.ended IS NULL THEN d.due_end END FROM deadline_clock d WHERE d.id = s.clock) <= $6)
                    AND ($7 = '' OR COALESCE((
                        SELECT NULLIF(t.banner, '') FROM case_times t WHERE t.case_id = s.case_id), s.region)
                        BETWEEN $7 AND $8)
                """,
                scope.role,
                scope.regionPrefix,
                scope.regionPrefix + "~",
                scope.agency ?? "",
                filter.assignee ?? "",
                filter.dueBefore?.milliseconds ?? -1,
                filter.place ?? "",
                (filter.place ?? "") + "~"
            )
        )
    }

    /// Who of the staff has taken open steps.
    public static func assignees(_ scope: InboxScope, in reader: any Reader) throws -> [String] {
        try reader.query(
            """
            SELECT DISTINCT assignee FROM case_step WHERE state = 'open' AND kind = 'staff' AND role = $1
                AND region >= $2 AND region < $3 AND ($4 = '' OR agency = $4) AND assignee IS NOT NULL
            ORDER BY assignee
            """,
            scope.role,
            scope.regionPrefix,
            scope.regionPrefix + "~",
            scope.agency ?? ""
        ).map { try $0.text(0) }
    }
}
