/// How many rows may be hit and what becomes of their outputs (DMN 1.5, 8.2.8).
public enum HitPolicy: String, Sendable, CaseIterable {
    case unique = "UNIQUE"
    case first = "FIRST"
    case priority = "PRIORITY"
    case any = "ANY"
    case collect = "COLLECT"
    case collectSum = "COLLECT SUM"
    case collectMin = "COLLECT MIN"
    case collectMax = "COLLECT MAX"
    case collectCount = "COLLECT COUNT"
    case ruleOrder = "RULE ORDER"
    case outputOrder = "OUTPUT ORDER"
}

/// A decision table: read once, pure, decided many times from many threads.
public struct DecisionTable: Sendable {
    public let name: String
    public let hit: HitPolicy
    public let inputs: [TableInput]
    public let outputs: [TableOutput]
    public let rows: [TableRow]

    /// - Parameters:
    ///   - yaml: grammar in Docs/rules.md; at most 4 MB.
    ///   - file: named in every error.
    public init(yaml: String, file: String, names: Set<String> = []) throws(RuleError) {
        throw RuleError(.unsupported, at: SourcePosition(file: file), ["feature": "decision table"])
    }

    /// - Throws: `overlap`, `disagreement`, `inputType`, a limit reached or a feature not built. A table that no
    ///   row answers gives its default or null with a warning.
    public func decide(in context: RuleContext) throws(RuleError) -> TableDecision {
        throw RuleError(.unsupported, at: SourcePosition(), ["feature": "decision table"])
    }
}

public struct TableInput: Sendable {
    public let name: String
    public let value: RuleExpression
    /// A FEEL type name, or nil when any value will do.
    public let type: String?
}

public struct TableOutput: Sendable {
    public let name: String
    /// What the column may hold, highest priority first; empty when anything.
    public let values: [RuleValue]
}

public struct TableRow: Sendable {
    public let id: String
    /// A cell's text for each input.
    public let when: [String]
    /// A cell's text for each output.
    public let then: [String]
    /// Why the row is there: a law, an article.
    public let note: String?
    public let position: SourcePosition
}

/// What a table answered and why.
public struct TableDecision: Sendable {
    /// Output values by name: of the row that counts; for COLLECT and RULE ORDER a list each.
    public let outputs: RuleRecord
    /// The whole result as FEEL gives it: a value, a context, or a list of either.
    public let result: RuleValue
    /// What was asked, by input name.
    public let inputs: RuleRecord
    /// The rows hit, in the order of the table.
    public let rows: [RowHit]
    /// True when no row was hit and the table's default answered.
    public let isDefault: Bool
    public let warnings: [RuleWarning]

    public subscript(output: String) -> RuleValue { outputs[output] ?? .null }
}

/// One row that was hit, as a reader needs it.
public struct RowHit: Sendable {
    public let id: String
    public let outputs: RuleRecord
    /// The cells that matched; those holding only `-` are left out.
    public let cells: [CellMatch]
    public let note: String?
    public let position: SourcePosition
}

public struct CellMatch: Sendable {
    public let input: String
    /// The condition as it was written.
    public let condition: String
    public let value: RuleValue
}
