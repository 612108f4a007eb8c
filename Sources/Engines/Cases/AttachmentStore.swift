public import Kernel
public import Storage

/// The rows of files and of the cases they belong to.
public enum AttachmentStore {
    /// The files of a case, in the order in which they came.
    public static func of(_ id: ID<Case>, in reader: any Reader) throws -> [Attachment] {
        try reader.query(
            """
            SELECT a.digest, f.kind, f.size_bytes, a.name, a.added_at FROM case_attachment a
            JOIN case_file f ON f.digest = a.digest WHERE a.case_id = $1 ORDER BY a.added_at, a.digest
            """,
            id
        ).compactMap { row in
            guard let kind = FileKind(rawValue: try row.text(1)) else { return nil }
            return Attachment(
                digest: try row.text(0),
                kind: kind,
                sizeBytes: try row.int(2),
                name: try row.text(3),
                addedAt: try row.instant(4)
            )
        }
    }

    /// The bytes of a file, only by way of a case that holds it.
    public static func content(_ digest: String, of id: ID<Case>, in reader: any Reader) throws -> [UInt8]? {
        try reader.first(
            """
            SELECT f.content FROM case_attachment a JOIN case_file f ON f.digest = a.digest
            WHERE a.case_id = $1 AND a.digest = $2
            """,
            id,
            digest
        ).map { try $0.blob(0) }
    }

    /// Takes the files of a case away; bytes that no other case holds go too.
    static func forget(_ id: ID<Case>, in tx: any Transaction) throws {
        let digests = try tx.query("SELECT digest FROM case_attachment WHERE case_id = $1", id).map {
            try $0.text(0)
        }
        try tx.execute("DELETE FROM case_attachment WHERE case_id = $1", id)
        for digest in digests {
            try tx.execute(
                """
                DELETE FROM case_file WHERE digest = $1
                AND NOT EXISTS (SELECT 1 FROM case_attachment WHERE digest = $1)
                """,
                digest
            )
        }
    }

    static func add(
        _ file: Attachment,
        bytes: [UInt8],
        to id: ID<Case>,
        by actor: String,
        in tx: any Transaction
    ) throws {
        try tx.execute(
            """
            INSERT INTO case_file (digest, kind, size_bytes, content, added_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (digest) DO NOTHING
            """,
            file.digest,
            file.kind.rawValue,
            file.sizeBytes,
            bytes,
            file.addedAt
        )
        try tx.execute(
            """
            INSERT INTO case_attachment (case_id, digest, name, added_at, added_by) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (case_id, digest) DO NOTHING
            """,
            id,
            file.digest,
            file.name,
            file.addedAt,
            actor
        )
    }
}
