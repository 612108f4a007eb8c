public import Kernel
public import Storage

/// What joins subjects to people, addresses and telephones, by keyed digests: how many firms share one, who
/// belongs to which.
public enum LinkStore {
    public static func insert(
        _ kind: String,
        key: String,
        register: String,
        code: String,
        at now: Instant,
        in tx: any Transaction
    ) throws {
        try tx.send(
            """
            INSERT INTO register_link (register, code, kind, key, from_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (kind, key, register, code) DO UPDATE SET until_at = NULL
            """,
            register,
            code,
            kind,
            key,
            now
        )
    }

    public static func end(_ kind: String, key: String, code: String, at now: Instant, in tx: any Transaction)
        throws
    {
        try tx.execute(
            "UPDATE register_link SET until_at = $4 WHERE kind = $1 AND key = $2 AND code = $3 AND until_at IS NULL",
            kind,
            key,
            code,
            now
        )
    }

    public static func endAll(of code: String, at now: Instant, in tx: any Transaction) throws {
        try tx.execute(
            "UPDATE register_link SET until_at = $2 WHERE code = $1 AND until_at IS NULL",
            code,
            now
        )
    }

    /// How many subjects a key is joined to now, counting those joined since `since`.
    public static func count(
        _ kind: String,
        key: String,
        since: Instant = Instant(milliseconds: 0),
        in reader: any Reader
    ) throws -> Int {
        Int(
            try reader.number(
                """
                SELECT COUNT(*) FROM register_link WHERE kind = $1 AND key = $2 AND until_at IS NULL AND from_at >= $3
                """,
                kind,
                key,
                since
            )
        )
    }

    /// The keys that a subject is joined to now.
    public static func keys(_ kind: String, of code: String, in reader: any Reader) throws -> [String] {
        try reader.query(
            "SELECT key FROM register_link WHERE code = $1 AND kind = $2 AND until_at IS NULL ORDER BY key",
            code,
            kind
        ).map { try $0.text(0) }
    }

    /// Codes of the subjects a key is joined to.
    public static func codes(_ kind: String, key: String, in reader: any Reader) throws -> [String] {
        try reader.query(
            "SELECT code FROM register_link WHERE kind = $1 AND key = $2 AND until_at IS NULL ORDER BY code",
            kind,
            key
        ).map { try $0.text(0) }
    }
}
