import Kernel

extension DecisionTable {
    /// - Throws: `overlap`, `disagreement`, `inputType`, a limit reached or a feature not built. A table that no
    ///   row answers gives its default, or null (an empty list, a count of 0) with a warning.
    public func decide(in context: RuleContext) throws(RuleError) -> TableDecision {
        var work = TableWork(table: self, context: context)
        try work.readInputs()
        let hits = try work.findRows()
        return try work.answer(hits)
    }
}

/// One decision in the making.
private struct TableWork {
    let table: DecisionTable
    var context: RuleContext
    var values: [RuleValue] = []
    var warnings: [RuleWarning] = []

    private let columns: TableColumns

    init(table: DecisionTable, context: RuleContext) {
        self.table = table
        columns = table.columns
        self.context = context
    }

    mutating func readInputs() throws(RuleError) {
        values.reserveCapacity(columns.inputs.count)
        for (column, input) in columns.inputs.enumerated() {
            var value = try read(input)
            if let type = columns.types[column], !value.isNull, !type.includes(value) {
                guard let fitting = type.converted(value) ?? type.reading(value) else {
                    throw RuleError(
                        .inputType,
                        at: table.source.inputs[column].name.position,
                        [
                            "table": table.name, "input": columns.inputNames[column],
                            "expected": columns.source.inputs[column].type?.text ?? "",
                            "found": value.kindName,
                        ]
                    )
                }
                value = fitting
            }
            if let allowed = columns.allowed[column], !value.isNull {
                let answer = allowed.test(value, in: context)
                if let refusal = answer.refusal { throw refusal }
                if !answer.isTrue {
                    warn("\(columns.inputNames[column]) has a value that is not among those allowed")
                }
            }
            values.append(value)
        }
        for added in columns.inputNamesAdded { context.values[added.name] = values[added.column] }
    }

    private mutating func read(_ expression: RuleExpression) throws(RuleError) -> RuleValue {
        // The commonest input is a name.
        if case .global(let name) = expression.root.kind, let value = context.values[name] { return value }
        return try evaluate(expression)
    }

    private mutating func evaluate(_ expression: RuleExpression) throws(RuleError) -> RuleValue {
        let answer = expression.evaluate(in: context)
        if let refusal = answer.refusal { throw refusal }
        warnings += answer.warnings
        return answer.value
    }

    private mutating func warn(_ message: String) {
        warnings.append(RuleWarning(position: table.position, message: message))
    }

    // MARK: Rows

    /// The rows that accept all inputs, in table order; only the first where no other counts.
    mutating func findRows() throws(RuleError) -> [Int] {
        let candidates = withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(1, columns.wordCount)) {
            rows in
            var candidates: [Int] = []
            for word in 0..<columns.wordCount {
                let left = columns.tests.count - 64 * word
                rows[word] = left >= 64 ? .max : (1 << UInt64(left)) - 1
            }
            for column in columns.indexes.indices {
                let place = columns.indexes[column].rows(for: values[column])
                columns.indexes[column].intersect(rows, place)
            }
            let isFirstEnough = table.hit == .first && !columns.hasResidues
            for word in 0..<columns.wordCount {
                var bits = rows[word]
                while bits != 0 {
                    candidates.append(64 * word + bits.trailingZeroBitCount)
                    if isFirstEnough { return candidates }
                    bits &= bits - 1
                }
            }
            return candidates
        }
        guard columns.hasResidues else { return candidates }
        var hits: [Int] = []
        for row in candidates where try passes(columns.residues[row]) {
            hits.append(row)
            if table.hit == .first { break }
        }
        return hits
    }

    private mutating func passes(_ residues: [TableColumns.Residue]) throws(RuleError) -> Bool {
        for residue in residues {
            let answer = residue.tests.test(values[residue.column], in: context)
            if let refusal = answer.refusal { throw refusal }
            warnings += answer.warnings
            if !answer.isTrue { return false }
        }
        return true
    }

    // MARK: Outputs

    private mutating func outputs(of row: Int) throws(RuleError) -> [RuleValue] {
        var cells: [RuleValue] = []
        cells.reserveCapacity(columns.outputs.count)
        for (column, cell) in columns.results[row].enumerated() {
            switch cell {
            case .fixed(let value): cells.append(value)
            case .expression(let expression):
                var value = try evaluate(expression)
                let listed = columns.outputs[column].values
                if !listed.isEmpty, !listed.contains(where: { Operators.equal($0, value) == true }) {
                    warn(
                        "row \(columns.source.rows[row].id.text) gave \(columns.outputs[column].name) a value that is not listed"
                    )
                    value = .null
                }
                cells.append(value)
            }
        }
        return cells
    }

    private func packed(_ cells: [RuleValue]) -> RuleValue {
        cells.count == 1 ? cells[0] : .context(RuleRecord(zip(columns.outputs.map(\.name), cells)))
    }

    private func ids(_ rows: [Int]) -> String {
        rows.map { columns.source.rows[$0].id.text }.joined(separator: ", ")
    }

    mutating func answer(_ hits: [Int]) throws(RuleError) -> TableDecision {
        if table.hit == .unique, hits.count > 1 {
            throw RuleError(.overlap, at: table.position, ["table": table.name, "rows": ids(hits)])
        }
        if hits.isEmpty { return try unanswered() }
        var cells: [[RuleValue]] = []
        for row in hits { cells.append(try outputs(of: row)) }
        let result: RuleValue
        switch table.hit {
        case .unique, .first: result = packed(cells[0])
        case .any:
            for other in cells.dropFirst() where Operators.equal(.list(cells[0]), .list(other)) != true {
                throw RuleError(.disagreement, at: table.position, ["table": table.name, "rows": ids(hits)])
            }
            result = packed(cells[0])
        case .priority: result = packed(cells[columns.order(of: hits, cells, table.hit)[0]])
        case .collect, .ruleOrder, .outputOrder:
            result = .list(columns.order(of: hits, cells, table.hit).map { packed(cells[$0]) })
        case .collectCount: result = RuleValue(hits.count)
        case .collectSum: result = try aggregate("sum", cells)
        case .collectMin: result = try aggregate("min", cells)
        case .collectMax: result = try aggregate("max", cells)
        }
        return decision(hits, cells, result, isDefault: false)
    }

    private mutating func aggregate(_ name: String, _ cells: [[RuleValue]]) throws(RuleError) -> RuleValue {
        guard let builtin = Builtin.all[name] else { return .null }
        let root = Node(
            .builtin(builtin),
            line: table.position.line,
            column: table.position.column,
            height: 1
        )
        var machine = Machine(root, slots: 0, context: context, file: table.position.file)
        if let value = try builtin.run(&machine, [.list(cells.map { $0[0] })]) { return value }
        warn("the outputs have no \(name)")
        return .null
    }

    /// No row was hit.
    private mutating func unanswered() throws(RuleError) -> TableDecision {
        if columns.outputs.contains(where: { $0.otherwise != nil }) {
            var cells: [RuleValue] = []
            for output in columns.outputs {
                if let otherwise = output.otherwise {
                    cells.append(try evaluate(otherwise))
                } else {
                    cells.append(.null)
                }
            }
            return decision([], [], packed(cells), isDefault: true)
        }
        warn("no row of \(table.name) answers these inputs")
        let result: RuleValue =
            switch table.hit {
            case .collect, .ruleOrder, .outputOrder: .list([])
            case .collectCount: 0
            case .unique, .first, .priority, .any, .collectSum, .collectMin, .collectMax: .null
            }
        return decision([], [], result, isDefault: true)
    }

    private func decision(
        _ hits: [Int],
        _ cells: [[RuleValue]],
        _ result: RuleValue,
        isDefault: Bool
    ) -> TableDecision {
        TableDecision(
            table: table,
            values: values,
            hits: hits,
            hitOutputs: cells,
            result: result,
            isDefault: isDefault,
            warnings: warnings
        )
    }
}
