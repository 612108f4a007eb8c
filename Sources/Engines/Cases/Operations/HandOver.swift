import Audit
import Catalogue
public import Kernel
public import Storage

extension CaseDesk {
    /// The head takes an open step out of a colleague's hands, or out of the pool: the law's days run on while nobody
    /// can decide.
    /// - Parameters:
    ///   - version: the version of the case that was on the page.
    ///   - colleague: who has it from now on; nil for the pool. The caller knows that he may decide it.
    ///   - reason: stays in the case's history, 1...2,000 characters.
    /// - Throws: `CaseError.changedMeanwhile` when it is in those hands already, `.ownCounterRecord` for a colleague
    ///   who saw a signature given.
    public func handOver(
        _ id: ID<Case>,
        step name: String,
        version: Int,
        to colleague: String?,
        reason: String,
        occasion: Occasion
    ) async throws {
        let reason = try Self.checked(reason)
        try await database.write { tx in
            let subject = try CaseStore.lock(id, in: tx)
            try Self.seen(subject, version)
            guard var step = try StepStore.find(name, of: id, in: tx), step.state == .open else {
                throw CaseError.unknownStep(name)
            }
            guard step.assignee != colleague else {
                throw CaseError.changedMeanwhile(
                    act: colleague == nil ? "released" : "claimed",
                    at: occasion.now
                )
            }
            if let colleague { try requireOther(id, than: colleague, in: tx) }
            let before = step.assignee
            step.assignee = colleague
            try StepStore.update(step, in: tx)
            try note(
                "handed-over",
                on: subject,
                details: ["words": .string(reason), "from": JSON(before), "to": JSON(colleague)],
                isPublic: false,
                occasion: occasion,
                in: tx
            )
        }
    }

    /// Whoever has claimed an open step.
    public static func assignees(in reader: any Reader) throws -> [String] {
        try StepStore.assignees(in: reader)
    }

    /// Gives back to the pool what somebody claimed who can no longer decide it: his post has ended, or his account is
    /// shut.
    /// - Parameter mayKeep: what he may still decide.
    /// - Returns: how many steps.
    @discardableResult
    public static func freeClaims(
        of assignee: String,
        unless mayKeep: (Case) throws -> Bool,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Int {
        var freed = 0
        for id in try StepStore.claimed(by: assignee, in: tx) {
            let subject = try CaseStore.lock(id, in: tx)
            guard try !mayKeep(subject) else { continue }
            for var step in try StepStore.of(id, in: tx)
            where step.kind == .staff && step.state == .open && step.assignee == assignee {
                step.assignee = nil
                try StepStore.update(step, in: tx)
                try note(
                    "claim-ended",
                    on: subject,
                    details: ["from": .string(assignee)],
                    isPublic: false,
                    occasion: occasion,
                    in: tx
                )
                freed += 1
            }
        }
        return freed
    }
}
