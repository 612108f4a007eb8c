import Foundation
public import Kernel

/// A tab-separated file with a header line: the shape of every reference file. Fields hold no tabs and no quotes.
public struct TabTable {
    public let file: String
    private let columns: [String: Int]
    private let rows: [[Substring]]

    /// Reads `Resources/standards/<name>`.
    public init(_ name: String, home: Home, columns wanted: [String]) throws(StandardsError) {
        let path = home.resource("standards/\(name)")
        guard let data = FileManager.default.contents(atPath: path) else { throw .fileMissing(path: path) }
        guard let text = String(validating: data, as: UTF8.self) else { throw .notUTF8(file: name) }
        try self.init(name, text: text, columns: wanted)
    }

    public init(_ name: String, text: String, columns wanted: [String]) throws(StandardsError) {
        file = name
        var lines = Self.split(text, at: UInt8(ascii: "\n"))
        if lines.last?.isEmpty == true { lines.removeLast() }
        guard let header = lines.first else { throw .badRow(file: name, line: 1, why: "no header") }
        var columns: [String: Int] = [:]
        for (index, column) in Self.split(header, at: UInt8(ascii: "\t")).enumerated() {
            columns[String(column)] = index
        }
        for column in wanted where columns[column] == nil { throw .columnMissing(file: name, column: column) }
        var rows: [[Substring]] = []
        rows.reserveCapacity(lines.count)
        for (index, line) in lines.dropFirst().enumerated() {
            let fields = Self.split(line, at: UInt8(ascii: "\t"))
            guard fields.count == columns.count else {
                throw .badRow(
                    file: name,
                    line: index + 2,
                    why: "\(fields.count) fields instead of \(columns.count)"
                )
            }
            rows.append(fields)
        }
        self.columns = columns
        self.rows = rows
    }

    public var count: Int { rows.count }

    /// Makes a value of every row, in the file's order.
    public func map<Value>(_ make: (TabRow) throws(StandardsError) -> Value) throws(StandardsError) -> [Value]
    {
        var values: [Value] = []
        values.reserveCapacity(rows.count)
        for (index, fields) in rows.enumerated() {
            values.append(try make(TabRow(file: file, line: index + 2, columns: columns, fields: fields)))
        }
        return values
    }

    private static func split(_ text: some StringProtocol, at separator: UInt8) -> [Substring] {
        var parts: [Substring] = []
        let whole = Substring(text)
        let bytes = whole.utf8
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: separator) {
            parts.append(whole[start..<end])
            start = bytes.index(after: end)
        }
        parts.append(whole[start...])
        return parts
    }
}

/// One line of a `TabTable`, read by column name.
public struct TabRow {
    public let file: String
    public let line: Int
    let columns: [String: Int]
    let fields: [Substring]

    public func text(_ column: String) -> String { columns[column].map { String(fields[$0]) } ?? "" }

    /// Nil for an empty field.
    public func optional(_ column: String) -> String? {
        let value = text(column)
        return value.isEmpty ? nil : value
    }

    public func integer(_ column: String) throws(StandardsError) -> Int {
        guard let number = Int(text(column)) else { throw bad("\(column) is no whole number") }
        return number
    }

    public func double(_ column: String) throws(StandardsError) -> Double? {
        guard let value = optional(column) else { return nil }
        guard let number = Double(value) else { throw bad("\(column) is no number") }
        return number
    }

    public func date(_ column: String) throws(StandardsError) -> LocalDate {
        guard let date = LocalDate(parsing: text(column)) else { throw bad("\(column) is no date") }
        return date
    }

    public func optionalDate(_ column: String) throws(StandardsError) -> LocalDate? {
        optional(column) == nil ? nil : try date(column)
    }

    public func bad(_ why: String) -> StandardsError { .badRow(file: file, line: line, why: why) }
}
