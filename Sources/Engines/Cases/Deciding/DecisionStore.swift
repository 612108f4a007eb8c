public import Audit
public import Kernel
public import Storage

/// Decisions, kept whole and never changed.
public enum DecisionStore {
    /// Keeps a decision and logs a digest of all that it rests on. The caller holds the case's row, so decisions of one
    /// case come one after the other.
    public static func insert(_ decision: Decision, occasion: Occasion, in tx: any Transaction) throws {
        let told: String? = decision.told.isNull ? nil : decision.told.canonical
        try tx.send(
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
        try AuditLog.append(
            "decision.made",
            object: "decision:\(decision.id)",
            after: decision.logged,
            occasion: occasion,
            in: tx
        )
    }

    /// Compares all decisions with the log: what was decided, by whom, on which findings and facts, for which reasons.
    /// - Returns: how many were compared, and at most `max` that are not as they were logged.
    public static func compareWithLog(in database: any Database, max: Int) async throws -> (
        count: Int, altered: [String]
    ) {
        try await AuditLog.compare("decision", in: database, max: max) { id, reader in
            try find(ID(id), in: reader)
        }
    }

    public static func find(_ id: ID<Decision>, in reader: any Reader) throws -> Decision? {
        try reader.first(
            """
            SELECT id, case_id, at, outcome, actor_kind, actor, role, text_version, findings, facts, reason, instant,
                told
            FROM case_decision WHERE id = $1
            """,
            id
        ).map(decision)
    }

    /// Identifiers of decisions that grant, in their order, a page at a time.
    public static func grants(after id: String, limit: Int, in reader: any Reader) throws -> [String] {
        try reader.query(
            "SELECT id FROM case_decision WHERE outcome = 'grant' AND id > $1 ORDER BY id LIMIT $2",
            id,
            limit
        ).map { try $0.text(0) }
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
        ).map(decision)
    }

    /// What the rules said when the case was decided last; its facts, which are many, stay sealed.
    public static func lastFindings(of id: ID<Case>, in reader: any Reader) throws -> [Finding] {
        try reader.first(
            "SELECT findings FROM case_decision WHERE case_id = $1 ORDER BY sequence DESC LIMIT 1",
            id
        )?.json(0).elements.compactMap(Finding.init(json:)) ?? []
    }

    private static func decision(_ row: Row) throws -> Decision {
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

extension Decision: LoggedThing {
    /// A decision is made once and stays.
    public func before(_ act: String) -> Decision? { nil }

    /// What the log digests of a decision: the whole of it.
    public var logged: JSON {
        [
            "case": .string(caseID.rawValue), "at": JSON(at.milliseconds),
            "outcome": .string(outcome.rawValue), "actorKind": .string(by.kind.rawValue),
            "actor": .string(by.id), "role": .string(by.role), "version": JSON(text),
            "findings": .array(findings.map(\.json)), "facts": facts, "reason": .string(reason),
            "instant": .bool(instant), "told": told,
        ]
    }
}
