import Kernel
import Storage

/// Codes sent by text message.
enum CodeStore {
    struct Kept {
        let phoneKey: [UInt8]
        let purpose: String
        let code: [UInt8]
        let expires: Instant
        let tries: Int
        let closed: Bool
    }

    static func insert(
        _ id: String,
        phoneKey: [UInt8],
        purpose: String,
        code: [UInt8],
        sent: Instant,
        expires: Instant,
        in tx: any Transaction
    ) throws {
        try tx.send(
            """
            INSERT INTO identity_code (id, phone_key, purpose, code, sent, expires, tries)
            VALUES ($1, $2, $3, $4, $5, $6, 0)
            """,
            id,
            phoneKey,
            purpose,
            code,
            sent,
            expires
        )
    }

    static func count(_ phoneKey: [UInt8], since: Instant, in reader: any Reader) throws -> Int {
        Int(
            try reader.number(
                "SELECT COUNT(*) FROM identity_code WHERE phone_key = $1 AND sent > $2",
                phoneKey,
                since
            )
        )
    }

    static func lastSent(_ phoneKey: [UInt8], in reader: any Reader) throws -> Instant? {
        try reader.first(
            "SELECT sent FROM identity_code WHERE phone_key = $1 ORDER BY sent DESC LIMIT 1",
            phoneKey
        ).map { try $0.instant(0) }
    }

    /// Codes of a number sent earlier for the same purpose no longer count.
    static func closeOpen(_ phoneKey: [UInt8], purpose: String, at: Instant, in tx: any Transaction) throws {
        try tx.execute(
            "UPDATE identity_code SET closed = $1 WHERE phone_key = $2 AND purpose = $3 AND closed IS NULL",
            at,
            phoneKey,
            purpose
        )
    }

    static func locked(_ id: String, in tx: any Transaction) throws -> Kept? {
        try tx.first(
            "SELECT phone_key, purpose, code, expires, tries, closed FROM identity_code WHERE id = $1 FOR UPDATE",
            id
        ).map { row in
            Kept(
                phoneKey: try row.blob(0),
                purpose: try row.text(1),
                code: try row.blob(2),
                expires: try row.instant(3),
                tries: try row.int(4),
                closed: !row.isNull(5)
            )
        }
    }

    static func countTry(_ id: String, in tx: any Transaction) throws {
        try tx.execute("UPDATE identity_code SET tries = tries + 1 WHERE id = $1", id)
    }

    static func prolong(_ id: String, until: Instant, in tx: any Transaction) throws {
        try tx.execute("UPDATE identity_code SET expires = $1 WHERE id = $2 AND expires < $1", until, id)
    }

    static func close(_ id: String, at: Instant, in tx: any Transaction) throws {
        try tx.execute("UPDATE identity_code SET closed = $1 WHERE id = $2", at, id)
    }

    static func removeOld(before: Instant, countMax: Int, in tx: any Transaction) throws -> Int {
        try tx.execute(
            """
            DELETE FROM identity_code WHERE id IN (SELECT id FROM identity_code WHERE sent < $1 ORDER BY sent LIMIT $2)
            """,
            before,
            countMax
        )
    }

    /// One sender at a time for a number, also on PostgreSQL.
    static func lock(_ phoneKey: [UInt8], now: Instant, in tx: any Transaction) throws {
        try tx.send(
            "INSERT INTO identity_try (subject, tries, since) VALUES ($1, 0, $2) ON CONFLICT (subject) DO NOTHING",
            phoneKey,
            now
        )
        _ = try tx.first("SELECT tries FROM identity_try WHERE subject = $1 FOR UPDATE", phoneKey)
    }
}
