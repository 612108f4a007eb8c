public import Kernel

/// A place in a text. Lines and columns count from 1; a column counts characters, not bytes.
public struct SourcePosition: Hashable, Sendable, CustomStringConvertible {
    public var file: String?
    public var line: Int
    public var column: Int

    public init(file: String? = nil, line: Int = 1, column: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
    }

    public var description: String { (file.map { "\($0):" } ?? "") + "\(line):\(column)" }
}

/// Why an expression or a table cannot be read, or why its evaluation was stopped.
///
/// A wrong *value* is no error: FEEL answers null with a warning (DMN 1.5, 10.3.2). Errors are texts that are no
/// FEEL, tables that contradict themselves, features that are not built, and hostile sizes.
public struct RuleError: Refusal, Equatable, CustomStringConvertible {
    public enum Reason: String, Sendable, CaseIterable {
        /// The text is no FEEL. Arguments: `found`, `expected`.
        case syntax
        /// FEEL or DMN, but not built here. Arguments: `feature`.
        case unsupported
        /// Nested deeper, or longer, than the limit. Arguments: `limit`.
        case tooDeep = "too-deep"
        case tooLong = "too-long"
        /// Evaluation took more steps, or built more values, than its context allows. Arguments: `limit`.
        case tooManySteps = "too-many-steps"
        /// The file is no YAML, or uses tags, anchors or a second document. Arguments: `problem`.
        case yaml
        /// No function bears this name. Arguments: `name`.
        case unknownFunction = "unknown-function"
        /// A key that the grammar does not know. Arguments: `key`.
        case unknownKey = "unknown-key"
        /// A key that must be there. Arguments: `key`.
        case missingKey = "missing-key"
        /// A value of the wrong kind or outside its list. Arguments: `key`, `expected`.
        case badValue = "bad-value"
        /// Two rows, inputs or outputs bear one name. Arguments: `name`.
        case duplicate
        /// A row has more or fewer cells than there are columns. Arguments: `row`, `expected`, `found`.
        case cellCount = "cell-count"
        /// An output value is not among those listed. Arguments: `row`, `column`, `value`.
        case notListed = "not-listed"
        /// More than one row of a UNIQUE table was hit. Arguments: `table`, `rows`.
        case overlap
        /// Rows of an ANY table were hit with different outputs. Arguments: `table`, `rows`.
        case disagreement
        /// An input's value is not of the column's type. Arguments: `table`, `input`, `expected`, `found`.
        case inputType = "input-type"
    }

    public let reason: Reason
    public let position: SourcePosition
    private let details: [String: String]

    public init(_ reason: Reason, at position: SourcePosition, _ details: [String: String] = [:]) {
        self.reason = reason
        self.position = position
        self.details = details
    }

    public var code: String { "rule.\(reason.rawValue)" }

    public var arguments: [String: String] {
        var all = details
        all["position"] = position.description
        return all
    }

    public var status: RefusalStatus {
        switch reason {
        case .unsupported: .unsupported
        case .tooDeep, .tooLong, .tooManySteps: .tooLarge
        case .overlap, .disagreement, .inputType: .unacceptable
        case .syntax, .unknownFunction, .yaml, .unknownKey, .missingKey, .badValue, .duplicate, .cellCount,
            .notListed:
            .malformed
        }
    }

    /// One English line for logs and the command line; people read the message catalogue.
    public var description: String {
        let named = details.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return "\(position): \(code)" + (named.isEmpty ? "" : " (\(named))")
    }
}
