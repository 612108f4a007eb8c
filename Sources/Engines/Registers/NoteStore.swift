public import Kernel
public import Storage

/// Notes beside the entries.
public enum NoteStore {
    public static func insert(_ note: RegisterNote, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO register_note (id, register, object, kind, words, blocks, from_at, until_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            note.id,
            note.register,
            note.object,
            note.kind.rawValue,
            note.text,
            note.blocks,
            note.from,
            note.until
        )
    }

    public static func lift(_ id: ID<RegisterNote>, at now: Instant, in tx: any Transaction) throws {
        let changed = try tx.execute(
            "UPDATE register_note SET lifted_at = $2 WHERE id = $1 AND lifted_at IS NULL",
            id,
            now
        )
        guard changed == 1 else { throw RegisterError.notFound }
    }

    /// Notes that stand beside `object` at `now`.
    public static func standing(on object: String, at now: Instant, in reader: any Reader) throws
        -> [RegisterNote]
    {
        try reader.query(
            """
            SELECT id, register, object, kind, words, blocks, from_at, until_at, lifted_at FROM register_note
            WHERE object = $1 AND from_at <= $2 AND (until_at IS NULL OR until_at > $2)
                AND (lifted_at IS NULL OR lifted_at > $2) ORDER BY from_at
            """,
            object,
            now
        ).map { row in
            RegisterNote(
                id: try row.id(0),
                register: try row.text(1),
                object: try row.text(2),
                kind: try row.value(3),
                text: try row.text(4),
                blocks: try row.bool(5),
                from: try row.instant(6),
                until: try row.optionalInstant(7),
                liftedAt: try row.optionalInstant(8)
            )
        }
    }
}
