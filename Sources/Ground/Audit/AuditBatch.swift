public import Kernel
public import Storage

/// Entries of many acts that come in together, such as those of a takeover of stock. They are made outside the
/// transaction and get their places in the tree inside it, so that each row is written once.
public struct AuditBatch: Sendable {
    private let occasion: Occasion
    private var made: [(entry: AuditEntry, salt: [UInt8], bytes: String, leaf: [UInt8])] = []

    public init(occasion: Occasion) { self.occasion = occasion }

    public var count: Int { made.count }

    /// As `AuditLog.append`.
    public mutating func add(_ act: String, object: String, after: JSON) {
        let salt = occasion.entropy.bytes(16)
        let entry = AuditEntry(
            id: occasion.newID(),
            at: occasion.now,
            actor: occasion.actor,
            act: act,
            object: object,
            outcome: .done,
            subject: nil,
            purpose: occasion.purpose,
            before: nil,
            after: AuditEntry.digest(of: after, salt: salt),
            request: occasion.request
        )
        let bytes = String(decoding: entry.bytes, as: UTF8.self)
        made.append((entry, salt, bytes, TreeHasher().leaf(bytes.utf8)))
    }

    /// Seals what waits, then these.
    /// - Throws: `StorageError.unavailable` while another node seals.
    public func append(in tx: any Transaction, on engine: DatabaseEngine) throws {
        guard !made.isEmpty else { return }
        if engine == .postgres, try !AuditStore.lockForSealing(in: tx) {
            throw StorageError.unavailable(
                "another node is sealing the log; stop it while stock is taken over"
            )
        }
        while try Sealer.sealPending(on: engine, in: tx) > 0 {}
        var growth = try Growth(in: tx)
        var rows = AuditStore.sealedRows
        for (entry, salt, bytes, leaf) in made {
            rows.add(
                entry.id,
                bytes,
                salt,
                entry.at,
                // It waits for no turn.
                0,
                entry.object,
                growth.append(leaf),
                leaf
            )
        }
        try tx.insert(rows)
        try growth.keep(in: tx)
    }
}
