/// FEEL, the expression language of DMN 1.5 (chapter 10.3).
public enum FEEL {
    public typealias Expression = RuleExpression

    /// Reads an expression.
    /// - Parameters:
    ///   - text: at most 65,536 characters.
    ///   - names: names in scope. A name with spaces needs none; one with `+ - * / '` inside does.
    ///   - position: where the text begins, for errors in a larger file.
    /// - Throws: `RuleError` with line and column: no FEEL, not built, too long or nested too deep.
    public static func parse(
        _ text: String, names: Set<String> = [], at position: SourcePosition = SourcePosition()
    ) throws(RuleError) -> RuleExpression {
        throw RuleError(.unsupported, at: position, ["feature": "FEEL"])
    }

    /// Reads unary tests, as a cell of a decision table holds them: `-`, `"a","b"`, `[1..3]`, `> 5`, `not("x")`,
    /// `? > limit`. The result is evaluated with `test(_:in:)`.
    public static func parseTests(
        _ text: String, names: Set<String> = [], at position: SourcePosition = SourcePosition()
    ) throws(RuleError) -> RuleExpression {
        throw RuleError(.unsupported, at: position, ["feature": "FEEL"])
    }
}

/// An expression that was read once and can be evaluated many times, from many threads.
public struct RuleExpression: Sendable, CustomStringConvertible {
    /// As it was written.
    public let text: String
    /// Names that the expression takes from its context.
    public let freeNames: Set<String>

    public func evaluate(in context: RuleContext) -> Evaluation {
        Evaluation(value: .null, warnings: [])
    }

    /// Whether `value` passes these unary tests: true, false or null.
    public func test(_ value: RuleValue, in context: RuleContext) -> Evaluation {
        Evaluation(value: .null, warnings: [])
    }

    public var description: String { text }
}
