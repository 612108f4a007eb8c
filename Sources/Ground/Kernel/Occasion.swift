/// Who acts: a person, a member of staff, an outside party's system, or the platform itself.
public struct Actor: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable, Codable {
        case person, staff, party, platform, anonymous
    }

    public let kind: Kind
    /// The identifier of the account or party, never a name or an identity number.
    public let id: String
    /// In which role: `founder`, `legal-representative`, `registrar`, `tax` …
    public let role: String

    public init(_ kind: Kind, id: String, role: String) {
        self.kind = kind
        self.id = id
        self.role = role
    }

    /// The platform's own rules, timers and sealers.
    public static func platform(_ part: String) -> Actor { Actor(.platform, id: part, role: "platform") }

    public static let anonymous = Actor(.anonymous, id: "anonymous", role: "anonymous")
}

/// What every operation is told about itself: who asks, when, under which request, to what purpose.
///
/// It carries the time and the entropy as values, because a write closure may run more than once.
public struct Occasion: Sendable {
    public let now: Instant
    public let actor: Actor
    /// One per request, job or timer: it joins the log's entries with the structured log.
    public let request: String
    /// Why personal data are read, where a reason is required.
    public let purpose: String?
    public let entropy: any Entropy

    public init(
        now: Instant,
        actor: Actor,
        request: String,
        purpose: String? = nil,
        entropy: any Entropy = SystemEntropy()
    ) {
        self.now = now
        self.actor = actor
        self.request = request
        self.purpose = purpose
        self.entropy = entropy
    }

    public func newID<Entity>(_: Entity.Type = Entity.self) -> ID<Entity> { .new(at: now, entropy: entropy) }

    /// The same occasion at another moment, such as that of a decision which others had to answer for first.
    public func at(_ moment: Instant) -> Occasion {
        Occasion(now: moment, actor: actor, request: request, purpose: purpose, entropy: entropy)
    }

    /// The same occasion with a reason, such as one that its act was given in a field of its own.
    public func because(_ reason: String?) -> Occasion {
        guard let reason, !reason.isEmpty else { return self }
        return Occasion(now: now, actor: actor, request: request, purpose: reason, entropy: entropy)
    }

    /// The same occasion in another's name, such as the platform acting on a person's request.
    public func by(_ actor: Actor) -> Occasion {
        Occasion(now: now, actor: actor, request: request, purpose: purpose, entropy: entropy)
    }
}
