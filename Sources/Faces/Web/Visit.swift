public import Kernel
public import Storage

/// Somebody known to the platform, as the faces see them: made by the session or key lookup that `Server` binds.
///
/// An object, because every part of a request carries it along.
public final class Visitor: Sendable {
    public let actor: Actor
    public let roles: Set<Role>
    /// As the header shows it, already masked.
    public let name: String
    /// The session's identifier (never its token): guard tokens are bound to it.
    public let session: String
    /// The enterprise for which the visitor acts.
    public let enterprise: String?
    /// The region and agency of an official.
    public let region: String?
    public let agency: String?
    /// What the identity engine knows about the visitor, for handlers that need more.
    public let principal: (any Sendable)?

    public init(
        actor: Actor,
        roles: Set<Role>,
        name: String,
        session: String,
        enterprise: String? = nil,
        region: String? = nil,
        agency: String? = nil,
        principal: (any Sendable)? = nil
    ) {
        self.actor = actor
        self.roles = roles
        self.name = name
        self.session = session
        self.enterprise = enterprise
        self.region = region
        self.agency = agency
        self.principal = principal
    }
}

/// One request, read and checked, as a handler gets it.
///
/// An object, because every part of a request carries it along.
public final class Visit: Sendable {
    public let route: String
    public let method: Route.Method
    /// The path as asked, without query.
    public let path: String
    public let visitor: Visitor?
    public let occasion: Occasion
    public let language: Language
    /// The administrative division that the visitor chose, six digits.
    public let region: String
    /// The values that stand for `{name}` in the route's path, decoded.
    public let segments: [String: String]
    public let query: FormValues
    /// The fields of a submitted form; empty otherwise.
    public let form: FormValues
    /// The JSON body of an API call; null otherwise.
    public let body: JSON
    /// The body's bytes, for calls that are signed over them.
    public let bytes: [UInt8]
    public let headers: HeadFields
    let cookies: Cookies
    /// The peer's address, for limits and session lists; never shown.
    public let address: String
    let site: Site
    let guardSeed: String
    /// To the route's questions, where they came with the session.
    private let answers: [[Row]]?

    init(
        _ asked: Asked,
        route: Route,
        segments: [String: String],
        form: FormValues,
        body: JSON,
        bytes: [UInt8]
    ) {
        let head = asked.head
        let actor = asked.visitor?.actor ?? .anonymous
        self.route = route.path
        method = route.method
        path = head.path
        visitor = asked.visitor
        occasion = Occasion(
            now: head.now,
            actor: actor,
            request: head.id,
            purpose: actor.kind == .staff ? route.purposeField.flatMap { form.trimmed($0) } : nil,
            entropy: head.site.entropy
        )
        language = asked.language
        region = asked.region
        self.segments = segments
        query = asked.query
        self.form = form
        self.body = body
        self.bytes = bytes
        headers = head.headers
        cookies = head.cookies
        address = head.address
        site = head.site
        guardSeed = asked.guardSeed ?? ""
        answers = asked.answers
    }

    /// The answer to the route's own questions: the one that came with the session, or else the database's of now.
    public func answer<Answer>(to glance: Glance<Answer>, in database: any Database) async throws -> Answer {
        if let answers, answers.count == glance.questionCount { return try glance.answer(answers) }
        return try await database.look(glance)
    }

    public var now: Instant { occasion.now }
    var messages: Messages { site.messages }

    /// Goes into every form as `_form`.
    var guardToken: String {
        FormGuard(settings: site.settings).token(session: visitor?.session, seed: guardSeed)
    }

    public var roles: Set<Role> { visitor?.roles ?? [.anonymous] }

    /// The value that stands for `{name}` in the route's path.
    public func segment(_ name: String) throws(WebRefusal) -> String {
        guard let value = segments[name] else { throw .notFound }
        return value
    }

    /// What the browser keeps under the name of a `FreshCookie`; without this site's prefix it is another's.
    public func cookie(_ name: String) -> String? { cookies[site.settings.cookieName(name)] }

    /// The signed-in visitor. Routes that do not serve anonymous visitors always have one.
    public func someone() throws(WebRefusal) -> Visitor {
        guard let visitor else { throw .signInNeeded }
        return visitor
    }

    /// What makes a repeated submit the same submit: the hidden field `_once` of a form, or the header
    /// `Idempotency-Key` of a call. 16...64 letters, digits, `-` or `_`; nil when absent.
    public var onceKey: String? {
        let candidate = form["_once"] ?? headers["idempotency-key"]
        guard let candidate, (16...64).contains(candidate.utf8.count),
            candidate.utf8.allSatisfy({ $0.isLetterOrDigit || $0 == 0x2D || $0 == 0x5F })
        else { return nil }
        return candidate
    }

    /// Whether a key is worded: for names that come from outside the program.
    public func has(_ key: String) -> Bool { messages.has(key, in: .zh) }

    /// A message in the visitor's language.
    public func text(_ key: String, _ arguments: [String: String] = [:]) -> String {
        messages.text(key, in: language, arguments)
    }

    /// What is wrong and what to do next, in the visitor's language.
    public func explain(_ refusal: any Refusal) -> (wrong: String, next: String) {
        messages.explain(refusal, in: language)
    }

    /// The same as one line, to stand at a field: with one stop between the two, and said once where both say the same.
    public func sentence(_ refusal: any Refusal) -> String {
        let (wrong, next) = explain(refusal)
        let stops: Set<Character> = ["。", "."]
        let said = wrong.last.map(stops.contains) == true ? String(wrong.dropLast()) : wrong
        let asked = next.last.map(stops.contains) == true ? String(next.dropLast()) : next
        return said.hasPrefix(asked) ? wrong : said + text("web.and-then") + next
    }
}

extension UInt8 {
    var isLetterOrDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
    }
}
