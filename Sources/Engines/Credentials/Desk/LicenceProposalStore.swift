import Kernel
import Storage

/// Proposals about licences: SQL in, values out.
enum LicenceProposalStore {
    static func insert(_ one: LicenceProposal, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO licence_proposal (id, act, credential, expecting, type, agency, region, content, proposed_by, at,
                state)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            one.id,
            one.act.rawValue,
            one.credential?.rawValue,
            one.expecting,
            one.type,
            one.agency,
            one.region,
            PersonalText(one.content),
            one.proposedBy,
            one.at,
            one.state.rawValue
        )
    }

    static func find(_ id: ID<LicenceProposal>, in reader: any Reader) throws -> LicenceProposal? {
        try reader.first(
            """
            SELECT p.id, p.act, p.credential, p.expecting, p.type, p.agency, p.region, p.content, p.proposed_by, p.at,
                p.state, p.decided_by, p.decided_at, a.words
            FROM licence_proposal p LEFT JOIN licence_answer a ON a.proposal = p.id
            WHERE p.id = $1
            """,
            id
        ).map(proposal)
    }

    /// What waits about one licence, the oldest first.
    static func waiting(on credential: ID<Credential>, in reader: any Reader) throws -> [LicenceProposal] {
        try reader.query(
            """
            SELECT p.id, p.act, p.credential, p.expecting, p.type, p.agency, p.region, p.content, p.proposed_by, p.at,
                p.state, p.decided_by, p.decided_at, a.words
            FROM licence_proposal p LEFT JOIN licence_answer a ON a.proposal = p.id
            WHERE p.state = 'waiting' AND p.credential = $1 ORDER BY p.id
            """,
            credential.rawValue
        ).map(proposal)
    }

    /// What of one type waits to be issued.
    static func issuing(_ type: String, in reader: any Reader) throws -> [LicenceProposal] {
        try reader.query(
            """
            SELECT p.id, p.act, p.credential, p.expecting, p.type, p.agency, p.region, p.content, p.proposed_by, p.at,
                p.state, p.decided_by, p.decided_at, a.words
            FROM licence_proposal p LEFT JOIN licence_answer a ON a.proposal = p.id
            WHERE p.state = 'waiting' AND p.act = $1 AND p.type = $2 ORDER BY p.id
            """,
            LicenceAct.issue.rawValue,
            type
        ).map(proposal)
    }

    /// What was decided, the newest first.
    static func decided(_ agency: String, _ reach: LibraryReach, limit: Int, in reader: any Reader) throws
        -> [LicenceProposal]
    {
        try reader.query(
            """
            SELECT p.id, p.act, p.credential, p.expecting, p.type, p.agency, p.region, p.content, p.proposed_by, p.at,
                p.state, p.decided_by, p.decided_at, a.words
            FROM licence_proposal p LEFT JOIN licence_answer a ON a.proposal = p.id
            WHERE p.state <> 'waiting' AND (p.agency = $1 OR $1 = '') AND p.region >= $2 AND p.region < $3
            ORDER BY p.id DESC LIMIT $4
            """,
            agency,
            reach.low,
            reach.high,
            limit
        ).map(proposal)
    }

    static func answer(_ id: ID<LicenceProposal>, _ words: String, in tx: any Transaction) throws {
        try tx.send("INSERT INTO licence_answer (proposal, words) VALUES ($1, $2)", id, words)
    }

    static func waiting(_ agency: String, _ reach: LibraryReach, limit: Int, in reader: any Reader) throws
        -> [LicenceProposal]
    {
        try reader.query(
            """
            SELECT p.id, p.act, p.credential, p.expecting, p.type, p.agency, p.region, p.content, p.proposed_by, p.at,
                p.state, p.decided_by, p.decided_at, a.words
            FROM licence_proposal p LEFT JOIN licence_answer a ON a.proposal = p.id
            WHERE p.state = 'waiting' AND (p.agency = $1 OR $1 = '') AND p.region >= $2 AND p.region < $3
            ORDER BY p.id LIMIT $4
            """,
            agency,
            reach.low,
            reach.high,
            limit
        ).map(proposal)
    }

    /// - Returns: false when somebody decided before.
    static func decide(
        _ id: ID<LicenceProposal>,
        _ state: LicenceProposal.State,
        by occasion: Occasion,
        in tx: any Transaction
    ) throws -> Bool {
        try tx.execute(
            """
            UPDATE licence_proposal SET state = $2, decided_by = $3, decided_at = $4
            WHERE id = $1 AND state = 'waiting'
            """,
            id,
            state.rawValue,
            occasion.actor.id,
            occasion.now
        ) == 1
    }

    private static func proposal(_ row: Row) throws -> LicenceProposal {
        let content = try JSON.read(Array(try row.text(7).utf8))
        return LicenceProposal(
            id: try row.id(0),
            act: try row.value(1),
            credential: try row.optionalText(2).map { ID($0) },
            expecting: try row.integer(3),
            type: try row.text(4),
            agency: try row.text(5),
            region: try row.text(6),
            draft: LicenceDraft(content["draft"]),
            decision: try LicenceDecision(
                number: content["number"].text ?? "",
                reason: content["reason"].text ?? ""
            ),
            proposedBy: try row.text(8),
            at: try row.instant(9),
            state: try row.value(10),
            decidedBy: try row.optionalText(11),
            decidedAt: try row.optionalInstant(12),
            answer: try row.optionalText(13)
        )
    }
}
