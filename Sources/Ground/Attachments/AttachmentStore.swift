import Kernel
public import Storage

/// The rows of files and of the objects they belong to, such as `case:<id>`.
public enum AttachmentStore {
    /// The files of an object, in the order in which they came.
    public static func of(_ object: String, in reader: any Reader) throws -> [Attachment] {
        try reader.query(
            """
            SELECT l.digest, f.kind, f.size_bytes, l.name, l.added_at FROM attachment_link l
            JOIN attachment_file f ON f.digest = l.digest WHERE l.object = $1 ORDER BY l.added_at, l.digest
            """,
            object
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

    /// Every file that is named anywhere.
    public static func digests(in reader: any Reader) throws -> [String] {
        try reader.query("SELECT digest FROM attachment_file ORDER BY digest").map { try $0.text(0) }
    }

    /// How large each of them is said to be.
    public static func sizes(in reader: any Reader) throws -> [(digest: String, bytes: Int)] {
        try reader.query("SELECT digest, size_bytes FROM attachment_file ORDER BY digest").map {
            (try $0.text(0), try $0.int(1))
        }
    }

    /// Whether any object still holds a file.
    public static func isHeld(_ digest: String, in reader: any Reader) throws -> Bool {
        try reader.number("SELECT COUNT(*) FROM attachment_link WHERE digest = $1", digest) > 0
    }

    /// Joins a file, whose bytes are kept already, with an object; once, however often it is asked.
    public static func add(_ file: Attachment, to object: String, by actor: String, in tx: any Transaction)
        throws
    {
        try tx.send(
            """
            INSERT INTO attachment_file (digest, kind, size_bytes, added_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (digest) DO NOTHING
            """,
            file.digest,
            file.kind.rawValue,
            file.sizeBytes,
            file.addedAt
        )
        try tx.send(
            """
            INSERT INTO attachment_link (object, digest, name, added_at, added_by) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (object, digest) DO NOTHING
            """,
            object,
            file.digest,
            file.name,
            file.addedAt,
            actor
        )
    }

    /// Takes the files of an object away. Bytes that nobody holds any more go with the next sweep of the blob store.
    public static func forget(_ object: String, in tx: any Transaction) throws {
        try tx.execute("DELETE FROM attachment_link WHERE object = $1", object)
        try tx.execute(
            """
            DELETE FROM attachment_file
            WHERE NOT EXISTS (SELECT 1 FROM attachment_link l WHERE l.digest = attachment_file.digest)
            """
        )
    }
}
