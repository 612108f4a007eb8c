import Storage

extension CaseMigrations {
    /// Signatures given at a counter, and who of the staff saw them given.
    static let counter: [Migration] = [
        Migration(
            "case-counter",
            1,
            """
            CREATE TABLE case_counter_record (
                id TEXT PRIMARY KEY, case_id TEXT NOT NULL REFERENCES case_case (id), signer TEXT NOT NULL,
                proofs TEXT NOT NULL, signed_by TEXT NOT NULL, capacity TEXT NOT NULL, words TEXT NOT NULL,
                papers TEXT NOT NULL, clerk TEXT NOT NULL, at BIGINT NOT NULL)
            """,
            "CREATE INDEX case_counter_record_case ON case_counter_record (case_id, at)"
        )
    ]
}
