public import Storage

public enum IdentityMigrations {
    public static let all: [Migration] = tables + indexes

    /// What housekeeping asks for every day.
    private static let indexes = [
        Migration(
            "identity-index",
            1,
            "CREATE INDEX identity_code_sent ON identity_code (sent)",
            "CREATE INDEX identity_session_end ON identity_session (absolute_until)"
        ),
        // Whether somebody who is taken over from another register may be here already under another document.
        Migration.additive(
            "identity-index",
            2,
            "CREATE INDEX identity_person_namesake ON identity_person (name, birth)"
        ),
    ]

    private static let tables = [
        Migration(
            "identity",
            1,
            """
            CREATE TABLE identity_person (
                id TEXT PRIMARY KEY, name TEXT NOT NULL, document_kind TEXT NOT NULL, document_masked TEXT NOT NULL,
                document_key BLOB NOT NULL, document_sealed BLOB NOT NULL, birth TEXT, phone_masked TEXT,
                phone_key BLOB, phone_sealed BLOB, level TEXT NOT NULL, face_score BIGINT, face_at BIGINT,
                face_reference TEXT, created BIGINT NOT NULL, version BIGINT NOT NULL)
            """,
            "CREATE UNIQUE INDEX identity_person_document ON identity_person (document_key)",
            "CREATE INDEX identity_person_phone ON identity_person (phone_key)",
            """
            CREATE TABLE identity_account (
                id TEXT PRIMARY KEY, kind TEXT NOT NULL, holder TEXT NOT NULL, record TEXT, disabled BIGINT,
                password_changed BIGINT, created BIGINT NOT NULL)
            """,
            "CREATE UNIQUE INDEX identity_account_holder ON identity_account (kind, holder)",
            """
            CREATE TABLE identity_login (
                login BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES identity_account (id), kind TEXT NOT NULL)
            """,
            "CREATE INDEX identity_login_account ON identity_login (account)",
            """
            CREATE TABLE identity_enterprise (
                code TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, legal_representative TEXT,
                region TEXT NOT NULL, agency TEXT NOT NULL, version BIGINT NOT NULL)
            """,
            "CREATE INDEX identity_enterprise_representative ON identity_enterprise (legal_representative)",
            """
            CREATE TABLE identity_authorisation (
                id TEXT PRIMARY KEY, enterprise TEXT NOT NULL REFERENCES identity_enterprise (code),
                agent TEXT NOT NULL REFERENCES identity_person (id), scope TEXT NOT NULL, from_day TEXT NOT NULL,
                until_day TEXT NOT NULL, granted_by TEXT NOT NULL, granted BIGINT NOT NULL, revoked BIGINT,
                revoked_by TEXT)
            """,
            "CREATE INDEX identity_authorisation_agent ON identity_authorisation (agent, enterprise)",
            "CREATE INDEX identity_authorisation_enterprise ON identity_authorisation (enterprise)",
            """
            CREATE TABLE identity_agent (
                id TEXT PRIMARY KEY, kind TEXT NOT NULL, person TEXT NOT NULL REFERENCES identity_person (id),
                enterprise TEXT, register_number TEXT NOT NULL, from_day TEXT NOT NULL, until_day TEXT,
                withdrawn BIGINT)
            """,
            "CREATE INDEX identity_agent_person ON identity_agent (person)",
            "CREATE UNIQUE INDEX identity_agent_number ON identity_agent (register_number, person)",
            "CREATE TABLE identity_staff (id TEXT PRIMARY KEY, name TEXT NOT NULL, version BIGINT NOT NULL)",
            """
            CREATE TABLE identity_post (
                id TEXT PRIMARY KEY, staff TEXT NOT NULL REFERENCES identity_staff (id), agency TEXT NOT NULL,
                region TEXT NOT NULL, role TEXT NOT NULL, from_day TEXT NOT NULL, until_day TEXT,
                basis TEXT NOT NULL)
            """,
            "CREATE INDEX identity_post_staff ON identity_post (staff)",
            "CREATE INDEX identity_post_place ON identity_post (agency, region, role)",
            """
            CREATE TABLE identity_authority (
                id TEXT PRIMARY KEY, kind TEXT NOT NULL, matter TEXT NOT NULL, agency TEXT NOT NULL,
                region_prefix TEXT NOT NULL, to_agency TEXT NOT NULL, to_region TEXT NOT NULL,
                from_day TEXT NOT NULL, until_day TEXT, basis TEXT NOT NULL)
            """,
            """
            CREATE TABLE identity_session (
                token BLOB PRIMARY KEY, id TEXT NOT NULL, account TEXT NOT NULL REFERENCES identity_account (id),
                post TEXT, enterprise TEXT, created BIGINT NOT NULL, seen BIGINT NOT NULL,
                idle_until BIGINT NOT NULL, absolute_until BIGINT NOT NULL, device TEXT NOT NULL,
                device_key BLOB, ended BIGINT, ended_why TEXT)
            """,
            "CREATE UNIQUE INDEX identity_session_id ON identity_session (id)",
            "CREATE INDEX identity_session_account ON identity_session (account, created)",
            """
            CREATE TABLE identity_device (
                account TEXT NOT NULL, device_key BLOB NOT NULL, first_seen BIGINT NOT NULL, last_seen BIGINT NOT NULL,
                PRIMARY KEY (account, device_key))
            """,
            """
            CREATE TABLE identity_try (
                subject BLOB PRIMARY KEY, tries BIGINT NOT NULL, since BIGINT NOT NULL, locked_until BIGINT)
            """,
            """
            CREATE TABLE identity_code (
                id TEXT PRIMARY KEY, phone_key BLOB NOT NULL, purpose TEXT NOT NULL, code BLOB NOT NULL,
                sent BIGINT NOT NULL, expires BIGINT NOT NULL, tries BIGINT NOT NULL, closed BIGINT)
            """,
            "CREATE INDEX identity_code_phone ON identity_code (phone_key, sent)"
        ),
        // A representative who is not known here yet is bound to his enterprise when he makes himself known.
        Migration(
            "identity",
            2,
            "ALTER TABLE identity_enterprise ADD COLUMN representative_key BLOB",
            """
            CREATE INDEX identity_enterprise_waiting ON identity_enterprise (representative_key)
            WHERE legal_representative IS NULL
            """
        ),
        // Second factors: the shared secret sealed, recovery codes only as keyed digests. A sign-in that still waits
        // for its second factor is a session that opens nothing.
        Migration(
            "identity",
            3,
            """
            CREATE TABLE identity_factor (
                account TEXT PRIMARY KEY REFERENCES identity_account (id), secret BLOB NOT NULL,
                created BIGINT NOT NULL, confirmed BIGINT, last_step BIGINT NOT NULL)
            """,
            """
            CREATE TABLE identity_recovery (
                account TEXT NOT NULL REFERENCES identity_account (id), code BLOB NOT NULL, used BIGINT,
                PRIMARY KEY (account, code))
            """,
            "ALTER TABLE identity_session ADD COLUMN pending BIGINT NOT NULL DEFAULT 0"
        ),
        // A secret that is being enrolled belongs to the session that began it; whose post asks for a second factor
        // begins with a code from the security administrator. A lock on guessed codes counts how often it fell.
        Migration(
            "identity",
            4,
            """
            CREATE TABLE identity_factor_begun (
                account TEXT PRIMARY KEY REFERENCES identity_account (id), secret BLOB NOT NULL,
                session TEXT NOT NULL, created BIGINT NOT NULL)
            """,
            "DELETE FROM identity_factor WHERE confirmed IS NULL",
            """
            CREATE TABLE identity_enrolment (
                account TEXT PRIMARY KEY REFERENCES identity_account (id), code BLOB NOT NULL,
                created BIGINT NOT NULL, expires BIGINT NOT NULL, used BIGINT)
            """,
            "ALTER TABLE identity_try ADD COLUMN locks BIGINT NOT NULL DEFAULT 0",
            """
            CREATE TABLE identity_notice (
                id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES identity_account (id), at BIGINT NOT NULL,
                kind TEXT NOT NULL, reason TEXT)
            """,
            "CREATE INDEX identity_notice_account ON identity_notice (account, at)"
        ),
        // How many sessions are open is asked every few seconds.
        Migration.additive(
            "identity",
            5,
            "CREATE INDEX identity_session_open ON identity_session (idle_until) WHERE ended IS NULL"
        ),
    ]
}
