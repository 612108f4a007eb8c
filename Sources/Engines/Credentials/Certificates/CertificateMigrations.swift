public import Storage

public enum CertificateMigrations {
    public static let all: [Migration] = [
        // Certificates of persons and enterprises and what was signed with them; what any authority of this platform
        // revoked, those of seals too, and the lists that say so.
        .additive(
            "certificate",
            1,
            """
            CREATE TABLE certificate_holder (
                id TEXT NOT NULL PRIMARY KEY, holder_kind TEXT NOT NULL, holder TEXT NOT NULL,
                holder_name TEXT NOT NULL, agent TEXT NOT NULL, issuer TEXT NOT NULL, serial TEXT NOT NULL,
                der BLOB NOT NULL, valid_from BIGINT NOT NULL, valid_until BIGINT NOT NULL,
                issued_at BIGINT NOT NULL, replaces TEXT, revoked_at BIGINT, reason BIGINT)
            """,
            "CREATE UNIQUE INDEX certificate_holder_serial ON certificate_holder (serial)",
            "CREATE UNIQUE INDEX certificate_holder_replaces ON certificate_holder (replaces)",
            "CREATE INDEX certificate_holder_holder ON certificate_holder (holder, id)",
            """
            CREATE TABLE certificate_use (
                id TEXT NOT NULL PRIMARY KEY, certificate TEXT NOT NULL REFERENCES certificate_holder (id),
                digest TEXT NOT NULL, name TEXT NOT NULL, at BIGINT NOT NULL)
            """,
            "CREATE INDEX certificate_use_certificate ON certificate_use (certificate, id)",
            """
            CREATE TABLE certificate_revoked (
                issuer TEXT NOT NULL, serial TEXT NOT NULL, at BIGINT NOT NULL, reason BIGINT NOT NULL,
                object TEXT NOT NULL, PRIMARY KEY (issuer, serial))
            """,
            """
            CREATE TABLE certificate_list (
                issuer TEXT NOT NULL PRIMARY KEY, number BIGINT NOT NULL, der BLOB NOT NULL,
                this_update BIGINT NOT NULL, next_update BIGINT NOT NULL)
            """
        ),
        // Authorities of others that count beside the platform's own, with every step of two officials and the newest
        // revocation list of each of their issuers; what one official proposed and another decides.
        .additive(
            "certificate",
            2,
            """
            CREATE TABLE trust_proposal (
                id TEXT NOT NULL PRIMARY KEY, act TEXT NOT NULL, subject TEXT NOT NULL, content TEXT NOT NULL,
                reason TEXT NOT NULL, proposed_by TEXT NOT NULL, at BIGINT NOT NULL, state TEXT NOT NULL,
                decided_by TEXT, decided_at BIGINT)
            """,
            "CREATE INDEX trust_proposal_state ON trust_proposal (state, id)",
            """
            CREATE TABLE recognised_authority (
                id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, certificates TEXT NOT NULL,
                holders TEXT NOT NULL, areas TEXT NOT NULL, from_day TEXT NOT NULL, until_day TEXT,
                version BIGINT NOT NULL)
            """,
            """
            CREATE TABLE recognised_authority_step (
                authority TEXT NOT NULL REFERENCES recognised_authority (id), version BIGINT NOT NULL,
                state TEXT NOT NULL, at BIGINT NOT NULL, reason TEXT NOT NULL, proposed_by TEXT NOT NULL,
                confirmed_by TEXT NOT NULL, PRIMARY KEY (authority, version))
            """,
            """
            CREATE TABLE recognised_authority_list (
                authority TEXT NOT NULL REFERENCES recognised_authority (id), issuer TEXT NOT NULL,
                der BLOB NOT NULL, PRIMARY KEY (authority, issuer))
            """
        ),
        // Whose seals count under an authority of others; what earlier lists of its issuers proved and the newest does not
        // say; the count of all changes, by which nodes know that what they remember is the newest.
        .additive(
            "certificate",
            3,
            "ALTER TABLE recognised_authority ADD COLUMN makers TEXT",
            """
            CREATE TABLE recognised_authority_revoked (
                authority TEXT NOT NULL REFERENCES recognised_authority (id), issuer TEXT NOT NULL,
                serial TEXT NOT NULL, at BIGINT NOT NULL, reason BIGINT NOT NULL, released_at BIGINT,
                PRIMARY KEY (authority, issuer, serial))
            """,
            """
            CREATE TABLE recognised_authority_version (id BIGINT NOT NULL PRIMARY KEY, version BIGINT NOT NULL)
            """
        ),
        // Why what somebody proposed was refused.
        .additive(
            "trust-answer",
            1,
            """
            CREATE TABLE trust_answer (
                proposal TEXT NOT NULL PRIMARY KEY REFERENCES trust_proposal (id), words TEXT NOT NULL)
            """
        ),
    ]
}
