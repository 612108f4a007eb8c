import Cryptography
import Kernel
import Storage

/// The only place that knows the tables of recognised authorities and of proposals.
enum TrustStore {
    // MARK: - Proposals

    static func insert(_ one: TrustProposal, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO trust_proposal (id, act, subject, content, reason, proposed_by, at, state)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            one.id,
            one.act.rawValue,
            one.subject,
            one.content.canonical,
            one.reason,
            one.proposedBy,
            one.at,
            one.state.rawValue
        )
    }

    static func proposal(_ id: ID<TrustProposal>, in reader: any Reader) throws -> TrustProposal? {
        try reader.first(
            """
            SELECT id, act, subject, content, reason, proposed_by, at, state, decided_by, decided_at
            FROM trust_proposal WHERE id = $1
            """,
            id
        ).map(proposal)
    }

    static func waiting(limit: Int, in reader: any Reader) throws -> [TrustProposal] {
        try reader.query(
            """
            SELECT id, act, subject, content, reason, proposed_by, at, state, decided_by, decided_at
            FROM trust_proposal WHERE state = 'waiting' ORDER BY id LIMIT $1
            """,
            limit
        ).map(proposal)
    }

    static func decided(limit: Int, in reader: any Reader) throws -> [TrustProposal] {
        try reader.query(
            """
            SELECT id, act, subject, content, reason, proposed_by, at, state, decided_by, decided_at
            FROM trust_proposal WHERE state <> 'waiting' ORDER BY id DESC LIMIT $1
            """,
            limit
        ).map(proposal)
    }

    static func answer(_ id: ID<TrustProposal>, _ words: String, in tx: any Transaction) throws {
        try tx.send("INSERT INTO trust_answer (proposal, words) VALUES ($1, $2)", id, words)
    }

    static func answer(to id: ID<TrustProposal>, in reader: any Reader) throws -> String? {
        try reader.first("SELECT words FROM trust_answer WHERE proposal = $1", id)?.text(0)
    }

    /// - Returns: false when somebody decided before.
    static func decide(
        _ id: ID<TrustProposal>,
        _ state: TrustProposal.State,
        by: String,
        at: Instant,
        in tx: any Transaction
    ) throws -> Bool {
        try tx.execute(
            """
            UPDATE trust_proposal SET state = $2, decided_by = $3, decided_at = $4
            WHERE id = $1 AND state = 'waiting'
            """,
            id,
            state.rawValue,
            by,
            at
        ) == 1
    }

    private static func proposal(_ row: Row) throws -> TrustProposal {
        TrustProposal(
            id: try row.id(0),
            act: try row.value(1),
            subject: try row.text(2),
            content: try row.json(3),
            reason: try row.text(4),
            proposedBy: try row.text(5),
            at: try row.instant(6),
            state: try row.value(7),
            decidedBy: try row.optionalText(8),
            decidedAt: try row.optionalInstant(9)
        )
    }

    // MARK: - Authorities

    static func insert(_ id: ID<RecognisedAuthority>, _ draft: AuthorityDraft, in tx: any Transaction) throws
    {
        try tx.send(
            """
            INSERT INTO recognised_authority (id, name, certificates, holders, areas, from_day, until_day, version,
                makers)
            VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)
            """,
            id,
            draft.name,
            draft.certificates,
            draft.holders.map(\.rawValue).sorted().joined(separator: " "),
            draft.areas.joined(separator: " "),
            draft.from,
            draft.until,
            JSON.array(draft.makers.map(\.json)).canonical
        )
    }

    /// - Parameter version: that was looked at.
    /// - Returns: false when it changed since.
    static func add(
        _ step: RecognisedAuthority.Step,
        to id: ID<RecognisedAuthority>,
        expecting version: Int64,
        in tx: any Transaction
    ) throws -> Bool {
        let moved = try tx.execute(
            "UPDATE recognised_authority SET version = version + 1 WHERE id = $1 AND version = $2",
            id,
            version
        )
        guard moved == 1 else { return false }
        try tx.send(
            """
            INSERT INTO recognised_authority_step (authority, version, state, at, reason, proposed_by, confirmed_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            id,
            version + 1,
            step.state.rawValue,
            step.at,
            step.reason,
            step.proposedBy,
            step.confirmedBy
        )
        return true
    }

    static func authority(_ id: ID<RecognisedAuthority>, in reader: any Reader) throws -> RecognisedAuthority?
    {
        try reader.first(
            """
            SELECT id, name, certificates, holders, areas, from_day, until_day, version, makers
            FROM recognised_authority WHERE id = $1
            """,
            id
        ).map { try authority($0, in: reader) }
    }

    static func authorities(limit: Int, in reader: any Reader) throws -> [RecognisedAuthority] {
        try reader.query(
            """
            SELECT id, name, certificates, holders, areas, from_day, until_day, version, makers
            FROM recognised_authority ORDER BY id LIMIT $1
            """,
            limit
        ).map { try authority($0, in: reader) }
    }

    private static func authority(_ row: Row, in reader: any Reader) throws -> RecognisedAuthority {
        let id: ID<RecognisedAuthority> = try row.id(0)
        let steps = try reader.query(
            """
            SELECT state, at, reason, proposed_by, confirmed_by FROM recognised_authority_step
            WHERE authority = $1 ORDER BY version
            """,
            id
        ).map { step in
            RecognisedAuthority.Step(
                state: try step.value(0),
                at: try step.instant(1),
                reason: try step.text(2),
                proposedBy: try step.text(3),
                confirmedBy: try step.text(4)
            )
        }
        return RecognisedAuthority(
            id: id,
            name: try row.text(1),
            certificates: try row.text(2),
            holders: Set(
                try row.text(3).split(separator: " ").compactMap { Holder.Kind(rawValue: String($0)) }
            ),
            areas: try row.text(4).split(separator: " ").map(String.init),
            // Those from before makers were named have none.
            makers: try row.optionalText(8).map { try JSON.read(Array($0.utf8)) }?.elements
                .compactMap { SealMaker($0) } ?? [],
            from: try row.date(5),
            until: try row.optionalDate(6),
            version: try row.integer(7),
            steps: steps
        )
    }

    // MARK: - Their revocation lists

    /// The newest list of an issuer takes the place of the one before.
    /// - Parameter lost: what earlier lists of his proved and this one does not say.
    static func keep(
        _ list: [UInt8],
        issuer: String,
        of id: ID<RecognisedAuthority>,
        lost: [RevokedCertificate],
        in tx: any Transaction
    ) throws {
        try tx.send(
            """
            INSERT INTO recognised_authority_list (authority, issuer, der) VALUES ($1, $2, $3)
            ON CONFLICT (authority, issuer) DO UPDATE SET der = excluded.der
            """,
            id,
            issuer,
            list
        )
        for entry in lost {
            try tx.send(
                """
                INSERT INTO recognised_authority_revoked (authority, issuer, serial, at, reason, released_at)
                VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (authority, issuer, serial) DO UPDATE SET at = excluded.at, reason = excluded.reason,
                    released_at = excluded.released_at
                """,
                id,
                issuer,
                Hex.encode(entry.serial),
                entry.revokedAt,
                entry.reason.rawValue,
                entry.releasedAt
            )
        }
    }

    static func list(issuer: String, of id: ID<RecognisedAuthority>, in reader: any Reader) throws
        -> KeptList?
    {
        try reader.first(
            "SELECT issuer, der FROM recognised_authority_list WHERE authority = $1 AND issuer = $2",
            id,
            issuer
        ).map { try kept($0, of: id, in: reader) }
    }

    static func lists(of id: ID<RecognisedAuthority>, in reader: any Reader) throws -> [KeptList] {
        try reader.query(
            "SELECT issuer, der FROM recognised_authority_list WHERE authority = $1 ORDER BY issuer",
            id
        ).map { try kept($0, of: id, in: reader) }
    }

    private static func kept(_ row: Row, of id: ID<RecognisedAuthority>, in reader: any Reader) throws
        -> KeptList
    {
        let issuer = try row.text(0)
        let earlier = try reader.query(
            """
            SELECT serial, at, reason, released_at FROM recognised_authority_revoked
            WHERE authority = $1 AND issuer = $2
            """,
            id,
            issuer
        ).map { row in
            RevokedCertificate(
                serial: Hex.decode(try row.text(0)) ?? [],
                revokedAt: try row.instant(1),
                reason: RevocationReason(rawValue: try row.int(2)) ?? .unspecified,
                releasedAt: try row.optionalInstant(3)
            )
        }
        return KeptList(der: try row.blob(1), earlier: earlier)
    }

    // MARK: - The version of all that

    /// Every change of authorities and lists counts on. Whoever writes holds the row until the transaction ends: what is
    /// entered meanwhile waits and sees it.
    static func advance(in tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO recognised_authority_version (id, version) VALUES (1, 1)
            ON CONFLICT (id) DO UPDATE SET version = recognised_authority_version.version + 1
            """
        )
    }

    static func version(in reader: any Reader) throws -> Int64 {
        try reader.first("SELECT version FROM recognised_authority_version WHERE id = 1")?.integer(0) ?? 0
    }
}
