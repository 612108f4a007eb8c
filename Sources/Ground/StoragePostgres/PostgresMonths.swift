import Foundation
import Storage

/// A table whose parts are months, by the identifiers of its rows (`PARTITION BY RANGE (id)`).
///
/// What there was before it was divided is its first part. A part `…_other` takes what belongs to no month that was made:
/// nothing, unless months were not made in time; then such rows move into their month when it is. Each part has the unique
/// indexes of the first; over all parts only the identifier is held to be unique by the database.
struct PostgresMonths {
    private let table: String
    private let tx: PostgresTransaction

    init(_ table: StaticString, in tx: PostgresTransaction) {
        self.table = table.description
        self.tx = tx
    }

    func keep(_ months: [TableMonth], isDividing: Bool) throws -> TableMonths {
        // One node at a time, and not beside migrations.
        _ = try tx.query("SELECT pg_advisory_xact_lock(7382416)")
        // To divide, every row is looked at once, however many there are.
        try tx.perform("SET LOCAL statement_timeout = 0")
        let isWhole =
            try tx.number(
                "SELECT count(*) FROM pg_class WHERE oid = to_regclass($1) AND relkind = 'r'",
                table
            ) == 1
        var state = TableMonths(isDivided: !isWhole)
        guard let first = months.first, isDividing || !isWhole else { return state }
        if isWhole {
            try divide(until: first.end)
            state.isDivided = true
        }
        for month in months where try make(month) { state.made += 1 }
        return state
    }

    private func divide(until end: String) throws {
        let before = "\(table)_before"
        let indexes = try indexes(of: table)
        try tx.perform("ALTER TABLE \(quotedName(table)) RENAME TO \(quotedName(before))")
        // The whole table's indexes bear the names that migrations know.
        for index in indexes {
            let other = quotedName("\(index.name)_before")
            try tx.perform("ALTER INDEX \(quotedName(index.name)) RENAME TO \(other)")
        }
        try tx.perform(
            """
            CREATE TABLE \(quotedName(table)) (LIKE \(quotedName(before)) INCLUDING DEFAULTS,
                CONSTRAINT \(quotedName("\(table)_pkey")) PRIMARY KEY (id)) PARTITION BY RANGE (id)
            """
        )
        for index in indexes where !index.isUnique { try tx.perform(index.definition) }
        // Rows of a clock that was ahead stay where they are: nothing is greater than the greatest and a Z.
        try tx.perform(
            """
            DO $$ BEGIN EXECUTE format(
                'ALTER TABLE \(quotedName(table)) ATTACH PARTITION \(quotedName(before)) FOR VALUES FROM (MINVALUE) TO (%L)',
                greatest('\(end)' COLLATE "C", (SELECT max(id) || 'Z' FROM \(quotedName(before)))));
            END $$
            """
        )
        let other = "\(table)_other"
        try tx.perform("CREATE TABLE \(quotedName(other)) PARTITION OF \(quotedName(table)) DEFAULT")
        try addUniqueIndexes(to: other)
    }

    /// - Returns: false when the month stands already, or rows of before it was divided reach beyond it.
    private func make(_ month: TableMonth) throws -> Bool {
        guard
            let start = try tx.query(Self.ends, table).compactMap({ try $0.optionalText(0) }).max(
                by: isBefore
            ),
            isBefore(start, month.end)
        else { return false }
        let (name, other) = ("\(table)_\(month.name)", "\(table)_other")
        try tx.perform(
            "CREATE TABLE \(quotedName(name)) (LIKE \(quotedName(table)) INCLUDING DEFAULTS)"
        )
        // Whoever writes waits until the rows have their month.
        try tx.perform("LOCK TABLE \(quotedName(other)) IN ACCESS EXCLUSIVE MODE")
        try tx.perform(
            """
            WITH moved AS (DELETE FROM \(quotedName(other)) WHERE id >= '\(start)' AND id < '\(month.end)' RETURNING *)
            INSERT INTO \(quotedName(name)) TABLE moved
            """
        )
        try tx.perform(
            """
            ALTER TABLE \(quotedName(table)) ATTACH PARTITION \(quotedName(name))
            FOR VALUES FROM ('\(start)') TO ('\(month.end)')
            """
        )
        try addUniqueIndexes(to: name)
        return true
    }

    private func addUniqueIndexes(to part: String) throws {
        for index in try indexes(of: "\(table)_before") where index.isUnique && !index.isKey {
            guard let columns = index.definition.range(of: " USING ") else { continue }
            let rest = index.definition[columns.lowerBound...]
            try tx.perform("CREATE UNIQUE INDEX ON \(quotedName(part))\(rest)")
        }
    }

    private struct Index {
        let name: String
        let definition: String
        let isUnique: Bool
        let isKey: Bool
    }

    private func indexes(of table: String) throws -> [Index] {
        try tx.query(
            """
            SELECT CAST(i.relname AS TEXT), pg_get_indexdef(i.oid), CASE WHEN x.indisunique THEN 1 ELSE 0 END,
                CASE WHEN x.indisprimary THEN 1 ELSE 0 END
            FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
            WHERE x.indrelid = to_regclass($1) ORDER BY i.relname
            """,
            table
        ).map { row in
            Index(
                name: try row.text(0),
                definition: try row.text(1),
                isUnique: try row.bool(2),
                isKey: try row.bool(3)
            )
        }
    }

    /// Up to where the parts reach.
    private static let ends: StaticString = """
        SELECT substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \\(''([^'']+)''\\)')
        FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid WHERE h.inhparent = to_regclass($1)
        """

    /// As the database compares identifiers.
    private func isBefore(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
