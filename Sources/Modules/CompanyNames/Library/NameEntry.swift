public import Kernel

/// One name in the library: reserved, borne, or blocked for a while.
public struct NameEntry: Hashable, Sendable {
    public let id: ID<NameEntry>
    public let key: NameKey
    public let parts: NameParts
    public let text: String
    public let subject: NameSubject
    public let region: String
    public let state: NameState
    /// The account for whom the name is kept; nil for registered names.
    public let owner: String?
    /// The enterprise that bears or bore the name.
    public let enterprise: String?
    /// The case that holds the name beyond its term.
    public let holder: String?
    public let since: Instant
    /// The last moment of the term: the name is free from then on. Nil while registered.
    public let until: Instant?
    /// The last day was computed beyond the published calendar and may move when that is published.
    public let isProvisional: Bool
    /// What the checks found when it was reserved.
    public let findings: JSON
    public let version: Int64

    public init(
        id: ID<NameEntry>,
        key: NameKey,
        parts: NameParts,
        text: String,
        subject: NameSubject,
        region: String,
        state: NameState,
        owner: String?,
        enterprise: String?,
        holder: String?,
        since: Instant,
        until: Instant?,
        isProvisional: Bool,
        findings: JSON,
        version: Int64
    ) {
        self.id = id
        self.key = key
        self.parts = parts
        self.text = text
        self.subject = subject
        self.region = region
        self.state = state
        self.owner = owner
        self.enterprise = enterprise
        self.holder = holder
        self.since = since
        self.until = until
        self.isProvisional = isProvisional
        self.findings = findings
        self.version = version
    }

    /// The last day of the term; nil while registered.
    public var lastDay: LocalDate? { until.map { ($0 + -1).date } }

    /// Whether the reservation can be used at `now`.
    public func isLive(at now: Instant) -> Bool {
        switch state {
        case .held: true
        case .reserved: until.map { now < $0 } ?? true
        case .registered, .renamed, .cancelled, .revoked, .released, .expired, .lapsed: false
        }
    }
}

/// A reservation is an entry of the library that is `reserved` or `held`.
public typealias Reservation = NameEntry
