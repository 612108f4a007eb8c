/// What an expression can begin with.
extension Parser {
    mutating func primary() throws(RuleError) -> Node {
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

    mutating func worded() throws(RuleError) -> Node {
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

    mutating func bracketed() throws(RuleError) -> Node {
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

    func halfRange(_ operation: Comparison, _ end: Node, at start: Token) throws(RuleError) -> Node {
        switch operation {
        case .less: try node(.range(nil, false, end, false), at: start, over: [end])
        case .lessOrEqual: try node(.range(nil, false, end, true), at: start, over: [end])
        case .greater: try node(.range(end, false, nil, false), at: start, over: [end])
        case .greaterOrEqual: try node(.range(end, true, nil, false), at: start, over: [end])
        case .equal: try node(.range(end, true, end, true), at: start, over: [end])
        case .notEqual: throw RuleError(.unsupported, at: position(start), ["feature": "!= as a range"])
        }
    }

    mutating func range(from low: Node, included: Bool, at start: Token) throws(RuleError) -> Node {
        let wasRangeEnd = endsRange
        endsRange = true
        let high = try additive()
        endsRange = wasRangeEnd
        if accept("]") { return try node(.range(low, included, high, true), at: start, over: [low, high]) }
        guard accept(")") || accept("[") else { throw unexpected("]") }
        return try node(.range(low, included, high, false), at: start, over: [low, high])
    }

    mutating func context() throws(RuleError) -> Node {
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

    mutating func contextKey() throws(RuleError) -> String {
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
}
