import Kernel
import Storage
import Synchronization

/// The only place that knows the log's tables.
enum AuditStore {
    /// Orders the entries of one transaction among themselves; no part of the entry. A repeated write closure
    /// only skips some numbers.
    private static let turn = Atomic<Int64>(0)

    static func insert(_ entry: AuditEntry, salt: [UInt8]?, in tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO audit_entry (id, bytes, salt, at, turn, object, subject)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            entry.id,
            String(decoding: entry.bytes, as: UTF8.self),
            salt,
            entry.at,
            turn.wrappingAdd(1, ordering: .relaxed).newValue,
            entry.object,
            entry.subject
        )
    }
}
