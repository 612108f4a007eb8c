public import Storage

/// What subjects and their entries must be, counted anew.
public enum RegisterRecounts {
    public static let all = [
        Recount(
            "register.entries",
            all: "SELECT COUNT(*) FROM register_entry",
            wrong: """
                SELECT s.code FROM register_subject s
                LEFT JOIN (SELECT register, code, COUNT(*) AS entries, MAX(sequence) AS newest
                    FROM register_entry GROUP BY register, code) e ON e.register = s.register AND e.code = s.code
                WHERE e.entries IS NULL OR e.entries <> e.newest ORDER BY s.code LIMIT $1
                """
        ),
        Recount(
            "register.states",
            all: "SELECT COUNT(*) FROM register_subject",
            wrong: """
                SELECT s.code FROM register_subject s
                JOIN register_entry e ON e.register = s.register AND e.code = s.code
                WHERE e.sequence = (SELECT MAX(n.sequence) FROM register_entry n
                    WHERE n.register = s.register AND n.code = s.code) AND e.state <> s.state
                ORDER BY s.code LIMIT $1
                """
        ),
    ]
}
