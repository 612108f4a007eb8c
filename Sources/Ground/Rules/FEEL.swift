/// FEEL, the expression language of DMN 1.5 (chapter 10.3).
public enum FEEL {
    public typealias Expression = RuleExpression

    /// Reads an expression.
    /// - Parameters:
    ///   - text: at most 65,536 characters.
    ///   - names: names in scope. A name of several words needs none; one with `+ - * / '` inside, with a keyword,
    ///     or that of a function given as a value does.
    ///   - position: where the text begins, for errors in a larger file.
    /// - Throws: `RuleError` with line and column: no FEEL, not built, too long or nested too deep.
    public static func parse(
        _ text: String,
        names: Set<String> = [],
        at position: SourcePosition = SourcePosition()
    ) throws(RuleError) -> RuleExpression {
        try parse(text, scope: NameScope(declared: names), at: position)
    }

    /// The same with the names made ready, for many small texts.
    static func parse(
        _ text: String,
        scope: NameScope,
        at position: SourcePosition
    ) throws(RuleError) -> RuleExpression {
        var parser = try Parser(text, scope: scope, at: position)
        let root = try parser.wholeExpression()
        return RuleExpression(
            text: text,
            root: root,
            slots: parser.scope.slotCount,
            freeNames: parser.scope.free,
            file: position.file
        )
    }

    /// Reads unary tests, as a cell of a decision table holds them: `-`, `"a","b"`, `[1..3]`, `> 5`, `not("x")`,
    /// `? > limit`. The result is asked with `test(_:in:)`.
    public static func parseTests(
        _ text: String,
        names: Set<String> = [],
        at position: SourcePosition = SourcePosition()
    ) throws(RuleError) -> RuleExpression {
        try parseTests(text, scope: NameScope(declared: names), at: position)
    }

    static func parseTests(
        _ text: String,
        scope: NameScope,
        at position: SourcePosition
    ) throws(RuleError) -> RuleExpression {
        var parser = try Parser(text, scope: scope, at: position)
        let root = try parser.wholeTests()
        return RuleExpression(
            text: text,
            root: root,
            slots: parser.scope.slotCount,
            freeNames: parser.scope.free,
            file: position.file
        )
    }
}

/// An expression that was read once and can be evaluated many times, from many threads.
public struct RuleExpression: Sendable, CustomStringConvertible {
    /// As it was written.
    public let text: String
    /// Names that the expression takes from its context.
    public let freeNames: Set<String>
    let root: Node
    let slots: Int
    let file: String?

    init(text: String, root: Node, slots: Int, freeNames: Set<String>, file: String?) {
        self.text = text
        self.root = root
        self.slots = slots
        self.freeNames = freeNames
        self.file = file
    }

    public func evaluate(in context: RuleContext) -> Evaluation {
        // The two commonest expressions need no machine.
        switch root.kind {
        case .literal(let value): return Evaluation(value: value, warnings: [])
        case .global(let name):
            if let value = context.values[name] { return Evaluation(value: value, warnings: []) }
        default: break
        }
        var machine = Machine(root, slots: slots, context: context, file: file)
        do throws(RuleError) {
            let value = try machine.evaluate(root)
            try machine.measure(value)
            return Evaluation(value: value, warnings: machine.warnings)
        } catch {
            return Evaluation(value: .null, warnings: machine.warnings, refusal: error)
        }
    }

    /// Whether `value` passes these unary tests: true, false or null.
    public func test(_ value: RuleValue, in context: RuleContext) -> Evaluation {
        guard case .tests(let tests, let slot) = root.kind else {
            return Evaluation(
                value: .null,
                warnings: [],
                refusal: RuleError(
                    .unsupported,
                    at: SourcePosition(file: file),
                    ["feature": "test by an expression"]
                )
            )
        }
        var machine = Machine(root, slots: slots, context: context, file: file)
        machine.slots[slot] = value
        do throws(RuleError) {
            let answer = try machine.test(tests, slot: slot)
            return Evaluation(value: Machine.truth(answer), warnings: machine.warnings)
        } catch {
            return Evaluation(value: .null, warnings: machine.warnings, refusal: error)
        }
    }

    /// For a range: whether both ends are written as literals, or as calls with literals.
    var hasLiteralEnds: Bool {
        guard case .range(let start?, _, let end?, _) = root.kind else { return false }
        return [start, end].allSatisfy { node in
            switch node.kind {
            case .literal: true
            case .call(_, let arguments):
                arguments.allSatisfy { if case .literal = $0.kind { true } else { false } }
            default: false
            }
        }
    }

    public var description: String { text }

    /// The expression written again from what was understood, brackets only where they are needed.
    public var canonicalText: String { NodePrinter.text(root) }
}
