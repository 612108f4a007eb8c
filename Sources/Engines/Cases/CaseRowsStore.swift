import Catalogue
public import Kernel
import Search
public import Storage

/// Cases that were dealt with elsewhere and are taken over with their history. They bring about nothing: no clock
/// warns, no event is told, nothing is logged of acts that nobody did here.
public struct CaseRows: Sendable {
    private var cases = Rows(
        """
        INSERT INTO case_case (id, number, lookup_code, system, item, procedure, definition, state, region, agency,
            applicant, channel, data, text_version, version, created_at, submitted_at, signed_at, decided_at,
            completed_at, title, result, touched_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
            $23)
        """
    )
    private var happenings = Rows(
        """
        INSERT INTO case_happening (case_id, sequence, at, act, actor_kind, actor, role, details, is_public)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """
    )
    private var steps = Rows(
        """
        INSERT INTO case_step (case_id, name, kind, state, role, agency, region, assignee, clock, opened_at,
            closed_at, outcome, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """
    )
    private var decisions = Rows(
        """
        INSERT INTO case_decision (id, case_id, at, outcome, actor_kind, actor, role, text_version, findings, facts,
            reason, instant, sequence)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """
    )
    private var times = Rows(
        "INSERT INTO case_times (case_id, handed_in, promised, office) VALUES ($1, $2, $3, $4)"
    )

    private var search = SearchRows(kind: CaseSearchStore.kind)

    public init() {}

    public var all: [Rows] { [cases, happenings, steps, decisions, times] + search.all }

    /// - Parameter telling: what tells its title from others.
    public mutating func add(_ value: Case, telling: String) {
        if let submitted = value.submittedAt {
            search.put(telling, object: value.id.rawValue, region: value.region, at: submitted)
        }
        cases.add(
            value.id,
            value.number,
            value.lookupCode,
            value.system,
            value.item,
            value.procedure.rawValue,
            value.definition,
            value.state.rawValue,
            value.region,
            value.agency,
            value.applicant,
            value.channel.rawValue,
            PersonalText(value.data),
            value.text,
            value.version,
            value.createdAt,
            value.submittedAt,
            value.signedAt,
            value.decidedAt,
            value.completedAt,
            value.title,
            value.result,
            value.touchedAt
        )
    }

    /// - Parameter happening: in the order of its sequence.
    public mutating func add(_ happening: CaseHappening, of id: ID<Case>) {
        happenings.add(
            id,
            happening.sequence,
            happening.at,
            happening.act,
            happening.actor.kind.rawValue,
            happening.actor.id,
            happening.actor.role,
            PersonalText(happening.details),
            happening.isPublic
        )
    }

    public mutating func add(_ step: CaseStep) {
        steps.add(
            step.caseID,
            step.name,
            step.kind.rawValue,
            step.state.rawValue,
            step.role,
            step.agency,
            step.region,
            step.assignee,
            step.clock,
            step.openedAt,
            step.closedAt,
            step.outcome,
            step.version
        )
    }

    /// - Parameter sequence: 1, 2 … of its case.
    public mutating func add(_ decision: Decision, sequence: Int) {
        decisions.add(
            decision.id,
            decision.caseID,
            decision.at,
            decision.outcome.rawValue,
            decision.by.kind.rawValue,
            decision.by.id,
            decision.by.role,
            decision.text,
            PersonalText(JSON.array(decision.findings.map(\.json))),
            PersonalText(decision.facts),
            PersonalText(decision.reason),
            decision.instant,
            sequence
        )
    }

    public mutating func add(_ measured: CaseTimes, of id: ID<Case>) {
        times.add(id, measured.handedIn, measured.promised, measured.office)
    }
}
