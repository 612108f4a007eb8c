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
            SELECT id, act, credential, expecting, type, agency, region, content, proposed_by, at, state
            FROM licence_proposal WHERE id = $1
            """,
            id
        ).map(proposal)
    }

    static func waiting(_ agency: String, _ reach: LibraryReach, limit: Int, in reader: any Reader) throws
        -> [LicenceProposal]
    {
        try reader.query(
            """
            SELECT id, act, credential, expecting, type, agency, region, content, proposed_by, at, state
            FROM licence_proposal
            WHERE state = 'waiting' AND (agency = $1 OR $1 = '') AND region >= $2 AND region < $3
            ORDER BY id LIMIT $4
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
            state: try row.value(10)
        )
    }
}
