import Kernel
import Storage

/// The only place that knows the tables of seals and their steps.
enum SealStore {
    static func insert(_ seal: Seal, in tx: any Transaction) throws {
        let count = try tx.execute(
            """
            INSERT INTO seal (id, owner, owner_name, owner_kind, kind, number, line, region, state, version, code,
                credential, replaces, mongolian)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING
            """,
            seal.id,
            seal.owner.code,
            seal.owner.name,
            seal.owner.kind.rawValue,
            seal.kind,
            seal.number,
            seal.line,
            seal.region,
            seal.state.rawValue,
            seal.version,
            seal.code,
            seal.credential,
            seal.replaces,
            seal.mongolian
        )
        // Somebody else was given the number, or the seal of this credential is there.
        guard count == 1 else { throw SealError.stale }
    }

    /// Writes everything that changes in a life.
    static func update(_ seal: Seal, expecting version: Int64, endedAt: Instant?, in tx: any Transaction)
        throws
    {
        let changed = try tx.execute(
            """
            UPDATE seal SET state = $3, version = $4, code = $5, credential = $6, filing = $7, ses = $8,
                certificate = $9, made_at = $10, valid_until = $11, replaced_by = $12, ended_at = $13,
                owner_name = $14
            WHERE id = $1 AND version = $2
            """,
            seal.id,
            version,
            seal.state.rawValue,
            seal.version,
            seal.code,
            seal.credential,
            seal.filing,
            seal.made?.bytes,
            seal.made?.certificate,
            seal.made?.at,
            seal.made?.validUntil,
            seal.replacedBy,
            endedAt,
            seal.owner.name
        )
        guard changed == 1 else { throw SealError.stale }
    }

    static func addStep(_ step: SealStep, of seal: Seal, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO seal_step (seal, version, state, event, at, recorded_at, actor_kind, actor, actor_role, reason)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            seal.id,
            seal.version,
            step.state.rawValue,
            step.event?.rawValue,
            step.at,
            step.recordedAt,
            step.actor.kind.rawValue,
            step.actor.id,
            step.actor.role,
            step.reason
        )
    }

    static func steps(of seal: ID<Seal>, in reader: any Reader) throws -> [SealStep] {
        try reader.query(
            """
            SELECT state, event, at, recorded_at, actor_kind, actor, actor_role, reason FROM seal_step
            WHERE seal = $1 ORDER BY version
            """,
            seal
        ).map { row in
            SealStep(
                state: try row.value(0),
                event: try row.optionalText(1).flatMap(SealEvent.init(rawValue:)),
                at: try row.instant(2),
                recordedAt: try row.instant(3),
                actor: Actor(try row.value(4), id: try row.text(5), role: try row.text(6)),
                reason: try row.text(7)
            )
        }
    }

    static func find(_ id: ID<Seal>, in reader: any Reader) throws -> Seal? {
        try reader.first(
            """
            SELECT id, owner, owner_name, owner_kind, kind, number, line, region, state, version, code, credential,
                filing, ses, certificate, made_at, valid_until, replaces, replaced_by, mongolian
            FROM seal WHERE id = $1
            """,
            id
        ).map(seal)
    }

    static func find(code: String, in reader: any Reader) throws -> Seal? {
        try reader.first(
            """
            SELECT id, owner, owner_name, owner_kind, kind, number, line, region, state, version, code, credential,
                filing, ses, certificate, made_at, valid_until, replaces, replaced_by, mongolian
            FROM seal WHERE code = $1
            """,
            code
        ).map(seal)
    }

    static func find(credential: ID<Credential>, in reader: any Reader) throws -> Seal? {
        try reader.first(
            """
            SELECT id, owner, owner_name, owner_kind, kind, number, line, region, state, version, code, credential,
                filing, ses, certificate, made_at, valid_until, replaces, replaced_by, mongolian
            FROM seal WHERE credential = $1
            """,
            credential
        ).map(seal)
    }

    static func owned(by code: String, limit: Int, in reader: any Reader) throws -> [Seal] {
        try reader.query(
            """
            SELECT id, owner, owner_name, owner_kind, kind, number, line, region, state, version, code, credential,
                filing, ses, certificate, made_at, valid_until, replaces, replaced_by, mongolian
            FROM seal WHERE owner = $1 ORDER BY id LIMIT $2
            """,
            code,
            limit
        ).map(seal)
    }

    /// Of divisions from the first code up to but not with the second.
    static func inState(_ state: SealState, from: String, below: String, limit: Int, in reader: any Reader)
        throws
        -> [Seal]
    {
        try reader.query(
            """
            SELECT id, owner, owner_name, owner_kind, kind, number, line, region, state, version, code, credential,
                filing, ses, certificate, made_at, valid_until, replaces, replaced_by, mongolian
            FROM seal WHERE state = $1 AND region >= $2 AND region < $3 ORDER BY id LIMIT $4
            """,
            state.rawValue,
            from,
            below,
            limit
        ).map(seal)
    }

    /// Of owners whose name holds a pattern, in divisions from the first code up to but not with the second.
    static func named(_ pattern: String, from: String, below: String, limit: Int, in reader: any Reader)
        throws
        -> [Seal]
    {
        try reader.query(
            """
            SELECT id, owner, owner_name, owner_kind, kind, number, line, region, state, version, code, credential,
                filing, ses, certificate, made_at, valid_until, replaces, replaced_by, mongolian
            FROM seal WHERE owner_name LIKE $1 ESCAPE '!' AND region >= $2 AND region < $3 ORDER BY id DESC LIMIT $4
            """,
            pattern,
            from,
            below,
            limit
        ).map(seal)
    }

    /// Of one kind, those that did not end, the newest first.
    static func standing(of code: String, kind: String, in reader: any Reader) throws -> [Seal] {
        try reader.query(
            """
            SELECT id, owner, owner_name, owner_kind, kind, number, line, region, state, version, code, credential,
                filing, ses, certificate, made_at, valid_until, replaces, replaced_by, mongolian
            FROM seal WHERE owner = $1 AND kind = $2 AND ended_at IS NULL ORDER BY id DESC
            """,
            code,
            kind
        ).map(seal)
    }

    /// Those of issuing bodies, in divisions from the first code up to but not with the second.
    static func ofAuthorities(from: String, below: String, limit: Int, in reader: any Reader) throws -> [Seal]
    {
        try reader.query(
            """
            SELECT id, owner, owner_name, owner_kind, kind, number, line, region, state, version, code, credential,
                filing, ses, certificate, made_at, valid_until, replaces, replaced_by, mongolian
            FROM seal WHERE kind = 'seal-licence' AND region >= $1 AND region < $2 ORDER BY id DESC LIMIT $3
            """,
            from,
            below,
            limit
        ).map(seal)
    }

    /// Where a seal stands at a moment, without the rest of it; nil when there is none.
    static func state(of seal: ID<Seal>, at moment: Instant, in reader: any Reader) throws -> SealState? {
        try reader.first("SELECT state, valid_until FROM seal WHERE id = $1", seal).map { row in
            let state: SealState = try row.value(0)
            guard let until = try row.optionalInstant(1) else { return state }
            return Seal.state(state, until: until, at: moment)
        }
    }

    static func find(certificate: String, in reader: any Reader) throws -> Seal? {
        try reader.first(
            """
            SELECT id, owner, owner_name, owner_kind, kind, number, line, region, state, version, code, credential,
                filing, ses, certificate, made_at, valid_until, replaces, replaced_by, mongolian
            FROM seal WHERE certificate = $1
            """,
            certificate
        ).map(seal)
    }

    /// When a seal took the step on which it stands.
    static func since(_ seal: Seal, in reader: any Reader) throws -> Instant? {
        try reader.first(
            "SELECT recorded_at FROM seal_step WHERE seal = $1 AND version = $2",
            seal.id,
            seal.version
        )?.instant(0)
    }

    /// The lowest number that no seal of this kind in life bears.
    static func nextNumber(of kind: String, owner: String, in reader: any Reader) throws -> Int {
        let taken = Set(
            try reader.query(
                "SELECT number FROM seal WHERE owner = $1 AND kind = $2 AND ended_at IS NULL",
                owner,
                kind
            ).map { try $0.int(0) }
        )
        return (1...).first { !taken.contains($0) } ?? taken.count + 1
    }

    static func endedAt(_ seal: ID<Seal>, in reader: any Reader) throws -> Instant? {
        try reader.first("SELECT ended_at FROM seal WHERE id = $1", seal)?.optionalInstant(0)
    }

    /// - Returns: false when it was noted before.
    static func noteKeyDestroyed(_ seal: ID<Seal>, at: Instant, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            "UPDATE seal SET key_destroyed_at = $2 WHERE id = $1 AND key_destroyed_at IS NULL",
            seal,
            at
        ) == 1
    }

    static func keep(_ paper: String, _ signed: String, of seal: ID<Seal>, in tx: any Transaction) throws {
        try tx.send(
            "INSERT INTO seal_paper (seal, paper, signed) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            seal,
            paper,
            signed
        )
    }

    static func paper(_ paper: String, of seal: ID<Seal>, in reader: any Reader) throws -> String? {
        try reader.first("SELECT signed FROM seal_paper WHERE seal = $1 AND paper = $2", seal, paper)?.text(0)
    }

    /// Keeps a seal as it is until the transaction ends.
    static func lock(_ seal: ID<Seal>, in tx: any Transaction) throws {
        _ = try tx.query("SELECT id FROM seal WHERE id = $1 FOR UPDATE", seal)
    }

    /// Keeps a credential as it is until the transaction ends.
    static func lock(_ credential: ID<Credential>, in tx: any Transaction) throws {
        _ = try tx.query("SELECT id FROM credential_record WHERE id = $1 FOR UPDATE", credential)
    }

    private static func seal(_ row: Row) throws -> Seal {
        var made: Seal.Made?
        if !row.isNull(13), let at = try row.optionalInstant(15), let until = try row.optionalInstant(16) {
            made = Seal.Made(
                bytes: try row.blob(13),
                certificate: try row.optionalText(14) ?? "",
                at: at,
                validUntil: until
            )
        }
        return Seal(
            id: try row.id(0),
            owner: Holder(try row.value(3), code: try row.text(1), name: try row.text(2)),
            kind: try row.text(4),
            number: try row.int(5),
            line: try row.optionalText(6),
            mongolian: try row.optionalText(19),
            region: try row.text(7),
            state: try row.value(8),
            version: try row.integer(9),
            code: try row.optionalText(10),
            credential: try row.optionalText(11).map { ID($0) },
            filing: try row.optionalText(12),
            made: made,
            replaces: try row.optionalText(17).map { ID($0) },
            replacedBy: try row.optionalText(18).map { ID($0) }
        )
    }
}
