public import Storage

public enum AuditMigrations {
    public static let all: [Migration] = [
        Migration(
            "audit",
            1,
            // `bytes` is the entry; the columns beside it are its indexes, and the verifier compares them.
            // `turn` keeps the order of what waits; `sequence` and `leaf` are the sealer's.
            """
            CREATE TABLE audit_entry (
                id TEXT NOT NULL PRIMARY KEY,
                bytes TEXT NOT NULL,
                salt BLOB,
                at BIGINT NOT NULL,
                turn BIGINT NOT NULL,
                object TEXT NOT NULL,
                subject TEXT,
                sequence BIGINT,
                leaf BLOB
            )
            """,
            "CREATE UNIQUE INDEX audit_entry_sequence ON audit_entry (sequence)",
            "CREATE INDEX audit_entry_unsealed ON audit_entry (at, turn) WHERE sequence IS NULL",
            "CREATE INDEX audit_entry_object ON audit_entry (object, at)",
            "CREATE INDEX audit_entry_subject ON audit_entry (subject, at) WHERE subject IS NOT NULL",
            // The right edge of the tree: roots of the perfect subtrees, largest first, 32 bytes each.
            """
            CREATE TABLE audit_tree (
                name TEXT NOT NULL PRIMARY KEY,
                size BIGINT NOT NULL,
                frontier BLOB NOT NULL
            )
            """,
            // 256 full nodes of height 8 x level, and the root over them.
            """
            CREATE TABLE audit_tile (
                level BIGINT NOT NULL,
                position BIGINT NOT NULL,
                nodes BLOB NOT NULL,
                root BLOB NOT NULL,
                PRIMARY KEY (level, position)
            )
            """,
            """
            CREATE TABLE audit_head (
                size BIGINT NOT NULL PRIMARY KEY,
                log TEXT NOT NULL,
                root TEXT NOT NULL,
                at BIGINT NOT NULL,
                signature TEXT NOT NULL
            )
            """
        ),
        // What waits is numbered in its turn.
        Migration.additive(
            "audit",
            2,
            "CREATE INDEX audit_entry_waiting ON audit_entry (turn, at, id) WHERE sequence IS NULL",
            "DROP INDEX audit_entry_unsealed"
        ),
        // The greatest turn is found among all entries: among those that wait, PostgreSQL would have to look through
        // everything that was sealed while a long snapshot, such as a backup's, keeps what is dead.
        Migration.additive("audit", 3, "CREATE INDEX audit_entry_turn ON audit_entry (turn)"),
    ]
}
