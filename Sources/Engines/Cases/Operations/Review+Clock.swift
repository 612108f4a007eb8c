import Catalogue
import Kernel
import Storage

extension CaseDesk {
    /// Puts the case on the reviewer's desk and starts the clock of the law.
    func openReview(of subject: Case, definition: CaseDefinition, occasion: Occasion, in tx: any Transaction) throws {
        guard let step = definition.item.flow.first(where: { $0.by == .staff }) else {
            throw CaseError.unknownStep("review")
        }
        try StepStore.open(
            CaseStep(
                caseID: subject.id, name: step.name, kind: .staff, state: .open, role: step.role,
                agency: subject.agency, region: subject.region, openedAt: occasion.now),
            in: tx)
    }

    /// Ends the review step, if one is open, and stops its clock.
    func closeReview(of subject: Case, outcome: String, occasion: Occasion, in tx: any Transaction) throws {
        for var step in try StepStore.of(subject.id, in: tx) where step.kind == .staff && step.state == .open {
            step.state = .done
            step.closedAt = occasion.now
            step.outcome = outcome
            try StepStore.update(step, in: tx)
        }
    }
}
