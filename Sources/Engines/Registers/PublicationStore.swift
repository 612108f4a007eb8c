public import Kernel
public import Storage

/// What must be made public, since when, by when, and when it was (Regulations on Publication of Enterprise
/// Information, article 6: within twenty working days).
public struct Publication: Sendable {
    public let id: ID<Publication>
    public let register: String
    public let code: String
    public let what: String
    public let content: JSON
    public let arisenAt: Instant
    /// Nil beyond the published calendar.
    public let dueOn: LocalDate?
    public let publishedAt: Instant?

    public init(
        id: ID<Publication>,
        register: String,
        code: String,
        what: String,
        content: JSON,
        arisenAt: Instant,
        dueOn: LocalDate?,
        publishedAt: Instant?
    ) {
        self.id = id
        self.register = register
        self.code = code
        self.what = what
        self.content = content
        self.arisenAt = arisenAt
        self.dueOn = dueOn
        self.publishedAt = publishedAt
    }
}

public enum PublicationStore {
    public static func insert(_ publication: Publication, in tx: any Transaction) throws {
        try tx.execute(
            """
            INSERT INTO register_publication (id, register, code, what, content, arisen_at, due_on, published_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            publication.id,
            publication.register,
            publication.code,
            publication.what,
            publication.content,
            publication.arisenAt,
            publication.dueOn,
            publication.publishedAt
        )
    }

    public static func of(_ code: String, in reader: any Reader) throws -> [Publication] {
        try reader.query(
            """
            SELECT id, register, code, what, content, arisen_at, due_on, published_at FROM register_publication
            WHERE code = $1 ORDER BY arisen_at
            """,
            code
        ).map { row in
            Publication(
                id: try row.id(0),
                register: try row.text(1),
                code: try row.text(2),
                what: try row.text(3),
                content: try row.json(4),
                arisenAt: try row.instant(5),
                dueOn: try row.optionalDate(6),
                publishedAt: try row.optionalInstant(7)
            )
        }
    }
}
