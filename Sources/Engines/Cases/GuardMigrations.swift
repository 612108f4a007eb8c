import Storage

/// What keeps signing, links and look-ups from being misused.
enum GuardMigrations {
    static let all: [Migration] = [
        Migration(
            "case-guard",
            1,
            // Who signs for an enterprise.
            "ALTER TABLE case_signer ADD COLUMN agent_name TEXT",
            "ALTER TABLE case_signer ADD COLUMN agent_id_kind TEXT",
            "ALTER TABLE case_signer ADD COLUMN agent_id_number TEXT",
            // Links that were sent, so that nobody's telephone is flooded; the number only as a digest.
            """
            CREATE TABLE case_link_sent (
                id TEXT PRIMARY KEY, case_id TEXT NOT NULL, signer TEXT NOT NULL, phone TEXT NOT NULL,
                at BIGINT NOT NULL)
            """,
            "CREATE INDEX case_link_sent_signer ON case_link_sent (case_id, signer, at)",
            "CREATE INDEX case_link_sent_phone ON case_link_sent (phone, at)",
            // Wrong codes by address and a bucket of numbers: a fixed number of rows for one address.
            """
            CREATE TABLE case_lookup_miss (
                address TEXT NOT NULL, bucket BIGINT NOT NULL, misses BIGINT NOT NULL, since BIGINT NOT NULL,
                PRIMARY KEY (address, bucket))
            """,
            "CREATE INDEX case_lookup_miss_since ON case_lookup_miss (since)"
        ),
        // The telephone under the installation's key: a bare digest of eleven digits is soon tried out.
        Migration("case-guard", 2, "DELETE FROM case_link_sent"),
        // Links that a later one of the same person replaced: they open nothing, but what he complains of counts.
        Migration(
            "case-guard",
            3,
            """
            CREATE TABLE case_signer_link (
                link TEXT PRIMARY KEY, case_id TEXT NOT NULL, signer TEXT NOT NULL)
            """,
            "CREATE INDEX case_signer_link_signer ON case_signer_link (case_id, signer)"
        ),
        // Whose link it was and who complained, where one human took another's place as a firm's representative:
        // sealed. Rows from before say nothing and count for whoever stands there.
        Migration(
            "case-guard",
            4,
            "ALTER TABLE case_signer_link ADD COLUMN representative TEXT",
            "ALTER TABLE case_objection ADD COLUMN representative TEXT",
            "CREATE INDEX case_objection_open ON case_objection (state, at, id)"
        ),
        // To which telephone a link had been sent, and by which somebody objected, with his name then: sealed. An
        // objection is taken back by a secret sent to that telephone; of that secret the digest and the end.
        Migration(
            "case-guard",
            5,
            "ALTER TABLE case_signer_link ADD COLUMN phone TEXT",
            "ALTER TABLE case_objection ADD COLUMN phone TEXT",
            "ALTER TABLE case_objection ADD COLUMN name TEXT",
            "ALTER TABLE case_objection ADD COLUMN take_back TEXT",
            "ALTER TABLE case_objection ADD COLUMN take_back_until BIGINT",
            "CREATE INDEX case_objection_take_back ON case_objection (take_back)"
        ),
        // A passed check belongs to the browser that passed it, for some hours and for the papers shown to it. Rows from
        // before have no such browser: who has not signed yet is checked again.
        Migration(
            "case-guard",
            6,
            "ALTER TABLE case_signer ADD COLUMN check_proof TEXT",
            "ALTER TABLE case_signer ADD COLUMN check_until BIGINT",
            "ALTER TABLE case_signer ADD COLUMN check_papers TEXT"
        ),
        // Wrong codes for a number from all addresses together, in a fixed number of buckets.
        Migration(
            "case-guard",
            7,
            """
            CREATE TABLE case_lookup_number (
                bucket BIGINT PRIMARY KEY, misses BIGINT NOT NULL, tried_at BIGINT NOT NULL)
            """,
            "CREATE INDEX case_lookup_number_tried ON case_lookup_number (tried_at)"
        ),
    ]
}
