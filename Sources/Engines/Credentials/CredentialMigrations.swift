public import Storage

public enum CredentialMigrations {
    public static let all: [Migration] =
        records + LicenceMigrations.all

    private static let records: [Migration] = [
        Migration(
            "credential",
            1,
            """
            CREATE TABLE credential_counter (
                scope TEXT NOT NULL PRIMARY KEY,
                next BIGINT NOT NULL
            )
            """,
            "CREATE TABLE credential_certificate (digest TEXT NOT NULL PRIMARY KEY, der BLOB NOT NULL)",
            // `record` is what was signed; the columns beside it are its indexes.
            """
            CREATE TABLE credential_record (
                id TEXT NOT NULL PRIMARY KEY,
                identifier TEXT NOT NULL,
                type TEXT NOT NULL,
                holder TEXT NOT NULL,
                seal_code TEXT,
                code TEXT NOT NULL,
                record TEXT NOT NULL,
                signature BLOB NOT NULL,
                certificates TEXT NOT NULL,
                state TEXT NOT NULL,
                version BIGINT NOT NULL,
                replaced_by TEXT
            )
            """,
            "CREATE UNIQUE INDEX credential_record_identifier ON credential_record (identifier)",
            "CREATE UNIQUE INDEX credential_record_seal_code ON credential_record (seal_code)",
            "CREATE UNIQUE INDEX credential_record_code ON credential_record (code)",
            "CREATE INDEX credential_record_holder ON credential_record (holder, type)",
            """
            CREATE TABLE credential_step (
                credential TEXT NOT NULL REFERENCES credential_record (id),
                version BIGINT NOT NULL,
                state TEXT NOT NULL,
                at BIGINT NOT NULL,
                recorded_at BIGINT NOT NULL,
                reason TEXT NOT NULL,
                PRIMARY KEY (credential, version)
            )
            """,
            """
            CREATE TABLE credential_signature (
                id TEXT NOT NULL PRIMARY KEY,
                document TEXT NOT NULL,
                signer TEXT NOT NULL,
                statement TEXT NOT NULL,
                signature BLOB NOT NULL,
                certificates TEXT NOT NULL,
                digest TEXT NOT NULL,
                at BIGINT NOT NULL,
                voided_at BIGINT,
                void_reason TEXT
            )
            """,
            "CREATE INDEX credential_signature_document ON credential_signature (document, at)"
        ),
        // What other registers issued and a bureau brought along: facts with their source, without a signature of ours.
        Migration.additive(
            "credential",
            2,
            """
            CREATE TABLE credential_taken (
                id TEXT NOT NULL PRIMARY KEY, number TEXT NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL,
                holder_kind TEXT NOT NULL, holder TEXT NOT NULL, holder_name TEXT NOT NULL, issuer TEXT NOT NULL,
                region TEXT, state TEXT NOT NULL, valid_from TEXT, valid_until TEXT, source TEXT NOT NULL,
                at BIGINT NOT NULL)
            """,
            "CREATE UNIQUE INDEX credential_taken_number ON credential_taken (number, type, issuer)",
            "CREATE INDEX credential_taken_holder ON credential_taken (holder, type)"
        ),
        // What the library finds licences by beside holder and identifier: the printed number, and of those that do not
        // stand any more state and place. Who decided a step, and by which decision; what stands on a licence of another
        // register.
        Migration.additive(
            "credential",
            3,
            "ALTER TABLE credential_record ADD COLUMN number TEXT",
            "ALTER TABLE credential_record ADD COLUMN region TEXT",
            "CREATE INDEX credential_record_number ON credential_record (number, type) WHERE number IS NOT NULL",
            "CREATE INDEX credential_record_ended ON credential_record (state, region, id) WHERE state <> 'valid'",
            "ALTER TABLE credential_step ADD COLUMN decision TEXT",
            "ALTER TABLE credential_step ADD COLUMN actor TEXT",
            "ALTER TABLE credential_taken ADD COLUMN fields TEXT"
        ),
        // With what issuing bodies seal the files of licences.
        Migration.additive(
            "credential",
            4,
            """
            CREATE TABLE credential_issuer_seal (
                code TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL, name TEXT NOT NULL, ses BLOB NOT NULL,
                made_at BIGINT NOT NULL)
            """,
            "CREATE INDEX credential_issuer_seal_body ON credential_issuer_seal (body, name, made_at)"
        ),
        // Signatures that were made elsewhere, as they were handed in, and under whose authority.
        Migration.additive(
            "signature-elsewhere",
            1,
            "ALTER TABLE credential_signature ADD COLUMN envelope BLOB",
            "ALTER TABLE credential_signature ADD COLUMN authority TEXT"
        ),
    ]
}
