import Kernel
import Storage

/// The columns of `CaseStanding`, without opening the form.
enum CaseStandingStore {
    static func find(_ id: String, in reader: any Reader) throws -> CaseStanding? {
        try reader.first(
            """
            SELECT c.state, c.title, c.applicant, c.submitted_at, c.decided_at, c.completed_at, t.handed_in
            FROM case_case c LEFT JOIN case_times t ON t.case_id = c.id WHERE c.id = $1
            """,
            id
        ).map { row in
            CaseStanding(
                state: try row.value(0),
                title: try row.text(1),
                applicant: try row.text(2),
                submittedAt: try row.optionalInstant(3),
                decidedAt: try row.optionalInstant(4),
                completedAt: try row.optionalInstant(5),
                handedIn: try row.optionalInstant(6)
            )
        }
    }
}
