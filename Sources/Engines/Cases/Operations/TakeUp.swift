import Audit
import Catalogue
public import Kernel
public import Storage

extension CaseDesk {
    /// The founder takes up a service that he had put off or done without: its questions are answered now, and the
    /// steps that hang on this choice begin as if it had been chosen from the start. The signed papers say nothing of it.
    /// - Parameters:
    ///   - path: what the steps ask, such as `joined.bank.choice`.
    ///   - data: the form with the answers in it.
    /// - Returns: the case with its answers; lines that are there already are for the caller to reopen.
    /// - Throws: `CaseError.notAllowed` for a case that is not granted.
    public func takeUp(
        _ path: String,
        of id: ID<Case>,
        data: JSON,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Case {
        var subject = try CaseStore.lock(id, in: tx)
        guard subject.applicant == occasion.actor.id else { throw CaseError.notYours }
        guard subject.state == .granted else {
            throw CaseError.notAllowed(event: .edit, in: subject.state)
        }
        let before = subject.data
        subject.data = data
        let kept = try CaseStore.update(subject, in: tx)
        try AuditLog.append(
            "case.service-taken-up",
            object: kept.object,
            before: before,
            after: data,
            occasion: occasion,
            in: tx
        )
        let definition = try definitions.of(kept, in: tx)
        for step in definition.item.flow where step.asks == path {
            try StepStore.forgetSkipped(step.name, of: id, in: tx)
        }
        try advance(kept, definition: definition, occasion: occasion, in: tx)
        return kept
    }
}
