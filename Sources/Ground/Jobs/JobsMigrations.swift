public import Storage

public enum JobsMigrations {
    public static let all: [Migration] = [
        Migration(
            "jobs",
            1,
            """
            CREATE TABLE jobs_job (
                kind TEXT NOT NULL, key TEXT NOT NULL, payload TEXT NOT NULL, state TEXT NOT NULL,
                due BIGINT NOT NULL, place BIGINT NOT NULL, attempts BIGINT NOT NULL, lease TEXT, lease_until BIGINT,
                why TEXT, PRIMARY KEY (kind, key))
            """,
            "CREATE INDEX jobs_job_due ON jobs_job (due, place, kind, key) WHERE state = 'waiting'",
            "CREATE INDEX jobs_job_place ON jobs_job (place)",
            "CREATE INDEX jobs_job_lease ON jobs_job (lease_until) WHERE state = 'running'",
            "CREATE INDEX jobs_job_dead ON jobs_job (due) WHERE state = 'dead'",
            """
            CREATE TABLE jobs_event (
                id TEXT PRIMARY KEY, sequence BIGINT, place BIGINT NOT NULL, name TEXT NOT NULL,
                object TEXT NOT NULL, payload TEXT NOT NULL, actor_kind TEXT NOT NULL, actor TEXT NOT NULL,
                actor_role TEXT NOT NULL, request TEXT NOT NULL, at BIGINT NOT NULL)
            """,
            "CREATE UNIQUE INDEX jobs_event_sequence ON jobs_event (sequence)",
            "CREATE INDEX jobs_event_place ON jobs_event (place)",
            "CREATE INDEX jobs_event_unsequenced ON jobs_event (place, id) WHERE sequence IS NULL",
            """
            CREATE TABLE jobs_head (name TEXT PRIMARY KEY, sequence BIGINT NOT NULL)
            """,
            "INSERT INTO jobs_head (name, sequence) VALUES ('outbox', 0)",
            "CREATE TABLE jobs_cursor (subscriber TEXT PRIMARY KEY, sequence BIGINT NOT NULL)",
            """
            CREATE TABLE jobs_delivery (
                subscriber TEXT NOT NULL, sequence BIGINT NOT NULL, object TEXT NOT NULL, state TEXT NOT NULL,
                due BIGINT NOT NULL, attempts BIGINT NOT NULL, why TEXT, PRIMARY KEY (subscriber, sequence))
            """,
            "CREATE INDEX jobs_delivery_object ON jobs_delivery (subscriber, object, sequence) WHERE state = 'waiting'",
            "CREATE INDEX jobs_delivery_due ON jobs_delivery (due) WHERE state = 'waiting'",
            """
            CREATE TABLE jobs_idempotency (
                scope TEXT NOT NULL, key TEXT NOT NULL, digest BLOB NOT NULL, answer TEXT, at BIGINT NOT NULL,
                PRIMARY KEY (scope, key))
            """
        ),
        // What is finished is taken away after a while.
        Migration(
            "jobs",
            2,
            "CREATE INDEX jobs_job_finished ON jobs_job (due) WHERE state IN ('done', 'cancelled')",
            "CREATE INDEX jobs_event_at ON jobs_event (at)",
            "CREATE INDEX jobs_idempotency_at ON jobs_idempotency (at)"
        ),
        // Whether anybody waits to hear an event again, and what nobody could hear.
        Migration(
            "jobs",
            3,
            "CREATE INDEX jobs_delivery_sequence ON jobs_delivery (sequence)",
            "CREATE INDEX jobs_delivery_dead ON jobs_delivery (subscriber, sequence) WHERE state = 'dead'"
        ),
        // Events of the change feed name the entry of the log that gives them their place in it, and where they belong.
        Migration.additive(
            "jobs",
            4,
            "ALTER TABLE jobs_event ADD COLUMN entry TEXT",
            "ALTER TABLE jobs_event ADD COLUMN region TEXT",
            "CREATE UNIQUE INDEX jobs_event_entry ON jobs_event (entry) WHERE entry IS NOT NULL"
        ),
    ]
}
