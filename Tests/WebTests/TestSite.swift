import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Logging
import NIOCore
import Synchronization

@testable import Web

/// A site with routes of the test's own, asked in the same process through the very path that the server uses.
struct TestSite {
    let site: Site

    /// Read once for all tests.
    static let files = Result { try SiteFiles.load(try Home.find()) }

    static let secret = Array("a secret of the tests".utf8)

    /// Tokens are `<role>` or `<role>-<number>`: whoever shows one holds that role.
    init(
        routes: [Route] = [],
        origin: String? = nil,
        bodySecondsMax: Int = 30,
        demonstration: Bool = false,
        change: (inout SitePorts) -> Void = { _ in }
    ) throws {
        var settings = SiteSettings(
            origin: origin,
            secret: TestSite.secret,
            bodySecondsMax: bodySecondsMax,
            isDemonstration: demonstration
        )
        settings.imprint = []
        var ports = SitePorts(
            session: { token, _, _ in TestSite.visitor(token).map { ($0, []) } },
            regionName: { code, _ in ["150000": "内蒙古自治区", "150200": "包头市"][code] }
        )
        change(&ports)
        let clock = ManualClock(Instant(LocalDate(dayNumber: 20_000), hour: 9))
        site = try Site(
            files: try TestSite.files.get(),
            settings: settings,
            ports: ports,
            faces: [Face(routes: routes)],
            clock: clock,
            entropy: SeededEntropy(seed: 7),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    static func visitor(_ token: String) -> Visitor? {
        let name = token.split(separator: "_").first.map(String.init) ?? token
        guard let role = Role(rawValue: name) else { return nil }
        return Visitor(
            actor: Actor(.person, id: token, role: name),
            roles: [role],
            name: "张*三",
            session: token
        )
    }

    struct Answer {
        let status: Int
        let headers: HTTPFields
        let text: String

        func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }
        func headers(_ name: String) -> [String] { HTTPField.Name(name).map { headers[values: $0] } ?? [] }
    }

    func ask(
        _ method: String,
        _ target: String,
        headers: [String: String] = [:],
        body: [UInt8]? = nil
    ) async -> Answer {
        var request = HTTPRequest(
            method: .init(method) ?? .get,
            scheme: "http",
            authority: "localhost:8080",
            path: target
        )
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { request.headerFields[name] = value }
        }
        let buffer = ByteBuffer(bytes: body ?? [])
        if body != nil { request.headerFields[.contentLength] = String(buffer.readableBytes) }
        return await ask(Request(head: request, body: RequestBody(buffer: buffer)))
    }

    func ask(_ request: Request) async -> Answer {
        let response = await site.answer(request, from: "192.0.2.7")
        let kept = Kept()
        try? await response.body.write(BodyKeeper(kept: kept))
        return Answer(
            status: Int(response.status.code),
            headers: response.headers,
            text: String(decoding: kept.bytes.withLock { $0 }, as: UTF8.self)
        )
    }

    /// A form as a browser of `session` would send it.
    func submit(
        _ path: String,
        _ fields: [String: String],
        session: String? = nil,
        headers: [String: String] = [:]
    ) async -> Answer {
        let seed = "ABCDEFGHJKMNPQRSTVWXYZ23"
        let token = FormGuard(settings: site.settings).token(session: session, seed: seed)
        var all = fields
        all["_form"] = all["_form"] ?? token
        var cookies = "suban-form=\(seed)"
        if let session { cookies += "; suban-session=\(session)" }
        var sent = headers
        sent["Cookie"] = sent["Cookie"] ?? cookies
        sent["Content-Type"] = sent["Content-Type"] ?? "application/x-www-form-urlencoded"
        let text = all.sorted { $0.key < $1.key }.map {
            "\(TestSite.escape($0.key))=\(TestSite.escape($0.value))"
        }
        return await ask("POST", path, headers: sent, body: Array(text.joined(separator: "&").utf8))
    }

    static func escape(_ text: String) -> String {
        text.utf8.map { byte in
            byte.isLetterOrDigit ? String(UnicodeScalar(byte)) : "%" + Hex.encode(CollectionOfOne(byte))
        }.joined()
    }
}

final class Kept: Sendable {
    let bytes = Mutex<[UInt8]>([])
}

struct BodyKeeper: ResponseBodyWriter {
    let kept: Kept

    mutating func write(_ buffer: ByteBuffer) async throws {
        kept.bytes.withLock { $0 += Array(buffer.readableBytesView) }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
