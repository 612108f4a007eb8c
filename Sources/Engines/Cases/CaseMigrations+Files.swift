import Storage

extension CaseMigrations {
    /// Files once lay in the tables of cases; they have a store of their own now.
    static let files: [Migration] = [
        Migration(
            "case-file",
            1,
            """
            CREATE TABLE case_file (
                digest TEXT PRIMARY KEY, kind TEXT NOT NULL, size_bytes BIGINT NOT NULL, content BLOB NOT NULL,
                added_at BIGINT NOT NULL)
            """,
            """
            CREATE TABLE case_attachment (
                case_id TEXT NOT NULL REFERENCES case_case (id), digest TEXT NOT NULL REFERENCES case_file (digest),
                name TEXT NOT NULL, added_at BIGINT NOT NULL, added_by TEXT NOT NULL, PRIMARY KEY (case_id, digest))
            """
        ),
        Migration("case-file", 2, "DROP TABLE case_attachment", "DROP TABLE case_file"),
    ]
}
