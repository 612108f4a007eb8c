import Cases
import Catalogue
import Forms
import Kernel
import Rules

/// What scenarios said about tables and limits, kept so that a changed table is put to the same facts again without
/// a platform: every line of table cases and every decision that stories came to.
struct MutantJudge: Sendable {
    enum Answer: Sendable {
        /// A line or a decision comes out otherwise than a scenario says.
        case noticed(by: String)
        /// Decisions of these scenarios, by number, come out otherwise; only a replay can tell whether they mind.
        case perhaps(Set<Int>)
    }

    /// One line of a table case.
    private struct Put: Sendable {
        let scenario: String
        let facts: Facts
        let region: String
        let day: LocalDate
        let line: Judgement.Line
    }

    /// A decision of stories, as far as one table sees it. Equal ones are kept once.
    private struct Kept: Sendable {
        let facts: Facts
        let region: String
        let day: LocalDate
        let before: [Finding]
        var asks: [Ask]

        struct Ask: Sendable {
            let scenario: Int
            let verdict: RuleOutcome
            let reasons: Bool
            let rows: Bool
        }
    }

    let definition: SystemDefinition
    private let runner: ScenarioRunner
    private let results: [ScenarioResult]
    private let puts: [String: [Put]]
    private let kept: [String: [Kept]]
    private let uses: [String: RuleUse]
    /// Tables by the limits that they read.
    private let readers: [String: Set<String>]
    private let forms: [FormPut]
    /// Limits that forms read.
    private let formLimits: Set<String>

    /// One line of a form's cases.
    private struct FormPut: Sendable {
        let scenario: String
        let item: String
        let day: LocalDate
        let line: FormJudgement.Line
    }

    init(
        runner: ScenarioRunner,
        results: [ScenarioResult],
        definition: SystemDefinition,
        folder: SystemFolder
    )
        async throws
    {
        self.runner = runner
        self.results = results
        self.definition = definition
        uses = Dictionary(definition.rules.map { ($0.table, $0) }) { first, _ in first }
        var readers: [String: Set<String>] = [:]
        for name in definition.tables.keys {
            for match in try folder.text("rules/\(name).yaml").matches(of: /limits\.([A-Za-z0-9]+)/) {
                readers[String(match.output.1), default: []].insert(name)
            }
        }
        self.readers = readers
        forms = results.flatMap { result in
            result.scenario.steps.flatMap { step -> [FormPut] in
                guard case .judgeForm(let judgement) = step.verb else { return [] }
                return judgement.lines.map {
                    FormPut(
                        scenario: result.scenario.file,
                        item: judgement.item,
                        day: result.scenario.start.date,
                        line: $0
                    )
                }
            }
        }
        formLimits = try Set(
            folder.paths.filter { $0.hasPrefix("forms/") }.flatMap { path in
                try folder.text(path).matches(of: /limits\.([A-Za-z0-9]+)/).map { String($0.output.1) }
            }
        )
        puts = try await Self.puts(runner, results, uses: uses, tables: definition.tables)
        var kept: [String: [Kept]] = [:]
        for use in definition.rules {
            kept[use.table] = Self.kept(runner, results, use: use, definition: definition)
        }
        self.kept = kept
    }

    private static func puts(
        _ runner: ScenarioRunner,
        _ results: [ScenarioResult],
        uses: [String: RuleUse],
        tables: [String: DecisionTable]
    ) async throws -> [String: [Put]] {
        var puts: [String: [Put]] = [:]
        for result in results {
            for case .judge(let judgement) in result.scenario.steps.map(\.verb) {
                guard let use = uses[judgement.rule], let table = tables[judgement.rule] else { continue }
                let base = try await runner.ordinary(judgement.item)
                for line in judgement.lines {
                    let facts = try ScenarioRunner.facts(base.facts.values, change: line.change, use: use)
                    puts[judgement.rule, default: []].append(
                        Put(
                            scenario: result.scenario.file,
                            facts: only(table.freeNames, of: facts),
                            region: line.region ?? base.region,
                            day: result.scenario.start.date,
                            line: line
                        )
                    )
                }
            }
        }
        return puts
    }

    private static func kept(
        _ runner: ScenarioRunner,
        _ results: [ScenarioResult],
        use: RuleUse,
        definition: SystemDefinition
    ) -> [Kept] {
        guard let table = definition.tables[use.table] else { return [] }
        var names = table.freeNames.union(use.when?.expression.freeNames ?? [])
        if let each = use.each { names.insert(each.list) }
        var kept: [String: Kept] = [:]
        var order: [String] = []
        for (number, result) in results.enumerated() {
            for seen in result.seen {
                let facts = only(names, of: seen.facts)
                let key = "\(seen.region) \(seen.day) \(facts.values.canonical)"
                let ask = Kept.Ask(
                    scenario: number,
                    verdict: seen.verdict,
                    reasons: seen.reasonsAsked,
                    rows: seen.rowsAsked.contains(use.table)
                )
                if kept[key] == nil {
                    order.append(key)
                    let limits = definition.limits.values(region: seen.region, on: seen.day)
                    let before = runner.findings(use, table, facts: facts, limits: limits, on: seen.day)
                    kept[key] = Kept(
                        facts: facts,
                        region: seen.region,
                        day: seen.day,
                        before: before,
                        asks: []
                    )
                }
                kept[key]?.asks.append(ask)
            }
        }
        return order.compactMap { kept[$0] }
    }

    /// Facts without what the table does not read: the rest cannot change what it says.
    private static func only(_ names: Set<String>, of facts: Facts) -> Facts {
        Facts(values: .object(facts.values.members.filter { names.contains($0.key) }), times: [:])
    }

    // MARK: judging again

    /// - Parameter limits: those of the changed folder.
    func judge(_ mutant: Mutant, limits: DatedLimits) -> Answer {
        switch mutant.what {
        case .table(let name, let table): return judge(name, table, limits: limits)
        case .rule(let name, let when):
            guard let table = definition.tables[name] else { return .perhaps([]) }
            return decisions(name, table, limits: limits, when: when)
        case .limit(let name):
            if formLimits.contains(name), let by = judgeForms(limits) { return .noticed(by: by) }
            var perhaps: Set<Int> = []
            for table in (readers[name] ?? []).sorted() {
                guard let plain = definition.tables[table] else { continue }
                switch judge(table, plain, limits: limits) {
                case .noticed(let by): return .noticed(by: by)
                case .perhaps(let scenarios): perhaps.formUnion(scenarios)
                }
            }
            return .perhaps(perhaps)
        case .step: return .perhaps([])
        }
    }

    private func judge(_ name: String, _ table: DecisionTable, limits: DatedLimits) -> Answer {
        for put in puts[name] ?? [] {
            let finding = runner.find(
                name,
                table,
                facts: put.facts,
                limits: limits.values(region: put.region, on: put.day),
                on: put.day
            )
            if !put.line.differences(from: finding).isEmpty {
                return .noticed(by: "\(put.scenario):\(put.line.position.line)")
            }
        }
        return decisions(name, table, limits: limits, when: nil)
    }

    /// The first line of a form's cases that comes out otherwise.
    private func judgeForms(_ limits: DatedLimits) -> String? {
        for put in forms {
            let found = try? runner.problems(
                put.item,
                put.line,
                system: definition,
                limits: limits,
                on: put.day
            )
            if found != Stage.list(put.line.problems) { return "\(put.scenario):\(put.line.position.line)" }
        }
        return nil
    }

    private func decisions(_ name: String, _ table: DecisionTable, limits: DatedLimits, when: RuleExpression?)
        -> Answer
    {
        guard let use = uses[name] else { return .perhaps([]) }
        var perhaps: Set<Int> = []
        for decision in kept[name] ?? [] {
            let after = runner.findings(
                use,
                table,
                facts: decision.facts,
                limits: limits.values(region: decision.region, on: decision.day),
                on: decision.day,
                when: when
            )
            let before = decision.before
            let reasonsDiffer = Self.reasons(before) != Self.reasons(after)
            let rowsDiffer = Set(before.flatMap(\.rows)) != Set(after.flatMap(\.rows))
            let heavier = max(before.verdict, after.verdict)
            for ask in decision.asks {
                if ask.reasons && reasonsDiffer || ask.rows && rowsDiffer {
                    return .noticed(by: results[ask.scenario].scenario.file)
                }
                // The state follows the heaviest finding of all rules.
                let stateMayDiffer = before.verdict != after.verdict && heavier >= ask.verdict
                if reasonsDiffer || stateMayDiffer { perhaps.insert(ask.scenario) }
            }
        }
        return .perhaps(perhaps)
    }

    private static func reasons(_ findings: [Finding]) -> Set<String> {
        Set(findings.obstacles.map { "\($0.rule).\($0.reason)" })
    }
}
