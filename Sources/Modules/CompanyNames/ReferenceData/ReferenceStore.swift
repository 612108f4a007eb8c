import Kernel
import Storage

/// The tables `reference_version` and `reference_row`.
enum ReferenceStore {
    static func insert(
        _ table: ReferenceTable,
        effective: LocalDate,
        source: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let version = occasion.newID(ReferenceTable.self)
        try tx.send(
            """
            INSERT INTO reference_version (id, kind, effective, source, fingerprint, row_count, imported_at, imported_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            version,
            table.kind,
            effective,
            source,
            table.fingerprint,
            table.rows.count,
            occasion.now,
            occasion.actor.id
        )
        for (index, row) in table.rows.enumerated() {
            try tx.send(
                "INSERT INTO reference_row (version, position, content) VALUES ($1, $2, $3)",
                version,
                index,
                row.json
            )
        }
    }

    static func fingerprint(_ kind: String, source: String, in reader: any Reader) throws -> String? {
        try reader.first(
            """
            SELECT fingerprint FROM reference_version WHERE kind = $1 AND source = $2
            ORDER BY imported_at DESC, id DESC LIMIT 1
            """,
            kind,
            source
        )?.text(0)
    }

    /// The versions in force on `date`, as one text that changes when any of them does.
    static func inForce(on date: LocalDate, in reader: any Reader) throws -> String {
        try reader.query(
            """
            SELECT id FROM reference_version AS v WHERE effective <= $1 AND NOT EXISTS (
                SELECT 1 FROM reference_version AS w WHERE w.kind = v.kind AND w.effective <= $1
                    AND (w.effective > v.effective OR (w.effective = v.effective AND (w.imported_at > v.imported_at
                        OR (w.imported_at = v.imported_at AND w.id > v.id)))))
            ORDER BY kind
            """,
            date
        ).map { try $0.text(0) }.joined(separator: " ")
    }

    static func table(_ kind: String, on date: LocalDate, in reader: any Reader) throws -> ReferenceTable? {
        let version = try reader.first(
            """
            SELECT id FROM reference_version WHERE kind = $1 AND effective <= $2
            ORDER BY effective DESC, imported_at DESC, id DESC LIMIT 1
            """,
            kind,
            date
        )
        guard let version else { return nil }
        let rows = try reader.query(
            "SELECT content FROM reference_row WHERE version = $1 ORDER BY position",
            try version.text(0)
        )
        return ReferenceTable(
            kind: kind,
            rows: try rows.map { row in
                ReferenceRow(try row.json(0).members.compactMapValues(\.text))
            }
        )
    }
}
