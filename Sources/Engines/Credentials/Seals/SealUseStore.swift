import Kernel
import Storage

/// The only place that knows the tables of permits, requests and uses.
enum SealUseStore {
    // MARK: - Permits

    static func insert(_ permit: SealPermit, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO seal_permit (id, seal, agent, role, kinds, from_day, until_day, uses_max, uses, granted_by,
                granted_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10)
            """,
            permit.id,
            permit.seal,
            permit.agent,
            permit.role.rawValue,
            permit.kinds.sorted().joined(separator: " "),
            permit.from,
            permit.until,
            permit.usesMax,
            permit.grantedBy,
            permit.grantedAt
        )
    }

    static func permit(_ id: ID<SealPermit>, in reader: any Reader) throws -> SealPermit? {
        try reader.first(
            """
            SELECT id, seal, agent, role, kinds, from_day, until_day, uses_max, uses, granted_by, revoked_at,
                granted_at
            FROM seal_permit WHERE id = $1
            """,
            id
        ).map(permit)
    }

    static func permits(of seal: ID<Seal>, limit: Int, in reader: any Reader) throws -> [SealPermit] {
        try reader.query(
            """
            SELECT id, seal, agent, role, kinds, from_day, until_day, uses_max, uses, granted_by, revoked_at,
                granted_at
            FROM seal_permit WHERE seal = $1 ORDER BY id DESC LIMIT $2
            """,
            seal,
            limit
        ).map(permit)
    }

    static func permits(of seal: ID<Seal>, agent: String, in reader: any Reader) throws -> [SealPermit] {
        try reader.query(
            """
            SELECT id, seal, agent, role, kinds, from_day, until_day, uses_max, uses, granted_by, revoked_at,
                granted_at
            FROM seal_permit WHERE seal = $1 AND agent = $2 ORDER BY id
            """,
            seal,
            agent
        ).map(permit)
    }

    static func revoke(_ id: ID<SealPermit>, at: Instant, in tx: any Transaction) throws -> Bool {
        try tx.execute("UPDATE seal_permit SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", id, at)
            == 1
    }

    /// Counts one use, unless none is left or it was taken back.
    static func spend(_ id: ID<SealPermit>, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            "UPDATE seal_permit SET uses = uses + 1 WHERE id = $1 AND uses < uses_max AND revoked_at IS NULL",
            id
        ) == 1
    }

    // MARK: - Requests

    static func insert(_ request: SealRequest, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO seal_request (id, seal, permit, requester, digest, name, kind, purpose, case_number, state,
                version, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11)
            """,
            request.id,
            request.seal,
            request.permit,
            request.requester,
            request.subject.digest,
            PersonalText(request.subject.name),
            request.subject.kind,
            PersonalText(request.subject.purpose),
            request.subject.caseNumber,
            request.state.rawValue,
            request.at
        )
    }

    static func request(_ id: ID<SealRequest>, in reader: any Reader) throws -> SealRequest? {
        try reader.first(
            """
            SELECT id, seal, permit, requester, digest, name, kind, purpose, case_number, state, version, at,
                decided_by, reason, confirmation
            FROM seal_request WHERE id = $1
            """,
            id
        ).map(request)
    }

    static func requests(of seal: ID<Seal>, limit: Int, in reader: any Reader) throws -> [SealRequest] {
        try reader.query(
            """
            SELECT id, seal, permit, requester, digest, name, kind, purpose, case_number, state, version, at,
                decided_by, reason, confirmation
            FROM seal_request WHERE seal = $1 ORDER BY id DESC LIMIT $2
            """,
            seal,
            limit
        ).map(request)
    }

    static func request(of seal: ID<Seal>, for caseNumber: String, in reader: any Reader) throws
        -> SealRequest?
    {
        try reader.first(
            """
            SELECT id, seal, permit, requester, digest, name, kind, purpose, case_number, state, version, at,
                decided_by, reason, confirmation
            FROM seal_request WHERE seal = $1 AND case_number = $2 ORDER BY at DESC, id DESC LIMIT 1
            """,
            seal,
            caseNumber
        ).map(request)
    }

    /// Of all seals of an owner, the oldest first.
    static func waiting(of owner: String, limit: Int, in reader: any Reader) throws -> [SealRequest] {
        try reader.query(
            """
            SELECT r.id, r.seal, r.permit, r.requester, r.digest, r.name, r.kind, r.purpose, r.case_number, r.state,
                r.version, r.at, r.decided_by, r.reason, r.confirmation
            FROM seal_request r JOIN seal s ON s.id = r.seal
            WHERE s.owner = $1 AND r.state = 'waiting' ORDER BY r.id LIMIT $2
            """,
            owner,
            limit
        ).map(request)
    }

    /// Moves a request on that nobody moved in between.
    static func move(
        _ request: SealRequest,
        to state: SealRequest.State,
        by person: String,
        reason: String?,
        at: Instant,
        in tx: any Transaction
    ) throws {
        let changed = try tx.execute(
            """
            UPDATE seal_request SET state = $3, version = version + 1, decided_by = $4, decided_at = $5, reason = $6
            WHERE id = $1 AND version = $2
            """,
            request.id,
            request.version,
            state.rawValue,
            person,
            at,
            reason.map { PersonalText($0) }
        )
        guard changed == 1 else { throw SealError.stale }
    }

    /// Approves a request that nobody moved in between by whoever asked, with his second step.
    static func confirm(
        _ request: SealRequest,
        by step: SealRequest.Confirmation,
        at: Instant,
        in tx: any Transaction
    ) throws {
        let changed = try tx.execute(
            """
            UPDATE seal_request SET state = 'approved', version = version + 1, decided_by = requester,
                decided_at = $3, confirmation = $4
            WHERE id = $1 AND version = $2
            """,
            request.id,
            request.version,
            at,
            step.rawValue
        )
        guard changed == 1 else { throw SealError.stale }
    }

    // MARK: - Uses

    static func insert(_ use: SealUse, in tx: any Transaction) throws {
        let count = try tx.execute(
            """
            INSERT INTO seal_use (request, seal, signer, approver, result, certificate, at)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
            """,
            use.request,
            use.seal,
            use.signer,
            use.approver,
            use.result,
            use.certificate,
            use.at
        )
        guard count == 1 else { throw SealError.stale }
    }

    static func uses(of seal: ID<Seal>, limit: Int, in reader: any Reader) throws -> [SealUse] {
        try reader.query(
            """
            SELECT u.seal, u.request, r.permit, u.signer, u.approver, r.digest, r.name, r.kind, r.purpose,
                r.case_number, u.result, u.certificate, u.at, r.confirmation
            FROM seal_use u JOIN seal_request r ON r.id = u.request
            WHERE u.seal = $1 ORDER BY u.at DESC, u.request LIMIT $2
            """,
            seal,
            limit
        ).map(use)
    }

    static func use(of seal: ID<Seal>, for caseNumber: String, in reader: any Reader) throws -> SealUse? {
        try reader.first(
            """
            SELECT u.seal, u.request, r.permit, u.signer, u.approver, r.digest, r.name, r.kind, r.purpose,
                r.case_number, u.result, u.certificate, u.at, r.confirmation
            FROM seal_request r JOIN seal_use u ON u.request = r.id
            WHERE r.seal = $1 AND r.case_number = $2 ORDER BY u.at DESC, u.request LIMIT 1
            """,
            seal,
            caseNumber
        ).map(use)
    }

    // MARK: - Forgetting

    /// Seals that ended before a moment and still have requests.
    static func ended(before: Instant, limit: Int, in reader: any Reader) throws -> [ID<Seal>] {
        try reader.query(
            """
            SELECT s.id FROM seal s WHERE s.ended_at < $1
                AND EXISTS (SELECT 1 FROM seal_request r WHERE r.seal = s.id) ORDER BY s.ended_at LIMIT $2
            """,
            before,
            limit
        ).map { try $0.id(0) }
    }

    /// - Returns: how many uses and requests went.
    static func forget(_ seal: ID<Seal>, in tx: any Transaction) throws -> Int {
        try tx.execute("DELETE FROM seal_use WHERE seal = $1", seal)
            + tx.execute("DELETE FROM seal_request WHERE seal = $1", seal)
    }

    // MARK: - Rows

    private static func use(_ row: Row) throws -> SealUse {
        SealUse(
            seal: try row.id(0),
            request: try row.id(1),
            permit: try row.optionalText(2).map { ID($0) },
            signer: try row.text(3),
            approver: try row.text(4),
            confirmation: try row.optionalText(13).flatMap(SealRequest.Confirmation.init(rawValue:)),
            subject: try subject(row, from: 5),
            result: try row.text(10),
            certificate: try row.text(11),
            at: try row.instant(12)
        )
    }

    private static func permit(_ row: Row) throws -> SealPermit {
        SealPermit(
            id: try row.id(0),
            seal: try row.id(1),
            agent: try row.text(2),
            role: try row.value(3),
            kinds: Set(try row.text(4).split(separator: " ").map(String.init)),
            from: try row.date(5),
            until: try row.date(6),
            usesMax: try row.int(7),
            uses: try row.int(8),
            grantedBy: try row.text(9),
            grantedAt: try row.instant(11),
            revokedAt: try row.optionalInstant(10)
        )
    }

    private static func request(_ row: Row) throws -> SealRequest {
        SealRequest(
            id: try row.id(0),
            seal: try row.id(1),
            permit: try row.optionalText(2).map { ID($0) },
            requester: try row.text(3),
            subject: try subject(row, from: 4),
            state: try row.value(9),
            version: try row.integer(10),
            at: try row.instant(11),
            decidedBy: try row.optionalText(12),
            reason: try row.optionalText(13),
            confirmation: try row.optionalText(14).flatMap(SealRequest.Confirmation.init(rawValue:))
        )
    }

    private static func subject(_ row: Row, from column: Int) throws -> SealSubject {
        SealSubject(
            digest: try row.text(column),
            name: try row.text(column + 1),
            kind: try row.text(column + 2),
            purpose: try row.text(column + 3),
            caseNumber: try row.text(column + 4)
        )
    }
}
