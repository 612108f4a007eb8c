public import Storage

public enum StockMigrations {
    public static let all: [Migration] = [
        // One line for a file with a mapping, with the place up to which it is taken over; one for each of its rows, as
        // the source had it.
        Migration.additive(
            "stock",
            1,
            """
            CREATE TABLE stock_import (
                id TEXT PRIMARY KEY, kind TEXT NOT NULL, source TEXT NOT NULL, file TEXT NOT NULL,
                file_digest TEXT NOT NULL, mapping_digest TEXT NOT NULL, mapping TEXT NOT NULL,
                next_offset BIGINT NOT NULL, next_line BIGINT NOT NULL, started_at BIGINT NOT NULL, ended_at BIGINT,
                report_digest TEXT, reported_at BIGINT)
            """,
            "CREATE UNIQUE INDEX stock_import_file ON stock_import (file_digest, mapping_digest)",
            """
            CREATE TABLE stock_row (
                import TEXT NOT NULL REFERENCES stock_import (id), line BIGINT NOT NULL, outcome TEXT NOT NULL,
                object TEXT, marks TEXT NOT NULL, source TEXT NOT NULL, PRIMARY KEY (import, line))
            """,
            "CREATE INDEX stock_row_object ON stock_row (object)"
        )
    ]
}
