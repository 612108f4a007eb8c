import Attachments
public import Storage

/// The tables of cases, their steps, decisions, signers and findings.
public enum CaseMigrations {
    public static let all: [Migration] =
        [
            Migration(
                "case",
                1,
                """
                CREATE TABLE case_case (
                    id TEXT PRIMARY KEY, number TEXT NOT NULL UNIQUE, lookup_code TEXT NOT NULL,
                    system TEXT NOT NULL, item TEXT NOT NULL, procedure TEXT NOT NULL, definition TEXT NOT NULL,
                    state TEXT NOT NULL, region TEXT NOT NULL, agency TEXT NOT NULL, applicant TEXT NOT NULL,
                    channel TEXT NOT NULL, data TEXT NOT NULL, text_version BIGINT NOT NULL, version BIGINT NOT NULL,
                    created_at BIGINT NOT NULL, submitted_at BIGINT, signed_at BIGINT, decided_at BIGINT,
                    completed_at BIGINT, title TEXT NOT NULL, result TEXT)
                """,
                "CREATE INDEX case_case_applicant ON case_case (applicant, created_at)",
                "CREATE INDEX case_case_state ON case_case (state, region, submitted_at)",
                "CREATE INDEX case_case_item ON case_case (item, submitted_at)",
                "CREATE INDEX case_case_result ON case_case (result)",
                """
                CREATE TABLE case_happening (
                    case_id TEXT NOT NULL REFERENCES case_case (id), sequence BIGINT NOT NULL, at BIGINT NOT NULL,
                    act TEXT NOT NULL, actor_kind TEXT NOT NULL, actor TEXT NOT NULL, role TEXT NOT NULL,
                    details TEXT NOT NULL, is_public BIGINT NOT NULL, PRIMARY KEY (case_id, sequence))
                """,
                """
                CREATE TABLE case_step (
                    case_id TEXT NOT NULL REFERENCES case_case (id), name TEXT NOT NULL, kind TEXT NOT NULL,
                    state TEXT NOT NULL, role TEXT, agency TEXT, region TEXT, assignee TEXT, clock TEXT,
                    opened_at BIGINT NOT NULL, closed_at BIGINT, outcome TEXT, version BIGINT NOT NULL,
                    PRIMARY KEY (case_id, name))
                """,
                "CREATE INDEX case_step_inbox ON case_step (state, kind, role, agency, region, opened_at)",
                "CREATE INDEX case_step_assignee ON case_step (assignee, state)",
                """
                CREATE TABLE case_decision (
                    id TEXT PRIMARY KEY, case_id TEXT NOT NULL REFERENCES case_case (id), at BIGINT NOT NULL,
                    outcome TEXT NOT NULL, actor_kind TEXT NOT NULL, actor TEXT NOT NULL, role TEXT NOT NULL,
                    text_version BIGINT NOT NULL, findings TEXT NOT NULL, facts TEXT NOT NULL, reason TEXT NOT NULL,
                    instant BIGINT NOT NULL)
                """,
                "CREATE INDEX case_decision_case ON case_decision (case_id, at)",
                "CREATE INDEX case_decision_at ON case_decision (at)",
                """
                CREATE TABLE case_paper (
                    case_id TEXT NOT NULL REFERENCES case_case (id), kind TEXT NOT NULL, digest TEXT NOT NULL,
                    title TEXT NOT NULL, content TEXT NOT NULL, text_version BIGINT NOT NULL,
                    PRIMARY KEY (case_id, kind))
                """,
                """
                CREATE TABLE case_signer (
                    case_id TEXT NOT NULL REFERENCES case_case (id), signer TEXT NOT NULL, kind TEXT NOT NULL,
                    name TEXT NOT NULL, id_kind TEXT NOT NULL, id_number TEXT NOT NULL, roles TEXT NOT NULL,
                    phone TEXT NOT NULL, papers TEXT NOT NULL, state TEXT NOT NULL, link TEXT NOT NULL UNIQUE,
                    invited_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, verified_at BIGINT, face_score BIGINT,
                    face_tries BIGINT NOT NULL, signed_at BIGINT, person TEXT, version BIGINT NOT NULL,
                    PRIMARY KEY (case_id, signer))
                """,
                """
                CREATE TABLE case_signature (
                    case_id TEXT NOT NULL REFERENCES case_case (id), signer TEXT NOT NULL, paper TEXT NOT NULL,
                    digest TEXT NOT NULL, signature TEXT NOT NULL, at BIGINT NOT NULL, void_at BIGINT,
                    PRIMARY KEY (case_id, signer, paper, digest))
                """,
                """
                CREATE TABLE case_objection (
                    id TEXT PRIMARY KEY, case_id TEXT NOT NULL REFERENCES case_case (id), signer TEXT NOT NULL,
                    roles TEXT NOT NULL, words TEXT NOT NULL, at BIGINT NOT NULL, state TEXT NOT NULL,
                    closed_at BIGINT, outcome TEXT)
                """,
                "CREATE INDEX case_objection_case ON case_objection (case_id, state)",
                """
                CREATE TABLE case_lookup_failure (
                    number TEXT NOT NULL, at BIGINT NOT NULL, id TEXT PRIMARY KEY)
                """,
                "CREATE INDEX case_lookup_failure_number ON case_lookup_failure (number, at)"
            ),
            // Drafts lapse after their last touch; decisions of one moment keep the order in which they were made.
            Migration(
                "case",
                2,
                "ALTER TABLE case_case ADD COLUMN touched_at BIGINT NOT NULL DEFAULT 0",
                "UPDATE case_case SET touched_at = created_at",
                "ALTER TABLE case_decision ADD COLUMN sequence BIGINT NOT NULL DEFAULT 0",
                """
                UPDATE case_decision SET sequence = (
                    SELECT COUNT(*) FROM case_decision d WHERE d.case_id = case_decision.case_id
                        AND (d.at < case_decision.at OR (d.at = case_decision.at AND d.id <= case_decision.id)))
                """,
                "CREATE UNIQUE INDEX case_decision_sequence ON case_decision (case_id, sequence)"
            ),
        ] + files + AttachmentMigrations.all + GuardMigrations.all + CaseTimesStore.migrations + counter
        + indexes + [
            // What a person told the applicant, point by point.
            Migration("case-told", 1, "ALTER TABLE case_decision ADD COLUMN told TEXT")
        ] + ReturnedFormStore.migrations

    /// Every warning of a clock asks for its step.
    private static let indexes = [
        Migration(
            "case-index",
            1,
            "CREATE INDEX case_step_clock ON case_step (clock) WHERE clock IS NOT NULL"
        ),
        // Who begins a form is asked how many he has open, not how many he ever had.
        Migration.additive(
            "case-index",
            2,
            "CREATE INDEX case_case_open ON case_case (applicant) WHERE state IN ('draft', 'signing', 'returned')"
        ),
        // A case is found by the end of its number, by the code that it brought forth, and by what it is called.
        Migration.additive(
            "case-index",
            3,
            "CREATE INDEX case_case_last_eight ON case_case (substr(number, 16))",
            "CREATE INDEX case_case_last_six ON case_case (substr(number, 18))",
            """
            WITH RECURSIVE place (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM place WHERE i < 100)
            INSERT INTO search_gram (kind, gram, region, at, object)
            SELECT DISTINCT 'case', lower(substr(c.title, p.i, 2)), c.region, c.submitted_at, c.id
            FROM case_case c CROSS JOIN place p
            WHERE c.submitted_at IS NOT NULL AND p.i < length(c.title)
            """
        ),
        // Most forms are begun and never handed in: what only looks for cases leaves them out, and what nothing asks for
        // goes. Building comes first, for whoever drops an index keeps everybody from the table until he has ended.
        Migration.additive(
            "case-index",
            4,
            "CREATE INDEX case_case_eight ON case_case (substr(number, 16)) WHERE submitted_at IS NOT NULL",
            "CREATE INDEX case_case_six ON case_case (substr(number, 18)) WHERE submitted_at IS NOT NULL",
            "CREATE INDEX case_case_with_result ON case_case (result) WHERE result IS NOT NULL"
        ),
        Migration.additive(
            "case-index",
            5,
            "DROP INDEX case_case_last_eight",
            "DROP INDEX case_case_last_six",
            "DROP INDEX case_case_result",
            "DROP INDEX case_case_state",
            "DROP INDEX case_case_item"
        ),
        // The inbox of a division is read from what is open there, wherever else anything is open. The index before had
        // the agency before the region, and an office that follows every agency walked through the open steps of all.
        Migration.additive(
            "case-index",
            6,
            """
            CREATE INDEX case_step_desk ON case_step (role, region, opened_at, case_id, agency, assignee, clock, name)
            WHERE state = 'open' AND kind = 'staff'
            """
        ),
        Migration.additive("case-index", 7, "DROP INDEX case_step_inbox"),
        // What a place is measured by is read from its own cases, not from what all places did in that time.
        Migration.additive(
            "case-index",
            8,
            "CREATE INDEX case_case_measured ON case_case (item, region, submitted_at) WHERE submitted_at IS NOT NULL"
        ),
    ]
}
