public import Kernel
public import Storage

/// Complaints of named persons.
public enum ObjectionStore {
    static func insert(_ objection: Objection, in tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO case_objection (id, case_id, signer, roles, words, at, state)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            objection.id,
            objection.caseID,
            objection.signer,
            objection.roles.joined(separator: ","),
            PersonalText(objection.text),
            objection.at,
            objection.state.rawValue
        )
    }

    static func open(of id: ID<Case>, signer: String, in reader: any Reader) throws -> Objection? {
        try of(id, in: reader).first { $0.signer == signer && $0.state == .open }
    }

    /// What was said against a place that its person has left is settled by that.
    static func settle(of signer: Signer, at now: Instant, in tx: any Transaction) throws {
        guard let open = try open(of: signer.caseID, signer: signer.key, in: tx) else { return }
        try close(open.id, as: .accepted, outcome: "replaced", at: now, in: tx)
    }

    /// Open complaints of people whom the application still names: while there is one it is not handed in.
    public static func standing(against state: SigningState, of id: ID<Case>, in reader: any Reader) throws
        -> [Objection]
    {
        let named = Set(state.active.map(\.key))
        return try of(id, in: reader).filter { $0.state == .open && named.contains($0.signer) }
    }

    public static func of(_ id: ID<Case>, in reader: any Reader) throws -> [Objection] {
        try reader.query(
            """
            SELECT id, case_id, signer, roles, words, at, state, closed_at, outcome FROM case_objection
            WHERE case_id = $1 ORDER BY at
            """,
            id
        ).map(objection)
    }

    /// Complaints that nobody has closed, oldest first.
    public static func open(limit: Int, in reader: any Reader) throws -> [Objection] {
        try reader.query(
            """
            SELECT id, case_id, signer, roles, words, at, state, closed_at, outcome FROM case_objection
            WHERE state = 'open' ORDER BY at LIMIT $1
            """,
            limit
        ).map(objection)
    }

    public static func close(
        _ id: ID<Objection>,
        as state: Objection.State,
        outcome: String,
        at now: Instant,
        in tx: any Transaction
    ) throws {
        let changed = try tx.execute(
            "UPDATE case_objection SET state = $2, outcome = $3, closed_at = $4 WHERE id = $1 AND state = 'open'",
            id,
            state.rawValue,
            outcome,
            now
        )
        guard changed == 1 else { throw CaseError.notFound }
    }

    /// Closes every open complaint of a case, when the matter they are about is decided.
    public static func closeAll(
        of id: ID<Case>,
        as state: Objection.State,
        outcome: String,
        at now: Instant,
        in tx: any Transaction
    ) throws {
        for objection in try of(id, in: tx) where objection.state == .open {
            try close(objection.id, as: state, outcome: outcome, at: now, in: tx)
        }
    }

    private static func objection(_ row: Row) throws -> Objection {
        Objection(
            id: try row.id(0),
            caseID: try row.id(1),
            signer: try row.text(2),
            roles: try row.text(3).split(separator: ",").map(String.init),
            text: try row.text(4),
            at: try row.instant(5),
            state: try row.value(6),
            closedAt: try row.optionalInstant(7),
            outcome: try row.optionalText(8)
        )
    }
}
