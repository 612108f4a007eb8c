import Kernel
import Storage

/// Open codes and wrong ones: SQL in, values out.
enum PresentationStore {
    /// What a code stands for, with what the licence says and how it stands.
    struct Kept: Sendable {
        let id: String
        let record: CredentialRecord
        /// As decided until that moment; nil before it was issued.
        let state: CredentialState?
        let fields: [String]
        let showsName: Bool
        let purpose: String
        let until: Instant
        let usedAt: Instant?
    }

    /// - Returns: false when another open code has the same short form.
    static func insert(
        _ code: PresentationCode,
        _ wish: PresentationWish,
        digest: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Bool {
        try tx.execute(
            "UPDATE licence_presentation SET short = NULL WHERE short = $1 AND until <= $2",
            LookupKey("presentation", code.short),
            occasion.now
        )
        return try tx.execute(
            """
            INSERT INTO licence_presentation (id, digest, short, credential, holder, presenter, fields, shows_name,
                purpose, made_at, until)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (short) DO NOTHING
            """,
            occasion.newID(PresentationCode.self),
            digest,
            LookupKey("presentation", code.short),
            wish.credential,
            wish.holder,
            occasion.by,
            wish.fields.joined(separator: " "),
            wish.showsName,
            wish.purpose,
            occasion.now,
            code.until
        ) == 1
    }

    static func open(of holder: String, now: Instant, in reader: any Reader) throws -> Int {
        Int(
            try reader.number(
                "SELECT COUNT(*) FROM licence_presentation WHERE holder = $1 AND until > $2 AND used_at IS NULL",
                holder,
                now
            )
        )
    }

    static func find(digest: String, at moment: Instant, in tx: any Transaction) throws -> Kept? {
        try tx.first(
            """
            SELECT p.id, p.fields, p.shows_name, p.purpose, p.until, p.used_at,
                (SELECT r.record FROM credential_record r WHERE r.id = p.credential),
                (SELECT s.state FROM credential_step s WHERE s.credential = p.credential AND s.at <= $2
                    ORDER BY s.version DESC LIMIT 1)
            FROM licence_presentation p WHERE p.digest = $1 FOR UPDATE
            """,
            digest,
            moment
        ).map(kept)
    }

    static func find(short: String, at moment: Instant, in tx: any Transaction) throws -> Kept? {
        try tx.first(
            """
            SELECT p.id, p.fields, p.shows_name, p.purpose, p.until, p.used_at,
                (SELECT r.record FROM credential_record r WHERE r.id = p.credential),
                (SELECT s.state FROM credential_step s WHERE s.credential = p.credential AND s.at <= $2
                    ORDER BY s.version DESC LIMIT 1)
            FROM licence_presentation p WHERE p.short = $1 FOR UPDATE
            """,
            LookupKey("presentation", short),
            moment
        ).map(kept)
    }

    private static func kept(_ row: Row) throws -> Kept {
        Kept(
            id: try row.text(0),
            record: try CredentialStore.record(row, 6),
            state: try row.optionalText(7).flatMap(CredentialState.init(rawValue:)),
            fields: try row.text(1).split(separator: " ").map(String.init),
            showsName: try row.bool(2),
            purpose: try row.text(3),
            until: try row.instant(4),
            usedAt: try row.optionalInstant(5)
        )
    }

    /// - Returns: false when somebody else used it.
    static func use(_ id: String, now: Instant, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            "UPDATE licence_presentation SET used_at = $2 WHERE id = $1 AND used_at IS NULL",
            id,
            now
        ) == 1
    }

    static func forget(before moment: Instant, countMax: Int, in tx: any Transaction) throws -> Int {
        try tx.execute(
            """
            DELETE FROM licence_presentation WHERE id IN (
                SELECT id FROM licence_presentation WHERE until < $1 ORDER BY until LIMIT $2)
            """,
            moment,
            countMax
        )
    }

    // MARK: - Wrong codes

    static func misses(at place: String, since: Instant, in reader: any Reader) throws -> Int {
        let row = try reader.first("SELECT misses, since FROM licence_guess WHERE place = $1", place)
        guard let row, try row.instant(1) >= since else { return 0 }
        return try row.int(0)
    }

    /// The same; no other code is tried at this place until the end of the transaction.
    static func lockedMisses(at place: String, since: Instant, now: Instant, in tx: any Transaction) throws
        -> Int
    {
        try tx.execute(
            "INSERT INTO licence_guess (place, misses, since) VALUES ($1, 0, $2) ON CONFLICT (place) DO NOTHING",
            place,
            now
        )
        let row = try tx.first(
            "SELECT misses, since FROM licence_guess WHERE place = $1 FOR UPDATE",
            place
        )
        guard let row, try row.instant(1) >= since else { return 0 }
        return try row.int(0)
    }

    /// Counts one more; what was counted before `since` counts no longer.
    static func miss(at place: String, since: Instant, now: Instant, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO licence_guess (place, misses, since) VALUES ($1, 1, $2)
            ON CONFLICT (place) DO UPDATE SET
                misses = CASE WHEN licence_guess.since < $3 THEN 1 ELSE licence_guess.misses + 1 END,
                since = CASE WHEN licence_guess.since < $3 THEN excluded.since ELSE licence_guess.since END
            """,
            place,
            now,
            since
        )
    }

    /// Takes away a row that only locked.
    static func release(_ place: String, in tx: any Transaction) throws {
        try tx.execute("DELETE FROM licence_guess WHERE place = $1 AND misses = 0", place)
    }

    static func forgetGuesses(before moment: Instant, countMax: Int, in tx: any Transaction) throws -> Int {
        try tx.execute(
            """
            DELETE FROM licence_guess WHERE place IN (
                SELECT place FROM licence_guess WHERE since < $1 ORDER BY since LIMIT $2)
            """,
            moment,
            countMax
        )
    }
}
