public import Storage

public enum DrawMigrations {
    public static let all: [Migration] = [
        Migration(
            "draws",
            1,
            """
            CREATE TABLE draw_seed (
                id TEXT PRIMARY KEY, purpose TEXT NOT NULL, commitment TEXT NOT NULL, sealed BLOB NOT NULL,
                committed BIGINT NOT NULL, seed TEXT, published BIGINT)
            """,
            "CREATE UNIQUE INDEX draw_seed_purpose ON draw_seed (purpose)",
            """
            CREATE TABLE draw_result (
                draw TEXT PRIMARY KEY REFERENCES draw_seed (id), list_digest TEXT NOT NULL, list TEXT NOT NULL,
                list_count BIGINT NOT NULL, beacon TEXT NOT NULL, drawn TEXT NOT NULL, at BIGINT NOT NULL)
            """,
            """
            CREATE TABLE draw_sample (
                draw TEXT NOT NULL REFERENCES draw_seed (id), item TEXT NOT NULL, rate BIGINT NOT NULL,
                drawn BIGINT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (draw, item))
            """
        ),
        Migration(
            "draws",
            2,
            "CREATE INDEX draw_sample_item ON draw_sample (item)",
            "ALTER TABLE draw_seed ADD COLUMN sample_count BIGINT",
            "ALTER TABLE draw_seed ADD COLUMN sample_digest TEXT"
        ),
        // Lists were never drawn from by it.
        Migration("draws", 3, "DROP TABLE draw_result"),
    ]
}
