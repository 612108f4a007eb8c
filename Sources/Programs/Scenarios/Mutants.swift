import Cases
import Catalogue
import Forms
import Foundation
public import Kernel
import Rules

/// Whether any scenario notices a single change of a table or a limit.
///
/// A changed table is put first to the judgements of that table, then to every decision that scenarios saw and asked
/// about. A changed limit is put to all judgements and decisions, then the scenarios that name it run on a platform
/// that has the changed folder published.
public struct Mutants: Sendable {
    let runner: ScenarioRunner
    let results: [ScenarioResult]

    public init(runner: ScenarioRunner, results: [ScenarioResult]) {
        self.runner = runner
        self.results = results.filter(\.passed)
    }

    /// Noticed and total, then a line for each change that nothing noticed.
    public func lines() async throws -> [String] {
        var total = 0
        var missed: [String] = []
        let definition = try runner.definition("company-opening")
        for (name, table) in definition.tables.sorted(by: { $0.key < $1.key }) {
            for mutation in table.mutations() {
                total += 1
                if try await notices(name, mutation.table, definition: definition, limits: nil) { continue }
                missed.append("\(mutation.position) \(mutation.description)")
            }
        }
        let folder = try SystemFolder(at: "\(runner.home.systems)/company-opening")
        for limit in definition.limits.all {
            for (note, text) in try Self.changes(of: limit, in: folder.text("limits.yaml")) {
                total += 1
                var files = folder.files
                files["limits.yaml"] = Array(text.utf8)
                guard let changed = try? SystemDefinition(SystemFolder(files: files)) else { continue }
                if try await noticesLimit(limit.name, changed, folder: files) { continue }
                missed.append("limits.yaml:\(limit.position.line) \(limit.name): \(note)")
            }
        }
        return ["noticed \(total - missed.count) of \(total) changes"] + missed.map { "  \($0)" }
    }

    private func notices(
        _ name: String,
        _ table: DecisionTable,
        definition: SystemDefinition,
        limits: DatedLimits?
    ) async throws -> Bool {
        for result in results {
            for case .judge(let judgement) in result.scenario.steps.map(\.verb) where judgement.rule == name {
                if try await differs(
                    judgement,
                    table,
                    definition,
                    limits ?? definition.limits,
                    result.scenario.start.date
                ) {
                    return true
                }
            }
        }
        guard let use = definition.rules.first(where: { $0.table == name }) else { return false }
        for seen in results.flatMap(\.seen) where seen.stateAsked || seen.reasonsAsked {
            if judgesOtherwise(seen, use: use, table, (limits ?? definition.limits), old: definition) {
                return true
            }
        }
        return false
    }

    /// Whether a line of a judgement comes out otherwise than it says.
    private func differs(
        _ judgement: Judgement,
        _ table: DecisionTable,
        _ definition: SystemDefinition,
        _ limits: DatedLimits,
        _ day: LocalDate
    ) async throws -> Bool {
        guard let use = definition.rules.first(where: { $0.table == judgement.rule }) else { return false }
        let base = try await runner.ordinary(judgement.item)
        let values = limits.values(region: base.region, on: day)
        for line in judgement.lines {
            let facts = try ScenarioRunner.facts(base.facts.values, change: line.change, use: use)
            let finding = runner.find(judgement.rule, table, facts: facts, limits: values, on: day)
            let rowFits = line.row.map { $0 == finding.rows.joined(separator: "+") } ?? true
            let reasonFits = line.reason.map { $0 == finding.reason } ?? true
            let argumentsFit = line.arguments.map { $0 == finding.arguments } ?? true
            if line.says != finding.outcome.rawValue || !rowFits || !reasonFits || !argumentsFit {
                return true
            }
        }
        return false
    }

    /// Whether a decision that a scenario asked about would have come out otherwise.
    private func judgesOtherwise(
        _ seen: SeenDecision,
        use: RuleUse,
        _ table: DecisionTable,
        _ limits: DatedLimits,
        old: SystemDefinition
    ) -> Bool {
        func findings(_ table: DecisionTable, _ limits: DatedLimits) -> [Finding] {
            let rule = CaseRule(
                id: use.table,
                table: table,
                each: use.each.map { CaseRule.Each(variable: $0.variable, list: $0.list) },
                when: use.when?.expression,
                sources: []
            )
            return RuleBook(rules: [rule]).decide(
                seen.facts,
                limits: limits.values(region: seen.region, on: seen.day),
                today: seen.day,
                calendar: runner.calendar
            )
        }
        guard let plain = old.tables[use.table] else { return false }
        let before = findings(plain, old.limits)
        let after = findings(table, limits)
        func reasons(_ findings: [Finding]) -> Set<String> {
            Set(findings.obstacles.map { "\($0.rule).\($0.reason)" })
        }
        if seen.reasonsAsked, reasons(before) != reasons(after) { return true }
        // The state follows the heaviest finding of all rules.
        return seen.stateAsked && before.verdict != after.verdict
            && max(before.verdict, after.verdict) >= seen.verdict
    }

    private func noticesLimit(_ name: String, _ changed: SystemDefinition, folder: [String: [UInt8]])
        async throws -> Bool
    {
        for (table, plain) in changed.tables where plain.freeNames.contains("limits") {
            if try await notices(
                table,
                plain,
                definition: runner.definition("company-opening"),
                limits: changed.limits
            ) {
                return true
            }
        }
        let own = results.filter { $0.scenario.proves.contains("limits.\(name)") && !$0.scenario.isTableOnly }
        for result in own {
            var systems: [String: [String: [UInt8]]] = [:]
            for id in try ScenarioRunner.systems(home: runner.home) {
                systems[id] = try SystemFolder(at: "\(runner.home.systems)/\(id)").files
            }
            systems["company-opening"] = folder
            if !(await runner.run(result.scenario, systems: systems)).passed { return true }
        }
        return false
    }

    /// Each value of a limit one up and one down, in the text of the file.
    static func changes(of limit: DatedLimit, in text: String) throws -> [(note: String, text: String)] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let first = max(0, limit.position.line - 1)
        let last =
            lines[(first + 1)...].firstIndex { $0.contains("- {name:") || $0.contains("- name:") }
            ?? lines.count
        var changes: [(note: String, text: String)] = []
        for number in first..<max(first + 1, last) {
            let line = lines[number]
            for match in line.matches(of: /value: ([0-9]+)/) {
                guard let value = Int(match.output.1) else { continue }
                for other in [value - 1, value + 1] where other >= 0 {
                    lines[number] = line.replacingCharacters(in: match.range, with: "value: \(other)")
                    changes.append(("\(value) -> \(other)", lines.joined(separator: "\n")))
                    lines[number] = line
                }
            }
        }
        return changes
    }
}
