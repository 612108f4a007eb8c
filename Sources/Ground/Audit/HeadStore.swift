import Kernel
import Storage

/// The signed heads, as the database keeps them.
enum HeadStore {
    static func insert(_ head: SignedHead, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO audit_head (size, log, root, at, signature) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (size) DO NOTHING
            """,
            head.size,
            head.log,
            head.root,
            head.at,
            Hex.encode(head.signature)
        )
    }

    static func latest(in reader: any Reader) throws -> SignedHead? {
        try reader.unopened.first(
            "SELECT size, log, root, at, signature FROM audit_head ORDER BY size DESC LIMIT 1"
        ).map(head)
    }

    /// The smallest head over more than `sequence` entries.
    static func first(covering sequence: Int64, in reader: any Reader) throws -> SignedHead? {
        try reader.unopened.first(
            "SELECT size, log, root, at, signature FROM audit_head WHERE size > $1 ORDER BY size LIMIT 1",
            sequence
        ).map(head)
    }

    /// Heads over fewer than `size` entries, the largest first.
    static func below(_ size: Int64, limit: Int, in reader: any Reader) throws -> [SignedHead] {
        try reader.unopened.query(
            "SELECT size, log, root, at, signature FROM audit_head WHERE size < $1 ORDER BY size DESC LIMIT $2",
            size,
            limit
        ).map(head)
    }

    /// Heads over at least `size` entries, the smallest first; one whose size is no number is among them.
    static func heads(from size: Int64, in reader: any Reader) throws -> [SignedHead] {
        try reader.unopened.query(
            "SELECT size, log, root, at, signature FROM audit_head WHERE size >= $1 ORDER BY size",
            size
        ).map(head)
    }

    /// A column of a wrong type verifies as little as a wrong one: it is a finding, not an obstacle.
    private static func head(_ row: Row) -> SignedHead {
        guard let log = try? row.text(1), let size = try? row.integer(0), let root = try? row.text(2),
            let at = try? row.instant(3), let signature = try? row.text(4)
        else {
            let size = (try? row.integer(0)) ?? .max
            return SignedHead(log: "", size: size, root: "", at: Instant(milliseconds: 0), signature: [])
        }
        // In capitals it would be the same signature, and yet not what was written.
        let bytes = Hex.decode(signature) ?? []
        let isAsWritten = Hex.encode(bytes) == signature
        return SignedHead(log: log, size: size, root: root, at: at, signature: isAsWritten ? bytes : [])
    }
}
