public import Catalogue
public import Kernel
public import Storage

/// A step of a case as it is stored.
public struct CaseStep: Sendable {
    /// The outcome of a step whose messages wait to be handed over, as lines name that state.
    public static let ordered = "pending"

    public let caseID: ID<Case>
    public let name: String
    public let kind: FlowStep.Doer
    public var state: StepState
    public let role: String?
    public let agency: String?
    public let region: String?
    public var assignee: String?
    /// The deadline that runs on it.
    public var clock: String?
    public let openedAt: Instant
    public var closedAt: Instant?
    public var outcome: String?
    public var version: Int

    public init(
        caseID: ID<Case>,
        name: String,
        kind: FlowStep.Doer,
        state: StepState,
        role: String?,
        agency: String?,
        region: String?,
        assignee: String? = nil,
        clock: String? = nil,
        openedAt: Instant,
        closedAt: Instant? = nil,
        outcome: String? = nil,
        version: Int = 1
    ) {
        self.caseID = caseID
        self.name = name
        self.kind = kind
        self.state = state
        self.role = role
        self.agency = agency
        self.region = region
        self.assignee = assignee
        self.clock = clock
        self.openedAt = openedAt
        self.closedAt = closedAt
        self.outcome = outcome
        self.version = version
    }
}

public enum StepStore {
    public static func of(_ id: ID<Case>, in reader: any Reader) throws -> [CaseStep] {
        try reader.look(glance(of: id))
    }

    public static func glance(of id: ID<Case>) -> Glance<[CaseStep]> {
        Glance(
            Question(
                """
                SELECT case_id, name, kind, state, role, agency, region, assignee, clock, opened_at, closed_at,
                    outcome, version FROM case_step WHERE case_id = $1 ORDER BY opened_at, name
                """,
                id
            )
        ) { try $0.map(step) }
    }

    public static func find(_ name: String, of id: ID<Case>, in reader: any Reader) throws -> CaseStep? {
        try reader.first(
            """
            SELECT case_id, name, kind, state, role, agency, region, assignee, clock, opened_at, closed_at, outcome,
                version FROM case_step WHERE case_id = $1 AND name = $2
            """,
            id,
            name
        ).map(step)
    }

    /// The open step of a role whose clock has this id.
    public static func find(clock: String, in reader: any Reader) throws -> CaseStep? {
        try reader.first(
            """
            SELECT case_id, name, kind, state, role, agency, region, assignee, clock, opened_at, closed_at, outcome,
                version FROM case_step WHERE clock = $1
            """,
            clock
        ).map(step)
    }

    /// Whoever has claimed an open step of staff, each once.
    static func assignees(in reader: any Reader) throws -> [String] {
        try reader.query(
            """
            SELECT DISTINCT assignee FROM case_step WHERE kind = 'staff' AND state = 'open' AND assignee IS NOT NULL
            ORDER BY assignee
            """
        ).map { try $0.text(0) }
    }

    /// The cases of which somebody has claimed an open step.
    static func claimed(by assignee: String, in reader: any Reader) throws -> [ID<Case>] {
        try reader.query(
            """
            SELECT DISTINCT case_id FROM case_step WHERE kind = 'staff' AND state = 'open' AND assignee = $1
            ORDER BY case_id
            """,
            assignee
        ).map { try $0.id(0) }
    }

    private static func step(_ row: Row) throws -> CaseStep {
        CaseStep(
            caseID: try row.id(0),
            name: try row.text(1),
            kind: try row.value(2),
            state: try row.value(3),
            role: try row.optionalText(4),
            agency: try row.optionalText(5),
            region: try row.optionalText(6),
            assignee: try row.optionalText(7),
            clock: try row.optionalText(8),
            openedAt: try row.instant(9),
            closedAt: try row.optionalInstant(10),
            outcome: try row.optionalText(11),
            version: try row.int(12)
        )
    }

    /// A step that was not wanted is as if it had not been come to yet.
    static func forgetSkipped(_ name: String, of id: ID<Case>, in tx: any Transaction) throws {
        try tx.execute(
            "DELETE FROM case_step WHERE case_id = $1 AND name = $2 AND state = 'skipped'",
            id,
            name
        )
    }

    /// Opens a step, or opens it again with a fresh start.
    public static func open(_ step: CaseStep, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO case_step (case_id, name, kind, state, role, agency, region, assignee, clock, opened_at,
                closed_at, outcome, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            ON CONFLICT (case_id, name) DO UPDATE SET state = excluded.state, role = excluded.role,
                agency = excluded.agency, region = excluded.region, assignee = excluded.assignee,
                clock = excluded.clock, opened_at = excluded.opened_at, closed_at = excluded.closed_at,
                outcome = excluded.outcome, version = case_step.version + 1
            """,
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

    public static func update(_ step: CaseStep, in tx: any Transaction) throws {
        let changed = try tx.execute(
            """
            UPDATE case_step SET state = $4, assignee = $5, clock = $6, closed_at = $7, outcome = $8,
                version = version + 1
            WHERE case_id = $1 AND name = $2 AND version = $3
            """,
            step.caseID,
            step.name,
            step.version,
            step.state.rawValue,
            step.assignee,
            step.clock,
            step.closedAt,
            step.outcome
        )
        guard changed == 1 else { throw StorageError.stale }
    }
}
