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
        var attempt = 0
        while true {
            attempt += 1
            let (facts, findings, outcome) = try await judge(
                before,
                signing: signing,
                definition: definition,
                by: decider,
                limits: limits,
                occasion: occasion
            )
            do {
                switch outcome {
                case .grant:
                    let work = try await module.grant(
                        before,
                        facts: facts,
                        limits: limits,
                        occasion: occasion
                    )
                    return try await write(
                        .grant,
                        before: before,
                        definition: definition,
                        findings: findings,
                        facts: facts,
                        signing: signing,
                        decider: decider,
                        work: work,
                        once: once,
                        occasion: occasion
                    )
                case .return, .transfer, .refuse, .toPerson:
                    return try await write(
                        outcome,
                        before: before,
                        definition: definition,
                        findings: findings,
                        facts: facts,
                        signing: signing,
                        decider: decider,
                        work: nil,
                        once: once,
                        occasion: occasion
                    )
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

    /// Gathers the facts and puts the rules to them; once more with what belongs to a grant when nothing else stands in
    /// its way.
    private func judge(
        _ before: Case,
        signing: SigningState,
        definition: CaseDefinition,
        by decider: Decider,
        limits: JSON,
        occasion: Occasion
    ) async throws -> (facts: Facts, findings: [Finding], outcome: CaseEvent) {
        var facts = try await module(of: definition).facts(
            for: before,
            signing: signing,
            limits: limits,
            occasion: occasion
        )
        if case .person(_, let settled) = decider, !settled.isEmpty {
            facts.values["settled"] = .object(settled.mapValues(JSON.string))
        }
        func apply() throws -> ([Finding], CaseEvent) {
            let findings = definition.rules.decide(
                facts,
                limits: limits,
                today: occasion.now.date,
                calendar: ruleCalendar
            )
            return (findings, try Self.outcome(of: findings, by: decider))
        }
        var (findings, outcome) = try apply()
        if outcome == .grant, facts.atGrant != nil {
            facts = try await facts.granting()
            (findings, outcome) = try apply()
        }
        return (facts, findings, outcome)
    }

    /// What the findings lead to. A person may grant what the rules left to a person, never what they return.
    static func outcome(of findings: [Finding], by decider: Decider) throws(CaseError) -> CaseEvent {
        switch (findings.verdict, decider) {
        case (.pass, _), (.person, .person): return .grant
        case (.person, .rules): return .toPerson
        case (.return, .rules): return .return
        case (.transfer, .rules): return .transfer
        case (.refuse, .rules): return .refuse
        case (.return, .person), (.transfer, .person), (.refuse, .person):
            let first = findings.obstacles.first
            throw .moduleRefused(
                code: "case.rule-forbids",
                arguments: ["rule": first?.rule ?? "", "reason": first?.reason ?? ""],
                status: .notAllowedNow
            )
        }
    }

    private func write(
        _ event: CaseEvent,
        before: Case,
        definition: CaseDefinition,
        findings: [Finding],
        facts: Facts,
        signing: SigningState,
        decider: Decider,
        work: GrantWork?,
        once: Once<Case>?,
        occasion: Occasion
    ) async throws -> Case {
        let module = try module(of: definition)
        let decisionID: ID<Decision> = occasion.newID()
        let promised = definition.promised(before.region, from: occasion.now, calendar: calendar)
        return try await database.write { tx in
            try once?.take(at: occasion.now, in: tx)
            var subject = try CaseStore.lock(before.id, in: tx)
            guard subject.version == before.version else {
                throw CaseError.changedMeanwhile(act: "changed", at: occasion.now)
            }
            let deciding: Occasion
            let reason: String
            switch decider {
            case .rules:
                try handIn(
                    &subject,
                    signedAt: signing.completedAt,
                    promised: promised,
                    occasion: occasion,
                    in: tx
                )
                try module.received(subject, occasion: occasion, in: tx)
                deciding = occasion.by(.platform("rules"))
                reason = ""
            case .person(let words, _):
                try requireClaim(subject.id, occasion: occasion, in: tx)
                deciding = occasion
                reason = words
            }
            subject.state = try subject.state.after(event, in: subject.procedure)
            if event != .toPerson {
                subject.decidedAt = occasion.now
                try CaseTimesStore.officeDone(subject, at: occasion.now, in: tx)
            }
            subject.result = work?.result ?? subject.result
            try DecisionStore.insert(
                Decision(
                    id: decisionID,
                    caseID: subject.id,
                    at: occasion.now,
                    outcome: event,
                    by: deciding.actor,
                    text: subject.text,
                    findings: findings,
                    facts: facts.values,
                    reason: reason,
                    instant: event == .grant && deciding.actor.kind == .platform
                ),
                occasion: deciding,
                in: tx
            )
            try module.decided(subject, facts: facts, occasion: deciding, in: tx)
            let decided = try CaseStore.update(subject, in: tx)
            if let work { try apply(work, to: decided, in: tx) }
            try carryOut(
                event,
                on: decided,
                definition: definition,
                findings: findings,
                occasion: deciding,
                in: tx
            )
            let done = try CaseStore.find(decided.id, in: tx)
            try once?.keep(done, in: tx)
            return done
        }
    }

    /// The case is handed in, whatever is decided then.
    private func handIn(
        _ subject: inout Case,
        signedAt: Instant?,
        promised: Instant?,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        // Said while the parties were asked and the licence was signed; `object` takes the same lock.
        guard try ObjectionStore.standing(of: subject.id, in: tx).isEmpty else { throw CaseError.objected }
        subject.state = try subject.state.after(.submit, in: subject.procedure)
        subject.submittedAt = occasion.now
        subject.signedAt = subject.signedAt ?? signedAt
        try requireFiles(of: subject.data, with: subject.object, in: tx)
        try CaseTimesStore.begin(subject, promised: promised, at: occasion.now, in: tx)
        try note("submitted", on: subject, occasion: occasion, in: tx)
    }

    /// Writes the module's part of a grant. A link that it replaced loses its secret at once; the fresh one leads to the
    /// page of the objection, for which there is no end, and stays in its message.
    private func apply(_ work: GrantWork, to decided: Case, in tx: any Transaction) throws {
        try forgetLinks(of: decided, work.apply(decided, tx), in: tx)
    }

    /// What follows from an outcome: papers, clocks, released holdings, the steps that begin.
    private func carryOut(
        _ event: CaseEvent,
        on subject: Case,
        definition: CaseDefinition,
        findings: [Finding],
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let obstacles = JSON.array(findings.obstacles.map(\.json))
        switch event {
        case .grant:
            try note(
                "granted",
                on: subject,
                details: ["result": JSON(subject.result)],
                occasion: occasion,
                in: tx
            )
            try ObjectionStore.closeUnnamed(of: subject.id, at: occasion.now, in: tx)
            try closeReview(of: subject, outcome: "granted", occasion: occasion, in: tx)
            try advance(subject, definition: definition, occasion: occasion, in: tx)
        case .toPerson:
            let handedIn = definition.item.materials(
                for: subject.data,
                today: occasion.now.date,
                calendar: ruleCalendar
            )
            let materials = handedIn.map { JSON.object(["name": .string($0.name.zh)]) }
            try ports.issuePaper(
                subject,
                "receipt",
                ["findings": obstacles, "materials": .array(materials)],
                occasion,
                tx
            )
            try note(
                "to-person",
                on: subject,
                details: Self.reasons(of: findings),
                occasion: occasion,
                in: tx
            )
            try openReview(of: subject, definition: definition, occasion: occasion, in: tx)
        case .return:
            try ports.issuePaper(subject, "return-notice", ["findings": obstacles], occasion, tx)
            try note("returned", on: subject, details: Self.reasons(of: findings), occasion: occasion, in: tx)
            try watchDraft(subject, definition: definition, occasion: occasion, in: tx)
        case .transfer:
            try ports.issuePaper(subject, "not-ours-notice", ["findings": obstacles], occasion, tx)
            try note(
                "transferred",
                on: subject,
                details: Self.reasons(of: findings),
                occasion: occasion,
                in: tx
            )
            try modules[definition.module]?.released(subject, by: event, occasion: occasion, in: tx)
        case .refuse:
            try ports.issuePaper(subject, "refusal", ["findings": obstacles], occasion, tx)
            try note("refused", on: subject, details: Self.reasons(of: findings), occasion: occasion, in: tx)
            try modules[definition.module]?.released(subject, by: event, occasion: occasion, in: tx)
        case .askSignatures, .edit, .submit, .accept, .withdraw, .revoke, .restore, .lapse:
            throw CaseError.notAllowed(event: event, in: subject.state)
        }
    }

    /// Codes and arguments only: the timeline holds no personal data, labels are masked by the facts.
    static func reasons(of findings: [Finding]) -> JSON {
        [
            "reasons": .array(
                findings.obstacles.map { finding in
                    [
                        "rule": .string(finding.rule), "outcome": .string(finding.outcome.rawValue),
                        "reason": .string(finding.reason),
                        "arguments": .object(finding.arguments.mapValues(JSON.string)),
                    ]
                }
            )
        ]
    }
}

/// Thrown by a module's writing when what it relied on was taken meanwhile: the case is judged again.
public struct GrantOvertaken: Error, Sendable {
    public init() {}
}
