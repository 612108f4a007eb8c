public import Storage

/// The tables of the registers.
public enum RegisterMigrations {
    public static let all: [Migration] = tables + indexes

    /// A code belongs to one subject of one register, and is what everybody asks by.
    private static let indexes = [
        Migration(
            "register-index",
            1,
            "CREATE INDEX register_entry_code ON register_entry (code, sequence)",
            "CREATE INDEX register_filing_code ON register_filing (code, kind)",
            "CREATE INDEX register_link_code ON register_link (code, kind)"
        ),
        Migration.additive(
            "register-index",
            2,
            """
            WITH RECURSIVE place (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM place WHERE i < 100)
            INSERT INTO search_gram (kind, gram, region, at, object)
            SELECT DISTINCT 'subject', lower(substr(s.name, p.i, 2)), s.region, s.updated_at, s.code
            FROM register_subject s CROSS JOIN place p WHERE p.i < length(s.name)
            """
        ),
    ]

    private static let tables = [
        Migration(
            "register",
            1,
            """
            CREATE TABLE register_subject (
                register TEXT NOT NULL, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, state TEXT NOT NULL,
                region TEXT NOT NULL, agency TEXT NOT NULL, established_on TEXT NOT NULL, items TEXT NOT NULL,
                is_legacy BIGINT NOT NULL, version BIGINT NOT NULL, updated_at BIGINT NOT NULL,
                PRIMARY KEY (register, code))
            """,
            "CREATE INDEX register_subject_name ON register_subject (name)",
            "CREATE INDEX register_subject_region ON register_subject (region, established_on)",
            """
            CREATE TABLE register_entry (
                register TEXT NOT NULL, code TEXT NOT NULL, sequence BIGINT NOT NULL, act TEXT NOT NULL,
                changes TEXT NOT NULL, items TEXT NOT NULL, state TEXT NOT NULL, at BIGINT NOT NULL,
                case_id TEXT NOT NULL, actor_kind TEXT NOT NULL, actor TEXT NOT NULL, role TEXT NOT NULL,
                digest TEXT NOT NULL, PRIMARY KEY (register, code, sequence),
                FOREIGN KEY (register, code) REFERENCES register_subject (register, code))
            """,
            """
            CREATE TABLE register_filing (
                register TEXT NOT NULL, code TEXT NOT NULL, kind TEXT NOT NULL, from_date TEXT NOT NULL,
                number BIGINT NOT NULL, value TEXT NOT NULL, is_confidential BIGINT NOT NULL, until_date TEXT,
                PRIMARY KEY (register, code, kind, from_date, number),
                FOREIGN KEY (register, code) REFERENCES register_subject (register, code))
            """,
            """
            CREATE TABLE register_link (
                register TEXT NOT NULL, code TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
                from_at BIGINT NOT NULL, until_at BIGINT, PRIMARY KEY (kind, key, register, code))
            """,
            """
            CREATE TABLE register_note (
                id TEXT PRIMARY KEY, register TEXT NOT NULL, object TEXT NOT NULL, kind TEXT NOT NULL,
                words TEXT NOT NULL, blocks BIGINT NOT NULL, from_at BIGINT NOT NULL, until_at BIGINT,
                lifted_at BIGINT)
            """,
            "CREATE INDEX register_note_object ON register_note (object, kind)",
            """
            CREATE TABLE register_publication (
                id TEXT PRIMARY KEY, register TEXT NOT NULL, code TEXT NOT NULL, what TEXT NOT NULL,
                content TEXT NOT NULL, arisen_at BIGINT NOT NULL, due_on TEXT, published_at BIGINT)
            """,
            "CREATE INDEX register_publication_code ON register_publication (code, arisen_at)",
            "CREATE TABLE register_counter (name TEXT PRIMARY KEY, next BIGINT NOT NULL)"
        ),
        Migration(
            "register",
            2,
            "ALTER TABLE register_publication ADD COLUMN clock TEXT",
            "ALTER TABLE register_publication ADD COLUMN receipt TEXT",
            "ALTER TABLE register_publication ADD COLUMN overdue_at BIGINT",
            "CREATE INDEX register_publication_open ON register_publication (due_on) WHERE published_at IS NULL"
        ),
        Migration(
            "register",
            3,
            // Nothing in entries from before: of those the log has the items only.
            "ALTER TABLE register_entry ADD COLUMN standing TEXT"
        ),
    ]
}
