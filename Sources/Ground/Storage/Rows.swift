/// Many rows of one table that are inserted together, as a takeover of stock writes them.
///
/// The statement is a plain `INSERT INTO table (columns) VALUES ($1, $2 …)` that names each place once and in order:
/// SQLite runs it row by row, PostgreSQL makes a `COPY` of it, which knows nothing of what may stand behind the places.
/// A row that cannot stand ends the whole write.
public struct Rows: Sendable {
    public let insert: StaticString
    /// Columns of a row.
    public let width: Int
    package private(set) var values: [ColumnValue] = []
    /// Places in `values` that must not rest as they are.
    private var guarded: [(place: Int, secrecy: Secrecy)] = []

    public init(_ insert: StaticString) {
        precondition(Self.isPlain(insert.description), "no plain INSERT: \(insert)")
        self.insert = insert
        width = insert.withUTF8Buffer { text in text.count { $0 == UInt8(ascii: "$") } }
    }

    static func isPlain(_ insert: String) -> Bool {
        let words = insert.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard let match = words.wholeMatch(of: #/INSERT INTO \w+ \(([\w, ]+)\) VALUES \(([$\d, ]+)\)/#) else {
            return false
        }
        let columns = match.1.split(separator: ", ")
        return match.2.split(separator: ", ").map(String.init) == (1...columns.count).map { "$\($0)" }
    }

    public var count: Int { values.count / width }
    public var isEmpty: Bool { values.isEmpty }

    public mutating func add(_ row: any Bindable...) {
        precondition(!isSealed, "rows are sealed when all are there")
        precondition(row.count == width, "a value for each column")
        for value in row {
            switch value.secrecy {
            case .none: break
            case let secrecy: guarded.append((values.count, secrecy))
            }
            values.append(value.bound)
        }
    }

    /// With what is personal sealed. Once is enough.
    package func sealed(by seal: any ColumnSeal) throws -> Rows {
        var sealed = self
        sealed.guarded = []
        sealed.isSealed = true
        var next = guarded[...]
        for (place, value) in values.enumerated() {
            if place == next.first?.place, let kept = try seal.kept(next.removeFirst().secrecy) {
                sealed.values[place] = kept
            } else if value.isSealed {
                throw StorageError.looksSealed
            }
        }
        return sealed
    }

    /// Whether what is personal was sealed, and the rest looked at: nothing in it only looks sealed.
    package private(set) var isSealed = false
}
