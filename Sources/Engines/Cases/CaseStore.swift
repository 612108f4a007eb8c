import Catalogue
public import Kernel
public import Storage

/// The rows of a case. Every change carries the version that the caller has seen.
public enum CaseStore {
    public static func insert(_ value: Case, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO case_case (id, number, lookup_code, system, item, procedure, definition, state, region,
                agency, applicant, channel, data, text_version, version, created_at, title, touched_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
            """,
            value.id,
            value.number,
            value.lookupCode,
            value.system,
            value.item,
            value.procedure.rawValue,
            value.definition,
            value.state.rawValue,
            value.region,
            value.agency,
            value.applicant,
            value.channel.rawValue,
            PersonalText(value.data),
            value.text,
            value.version,
            value.createdAt,
            value.title,
            value.touchedAt
        )
    }

    /// Writes what may change, when the row still has `value.version`.
    /// - Returns: the case with its new version.
    /// - Throws: `CaseError.changedMeanwhile` naming the last act.
    @discardableResult
    public static func update(_ value: Case, in tx: any Transaction) throws -> Case {
        var next = value
        next.version += 1
        let changed = try tx.execute(
            """
            UPDATE case_case SET state = $3, region = $4, agency = $5, data = $6, text_version = $7, version = $8,
                submitted_at = $9, signed_at = $10, decided_at = $11, completed_at = $12, title = $13, result = $14,
                touched_at = $15
            WHERE id = $1 AND version = $2
            """,
            value.id,
            value.version,
            value.state.rawValue,
            value.region,
            value.agency,
            PersonalText(value.data),
            value.text,
            next.version,
            value.submittedAt,
            value.signedAt,
            value.decidedAt,
            value.completedAt,
            value.title,
            value.result,
            value.touchedAt
        )
        guard changed == 1 else { throw try changedMeanwhile(value.id, in: tx) }
        return next
    }

    private static func changedMeanwhile(_ id: ID<Case>, in reader: any Reader) throws -> CaseError {
        let row = try reader.first(
            "SELECT act, at FROM case_happening WHERE case_id = $1 ORDER BY sequence DESC LIMIT 1",
            id
        )
        guard let row else { return .notFound }
        return .changedMeanwhile(act: try row.text(0), at: try row.instant(1))
    }

    public static func find(_ id: ID<Case>, in reader: any Reader) throws -> Case {
        try reader.look(glance(id))
    }

    /// Its answer throws `CaseError.notFound` when there is no such case.
    public static func glance(_ id: ID<Case>) -> Glance<Case> {
        Glance(
            Question(
                """
                SELECT id, number, lookup_code, system, item, procedure, definition, state, region, agency, applicant,
                    channel, data, text_version, version, created_at, submitted_at, signed_at, decided_at,
                    completed_at, title, result, touched_at FROM case_case WHERE id = $1
                """,
                id
            )
        ) { rows in
            guard let row = rows.first else { throw CaseError.notFound }
            return try Case(row: row)
        }
    }

    /// The same, with the row locked until the transaction ends.
    public static func lock(_ id: ID<Case>, in tx: any Transaction) throws -> Case {
        let row = try tx.first(
            """
            SELECT id, number, lookup_code, system, item, procedure, definition, state, region, agency, applicant,
                channel, data, text_version, version, created_at, submitted_at, signed_at, decided_at, completed_at,
                title, result, touched_at FROM case_case WHERE id = $1 FOR UPDATE
            """,
            id
        )
        guard let row else { throw CaseError.notFound }
        return try Case(row: row)
    }

    public static func find(number: String, in reader: any Reader) throws -> Case? {
        try reader.first(
            """
            SELECT id, number, lookup_code, system, item, procedure, definition, state, region, agency, applicant,
                channel, data, text_version, version, created_at, submitted_at, signed_at, decided_at, completed_at,
                title, result, touched_at FROM case_case WHERE number = $1
            """,
            number
        ).map(Case.init(row:))
    }

    /// The cases of one applicant, newest first; not the drafts he deleted.
    public static func mine(_ applicant: String, limit: Int, in reader: any Reader) throws -> [Case] {
        try reader.query(
            """
            SELECT id, number, lookup_code, system, item, procedure, definition, state, region, agency, applicant,
                channel, data, text_version, version, created_at, submitted_at, signed_at, decided_at, completed_at,
                title, result, touched_at FROM case_case
            WHERE applicant = $1 AND NOT (state = 'withdrawn' AND submitted_at IS NULL)
            ORDER BY created_at DESC LIMIT $2
            """,
            applicant,
            limit
        ).map(Case.init(row:))
    }

    /// How many forms an applicant has that he has not handed in.
    static func openDrafts(of applicant: String, in reader: any Reader) throws -> Int64 {
        try reader.number(
            "SELECT COUNT(*) FROM case_case WHERE applicant = $1 AND state IN ('draft', 'signing', 'returned')",
            applicant
        )
    }

    /// The case whose grant brought forth `result`, such as a credit code.
    public static func granting(_ result: String, in reader: any Reader) throws -> Case? {
        try reader.first(
            """
            SELECT id, number, lookup_code, system, item, procedure, definition, state, region, agency, applicant,
                channel, data, text_version, version, created_at, submitted_at, signed_at, decided_at, completed_at,
                title, result, touched_at FROM case_case WHERE result = $1 ORDER BY decided_at DESC LIMIT 1
            """,
            result
        ).map(Case.init(row:))
    }
}

extension Case {
    fileprivate init(row: Row) throws {
        self.init(
            id: try row.id(0),
            number: try row.text(1),
            lookupCode: try row.text(2),
            system: try row.text(3),
            item: try row.text(4),
            procedure: try row.value(5),
            definition: try row.id(6),
            state: try row.value(7),
            region: try row.text(8),
            agency: try row.text(9),
            applicant: try row.text(10),
            channel: try row.value(11),
            data: try row.json(12),
            text: try row.int(13),
            version: try row.int(14),
            createdAt: try row.instant(15),
            touchedAt: try row.instant(22),
            submittedAt: try row.optionalInstant(16),
            signedAt: try row.optionalInstant(17),
            decidedAt: try row.optionalInstant(18),
            completedAt: try row.optionalInstant(19),
            title: try row.text(20),
            result: try row.optionalText(21)
        )
    }
}
