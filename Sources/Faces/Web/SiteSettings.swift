public import Kernel
public import Storage

/// What differs from one installation to another.
public struct SiteSettings: Sendable {
    /// What the site calls itself.
    public var name: Bilingual
    /// `https://…` under which browsers see the site; nil when it is served on loopback over http.
    public var origin: String?
    /// Guard tokens are made with it: at least 16 bytes, the same on every node, never in the log.
    public var secret: [UInt8]
    /// The administrative division shown when nobody chose one.
    public var region: String
    public var signInPath: String
    /// Shown in the footer: organisations, record numbers. Empty lines are left out.
    public var imprint: [Bilingual]
    /// A whole body must have come within this time.
    public var bodySecondsMax: Int
    /// The demonstration's banner: no page may be taken for an act of an authority.
    public var isDemonstration: Bool
    /// Served before the platform, which knows who has signed in: pages without forms and without the platform's links.
    public var isFront: Bool

    public init(
        name: Bilingual = Bilingual(zh: "蒙速办", en: "Suban"),
        origin: String? = nil,
        secret: [UInt8],
        region: String = "150000",
        signInPath: String = "/sign-in",
        imprint: [Bilingual] = [],
        bodySecondsMax: Int,
        isDemonstration: Bool = false,
        isFront: Bool = false
    ) {
        precondition(secret.count >= 16, "a secret of at least 16 bytes")
        self.name = name
        self.origin = origin
        self.secret = secret
        self.region = region
        self.signInPath = signInPath
        self.imprint = imprint
        self.bodySecondsMax = bodySecondsMax
        self.isDemonstration = isDemonstration
        self.isFront = isFront
    }

    var isSecure: Bool { origin?.hasPrefix("https://") ?? false }

    /// Cookies carry the prefix that keeps other hosts from setting them, where browsers allow it.
    func cookieName(_ name: String) -> String { isSecure ? "__Host-\(name)" : name }
}

/// What the faces ask of the rest of the program; `Server` binds each.
public struct SitePorts: Sendable {
    /// Who holds this session token, if anybody does, with the answers to questions that travel along; none when he
    /// has to be asked for otherwise.
    public var session:
        @Sendable (_ token: String, _ now: Instant, _ questions: [Question]) async throws -> (
            visitor: Visitor, answers: [[Row]]
        )?
    /// Whose signed call this is. Throws a refusal when a signature is there and wrong; nil when there is none.
    public var key: @Sendable (SignedCall) async throws -> Visitor?
    /// Seconds to wait before this address or visitor may ask again; nil when it may now.
    public var wait:
        @Sendable (_ address: String, _ visitor: Visitor?, _ route: Route?, _ now: Instant) -> Int?
    /// Whether rows may be read for this address together with the session, before anybody knows who asks. Where too much
    /// was asked a token has to open a session first.
    public var mayAskAlong: @Sendable (_ address: String, _ now: Instant) -> Bool
    /// What a form with such files may measure now, in bytes.
    public var uploadBytesMax: @Sendable (_ upload: Route.Upload, _ now: Instant) -> Int
    /// Told of every refusal to somebody known, for the log.
    public var refused: @Sendable (_ visit: Visit, _ refusal: any Refusal) async -> Void
    /// Told of every answer, for figures and lines of the operator's log.
    public var answered: @Sendable (Answered) -> Void
    /// The name of an administrative division by its six digits; nil when there is none.
    public var regionName: @Sendable (_ code: String, _ language: Language) -> String?
    /// Seconds until the site opens; nil when it is open.
    public var closed: @Sendable () -> Int?
    /// Whether anything may be changed now; asked before every request that is more than reading.
    public var isWritable: @Sendable (_ now: Instant) async -> Bool
    /// An announced time in which nothing is changed: the one that is on, else the next; nil when there is none.
    public var notice: @Sendable (_ now: Instant) -> SiteNotice?
    /// How many people, firms and cases of this installation are made up; nil when none are.
    public var madeUp: @Sendable () -> MadeUp?
    /// Whether somebody may do an operation of the permission table at all, or with what is an agency's; the menu asks it.
    public var may: @Sendable (_ visitor: Visitor?, _ operation: String, _ agency: String?) -> Bool

    public init(
        session:
            @escaping @Sendable (String, Instant, [Question]) async throws -> (
                visitor: Visitor, answers: [[Row]]
            )? = { _, _, _ in nil },
        key: @escaping @Sendable (SignedCall) async throws -> Visitor? = { _ in nil },
        wait: @escaping @Sendable (String, Visitor?, Route?, Instant) -> Int? = { _, _, _, _ in nil },
        mayAskAlong: @escaping @Sendable (String, Instant) -> Bool = { _, _ in true },
        uploadBytesMax: @escaping @Sendable (Route.Upload, Instant) -> Int = { _, _ in 0 },
        refused: @escaping @Sendable (Visit, any Refusal) async -> Void = { _, _ in },
        answered: @escaping @Sendable (Answered) -> Void = { _ in },
        regionName: @escaping @Sendable (String, Language) -> String? = { _, _ in nil },
        closed: @escaping @Sendable () -> Int? = { nil },
        isWritable: @escaping @Sendable (Instant) async -> Bool = { _ in true },
        notice: @escaping @Sendable (Instant) -> SiteNotice? = { _ in nil },
        madeUp: @escaping @Sendable () -> MadeUp? = { nil },
        may: @escaping @Sendable (Visitor?, String, String?) -> Bool = { _, _, _ in true }
    ) {
        self.session = session
        self.key = key
        self.wait = wait
        self.mayAskAlong = mayAskAlong
        self.uploadBytesMax = uploadBytesMax
        self.refused = refused
        self.answered = answered
        self.regionName = regionName
        self.closed = closed
        self.isWritable = isWritable
        self.notice = notice
        self.madeUp = madeUp
        self.may = may
    }
}

/// A population that a seed made up: every page and the description of the API say so.
public struct MadeUp: Sendable {
    public let subjects: Int
    public let cases: Int
    public let licences: Int

    public init(subjects: Int, cases: Int, licences: Int) {
        self.subjects = subjects
        self.cases = cases
        self.licences = licences
    }

    func words(_ messages: Messages, in language: Language) -> String {
        let counts = ["subjects": String(subjects), "cases": String(cases), "licences": String(licences)]
        return messages.text("web.made-up", in: language, counts)
    }
}

/// A time announced beforehand in which nothing is changed.
public struct SiteNotice: Sendable {
    public let from: Instant
    public let to: Instant
    public let isOn: Bool
    public let words: Bilingual

    public init(from: Instant, to: Instant, isOn: Bool, words: Bilingual) {
        self.from = from
        self.to = to
        self.isOn = isOn
        self.words = words
    }
}

/// An answer, without anything of what was asked or answered: the route as the table writes it, never the path.
public struct Answered: Sendable {
    public let request: String
    public let method: String
    /// `-` where there is none.
    public let route: String
    public let status: Int
    public let duration: Duration

    public init(request: String, method: String, route: String, status: Int, duration: Duration) {
        self.request = request
        self.method = method
        self.route = route
        self.status = status
        self.duration = duration
    }
}

/// An API call as its signature covers it.
public struct SignedCall: Sendable {
    public let method: String
    /// Path and query as sent.
    public let target: String
    /// Names in lower case.
    public let headers: [String: String]
    public let bytes: [UInt8]
    public let now: Instant
}

/// One face: its routes and where they appear in the navigation.
public struct Face: Sendable {
    public let routes: [Route]
    public let navigation: [NavigationEntry]

    public init(routes: [Route], navigation: [NavigationEntry] = []) {
        self.routes = routes
        self.navigation = navigation
    }
}

/// A way into a face.
public struct NavigationEntry: Sendable {
    public enum Place: Sendable {
        /// The bar under the header.
        case main
        /// The phone's tab bar; at most five.
        case tab
        /// The left menu of the workbench.
        case desk
    }

    public let section: String
    public let path: String
    /// A message key.
    public let label: String
    public let icon: String
    public let places: Set<Place>
    /// Shown to those who hold one of these roles.
    public let who: Set<Role>
    /// An operation of the permission table without which the way leads nowhere; nil for a way open to the roles.
    public let operation: String?
    /// The agency whose things the page is about; nil where everybody sees those of his own.
    public let agency: String?

    public init(
        section: String,
        path: String,
        label: String,
        icon: String,
        places: Set<Place>,
        who: Set<Role> = .everyone,
        operation: String? = nil,
        agency: String? = nil
    ) {
        self.agency = agency
        self.section = section
        self.path = path
        self.label = label
        self.icon = icon
        self.places = places
        self.who = who
        self.operation = operation
    }
}
