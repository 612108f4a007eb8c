import Foundation
public import HTTPTypes
import Hummingbird
import Kernel
import NIOCore

/// Turns a reply into bytes and headers.
struct ReplyWriter: Sendable {
    let site: Site
    let asked: Asked
    let visit: Visit?

    func write(_ reply: Reply) throws -> Response {
        var headers = HTTPFields()
        var bytes: [UInt8] = []
        var fresh = asked.fresh + reply.cookies
        switch reply.content {
        case .page(let template, let view, let heading):
            bytes = try html(template, view, heading)
            headers[.contentType] = "text/html; charset=utf-8"
            if let seed = asked.guardSeed, seed != asked.cookie("suban-form") {
                fresh.append(FreshCookie(name: "suban-form", value: seed))
            }
        case .redirect(let path): headers[.location] = ReplyWriter.ownPath(path)
        case .json(let value):
            bytes = value.canonicalBytes
            headers[.contentType] = "application/json"
        case .refusal(let refusal): return write(refusal: refusal)
        case .file(let content, let type, let name):
            bytes = content
            headers[.contentType] = type
            if let name { headers[.contentDisposition] = ReplyWriter.disposition(name) }
        case .text(let text):
            bytes = Array(text.utf8)
            headers[.contentType] = "text/plain; charset=utf-8"
        case .stream(let type, _): headers[.contentType] = type
        case .empty: break
        }
        for (name, value) in reply.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        let response = finish(
            status: reply.status,
            headers: headers,
            bytes: bytes,
            cookies: fresh,
            keeping: reply.keeping
        )
        guard case .stream(_, let next) = reply.content else { return response }
        return streaming(next, response)
    }

    /// The same answer with a body of unknown length. A proxy is asked not to keep pieces back.
    private func streaming(
        _ next: @escaping @Sendable () async throws -> [UInt8]?,
        _ response: Response
    ) -> Response {
        var response = response
        response.headers[.contentLength] = nil
        if let name = HTTPField.Name("X-Accel-Buffering") { response.headers[name] = "no" }
        guard asked.method != "HEAD" else { return response }
        response.body = ResponseBody { writer in
            while let bytes = try await next() { try await writer.write(ByteBuffer(bytes: bytes)) }
            try await writer.finish(nil)
        }
        return response
    }

    func redirect(to path: String) -> Response {
        var headers = HTTPFields()
        headers[.location] = ReplyWriter.ownPath(path)
        return finish(status: 303, headers: headers, bytes: [], cookies: asked.fresh)
    }

    private func html(_ template: String, _ view: any PageView, _ heading: Heading) throws -> [UInt8] {
        let frame = FrameView(site: site, asked: asked, heading: heading)
        let root = PageRoot(
            view: view,
            frame: frame,
            messages: site.messages.node(in: asked.language),
            icons: site.icons,
            assets: site.assets,
            guardToken: visit?.guardToken ?? "",
            once: Base32.encode(site.entropy.bytes(15))
        )
        guard let text = site.templates.render(template, root) else {
            throw TemplateMissing(name: template)
        }
        return Array(text.utf8)
    }

    /// A refusal as a page for browsers and as problem+json (RFC 9457) for programs.
    func write(refusal: any Refusal) -> Response {
        let status = (refusal as? WebRefusal)?.httpStatus ?? refusal.status.rawValue
        let (wrong, next) = site.messages.explain(refusal, in: asked.language)
        var headers = HTTPFields()
        if let web = refusal as? WebRefusal {
            switch web {
            case .methodNotAllowed(let allowed): headers[.allow] = allowed.joined(separator: ", ")
            case .tooManyRequests(let seconds), .closed(let seconds), .maintenance(_, let seconds):
                headers[.retryAfter] = String(seconds)
            case .bodyTooLarge, .bodyTooSlow: headers[.connection] = "close"
            default: break
            }
        }
        if wantsProgram {
            let problem = ReplyWriter.problem(refusal, status: status, wrong: wrong, next: next, id: asked.id)
            headers[.contentType] = "application/problem+json"
            return finish(status: status, headers: headers, bytes: problem.canonicalBytes)
        }
        if status == 401, asked.method == "GET" || asked.method == "HEAD" {
            headers[.location] = "\(site.settings.signInPath)?next=\(ReplyWriter.escapedQuery(asked.target))"
            return finish(status: 303, headers: headers, bytes: [], cookies: asked.fresh)
        }
        headers[.contentType] = "text/html; charset=utf-8"
        // Its token hangs on the cookie, which sign-in in another window must not have to make first.
        var fresh = asked.fresh
        if asked.unsent != nil, let seed = asked.guardSeed, seed != asked.cookie("suban-form") {
            fresh.append(FreshCookie(name: "suban-form", value: seed))
        }
        let view = ErrorPage(
            status: status,
            wrong: wrong,
            next: asked.unsent == nil ? next : site.messages.text("web.unsent.next", in: asked.language),
            reference: asked.id,
            code: refusal.code,
            unsent: asked.unsent
        )
        let bytes = (try? html("error", view, Heading(wrong))) ?? Array("\(status) \(asked.id)".utf8)
        return finish(status: status, headers: headers, bytes: bytes, cookies: fresh)
    }

    private var wantsProgram: Bool {
        if let route = asked.route { return route.face == .api }
        return asked.path.hasPrefix("/api/")
    }

    static func problem(_ refusal: any Refusal, status: Int, wrong: String, next: String, id: String) -> JSON
    {
        [
            "type": .string("/problems/\(refusal.code)"), "title": .string(wrong), "status": JSON(status),
            "detail": .string(next), "code": .string(refusal.code), "instance": .string(id),
        ]
    }

    private func finish(
        status: Int,
        headers: HTTPFields,
        bytes: [UInt8],
        cookies: [FreshCookie] = [],
        keeping: Reply.Keeping = .never
    ) -> Response {
        let own = headers
        var headers = SafetyHeaders.all(isSecure: site.settings.isSecure)
        for field in own where !headers.contains(field.name) { headers.append(field) }
        if let name = SafetyHeaders.requestName { headers[name] = asked.id }
        switch keeping {
        case .never: headers[.cacheControl] = "no-store"
        case .shared(let seconds):
            headers[.cacheControl] = "public, max-age=\(seconds)"
            headers[.vary] = "Accept-Language, Cookie"
        case .forever: headers[.cacheControl] = "public, max-age=31536000, immutable"
        }
        for cookie in cookies where keeping != .forever {
            headers.append(HTTPField(name: .setCookie, value: line(of: cookie)))
        }
        headers[.contentLength] = status == 204 ? nil : String(bytes.count)
        let isHead = asked.method == "HEAD"
        return Response(
            status: .init(code: status),
            headers: headers,
            body: isHead || bytes.isEmpty ? .init() : .init(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    private func line(of cookie: FreshCookie) -> String {
        var line = "\(site.settings.cookieName(cookie.name))=\(cookie.value); Path=/; HttpOnly; SameSite=Lax"
        if let age = cookie.ageSecondsMax { line += "; Max-Age=\(age)" }
        return site.settings.isSecure ? line + "; Secure" : line
    }

    /// Only a path of this site: anything else leads home.
    static func ownPath(_ path: String) -> String {
        let isOwn =
            path.hasPrefix("/") && !path.hasPrefix("//") && !path.contains("\\")
            && !path.unicodeScalars.contains { $0.value < 0x21 }
        guard isOwn else { return "/" }
        return String(
            path.utf8.flatMap { byte -> [Character] in
                byte < 0x80
                    ? [Character(Unicode.Scalar(byte))]
                    : Array("%" + Hex.encode(CollectionOfOne(byte)).uppercased())
            }
        )
    }

    static func escapedQuery(_ text: String) -> String {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~/")
        return text.addingPercentEncoding(
            withAllowedCharacters: allowed.intersection(.init(charactersIn: "\u{0}"..."\u{7F}"))
        ) ?? ""
    }

    /// RFC 6266: an ASCII name for old readers and the full one encoded.
    static func disposition(_ name: String) -> String {
        let bad = Set("\"\\/:*?<>|;%")
        // What cannot be seen may turn the order of what can: `a\u{202E}fdp.exe` reads as `aexe.pdf`.
        let seen = name.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
        let clean = String(String(String.UnicodeScalarView(seen)).filter { !bad.contains($0) }.prefix(120))
        let plain = String(clean.map { $0.isASCII ? $0 : "_" })
        return "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(escapedQuery(clean))"
    }
}

struct TemplateMissing: Error {
    let name: String
}

/// What every answer tells the browser to forbid.
public enum SafetyHeaders {
    static let requestName = HTTPField.Name("X-Request-Id")
    static let policy =
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
        + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

    public static func add(to headers: inout HTTPFields, isSecure: Bool) {
        for field in all(isSecure: isSecure) { headers[field.name] = field.value }
    }

    static func all(isSecure: Bool) -> HTTPFields { isSecure ? secure : fixed }

    private static let fixed = fields([
        ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"),
    ])
    private static let secure =
        fixed + fields([("Strict-Transport-Security", "max-age=63072000; includeSubDomains")])

    private static func fields(_ lines: [(name: String, value: String)]) -> HTTPFields {
        HTTPFields(
            lines.compactMap { line in
                HTTPField.Name(line.name).map { HTTPField(name: $0, value: line.value) }
            }
        )
    }
}
