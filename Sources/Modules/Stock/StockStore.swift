public import Kernel
public import Storage

/// A file with its mapping, and how far it is taken over.
struct StockImport: Sendable {
    let id: ID<StockImport>
    let place: StockPlace
    let endedAt: Instant?
}

/// What became of a row. Raw values are stored: never rename, only add.
enum StockOutcome: String, Sendable, CaseIterable {
    case kept
    /// It was here before, the same as in the source.
    case there
    case leftOut = "left-out"
}

/// What is kept of the rows of other registers.
public enum StockRows {
    /// Empties rows of imports that ended before a moment: what became of them stays, what the source said goes.
    /// - Returns: how many, at most `countMax`.
    public static func forget(before moment: Instant, countMax: Int, in tx: any Transaction) throws -> Int {
        try StockStore.forget(before: moment, countMax: countMax, in: tx)
    }
}

/// The tables of stock: which files were taken over, and what each row said.
enum StockStore {
    static func find(file: String, mapping: String, in reader: any Reader) throws -> StockImport? {
        try reader.first(
            """
            SELECT id, next_offset, next_line, ended_at FROM stock_import WHERE file_digest = $1 AND mapping_digest = $2
            """,
            file,
            mapping
        ).map { row in
            StockImport(
                id: try row.id(0),
                place: StockPlace(offset: try row.int(1), line: try row.int(2)),
                endedAt: try row.optionalInstant(3)
            )
        }
    }

    static func insert(
        _ id: ID<StockImport>,
        _ file: StockFile,
        _ mapping: StockMapping,
        yaml: String,
        at now: Instant,
        in tx: any Transaction
    ) throws {
        try tx.execute(
            """
            INSERT INTO stock_import (id, kind, source, file, file_digest, mapping_digest, mapping, next_offset,
                next_line, started_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (file_digest, mapping_digest) DO NOTHING
            """,
            id,
            mapping.kind.rawValue,
            mapping.source,
            file.name,
            file.digest,
            mapping.digest,
            yaml,
            file.start.offset,
            file.start.line,
            now
        )
    }

    /// Moves the place on.
    /// - Returns: false when somebody else has moved it.
    static func move(
        _ id: ID<StockImport>,
        from: StockPlace,
        to next: StockPlace,
        in tx: any Transaction
    ) throws -> Bool {
        try tx.execute(
            """
            UPDATE stock_import SET next_offset = $3, next_line = $4
            WHERE id = $1 AND next_offset = $2 AND ended_at IS NULL
            """,
            id,
            from.offset,
            next.offset,
            next.line
        ) == 1
    }

    static func end(_ id: ID<StockImport>, at now: Instant, in tx: any Transaction) throws -> Bool {
        try tx.execute("UPDATE stock_import SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL", id, now)
            == 1
    }

    static func report(_ id: ID<StockImport>, digest: String, at now: Instant, in tx: any Transaction) throws
    {
        try tx.execute(
            "UPDATE stock_import SET report_digest = $2, reported_at = $3 WHERE id = $1",
            id,
            digest,
            now
        )
    }

    /// The row as the source had it stands beside what became of it, sealed: it holds numbers of people.
    static func insert(
        _ row: StockRow,
        columns: [String],
        of id: ID<StockImport>,
        outcome: StockOutcome,
        object: String?,
        marks: [String],
        in tx: any Transaction
    ) throws {
        let written = Dictionary(uniqueKeysWithValues: zip(columns, row.values.map(JSON.string)))
        try tx.execute(
            """
            INSERT INTO stock_row (import, line, outcome, object, marks, source) VALUES ($1, $2, $3, $4, $5, $6)
            """,
            id,
            row.line,
            outcome.rawValue,
            object,
            marks.joined(separator: " "),
            PersonalText(.object(written))
        )
    }

    static func forget(before moment: Instant, countMax: Int, in tx: any Transaction) throws -> Int {
        try tx.execute(
            """
            UPDATE stock_row SET source = ''
            WHERE source <> '' AND (import, line) IN (
                SELECT r.import, r.line FROM stock_row r JOIN stock_import i ON i.id = r.import
                WHERE i.ended_at < $1 AND r.source <> '' ORDER BY r.import, r.line LIMIT $2)
            """,
            moment,
            countMax
        )
    }

    /// Rows that are here now, kept or there before, in their order.
    static func objects(
        of id: ID<StockImport>,
        after line: Int,
        limit: Int,
        in reader: any Reader
    ) throws -> [(line: Int, outcome: StockOutcome, object: String)] {
        try reader.query(
            """
            SELECT line, outcome, object FROM stock_row
            WHERE import = $1 AND line > $2 AND object IS NOT NULL ORDER BY line LIMIT $3
            """,
            id,
            line,
            limit
        ).map { (try $0.int(0), try $0.value(1), try $0.text(2)) }
    }

    /// Rows that stayed out, in their order, with the codes of what was found in them.
    static func leftOut(of id: ID<StockImport>, after line: Int, limit: Int, in reader: any Reader) throws
        -> [(line: Int, marks: [String])]
    {
        try reader.query(
            """
            SELECT line, marks FROM stock_row
            WHERE import = $1 AND line > $2 AND outcome = 'left-out' ORDER BY line LIMIT $3
            """,
            id,
            line,
            limit
        ).map { (try $0.int(0), try $0.text(1).split(separator: " ").map(String.init)) }
    }

    static func counts(of id: ID<StockImport>, in reader: any Reader) throws -> [StockOutcome: Int] {
        let rows = try reader.query(
            "SELECT outcome, COUNT(*) FROM stock_row WHERE import = $1 GROUP BY outcome",
            id
        )
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.value(0), try $0.int(1)) })
    }
}
