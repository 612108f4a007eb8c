public import Kernel
public import Storage

/// Complaints of named persons.
public enum ObjectionStore {
    static func insert(_ objection: Objection, in tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO case_objection (id, case_id, signer, roles, words, at, state, representative)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            objection.id,
            objection.caseID,
            objection.signer,
            objection.roles.joined(separator: ","),
            PersonalText(objection.text),
            objection.at,
            objection.state.rawValue,
            PersonalText(objection.holder)
        )
    }

    /// What somebody said last of his place, settled or not.
    static func last(of signer: Signer, by holder: String?, in reader: any Reader) throws -> Objection? {
        try of(signer.caseID, in: reader).last {
            $0.signer == signer.key && ($0.holder == nil || holder == nil || $0.holder == holder)
        }
    }

    /// The open complaint of whoever holds the place now.
    static func open(of signer: Signer, in reader: any Reader) throws -> Objection? {
        try of(signer.caseID, in: reader).first {
            $0.state == .open && $0.signer == signer.key && signer.isHeld(by: $0.holder)
        }
    }

    /// Open complaints of people whom the application still names: while there is one it is not handed in. No edit of
    /// the form closes one: who is dropped and named again objects still.
    public static func standing(of id: ID<Case>, in reader: any Reader) throws -> [Objection] {
        let open = try of(id, in: reader).filter { $0.state == .open }
        guard !open.isEmpty else { return [] }
        let named = try SignerStore.signers(of: id, in: reader).filter { $0.state != .dropped }
        return open.filter { objection in
            named.contains { $0.key == objection.signer && $0.isHeld(by: objection.holder) }
        }
    }

    /// What was said by people who are not in the registration is settled with it.
    static func closeUnnamed(of id: ID<Case>, at now: Instant, in tx: any Transaction) throws {
        let standing = try standing(of: id, in: tx).map(\.id)
        for objection in try of(id, in: tx)
        where objection.state == .open && !standing.contains(objection.id) {
            try close(objection.id, as: .accepted, outcome: notNamed, at: now, in: tx)
        }
    }

    /// The outcome of an objection by somebody who is not in the registration that came out.
    public static let notNamed = "not-named"

    public static func of(_ id: ID<Case>, in reader: any Reader) throws -> [Objection] {
        try reader.query(
            """
            SELECT id, case_id, signer, roles, words, at, state, closed_at, outcome, representative
            FROM case_objection WHERE case_id = $1 ORDER BY at, id
            """,
            id
        ).map(objection)
    }

    /// One row of the officers' list.
    public struct Listed: Sendable {
        public let objection: Objection
        public let caseNumber: String
        public let title: String
        /// The registration that came out.
        public let code: String
    }

    /// Complaints about registrations in reach that nobody has closed, longest waiting first. Drafts are nobody's
    /// business but their applicants': the person whom they name stops them by himself.
    /// - Parameters:
    ///   - regions: six-digit codes from the first up to but not with the second.
    ///   - after: the last row of the page before, by time and identifier.
    public static func open(
        in regions: (low: String, high: String),
        after: (Instant, String)? = nil,
        limit: Int,
        _ reader: any Reader
    ) throws -> [Listed] {
        try reader.query(
            """
            SELECT o.id, o.case_id, o.signer, o.roles, o.words, o.at, o.state, o.closed_at, o.outcome,
                o.representative, c.number, c.title, c.result
            FROM case_objection o JOIN case_case c ON c.id = o.case_id
            WHERE o.state = 'open' AND c.result IS NOT NULL AND c.region >= $1 AND c.region < $2
                AND (o.at > $3 OR (o.at = $3 AND o.id > $4))
            ORDER BY o.at, o.id LIMIT $5
            """,
            regions.low,
            regions.high,
            after?.0.milliseconds ?? -1,
            after?.1 ?? "",
            limit
        ).map { row in
            Listed(
                objection: try objection(row),
                caseNumber: try row.text(10),
                title: try row.text(11),
                code: try row.text(12)
            )
        }
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
            outcome: try row.optionalText(8),
            holder: try row.optionalText(9)
        )
    }
}
