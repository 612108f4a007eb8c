import Audit
import Catalogue
public import Kernel
import Storage

extension CaseDesk {
    /// Takes an open step for oneself.
    /// - Parameter version: the version of the case that was on the page.
    /// - Throws: `StorageError.stale` through `CaseError.changedMeanwhile` when somebody was faster.
    public func claim(_ id: ID<Case>, step name: String, version: Int, occasion: Occasion) async throws {
        try await database.write { tx in
            let subject = try CaseStore.lock(id, in: tx)
            try Self.seen(subject, version)
            guard var step = try StepStore.find(name, of: id, in: tx), step.state == .open else {
                throw CaseError.unknownStep(name)
            }
            guard step.assignee == nil || step.assignee == occasion.actor.id else {
                throw CaseError.changedMeanwhile(act: "claimed", at: occasion.now)
            }
            try requireOther(id, than: occasion.actor.id, in: tx)
            step.assignee = occasion.actor.id
            try StepStore.update(step, in: tx)
            try note("claimed", on: subject, isPublic: false, occasion: occasion, in: tx)
        }
    }

    /// Gives a step back to the inbox.
    /// - Parameter version: the version of the case that was on the page.
    /// - Throws: `CaseError.changedMeanwhile` when the case changed since, or the step is no longer one's own.
    public func release(_ id: ID<Case>, step name: String, version: Int, occasion: Occasion) async throws {
        try await database.write { tx in
            let subject = try CaseStore.lock(id, in: tx)
            try Self.seen(subject, version)
            guard var step = try StepStore.find(name, of: id, in: tx), step.state == .open else {
                throw CaseError.unknownStep(name)
            }
            guard step.assignee == occasion.actor.id else {
                throw CaseError.changedMeanwhile(
                    act: step.assignee == nil ? "released" : "claimed",
                    at: occasion.now
                )
            }
            step.assignee = nil
            try StepStore.update(step, in: tx)
            try note("released", on: subject, isPublic: false, occasion: occasion, in: tx)
        }
    }

    /// Refuses a decision to everybody but the one who claimed the step: two clerks must not decide side by side.
    func requireClaim(_ id: ID<Case>, occasion: Occasion, in reader: any Reader) throws {
        let step = try StepStore.of(id, in: reader).first { $0.kind == .staff && $0.state == .open }
        guard let step else { throw CaseError.unknownStep("review") }
        guard step.assignee == occasion.actor.id else { throw CaseError.notClaimed }
        try requireOther(id, than: occasion.actor.id, in: reader)
    }

    /// Who recorded a signature at the counter does not examine the case: two pairs of eyes.
    func requireOther(_ id: ID<Case>, than person: String, in reader: any Reader) throws {
        if try CounterRecordStore.isMade(by: person, in: id, reader) {
            throw CaseError.ownCounterRecord
        }
    }

    /// A person grants what the rules left to him; facts and rules run anew on the day of decision. What they find then
    /// and he was not shown is kept and comes back to him instead, undecided.
    /// - Parameter settled: an answer to each of the open points, by name.
    /// - Throws: `CaseError.notClaimed` unless the actor has claimed the step, `.unsettled` while a point is open,
    ///   `.objectionOpen` while an objection is, `.newFindings` when the rules found what was not shown.
    @discardableResult
    public func grant(
        _ id: ID<Case>,
        version: Int,
        reason: String,
        settled: [String: String] = [:],
        occasion: Occasion
    ) async throws -> Case {
        let reason = try Self.checked(reason)
        let (before, signing) = try await database.read { reader in
            (try CaseStore.find(id, in: reader), try SignerStore.state(of: id, in: reader))
        }
        try Self.seen(before, version)
        _ = try before.state.after(.grant, in: before.procedure)
        try await database.read {
            try requireClaim(id, occasion: occasion, in: $0)
            try Self.requireSettled(id, in: $0)
        }
        let definition = try await definition(of: before)
        let points = try module(of: definition).openPoints(of: before)
        try Self.checkSettled(points, settled)
        return try await decide(
            before,
            signing: signing,
            definition: definition,
            by: .person(
                reason: reason,
                settled: settled.filter { answer in points.contains { $0.name == answer.key } }
            ),
            occasion: occasion
        )
    }

    /// A person returns, refuses or hands the case over: one list, all at once, with reasons.
    /// - Parameter told: what the applicant is told besides the reason, by the kind of the decision.
    /// - Throws: `CaseError.notClaimed` unless the actor has claimed the step, `.sourcesUnanswered` for a refusal over
    ///   nothing but questions of which some were not answered and not asked again; as `Told.check` for what is missing.
    @discardableResult
    public func turnBack(
        _ id: ID<Case>,
        as event: CaseEvent,
        version: Int,
        reason: String,
        told: Told,
        occasion: Occasion
    ) async throws -> Case {
        let reason = try Self.checked(reason)
        try told.check(for: event)
        let before = try await read(id)
        try Self.seen(before, version)
        let definition = try await definition(of: before)
        let decisionID: ID<Decision> = occasion.newID()
        let (paper, act) = try Self.paper(for: event, in: before.state)
        return try await database.write { tx in
            var subject = try CaseStore.lock(id, in: tx)
            try Self.seen(subject, version)
            subject.state = try subject.state.after(event, in: subject.procedure)
            try requireClaim(id, occasion: occasion, in: tx)
            let last = try DecisionStore.of(id, in: tx).last
            try Self.requireAnswers(event, last: last)
            subject.decidedAt = occasion.now
            try CaseTimesStore.officeDone(subject, at: occasion.now, in: tx)
            try DecisionStore.insert(
                Decision(
                    id: decisionID,
                    caseID: id,
                    at: occasion.now,
                    outcome: event,
                    by: occasion.actor,
                    text: subject.text,
                    findings: last?.findings ?? [],
                    facts: last?.facts ?? [:],
                    reason: reason,
                    instant: false,
                    told: told.json
                ),
                occasion: occasion,
                in: tx
            )
            let decided = try CaseStore.update(subject, in: tx)
            if event == .return {
                try ReturnedFormStore.keep(decided, at: occasion.now, in: tx)
            }
            let again = try event == .return && wasReturnedByPerson(id, before: decisionID, in: tx)
            try issue(
                paper,
                for: decided,
                details: ["reason": .string(reason), "told": told.json],
                occasion: occasion,
                in: tx
            )
            try note(act, on: decided, details: ["words": .string(reason)], occasion: occasion, in: tx)
            if again {
                // Everything had to be said the first time (一次性告知); saying more now is a finding against the clerk.
                try note("second-return", on: decided, isPublic: false, occasion: occasion, in: tx)
            }
            try closeReview(of: decided, outcome: act, occasion: occasion, in: tx)
            if event == .return {
                try watchDraft(decided, definition: definition, occasion: occasion, in: tx)
            } else {
                try letGo(decided, by: event, definition: definition, occasion: occasion, in: tx)
            }
            return decided
        }
    }

    private static func paper(for event: CaseEvent, in state: CaseState) throws(CaseError) -> (String, String)
    {
        switch event {
        case .return: return ("return-notice", "returned")
        case .refuse: return ("refusal", "refused")
        case .transfer: return ("not-ours-notice", "transferred")
        case .askSignatures, .edit, .submit, .accept, .toPerson, .grant, .withdraw, .revoke, .restore, .lapse:
            throw .notAllowed(event: event, in: state)
        }
    }

    private func wasReturnedByPerson(_ id: ID<Case>, before decision: ID<Decision>, in reader: any Reader)
        throws -> Bool
    {
        try DecisionStore.of(id, in: reader).contains {
            $0.outcome == .return && $0.by.kind == .staff && $0.id != decision
        }
    }

    /// The applicant takes the case back before a decision; a name stays his or is freed, as he wishes.
    /// - Parameter freeing: gives up what was kept for him, such as the reserved name.
    @discardableResult
    public func withdraw(
        _ id: ID<Case>,
        version: Int,
        freeing: Bool = false,
        occasion: Occasion
    ) async throws -> Case {
        let before = try await read(id)
        guard before.applicant == occasion.actor.id else { throw CaseError.notYours }
        let definition = try await definition(of: before)
        let module = try module(of: definition)
        return try await database.write { tx in
            var subject = try CaseStore.lock(id, in: tx)
            try Self.seen(subject, version)
            if subject.state == .review { try CaseTimesStore.officeDone(subject, at: occasion.now, in: tx) }
            subject.state = try subject.state.after(.withdraw, in: subject.procedure)
            subject.decidedAt = occasion.now
            let withdrawn = try CaseStore.update(subject, in: tx)
            try closeReview(of: withdrawn, outcome: "withdrawn", occasion: occasion, in: tx)
            try letGo(withdrawn, by: .withdraw, definition: definition, occasion: occasion, in: tx)
            let isFreed = try freeing && module.freed(withdrawn, occasion: occasion, in: tx)
            if withdrawn.submittedAt != nil {
                try issue(
                    "withdrawal-confirmation",
                    for: withdrawn,
                    details: [
                        "withdrawnAt": .string(occasion.now.minuteText), "nameReleased": .bool(isFreed),
                    ],
                    occasion: occasion,
                    in: tx
                )
            }
            try note(
                "withdrawn",
                on: withdrawn,
                details: ["freed": .bool(isFreed)],
                occasion: occasion,
                in: tx
            )
            return withdrawn
        }
    }

    static func seen(_ subject: Case, _ version: Int) throws(CaseError) {
        guard subject.version == version else {
            throw .changedMeanwhile(
                act: subject.state.rawValue,
                at: subject.decidedAt ?? subject.submittedAt ?? subject.createdAt
            )
        }
    }

    static let reasonCharactersMax = 2_000

    static func checked(_ reason: String) throws(CaseError) -> String {
        guard reason.contains(where: { !$0.isWhitespace }) else { throw .reasonMissing }
        guard reason.count <= reasonCharactersMax else { throw .reasonTooLong(max: reasonCharactersMax) }
        return reason
    }
}
