import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Storage

/// What a request brought, and what the server says of it.
final class AskedHead: Sendable {
    let address: String
    let id: String
    let now: Instant
    let method: String
    let path: String
    let target: String
    let headers: HeadFields
    let cookies: Cookies
    let site: Site

    init(request: Request, address: String, id: String, now: Instant, site: Site) {
        self.address = address
        self.id = id
        self.now = now
        self.site = site
        method = request.method.rawValue
        path = request.uri.path
        target = request.uri.string
        headers = HeadFields(request)
        cookies = Cookies(headers["cookie"])
    }
}

/// What is known of a request before its handler is found: enough to write a refusal in the right language.
struct Asked: Sendable {
    let head: AskedHead
    var route: Route?
    var visitor: Visitor?
    /// To the route's questions.
    var answers: [[Row]]?
    var query = FormValues()
    var language: Language
    var region: String
    var guardSeed: String?
    /// What was typed into a form that was not taken because the session or its token was over.
    var unsent: UnsentForm?
    /// Choices made by this request, to be remembered.
    var fresh: [FreshCookie] = []

    init(request: Request, address: String, id: String, now: Instant, site: Site) {
        head = AskedHead(request: request, address: address, id: id, now: now, site: site)
        language = .zh
        region = site.settings.region
        guardSeed = Asked.seed(head.cookies[site.settings.cookieName("suban-form")])
    }

    var address: String { head.address }
    var id: String { head.id }
    var now: Instant { head.now }
    var method: String { head.method }
    var path: String { head.path }
    var target: String { head.target }
    var headers: HeadFields { head.headers }
    var cookies: Cookies { head.cookies }
    var site: Site { head.site }

    func cookie(_ name: String) -> String? { cookies[site.settings.cookieName(name)] }

    /// Up to where this browser had written, see `ReaderTrail`. Who makes one up reads what is there, or waits for nobody.
    var place: UInt64? { cookie("suban-place").flatMap { UInt64($0, radix: 36) } }

    /// A copy of the database lags by seconds; after a minute there is nothing to remember.
    mutating func remember(place: UInt64) {
        fresh.append(
            FreshCookie(name: "suban-place", value: String(place, radix: 36), ageSecondsMax: 60)
        )
    }

    private static func seed(_ text: String?) -> String? {
        guard let text, text.utf8.count == 24, text.utf8.allSatisfy(\.isLetterOrDigit) else { return nil }
        return text
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
        if let chosen = query["region"], site.ports.regionName(chosen, language) != nil {
            region = chosen
            fresh.append(FreshCookie(name: "suban-region", value: chosen, ageSecondsMax: 31_536_000))
        } else if let kept = cookie("suban-region"), site.ports.regionName(kept, language) != nil {
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
        guard path.utf8.first == UInt8(ascii: "/") else { throw .notFound }
        if path.utf8.count == 1 { return [] }
        if let plain = plainSegments(of: path) { return plain }
        var segments: [String] = []
        for part in path.utf8.dropFirst().split(
            separator: UInt8(ascii: "/"),
            omittingEmptySubsequences: false
        ) {
            let text: String
            do { text = try FormValues.decode(Array(part)[...], plusIsSpace: false) } catch {
                throw .notFound
            }
            guard !text.isEmpty, text != ".", text != "..", segments.count < 24, !text.contains("/"),
                !text.contains("\\"), !text.unicodeScalars.contains(where: { $0.value < 0x20 })
            else { throw .notFound }
            segments.append(text)
        }
        return segments
    }

    /// Most paths are plain words, in which nothing can be hidden; nil for any other.
    private static func plainSegments(of path: String) -> [String]? {
        var path = path
        return path.withUTF8 { bytes in
            var segments: [String] = []
            segments.reserveCapacity(8)
            var start = 1
            for index in 1...bytes.count {
                if index < bytes.count, bytes[index] != UInt8(ascii: "/") {
                    guard bytes[index].isLetterOrDigit || bytes[index] == UInt8(ascii: "-") else {
                        return nil
                    }
                    continue
                }
                guard index > start, segments.count < 24 else { return nil }
                segments.append(String(decoding: bytes[start..<index], as: UTF8.self))
                start = index + 1
            }
            return segments
        }
    }
}
