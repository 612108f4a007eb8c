public import Kernel

/// A table that was read and found good: rows in the file's order, every field text that fits its column.
public struct ReferenceTable: Sendable, Hashable {
    public let kind: String
    public let rows: [ReferenceRow]
    /// Changes when any row changes; for telling two versions apart, no proof of anything.
    public let fingerprint: String

    public init(kind: String, rows: [ReferenceRow]) {
        self.kind = kind
        self.rows = rows
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for row in rows {
            for byte in row.json.canonicalBytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        fingerprint = Hex.encode((0..<8).map { UInt8(truncatingIfNeeded: hash >> UInt64(56 - 8 * $0)) })
    }

    /// Rows that are in force on `date`, by their columns `from` and `until` (which is the last day).
    public func rows(on date: LocalDate) -> [ReferenceRow] { rows.filter { $0.isInForce(on: date) } }
}

/// One row, read by column name. A column that the table does not have reads as empty.
public struct ReferenceRow: Sendable, Hashable {
    public let values: [String: String]

    public init(_ values: [String: String]) { self.values = values }

    public subscript(column: String) -> String { values[column] ?? "" }

    public func date(_ column: String) -> LocalDate? { LocalDate(parsing: self[column]) }

    public func int(_ column: String) -> Int? { Int(self[column]) }

    public func isInForce(on date: LocalDate) -> Bool {
        if let from = self.date("from"), date < from { return false }
        if let until = self.date("until"), until < date { return false }
        return true
    }

    public var json: JSON { .object(values.filter { !$0.value.isEmpty }.mapValues(JSON.string)) }
}

enum LocalDateText {
    static func isDate(_ text: String) -> Bool { LocalDate(parsing: text) != nil }
}
