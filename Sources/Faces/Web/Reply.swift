public import Kernel

/// What a handler answers.
public struct Reply: Sendable {
    public enum Content: Sendable {
        case page(template: String, view: any PageView, heading: Heading)
        /// 303 to a path of this site.
        case redirect(String)
        case json(JSON)
        case refusal(any Refusal)
        case file(bytes: [UInt8], type: String, name: String?)
        case text(String)
        /// Sent piece by piece as it comes, until there is none.
        case stream(type: String, next: @Sendable () async throws -> [UInt8]?)
        case empty
    }

    /// How long and by whom the answer may be kept.
    public enum Keeping: Sendable, Equatable {
        /// `no-store`: everything personal, and the default.
        case never
        case shared(seconds: Int)
        /// Content under its own digest never changes.
        case forever
    }

    public var content: Content
    public var status: Int
    public var keeping: Keeping
    public var cookies: [FreshCookie]
    public var headers: [String: String]

    public init(_ content: Content, status: Int = 200, keeping: Keeping = .never) {
        self.content = content
        self.status = status
        self.keeping = keeping
        cookies = []
        headers = [:]
    }

    /// A page from `Resources/templates/<template>.mustache`. Never kept by anybody: it carries form guards.
    /// - Parameter status: 422 for a form that needs changes.
    public static func page(
        _ template: String,
        _ view: any PageView,
        heading: Heading,
        status: Int = 200
    ) -> Reply {
        Reply(.page(template: template, view: view, heading: heading), status: status)
    }

    /// To a path of this site, after a form was taken.
    public static func redirect(to path: String) -> Reply { Reply(.redirect(path), status: 303) }

    /// The same, with an address of this site to go on to afterwards.
    public static func redirect(to path: String, next: String?) -> Reply {
        redirect(to: Self.path(path, next: next))
    }

    /// The path of a page that leads on to another one afterwards.
    public static func path(_ path: String, next: String?) -> String {
        next.map { "\(path)?next=\(ReplyWriter.escapedQuery($0))" } ?? path
    }

    public static func json(_ value: JSON, status: Int = 200, keeping: Keeping = .never) -> Reply {
        Reply(.json(value), status: status, keeping: keeping)
    }

    public static func refusal(_ refusal: any Refusal) -> Reply {
        Reply(.refusal(refusal), status: refusal.status.rawValue)
    }

    /// - Parameters:
    ///   - name: when given, the browser stores the file under this name instead of showing it.
    public static func file(
        _ bytes: [UInt8],
        type: String,
        name: String? = nil,
        keeping: Keeping = .never
    ) -> Reply {
        Reply(.file(bytes: bytes, type: type, name: name), keeping: keeping)
    }

    public static func text(_ text: String, status: Int = 200) -> Reply { Reply(.text(text), status: status) }

    /// An answer that goes on as long as `next` gives anything.
    public static func stream(type: String, next: @escaping @Sendable () async throws -> [UInt8]?) -> Reply {
        Reply(.stream(type: type, next: next))
    }

    public static let nothing = Reply(.empty, status: 204)

    /// The same answer with a cookie set or, with an empty value, taken away.
    public func setting(_ cookie: FreshCookie) -> Reply {
        var reply = self
        reply.cookies.append(cookie)
        return reply
    }
}

/// What a page is called and where it stands.
public struct Heading: Sendable {
    public struct Crumb: Sendable {
        public let text: String
        /// A path of this site; nil for the page itself.
        public let href: String?

        public init(_ text: String, href: String? = nil) {
            self.text = text
            self.href = href
        }
    }

    /// The `<h1>` and first part of the `<title>`.
    public let title: String
    /// The service to which the page belongs, second part of the `<title>`.
    public let service: String?
    /// From the home page downwards, the page itself not included.
    public let crumbs: [Crumb]
    /// Which entry of the main navigation is lit: `home`, `services`, `progress`, `verify`, `mine`, `inbox` …
    public let section: String?
    /// Sets `错误：` before the title.
    public let hasErrors: Bool

    public init(
        _ title: String,
        service: String? = nil,
        crumbs: [Crumb] = [],
        section: String? = nil,
        hasErrors: Bool = false
    ) {
        self.title = title
        self.service = service
        self.crumbs = crumbs
        self.section = section
        self.hasErrors = hasErrors
    }
}

/// A cookie to be set. Its name is prefixed with `__Host-` when the site is served over https.
public struct FreshCookie: Sendable {
    public let name: String
    public let value: String
    /// Nil ends with the browser; 0 takes the cookie away.
    public let ageSecondsMax: Int?

    public init(name: String, value: String, ageSecondsMax: Int? = nil) {
        self.name = name
        self.value = value
        self.ageSecondsMax = ageSecondsMax
    }

    /// The cookie that carries a session's token.
    public static func session(_ token: String) -> FreshCookie {
        FreshCookie(name: "suban-session", value: token)
    }

    /// Takes the session's cookie away.
    public static let signedOut = FreshCookie(name: "suban-session", value: "", ageSecondsMax: 0)
}
