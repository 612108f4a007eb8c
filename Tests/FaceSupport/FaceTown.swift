import Attachments
import Audit
import Cases
import CompanyNames
import CompanyOpening
import Cryptography
import Exchange
import Foundation
import HTTPTypes
import Hummingbird
public import Identity
public import Kernel
import Logging
import NIOCore
public import Server
import Simulators
public import Storage
import Synchronization
public import Testing
import TownSupport
public import Web

/// A platform with demonstration accounts and every party in the same process, asked as browsers and programs ask it:
/// through the real faces, with real sessions, guard tokens and cookies.
public final class FaceTown: Sendable {
    public let town: DemoTown
    public let site: Site
    public let folder: String
    let home: Home
    private let browsers = Mutex<[String: Browser]>([:])
    private let asked = Mutex(0)

    public var platform: Platform { town.platform }

    /// What one browser keeps.
    private struct Browser: Sendable {
        var cookies: [String: String] = [:]
        var guardToken = ""
    }

    private static let shop = TownShop(configure: {
        $0.isDemonstration = true
        $0.passwords = quick
    }) { town in
        _ = try await Faces(platform: town.platform, logger: quiet)
        try await StrangeVisitors.appoint(in: town.platform)
    }
    /// Walks sign in by the thousand, and are about doors: how hard a password is to guess is tested with the passwords.
    static let quick = ScryptParameters(logN: 10, r: 8, p: 1)
    private static let files = Result { try SiteFiles.load(Home.find()) }
    private static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Runs `body` in a new town, which is closed and taken away afterwards.
    public static func open(
        on engine: DatabaseEngine = .sqlite,
        at start: String = "2026-03-02 10:00",
        location: SourceLocation = #_sourceLocation,
        _ body: (FaceTown) async throws -> Void
    ) async throws {
        try await shop.on(engine, at: start, seed: 7, location: location) { copy in
            try await body(try await FaceTown(copy))
        }
    }

    private init(_ copy: TownCopy) async throws {
        home = try Home.find()
        folder = copy.folder
        town = copy.town
        site = try await Faces(platform: copy.town.platform, logger: Self.quiet).site(
            files: Self.files.get(),
            change: StrangeVisitors.admit
        )
    }

    // MARK: people

    /// Signs an account in, as its browser does.
    public func signIn(_ login: String) async throws {
        browsers.withLock { $0[login] = nil }
        if let token = StrangeVisitors.token(of: login) {
            browsers.withLock { $0[login, default: Browser()].cookies["suban-session"] = token }
            return
        }
        let lines = try DemoAccounts.read(home: home)
        guard let password = lines.first(where: { $0.login == login })?.password ?? lines.first?.password
        else { throw CancellationError() }
        let answer = try await post("/sign-in", ["login": login, "password": password], as: login)
        guard answer.status == 303 else { throw CancellationError() }
        browsers.withLock { $0[login]?.guardToken = "" }
    }

    /// Lets time pass with everything that falls due, the log signed as the running server signs it; sessions end.
    public func pass(_ milliseconds: Int64) async throws {
        try await town.move(to: town.clock.now + milliseconds)
        try await platform.keeper.round()
        closeBrowsers()
    }

    /// Verifies somebody more strongly than before; open sessions know it at once.
    public func verify(_ login: String, as level: RealNameLevel) async throws {
        let session = try await session(login)
        let occasion = try await occasion(of: login)
        guard case .person(let person, _, _, _) = session.principal else { throw CancellationError() }
        try await platform.database.write { tx in
            try People.verified(person, as: level, score: nil, reference: "test", occasion: occasion, in: tx)
        }
    }

    /// Forgets every session, as when all browsers were closed.
    public func closeBrowsers() { browsers.withLock { $0 = [:] } }

    /// Who stands behind a signed-in browser.
    public func session(_ login: String) async throws -> Session {
        try await ready(login)
        guard let token = browsers.withLock({ $0[login]?.cookies["suban-session"] }) else {
            throw CancellationError()
        }
        let now = town.clock.now
        guard
            let session = try await platform.database.read({
                try Sessions.find(token: token, now: now, in: $0)
            })
        else { throw CancellationError() }
        return session
    }

    /// The same person from now on acts for an enterprise.
    public func act(_ login: String, for code: String) async throws {
        _ = try await post("/account/acting", ["enterprise": code], as: login)
        // The session is another one, and so is what guards its forms.
        browsers.withLock { $0[login]?.guardToken = "" }
    }

    public func occasion(of login: String) async throws -> Occasion {
        Occasion(
            now: town.clock.now,
            actor: try await session(login).principal.actor,
            request: "test",
            entropy: platform.settings.entropy
        )
    }

    // MARK: asking

    public struct Answer: Sendable {
        public let status: Int
        public let headers: [String: String]
        public let bytes: [UInt8]

        public var text: String { String(decoding: bytes, as: UTF8.self) }
        public var location: String { headers["location"] ?? "" }
        public var json: JSON { (try? JSON.read(bytes)) ?? .null }
        /// The stable code of a refusal told to a program.
        public var code: String { json["code"].text ?? "" }
    }

    public func get(_ path: String, as login: String? = nil, headers: [String: String] = [:]) async throws
        -> Answer
    {
        if let login { try await ready(login) }
        return try await ask("GET", path, as: login, headers: headers)
    }

    /// A form as a browser sends it.
    /// - Parameters:
    ///   - more: further values of fields that may have several.
    ///   - token: nil for the right guard token; otherwise what is sent, and nothing for an empty text.
    ///   - once: the form's own key; another one each time unless given.
    ///   - peer: the visitor's address; another one for each request when nil.
    public func post(
        _ path: String,
        _ fields: [String: String] = [:],
        as login: String? = nil,
        more: [(String, String)] = [],
        token: String? = nil,
        once: String? = nil,
        headers: [String: String] = [:],
        from peer: String? = nil
    ) async throws -> Answer {
        if path != "/sign-in", let login { try await ready(login) }
        let right = try await guardToken(of: login)
        var all = fields
        let sent = token ?? right
        if !sent.isEmpty { all["_form"] = sent }
        all["_once"] = once ?? all["_once"] ?? Base32.encode(SystemEntropy().bytes(15))
        let text = (all.map { ($0, $1) } + more).map { "\($0)=\(SentForm.escaped($1))" }.joined(
            separator: "&"
        )
        var headers = headers
        headers["content-type"] = "application/x-www-form-urlencoded"
        return try await ask("POST", path, Array(text.utf8), as: login, headers: headers, from: peer)
    }

    /// A call as a program sends it.
    /// - Parameter peer: the caller's address; another one for each request when nil.
    public func call(
        _ method: String,
        _ path: String,
        _ body: JSON? = nil,
        as login: String? = nil,
        headers: [String: String] = [:],
        from peer: String? = nil
    ) async throws -> Answer {
        if let login { try await ready(login) }
        var headers = headers
        if body != nil { headers["content-type"] = "application/json" }
        return try await ask(
            method,
            path,
            body?.canonicalBytes ?? [],
            as: login,
            headers: headers,
            from: peer
        )
    }

    /// Sends bytes as they are.
    public func send(
        _ method: String,
        _ path: String,
        _ bytes: [UInt8],
        as login: String? = nil,
        headers: [String: String] = [:]
    ) async throws -> Answer {
        if let login { try await ready(login) }
        return try await ask(method, path, bytes, as: login, headers: headers)
    }

    /// A page's form as it stands in the browser, with some answers changed and some added, sent to where it leads.
    public func answer(
        _ path: String,
        _ changes: KeyValuePairs<String, String> = [:],
        without absent: Set<String> = [],
        as login: String
    ) async throws -> Answer {
        var pairs = SentForm.pairs(of: try await get(path, as: login).text)
        pairs.removeAll { pair in absent.contains(pair.name) || changes.contains { $0.key == pair.name } }
        pairs += changes.map { ($0.key, $0.value) }
        let body = pairs.map { "\(SentForm.escaped($0.name))=\(SentForm.escaped($0.value))" }.joined(
            separator: "&"
        )
        return try await send(path, Array(body.utf8), type: "application/x-www-form-urlencoded", as: login)
    }

    /// Any body at all, as it stands.
    public func send(_ path: String, _ body: [UInt8], type: String, as login: String) async throws -> Answer {
        try await send("POST", path, body, as: login, headers: ["content-type": type])
    }

    /// A form with files in it, as a browser sends it.
    public func upload(
        _ path: String,
        _ fields: [String: String],
        files: [(name: String, fileName: String, bytes: [UInt8])],
        as login: String
    ) async throws -> Answer {
        try await ready(login)
        var all = fields
        all["_form"] = try await guardToken(of: login)
        var body: [UInt8] = []
        for (name, value) in all.sorted(by: { $0.key < $1.key }) {
            body += Array(
                "--edge\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8
            )
        }
        for file in files {
            let head = "name=\"\(file.name)\"; filename=\"\(file.fileName)\""
            body += Array("--edge\r\nContent-Disposition: form-data; \(head)\r\n\r\n".utf8)
            body += file.bytes + [0x0D, 0x0A]
        }
        body += Array("--edge--\r\n".utf8)
        return try await send(path, body, type: "multipart/form-data; boundary=edge", as: login)
    }

    private func ready(_ login: String) async throws {
        if StrangeVisitors.headers(of: login).isEmpty == false { return }
        if browsers.withLock({ $0[login]?.cookies["suban-session"] == nil }) { try await signIn(login) }
    }

    /// The guard of the forms in somebody's browser; nil is a visitor who has not signed in.
    public func guardToken(of login: String?) async throws -> String {
        let name = login ?? ""
        if let token = browsers.withLock({ $0[name]?.guardToken }), !token.isEmpty { return token }
        let page = try await ask("GET", "/sign-in", [], as: login, headers: [:])
        guard let match = page.text.firstMatch(of: /name="_form" value="([0-9a-f]+)"/) else { return "" }
        let token = String(match.output.1)
        browsers.withLock { $0[name, default: Browser()].guardToken = token }
        return token
    }

    private func ask(
        _ method: String,
        _ path: String,
        _ bytes: [UInt8] = [],
        as login: String?,
        headers: [String: String],
        from peer: String? = nil
    ) async throws -> Answer {
        // Each request comes a little later, so that the rate limiter sees a person and not a flood.
        town.clock.set(town.clock.now + 60)
        var request = HTTPRequest(
            method: HTTPRequest.Method(method) ?? .get,
            scheme: "http",
            authority: "localhost:8080",
            path: path
        )
        let jar = browsers.withLock { $0[login ?? ""]?.cookies ?? [:] }
        if !jar.isEmpty { request.headerFields[.cookie] = jar.map { "\($0)=\($1)" }.joined(separator: "; ") }
        let own = login.map { StrangeVisitors.headers(of: $0) } ?? [:]
        for (name, value) in own.merging(headers, uniquingKeysWith: { $1 }) {
            if let name = HTTPField.Name(name) { request.headerFields[name] = value }
        }
        if !bytes.isEmpty { request.headerFields[.contentLength] = String(bytes.count) }
        let number = asked.withLock { count in
            count += 1
            return count
        }
        let response = await site.answer(
            Request(head: request, body: RequestBody(buffer: ByteBuffer(bytes: bytes))),
            from: peer ?? "192.0.2.\(number % 200 + 1)"
        )
        for line in response.headers[values: .setCookie] {
            let pair = line.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map(String.init)
            let value = pair.count == 2 ? pair[1] : nil
            browsers.withLock { browsers in
                browsers[login ?? "", default: Browser()].cookies[pair[0]] = value
                // Another session has other forms.
                if pair[0] == "suban-session" { browsers[login ?? ""]?.guardToken = "" }
            }
        }
        let kept = Kept()
        try await response.body.write(Keeper(kept: kept))
        var fields: [String: String] = [:]
        for field in response.headers { fields[field.name.canonicalName] = field.value }
        return Answer(status: response.status.code, headers: fields, bytes: kept.bytes.withLock { $0 })
    }
}

private final class Kept: Sendable {
    let bytes = Mutex<[UInt8]>([])
}

private struct Keeper: ResponseBodyWriter {
    let kept: Kept

    mutating func write(_ buffer: ByteBuffer) async throws {
        kept.bytes.withLock { $0 += Array(buffer.readableBytesView) }
    }

    consuming func finish(_ trailing: HTTPFields?) async throws {}
}
