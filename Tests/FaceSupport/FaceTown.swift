import Attachments
import Audit
public import Cases
import CompanyNames
import CompanyOpening
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
public import Web

/// A platform with demonstration accounts and every party in the same process, asked as browsers and programs ask it:
/// through the real faces, with real sessions, guard tokens and cookies.
public final class FaceTown: Sendable {
    public let town: DemoTown
    public let site: Site
    public let folder: String
    private let home: Home
    private let browsers = Mutex<[String: Browser]>([:])
    private let asked = Mutex(0)

    public var platform: Platform { town.platform }

    /// What one browser keeps.
    private struct Browser: Sendable {
        var cookies: [String: String] = [:]
        var guardToken = ""
    }

    public init(folder: String, at start: String = "2026-03-02 10:00", database: (any Database)? = nil)
        async throws
    {
        guard let start = Instant(parsing: start) else { throw CancellationError() }
        home = try Home.find()
        self.folder = folder
        town = try await DemoTown(home: home, folder: folder, at: start, seed: 7) {
            $0.isDemonstration = true
            $0.database = database
        }
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        site = try await Faces(platform: town.platform, logger: logger).site()
    }

    // MARK: people

    /// Signs a demonstration account in, as its browser does.
    public func signIn(_ login: String) async throws {
        let lines = try DemoAccounts.read(home: home)
        guard let line = lines.first(where: { $0.login == login }) else { throw CancellationError() }
        browsers.withLock { $0[login] = nil }
        let answer = try await post("/sign-in", ["login": login, "password": line.password], as: login)
        guard answer.status == 303 else { throw CancellationError() }
        browsers.withLock { $0[login]?.guardToken = "" }
    }

    /// Lets time pass with everything that falls due, the log signed as the running server signs it; sessions end.
    public func pass(_ milliseconds: Int64) async throws {
        try await town.move(to: town.clock.now + milliseconds)
        try await platform.keeper.round()
        closeBrowsers()
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
        let session = try await session(login)
        let occasion = Occasion(
            now: town.clock.now,
            actor: session.principal.actor,
            request: "test",
            entropy: platform.settings.entropy
        )
        let token = try await platform.database.write {
            try Sessions.act(for: code, session, occasion: occasion, in: $0)
        }
        browsers.withLock {
            $0[login]?.cookies["suban-session"] = token
            $0[login]?.guardToken = ""
        }
    }

    public func occasion(of login: String) async throws -> Occasion {
        Occasion(
            now: town.clock.now,
            actor: try await session(login).principal.actor,
            request: "test",
            entropy: platform.settings.entropy
        )
    }

    // MARK: cases

    /// The shipped example of a company under another name, with that name reserved.
    public func form(brand: String, for login: String) async throws -> JSON {
        var data = try JSON.read(
            Array(try Data(contentsOf: URL(fileURLWithPath: home.resource("demo/llc.json"))))
        )
        data["name"]["brand"] = .string(brand)
        let occasion = try await occasion(of: login)
        let rules = platform.nameRules
        let proposal = platform.opening.proposal(
            for: CompanyForm(data),
            applicant: occasion.actor.id,
            on: occasion.now.date
        )
        let outcome = try await platform.database.write { tx in
            let report = try NameCheck.run(proposal, under: rules, now: occasion.now, in: tx)
            return try ReserveName.run(report, promised: true, under: rules, occasion: occasion, in: tx)
        }
        guard case .reserved(let reservation) = outcome else { throw CancellationError() }
        data["name"]["reservation"] = .string(reservation.id.rawValue)
        data["name"]["full"] = .string(reservation.parts.text)
        return data
    }

    /// - Parameters:
    ///   - proof: a file handed in as the document for the premises.
    ///   - change: what is filled in otherwise.
    public func draft(
        _ brand: String,
        of login: String,
        proof: [UInt8]? = nil,
        change: (inout JSON) -> Void = { _ in }
    ) async throws -> Case {
        var data = try await form(brand: brand, for: login)
        change(&data)
        if let proof {
            data["premises"]["mode"] = "proof"
            data["premises"]["proof"] = .string(Attachments.Attachment.digest(of: proof))
        }
        let started = try await platform.desk.start(
            system: "company-opening",
            item: "llc",
            region: data["district"].text ?? "",
            channel: .online,
            data: data,
            occasion: try await occasion(of: login)
        )
        guard let proof else { return started }
        try await platform.desk.attach(
            proof,
            name: "租约.pdf",
            to: started.id,
            blobs: platform.settings.blobs,
            occasion: try await occasion(of: login)
        )
        return try await platform.desk.read(started.id)
    }

    /// Asks for every signature and gives it.
    /// - Returns: the links' secrets.
    @discardableResult
    public func sign(_ id: ID<Case>, of login: String) async throws -> [String] {
        let links = try await platform.desk.askSignatures(id, occasion: try await occasion(of: login))
        let anyone = Occasion(
            now: town.clock.now,
            actor: .anonymous,
            request: "test",
            entropy: platform.settings.entropy
        )
        for link in links {
            _ = try await platform.desk.verifyFace(link.secret, sample: "score:950", occasion: anyone)
            _ = try await platform.desk.sign(link.secret, occasion: anyone)
        }
        return links.map(\.secret)
    }

    /// A company that the rules grant at once.
    public func granted(_ brand: String, of login: String) async throws -> Case {
        let draft = try await draft(brand, of: login)
        try await sign(draft.id, of: login)
        return try await platform.desk.submit(draft.id, occasion: try await occasion(of: login))
    }

    /// A company that waits for a person, because the court's list did not answer while it was handed in.
    public func inReview(_ brand: String, of login: String, proof: [UInt8]? = nil) async throws -> Case {
        let draft = try await draft(brand, of: login, proof: proof)
        try await sign(draft.id, of: login)
        try party("court-list", is: "down")
        let submitted = try await platform.desk.submit(draft.id, occasion: try await occasion(of: login))
        try party("court-list", is: "up")
        return submitted
    }

    /// Turns a switch of an outside party, such as `down`, `silent` or `up`.
    public func party(_ id: String, is words: String) throws { try town.town.party(id).set(words) }

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
    public func post(
        _ path: String,
        _ fields: [String: String] = [:],
        as login: String? = nil,
        more: [(String, String)] = [],
        token: String? = nil,
        headers: [String: String] = [:]
    ) async throws -> Answer {
        if path != "/sign-in", let login { try await ready(login) }
        let right = try await guardToken(of: login)
        var all = fields
        let sent = token ?? right
        if !sent.isEmpty { all["_form"] = sent }
        all["_once"] = all["_once"] ?? Base32.encode(SystemEntropy().bytes(15))
        let text = (all.map { ($0, $1) } + more).map {
            "\($0)=\($1.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
        }.joined(separator: "&")
        var headers = headers
        headers["content-type"] = "application/x-www-form-urlencoded"
        return try await ask("POST", path, Array(text.utf8), as: login, headers: headers)
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

    private func ready(_ login: String) async throws {
        if browsers.withLock({ $0[login]?.cookies["suban-session"] == nil }) { try await signIn(login) }
    }

    private func guardToken(of login: String?) async throws -> String {
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
        for (name, value) in headers {
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
            browsers.withLock { $0[login ?? "", default: Browser()].cookies[pair[0]] = value }
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
