public import Storage

public enum SealMigrations {
    public static let all: [Migration] = [
        .additive(
            "seal",
            1,
            // `ended_at` frees the number of a kind for the seal that takes its place.
            """
            CREATE TABLE seal (
                id TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, owner_name TEXT NOT NULL,
                owner_kind TEXT NOT NULL, kind TEXT NOT NULL, number BIGINT NOT NULL, line TEXT,
                region TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, code TEXT,
                credential TEXT REFERENCES credential_record (id), filing TEXT, ses BLOB, certificate TEXT,
                made_at BIGINT, valid_until BIGINT, replaces TEXT, replaced_by TEXT, ended_at BIGINT,
                key_destroyed_at BIGINT)
            """,
            "CREATE UNIQUE INDEX seal_code ON seal (code)",
            "CREATE UNIQUE INDEX seal_credential ON seal (credential)",
            "CREATE UNIQUE INDEX seal_number ON seal (owner, kind, number) WHERE ended_at IS NULL",
            "CREATE INDEX seal_state ON seal (state, region, id)",
            """
            CREATE TABLE seal_step (
                seal TEXT NOT NULL REFERENCES seal (id), version BIGINT NOT NULL, state TEXT NOT NULL, event TEXT,
                at BIGINT NOT NULL, recorded_at BIGINT NOT NULL, actor_kind TEXT NOT NULL, actor TEXT NOT NULL,
                actor_role TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (seal, version))
            """,
            """
            CREATE TABLE seal_permit (
                id TEXT NOT NULL PRIMARY KEY, seal TEXT NOT NULL REFERENCES seal (id), agent TEXT NOT NULL,
                role TEXT NOT NULL, kinds TEXT NOT NULL, from_day TEXT NOT NULL, until_day TEXT NOT NULL,
                uses_max BIGINT NOT NULL, uses BIGINT NOT NULL, granted_by TEXT NOT NULL, granted_at BIGINT NOT NULL,
                revoked_at BIGINT)
            """,
            "CREATE INDEX seal_permit_seal ON seal_permit (seal, agent)",
            """
            CREATE TABLE seal_request (
                id TEXT NOT NULL PRIMARY KEY, seal TEXT NOT NULL REFERENCES seal (id),
                permit TEXT REFERENCES seal_permit (id), requester TEXT NOT NULL, digest TEXT NOT NULL,
                name TEXT NOT NULL, kind TEXT NOT NULL, purpose TEXT NOT NULL, case_number TEXT NOT NULL,
                state TEXT NOT NULL, version BIGINT NOT NULL, at BIGINT NOT NULL, decided_by TEXT, decided_at BIGINT,
                reason TEXT)
            """,
            "CREATE INDEX seal_request_seal ON seal_request (seal, id)",
            // One signature for each request, whatever happens.
            """
            CREATE TABLE seal_use (
                request TEXT NOT NULL PRIMARY KEY REFERENCES seal_request (id),
                seal TEXT NOT NULL REFERENCES seal (id), signer TEXT NOT NULL, approver TEXT NOT NULL,
                result TEXT NOT NULL, certificate TEXT NOT NULL, at BIGINT NOT NULL)
            """,
            "CREATE INDEX seal_use_seal ON seal_use (seal, at)",
            // Signed texts about a seal: that it was made, that it ended.
            """
            CREATE TABLE seal_paper (
                seal TEXT NOT NULL REFERENCES seal (id), paper TEXT NOT NULL, signed TEXT NOT NULL,
                PRIMARY KEY (seal, paper))
            """
        ),
        // The ledgers of seals that ended long ago are looked for every night.
        .additive(
            "seal",
            2,
            "CREATE INDEX seal_ended ON seal (ended_at) WHERE ended_at IS NOT NULL"
        ),
        .additive(
            "seal",
            3,
            "CREATE INDEX seal_request_case ON seal_request (seal, case_number, at)"
        ),
        // The owner's name in Mongolian script, for a seal in both languages.
        Migration.additive("seal-picture", 1, "ALTER TABLE seal ADD COLUMN mongolian TEXT"),
        // Every file under the seal of an issuing body: which licence, which file, when, on whose authority.
        .additive(
            "seal",
            4,
            """
            CREATE TABLE seal_impression (
                id TEXT NOT NULL PRIMARY KEY, seal TEXT NOT NULL REFERENCES seal (id), certificate TEXT NOT NULL,
                credential TEXT NOT NULL, identifier TEXT NOT NULL, kind TEXT NOT NULL, digest TEXT NOT NULL,
                case_number TEXT NOT NULL, authority TEXT NOT NULL, actor TEXT NOT NULL, at BIGINT NOT NULL)
            """,
            "CREATE INDEX seal_impression_seal ON seal_impression (seal, id)",
            "CREATE INDEX seal_authority ON seal (region, id) WHERE kind = 'seal-licence'"
        ),
        // By what whoever asked stood in for a second person.
        .additive("seal", 5, "ALTER TABLE seal_request ADD COLUMN confirmation TEXT"),
    ]
}
