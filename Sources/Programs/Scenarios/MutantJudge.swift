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
        /// The program itself refuses the changed file.
        case refused
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
    private let folder: SystemFolder
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
        self.folder = folder
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

    func judge(_ mutant: Mutant) -> Answer {
        switch mutant.what {
        case .table(let name, let table): return judge(name, table, limits: definition.limits)
        case .rule(let name, let when):
            guard let table = definition.tables[name] else { return .perhaps([]) }
            return decisions(name, table, limits: definition.limits, when: when)
        case .limit(let name): return judgeLimit(name, mutant.edit)
        case .step: return .perhaps([])
        case .form:
            guard let changed = changedForms(mutant.edit) else { return .refused }
            return judgeForms(definition, changed: changed, limits: definition.limits)
                .map(Answer.noticed) ?? .perhaps([])
        case .material:
            let files = FileEdit.apply([mutant.edit], to: folder.files)
            guard let changed = try? SystemDefinition(SystemFolder(files: files)) else { return .refused }
            return judgeForms(changed, limits: changed.limits).map(Answer.noticed) ?? .perhaps([])
        }
    }

    /// The forms that a change of one of their files, or of parts that they share, touches.
    /// - Returns: nil when one of them can no longer be read, which is no answer of any scenario.
    private func changedForms(_ edit: FileEdit) -> [String: FormDefinition]? {
        let files = FileEdit.apply([edit], to: folder.files)
        func text(_ path: String) -> String { String(decoding: files[path] ?? [], as: UTF8.self) }
        var library: [String: String] = [:]
        for path in folder.paths where path.hasSuffix(".parts.yaml") {
            library[path.split(separator: "/").last.map(String.init) ?? path] = text(path)
        }
        let part = edit.file.split(separator: "/").last.map(String.init) ?? edit.file
        var changed: [String: FormDefinition] = [:]
        for path in definition.forms.keys where path == edit.file || text(path).contains(part) {
            guard let form = try? FormDefinition(yaml: text(path), file: path, library: library) else {
                return nil
            }
            changed[path] = form
        }
        return changed
    }

    private func judgeLimit(_ name: String, _ edit: FileEdit) -> Answer {
        // A number that the file does not take is no definition at all.
        guard let text = FileEdit.apply([edit], to: folder.files)["limits.yaml"],
            let limits = try? DatedLimits(yaml: String(decoding: text, as: UTF8.self), file: "limits.yaml")
        else { return .refused }
        if formLimits.contains(name), let by = judgeForms(definition, limits: limits) {
            return .noticed(by: by)
        }
        var perhaps: Set<Int> = []
        for table in (readers[name] ?? []).sorted() {
            guard let plain = definition.tables[table] else { continue }
            switch judge(table, plain, limits: limits) {
            case .noticed(let by): return .noticed(by: by)
            case .perhaps(let scenarios): perhaps.formUnion(scenarios)
            case .refused: return .refused
            }
        }
        return .perhaps(perhaps)
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
    /// - Parameter changed: by path; nil puts every line to the forms of `system`.
    private func judgeForms(
        _ system: SystemDefinition,
        changed: [String: FormDefinition]? = nil,
        limits: DatedLimits
    ) -> String? {
        for put in forms {
            let form = system.item(put.item)?.form.flatMap { changed?[$0] }
            if changed != nil, form == nil { continue }
            let differences = try? runner.differences(
                put.item,
                put.line,
                system: system,
                form: form,
                limits: limits,
                on: put.day
            )
            // The same line held with the unchanged form; one that can no longer be put at all is no answer.
            if let differences, !differences.isEmpty { return "\(put.scenario):\(put.line.position.line)" }
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
