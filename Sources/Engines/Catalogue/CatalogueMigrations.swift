public import Storage

public enum CatalogueMigrations {
    public static let all: [Migration] = [
        Migration(
            "catalogue",
            1,
            """
            CREATE TABLE catalogue_blob (
                digest TEXT PRIMARY KEY,
                content BLOB NOT NULL
            )
            """,
            """
            CREATE TABLE catalogue_version (
                id TEXT PRIMARY KEY,
                system TEXT NOT NULL,
                number BIGINT NOT NULL,
                region TEXT NOT NULL,
                effective TEXT NOT NULL,
                digest TEXT NOT NULL,
                note TEXT NOT NULL,
                published_at BIGINT NOT NULL,
                published_by TEXT NOT NULL,
                withdrawn_at BIGINT,
                withdrawn_by TEXT,
                withdrawn_why TEXT,
                UNIQUE (system, number)
            )
            """,
            """
            CREATE INDEX catalogue_version_effective ON catalogue_version (system, region, effective, number)
            """,
            """
            CREATE TABLE catalogue_file (
                version TEXT NOT NULL REFERENCES catalogue_version (id),
                path TEXT NOT NULL,
                digest TEXT NOT NULL REFERENCES catalogue_blob (digest),
                PRIMARY KEY (version, path)
            )
            """
        )
    ]
}
