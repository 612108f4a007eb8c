import Cases
import Catalogue
import CompanyOpening
import Forms
import Kernel
import Rules
import Standards

/// Tables put to facts without a platform: one line of a scenario costs less than a millisecond.
extension ScenarioRunner {
    func judgeAll(_ scenario: Scenario, definition: SystemDefinition, play: inout Play) async throws {
        for step in scenario.steps {
            let wrong: [String]
            switch step.verb {
            case .judge(let judgement):
                wrong = try await judge(
                    judgement,
                    definition: definition,
                    on: scenario.start.date,
                    play: &play
                )
            case .judgeForm(let judgement):
                wrong = try judge(judgement, definition: definition, on: scenario.start.date)
            default: continue
            }
            play.steps.append(.init(line: step.position.line, text: step.text, wrong: wrong))
        }
    }

    func judge(
        _ judgement: Judgement,
        definition: SystemDefinition,
        on day: LocalDate,
        play: inout Play
    ) async throws -> [String] {
        let system = definition.rules.isEmpty ? try self.definition("company-opening") : definition
        guard let table = system.tables[judgement.rule],
            let use = system.rules.first(where: { $0.table == judgement.rule })
        else { throw StepFailure("there is no table \(judgement.rule)") }
        let base = try await ordinary(judgement.item)
        var wrong: [String] = []
        for line in judgement.lines {
            let facts = try Self.facts(base.facts.values, change: line.change, use: use)
            let limits = system.limits.values(region: line.region ?? base.region, on: day)
            let finding = find(judgement.rule, table, facts: facts, limits: limits, on: day)
            for row in finding.rows { play.rows.insert("\(judgement.rule).\(row)") }
            wrong += line.differences(from: finding).map { "line \(line.position.line): \($0)" }
        }
        return wrong
    }

    /// A form without a platform: answers, brought to rest as a page would, and what is then wrong with them.
    func judge(_ judgement: FormJudgement, definition: SystemDefinition, on day: LocalDate) throws -> [String]
    {
        let system = definition.items.isEmpty ? try self.definition("company-opening") : definition
        return try judgement.lines.flatMap { line in
            try differences(judgement.item, line, system: system, limits: system.limits, on: day)
                .map { "line \(line.position.line): \($0)" }
        }
    }

    /// In what a form is otherwise than a line says.
    /// - Parameter form: in the place of the item's own.
    func differences(
        _ item: String,
        _ line: FormJudgement.Line,
        system: SystemDefinition,
        form: FormDefinition? = nil,
        limits: DatedLimits,
        on day: LocalDate
    ) throws -> [String] {
        guard let definition = system.item(item), let form = form ?? system.form(of: definition),
            let base = bases[item]
        else { throw StepFailure("there is no form for \(item)") }
        let data = try Patch(cast: cast, form: form).apply(line.change, to: base)
        let region = line.region ?? data["district"].text ?? "150203"
        let context = FormContext(
            today: day,
            limits: limits.values(region: region, on: day),
            codes: FormCodes(standards),
            calendar: calendar
        )
        let settled = form.settled(data, context: context)
        var wrong: [String] = []
        let problems = Stage.list(form.check(settled, page: nil, context: context).map(\.code))
        let wanted = Stage.list(line.problems)
        if wanted != problems { wrong.append("problems \(wanted) expected, \(problems) found") }
        for (paths, isKept) in [(line.keeps, true), (line.drops, false)] {
            for text in paths {
                guard let path = FormPath(parsing: text) else { throw StepFailure("\(text) is no path") }
                if settled[path].isNull == isKept {
                    wrong.append("\(text) is \(isKept ? "not asked" : "asked")")
                }
            }
        }
        if let wanted = line.materials {
            let needed = definition.materials(for: settled, today: day, calendar: calendar).map(\.name.zh)
            if Stage.list(wanted) != Stage.list(needed) {
                wrong.append("materials \(Stage.list(wanted)) expected, \(Stage.list(needed)) found")
            }
        }
        return wrong
    }

    /// One table on one set of facts: the heaviest that it says, with every row that hit.
    func find(_ rule: String, _ table: DecisionTable, facts: Facts, limits: JSON, on day: LocalDate)
        -> Finding
    {
        let findings = ask(
            CaseRule(id: rule, table: table, each: nil, when: nil, sources: []),
            facts,
            limits,
            day
        )
        let heaviest = findings.obstacles.first ?? findings.first
        return Finding(
            rule: rule,
            outcome: heaviest?.outcome ?? .person,
            reason: heaviest?.reason ?? "none",
            arguments: heaviest?.arguments ?? [:],
            rows: findings.flatMap(\.rows),
            subject: heaviest?.subject,
            inputs: heaviest?.inputs ?? [:],
            dataTimes: heaviest?.dataTimes ?? [:]
        )
    }

    /// One table as the system uses it: put to each of a list, and only where it applies.
    func findings(
        _ use: RuleUse,
        _ table: DecisionTable,
        facts: Facts,
        limits: JSON,
        on day: LocalDate,
        when: RuleExpression? = nil
    ) -> [Finding] {
        let rule = CaseRule(
            id: use.table,
            table: table,
            each: use.each.map { CaseRule.Each(variable: $0.variable, list: $0.list) },
            when: when ?? use.when?.expression,
            sources: []
        )
        return ask(rule, facts, limits, day)
    }

    private func ask(_ rule: CaseRule, _ facts: Facts, _ limits: JSON, _ day: LocalDate) -> [Finding] {
        RuleBook(rules: [rule]).decide(facts, limits: limits, today: day, calendar: calendar)
    }

    var calendar: RuleCalendar {
        let calendar = standards.calendar
        return RuleCalendar(
            isWorkingDay: { try? calendar.isWorkingDay($0) },
            adding: { try? calendar.adding(workingDays: $0, to: $1) },
            workingDays: { try? calendar.workingDays(from: $0, to: $1) }
        )
    }

    /// The ordinary facts with changes. For a table that looks at each of a list, `person.age` changes the first of
    /// them, which then stands alone under that name.
    static func facts(_ ordinary: JSON, change: [SourceEntry], use: RuleUse) throws -> Facts {
        var values = ordinary
        if let each = use.each {
            var first = values[each.list].elements.first ?? (each.variable == "firm" ? firm : [:])
            if each.variable == "person",
                let plain = values[each.list].elements.first(where: { $0["officer"] == true })
            {
                first = plain
            }
            values[each.variable] = first
        }
        for entry in change {
            guard let path = FormPath(parsing: entry.key) else {
                throw entry.value.bad("a path of the facts")
            }
            values[path] = try typed(entry.value, like: values[path])
        }
        return Facts(values: values, times: [:])
    }

    /// An ordinary corporate shareholder.
    private static let firm: JSON = [
        "label": "包头市青峰商贸有限公司", "kind": "company", "inRegion": true, "state": "active", "signerCurrent": true,
    ]

    /// Text becomes what the ordinary fact is: yes or no, a number, a text.
    private static func typed(_ node: SourceNode, like old: JSON) throws -> JSON {
        switch node.content {
        case .text("nothing"): return .null
        case .text(let text):
            switch old {
            case .bool: return .bool(try node.flag())
            case .number: return .number(text)
            case .string: return .string(text)
            case .null, .array, .object: return try Scenario.fact(node)
            }
        case .list, .map: return try Scenario.fact(node)
        }
    }
}

extension Judgement.Line {
    /// In what a finding is otherwise than the line says.
    func differences(from finding: Finding) -> [String] {
        var wrong: [String] = []
        let hit = finding.rows.joined(separator: "+")
        if let row, row != hit { wrong.append("row \(row) expected, \(hit) hit") }
        if says != finding.outcome.rawValue {
            wrong.append("\(says) expected, \(finding.outcome.rawValue) said (\(finding.reason), \(hit))")
        }
        if let reason, reason != finding.reason {
            wrong.append("reason \(reason) expected, \(finding.reason) given")
        }
        if let arguments, arguments != finding.arguments {
            wrong.append("arguments \(arguments) expected, \(finding.arguments) given")
        }
        return wrong
    }
}

/// One form put to answers that differ from an ordinary opening's: a line a case.
struct FormJudgement: Sendable {
    struct Line: Sendable {
        let position: SourcePosition
        let change: [SourceEntry]
        /// Codes of everything that is wrong then, as a set.
        let problems: [String]
        /// Paths of answers that the form asks for then, and of such that it does not.
        let keeps: [String]
        let drops: [String]
        /// Chinese names of the materials that are needed then.
        let materials: [String]?
        /// Where the limits are looked up, six digits; nil: the district that the form names.
        let region: String?
    }

    let item: String
    let lines: [Line]
}
