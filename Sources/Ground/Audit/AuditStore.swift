import Kernel
import Storage

/// The only place that knows the log's tables.
enum AuditStore {
    struct Unsealed {
        let id: String
        let bytes: String
    }

    /// As it lies in the row. A column of a wrong type is a wrong one, not an obstacle.
    struct Sealed: Sendable {
        let sequence: Int64
        let id: String
        let bytes: String
        let leaf: [UInt8]
        let at: Int64
        let object: String
        let subject: String?
        /// Whether every column had its type.
        let isReadable: Bool

        init(_ row: Row) {
            let sequence = try? row.integer(0)
            let id = try? row.text(1)
            let bytes = try? row.text(2)
            let at = try? row.integer(4)
            let object = try? row.text(5)
            let subject: String??
            do { subject = .some(try row.optionalText(6)) } catch { subject = nil }
            self.sequence = sequence ?? .min
            self.id = id ?? ""
            self.bytes = bytes ?? ""
            leaf = AuditStore.blob(row, 3)
            self.at = at ?? .min
            self.object = object ?? ""
            self.subject = subject ?? nil
            isReadable =
                sequence != nil && id != nil && bytes != nil && at != nil && object != nil && subject != nil
        }
    }

    struct Tile: Sendable {
        let nodes: [UInt8]
        let root: [UInt8]
    }

    /// `turn` orders what waits for its number; no part of the entry. It is greater than that of every entry which the
    /// transaction has seen, whichever node wrote it: what happened after something else is numbered after it, though
    /// its request came earlier or its node's clock is behind.
    static func insert(_ entry: AuditEntry, salt: [UInt8]?, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO audit_entry (id, bytes, salt, at, turn, object, subject)
            VALUES ($1, $2, $3, $4,
                (SELECT COALESCE(MAX(turn), 0) + 1 FROM audit_entry), $5, $6)
            """,
            entry.id,
            String(decoding: entry.bytes, as: UTF8.self),
            salt,
            entry.at,
            entry.object,
            entry.subject
        )
    }

    /// For entries that have their places in the tree already, and wait for no turn.
    static var sealedRows: Rows {
        Rows(
            """
            INSERT INTO audit_entry (id, bytes, salt, at, turn, object, sequence, leaf)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """
        )
    }

    // MARK: - Sealing

    /// One sealer at a time on PostgreSQL: false when another node is at it. The lock ends with the transaction.
    static func lockForSealing(in tx: any Transaction) throws -> Bool {
        // 7307 is the log's own number; the schema tells installations in one database apart.
        try tx.number(
            """
            SELECT CASE WHEN pg_try_advisory_xact_lock(7307, hashtext(current_schema())) THEN 1 ELSE 0 END
            """
        ) == 1
    }

    static func unsealed(limit: Int, in reader: any Reader) throws -> [Unsealed] {
        try reader.query(
            """
            SELECT id, bytes FROM audit_entry WHERE sequence IS NULL ORDER BY turn, at, id LIMIT $1
            """,
            limit
        ).map { Unsealed(id: try $0.text(0), bytes: try $0.text(1)) }
    }

    static func unsealedCount(in reader: any Reader) throws -> Int64 {
        try reader.number("SELECT COUNT(*) FROM audit_entry WHERE sequence IS NULL")
    }

    /// That of the one whose turn is first: none is older by more than a request takes.
    static func oldestUnsealed(in reader: any Reader) throws -> Instant? {
        try reader.first("SELECT at FROM audit_entry WHERE sequence IS NULL ORDER BY turn, at LIMIT 1")?
            .instant(0)
    }

    /// When the oldest entry was written that no head of `size` entries covers.
    static func oldestAfter(_ size: Int64, in reader: any Reader) throws -> Instant? {
        let sealed = try reader.first(
            "SELECT at FROM audit_entry WHERE sequence >= $1 ORDER BY sequence LIMIT 1",
            size
        )
        return try [sealed?.instant(0), oldestUnsealed(in: reader)].compactMap { $0 }.min()
    }

    static func seal(_ id: String, sequence: Int64, leaf: [UInt8], in tx: any Transaction) throws {
        try tx.send(
            "UPDATE audit_entry SET sequence = $2, leaf = $3 WHERE id = $1 AND sequence IS NULL",
            id,
            sequence,
            leaf
        )
    }

    static func frontier(in reader: any Reader) throws -> Frontier {
        guard let row = try reader.unopened.first("SELECT size, frontier FROM audit_tree WHERE name = 'log'")
        else {
            return Frontier()
        }
        // A size or an edge of a wrong type is as damaged as a wrong one.
        guard let size = try? row.integer(0), let bytes = try? row.blob(1),
            let frontier = Frontier(size: size, bytes: bytes)
        else { throw AuditError.damaged }
        return frontier
    }

    static func setFrontier(_ frontier: Frontier, expecting size: Int64, in tx: any Transaction) throws {
        let changed = try tx.execute(
            """
            INSERT INTO audit_tree (name, size, frontier) VALUES ('log', $1, $2)
            ON CONFLICT (name) DO UPDATE SET size = excluded.size, frontier = excluded.frontier
            WHERE audit_tree.size = $3
            """,
            frontier.size,
            frontier.bytes,
            size
        )
        guard changed == 1 else { throw StorageError.stale }
    }

    static func insertTile(
        level: Int64,
        position: Int64,
        nodes: [UInt8],
        root: [UInt8],
        in tx: any Transaction
    ) throws {
        try tx.send(
            "INSERT INTO audit_tile (level, position, nodes, root) VALUES ($1, $2, $3, $4)",
            level,
            position,
            nodes,
            root
        )
    }

    // MARK: - The tree

    /// The nodes of a tile in order; fewer than 256 while it is not full.
    static func nodes(level: Int64, tile: Int64, in reader: any Reader) throws -> [[UInt8]] {
        if let full = try self.tile(level: level, position: tile, in: reader) {
            guard full.nodes.count == 8_192 else { throw AuditError.damaged }
            return stride(from: 0, to: full.nodes.count, by: 32).map { Array(full.nodes[$0..<$0 + 32]) }
        }
        let first = tile * 256
        let rows =
            level == 0
            ? try reader.unopened.query(
                """
                SELECT leaf FROM audit_entry WHERE sequence >= $1 AND sequence < $2 ORDER BY sequence
                """,
                first,
                first + 256
            )
            : try reader.unopened.query(
                """
                SELECT root FROM audit_tile WHERE level = $1 AND position >= $2 AND position < $3 ORDER BY position
                """,
                level - 1,
                first,
                first + 256
            )
        return try rows.map { row in
            let node = blob(row, 0)
            guard node.count == 32 else { throw AuditError.damaged }
            return node
        }
    }

    static func tile(level: Int64, position: Int64, in reader: any Reader) throws -> Tile? {
        guard
            let row = try reader.unopened.first(
                "SELECT nodes, root FROM audit_tile WHERE level = $1 AND position = $2",
                level,
                position
            )
        else { return nil }
        return Tile(nodes: blob(row, 0), root: blob(row, 1))
    }

    /// How many entries have a number from 0 to below `size`. Reads the index as a whole.
    static func sealedCount(below size: Int64, in reader: any Reader) throws -> Int64 {
        try reader.number("SELECT count(*) FROM audit_entry WHERE sequence >= 0 AND sequence < $1", size)
    }

    /// The smallest and the largest number; one that is no number counts as beyond all. Nil without entries.
    static func ends(in reader: any Reader) throws -> (first: Int64, last: Int64)? {
        let first = try reader.unopened.first(
            "SELECT sequence FROM audit_entry WHERE sequence IS NOT NULL ORDER BY sequence LIMIT 1"
        )
        let last = try reader.unopened.first(
            "SELECT sequence FROM audit_entry WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1"
        )
        guard let first, let last else { return nil }
        return ((try? first.integer(0)) ?? .max, (try? last.integer(0)) ?? .max)
    }

    /// When the latest of some entries was written; nil when there are none, or one of them cannot say.
    static func latest(from start: Int64, until end: Int64, in reader: any Reader) throws -> Instant? {
        try reader.unopened.first(
            "SELECT max(at) FROM audit_entry WHERE sequence >= $1 AND sequence < $2",
            start,
            end
        ).flatMap { try? $0.instant(0) }
    }

    /// Bytes for the verifier, to which a column without any is a wrong one, not an obstacle.
    private static func blob(_ row: Row, _ column: Int) -> [UInt8] {
        if case .blob(let bytes) = row.values[column] { bytes } else { [] }
    }

    static func tileCount(in reader: any Reader) throws -> Int64 {
        try reader.number("SELECT count(*) FROM audit_tile")
    }

    // MARK: - Entries

    static func find(
        _ id: ID<AuditEntry>,
        in reader: any Reader
    ) throws -> (bytes: [UInt8], salt: [UInt8]?, sequence: Int64?)? {
        guard
            let row = try reader.unopened.first(
                "SELECT bytes, salt, sequence FROM audit_entry WHERE id = $1",
                id
            )
        else { return nil }
        return (
            Array(try row.text(0).utf8), row.isNull(1) ? nil : try row.blob(1), try row.optionalInteger(2)
        )
    }

    static func entries(of subject: String, limit: Int, in reader: any Reader) throws -> [AuditLine] {
        try reader.unopened.query(
            """
            SELECT sequence, bytes FROM audit_entry WHERE subject = $1 AND (sequence IS NULL OR sequence >= 0)
            ORDER BY at DESC, CASE WHEN sequence IS NULL THEN 0 ELSE 1 END, sequence DESC, turn DESC LIMIT $2
            """,
            subject,
            limit
        ).map(AuditLine.init)
    }

    static func entries(about object: String, limit: Int, in reader: any Reader) throws -> [AuditLine] {
        try reader.unopened.query(
            """
            SELECT sequence, bytes FROM audit_entry WHERE object = $1 AND (sequence IS NULL OR sequence >= 0)
            ORDER BY at, CASE WHEN sequence IS NULL THEN 1 ELSE 0 END, sequence, turn LIMIT $2
            """,
            object,
            limit
        ).map(AuditLine.init)
    }

    /// Objects that begin with `prefix`, each once, in their order.
    static func objects(_ prefix: String, after object: String, limit: Int, in reader: any Reader) throws
        -> [String]
    {
        try reader.unopened.query(
            """
            SELECT DISTINCT object FROM audit_entry WHERE object > $1 AND object >= $2 AND object < $3
            ORDER BY object LIMIT $4
            """,
            object,
            prefix,
            prefix + "~",
            limit
        ).map { try $0.text(0) }
    }

    /// In the order in which they were sealed; what waits for that comes last.
    static func salted(about object: String, in reader: any Reader) throws
        -> [(bytes: String, salt: [UInt8]?)]
    {
        try reader.unopened.query(
            """
            SELECT bytes, salt FROM audit_entry WHERE object = $1 AND (sequence IS NULL OR sequence >= 0)
            ORDER BY CASE WHEN sequence IS NULL THEN 1 ELSE 0 END, sequence, turn, at
            """,
            object
        ).map { (try $0.text(0), $0.isNull(1) ? nil : try $0.blob(1)) }
    }

    static func sealed(from sequence: Int64, limit: Int, in reader: any Reader) throws -> [Sealed] {
        try reader.unopened.query(
            """
            SELECT sequence, id, bytes, leaf, at, object, subject FROM audit_entry
            WHERE sequence >= $1 ORDER BY sequence LIMIT $2
            """,
            sequence,
            limit
        ).map(Sealed.init)
    }

    /// Sealed entries with numbers from `start` to below `end`, the latest first. The index follows from what is given:
    /// of the empty texts none restricts anything.
    static func search(
        _ search: AuditSearch,
        from start: Int64,
        until end: Int64,
        limit: Int,
        in reader: any Reader
    )
        throws -> [AuditLine]
    {
        let reader = reader.unopened
        // Every place is bound: a shorter list repeats its first.
        func places(_ names: [String]) -> [String] {
            (0..<AuditSearch.namesMax).map { names.count > $0 ? names[$0] : names[0] }
        }
        let patterns = search.actors.map { "%,\"actor\":\"\(escapedForLike($0))\",%" }
        let actors = places(patterns.isEmpty ? ["%"] : patterns)
        let values: [any Bindable] = [start, end, search.from, search.until, limit] + actors
        let rows =
            // The sums keep the number's index out of it: what is asked for is found by the object's.
            if !search.objects.isEmpty {
                try reader.query(
                    """
                    SELECT sequence, bytes FROM audit_entry WHERE sequence + 0 >= $1 AND sequence + 0 < $2 AND at >= $3
                        AND at < $4 AND (bytes LIKE $6 ESCAPE '!' OR bytes LIKE $7 ESCAPE '!'
                            OR bytes LIKE $8 ESCAPE '!') AND ($9 = '' OR subject = $9)
                        AND (object IN ($10, $11, $12) OR (object >= $13 AND object < $14)
                            OR (object >= $15 AND object < $16) OR (object >= $17 AND object < $18))
                    ORDER BY sequence + 0 DESC LIMIT $5
                    """,
                    values + [search.subject ?? ""] + places(search.objects)
                        // What belongs to a thing bears its name and a stroke, and "0" follows the stroke.
                        + places(search.objects).flatMap { ["\($0)/", "\($0)0"] }
                )
            } else if let subject = search.subject {
                try reader.query(
                    """
                    SELECT sequence, bytes FROM audit_entry WHERE sequence >= $1 AND sequence < $2 AND at >= $3
                        AND at < $4 AND (bytes LIKE $6 ESCAPE '!' OR bytes LIKE $7 ESCAPE '!'
                            OR bytes LIKE $8 ESCAPE '!') AND subject = $9
                    ORDER BY sequence DESC LIMIT $5
                    """,
                    values + [subject]
                )
            } else {
                try reader.query(
                    """
                    SELECT sequence, bytes FROM audit_entry WHERE sequence >= $1 AND sequence < $2 AND at >= $3
                        AND at < $4 AND (bytes LIKE $6 ESCAPE '!' OR bytes LIKE $7 ESCAPE '!'
                            OR bytes LIKE $8 ESCAPE '!')
                    ORDER BY sequence DESC LIMIT $5
                    """,
                    values
                )
            }
        return rows.map(AuditLine.init)
    }

    private static func escapedForLike(_ text: String) -> String {
        LikePattern.literal(String(decoding: AuditEntry.escaped(text), as: UTF8.self))
    }

    static func eraseSalts(of object: String, in tx: any Transaction) throws -> Int {
        try tx.execute("UPDATE audit_entry SET salt = NULL WHERE object = $1 AND salt IS NOT NULL", object)
    }
}
