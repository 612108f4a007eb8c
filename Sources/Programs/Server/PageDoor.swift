import Foundation
import HTTPTypes
import Hummingbird
public import Kernel
import Logging
import NIOCore
import Synchronization
import Web

/// The pages and calls of a platform in the same process, through the very path that the server uses.
public struct PageDoor: Sendable {
    private let site: Site

    public init(platform: Platform) async throws {
        let logger = Logger(label: "pages", factory: { _ in SwiftLogNoOpLogHandler() })
        site = try await Faces(platform: platform, logger: logger).site()
    }

    /// A browser without JavaScript that has been nowhere yet.
    public func browser() -> PageBrowser { PageBrowser(site: site) }
}

/// One visitor: keeps cookies, and sends a form with the hidden fields that the page gave it.
public final class PageBrowser: Sendable {
    public struct Page: Sendable {
        public let status: Int
        /// Where a redirect leads; empty for a page.
        public let location: String
        /// The whole text, markup and all.
        public let text: String
        public let seconds: Double
    }

    private struct Kept {
        var cookies: [String: String] = [:]
        var hidden: [String: String] = [:]
    }

    private let site: Site
    private let kept = Mutex(Kept())

    init(site: Site) { self.site = site }

    /// The secret of the session; nil for somebody who did not sign in.
    public var session: String? { kept.withLock { $0.cookies["suban-session"] } }

    /// Goes on with another session, such as after the visitor chose for whom he acts.
    public func take(session: String) { kept.withLock { $0.cookies["suban-session"] = session } }

    public func get(_ path: String) async throws -> Page { try await ask("GET", path, body: "", type: "") }

    /// Sends a form as the last page showed it, with the fields that were filled in.
    public func send(_ path: String, fields: [String: String]) async throws -> Page {
        try await send(path, pairs: fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }

    /// The same for forms with fields that have several values.
    public func send(_ path: String, pairs: [(String, String)]) async throws -> Page {
        let hidden = kept.withLock { $0.hidden }.sorted { $0.key < $1.key }
            .filter { known in !pairs.contains { $0.0 == known.key } }
        let pairs = (hidden.map { ($0.key, $0.value) } + pairs).map { name, value in
            "\(Self.escaped(name))=\(Self.escaped(value))"
        }
        return try await ask(
            "POST",
            path,
            body: pairs.joined(separator: "&"),
            type: "application/x-www-form-urlencoded"
        )
    }

    /// Calls the interface for programs.
    public func call(_ method: String, _ path: String, body: JSON, key: String) async throws -> Page {
        try await ask(method, path, body: body.canonical, type: "application/json", key: key)
    }

    private func ask(_ method: String, _ path: String, body: String, type: String, key: String? = nil)
        async throws -> Page
    {
        var head = HTTPRequest(
            method: .init(method) ?? .get,
            scheme: "http",
            authority: "localhost:8080",
            path: Self.encoded(path)
        )
        let cookies = kept.withLock { $0.cookies }
        if !cookies.isEmpty {
            head.headerFields[.cookie] = cookies.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
                .joined(separator: "; ")
        }
        if !body.isEmpty {
            head.headerFields[.contentType] = type
            head.headerFields[.contentLength] = String(body.utf8.count)
        }
        if let key, let name = HTTPField.Name("Idempotency-Key") { head.headerFields[name] = key }
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer(string: body)))
        let began = ContinuousClock.now
        let response = await site.answer(request, from: "192.0.2.7")
        let gathered = Gathered()
        try await response.body.write(Gatherer(gathered: gathered))
        let spent = (ContinuousClock.now - began) / .seconds(1)
        let text = String(decoding: gathered.bytes.withLock { $0 }, as: UTF8.self)
        kept.withLock { kept in
            for field in response.headers[values: .setCookie] {
                let pair = field.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map(String.init)
                guard let name = pair.first else { continue }
                let value = pair.count > 1 ? pair[1] : ""
                kept.cookies[name] = value.isEmpty ? nil : value
            }
            let hidden = Self.hidden(in: text)
            if !hidden.isEmpty { kept.hidden = hidden }
        }
        return Page(
            status: response.status.code,
            location: response.headers[.location] ?? "",
            text: text,
            seconds: spent
        )
    }

    /// The hidden fields of the page: the guard of its forms and the key of this sending.
    private static func hidden(in text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for tag in text.split(separator: "<input type=\"hidden\" ").dropFirst() {
            guard let name = value("name", in: tag), let value = value("value", in: tag),
                ["_form", "_once", "_version"].contains(name)
            else { continue }
            fields[name] = value
        }
        return fields
    }

    private static func value(_ attribute: String, in tag: Substring) -> String? {
        let tag = tag.prefix { $0 != ">" }
        guard let start = tag.firstRange(of: "\(attribute)=\"") else { return nil }
        return String(tag[start.upperBound...].prefix { $0 != "\"" })
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    private static func encoded(_ path: String) -> String {
        path.addingPercentEncoding(withAllowedCharacters: .urlQueryAllowed.union(.urlPathAllowed)) ?? path
    }
}

private final class Gathered: Sendable {
    let bytes = Mutex<[UInt8]>([])
}

private struct Gatherer: ResponseBodyWriter {
    let gathered: Gathered

    mutating func write(_ buffer: ByteBuffer) async throws {
        gathered.bytes.withLock { $0 += Array(buffer.readableBytesView) }
    }

    consuming func finish(_ trailing: HTTPFields?) async throws {}
}
