import Foundation
public import Kernel
public import Standards
public import Storage

/// Reads tables that a bureau supplies and puts them in force. A file with one bad row is refused whole, with a
/// list of everything that is wrong in it.
public enum ReferenceImport {
    static let problemsMax = 200

    /// Reads and checks a file; stores nothing.
    /// - Parameters:
    ///   - bytes: UTF-8, TSV or CSV, at most 32 MiB; a header line, `#` lines before it or between rows.
    ///   - kind: of `ReferenceSchema.all`.
    public static func read(
        _ bytes: [UInt8],
        kind: String,
        standards: Standards
    ) throws(ReferenceRejected) -> ReferenceTable {
        guard let schema = ReferenceSchema.named(kind) else {
            throw ReferenceRejected(kind: kind, problems: [.init(line: 0, code: "reference.unknown-kind")])
        }
        switch ReferenceReader.lines(bytes) {
        case .failure(let fault):
            throw ReferenceRejected(kind: kind, problems: [.init(line: fault.line, code: fault.code)])
        case .success(let lines):
            var check = TableCheck(schema: schema, standards: standards)
            let rows = check.rows(of: lines)
            guard check.problems.isEmpty else {
                throw ReferenceRejected(kind: kind, problems: check.problems)
            }
            return ReferenceTable(kind: kind, rows: rows)
        }
    }

    /// Reads a file that ships with the program, `Resources/company/<kind>.tsv`.
    public static func shipped(
        _ kind: String,
        home: Home,
        standards: Standards
    ) throws(ReferenceRejected) -> ReferenceTable {
        let path = home.resource("company/\(kind).tsv")
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ReferenceRejected(
                kind: kind,
                problems: [.init(line: 0, code: "reference.no-file", arguments: ["path": path])]
            )
        }
        return try read(Array(data), kind: kind, standards: standards)
    }

    /// Puts a table in force from a day on, beside its earlier versions.
    /// - Parameter source: where it came from, such as a document number.
    public static func store(
        _ table: ReferenceTable,
        effective: LocalDate,
        source: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try ReferenceStore.insert(table, effective: effective, source: source, occasion: occasion, in: tx)
    }

    /// Loads every shipped table that is not there yet, or whose shipped text has changed, from its first day on.
    /// A version that a bureau imported later stays in force.
    /// - Returns: the kinds that were loaded.
    @discardableResult
    public static func loadShipped(
        home: Home,
        standards: Standards,
        occasion: Occasion,
        into database: any Database
    ) async throws -> [String] {
        var tables: [ReferenceTable] = []
        for schema in ReferenceSchema.all {
            tables.append(try shipped(schema.kind, home: home, standards: standards))
        }
        let loaded = tables
        return try await database.write { tx in
            try loaded.filter { table in
                let fingerprint = try ReferenceStore.fingerprint(table.kind, source: shippedSource, in: tx)
                guard fingerprint != table.fingerprint else { return false }
                try ReferenceStore.insert(
                    table,
                    effective: firstDay,
                    source: shippedSource,
                    occasion: occasion,
                    in: tx
                )
                return true
            }.map(\.kind)
        }
    }

    /// The table in force on `date`; nil when none was ever loaded.
    public static func table(
        _ kind: String,
        on date: LocalDate,
        in reader: any Reader
    ) throws -> ReferenceTable? {
        try ReferenceStore.table(kind, on: date, in: reader)
    }

    /// Which versions are in force on `date`: changes when any of them does.
    public static func versions(on date: LocalDate, in reader: any Reader) throws -> String {
        try ReferenceStore.inForce(on: date, in: reader)
    }

    private static let shippedSource = "shipped-sample"
    private static let firstDay = LocalDate(dayNumber: 0)
}

/// Checks the lines of one file against one schema and collects what is wrong.
private struct TableCheck {
    let schema: ReferenceSchema
    let standards: Standards
    var problems: [ReferenceProblem] = []

    init(schema: ReferenceSchema, standards: Standards) {
        self.schema = schema
        self.standards = standards
    }

    mutating func note(_ problem: ReferenceProblem) {
        if problems.count < ReferenceImport.problemsMax { problems.append(problem) }
    }

    mutating func rows(of lines: [ReferenceReader.Line]) -> [ReferenceRow] {
        guard let header = lines.first else {
            note(.init(line: 0, code: "reference.empty"))
            return []
        }
        guard lines.count - 1 <= ReferenceReader.rowsMax else {
            note(.init(line: 0, code: "reference.too-large"))
            return []
        }
        let names = header.fields.map { $0.trimmingCharacters(in: .whitespaces) }
        for column in schema.columns where !names.contains(column.name) {
            note(.init(line: header.number, column: column.name, code: "reference.column-missing"))
        }
        for name in names where !schema.columns.contains(where: { $0.name == name }) {
            note(.init(line: header.number, column: name, code: "reference.column-unknown"))
        }
        guard problems.isEmpty else { return [] }
        if lines.count == 1 { note(.init(line: header.number, code: "reference.empty")) }
        let columns = Dictionary(schema.columns.map { ($0.name, $0) }) { first, _ in first }
        var seen: [[String]: Int] = [:]
        return lines.dropFirst().map { row($0, names: names, columns: columns, seen: &seen) }
    }

    private mutating func row(
        _ line: ReferenceReader.Line,
        names: [String],
        columns: [String: ReferenceSchema.Column],
        seen: inout [[String]: Int]
    ) -> ReferenceRow {
        guard line.fields.count == names.count else {
            let counts = ["count": String(line.fields.count), "wanted": String(names.count)]
            note(.init(line: line.number, code: "reference.field-count", arguments: counts))
            return ReferenceRow([:])
        }
        var values: [String: String] = [:]
        for (name, field) in zip(names, line.fields) {
            let value = field.trimmingCharacters(in: .whitespaces)
            values[name] = value
            guard let column = columns[name] else { continue }
            if value.isEmpty {
                if column.isRequired {
                    note(.init(line: line.number, column: name, code: "reference.missing"))
                }
                continue
            }
            if let code = column.content.problem(with: value, standards: standards) {
                let arguments = ["value": String(value.prefix(40)), "wanted": column.content.expectation]
                note(.init(line: line.number, column: name, code: code, arguments: arguments))
            }
        }
        let row = ReferenceRow(values)
        if let from = row.date("from"), let until = row.date("until"), until < from {
            note(.init(line: line.number, column: "until", code: "reference.ends-before-start"))
        }
        let key = schema.key.map { row[$0] }
        if let first = seen.updateValue(line.number, forKey: key) {
            let arguments = ["first": String(first)]
            let column = schema.key.joined(separator: "+")
            note(.init(line: line.number, column: column, code: "reference.duplicate", arguments: arguments))
        }
        return row
    }
}
