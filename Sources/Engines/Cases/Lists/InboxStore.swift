public import Deadlines
public import Kernel
public import Storage

/// One row of a reviewer's inbox.
public struct InboxRow: Sendable {
    public let caseID: ID<Case>
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

public enum InboxStore {
    /// Open staff steps, longest waiting first.
    /// - Parameters:
    ///   - after: the last row of the page before, by opening time and case.
    ///   - assignee: only those taken by this member of staff; nil for all.
    public static func list(
        _ scope: InboxScope,
        assignee: String? = nil,
        after: (Instant, String)? = nil,
        limit: Int,
        in reader: any Reader
    ) throws -> [InboxRow] {
        try reader.query(
            """
            SELECT c.id, c.number, c.item, c.title, c.region, c.agency, c.state, s.name, s.role, s.assignee,
                c.submitted_at, s.opened_at, s.clock, c.channel
            FROM case_step s JOIN case_case c ON c.id = s.case_id
            WHERE s.state = 'open' AND s.kind = 'staff' AND s.role = $1 AND s.region >= $2 AND s.region < $3
                AND ($4 = '' OR s.agency = $4) AND ($5 = '' OR s.assignee = $5)
                AND (s.opened_at > $6 OR (s.opened_at = $6 AND c.id > $7))
            ORDER BY s.opened_at, c.id LIMIT $8
            """,
            scope.role,
            scope.regionPrefix,
            scope.regionPrefix + "~",
            scope.agency ?? "",
            assignee ?? "",
            after?.0.milliseconds ?? -1,
            after?.1 ?? "",
            limit
        ).map { row in
            InboxRow(
                caseID: try row.id(0),
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

    /// How many the same scope holds.
    public static func count(_ scope: InboxScope, in reader: any Reader) throws -> Int {
        Int(
            try reader.number(
                """
                SELECT COUNT(*) FROM case_step s WHERE s.state = 'open' AND s.kind = 'staff' AND s.role = $1
                    AND s.region >= $2 AND s.region < $3 AND ($4 = '' OR s.agency = $4)
                """,
                scope.role,
                scope.regionPrefix,
                scope.regionPrefix + "~",
                scope.agency ?? ""
            )
        )
    }
}
