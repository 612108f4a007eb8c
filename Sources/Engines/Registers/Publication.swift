public import Kernel

/// What must be made public, since when, by when, and when it was (Regulations on Publication of Enterprise
/// Information, article 6: within twenty working days).
public struct Publication: Sendable {
    public let id: ID<Publication>
    public let register: String
    public let code: String
    /// `establish`, `withdraw`, `correction-notice` …
    public let what: String
    public let content: JSON
    public let arisenAt: Instant
    /// The last day; nil beyond the published calendar.
    public let dueOn: LocalDate?
    public let publishedAt: Instant?
    /// The clock that runs until it is published.
    public let clock: String?
    /// What the publicity system answered.
    public let receipt: String?
    /// When it was noticed that the time was over and nothing published.
    public let overdueAt: Instant?

    public init(
        id: ID<Publication>,
        register: String,
        code: String,
        what: String,
        content: JSON,
        arisenAt: Instant,
        dueOn: LocalDate?,
        publishedAt: Instant?,
        clock: String? = nil,
        receipt: String? = nil,
        overdueAt: Instant? = nil
    ) {
        self.id = id
        self.register = register
        self.code = code
        self.what = what
        self.content = content
        self.arisenAt = arisenAt
        self.dueOn = dueOn
        self.publishedAt = publishedAt
        self.clock = clock
        self.receipt = receipt
        self.overdueAt = overdueAt
    }

    public var object: String { "publication:\(id)" }
    public var isOpen: Bool { publishedAt == nil }
}
