import Kernel

/// A table's cells, read as FEEL and indexed by column.
final class TableColumns: Sendable {
    let source: TableSource
    /// Names of the context that were told when the table was read.
    let names: Set<String>
    let name: String
    let hit: HitPolicy
    struct Output: Sendable {
        let name: String
        let values: [RuleValue]
        let otherwise: RuleExpression?
    }

    /// A cell that must be evaluated for the rows that the indexes leave.
    struct Residue: Sendable {
        let column: Int
        let tests: RuleExpression
    }

    /// An output cell: fixed, or to be evaluated.
    enum Result: Sendable {
        case fixed(RuleValue)
        case expression(RuleExpression)
    }

    let inputs: [RuleExpression]
    let types: [RuleType?]
    /// The allowed values of each input, where they are written.
    let allowed: [RuleExpression?]
    let outputs: [Output]
    let tests: [[RuleExpression]]
    let results: [[Result]]
    let freeNames: Set<String>
    /// Cells or outputs name an input that is not a name of the context: its value is added there.
    let inputNamesAdded: [(name: String, column: Int)]
    let inputNames: [String]

    let indexes: [ColumnIndex]
    /// For each row the cells that no index answers; empty for most.
    let residues: [[Residue]]
    let hasResidues: Bool
    let wordCount: Int

    // MARK: Reading

    init(_ source: TableSource, names: Set<String>) throws(RuleError) {
        self.source = source
        self.names = names
        name = source.name.text
        hit = source.hit
        let inputNames = source.inputs.map(\.name.text)
        let outside = NameScope(declared: names)
        let known = NameScope(declared: names.union(inputNames))
        var inputs: [RuleExpression] = []
        var allowed: [RuleExpression?] = []
        for input in source.inputs {
            let expression = try FEEL.parse(input.value.text, scope: outside, at: input.value.position)
            inputs.append(expression)
            guard let first = input.values.first else {
                allowed.append(nil)
                continue
            }
            let list = input.values.map(\.text).joined(separator: ", ")
            allowed.append(try FEEL.parseTests(list, scope: outside, at: first.position))
        }
        var tests: [[RuleExpression]] = []
        for row in source.rows {
            var cells: [RuleExpression] = []
            for cell in row.when {
                cells.append(try FEEL.parseTests(cell.text, scope: known, at: cell.position))
            }
            tests.append(cells)
        }
        let outputs = try Self.outputs(source, known)
        let results = try Self.results(source, outputs, known)
        var used: Set<String> = []
        for cell in tests.joined() { used.formUnion(cell.freeNames) }
        for case .expression(let expression) in results.joined() { used.formUnion(expression.freeNames) }
        for output in outputs { used.formUnion(output.otherwise?.freeNames ?? []) }
        inputNamesAdded = inputNames.enumerated().filter { index, name in
            guard used.contains(name) else { return false }
            if case .global(name) = inputs[index].root.kind { return false }
            return true
        }.map { (name: $0.element, column: $0.offset) }
        let added = Set(inputNamesAdded.map(\.name))
        freeNames = inputs.reduce(into: used.subtracting(added)) { $0.formUnion($1.freeNames) }
        self.inputs = inputs
        self.inputNames = inputNames
        self.allowed = allowed
        self.outputs = outputs
        self.tests = tests
        self.results = results
        types = source.inputs.map { $0.type.flatMap { RuleType.named[$0.text] } }
        wordCount = (source.rows.count + 63) / 64
        (indexes, residues) = Self.index(tests, columns: inputs.count, wordCount: wordCount)
        hasResidues = residues.contains { !$0.isEmpty }
    }

    private static func outputs(_ source: TableSource, _ names: NameScope) throws(RuleError) -> [Output] {
        var outputs: [Output] = []
        for output in source.outputs {
            var values: [RuleValue] = []
            for value in output.values { values.append(try listed(value)) }
            var otherwise: RuleExpression?
            if let text = output.otherwise {
                let expression = try FEEL.parse(text.text, scope: names, at: text.position)
                if case .literal(let value) = expression.root.kind {
                    try check(value, text, values, row: "default", column: output.name.text)
                }
                otherwise = expression
            }
            outputs.append(Output(name: output.name.text, values: values, otherwise: otherwise))
        }
        return outputs
    }

    /// A listed output value: a FEEL literal, or a bare word that stands for the string of its letters.
    private static func listed(_ value: TableSource.Text) throws(RuleError) -> RuleValue {
        let expression = try? FEEL.parse(value.text, at: value.position)
        switch expression?.root.kind {
        case .literal(let literal): return literal
        case .negate, .call:
            if let result = expression?.evaluate(in: RuleContext()).value, !result.isNull { return result }
        default: break
        }
        let isWord = value.text.unicodeScalars.allSatisfy { Lexer.isNamePart($0) || $0 == "-" || $0 == "." }
        guard isWord else {
            throw RuleError(.badValue, at: value.position, ["key": "values", "expected": "literal"])
        }
        return .string(value.text)
    }

    private static func check(
        _ value: RuleValue,
        _ text: TableSource.Text,
        _ values: [RuleValue],
        row: String,
        column: String
    ) throws(RuleError) {
        guard !values.isEmpty, !values.contains(where: { Operators.equal($0, value) == true }) else { return }
        throw RuleError(
            .notListed,
            at: text.position,
            ["row": row, "column": column, "value": value.feelText]
        )
    }

    private static func results(
        _ source: TableSource,
        _ outputs: [Output],
        _ names: NameScope
    ) throws(RuleError) -> [[Result]] {
        var results: [[Result]] = []
        for row in source.rows {
            var cells: [Result] = []
            for (output, cell) in zip(outputs, row.then) {
                if cell.text == "-" {
                    cells.append(.fixed(.null))
                    continue
                }
                let expression = try FEEL.parse(cell.text, scope: names, at: cell.position)
                if case .literal(let value) = expression.root.kind {
                    try check(value, cell, output.values, row: row.id.text, column: output.name)
                    cells.append(.fixed(value))
                } else {
                    cells.append(.expression(expression))
                }
            }
            results.append(cells)
        }
        return results
    }

    // MARK: Indexing

    private static func index(
        _ tests: [[RuleExpression]],
        columns: Int,
        wordCount: Int
    ) -> ([ColumnIndex], [[Residue]]) {
        var indexes: [ColumnIndex] = []
        var residues = [[Residue]](repeating: [], count: tests.count)
        for column in 0..<columns {
            let cells = tests.map { $0[column] }
            let (index, left) = ColumnIndex.build(cells, wordCount: wordCount)
            indexes.append(index)
            for row in left { residues[row].append(Residue(column: column, tests: cells[row])) }
        }
        return (indexes, residues)
    }

    func row(_ number: Int) -> TableRow {
        let row = source.rows[number]
        return TableRow(
            id: row.id.text,
            when: row.when.map(\.text),
            then: row.then.map(\.text),
            note: row.note,
            position: row.id.position
        )
    }

    // MARK: Order of outputs

    /// Places in `hits` in the order that the policy gives them.
    func order(of hits: [Int], _ values: [[RuleValue]], _ hit: HitPolicy) -> [Int] {
        guard hit.isOrdered else { return Array(hits.indices) }
        let ranks = values.map { row in
            zip(outputs, row).filter { !$0.0.values.isEmpty }.map { output, value in
                output.values.firstIndex { Operators.equal($0, value) == true } ?? output.values.count
            }
        }
        return hits.indices.sorted { left, right in
            if ranks[left] == ranks[right] { return left < right }
            return ranks[left].lexicographicallyPrecedes(ranks[right])
        }
    }
}
