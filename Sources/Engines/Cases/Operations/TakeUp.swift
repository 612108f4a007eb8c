import Audit
import Catalogue
public import Kernel
public import Storage

extension CaseDesk {
    /// The founder takes up a service that he had put off or done without: its questions are answered now, and the
    /// steps that hang on this choice begin as if it had been chosen from the start. The signed papers say nothing of it.
    /// - Parameters:
    ///   - path: what the steps ask, such as `joined.bank.choice`.
    ///   - seen: the form on which the answers were put.
    ///   - data: the form with the answers in it.
    ///   - lines: what follows for the lines to outside parties, which this engine does not know; in the same
    ///     transaction.
    /// - Returns: the case with its answers.
    /// - Throws: `CaseError.notAllowed` for a case that is not granted, `.changedMeanwhile` when other answers came
    ///   since; whatever a form is refused with.
    @discardableResult
    public func takeUp(
        _ path: String,
        of id: ID<Case>,
        seen: JSON,
        data: JSON,
        occasion: Occasion,
        lines: @escaping @Sendable (Case, any Transaction) throws -> Void = { _, _ in }
    ) async throws -> Case {
        let before = try await read(id)
        let definition = try await definition(of: before)
        let data = try await guarded(
            data,
            applicant: before.applicant,
            definition: definition,
            occasion: occasion
        )
        return try await database.write { tx in
            var subject = try CaseStore.lock(id, in: tx)
            guard subject.applicant == occasion.actor.id else { throw CaseError.notYours }
            guard subject.state == .granted else {
                throw CaseError.notAllowed(event: .edit, in: subject.state)
            }
            guard subject.data == seen else {
                throw CaseError.changedMeanwhile(act: "saved", at: occasion.now)
            }
            try requireFiles(of: data, with: subject.object, in: tx)
            subject.data = data
            let kept = try CaseStore.update(subject, in: tx)
            try AuditLog.append(
                "case.service-taken-up",
                object: kept.object,
                before: seen,
                after: data,
                occasion: occasion,
                in: tx
            )
            for step in definition.item.flow where step.asks == path {
                try StepStore.forgetSkipped(step.name, of: id, in: tx)
            }
            try advance(kept, definition: definition, occasion: occasion, in: tx)
            try lines(kept, tx)
            return kept
        }
    }
}
