public import Kernel
public import Storage

/// Decisions, kept whole and never changed.
public enum DecisionStore {
    /// The caller holds the case's row, so decisions of one case come one after the other.
    public static func insert(_ decision: Decision, in tx: any Transaction) throws {
        let told: String? = decision.told.isNull ? nil : decision.told.canonical
        try tx.execute(
            """
            INSERT INTO case_decision (id, case_id, at, outcome, actor_kind, actor, role, text_version, findings,
                facts, reason, instant, told, sequence)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
                (SELECT COALESCE(MAX(sequence), 0) + 1 FROM case_decision WHERE case_id = $2))
            """,
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
            PersonalText(told)
        )
    }

    /// All decisions of a case, in the order in which they were made.
    public static func of(_ id: ID<Case>, in reader: any Reader) throws -> [Decision] {
        try reader.query(
            """
            SELECT id, case_id, at, outcome, actor_kind, actor, role, text_version, findings, facts, reason, instant,
                told
            FROM case_decision WHERE case_id = $1 ORDER BY sequence
            """,
            id
        ).map { row in
            Decision(
                id: try row.id(0),
                caseID: try row.id(1),
                at: try row.instant(2),
                outcome: try row.value(3),
                by: Actor(try row.value(4), id: try row.text(5), role: try row.text(6)),
                text: try row.int(7),
                findings: try row.json(8).elements.compactMap(Finding.init(json:)),
                facts: try row.json(9),
                reason: try row.text(10),
                instant: try row.bool(11),
                told: try row.optionalText(12).map { try JSON.read(Array($0.utf8)) } ?? .null
            )
        }
    }
}
