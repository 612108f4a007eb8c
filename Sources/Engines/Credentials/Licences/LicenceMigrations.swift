import Storage

/// The library's own tables: how licences are presented, shared, copied and recognised.
enum LicenceMigrations {
    static let all: [Migration] = [
        // One-time codes: only digests of them, what their holder chose, and what became of them. Wrong codes are counted
        // by place, never named. One line for each use of a licence, which its holder sees.
        Migration.additive(
            "licence",
            1,
            """
            CREATE TABLE licence_presentation (
                id TEXT NOT NULL PRIMARY KEY, digest TEXT NOT NULL, short TEXT, credential TEXT NOT NULL,
                holder TEXT NOT NULL, presenter TEXT NOT NULL, fields TEXT NOT NULL, shows_name BIGINT NOT NULL,
                purpose TEXT NOT NULL, made_at BIGINT NOT NULL, until BIGINT NOT NULL, used_at BIGINT)
            """,
            "CREATE UNIQUE INDEX licence_presentation_digest ON licence_presentation (digest)",
            "CREATE UNIQUE INDEX licence_presentation_short ON licence_presentation (short)",
            "CREATE INDEX licence_presentation_until ON licence_presentation (until)",
            "CREATE INDEX licence_presentation_holder ON licence_presentation (holder, until)",
            """
            CREATE TABLE licence_guess (
                place TEXT NOT NULL PRIMARY KEY, misses BIGINT NOT NULL, since BIGINT NOT NULL)
            """,
            "CREATE INDEX licence_guess_since ON licence_guess (since)",
            """
            CREATE TABLE licence_use (
                id TEXT NOT NULL PRIMARY KEY, licence TEXT NOT NULL, type TEXT NOT NULL, holder TEXT NOT NULL,
                way TEXT NOT NULL, organisation TEXT NOT NULL, operator TEXT NOT NULL, purpose TEXT NOT NULL,
                reason TEXT, item TEXT, item_code TEXT, case_number TEXT, fields TEXT NOT NULL, at BIGINT NOT NULL)
            """,
            "CREATE INDEX licence_use_holder ON licence_use (holder, id)",
            "CREATE INDEX licence_use_licence ON licence_use (licence, id)"
        ),
        // Copies that were handed out in place of an original, found again by their file; licences of other places, as
        // they came.
        Migration.additive(
            "licence",
            2,
            """
            CREATE TABLE licence_copy (
                id TEXT NOT NULL PRIMARY KEY, original TEXT NOT NULL, identifier TEXT NOT NULL,
                for_whom TEXT NOT NULL, purpose TEXT NOT NULL, case_number TEXT NOT NULL, made_by TEXT NOT NULL,
                made_at BIGINT NOT NULL, valid_until TEXT NOT NULL, digest TEXT NOT NULL)
            """,
            "CREATE UNIQUE INDEX licence_copy_digest ON licence_copy (digest)",
            "CREATE INDEX licence_copy_original ON licence_copy (original, id)",
            """
            CREATE TABLE licence_recognised (
                id TEXT NOT NULL PRIMARY KEY, identifier TEXT NOT NULL, type TEXT NOT NULL, holder TEXT NOT NULL,
                file BLOB NOT NULL, root TEXT NOT NULL, at BIGINT NOT NULL)
            """,
            "CREATE UNIQUE INDEX licence_recognised_identifier ON licence_recognised (identifier)",
            "CREATE INDEX licence_recognised_holder ON licence_recognised (holder, id)"
        ),
        // Employers ask for a certificate by its number. Those recognised before have none kept and are not found so.
        Migration.additive(
            "licence",
            3,
            "ALTER TABLE licence_recognised ADD COLUMN number TEXT",
            "CREATE INDEX licence_recognised_number ON licence_recognised (number, type)"
        ),
        // What one official proposes about a licence until another decides; what shall stand on it rests sealed.
        Migration.additive(
            "licence",
            4,
            """
            CREATE TABLE licence_proposal (
                id TEXT NOT NULL PRIMARY KEY, act TEXT NOT NULL, credential TEXT, expecting BIGINT NOT NULL,
                type TEXT NOT NULL, agency TEXT NOT NULL, region TEXT NOT NULL, content TEXT NOT NULL,
                proposed_by TEXT NOT NULL, at BIGINT NOT NULL, state TEXT NOT NULL, decided_by TEXT,
                decided_at BIGINT)
            """,
            "CREATE INDEX licence_proposal_state ON licence_proposal (state, id)",
            "CREATE INDEX credential_record_type ON credential_record (type, region, id) WHERE seal_code IS NULL"
        ),
        // The files of a licence, made once; their bytes lie with the attachments.
        Migration.additive(
            "licence",
            5,
            """
            CREATE TABLE licence_file (
                credential TEXT NOT NULL, format TEXT NOT NULL, digest TEXT NOT NULL, made_at BIGINT NOT NULL,
                PRIMARY KEY (credential, format))
            """
        ),
        Migration.additive(
            "licence",
            6,
            """
            CREATE TABLE licence_file_former (
                credential TEXT NOT NULL, format TEXT NOT NULL, digest TEXT NOT NULL, made_at BIGINT NOT NULL,
                replaced_at BIGINT NOT NULL, PRIMARY KEY (credential, format, digest))
            """,
            """
            CREATE TABLE stamp_loss (
                id TEXT PRIMARY KEY, since BIGINT NOT NULL, begun_at BIGINT NOT NULL, place_credential TEXT NOT NULL,
                place_format TEXT NOT NULL, looked BIGINT NOT NULL, renewed BIGINT NOT NULL, unproven BIGINT NOT NULL,
                done_at BIGINT)
            """
        ),
        // Why what somebody proposed was refused.
        Migration.additive(
            "licence",
            7,
            """
            CREATE TABLE licence_answer (
                proposal TEXT NOT NULL PRIMARY KEY REFERENCES licence_proposal (id), words TEXT NOT NULL)
            """
        ),
    ]
}
