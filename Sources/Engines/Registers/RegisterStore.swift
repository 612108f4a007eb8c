public import Kernel
public import Search
public import Storage

/// The rows of the registers.
public enum RegisterStore {
    public static func find(_ code: String, in reader: any Reader) throws -> RegisterSubject? {
        try reader.first(
            """
            SELECT register, code, name, state, region, agency, established_on, items, is_legacy, version, updated_at
            FROM register_subject WHERE code = $1
            """,
            code
        ).map(subject)
    }

    static func exists(_ code: String, in reader: any Reader) throws -> Bool {
        try reader.first("SELECT 1 FROM register_subject WHERE code = $1", code) != nil
    }

    static func lock(_ code: String, in tx: any Transaction) throws -> RegisterSubject {
        let row = try tx.first(
            """
            SELECT register, code, name, state, region, agency, established_on, items, is_legacy, version, updated_at
            FROM register_subject WHERE code = $1 FOR UPDATE
            """,
            code
        )
        guard let row else { throw RegisterError.notFound }
        return try subject(row)
    }

    /// Subjects whose name begins with or equals `text`, for a public search.
    public static func named(_ text: String, limit: Int, in reader: any Reader) throws -> [RegisterSubject] {
        try reader.query(
            """
            SELECT register, code, name, state, region, agency, established_on, items, is_legacy, version, updated_at
            FROM register_subject WHERE name >= $1 AND name < $2 ORDER BY name LIMIT $3
            """,
            text,
            text + "\u{10FFFF}",
            limit
        ).map(subject)
    }

    /// What `Search` calls subjects.
    public static let kind = "subject"

    /// So many that may bear the words are looked at.
    private static let lookedAtMax = 500

    /// Subjects of a region by part of their name or by how their code begins, for staff.
    public static func search(
        _ words: String,
        regionPrefix: String,
        limit: Int,
        in reader: any Reader
    ) throws -> [RegisterSubject] {
        var found = try reader.query(
            """
            SELECT register, code, name, state, region, agency, established_on, items, is_legacy, version, updated_at
            FROM register_subject WHERE code >= $1 AND code < $2 AND region >= $3 AND region < $4
            ORDER BY code LIMIT $5
            """,
            words.uppercased(),
            words.uppercased() + "~",
            regionPrefix,
            regionPrefix + "~",
            limit
        ).map(subject)
        let named = try Search.find(words, kind: kind, regionPrefix: regionPrefix, in: reader).prefix(
            lookedAtMax
        )
        for code in named where found.count < limit {
            guard let subject = try find(code, in: reader), !found.contains(where: { $0.code == code }),
                subject.name.lowercased().contains(words.lowercased())
            else { continue }
            found.append(subject)
        }
        return found.sorted { ($0.name, $0.code) < ($1.name, $1.code) }
    }

    /// Codes of all registers in their order, a page at a time; nil for one that is no text.
    static func codes(after code: String, limit: Int, in reader: any Reader) throws -> [String?] {
        try reader.query(
            "SELECT code FROM register_subject WHERE code > $1 ORDER BY code LIMIT $2",
            code,
            limit
        ).map { try? $0.text(0) }
    }

    /// Subjects in the order of their codes, and which of them no part of their name leads to: put in when they were
    /// entered, or by the migration when they were last changed.
    public static func page(after code: String, limit: Int, in reader: any Reader) throws -> SearchPage {
        try SearchPage(
            reader.query(
                """
                WITH RECURSIVE place (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM place WHERE i < 100),
                page AS (
                    SELECT s.code, s.name, s.region, s.updated_at, e.at AS entered_at
                    FROM register_subject s LEFT JOIN register_entry e
                        ON e.register = s.register AND e.code = s.code AND e.sequence = 1
                    WHERE s.code > $1 ORDER BY s.code LIMIT $2)
                SELECT s.code, s.name, s.region, s.updated_at, CASE WHEN EXISTS (
                    SELECT 1 FROM place p CROSS JOIN search_gram g
                    WHERE p.i < length(s.name) AND g.kind = 'subject' AND g.gram = lower(substr(s.name, p.i, 2))
                        AND g.region = s.region AND g.at = s.entered_at AND g.object = s.code)
                    OR EXISTS (
                    SELECT 1 FROM place p CROSS JOIN search_gram g
                    WHERE p.i < length(s.name) AND g.kind = 'subject' AND g.gram = lower(substr(s.name, p.i, 2))
                        AND g.region = s.region AND g.at = s.updated_at AND g.object = s.code)
                    THEN 1 ELSE 0 END
                FROM page s ORDER BY s.code
                """,
                code,
                limit
            )
        )
    }

    private static func subject(_ row: Row) throws -> RegisterSubject {
        RegisterSubject(
            register: try row.text(0),
            code: try row.text(1),
            name: try row.text(2),
            state: try row.value(3),
            region: try row.text(4),
            agency: try row.text(5),
            establishedOn: try row.date(6),
            items: try row.json(7),
            isLegacy: try row.bool(8),
            version: try row.int(9),
            updatedAt: try row.instant(10)
        )
    }

    /// Of one row, and of many taken over at once.
    static let subjectInsert: StaticString = """
        INSERT INTO register_subject (register, code, name, state, region, agency, established_on, items,
            is_legacy, version, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """

    static func insert(_ subject: RegisterSubject, in tx: any Transaction) throws {
        try tx.send(
            subjectInsert,
            subject.register,
            subject.code,
            subject.name,
            subject.state.rawValue,
            subject.region,
            subject.agency,
            subject.establishedOn,
            subject.items,
            subject.isLegacy,
            subject.version,
            subject.updatedAt
        )
    }

    static func update(_ subject: RegisterSubject, at now: Instant, in tx: any Transaction) throws {
        let changed = try tx.execute(
            """
            UPDATE register_subject SET name = $4, state = $5, region = $6, agency = $7, items = $8,
                version = version + 1, updated_at = $9
            WHERE register = $1 AND code = $2 AND version = $3
            """,
            subject.register,
            subject.code,
            subject.version,
            subject.name,
            subject.state.rawValue,
            subject.region,
            subject.agency,
            subject.items,
            now
        )
        guard changed == 1 else { throw RegisterError.changedMeanwhile }
    }

    /// Of one row, and of many taken over at once.
    static let entryInsert: StaticString = """
        INSERT INTO register_entry (register, code, sequence, act, changes, items, state, at, case_id, actor_kind,
            actor, role, digest, standing)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        """

    static func insert(_ entry: RegisterEntry, in tx: any Transaction) throws {
        try tx.send(
            entryInsert,
            entry.register,
            entry.code,
            entry.sequence,
            entry.act.rawValue,
            entry.changes,
            entry.items,
            entry.state.rawValue,
            entry.at,
            entry.caseID,
            entry.by.kind.rawValue,
            entry.by.id,
            entry.by.role,
            entry.digest,
            entry.standing
        )
    }

    /// The history of a subject, oldest first.
    public static func entries(of code: String, in reader: any Reader) throws -> [RegisterEntry] {
        try reader.query(
            """
            SELECT register, code, sequence, act, changes, items, state, at, case_id, actor_kind, actor, role, digest,
                standing
            FROM register_entry WHERE code = $1 ORDER BY sequence
            """,
            code
        ).map { row in
            RegisterEntry(
                register: try row.text(0),
                code: try row.text(1),
                sequence: try row.int(2),
                act: try row.value(3),
                changes: try row.json(4),
                items: try row.json(5),
                state: try row.value(6),
                at: try row.instant(7),
                caseID: try row.text(8),
                by: Actor(try row.value(9), id: try row.text(10), role: try row.text(11)),
                digest: try row.text(12),
                standing: try row.optionalText(13)
            )
        }
    }

    static func insert(
        _ filing: RegisterFiling,
        number: Int,
        register: String,
        code: String,
        in tx: any Transaction
    ) throws {
        try tx.send(
            """
            INSERT INTO register_filing (register, code, kind, from_date, number, value, is_confidential, until_date)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (register, code, kind, from_date, number) DO UPDATE SET value = excluded.value,
                until_date = excluded.until_date
            """,
            register,
            code,
            filing.kind,
            filing.from,
            number,
            PersonalText(filing.value),
            filing.isConfidential,
            filing.until
        )
    }

    /// Ends the standing filings of a kind.
    static func end(_ kind: String, of code: String, on date: LocalDate, in tx: any Transaction) throws {
        try tx.execute(
            "UPDATE register_filing SET until_date = $3 WHERE code = $1 AND kind = $2 AND until_date IS NULL",
            code,
            kind,
            date
        )
    }

    /// Filings of a kind that stand on `date`, in their order.
    public static func filings(_ kind: String, of code: String, on date: LocalDate, in reader: any Reader)
        throws
        -> [RegisterFiling]
    { try filings(of: code, on: date, in: reader).filter { $0.kind == kind } }

    /// Filings that stand on `date`.
    public static func filings(of code: String, on date: LocalDate, in reader: any Reader) throws
        -> [RegisterFiling]
    {
        try reader.query(
            """
            SELECT kind, value, is_confidential, from_date, until_date FROM register_filing
            WHERE code = $1 AND from_date <= $2 AND (until_date IS NULL OR until_date > $2)
            ORDER BY kind, from_date, number
            """,
            code,
            date
        ).map { row in
            RegisterFiling(
                kind: try row.text(0),
                value: try row.json(1),
                isConfidential: try row.bool(2),
                from: try row.date(3),
                until: try row.optionalDate(4)
            )
        }
    }
}
