import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Logging

/// What is known of a request before its handler is found: enough to write a refusal in the right language.
struct Asked: Sendable {
    let address: String
    let id: String
    let now: Instant
    let method: String
    let path: String
    let target: String
    /// Names in lower case; a name that came twice is joined with a comma.
    let headers: [String: String]
    let cookies: [String: String]
    let settings: SiteSettings
    let ports: SitePorts
    var route: Route?
    var visitor: Visitor?
    var query = FormValues()
    var language: Language
    var region: String
    var guardSeed: String?
    /// What was typed into a form that was not taken because the session or its token was over.
    var unsent: UnsentForm?
    /// Choices made by this request, to be remembered.
    var fresh: [FreshCookie] = []

    init(
        request: Request,
        address: String,
        id: String,
        now: Instant,
        settings: SiteSettings,
        ports: SitePorts
    ) {
        self.address = address
        self.id = id
        self.now = now
        self.settings = settings
        self.ports = ports
        method = request.method.rawValue
        path = request.uri.path
        target = request.uri.string
        var headers: [String: String] = [:]
        for field in request.headers {
            // Cookies that came in several fields are one list, parted as in one field (RFC 9113, 8.2.3).
            let joint = field.name == .cookie ? "; " : ", "
            headers[field.name.canonicalName, default: ""] +=
                headers[field.name.canonicalName] == nil ? field.value : joint + field.value
        }
        headers["host"] = request.head.authority ?? headers["host"]
        self.headers = headers
        cookies = Asked.cookies(in: request.headers[values: .cookie])
        language = .zh
        region = settings.region
        guardSeed = Asked.seed(cookies[settings.cookieName("suban-form")])
    }

    func cookie(_ name: String) -> String? { cookies[settings.cookieName(name)] }

    /// Up to where this browser had written, see `ReaderTrail`. Who makes one up reads what is there, or waits for nobody.
    var place: UInt64? { cookie("suban-place").flatMap { UInt64($0, radix: 36) } }

    /// A copy of the database lags by seconds; after a minute there is nothing to remember.
    mutating func remember(place: UInt64) {
        fresh.append(
            FreshCookie(name: "suban-place", value: String(place, radix: 36), ageSecondsMax: 60)
        )
    }

    private var ownCookies: [String: String] {
        let prefix = settings.cookieName("")
        return cookies.reduce(into: [:]) { own, cookie in
            if cookie.key.hasPrefix(prefix) { own[String(cookie.key.dropFirst(prefix.count))] = cookie.value }
        }
    }

    private static func seed(_ text: String?) -> String? {
        guard let text, text.utf8.count == 24, text.utf8.allSatisfy(\.isLetterOrDigit) else { return nil }
        return text
    }

    private static func cookies(in lines: [String]) -> [String: String] {
        var cookies: [String: String] = [:]
        for part in lines.joined(separator: ";").split(separator: ";").prefix(64) {
            guard let cut = part.firstIndex(of: "=") else { continue }
            let name = part[..<cut].trimmingCharacters(in: .whitespaces)
            let value = part[part.index(after: cut)...].trimmingCharacters(in: .whitespaces)
            if value.utf8.count <= 512 && cookies[name] == nil { cookies[name] = value }
        }
        return cookies
    }

    /// Language and region: what the address says, else what the cookie remembers, else what the browser prefers.
    mutating func chooseLanguage() {
        if let chosen = query["lang"].flatMap(Language.init(rawValue:)) {
            language = chosen
            fresh.append(FreshCookie(name: "suban-lang", value: chosen.rawValue, ageSecondsMax: 31_536_000))
        } else if let kept = cookie("suban-lang").flatMap(Language.init(rawValue:)) {
            language = kept
        } else {
            language = Asked.preferred(headers["accept-language"])
        }
        if let chosen = query["region"], ports.regionName(chosen, language) != nil {
            region = chosen
            fresh.append(FreshCookie(name: "suban-region", value: chosen, ageSecondsMax: 31_536_000))
        } else if let kept = cookie("suban-region"), ports.regionName(kept, language) != nil {
            region = kept
        }
    }

    /// Chinese unless the browser's first known language is English (RFC 9110, section 12.5.4, order only).
    private static func preferred(_ header: String?) -> Language {
        for part in (header ?? "").split(separator: ",").prefix(8) {
            let tag = part.trimmingCharacters(in: .whitespaces).lowercased()
            if tag.hasPrefix("zh") { return .zh }
            if tag.hasPrefix("en") { return .en }
        }
        return .zh
    }

    /// Decoded segments. An empty or dotted one is no path of ours.
    static func segments(of path: String) throws(WebRefusal) -> [String] {
        var segments: [String] = []
        guard path.hasPrefix("/") else { throw .notFound }
        if path == "/" { return [] }
        for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            let text: String
            do { text = try FormValues.decode(Array(part.utf8)[...], plusIsSpace: false) } catch {
                throw .notFound
            }
            guard !text.isEmpty, text != ".", text != "..", segments.count < 24, !text.contains("/"),
                !text.contains("\\"), !text.unicodeScalars.contains(where: { $0.value < 0x20 })
            else { throw .notFound }
            segments.append(text)
        }
        return segments
    }

    func visit(
        route: Route,
        segments: [String: String],
        form: FormValues,
        body: JSON,
        bytes: [UInt8],
        guardToken: String,
        messages: Messages,
        entropy: any Entropy,
        logger: Logger
    ) -> Visit {
        var logger = logger
        logger[metadataKey: "request"] = "\(id)"
        let actor = visitor?.actor ?? .anonymous
        let occasion = Occasion(
            now: now,
            actor: actor,
            request: id,
            purpose: actor.kind == .staff ? route.purposeField.flatMap { form.trimmed($0) } : nil,
            entropy: entropy
        )
        return Visit(
            route: route.path,
            method: route.method,
            path: path,
            visitor: visitor,
            occasion: occasion,
            language: language,
            region: region,
            segments: segments,
            query: query,
            form: form,
            body: body,
            bytes: bytes,
            headers: headers,
            cookies: ownCookies,
            address: address,
            logger: logger,
            guardToken: guardToken,
            messages: messages
        )
    }
}
