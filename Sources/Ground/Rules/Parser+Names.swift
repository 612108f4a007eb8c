/// Names with blanks in them, which end where a name in scope does.
extension Parser {
    static let stops: Set<String> = [
        "and", "or", "between", "in", "instance", "then", "else", "return", "satisfies", "?",
    ]

    /// The words as written, each gap one blank.
    func text(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        for place in range {
            if place > range.lowerBound, tokens[place].start > tokens[place - 1].end { view.append(" ") }
            view.append(contentsOf: source[tokens[place].start..<tokens[place].end])
        }
        return String(view)
    }

    /// Names beside each other are one name: FEEL has no other meaning for them.
    func joined() -> Int {
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

    mutating func nameHere() -> String {
        let plain = joined()
        if let known = scope.longest(tokens[index...]), known.count >= plain {
            index += known.count
            return known.name
        }
        defer { index += plain }
        return text(index..<index + plain)
    }

    mutating func memberName() throws(RuleError) -> String {
        guard token.kind == .name else { throw unexpected("name") }
        return nameHere()
    }

    mutating func name() throws(RuleError) -> Node {
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
}
