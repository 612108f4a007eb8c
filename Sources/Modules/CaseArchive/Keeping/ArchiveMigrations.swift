public import Storage

/// The tables of archives. Files lie with those that were handed in, sealed.
public enum ArchiveMigrations {
    public static let all: [Migration] = [
        Migration.additive(
            "archive",
            1,
            """
            CREATE TABLE archive_archive (
                id TEXT PRIMARY KEY, number TEXT NOT NULL, version BIGINT NOT NULL, case_id TEXT NOT NULL,
                case_number TEXT NOT NULL, item TEXT NOT NULL, region TEXT NOT NULL, applicant TEXT NOT NULL,
                closed_at BIGINT NOT NULL, sealed_at BIGINT NOT NULL, keep_until TEXT, index_bytes TEXT NOT NULL,
                seal_bytes TEXT NOT NULL, digest TEXT NOT NULL, size_bytes BIGINT NOT NULL, package TEXT,
                entry TEXT NOT NULL, state TEXT NOT NULL, row_version BIGINT NOT NULL, body TEXT NOT NULL)
            """,
            "CREATE UNIQUE INDEX archive_archive_case ON archive_archive (case_id, version)",
            "CREATE UNIQUE INDEX archive_archive_closing ON archive_archive (case_id, closed_at)",
            "CREATE INDEX archive_archive_number ON archive_archive (number, version)",
            "CREATE INDEX archive_archive_region ON archive_archive (region, closed_at)",
            """
            CREATE INDEX archive_archive_due ON archive_archive (keep_until)
            WHERE state = 'kept' AND keep_until IS NOT NULL
            """,
            """
            CREATE TABLE archive_hold (
                id TEXT PRIMARY KEY, archive TEXT NOT NULL REFERENCES archive_archive (id), reason TEXT NOT NULL,
                placed_by TEXT NOT NULL, placed_at BIGINT NOT NULL, lifted_by TEXT, lifted_at BIGINT,
                lift_reason TEXT)
            """,
            "CREATE INDEX archive_hold_archive ON archive_hold (archive)",
            """
            CREATE TABLE archive_disposal (
                id TEXT PRIMARY KEY, archive TEXT NOT NULL REFERENCES archive_archive (id), reason TEXT NOT NULL,
                proposed_by TEXT NOT NULL, proposed_at BIGINT NOT NULL, decided_by TEXT, decided_at BIGINT,
                words TEXT, outcome TEXT NOT NULL)
            """,
            "CREATE INDEX archive_disposal_archive ON archive_disposal (archive, proposed_at)"
        ),
        // Where the last time stamp stands; NULL before anybody looked, as in rows of an older program.
        Migration.additive(
            "archive",
            2,
            "ALTER TABLE archive_archive ADD COLUMN stamp_ends BIGINT",
            "ALTER TABLE archive_archive ADD COLUMN stamp_maker TEXT",
            "CREATE INDEX archive_archive_stamp_ends ON archive_archive (stamp_ends, id) WHERE state = 'kept'",
            "CREATE INDEX archive_archive_stamp_maker ON archive_archive (stamp_maker, id) WHERE state = 'kept'",
            """
            CREATE TABLE archive_renewal (
                archive TEXT NOT NULL REFERENCES archive_archive (id), number BIGINT NOT NULL, stamped_at BIGINT NOT NULL,
                ends_at BIGINT NOT NULL, maker TEXT NOT NULL, renewal_bytes TEXT NOT NULL, entry TEXT NOT NULL,
                PRIMARY KEY (archive, number))
            """,
            "CREATE INDEX archive_renewal_time ON archive_renewal (stamped_at)"
        ),
    ]
}
