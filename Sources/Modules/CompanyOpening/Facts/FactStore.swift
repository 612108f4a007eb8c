public import Kernel
public import Storage

/// What outside parties said lately, by a keyed digest of the question.
enum FactStore {
    static func find(_ key: String, since: Instant, in reader: any Reader) throws -> (
        content: JSON, at: Instant
    )? {
        try reader.first("SELECT content, at FROM opening_fact WHERE key = $1 AND at >= $2", key, since).map {
            (try $0.json(0), try $0.instant(1))
        }
    }

    static func put(_ key: String, content: JSON, at: Instant, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO opening_fact (key, content, at) VALUES ($1, $2, $3)
            ON CONFLICT (key) DO UPDATE SET content = excluded.content, at = excluded.at
            """,
            key,
            PersonalText(content),
            at
        )
    }

    static func forget(before: Instant, countMax: Int, in tx: any Transaction) throws -> Int {
        try tx.execute(
            """
            DELETE FROM opening_fact WHERE key IN (
                SELECT key FROM opening_fact WHERE at < $1 ORDER BY at LIMIT $2)
            """,
            before,
            countMax
        )
    }
}

extension CompanyOpening {
    /// Forgets what outside parties said about people and firms before a moment, the oldest first; what counts of it in
    /// a decision stands there.
    /// - Returns: how many answers.
    public static func forgetFacts(before: Instant, countMax: Int, in tx: any Transaction) throws -> Int {
        try FactStore.forget(before: before, countMax: countMax, in: tx)
    }
}

/// The tables of the opening module.
public enum OpeningMigrations {
    public static let all: [Migration] = [
        Migration(
            "opening",
            1,
            "CREATE TABLE opening_fact (key TEXT PRIMARY KEY, content TEXT NOT NULL, at BIGINT NOT NULL)",
            "CREATE INDEX opening_fact_at ON opening_fact (at)",
            """
            CREATE TABLE opening_task (
                id TEXT PRIMARY KEY, code TEXT NOT NULL, kind TEXT NOT NULL, due_on TEXT, done_at BIGINT,
                arguments TEXT NOT NULL)
            """,
            "CREATE INDEX opening_task_code ON opening_task (code)",
            """
            CREATE TABLE opening_correction (
                id TEXT PRIMARY KEY, code TEXT NOT NULL, case_id TEXT NOT NULL, kind TEXT NOT NULL,
                state TEXT NOT NULL, opened_at BIGINT NOT NULL, opened_by TEXT NOT NULL, words TEXT NOT NULL,
                item TEXT, clock TEXT, investigation_ends TEXT, notice_ends TEXT, extended BIGINT NOT NULL,
                decided_at BIGINT, decision TEXT, version BIGINT NOT NULL)
            """,
            "CREATE INDEX opening_correction_code ON opening_correction (code, state)",
            "CREATE INDEX opening_correction_state ON opening_correction (state, opened_at)"
        )
    ]
}
