import Kernel

/// A table with one thing changed, for the question whether any scenario notices (`suban check --mutate`).
public struct TableMutation: Sendable {
    /// What was changed, in one line: `row sum-differs: cell 认缴合计 "!= capital" -> "= capital"`.
    public let description: String
    /// Where, in the table's file.
    public let position: SourcePosition
    public let table: DecisionTable
}

extension DecisionTable {
    /// Every single change that leaves a readable table: each row removed; each condition dropped, negated, its
    /// boundary moved from included to excluded or back; each number in a condition, an input or an output one unit
    /// of its last digit up and down; each listed output replaced by the next of its list; each default removed.
    ///
    /// Pure and in a fixed order. A change that gives the same text, or a table that cannot be read, is left out.
    public func mutations() -> [TableMutation] {
        var found: [TableMutation] = []
        func add(_ text: String, _ position: SourcePosition, _ change: (inout TableSource) -> Void) {
            var changed = source
            change(&changed)
            guard let table = try? DecisionTable(changed, names: columns.names) else { return }
            found.append(TableMutation(description: "\(name): \(text)", position: position, table: table))
        }
        for (index, input) in source.inputs.enumerated() {
            for change in CellChange.numbers(input.value.text) {
                add("input \(input.name.text): \(change.note)", input.value.position) {
                    $0.inputs[index].value.text = change.text
                }
            }
        }
        for (index, output) in source.outputs.enumerated() {
            guard let otherwise = output.otherwise else { continue }
            add("default of \(output.name.text) removed", otherwise.position) {
                $0.outputs[index].otherwise = nil
            }
        }
        for (number, row) in source.rows.enumerated() {
            let id = row.id.text
            add("row \(id) removed", row.id.position) { $0.rows.remove(at: number) }
            for (column, cell) in row.when.enumerated() where cell.text != "-" {
                for change in CellChange.conditions(cell.text) {
                    add("row \(id), \(source.inputs[column].name.text): \(change.note)", cell.position) {
                        $0.rows[number].when[column].text = change.text
                    }
                }
            }
            for (column, cell) in row.then.enumerated() {
                for change in CellChange.outputs(cell.text, listed: source.outputs[column].values.map(\.text))
                {
                    add("row \(id), \(source.outputs[column].name.text): \(change.note)", cell.position) {
                        $0.rows[number].then[column].text = change.text
                    }
                }
            }
        }
        return found
    }
}

extension FEEL {
    /// Every single change of a condition or value, for the same question about flows and forms: the condition
    /// negated, each comparison and boundary moved, each `and` and `or` exchanged, each number and date moved by one.
    /// Changes that cannot be read are left out.
    public static func changes(of text: String, names: Set<String> = []) -> [(note: String, text: String)] {
        (CellChange.expressions(text)).compactMap { change in
            guard (try? parse(change.text, names: names)) != nil else { return nil }
            return (change.note, change.text)
        }
    }
}

/// One change of one cell's text.
struct CellChange: Equatable {
    let note: String
    let text: String

    private init(_ old: String, _ new: String) {
        note = "\(old) -> \(new)"
        text = new
    }

    static func conditions(_ text: String) -> [CellChange] {
        [CellChange(text, "-"), CellChange(text, negation(of: text))] + boundaries(text) + numbers(text)
    }

    static func expressions(_ text: String) -> [CellChange] {
        var changes = [CellChange(text, "not(\(text))")] + boundaries(text) + numbers(text)
        let swap = ["=": "!=", "!=": "=", "and": "or", "or": "and", "true": "false", "false": "true"]
        for token in (try? Lexer.tokens(text, at: SourcePosition())) ?? [] {
            guard token.kind == .symbol || token.kind == .name, let other = swap[token.text] else { continue }
            changes.append(CellChange(text, replacing(token, in: text, by: other)))
        }
        return changes
    }

    static func negation(of text: String) -> String {
        guard let expression = try? FEEL.parseTests(text), case .tests(let tests, _) = expression.root.kind
        else {
            return "not(\(text))"
        }
        if tests.negated, let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")") {
            return String(text[text.index(after: open)..<close])
        }
        guard tests.tests.count == 1, case .compare(let operation, _) = tests.tests[0] else {
            return "not(\(text))"
        }
        let opposite: [Comparison: Comparison] = [
            .equal: .notEqual, .notEqual: .equal, .less: .greaterOrEqual, .greaterOrEqual: .less,
            .greater: .lessOrEqual, .lessOrEqual: .greater,
        ]
        let rest = text.drop { $0.isWhitespace }.dropFirst(operation.rawValue.count)
        return (opposite[operation] ?? operation).rawValue + rest
    }

    /// Included ends excluded and the other way round.
    private static func boundaries(_ text: String) -> [CellChange] {
        guard let tokens = try? Lexer.tokens(text, at: SourcePosition()) else { return [] }
        let swap = ["<": "<=", "<=": "<", ">": ">=", ">=": ">"]
        var changes: [CellChange] = []
        for (index, token) in tokens.enumerated() where token.kind == .symbol {
            if let other = swap[token.text] {
                changes.append(CellChange(text, replacing(token, in: text, by: other)))
            }
            guard token.text == ".." else { continue }
            if let open = opening(before: index, tokens) {
                changes.append(CellChange(text, replacing(open, in: text, by: open.text == "[" ? "(" : "[")))
            }
            if let close = closing(after: index, tokens) {
                changes.append(
                    CellChange(text, replacing(close, in: text, by: close.text == "]" ? ")" : "]"))
                )
            }
        }
        return changes
    }

    private static func opening(before index: Int, _ tokens: [Token]) -> Token? {
        var depth = 0
        for token in tokens[..<index].reversed() where token.kind == .symbol {
            if token.text == ")" { depth += 1 }
            if ["(", "[", "]"].contains(token.text) {
                if depth == 0 { return token }
                if token.text == "(" { depth -= 1 }
            }
        }
        return nil
    }

    private static func closing(after index: Int, _ tokens: [Token]) -> Token? {
        var depth = 0
        for token in tokens[(index + 1)...] where token.kind == .symbol {
            if token.text == "(" { depth += 1 }
            if [")", "]", "["].contains(token.text) {
                if depth == 0 { return token }
                if token.text == ")" { depth -= 1 }
            }
        }
        return nil
    }

    /// Each number one unit of its last digit up and down.
    static func numbers(_ text: String) -> [CellChange] {
        guard let tokens = try? Lexer.tokens(text, at: SourcePosition()) else { return [] }
        var changes: [CellChange] = []
        for token in tokens where token.kind == .number {
            guard let number = RuleDecimal(parsing: token.text) else { continue }
            let unit = RuleDecimal(negative: false, coefficient: 1, exponent: min(0, number.exponent))
            for moved in [number.adding(unit), number.subtracting(unit)] {
                guard let moved else { continue }
                let written = moved.isNegative ? "(\(moved))" : moved.description
                changes.append(CellChange(text, replacing(token, in: text, by: written)))
            }
        }
        return changes + days(text, tokens)
    }

    /// Each written date a day later and a day earlier.
    private static func days(_ text: String, _ tokens: [Token]) -> [CellChange] {
        var changes: [CellChange] = []
        for token in tokens where token.kind == .atLiteral || token.kind == .string {
            guard let date = RuleValue.readDate(token.text) else { continue }
            for step in [1, -1] {
                let moved = "\"" + date.adding(days: step).feelText + "\""
                changes.append(
                    CellChange(
                        text,
                        replacing(token, in: text, by: token.kind == .string ? moved : "@" + moved)
                    )
                )
            }
        }
        return changes
    }

    static func outputs(_ text: String, listed: [String]) -> [CellChange] {
        var changes = numbers(text)
        if text == "true" { changes.append(CellChange(text, "false")) }
        if text == "false" { changes.append(CellChange(text, "true")) }
        let bare =
            text.hasPrefix("\"") && text.hasSuffix("\"") && text.count >= 2
            ? String(text.dropFirst().dropLast()) : text
        guard listed.count > 1, let place = listed.firstIndex(where: { $0 == bare || $0 == text }) else {
            return changes
        }
        let next = listed[(place + 1) % listed.count]
        changes.append(CellChange(text, listed[place] == text ? next : "\"\(next)\""))
        return changes
    }

    private static func replacing(_ token: Token, in text: String, by new: String) -> String {
        var scalars = Array(text.unicodeScalars)
        scalars.replaceSubrange(token.start..<token.end, with: Array(new.unicodeScalars))
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}
