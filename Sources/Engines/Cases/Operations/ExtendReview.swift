import Audit
import Catalogue
public import Deadlines
import Forms
public import Kernel
import Storage

extension CaseDesk {
    /// Gives a complex case more time, once, by the head of the authority (Regulations on the Administration of the
    /// Registration of Market Entities, article 19: three working days, in complex cases three more).
    /// - Parameters:
    ///   - reason: goes to the applicant, 1...2,000 characters.
    ///   - approvedBy: the head's name as the notice prints it.
    /// - Throws: `CaseError.extensionNeedsHead`, `.extensionUsed`, `.changedMeanwhile`; `DeadlineError.over` when the
    ///   period has run out already.
    @discardableResult
    public func extend(
        _ id: ID<Case>,
        version: Int,
        reason: String,
        approvedBy: String,
        occasion: Occasion
    ) async throws -> DeadlineClock {
        let reason = try Self.checked(reason)
        guard occasion.actor.role == "head" else { throw CaseError.extensionNeedsHead }
        let before = try await read(id)
        try Self.seen(before, version)
        let definition = try await definition(of: before)
        let limits = definition.system.limits
        guard let more = limits.value("extension", region: before.region, on: occasion.now.date)?.period
        else {
            throw CaseError.unknownStep("limit extension")
        }
        return try await database.write { tx in
            let subject = try CaseStore.lock(id, in: tx)
            try Self.seen(subject, version)
            let step = try StepStore.of(id, in: tx).first { $0.kind == .staff && $0.state == .open }
            guard let step, let running = try step.clock.flatMap({ try Deadlines.find(ID($0), in: tx) })
            else {
                throw CaseError.unknownStep("review")
            }
            guard running.extensions.isEmpty else { throw CaseError.extensionUsed }
            let clock = try Deadlines.extend(
                running.id,
                by: Period(more.text),
                rule: limits["extension"]?.law ?? "extension",
                calendar: calendar,
                occasion: occasion,
                in: tx
            )
            let due = clock.due(calendar).date
            let extended = try CaseStore.update(subject, in: tx)
            try issue(
                "extension-notice",
                for: extended,
                details: [
                    "reason": .string(reason), "limitText": .string(more.words.zh),
                    "dueOn": JSON(due?.description),
                    "approvedBy": .string(approvedBy),
                ],
                occasion: occasion,
                in: tx
            )
            try note(
                "extended",
                on: extended,
                details: ["words": .string(reason), "by": .string(more.text), "due": JSON(due?.description)],
                occasion: occasion,
                in: tx
            )
            return clock
        }
    }
}
