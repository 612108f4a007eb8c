import Audit
import Catalogue
import Forms
public import Jobs
public import Kernel
import Rules
import Storage

extension CaseDesk {
    /// Hands a case in and lets the rules decide at once.
    ///
    /// Every rule runs and every result is kept. All pass: the grant is carried out in this transaction. Something
    /// can be mended: the case goes back with one list. Something is unknown or needs judgement: a receipt, and a
    /// person has three working days.
    /// - Parameter once: the caller's key, when he may ask twice; taken and answered in the act's own transaction.
    /// - Returns: the case after the decision.
    /// - Throws: `CaseError.incomplete`, `.notYours`, `.notAllowed`, `.changedMeanwhile`; whatever the module refuses.
    @discardableResult
    public func submit(
        _ id: ID<Case>,
        once: Once<Case>? = nil,
        occasion: Occasion
    ) async throws -> Case {
        let (before, signing, isDisputed) = try await database.read { reader in
            (
                try CaseStore.find(id, in: reader), try SignerStore.state(of: id, in: reader),
                try !ObjectionStore.standing(of: id, in: reader).isEmpty
            )
        }
        guard before.applicant == occasion.actor.id else { throw CaseError.notYours }
        guard !isDisputed else { throw CaseError.objected }
        _ = try before.state.after(.submit, in: before.procedure)
        let definition = try await definition(of: before)
        let problems = check(before, definition: definition, occasion: occasion)
        guard problems == 0 else { throw CaseError.incomplete(fields: problems) }
        // Who applies for an enterprise has to be allowed to on the day.
        _ = try await sources(
            for: before.applicant,
            data: before.data,
            definition: definition,
            occasion: occasion
        )
        return try await decide(
            before,
            signing: signing,
            definition: definition,
            by: .rules,
            once: once,
            occasion: occasion
        )
    }

    /// Who decides now.
    enum Decider: Sendable {
        /// The rules, when the case is handed in.
        case rules
        /// A member of staff who grants after review; what the rules leave to a person is his to judge.
        /// `settled` are his answers to the module's open points.
        case person(reason: String, settled: [String: String] = [:])
        /// The rules once more, for a case that already waits for a person.
        case rulesAgain
    }

    /// Gathers the facts anew, applies the rules, and carries the outcome out. When the register or a name changed
    /// between facts and commit, everything is judged again on the new state, a few times at most.
    func decide(
        _ before: Case,
        signing: SigningState,
        definition: CaseDefinition,
        by decider: Decider,
        once: Once<Case>? = nil,
        occasion: Occasion
    ) async throws -> Case {
        let module = try module(of: definition)
        let limits = definition.limits(before.region, occasion.now.date)
        let seen = try await shown(before, to: decider)
        var attempt = 0
        while true {
            attempt += 1
            let (facts, findings, judged, fresh) = try await judge(
                before,
                signing: signing,
                definition: definition,
                by: decider,
                seen: seen,
                limits: limits,
                occasion: occasion
            )
            let outcome = waitsForPayment(judged, of: before, definition: definition, by: decider, occasion)
            do {
                switch outcome {
                case .grant:
                    let granting = occasion.at(moment(of: occasion))
                    let work = try await module.grant(
                        before,
                        facts: facts,
                        limits: limits,
                        occasion: granting
                    )
                    return try await write(
                        .grant,
                        before: before,
                        definition: definition,
                        findings: findings,
                        facts: facts,
                        signing: signing,
                        decider: decider,
                        work: (work, on: granting.now.date),
                        once: once,
                        occasion: occasion
                    )
                case .return, .transfer, .refuse, .toPerson:
                    let written = try await write(
                        outcome,
                        before: before,
                        definition: definition,
                        findings: findings,
                        facts: facts,
                        signing: signing,
                        decider: fresh.isEmpty ? decider : .rulesAgain,
                        work: nil,
                        once: once,
                        occasion: occasion
                    )
                    guard fresh.isEmpty else { throw CaseError.newFindings(fresh.map(\.rule)) }
                    return written
                case .askSignatures, .edit, .submit, .accept, .withdraw, .revoke, .restore, .lapse:
                    throw CaseError.notAllowed(event: outcome, in: before.state)
                }
            } catch let error as StorageError where attempt < 5 {
                switch error {
                case .constraint, .stale: continue
                default: throw error
                }
            } catch let error as GrantOvertaken where attempt < 5 {
                _ = error
                continue
            }
        }
    }

    /// What has to be paid is paid after it was handed in, so that the rules alone never grant it in the same act: it
    /// waits where a person grants it once it is paid.
    private func waitsForPayment(
        _ outcome: CaseEvent,
        of subject: Case,
        definition: CaseDefinition,
        by decider: Decider,
        _ occasion: Occasion
    ) -> CaseEvent {
        guard case .rules = decider, outcome == .grant, !definition.item.charges.isEmpty else {
            return outcome
        }
        let charges = charges(
            for: subject.data,
            definition: definition,
            region: subject.region,
            on: occasion.now.date
        )
        return charges.allSatisfy { $0.reduction == $0.amount } ? .grant : .toPerson
    }

    /// Gathers the facts and puts the rules to them; those that look at what belongs to a grant once more when nothing
    /// else stands in its way.
    /// - Parameter seen: what the person who decides was shown; nil when no person does.
    /// - Returns: `fresh` is what he was not shown: while there is any, nothing is decided.
    private func judge(
        _ before: Case,
        signing: SigningState,
        definition: CaseDefinition,
        by decider: Decider,
        seen: [Finding]?,
        limits: JSON,
        occasion: Occasion
    ) async throws -> (facts: Facts, findings: [Finding], outcome: CaseEvent, fresh: [Finding]) {
        var facts = try await module(of: definition).facts(
            for: before,
            signing: signing,
            limits: limits,
            occasion: occasion
        )
        if case .person(_, let settled) = decider, !settled.isEmpty {
            facts.values["settled"] = .object(settled.mapValues(JSON.string))
        }
        func findings(only: Set<String>? = nil) -> [Finding] {
            definition.rules.decide(
                facts,
                limits: limits,
                today: occasion.now.date,
                calendar: ruleCalendar,
                only: only
            )
        }
        let first = findings()
        let early = Self.fresh(first, since: seen)
        guard early.isEmpty else { return (facts, first, .toPerson, early) }
        let outcome = try Self.outcome(of: first, by: decider)
        guard outcome == .grant, let waiting = facts.atGrant?.rules else {
            return (facts, first, outcome, [])
        }
        facts = try await facts.granting()
        let second = definition.rules.splice(findings(only: waiting), of: waiting, into: first)
        let late = Self.fresh(second, since: seen)
        guard late.isEmpty else { return (facts, second, .toPerson, late) }
        return (facts, second, try Self.outcome(of: second, by: decider), [])
    }

    /// Now; of a request that names a later moment than the clock, that one.
    private func moment(of occasion: Occasion) -> Instant { max(clock.now, occasion.now) }

    /// - Parameter work: of a grant, with the day that its papers bear; it is prepared anew when another day has begun.
    private func write(
        _ event: CaseEvent,
        before: Case,
        definition: CaseDefinition,
        findings: [Finding],
        facts: Facts,
        signing: SigningState,
        decider: Decider,
        work: (grant: GrantWork, on: LocalDate)?,
        once: Once<Case>?,
        occasion: Occasion
    ) async throws -> Case {
        let module = try module(of: definition)
        let decisionID: ID<Decision> = occasion.newID()
        return try await database.write { tx in
            try once?.take(at: occasion.now, in: tx)
            var subject = try CaseStore.lock(before.id, in: tx)
            guard subject.version == before.version else {
                throw CaseError.changedMeanwhile(act: "changed", at: occasion.now)
            }
            let decidedAt = moment(of: occasion)
            if let work, work.on != decidedAt.date { throw GrantOvertaken() }
            let deciding: Occasion
            let reason: String
            switch decider {
            case .rules:
                try handIn(
                    &subject,
                    signedAt: signing.completedAt,
                    definition: definition,
                    occasion: occasion,
                    in: tx
                )
                try received(subject, definition: definition, occasion: occasion, in: tx)
                (deciding, reason) = (occasion.by(.platform("rules")).at(decidedAt), "")
            case .person(let words, _):
                try requireClaim(subject.id, occasion: occasion, in: tx)
                (deciding, reason) = (occasion.at(decidedAt), words)
            case .rulesAgain:
                try beginRecheck(of: subject, occasion: occasion, in: tx)
                (deciding, reason) = (occasion.by(.platform(Self.recheckActor)).at(decidedAt), "")
            }
            subject.state = try Self.state(after: event, of: subject)
            if event != .toPerson {
                subject.decidedAt = decidedAt
                try CaseTimesStore.officeDone(subject, at: decidedAt, in: tx)
            }
            subject.result = work?.grant.result ?? subject.result
            try DecisionStore.insert(
                Decision(
                    id: decisionID,
                    caseID: subject.id,
                    at: decidedAt,
                    outcome: event,
                    by: deciding.actor,
                    text: subject.text,
                    findings: findings,
                    facts: facts.values,
                    reason: reason,
                    instant: event == .grant && before.state != .review
                ),
                occasion: deciding,
                in: tx
            )
            try module.decided(subject, facts: facts, occasion: deciding, in: tx)
            let decided = try CaseStore.update(subject, in: tx)
            if let work { try apply(work.grant, to: decided, in: tx) }
            let done = try carryOut(
                event,
                on: decided,
                definition: definition,
                findings: findings,
                occasion: deciding,
                in: tx
            )
            try once?.keep(done, in: tx)
            return done
        }
    }

    /// From now on staff find it, its module knows of it, and what it costs is billed.
    private func received(
        _ subject: Case,
        definition: CaseDefinition,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let module = try module(of: definition)
        try CaseSearchStore.put(subject, telling: module.telling(subject.data), in: tx)
        try module.received(subject, occasion: occasion, in: tx)
        try charge(subject, definition: definition, occasion: occasion, in: tx)
    }

    /// The case is handed in, whatever is decided then.
    private func handIn(
        _ subject: inout Case,
        signedAt: Instant?,
        definition: CaseDefinition,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        // Said while the parties were asked and the licence was signed; `object` takes the same lock.
        guard try ObjectionStore.standing(of: subject.id, in: tx).isEmpty else { throw CaseError.objected }
        subject.state = try subject.state.after(.submit, in: subject.procedure)
        subject.submittedAt = occasion.now
        subject.signedAt = subject.signedAt ?? signedAt
        try requireFiles(of: subject.data, with: subject.object, in: tx)
        try CaseTimesStore.begin(
            subject,
            promised: definition.promised(subject.region, from: occasion.now, calendar: calendar),
            banner: definition.banner(of: subject.data),
            at: occasion.now,
            in: tx
        )
        let standing = CaseLog.standing(title: subject.title, applicant: subject.applicant)
        try note("submitted", on: subject, standing: standing, occasion: occasion, in: tx)
    }

    /// Writes the module's part of a grant. A link that it replaced loses its secret at once; the fresh one leads to the
    /// page of the objection, for which there is no end, and stays in its message.
    private func apply(_ work: GrantWork, to decided: Case, in tx: any Transaction) throws {
        try forgetLinks(of: decided, work.apply(decided, tx), in: tx)
    }
}

/// Thrown by a module's writing when what it relied on was taken meanwhile: the case is judged again.
public struct GrantOvertaken: Error, Sendable {
    public init() {}
}
