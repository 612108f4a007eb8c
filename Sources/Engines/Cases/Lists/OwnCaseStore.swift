public import Kernel
public import Storage

/// A case as its applicant's lists show it: without its form, which is long and lies sealed.
public struct OwnCase: Sendable {
    public let id: ID<Case>
    public let number: String
    public let title: String
    public let state: CaseState
    public let createdAt: Instant
    public let submittedAt: Instant?
    public let completedAt: Instant?
    /// What it brought forth, such as a credit code.
    public let result: String?
    public let origin: CaseOrigin
}

/// What an applicant has, as rows of a list.
public enum OwnCaseStore {
    /// - Returns: nil when there is no such case.
    public static func number(of id: ID<Case>, in reader: any Reader) throws -> String? {
        try reader.first("SELECT number FROM case_case WHERE id = $1", id)?.text(0)
    }

    /// Newest first; not the drafts he deleted.
    public static func list(of applicant: String, limit: Int, in reader: any Reader) throws -> [OwnCase] {
        try reader.query(
            """
            SELECT id, number, title, state, created_at, submitted_at, completed_at, result,
                definition, item, region
            FROM case_case
            WHERE applicant = $1 AND NOT (state = 'withdrawn' AND submitted_at IS NULL)
            ORDER BY created_at DESC LIMIT $2
            """,
            applicant,
            limit
        ).map { row in
            OwnCase(
                id: try row.id(0),
                number: try row.text(1),
                title: try row.text(2),
                state: try row.value(3),
                createdAt: try row.instant(4),
                submittedAt: try row.optionalInstant(5),
                completedAt: try row.optionalInstant(6),
                result: try row.optionalText(7),
                origin: try CaseOrigin(row, from: 8)
            )
        }
    }
}
