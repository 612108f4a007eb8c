import Catalogue
import Foundation
public import Kernel
import Rules

extension ScenarioRunner {
    /// The systems that have a folder.
    public static func systems(home: Home) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: home.systems).sorted().filter {
            FileManager.default.fileExists(atPath: "\(home.systems)/\($0)/system.yaml")
        }
    }
}

/// What no scenario touches.
public struct Coverage: Sendable {
    public let rows: [String]
    public let steps: [String]
    public let limits: [String]
    public let clauses: [String]
    public let numbers: [String]

    public init(results: [ScenarioResult], runner: ScenarioRunner) throws {
        let passed = results.filter(\.passed)
        var rows: [String] = []
        var steps: [String] = []
        var limits: [String] = []
        var clauses: [String] = []
        var numbers: [String] = []
        let hit = passed.reduce(into: Set<String>()) { $0.formUnion($1.rows) }
        let opened = passed.reduce(into: Set<String>()) { $0.formUnion($1.flow) }
        for system in Set(results.map(\.scenario.system)).sorted() {
            let definition = try runner.definition(system)
            let proven = Set(passed.filter { $0.scenario.system == system }.flatMap(\.scenario.proves))
            for (name, table) in definition.tables.sorted(by: { $0.key < $1.key }) {
                rows += table.rows.map { "\(name).\($0.id)" }.filter { !hit.contains($0) }
            }
            for item in definition.items {
                steps += item.flow.map { "\(item.id).\($0.name)" }.filter { !opened.contains($0) }
            }
            let everything = Set(passed.flatMap(\.scenario.proves))
            limits += definition.limits.all.map { "limits.\($0.name)" }.filter { !everything.contains($0) }
            clauses += definition.clauses.filter { $0.later == nil && !proven.contains($0.id) }
                .map { "\(system) \($0.id)" }
            numbers += definition.numbers.filter { !proven.contains("number.\($0)") && !proven.contains($0) }
                .map { "\(system) \($0)" }
        }
        self.rows = rows
        self.steps = steps
        self.limits = limits
        self.clauses = clauses
        self.numbers = numbers
    }

    public var lines: [String] {
        [("rows", rows), ("steps", steps), ("limits", limits), ("clauses", clauses), ("numbers", numbers)]
            .flatMap {
                what,
                missing in ["untouched \(what): \(missing.count)"] + missing.map { "  \($0)" }
            }
    }
}

extension Coverage {
    public var json: JSON {
        func list(_ texts: [String]) -> JSON { .array(texts.map(JSON.string)) }
        return [
            "rows": list(rows), "steps": list(steps), "limits": list(limits), "clauses": list(clauses),
            "numbers": list(numbers),
        ]
    }
}

/// What one `suban check` found, as a person and as a program reads it.
public struct CheckReport: Sendable {
    public let results: [ScenarioResult]
    public let milliseconds: Int64
    public var coverage: Coverage?
    public var mutations: MutationReport?

    public init(results: [ScenarioResult], milliseconds: Int64) {
        self.results = results
        self.milliseconds = milliseconds
    }

    public var failed: Int { results.count { !$0.passed } }

    /// Every scenario holds, and the reasons of `mutations.yaml` are right.
    public var holds: Bool { failed == 0 && mutations?.wrong.isEmpty ?? true }

    public var line: String {
        "\(results.count - failed) of \(results.count) scenarios hold, \(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s"
    }

    /// `scenarios` with their steps, `passed`, `failed`, `milliseconds`; `coverage` and `mutations` when asked for.
    public var json: JSON {
        var json: JSON = [
            "scenarios": .array(results.map(\.json)), "passed": JSON(results.count - failed),
            "failed": JSON(failed), "milliseconds": JSON(milliseconds),
        ]
        if let coverage { json["coverage"] = coverage.json }
        if let mutations { json["mutations"] = mutations.json }
        return json
    }
}

extension ScenarioResult {
    public var json: JSON {
        [
            "file": .string(scenario.file), "scenario": .string(scenario.name), "passed": .bool(passed),
            "system": .string(scenario.system), "proves": .array(scenario.proves.map(JSON.string)),
            "milliseconds": JSON(milliseconds),
            "steps": .array(
                steps.map {
                    [
                        "line": JSON($0.line), "text": .string($0.text),
                        "wrong": .array($0.wrong.map(JSON.string)),
                    ]
                }
            ),
        ]
    }
}
