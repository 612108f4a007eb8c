public import Kernel

/// Why a file of stock or its mapping cannot be worked with at all. What is wrong with single rows is a `StockFinding`.
public enum StockError: Refusal, Equatable {
    case unreadable(file: String)
    case encoding(file: String, line: Int)
    case header(file: String)
    /// It is not the file that was tried: somebody has written to it, or put another in its place.
    case changed(file: String)
    /// The mapping names a column that the file does not have.
    case noColumn(column: String, file: String)
    /// The mapping leaves out a field that every row must have.
    case fieldUnmapped(field: String, kind: String)
    case unknownField(field: String, kind: String)
    /// Rows are wrong, and nobody said that they may stay out.
    case rowsWrong(count: Int)
    /// Another run of the same file and mapping is at work.
    case otherRun
    /// Nothing of this file was ever run with this mapping.
    case neverRun
    /// It was killed or broke off; it has to be run to its end first.
    case unfinished(line: Int)

    public var code: String {
        switch self {
        case .unreadable: "stock.unreadable"
        case .encoding: "stock.encoding"
        case .header: "stock.header"
        case .changed: "stock.changed"
        case .noColumn: "stock.no-column"
        case .fieldUnmapped: "stock.field-unmapped"
        case .unknownField: "stock.unknown-field"
        case .rowsWrong: "stock.rows-wrong"
        case .otherRun: "stock.other-run"
        case .neverRun: "stock.never-run"
        case .unfinished: "stock.unfinished"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .unreadable(let file), .header(let file), .changed(let file): ["file": file]
        case .encoding(let file, let line): ["file": file, "line": String(line)]
        case .noColumn(let column, let file): ["column": column, "file": file]
        case .fieldUnmapped(let field, let kind), .unknownField(let field, let kind):
            ["field": field, "kind": kind]
        case .rowsWrong(let count): ["count": String(count)]
        case .unfinished(let line): ["line": String(line)]
        case .otherRun, .neverRun: [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .unreadable, .neverRun: .notFound
        case .encoding, .header, .noColumn, .fieldUnmapped, .unknownField, .rowsWrong: .unacceptable
        case .otherRun, .unfinished, .changed: .notAllowedNow
        }
    }
}
