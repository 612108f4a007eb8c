public import Kernel
public import Rules

/// One rule of a system: a decision table, applied to the facts or to each of a list in them.
public struct CaseRule: Sendable {
    /// `R06`; stands in every finding.
    public let id: String
    public let table: DecisionTable
    /// `person in people`: the table is applied to every element of `list` under the name `variable`.
    public let each: Each?
    /// Applied only when this is true; otherwise the rule passes without a row.
    public let when: RuleExpression?
    /// Keys of `Facts.times` that the table reads.
    public let sources: [String]

    public struct Each: Sendable, Equatable {
        public let variable: String
        public let list: String

        public init(variable: String, list: String) {
            self.variable = variable
            self.list = list
        }
    }

    public init(id: String, table: DecisionTable, each: Each?, when: RuleExpression?, sources: [String]) {
        self.id = id
        self.table = table
        self.each = each
        self.when = when
        self.sources = sources
    }
}

/// All rules of an item. Every rule runs on every case and every result is kept; unknown counts as "to a person". Tables
/// are FIRST, or COLLECT where several rows can be true at once.
public struct RuleBook: Sendable {
    public let rules: [CaseRule]

    public init(rules: [CaseRule]) { self.rules = rules }

    /// - Parameters:
    ///   - limits: dated numbers, seen by tables as `limits.<name>`.
    ///   - only: the rules that are asked; nil for all of them.
    public func decide(
        _ facts: Facts,
        limits: JSON,
        today: LocalDate,
        calendar: RuleCalendar?,
        only: Set<String>? = nil
    ) -> [Finding] {
        var values = facts.values.members.mapValues { RuleValue($0) }
        values["limits"] = RuleValue(limits)
        values["today"] = .date(today)
        let context = RuleContext(values, today: today, calendar: calendar)
        let asked = rules.filter { only?.contains($0.id) ?? true }
        return asked.flatMap { findings(of: $0, facts: facts, context: context) }
    }

    /// Findings with those of some rules replaced, in the order of the rules.
    func splice(_ fresh: [Finding], of only: Set<String>, into findings: [Finding]) -> [Finding] {
        rules.flatMap { rule in (only.contains(rule.id) ? fresh : findings).filter { $0.rule == rule.id } }
    }

    private func findings(of rule: CaseRule, facts: Facts, context: RuleContext) -> [Finding] {
        let times = facts.times.filter { rule.sources.contains($0.key) }
        if facts.atGrant?.rules.contains(rule.id) ?? false { return [notApplicable(rule, times: times)] }
        if let when = rule.when {
            let evaluation = when.evaluate(in: context)
            if evaluation.value.bool == false {
                return [notApplicable(rule, times: times)]
            }
            guard evaluation.isTrue else {
                return [unknown(rule, inputs: ["when": .null], subject: nil, times: times)]
            }
        }
        guard let each = rule.each else {
            return said(by: rule, context: context, subject: nil, times: times)
        }
        guard let elements = context[each.list].elements else {
            return [unknown(rule, inputs: [each.list: .null], subject: nil, times: times)]
        }
        if elements.isEmpty {
            return [
                Finding(
                    rule: rule.id,
                    outcome: .pass,
                    reason: "",
                    arguments: [:],
                    rows: ["nobody"],
                    subject: nil,
                    inputs: [:],
                    dataTimes: times
                )
            ]
        }
        return elements.flatMap { element in
            var inner = context
            inner[each.variable] = element
            return said(by: rule, context: inner, subject: element.record?["label"]?.text, times: times)
        }
    }

    /// What a table says: one finding, or of a table that collects one for each row that stands in the way, so that the
    /// applicant is told everything at once.
    private func said(
        by rule: CaseRule,
        context: RuleContext,
        subject: String?,
        times: [String: Instant]
    ) -> [Finding] {
        let decision: TableDecision
        do {
            decision = try rule.table.decide(in: context)
        } catch {
            return [unknown(rule, inputs: ["error": .string(error.code)], subject: subject, times: times)]
        }
        let inputs = RuleValue.context(decision.inputs).json
        // A question that nobody answered is not a "no": whatever row hit, a person must look at it. Nor is a pass a
        // pass when an expression on the way had something to warn of.
        let unanswered = rule.table.inputs.map(\.name).filter { decision.inputs[$0]?.isNull ?? true }
        let isCollected = rule.table.hit == .collect
        let hits =
            isCollected
            ? decision.rows.map { (rows: [$0.id], outputs: $0.outputs) }
            : [(rows: decision.rows.map(\.id), outputs: decision.result.record ?? RuleRecord())]
        let read = hits.map { finding(of: rule, $0.rows, $0.outputs, inputs, subject: subject, times: times) }
        let findings = read.compactMap { $0 }
        let obstacles = findings.filter { $0.outcome != .pass }
        guard unanswered.isEmpty, !findings.isEmpty, findings.count == read.count,
            !obstacles.isEmpty || decision.warnings.isEmpty
        else { return [unknown(rule, inputs: inputs, subject: subject, times: times)] }
        return obstacles.isEmpty ? [findings[0]] : obstacles
    }

    /// What one row says; nil when it says nothing that can be read.
    private func finding(
        of rule: CaseRule,
        _ rows: [String],
        _ outputs: RuleRecord,
        _ inputs: JSON,
        subject: String?,
        times: [String: Instant]
    ) -> Finding? {
        guard let outcome = outputs["outcome"]?.text.flatMap(RuleOutcome.init(rawValue:)),
            let reason = outputs["reason"]?.text
        else { return nil }
        var arguments: [String: String] = [:]
        for (name, value) in outputs["arguments"]?.record?.entries ?? [] {
            arguments[name] = value.text ?? value.json.canonical
        }
        return Finding(
            rule: rule.id,
            outcome: outcome,
            reason: reason,
            arguments: arguments,
            rows: rows,
            subject: subject,
            inputs: inputs,
            dataTimes: times
        )
    }

    private func notApplicable(_ rule: CaseRule, times: [String: Instant]) -> Finding {
        Finding(
            rule: rule.id,
            outcome: .pass,
            reason: "",
            arguments: [:],
            rows: ["not-applicable"],
            subject: nil,
            inputs: [:],
            dataTimes: times
        )
    }

    private func unknown(_ rule: CaseRule, inputs: JSON, subject: String?, times: [String: Instant])
        -> Finding
    {
        Finding(
            rule: rule.id,
            outcome: .person,
            reason: "unknown",
            arguments: ["rule": rule.id],
            rows: [],
            subject: subject,
            inputs: inputs,
            dataTimes: times
        )
    }
}
