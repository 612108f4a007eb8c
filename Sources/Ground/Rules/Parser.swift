/// Reads FEEL (DMN 1.5, 10.3.1.2): precedence climbing over words, names resolved while reading.
struct Parser {
    private let tokens: [Token]
    private let source: [Unicode.Scalar]
    private let origin: SourcePosition
    private var index = 0
    var scope: NameScope
    /// Calls of `expression`, bounded because `in (` may read its text twice.
    private var effort = 0
    private var nesting = 0
    private var endsRange = false
    /// Set while the function about to be read is the value of a context entry.
    private var ownSlot: Int?

    /// Scalars of a text, levels of nesting, sub-expressions read.
    static let lengthMax = 65_536
    static let heightMax = 200
    private static let nestingMax = 100
    private static let effortMax = 400_000

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

    private mutating func unaryTests() throws(RuleError) -> Node.Tests {
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

    private mutating func testList() throws(RuleError) -> [Node.Test] {
        var tests = [try test(whole: true)]
        while accept(",") { tests.append(try test(whole: true)) }
        return tests
    }

    /// - Parameter whole: a full expression may stand here; else one that binds tighter than comparison.
    private mutating func test(whole: Bool) throws(RuleError) -> Node.Test {
        if token.kind == .symbol, let operation = Comparison(rawValue: token.text) {
            index += 1
            return .compare(operation, try additive())
        }
        let start = index
        let node = whole ? try expression() : try additive()
        let usesInput = tokens[start..<index].contains { $0.kind == .name && $0.text == "?" }
        return .value(node, usesInput: usesInput)
    }

    private static func nodes(of tests: Node.Tests) -> [Node] {
        tests.tests.map { test in
            switch test {
            case .compare(_, let node), .value(let node, _): node
            }
        }
    }

    // MARK: Words

    private var token: Token { tokens[index] }

    private func isSymbol(_ text: String) -> Bool { token.kind == .symbol && token.text == text }
    private func isWord(_ text: String) -> Bool { token.kind == .name && token.text == text }

    private mutating func accept(_ text: String) -> Bool {
        guard isSymbol(text) else { return false }
        index += 1
        return true
    }

    private mutating func acceptWord(_ text: String) -> Bool {
        guard isWord(text) else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ text: String) throws(RuleError) {
        guard token.text == text, token.kind == .symbol || token.kind == .name else { throw unexpected(text) }
        index += 1
    }

    private func expectEnd() throws(RuleError) {
        guard token.kind == .end else { throw unexpected("end") }
    }

    private func unexpected(_ expected: String) -> RuleError {
        RuleError(
            .syntax,
            at: position(token),
            ["found": token.kind == .end ? "end" : token.text, "expected": expected]
        )
    }

    private func position(_ token: Token) -> SourcePosition {
        SourcePosition(file: origin.file, line: token.line, column: token.column)
    }

    private func node(_ kind: Node.Kind, at token: Token, over children: [Node] = []) throws(RuleError)
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

    private mutating func disjunction() throws(RuleError) -> Node {
        let start = token
        var parts = [try conjunction()]
        while acceptWord("or") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : try node(.any(parts), at: start, over: parts)
    }

    private mutating func conjunction() throws(RuleError) -> Node {
        let start = token
        var parts = [try comparison()]
        while acceptWord("and") { parts.append(try comparison()) }
        return parts.count == 1 ? parts[0] : try node(.all(parts), at: start, over: parts)
    }

    private mutating func comparison() throws(RuleError) -> Node {
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

    private mutating func within(_ value: Node, from start: Token) throws(RuleError) -> Node {
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
    private var continuesExpression: Bool {
        token.kind == .symbol && ["+", "-", "*", "/", "**", ".", "[", "(", ".."].contains(token.text)
    }

    private mutating func additive() throws(RuleError) -> Node {
        try binary([["+": .add, "-": .subtract], ["*": .multiply, "/": .divide], ["**": .power]], level: 0)
    }

    private mutating func binary(
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

    private mutating func negation() throws(RuleError) -> Node {
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

    private mutating func instance() throws(RuleError) -> Node {
        let start = token
        var value = try postfix()
        while isWord("instance"), tokens[index + 1].text == "of" {
            index += 2
            value = try node(.instance(value, try type()), at: start, over: [value])
        }
        return value
    }

    private mutating func postfix() throws(RuleError) -> Node {
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
    private mutating func filter(_ value: Node, from start: Token) throws(RuleError) -> Node? {
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

    private mutating func call(_ callee: Node, from start: Token) throws(RuleError) -> Node {
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

    private static let foldedFunctions: Set<String> = ["date", "time", "date and time", "duration", "number"]

    /// `date("2026-01-01")` and the like become the value they write, so that tables can index it.
    private func folded(
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
    private mutating func parameterName() throws(RuleError) -> String? {
        let start = index
        while token.kind == .name || token.kind == .number || isSymbol("-") { index += 1 }
        guard index > start, accept(":") else {
            index = start
            return nil
        }
        return text(start..<index - 1)
    }

    // MARK: Names

    private static let stops: Set<String> = [
        "and", "or", "between", "in", "instance", "then", "else", "return", "satisfies", "?",
    ]

    /// The words as written, each gap one blank.
    private func text(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        for place in range {
            if place > range.lowerBound, tokens[place].start > tokens[place - 1].end { view.append(" ") }
            view.append(contentsOf: source[tokens[place].start..<tokens[place].end])
        }
        return String(view)
    }

    /// Names beside each other are one name: FEEL has no other meaning for them.
    private func joined() -> Int {
        var end = index + 1
        guard token.text != "?" else { return 1 }
        while tokens[end].kind == .name || tokens[end].kind == .number,
            !Self.stops.contains(tokens[end].text),
            !(tokens[end].kind == .number && tokens[end].text.hasPrefix("."))
        {
            end += 1
        }
        return end - index
    }

    private mutating func nameHere() -> String {
        let plain = joined()
        if let known = scope.longest(tokens[index...]), known.count >= plain {
            index += known.count
            return known.name
        }
        defer { index += plain }
        return text(index..<index + plain)
    }

    private mutating func memberName() throws(RuleError) -> String {
        guard token.kind == .name else { throw unexpected("name") }
        return nameHere()
    }

    private mutating func name() throws(RuleError) -> Node {
        let start = token
        let name = nameHere()
        let called = isSymbol("(")
        let (meaning, items) = scope.resolve(name, called: called)
        let plain: Node
        switch meaning {
        case .local(let slot): plain = try node(.local(slot, name: name), at: start)
        case .builtin(let builtin): return try node(.builtin(builtin), at: start)
        case .global:
            if called, items.isEmpty, !scope.declared.contains(name) {
                throw RuleError(.unknownFunction, at: position(start), ["name": name])
            }
            plain = try node(.global(name), at: start)
        }
        return items.isEmpty
            ? plain : try node(.member(name, items: items, otherwise: plain), at: start, over: [plain])
    }

    // MARK: Beginnings

    private mutating func primary() throws(RuleError) -> Node {
        let start = token
        switch start.kind {
        case .number:
            index += 1
            guard let number = RuleDecimal(parsing: start.text) else { throw unexpected("number") }
            return try node(.literal(.number(number)), at: start)
        case .string:
            index += 1
            return try node(.literal(.string(start.text)), at: start)
        case .atLiteral:
            index += 1
            guard let value = RuleValue(atLiteral: start.text) else {
                throw RuleError(
                    .syntax,
                    at: position(start),
                    ["found": "@\"\(start.text)\"", "expected": "date, time, duration"]
                )
            }
            return try node(.literal(value), at: start)
        case .symbol: return try bracketed()
        case .name: return try worded()
        case .end: throw unexpected("expression")
        }
    }

    private mutating func worded() throws(RuleError) -> Node {
        let start = token
        // A declared name wins over a keyword only when it is more than that word.
        if scope.longest(tokens[index...]) == nil {
            let literal: RuleValue? =
                switch start.text {
                case "true": .boolean(true)
                case "false": .boolean(false)
                case "null": .null
                default: nil
                }
            if let literal {
                index += 1
                return try node(.literal(literal), at: start)
            }
            switch start.text {
            case "if": return try choice()
            case "for": return try loop()
            case "some", "every":
                if tokens[index + 1].kind == .name { return try quantified() }
            case "function":
                if tokens[index + 1].text == "(" { return try function() }
            case "then", "else", "return", "satisfies", "and", "or", "in", "between", "instance":
                throw unexpected("expression")
            default: break
            }
        }
        return try name()
    }

    private mutating func bracketed() throws(RuleError) -> Node {
        let start = token
        switch start.text {
        case "(":
            index += 1
            if token.kind == .symbol, let operation = Comparison(rawValue: token.text) {
                index += 1
                let end = try additive()
                try expect(")")
                return try halfRange(operation, end, at: start)
            }
            let value = try expression()
            if accept("..") { return try range(from: value, included: false, at: start) }
            try expect(")")
            return value
        case "]":
            index += 1
            let value = try additive()
            try expect("..")
            return try range(from: value, included: false, at: start)
        case "[":
            index += 1
            if accept("]") { return try node(.list([]), at: start) }
            let first = try expression()
            if accept("..") { return try range(from: first, included: true, at: start) }
            var elements = [first]
            while accept(",") { elements.append(try expression()) }
            try expect("]")
            return try node(.list(elements), at: start, over: elements)
        case "{": return try context()
        case "<", "<=", ">", ">=":
            guard let operation = Comparison(rawValue: start.text) else { throw unexpected("expression") }
            index += 1
            return try halfRange(operation, try additive(), at: start)
        default: throw unexpected("expression")
        }
    }

    private func halfRange(_ operation: Comparison, _ end: Node, at start: Token) throws(RuleError) -> Node {
        switch operation {
        case .less: try node(.range(nil, false, end, false), at: start, over: [end])
        case .lessOrEqual: try node(.range(nil, false, end, true), at: start, over: [end])
        case .greater: try node(.range(end, false, nil, false), at: start, over: [end])
        case .greaterOrEqual: try node(.range(end, true, nil, false), at: start, over: [end])
        case .equal: try node(.range(end, true, end, true), at: start, over: [end])
        case .notEqual: throw RuleError(.unsupported, at: position(start), ["feature": "!= as a range"])
        }
    }

    private mutating func range(from low: Node, included: Bool, at start: Token) throws(RuleError) -> Node {
        let wasRangeEnd = endsRange
        endsRange = true
        let high = try additive()
        endsRange = wasRangeEnd
        if accept("]") { return try node(.range(low, included, high, true), at: start, over: [low, high]) }
        guard accept(")") || accept("[") else { throw unexpected("]") }
        return try node(.range(low, included, high, false), at: start, over: [low, high])
    }

    private mutating func context() throws(RuleError) -> Node {
        let start = token
        try expect("{")
        var entries: [Node.Entry] = []
        scope.push([:])
        if !accept("}") {
            repeat {
                let place = token
                let key = try contextKey()
                guard !entries.contains(where: { $0.name == key }) else {
                    throw RuleError(.duplicate, at: position(place), ["name": key])
                }
                let slot = scope.reserve()
                let isFunction = isWord("function") && tokens[index + 1].text == "("
                if isFunction {
                    scope.add(key, slot: slot)
                    ownSlot = slot
                }
                let value = try expression()
                if !isFunction { scope.add(key, slot: slot) }
                entries.append(Node.Entry(name: key, slot: slot, value: value))
            } while accept(",")
            try expect("}")
        }
        scope.pop(releasing: entries.count)
        return try node(.context(entries), at: start, over: entries.map(\.value))
    }

    private mutating func contextKey() throws(RuleError) -> String {
        if token.kind == .string {
            let key = token.text
            index += 1
            try expect(":")
            return key
        }
        let start = index
        guard token.kind == .name else { throw unexpected("name") }
        while token.kind == .name || token.kind == .number
            || (token.kind == .symbol && ["+", "-", "*", "/", "'", ".", "**"].contains(token.text))
        {
            index += 1
        }
        let key = text(start..<index)
        try expect(":")
        return key
    }

    // MARK: if, for, some, every, function

    private mutating func choice() throws(RuleError) -> Node {
        let start = token
        try expect("if")
        let condition = try expression()
        try expect("then")
        let yes = try expression()
        try expect("else")
        let no = try expression()
        return try node(.choose(condition, yes, no), at: start, over: [condition, yes, no])
    }

    private mutating func variableName() throws(RuleError) -> String {
        let start = index
        while token.kind == .name || token.kind == .number, !isWord("in") { index += 1 }
        guard index > start, tokens[start].kind == .name else { throw unexpected("name") }
        return text(start..<index)
    }

    /// Each later source may use the earlier variables.
    private mutating func iterators(ranges: Bool) throws(RuleError) -> [Node.Iterator] {
        var iterators: [Node.Iterator] = []
        repeat {
            let name = try variableName()
            try expect("in")
            let source = try expression()
            let end: Node? = ranges && accept("..") ? try expression() : nil
            let slot = scope.reserve()
            scope.add(name, slot: slot)
            iterators.append(Node.Iterator(slot: slot, name: name, source: source, end: end))
        } while accept(",")
        return iterators
    }

    private mutating func loop() throws(RuleError) -> Node {
        let start = token
        try expect("for")
        scope.push([:])
        let iterators = try iterators(ranges: true)
        try expect("return")
        let partial = scope.reserve()
        scope.add("partial", slot: partial)
        let begin = index
        let body = try expression()
        let usesPartial = tokens[begin..<index].contains { $0.text == "partial" && $0.kind == .name }
        scope.pop(releasing: iterators.count + 1)
        let below = iterators.map(\.source) + iterators.compactMap(\.end) + [body]
        return try node(.loop(iterators, body, partial: usesPartial ? partial : nil), at: start, over: below)
    }

    private mutating func quantified() throws(RuleError) -> Node {
        let start = token
        index += 1
        scope.push([:])
        let iterators = try iterators(ranges: true)
        try expect("satisfies")
        let body = try expression()
        scope.pop(releasing: iterators.count)
        let below = iterators.map(\.source) + iterators.compactMap(\.end) + [body]
        return try node(.quantified(every: start.text == "every", iterators, body), at: start, over: below)
    }

    private mutating func function() throws(RuleError) -> Node {
        let start = token
        let ownSlot = ownSlot
        self.ownSlot = nil
        try expect("function")
        try expect("(")
        var names: [String] = []
        var types: [RuleType?] = []
        if !accept(")") {
            repeat {
                let begin = index
                while token.kind == .name || token.kind == .number { index += 1 }
                guard index > begin else { throw unexpected("parameter name") }
                names.append(text(begin..<index))
                types.append(accept(":") ? try type() : nil)
            } while accept(",")
            try expect(")")
        }
        if isWord("external") {
            throw RuleError(.unsupported, at: position(token), ["feature": "external function"])
        }
        guard Set(names).count == names.count else {
            throw RuleError(.duplicate, at: position(start), ["name": names.joined(separator: ", ")])
        }
        var variables: [String: Int] = [:]
        let slots = names.map { _ in scope.reserve() }
        for (name, slot) in zip(names, slots) { variables[name] = slot }
        scope.push(variables)
        let body = try expression()
        scope.pop(releasing: slots.count)
        let text = Node.FunctionText(
            parameters: names,
            types: types,
            slots: slots,
            ownSlot: ownSlot,
            body: body
        )
        return try node(.function(text), at: start, over: [body])
    }

    // MARK: Types

    private mutating func type() throws(RuleError) -> RuleType {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.nestingMax else {
            throw RuleError(.tooDeep, at: position(token), ["limit": String(Self.nestingMax)])
        }
        let start = token
        guard start.kind == .name else { throw unexpected("type") }
        if ["list", "range", "context", "function"].contains(start.text), tokens[index + 1].text == "<" {
            index += 2
            return try composedType(start.text)
        }
        for words in Self.typeNames where tokens[index...].count > words.count {
            if zip(words, tokens[index...]).allSatisfy({ $0 == $1.text }) {
                index += words.count
                return RuleType.named[words.joined(separator: " ")] ?? .any
            }
        }
        throw RuleError(.unsupported, at: position(start), ["feature": "type \(start.text)"])
    }

    /// Longest first.
    private static let typeNames: [[String]] = RuleType.named.keys
        .map { $0.split(separator: " ").map(String.init) }.sorted { $0.count > $1.count }

    private mutating func composedType(_ kind: String) throws(RuleError) -> RuleType {
        switch kind {
        case "list", "range":
            let inner = try type()
            try expect(">")
            return kind == "list" ? .list(inner) : .range(inner)
        case "context":
            var members: [String: RuleType] = [:]
            if !isSymbol(">") {
                repeat {
                    guard let name = try parameterName() else { throw unexpected("name") }
                    members[name] = try type()
                } while accept(",")
            }
            try expect(">")
            return .context(members)
        default:
            var parameters: [RuleType] = []
            if !isSymbol(">") {
                repeat { parameters.append(try type()) } while accept(",")
            }
            try expect(">")
            try expect("->")
            return .function(parameters, try type())
        }
    }
}
