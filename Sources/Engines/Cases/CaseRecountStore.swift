public import Storage

/// What cases and their rows must be, counted anew.
public enum CaseRecounts {
    public static let all = [
        Recount(
            "case.happenings",
            all: "SELECT COUNT(*) FROM case_happening",
            wrong: """
                SELECT case_id FROM case_happening GROUP BY case_id
                HAVING COUNT(*) <> MAX(sequence) ORDER BY case_id LIMIT $1
                """
        ),
        // A decided case without its decision, and the other way round.
        Recount(
            "case.decisions",
            all: "SELECT COUNT(*) FROM case_case WHERE state IN ('granted', 'refused')",
            wrong: """
                SELECT c.number FROM case_case c
                WHERE c.state IN ('granted', 'refused')
                    AND (c.decided_at IS NULL OR NOT EXISTS (SELECT 1 FROM case_decision d WHERE d.case_id = c.id))
                ORDER BY c.number LIMIT $1
                """
        ),
        // Nobody works at what came to nothing.
        Recount(
            "case.steps",
            all: "SELECT COUNT(*) FROM case_step",
            wrong: """
                SELECT c.number FROM case_case c
                WHERE c.state IN ('refused', 'withdrawn', 'lapsed')
                    AND EXISTS (SELECT 1 FROM case_step s WHERE s.case_id = c.id AND s.state = 'open')
                ORDER BY c.number LIMIT $1
                """
        ),
    ]
}
