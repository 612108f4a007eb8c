public import Kernel
public import Storage

/// The rows of corrections.
public enum CorrectionStore {
    public static func find(_ id: ID<Correction>, in reader: any Reader) throws -> Correction? {
        try reader.first(
            """
            SELECT id, code, case_id, kind, state, opened_at, opened_by, words, item, clock, investigation_ends,
                notice_ends, extended, decided_at, decision, version FROM opening_correction WHERE id = $1
            """,
            id
        ).map(correction)
    }

    /// All matters of a subject, oldest first.
    public static func of(_ code: String, in reader: any Reader) throws -> [Correction] {
        try reader.query(
            """
            SELECT id, code, case_id, kind, state, opened_at, opened_by, words, item, clock, investigation_ends,
                notice_ends, extended, decided_at, decision, version FROM opening_correction WHERE code = $1
            ORDER BY opened_at, id
            """,
            code
        ).map(correction)
    }

    /// A matter and the firm that it is about.
    public struct Listed: Sendable {
        public let matter: Correction
        public let name: String
    }

    /// Matters about registrations in reach that are not at an end, longest waiting first.
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
            SELECT m.id, m.code, m.case_id, m.kind, m.state, m.opened_at, m.opened_by, m.words, m.item, m.clock,
                m.investigation_ends, m.notice_ends, m.extended, m.decided_at, m.decision, m.version, r.name
            FROM opening_correction m JOIN register_subject r ON r.code = m.code
            WHERE m.state IN ('asked', 'investigating', 'suspended', 'proposed', 'ordered', 'listed')
                AND r.region >= $1 AND r.region < $2
                AND (m.opened_at > $3 OR (m.opened_at = $3 AND m.id > $4))
            ORDER BY m.opened_at, m.id LIMIT $5
            """,
            regions.low,
            regions.high,
            after?.0.milliseconds ?? -1,
            after?.1 ?? "",
            limit
        ).map { Listed(matter: try correction($0), name: try $0.text(16)) }
    }

    static func insert(_ value: Correction, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO opening_correction (id, code, case_id, kind, state, opened_at, opened_by, words, item, clock,
                investigation_ends, notice_ends, extended, decided_at, decision, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            """,
            value.id,
            value.code,
            value.caseID,
            value.kind.rawValue,
            value.state.rawValue,
            value.openedAt,
            value.openedBy,
            PersonalText(value.words),
            value.item,
            value.clock,
            value.investigationEnds,
            value.noticeEnds,
            value.isExtended,
            value.decidedAt,
            PersonalText(value.decision),
            value.version
        )
    }

    /// - Throws: `CorrectionError.changedMeanwhile` when the row has another version.
    static func update(_ value: Correction, in tx: any Transaction) throws {
        let changed = try tx.execute(
            """
            UPDATE opening_correction SET state = $3, clock = $4, investigation_ends = $5, notice_ends = $6,
                extended = $7, decided_at = $8, decision = $9, version = version + 1
            WHERE id = $1 AND version = $2
            """,
            value.id,
            value.version,
            value.state.rawValue,
            value.clock,
            value.investigationEnds,
            value.noticeEnds,
            value.isExtended,
            value.decidedAt,
            PersonalText(value.decision)
        )
        guard changed == 1 else { throw CorrectionError.changedMeanwhile }
    }

    private static func correction(_ row: Row) throws -> Correction {
        Correction(
            id: try row.id(0),
            code: try row.text(1),
            caseID: try row.text(2),
            kind: try row.value(3),
            state: try row.value(4),
            openedAt: try row.instant(5),
            openedBy: try row.text(6),
            words: try row.text(7),
            item: try row.optionalText(8),
            clock: try row.optionalText(9),
            investigationEnds: try row.optionalDate(10),
            noticeEnds: try row.optionalDate(11),
            isExtended: try row.bool(12),
            decidedAt: try row.optionalInstant(13),
            decision: try row.optionalText(14).map { try JSON.read(Array($0.utf8)) } ?? .null,
            version: try row.int(15)
        )
    }
}
