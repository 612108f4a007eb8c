import Storage

/// What is asked across engines, and of the database itself.
enum CheckStore {
    static let recounts = [
        // Who may act for an enterprise is asked of its identity, what it is of the register: one must not outlive the other.
        Recount(
            "identity.enterprises",
            all: "SELECT COUNT(*) FROM register_subject",
            wrong: """
                SELECT s.code FROM register_subject s LEFT JOIN identity_enterprise e ON e.code = s.code
                WHERE e.code IS NULL OR e.name <> s.name
                    OR (s.state IN ('active', 'dormant')) <> (e.state IN ('active', 'dormant'))
                ORDER BY s.code LIMIT $1
                """
        ),
        Recount(
            "stock.rows",
            all: "SELECT COUNT(*) FROM stock_row WHERE object LIKE 'enterprise:%'",
            wrong: """
                SELECT r.object FROM stock_row r
                WHERE r.object LIKE 'enterprise:%'
                    AND NOT EXISTS (SELECT 1 FROM register_subject s WHERE s.code = substr(r.object, 12))
                ORDER BY r.object LIMIT $1
                """
        ),
    ]

    /// Every column of every table, by the table's name.
    static func columns(of engine: DatabaseEngine, in reader: any Reader) throws -> [String: Set<String>] {
        let rows =
            switch engine {
            case .sqlite:
                try reader.query(
                    """
                    SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
                    WHERE m.type = 'table'
                    """
                )
            case .postgres:
                try reader.query(
                    """
                    SELECT c.relname::text, a.attname::text
                    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
                        AND a.attnum > 0 AND NOT a.attisdropped
                    """
                )
            }
        var columns: [String: Set<String>] = [:]
        for row in rows { columns[try row.text(0), default: []].insert(try row.text(1)) }
        return columns
    }

    /// How many steps of the schema were applied; of a new database none.
    static func applied(of engine: DatabaseEngine, in reader: any Reader) throws -> Int64 {
        guard try columns(of: engine, in: reader)["suban_migration"] != nil else { return 0 }
        return try reader.number("SELECT COUNT(*) FROM suban_migration")
    }

    /// Problems that the engine finds in its own pages and indexes.
    static func integrity(of engine: DatabaseEngine, in reader: any Reader) throws -> (
        checked: Int, wrong: [String]
    ) {
        switch engine {
        case .sqlite:
            let found = try reader.query("PRAGMA integrity_check").map { try $0.text(0) }
            return (Int(try reader.number("PRAGMA page_count")), found.filter { $0 != "ok" })
        case .postgres:
            // Pages, the order of entries, and that every row has its own: by the extension amcheck, where it is there.
            if try reader.number("SELECT COUNT(*) FROM pg_extension WHERE extname = 'amcheck'") > 0 {
                _ = try reader.query(
                    """
                    SELECT bt_index_check(i.indexrelid, TRUE)::text
                    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
                    WHERE c.relnamespace = current_schema()::regnamespace AND a.amname = 'btree'
                        AND c.relkind = 'i' AND i.indisvalid AND i.indisready
                    """
                )
            }
            let count = try reader.number(
                """
                SELECT COUNT(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                WHERE c.relnamespace = current_schema()::regnamespace
                """
            )
            let wrong = try reader.query(
                """
                SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                WHERE c.relnamespace = current_schema()::regnamespace AND NOT (i.indisvalid AND i.indisready)
                ORDER BY 1
                """
            )
            return (Int(count), try wrong.map { try $0.text(0) })
        }
    }

    /// Rows that refer to one that is not there, by their table.
    static func foreignKeys(of engine: DatabaseEngine, in reader: any Reader) throws -> (
        checked: Int, wrong: [String]
    ) {
        switch engine {
        case .sqlite:
            let count = try reader.number(
                """
                SELECT COUNT(*) FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
                WHERE m.type = 'table' AND f.seq = 0
                """
            )
            let rows = try reader.query("PRAGMA foreign_key_check")
            return (Int(count), try rows.map { "\(try $0.text(0)) → \(try $0.text(2))" })
        case .postgres:
            // Each constraint is counted by a statement that the catalogue writes.
            let rows = try reader.query(
                """
                SELECT c.conrelid::regclass::text || ' → ' || c.confrelid::regclass::text,
                    (xpath('/row/n/text()', query_to_xml(format(
                        'SELECT COUNT(*) AS n FROM %s a WHERE %s AND NOT EXISTS (SELECT 1 FROM %s b WHERE %s)',
                        c.conrelid::regclass, w.filled, c.confrelid::regclass, w.joined),
                        false, true, '')))[1]::text::bigint
                FROM pg_constraint c CROSS JOIN LATERAL (
                    SELECT string_agg(format('a.%I IS NOT NULL', x.attname), ' AND ') AS filled,
                        string_agg(format('a.%I = b.%I', x.attname, y.attname), ' AND ') AS joined
                    FROM unnest(c.conkey, c.confkey) AS k(l, f)
                    JOIN pg_attribute x ON x.attrelid = c.conrelid AND x.attnum = k.l
                    JOIN pg_attribute y ON y.attrelid = c.confrelid AND y.attnum = k.f) AS w
                WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace ORDER BY 1
                """
            )
            let wrong = try rows.filter { try $0.integer(1) > 0 }.map { try $0.text(0) }
            return (rows.count, wrong)
        }
    }
}
