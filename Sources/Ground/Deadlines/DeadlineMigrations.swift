public import Storage

public enum DeadlineMigrations {
    public static let all: [Migration] = [
        Migration(
            "deadlines",
            1,
            """
            CREATE TABLE deadline_clock (
                id TEXT PRIMARY KEY, object TEXT NOT NULL, name TEXT NOT NULL, budget TEXT NOT NULL,
                rule TEXT NOT NULL, started BIGINT NOT NULL, pauses TEXT NOT NULL, extensions TEXT NOT NULL,
                ended BIGINT, ladder TEXT NOT NULL, due_day TEXT, due_end BIGINT, waits_year BIGINT,
                version BIGINT NOT NULL)
            """,
            "CREATE INDEX deadline_clock_object ON deadline_clock (object, name)",
            "CREATE INDEX deadline_clock_waits ON deadline_clock (waits_year, id) WHERE ended IS NULL",
            "CREATE INDEX deadline_clock_due ON deadline_clock (due_end) WHERE ended IS NULL",
            """
            CREATE TABLE deadline_rung (
                clock TEXT NOT NULL REFERENCES deadline_clock (id), rung TEXT NOT NULL, at BIGINT NOT NULL,
                PRIMARY KEY (clock, rung))
            """,
            """
            CREATE TABLE deadline_journal (
                clock TEXT NOT NULL REFERENCES deadline_clock (id), version BIGINT NOT NULL, at BIGINT NOT NULL,
                step TEXT NOT NULL, rule TEXT NOT NULL, due_before TEXT, due_after TEXT NOT NULL,
                actor TEXT NOT NULL, PRIMARY KEY (clock, version))
            """,
            """
            CREATE TABLE deadline_calendar (
                year BIGINT PRIMARY KEY, days TEXT NOT NULL, source TEXT NOT NULL, published BIGINT NOT NULL,
                version BIGINT NOT NULL)
            """
        )
    ]
}
