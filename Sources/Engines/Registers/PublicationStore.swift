public import Kernel
public import Storage

/// The rows of publications.
public enum PublicationStore {
    public static func insert(_ publication: Publication, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO register_publication (id, register, code, what, content, arisen_at, due_on, published_at,
                clock)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            publication.id,
            publication.register,
            publication.code,
            publication.what,
            publication.content,
            publication.arisenAt,
            publication.dueOn,
            publication.publishedAt,
            publication.clock
        )
    }

    public static func find(_ id: ID<Publication>, in reader: any Reader) throws -> Publication? {
        try reader.first(
            """
            SELECT id, register, code, what, content, arisen_at, due_on, published_at, clock, receipt, overdue_at
            FROM register_publication WHERE id = $1
            """,
            id
        ).map(publication)
    }

    /// All of a subject, oldest first.
    public static func of(_ code: String, in reader: any Reader) throws -> [Publication] {
        try reader.query(
            """
            SELECT id, register, code, what, content, arisen_at, due_on, published_at, clock, receipt, overdue_at
            FROM register_publication WHERE code = $1 ORDER BY arisen_at, id
            """,
            code
        ).map(publication)
    }

    /// What is not published yet, the most urgent first.
    public static func open(limit: Int, in reader: any Reader) throws -> [Publication] {
        try reader.query(
            """
            SELECT id, register, code, what, content, arisen_at, due_on, published_at, clock, receipt, overdue_at
            FROM register_publication WHERE published_at IS NULL
            ORDER BY CASE WHEN due_on IS NULL THEN 1 ELSE 0 END, due_on, id LIMIT $1
            """,
            limit
        ).map(publication)
    }

    /// Closes it. Closing a second time changes nothing: the first receipt stands.
    /// - Returns: whether it was open.
    @discardableResult
    public static func close(
        _ id: ID<Publication>,
        receipt: String,
        at now: Instant,
        in tx: any Transaction
    ) throws -> Bool {
        try tx.execute(
            """
            UPDATE register_publication SET published_at = $2, receipt = $3
            WHERE id = $1 AND COALESCE(published_at, 0) = 0
            """,
            id,
            now,
            receipt
        ) == 1
    }

    /// Notes once that the time is over.
    /// - Returns: whether it was open and not noted before.
    public static func setOverdue(_ id: ID<Publication>, at now: Instant, in tx: any Transaction) throws
        -> Bool
    {
        try tx.execute(
            """
            UPDATE register_publication SET overdue_at = $2
            WHERE id = $1 AND COALESCE(published_at, 0) = 0 AND COALESCE(overdue_at, 0) = 0
            """,
            id,
            now
        ) == 1
    }

    /// The last day, when the calendar that it depends on was published after the fact arose.
    public static func setDue(_ day: LocalDate, of id: ID<Publication>, in tx: any Transaction) throws {
        try tx.execute("UPDATE register_publication SET due_on = $2 WHERE id = $1", id, day)
    }

    private static func publication(_ row: Row) throws -> Publication {
        Publication(
            id: try row.id(0),
            register: try row.text(1),
            code: try row.text(2),
            what: try row.text(3),
            content: try row.json(4),
            arisenAt: try row.instant(5),
            dueOn: try row.optionalDate(6),
            publishedAt: try row.optionalInstant(7),
            clock: try row.optionalText(8),
            receipt: try row.optionalText(9),
            overdueAt: try row.optionalInstant(10)
        )
    }
}
