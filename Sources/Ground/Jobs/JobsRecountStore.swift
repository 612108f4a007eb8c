public import Storage

/// What events and their cursors must be, counted anew.
public enum JobsRecounts {
    public static let all = [
        // The head numbers the next event: behind one that is there it would number a second one alike.
        Recount(
            "jobs.head",
            all: "SELECT COUNT(*) FROM jobs_event WHERE sequence IS NOT NULL",
            wrong: """
                SELECT CAST(sequence AS TEXT) FROM jobs_event
                WHERE sequence > (SELECT sequence FROM jobs_head WHERE name = 'outbox') ORDER BY sequence LIMIT $1
                """
        ),
        Recount(
            "jobs.cursors",
            all: "SELECT COUNT(*) FROM jobs_cursor",
            wrong: """
                SELECT subscriber FROM jobs_cursor
                WHERE sequence > (SELECT sequence FROM jobs_head WHERE name = 'outbox') ORDER BY subscriber LIMIT $1
                """
        ),
        Recount(
            "jobs.deliveries",
            all: "SELECT COUNT(*) FROM jobs_delivery WHERE state = 'waiting'",
            wrong: """
                SELECT d.subscriber FROM jobs_delivery d
                WHERE d.state = 'waiting' AND NOT EXISTS (SELECT 1 FROM jobs_event e WHERE e.sequence = d.sequence)
                ORDER BY d.subscriber, d.sequence LIMIT $1
                """
        ),
    ]
}
