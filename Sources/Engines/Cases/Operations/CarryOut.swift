import Audit
import Catalogue
import Forms
import Kernel
import Storage

extension CaseDesk {
    /// What follows from an outcome: papers, clocks, released holdings, the steps that begin.
    /// - Returns: the case as it stands then.
    func carryOut(
        _ event: CaseEvent,
        on subject: Case,
        definition: CaseDefinition,
        findings: [Finding],
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Case {
        let obstacles = JSON.array(findings.obstacles.map(\.json))
        switch event {
        case .grant:
            try requirePaid(subject, definition: definition, in: tx)
            try note(
                "granted",
                on: subject,
                details: ["result": JSON(subject.result)],
                occasion: occasion,
                in: tx
            )
            try ObjectionStore.closeUnnamed(of: subject.id, at: occasion.now, in: tx)
            try closeReview(of: subject, outcome: "granted", occasion: occasion, in: tx)
            return try advance(subject, definition: definition, occasion: occasion, in: tx)
        case .toPerson:
            if try isWaiting(subject, in: tx) { return subject }
            let handedIn = definition.item.materials(
                for: subject.data,
                today: occasion.now.date,
                calendar: ruleCalendar
            )
            let materials = handedIn.map { JSON.object(["name": .string($0.name.zh)]) }
            try issue(
                "receipt",
                for: subject,
                details: ["findings": obstacles, "materials": .array(materials)],
                occasion: occasion,
                in: tx
            )
            try note(
                "to-person",
                on: subject,
                details: Self.reasons(of: findings),
                occasion: occasion,
                in: tx
            )
            // The period runs from the hand-in, however long the answers took.
            let since = occasion.at(subject.submittedAt ?? occasion.now)
            try openReview(of: subject, definition: definition, occasion: since, in: tx)
        case .return:
            try ReturnedFormStore.keep(subject, at: occasion.now, in: tx)
            try tell("return-notice", as: "returned", subject, findings, occasion: occasion, in: tx)
            try watchDraft(subject, definition: definition, occasion: occasion, in: tx)
        case .transfer:
            try tell("not-ours-notice", as: "transferred", subject, findings, occasion: occasion, in: tx)
            try letGo(subject, by: event, definition: definition, occasion: occasion, in: tx)
        case .refuse:
            try tell("refusal", as: "refused", subject, findings, occasion: occasion, in: tx)
            try letGo(subject, by: event, definition: definition, occasion: occasion, in: tx)
        case .askSignatures, .edit, .submit, .accept, .withdraw, .revoke, .restore, .lapse:
            throw CaseError.notAllowed(event: event, in: subject.state)
        }
        return subject
    }

    /// The paper of a decision against the applicant, and its line of the timeline.
    private func tell(
        _ paper: String,
        as act: String,
        _ subject: Case,
        _ findings: [Finding],
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        let obstacles = JSON.array(findings.obstacles.map(\.json))
        try issue(paper, for: subject, details: ["findings": obstacles], occasion: occasion, in: tx)
        try note(act, on: subject, details: Self.reasons(of: findings), occasion: occasion, in: tx)
    }
}
