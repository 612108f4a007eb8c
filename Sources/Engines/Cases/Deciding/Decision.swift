public import Kernel

/// A decision on a case, kept whole: who, when, on which text, what every rule said, on which facts.
public struct Decision: Sendable {
    public let id: ID<Decision>
    public let caseID: ID<Case>
    public let at: Instant
    public let outcome: CaseEvent
    public let by: Actor
    public let text: Int
    public let findings: [Finding]
    public let facts: JSON
    /// The person's own words, or empty for a decision by rule alone.
    public let reason: String
    /// Decided by rules without a person.
    public let instant: Bool
    /// What a person told the applicant, point by point, as `Told.json`; null for a decision by rule.
    public var told: JSON

    public init(
        id: ID<Decision>,
        caseID: ID<Case>,
        at: Instant,
        outcome: CaseEvent,
        by: Actor,
        text: Int,
        findings: [Finding],
        facts: JSON,
        reason: String,
        instant: Bool,
        told: JSON = .null
    ) {
        self.id = id
        self.caseID = caseID
        self.at = at
        self.outcome = outcome
        self.by = by
        self.text = text
        self.findings = findings
        self.facts = facts
        self.reason = reason
        self.instant = instant
        self.told = told
    }
}
