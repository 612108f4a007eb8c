public import Kernel

/// How many rows may be hit and what becomes of their outputs (DMN 1.5, 8.2.8).
public enum HitPolicy: String, Sendable, CaseIterable {
    /// At most one row may be hit.
    case unique = "UNIQUE"
    /// The first hit in table order counts.
    case first = "FIRST"
    /// The hit whose outputs stand first in the columns' `values` counts.
    case priority = "PRIORITY"
    /// Several may be hit when they agree.
    case any = "ANY"
    /// All hits, a list in table order.
    case collect = "COLLECT"
    case collectSum = "COLLECT SUM"
    case collectMin = "COLLECT MIN"
    case collectMax = "COLLECT MAX"
    case collectCount = "COLLECT COUNT"
    /// All hits, a list in table order.
    case ruleOrder = "RULE ORDER"
    /// All hits, a list in the order of the columns' `values`.
    case outputOrder = "OUTPUT ORDER"

    var aggregates: Bool {
        switch self {
        case .collectSum, .collectMin, .collectMax, .collectCount: true
        case .unique, .first, .priority, .any, .collect, .ruleOrder, .outputOrder: false
        }
    }

    var isOrdered: Bool { self == .priority || self == .outputOrder }

    var isMany: Bool { self == .collect || self == .ruleOrder || self == .outputOrder }
}

/// A decision table: read once, pure, decided many times from many threads.
///
/// Cells that compare with fixed values are compiled to one index a column, from a value to the set of rows that
/// accept it; a decision intersects the sets. Other cells are evaluated for the rows that are left.
public struct DecisionTable: Sendable {
    /// Behind one reference, so that a decision copies nothing.
    let columns: TableColumns

    /// - Parameters:
    ///   - yaml: grammar in Docs/rules.md; at most 1 MB.
    ///   - file: named in every error.
    ///   - names: names of the context that need telling (see `FEEL.parse`).
    /// - Throws: every fault of the file with line and column.
    public init(yaml: String, file: String, names: Set<String> = []) throws(RuleError) {
        try self.init(try TableReader.read(yaml, file: file), names: names)
    }

    init(_ source: TableSource, names: Set<String>) throws(RuleError) {
        columns = try TableColumns(source, names: names)
    }

    var source: TableSource { columns.source }

    public var name: String { columns.name }
    public var hit: HitPolicy { columns.hit }
    /// What the table decides, in a reader's words.
    public var note: String? { source.note }
    public var position: SourcePosition { source.name.position }
    /// Names that the table takes from its context.
    public var freeNames: Set<String> { columns.freeNames }

    public var inputs: [TableInput] {
        zip(source.inputs, columns.inputs).map { input, expression in
            TableInput(name: input.name.text, value: expression, type: input.type?.text)
        }
    }

    public var outputs: [TableOutput] {
        columns.outputs.map { TableOutput(name: $0.name, values: $0.values) }
    }

    public var rows: [TableRow] { source.rows.indices.map(columns.row) }
}

public struct TableInput: Sendable {
    public let name: String
    public let value: RuleExpression
    /// A FEEL type name, or nil when any value will do.
    public let type: String?
}

public struct TableOutput: Sendable {
    public let name: String
    /// What the column may hold, highest priority first; empty when anything.
    public let values: [RuleValue]
}

public struct TableRow: Sendable {
    public let id: String
    /// A cell's text for each input.
    public let when: [String]
    /// A cell's text for each output.
    public let then: [String]
    /// Why the row is there: a law, an article.
    public let note: String?
    public let position: SourcePosition
}

/// What a table answered and why.
public struct TableDecision: Sendable {
    let table: DecisionTable
    let values: [RuleValue]
    let hits: [Int]
    /// Outputs of each hit, in the order of `hits`.
    let hitOutputs: [[RuleValue]]

    /// The whole result as FEEL gives it: a value (one output), a context (several), or a list of either.
    public let result: RuleValue
    /// True when no row was hit and the table's default, or null, answered.
    public let isDefault: Bool
    public let warnings: [RuleWarning]

    /// Output values by name: of the row that counts; for policies that keep all hits, a list each.
    public var outputs: RuleRecord {
        let names = table.columns.outputs.map(\.name)
        let isList = table.hit.isMany && !isDefault
        if !isList, names.count == 1 { return RuleRecord([(names[0], result)]) }
        if isList {
            let order = table.columns.order(of: hits, hitOutputs, table.hit)
            return RuleRecord(
                names.enumerated().map { index, name in (name, .list(order.map { hitOutputs[$0][index] })) }
            )
        }
        return result.record ?? RuleRecord(names.map { ($0, .null) })
    }

    public subscript(output: String) -> RuleValue {
        if table.columns.outputs.count == 1, !table.hit.isMany {
            return table.columns.outputs[0].name == output ? result : .null
        }
        if table.hit.isMany { return outputs[output] ?? .null }
        return result.record?[output] ?? .null
    }

    /// What was asked, by input name.
    public var inputs: RuleRecord { RuleRecord(zip(table.columns.inputNames, values)) }

    /// The rows hit, in the order of the table. For UNIQUE and FIRST at most one.
    public var rows: [RowHit] {
        let columns = table.columns
        return hits.enumerated().map { index, row in
            let written = columns.row(row)
            let cells = written.when.enumerated().filter { $0.element != "-" }.map { column, condition in
                CellMatch(input: columns.inputNames[column], condition: condition, value: values[column])
            }
            return RowHit(
                id: written.id,
                outputs: RuleRecord(zip(columns.outputs.map(\.name), hitOutputs[index])),
                cells: cells,
                note: written.note,
                position: written.position
            )
        }
    }

    /// The explanation as data: table, inputs, rows with the cells that matched, result and warnings.
    public var json: JSON {
        .object([
            "table": .string(table.name), "hit": .string(table.hit.rawValue),
            "inputs": RuleValue.context(inputs).json,
            "rows": .array(rows.map(\.json)), "result": result.json, "default": .bool(isDefault),
            "warnings": .array(warnings.map { .string($0.description) }),
        ])
    }
}

/// One row that was hit, as a reader needs it.
public struct RowHit: Sendable {
    public let id: String
    public let outputs: RuleRecord
    /// The cells that matched; those holding only `-` are left out.
    public let cells: [CellMatch]
    public let note: String?
    public let position: SourcePosition

    public var json: JSON {
        .object([
            "id": .string(id), "outputs": RuleValue.context(outputs).json, "note": JSON(note),
            "position": .string(position.description),
            "cells": .array(
                cells.map { cell in
                    .object([
                        "input": .string(cell.input), "condition": .string(cell.condition),
                        "value": cell.value.json,
                    ])
                }
            ),
        ])
    }
}

public struct CellMatch: Sendable {
    public let input: String
    /// The condition as it was written.
    public let condition: String
    public let value: RuleValue
}
