/// What begins with a word of the language, and the types that functions name.
extension Parser {
    // MARK: if, for, some, every, function

    mutating func choice() throws(RuleError) -> Node {
        let start = token
        try expect("if")
        let condition = try expression()
        try expect("then")
        let yes = try expression()
        try expect("else")
        let no = try expression()
        return try node(.choose(condition, yes, no), at: start, over: [condition, yes, no])
    }

    mutating func variableName() throws(RuleError) -> String {
        let start = index
        while token.kind == .name || token.kind == .number, !isWord("in") { index += 1 }
        guard index > start, tokens[start].kind == .name else { throw unexpected("name") }
        return text(start..<index)
    }

    /// Each later source may use the earlier variables.
    mutating func iterators(ranges: Bool) throws(RuleError) -> [Node.Iterator] {
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

    mutating func loop() throws(RuleError) -> Node {
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

    mutating func quantified() throws(RuleError) -> Node {
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

    mutating func function() throws(RuleError) -> Node {
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

    mutating func type() throws(RuleError) -> RuleType {
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
    static let typeNames: [[String]] = RuleType.named.keys
        .map { $0.split(separator: " ").map(String.init) }.sorted { $0.count > $1.count }

    mutating func composedType(_ kind: String) throws(RuleError) -> RuleType {
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
