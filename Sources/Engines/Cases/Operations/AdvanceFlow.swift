import Audit
import Catalogue
public import Kernel
import Rules
public import Storage

extension CaseDesk {
    /// Opens every step that can begin now and notes when the bundle is complete. Called in the transaction of
    /// whatever ended a step.
    /// - Returns: the case as it stands now.
    @discardableResult
    func advance(_ subject: Case, definition: CaseDefinition, occasion: Occasion, in tx: any Transaction)
        throws -> Case
    {
        let module = try module(of: definition)
        var states = Dictionary(
            try StepStore.of(subject.id, in: tx).map { ($0.name, $0.state) },
            uniquingKeysWith: { $1 }
        )
        for step in definition.item.flow where step.by != .outside && states[step.name] == nil {
            // The decision itself: rule, review and the module's act are behind us once a case is granted.
            states[step.name] = .done
        }
        var context = RuleContext(json: subject.data, today: occasion.now.date, calendar: ruleCalendar)
        context["context"] = RuleValue(module.context(for: subject))
        let next = Flow.next(definition.item.flow, states: states, context: context)
        for step in next.skip {
            try StepStore.open(
                CaseStep(
                    caseID: subject.id,
                    name: step.name,
                    kind: step.by,
                    state: .skipped,
                    role: nil,
                    agency: nil,
                    region: nil,
                    openedAt: occasion.now,
                    closedAt: occasion.now
                ),
                in: tx
            )
            states[step.name] = .skipped
        }
        let orders = try module.messages(
            for: next.open.filter { $0.by == .outside }.map(\.name),
            of: subject,
            in: tx
        )
        for step in next.open {
            let own = orders[step.name] ?? []
            try StepStore.open(
                CaseStep(
                    caseID: subject.id,
                    name: step.name,
                    kind: step.by,
                    state: .open,
                    role: step.role,
                    agency: subject.agency,
                    region: subject.region,
                    openedAt: occasion.now,
                    outcome: own.isEmpty ? nil : CaseStep.ordered
                ),
                in: tx
            )
            states[step.name] = .open
            for order in own { try ports.openLine(subject, step, order, occasion, tx) }
        }
        return try completeBundle(
            of: subject,
            flow: definition.item.flow,
            states: states,
            occasion: occasion,
            in: tx
        )
    }

    private func completeBundle(
        of subject: Case,
        flow: [FlowStep],
        states: [String: StepState],
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Case {
        guard subject.state == .granted, subject.completedAt == nil, Flow.isComplete(flow, states: states)
        else { return subject }
        var complete = try CaseStore.find(subject.id, in: tx)
        complete.completedAt = occasion.now
        complete = try CaseStore.update(complete, in: tx)
        try note("completed", on: complete, occasion: occasion, in: tx)
        try issue("result-sheet", for: complete, details: [:], occasion: occasion, in: tx)
        return complete
    }

    /// An outside party's line has come to a new state: the step follows, and what waited for it begins.
    /// - Parameter outcome: what is shown, such as the party's own state.
    public func stepMoved(
        _ id: ID<Case>,
        step name: String,
        to state: StepState,
        outcome: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let subject = try CaseStore.lock(id, in: tx)
        let definition = try definitions.of(subject, in: tx)
        guard var step = try StepStore.find(name, of: id, in: tx) else { throw CaseError.unknownStep(name) }
        guard step.state != state || step.outcome != outcome else { return }
        step.state = state
        step.outcome = outcome
        step.closedAt = state == .open ? nil : occasion.now
        try StepStore.update(step, in: tx)
        if state != .open { try advance(subject, definition: definition, occasion: occasion, in: tx) }
    }
}
