import Catalogue
import Deadlines
import Kernel
import Storage

extension CaseDesk {
    /// Puts the case on the reviewer's desk and starts the clock of the law.
    func openReview(of subject: Case, definition: CaseDefinition, occasion: Occasion, in tx: any Transaction)
        throws
    {
        guard let step = definition.item.flow.first(where: { $0.by == .staff }) else {
            throw CaseError.unknownStep("review")
        }
        let clock = try startClock(
            of: step,
            subject: subject,
            definition: definition,
            occasion: occasion,
            in: tx
        )
        let former = try formerReviewer(of: subject, occasion: occasion, in: tx)
        try StepStore.open(
            CaseStep(
                caseID: subject.id,
                name: step.name,
                kind: .staff,
                state: .open,
                role: definition.duty(of: step),
                agency: subject.agency,
                region: subject.region,
                assignee: former,
                clock: clock?.id.rawValue,
                openedAt: occasion.now
            ),
            in: tx
        )
        if former != nil {
            try note("back-to-reviewer", on: subject, isPublic: false, occasion: occasion, in: tx)
        }
    }

    /// Who returned the case last, when he may still decide it: he knows what he asked for. Nil for the pool.
    private func formerReviewer(of subject: Case, occasion: Occasion, in tx: any Transaction) throws
        -> String?
    {
        let returns = try DecisionStore.of(subject.id, in: tx).filter { $0.outcome == .return }
        guard let officer = returns.last?.by, officer.kind == .staff,
            try !CounterRecordStore.isMade(by: officer.id, in: subject.id, tx)
        else { return nil }
        return try ports.mayDecide(subject, officer.id, occasion, tx) ? officer.id : nil
    }

    /// A step that names no limit runs without a clock.
    private func startClock(
        of step: FlowStep,
        subject: Case,
        definition: CaseDefinition,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> DeadlineClock? {
        let limits = definition.system.limits
        guard let name = step.limit,
            let period = limits.value(name, region: subject.region, on: occasion.now.date)?.period
        else { return nil }
        return try Deadlines.start(
            name,
            for: subject.object,
            budget: Period(period.text),
            rule: limits[name]?.law ?? name,
            ladder: ladders?.ladder(name, on: occasion.now.date) ?? .none,
            calendar: calendar,
            occasion: occasion,
            in: tx
        )
    }

    /// Ends the review step, if one is open, and stops its clock.
    func closeReview(of subject: Case, outcome: String, occasion: Occasion, in tx: any Transaction) throws {
        for var step in try StepStore.of(subject.id, in: tx) where step.kind == .staff && step.state == .open
        {
            step.state = .done
            step.closedAt = occasion.now
            step.outcome = outcome
            try StepStore.update(step, in: tx)
            if let clock = step.clock {
                try Deadlines.end(ID(clock), rule: outcome, calendar: calendar, occasion: occasion, in: tx)
            }
        }
    }
}
