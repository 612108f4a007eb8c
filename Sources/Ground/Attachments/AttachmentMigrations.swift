public import Storage

/// The rows of files. The bytes lie in a `BlobStore`.
public enum AttachmentMigrations {
    public static let all: [Migration] = [
        Migration(
            "attachment",
            1,
            """
            CREATE TABLE attachment_file (
                digest TEXT PRIMARY KEY, kind TEXT NOT NULL, size_bytes BIGINT NOT NULL, added_at BIGINT NOT NULL)
            """,
            """
            CREATE TABLE attachment_link (
                object TEXT NOT NULL, digest TEXT NOT NULL REFERENCES attachment_file (digest), name TEXT NOT NULL,
                added_at BIGINT NOT NULL, added_by TEXT NOT NULL, PRIMARY KEY (object, digest))
            """,
            "CREATE INDEX attachment_link_digest ON attachment_link (digest)"
        )
    ]
}
