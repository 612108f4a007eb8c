public import Kernel

/// Why the reference data under `Resources/standards` cannot be used. The program does not start without them.
public enum StandardsError: Refusal, Equatable {
    case fileMissing(path: String)
    case notUTF8(file: String)
    /// The header does not name a column that is needed.
    case columnMissing(file: String, column: String)
    /// `line` counts from 1, the header being line 1.
    case badRow(file: String, line: Int, why: String)

    public var code: String {
        switch self {
        case .fileMissing: "standards.file-missing"
        case .notUTF8: "standards.not-utf8"
        case .columnMissing: "standards.column-missing"
        case .badRow: "standards.bad-row"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .fileMissing(let path): ["file": path]
        case .notUTF8(let file): ["file": file]
        case .columnMissing(let file, let column): ["file": file, "column": column]
        case .badRow(let file, let line, let why): ["file": file, "line": String(line), "why": why]
        }
    }

    public var status: RefusalStatus { .unavailable }
}
