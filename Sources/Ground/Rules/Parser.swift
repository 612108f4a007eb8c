/// Reads FEEL (DMN 1.5, 10.3.1.2): precedence climbing over words, names resolved while reading.
struct Parser {
    let tokens: [Token]
    let source: [Unicode.Scalar]
    let origin: SourcePosition
    var index = 0
    var scope: NameScope
    /// Calls of `expression`, bounded because `in (` may read its text twice.
    var effort = 0
    var nesting = 0
    var endsRange = false
    /// Set while the function about to be read is the value of a context entry.
    var ownSlot: Int?

    /// Scalars of a text, levels of nesting, sub-expressions read.
    static let lengthMax = 65_536
    static let heightMax = 200
    static let nestingMax = 100
    static let effortMax = 400_000

    init(_ text: String, scope: NameScope, at origin: SourcePosition) throws(RuleError) {
        guard text.utf8.count <= Self.lengthMax * 4, text.unicodeScalars.count <= Self.lengthMax else {
            throw RuleError(.tooLong, at: origin, ["limit": String(Self.lengthMax)])
        }
        tokens = try Lexer.tokens(text, at: origin)
        source = Array(text.unicodeScalars)
        self.origin = origin
        self.scope = scope
    }

    // MARK: Entrances

    mutating func wholeExpression() throws(RuleError) -> Node {
        let node = try expression()
        try expectEnd()
        return node
    }

    /// Unary tests as a cell holds them (rule 15). The tested value lies in slot 0.
    mutating func wholeTests() throws(RuleError) -> Node {
        let slot = scope.reserve()
        scope.push(["?": slot])
        let start = token
        let tests = try unaryTests()
        try expectEnd()
        return try node(.tests(tests, slot: slot), at: start, over: Self.nodes(of: tests))
    }

    mutating func unaryTests() throws(RuleError) -> Node.Tests {
        if isSymbol("-"), tokens[index + 1].kind == .end {
            index += 1
            return Node.Tests(negated: false, tests: [], isAny: true)
        }
        if token.text == "not", token.kind == .name, tokens[index + 1].text == "(" {
            let start = index
            let saved = scope
            index += 2
            if let tests = try? testList(), accept(")"), token.kind == .end {
                return Node.Tests(negated: true, tests: tests, isAny: false)
            }
            index = start
            scope = saved
        }
        return Node.Tests(negated: false, tests: try testList(), isAny: false)
    }

    mutating func testList() throws(RuleError) -> [Node.Test] {
        var tests = [try test(whole: true)]
        while accept(",") { tests.append(try test(whole: true)) }
        return tests
    }

    /// - Parameter whole: a full expression may stand here; else one that binds tighter than comparison.
    mutating func test(whole: Bool) throws(RuleError) -> Node.Test {
        if token.kind == .symbol, let operation = Comparison(rawValue: token.text) {
            index += 1
            return .compare(operation, try additive())
        }
        let start = index
        let node = whole ? try expression() : try additive()
        let usesInput = tokens[start..<index].contains { $0.kind == .name && $0.text == "?" }
        return .value(node, usesInput: usesInput)
    }

    static func nodes(of tests: Node.Tests) -> [Node] {
        tests.tests.map { test in
            switch test {
            case .compare(_, let node), .value(let node, _): node
            }
        }
    }

    // MARK: Words

    var token: Token { tokens[index] }

    func isSymbol(_ text: String) -> Bool { token.kind == .symbol && token.text == text }
    func isWord(_ text: String) -> Bool { token.kind == .name && token.text == text }

    mutating func accept(_ text: String) -> Bool {
        guard isSymbol(text) else { return false }
        index += 1
        return true
    }

    mutating func acceptWord(_ text: String) -> Bool {
        guard isWord(text) else { return false }
        index += 1
        return true
    }

    mutating func expect(_ text: String) throws(RuleError) {
        guard token.text == text, token.kind == .symbol || token.kind == .name else { throw unexpected(text) }
        index += 1
    }

    func expectEnd() throws(RuleError) {
        guard token.kind == .end else { throw unexpected("end") }
    }

    func unexpected(_ expected: String) -> RuleError {
        RuleError(
            .syntax,
            at: position(token),
            ["found": token.kind == .end ? "end" : token.text, "expected": expected]
        )
    }

    func position(_ token: Token) -> SourcePosition {
        SourcePosition(file: origin.file, line: token.line, column: token.column)
    }

    func node(_ kind: Node.Kind, at token: Token, over children: [Node] = []) throws(RuleError)
        -> Node
    {
        var height = 0
        for child in children { height = max(height, child.height) }
        guard height < Self.heightMax else {
            throw RuleError(.tooDeep, at: position(token), ["limit": String(Self.heightMax)])
        }
        return Node(kind, line: token.line, column: token.column, height: height + 1)
    }

    // MARK: Expressions

    mutating func expression() throws(RuleError) -> Node {
        effort += 1
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.nestingMax else {
            throw RuleError(.tooDeep, at: position(token), ["limit": String(Self.nestingMax)])
        }
        guard effort <= Self.effortMax else {
            throw RuleError(.tooLong, at: position(token), ["limit": String(Self.effortMax)])
        }
        let wasRangeEnd = endsRange
        endsRange = false
        defer { endsRange = wasRangeEnd }
        return try disjunction()
    }

    mutating func disjunction() throws(RuleError) -> Node {
        let start = token
        var parts = [try conjunction()]
        while acceptWord("or") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : try node(.any(parts), at: start, over: parts)
    }

    mutating func conjunction() throws(RuleError) -> Node {
        let start = token
        var parts = [try comparison()]
        while acceptWord("and") { parts.append(try comparison()) }
        return parts.count == 1 ? parts[0] : try node(.all(parts), at: start, over: parts)
    }

    mutating func comparison() throws(RuleError) -> Node {
        let start = token
        var left = try additive()
        while true {
            if token.kind == .symbol, let operation = Comparison(rawValue: token.text) {
                index += 1
                let right = try additive()
                left = try node(.compare(operation, left, right), at: start, over: [left, right])
            } else if acceptWord("between") {
                let low = try additive()
                try expect("and")
                let high = try additive()
                left = try node(.between(left, low, high), at: start, over: [left, low, high])
            } else if acceptWord("in") {
                left = try within(left, from: start)
            } else {
                return left
            }
        }
    }

    mutating func within(_ value: Node, from start: Token) throws(RuleError) -> Node {
        let slot = scope.reserve()
        scope.push(["?": slot])
        defer { scope.pop(releasing: 1) }
        let begin = index
        let saved = scope
        var tests: [Node.Test]?
        if accept("(") {
            // Either a list of tests, or an expression that begins with a bracket, such as (1..3].
            if let list = try? testList(), accept(")"), !continuesExpression {
                tests = list
            } else {
                index = begin
                scope = saved
            }
        }
        let list = if let tests { tests } else { [try test(whole: false)] }
        let all = Node.Tests(negated: false, tests: list, isAny: false)
        return try node(.within(value, all, slot: slot), at: start, over: [value] + Self.nodes(of: all))
    }

    /// Whether what stood in brackets was only the beginning of an expression, as in `x in (a + b) * 2`.
    var continuesExpression: Bool {
        token.kind == .symbol && ["+", "-", "*", "/", "**", ".", "[", "(", ".."].contains(token.text)
    }

    mutating func additive() throws(RuleError) -> Node {
        try binary([["+": .add, "-": .subtract], ["*": .multiply, "/": .divide], ["**": .power]], level: 0)
    }

    mutating func binary(
        _ levels: [[String: Arithmetic]],
        level: Int
    ) throws(RuleError) -> Node {
        guard level < levels.count else { return try negation() }
        let start = token
        var left = try binary(levels, level: level + 1)
        while token.kind == .symbol, let operation = levels[level][token.text] {
            index += 1
            let right = try binary(levels, level: level + 1)
            left = try node(.arithmetic(operation, left, right), at: start, over: [left, right])
        }
        return left
    }

    mutating func negation() throws(RuleError) -> Node {
        let start = token
        var count = 0
        while accept("-") { count += 1 }
        var result = try instance()
        for _ in 0..<count {
            if case .literal(.number(let number)) = result.kind {
                result = try node(.literal(.number(number.negated)), at: start)
            } else {
                result = try node(.negate(result), at: start, over: [result])
            }
        }
        return result
    }

    mutating func instance() throws(RuleError) -> Node {
        let start = token
        var value = try postfix()
        while isWord("instance"), tokens[index + 1].text == "of" {
            index += 2
            value = try node(.instance(value, try type()), at: start, over: [value])
        }
        return value
    }

    mutating func postfix() throws(RuleError) -> Node {
        let start = token
        var value = try primary()
        while true {
            if accept(".") {
                value = try node(.path(value, try memberName()), at: start, over: [value])
            } else if isSymbol("(") {
                value = try call(value, from: start)
            } else if isSymbol("[") {
                guard let filtered = try filter(value, from: start) else { return value }
                value = filtered
            } else {
                return value
            }
        }
    }

    /// Nil when the bracket closes a range, as in `]1..limit[`.
    mutating func filter(_ value: Node, from start: Token) throws(RuleError) -> Node? {
        let begin = index
        let mayClose = endsRange
        let saved = scope
        do {
            index += 1
            let slot = scope.reserve()
            scope.pushItem(slot)
            let condition = try expression()
            scope.pop(releasing: 1)
            try expect("]")
            return try node(.filter(value, condition, slot: slot), at: start, over: [value, condition])
        } catch {
            guard mayClose else { throw error }
            scope = saved
            index = begin
            return nil
        }
    }

    mutating func call(_ callee: Node, from start: Token) throws(RuleError) -> Node {
        try expect("(")
        if accept(")") { return try node(.call(callee, []), at: start, over: [callee]) }
        if let first = try parameterName() {
            var named = [(name: first, value: try expression())]
            while accept(",") {
                guard let name = try parameterName() else { throw unexpected("parameter name") }
                named.append((name, try expression()))
            }
            try expect(")")
            return try node(.callNamed(callee, named), at: start, over: [callee] + named.map(\.value))
        }
        var arguments = [try expression()]
        while accept(",") { arguments.append(try expression()) }
        try expect(")")
        let call = try node(.call(callee, arguments), at: start, over: [callee] + arguments)
        return try folded(call, callee, arguments, at: start)
    }

    static let foldedFunctions: Set<String> = ["date", "time", "date and time", "duration", "number"]

    /// `date("2026-01-01")` and the like become the value they write, so that tables can index it.
    func folded(
        _ call: Node,
        _ callee: Node,
        _ arguments: [Node],
        at start: Token
    ) throws(RuleError) -> Node {
        guard case .builtin(let builtin) = callee.kind, Self.foldedFunctions.contains(builtin.name) else {
            return call
        }
        for argument in arguments {
            guard case .literal = argument.kind else { return call }
        }
        var machine = Machine(call, slots: 0, context: RuleContext(), file: origin.file)
        let value = try machine.evaluate(call)
        return value.isNull ? call : try node(.literal(value), at: start)
    }

    /// `name :` when that stands here.
    mutating func parameterName() throws(RuleError) -> String? {
        let start = index
        while token.kind == .name || token.kind == .number || isSymbol("-") { index += 1 }
        guard index > start, accept(":") else {
            index = start
            return nil
        }
        return text(start..<index - 1)
    }
}
