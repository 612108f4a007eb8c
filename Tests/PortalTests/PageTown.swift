import API
import Cases
import CompanyNames
import CompanyOpening
import Foundation
import HTTPTypes
import Hummingbird
import Identity
import Kernel
import Logging
import NIOCore
import Portal
import Server
import Storage
import Synchronization

@testable import Web

/// The portal over a platform with every party in the same process, asked through the path that the server uses.
struct PageTown {
    let town: DemoTown
    let site: Site
    /// Pages and calls that the site answers.
    let routes: [Route]
    /// How strongly everybody who is signed in was verified.
    let levels = Level()
    private let settings: SiteSettings
    private static let seed = "ABCDEFGHJKMNPQRSTVWXYZ23"

    var platform: Platform { town.platform }

    init(folder: String) async throws {
        let home = try Home.find()
        town = try await DemoTown(
            home: home,
            folder: folder,
            at: Instant(milliseconds: 1_795_136_400_000),
            seed: 11
        )
        let platform = town.platform
        let identity = try await IdentitySettings.make(
            keys: platform.identityKeys,
            limits: IdentityLimits(home: home),
            entropy: platform.settings.entropy
        )
        let desk = PortalDesk(
            database: platform.database,
            standards: platform.standards,
            identity: identity,
            personKeys: platform.personKeys,
            published: platform.published,
            definitions: platform.definitions,
            exchange: platform.exchange,
            correspondence: platform.correspondence,
            messenger: platform.messenger,
            credentials: platform.credentials,
            codes: platform.codes,
            nameRules: platform.nameRules,
            opening: platform.opening,
            desk: platform.desk,
            gate: CaseGuard(
                database: platform.database,
                permissions: try PermissionTable(home: home),
                authority: "NMSCJG"
            ),
            keeper: platform.keeper,
            blobs: platform.settings.blobs,
            origin: nil,
            demoAccounts: []
        )
        let api = API.face(
            APIDesk(
                database: platform.database,
                permissions: try PermissionTable(home: home),
                desk: platform.desk,
                opening: platform.opening,
                nameRules: platform.nameRules,
                credentials: platform.credentials,
                lookUpPolicy: { _, _ in LookupPolicy(triesMax: 5, lockMinutes: 15) },
                authority: "NMSCJG"
            )
        )
        let portal = Portal.face(desk)
        routes = portal.routes + api.routes
        let levels = levels
        settings = SiteSettings(secret: Array("a secret of the tests".utf8), isDemonstration: true)
        site = try Site(
            files: SiteFiles.load(home),
            settings: settings,
            ports: SitePorts(session: { token, _ in
                Visitor(
                    actor: Actor(.person, id: token, role: "person"),
                    roles: [.citizen],
                    name: "张*",
                    session: token,
                    principal: Principal.person(ID(token), level: levels.value, isAgent: false, acting: nil)
                )
            }),
            faces: [portal, api],
            clock: town.clock,
            entropy: SeededEntropy(seed: 3),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    /// The case as it stands now.
    func read(_ subject: Case) async throws -> Case { try await platform.desk.read(subject.id) }

    /// The shipped example of a company, with its name reserved, as a draft of `founder`.
    func draft(of founder: String) async throws -> Case {
        let home = try Home.find()
        var data = try JSON.read(
            Array(try Data(contentsOf: URL(fileURLWithPath: home.resource("demo/llc.json"))))
        )
        let occasion = Occasion(
            now: town.clock.now,
            actor: Actor(.person, id: founder, role: "person"),
            request: "test",
            entropy: platform.settings.entropy
        )
        let rules = platform.nameRules
        let proposal = platform.opening.proposal(
            for: CompanyForm(data),
            applicant: founder,
            on: occasion.now.date
        )
        let outcome = try await platform.database.write { tx in
            let report = try NameCheck.run(proposal, under: rules, now: occasion.now, in: tx)
            return try ReserveName.run(report, promised: true, under: rules, occasion: occasion, in: tx)
        }
        guard case .reserved(let reservation) = outcome else { throw CancellationError() }
        data["name"]["reservation"] = .string(reservation.id.rawValue)
        data["name"]["full"] = .string(reservation.parts.text)
        return try await platform.desk.start(
            system: "company-opening",
            item: "llc",
            region: data["district"].text ?? "",
            channel: .online,
            data: data,
            occasion: occasion
        )
    }

    struct Answer {
        let status: Int
        let location: String
        let text: String
        let headers: [String: String]
        let bytes: [UInt8]
    }

    /// The guard of a session's forms.
    func guardToken(as session: String?) -> String {
        FormGuard(settings: settings).token(session: session, seed: Self.seed)
    }

    /// A page's form as it stands in the browser, with some answers changed and some added, sent to where it leads.
    func answer(
        _ path: String,
        _ changes: KeyValuePairs<String, String> = [:],
        without absent: Set<String> = [],
        as session: String?
    ) async throws -> Answer {
        var pairs = SentForm.pairs(of: try await get(path, as: session).text)
        pairs.removeAll { pair in absent.contains(pair.name) || changes.contains { $0.key == pair.name } }
        pairs += changes.map { ($0.key, $0.value) }
        let body = pairs.map { "\(SentForm.escaped($0.name))=\(SentForm.escaped($0.value))" }.joined(
            separator: "&"
        )
        return try await send(path, Array(body.utf8), type: "application/x-www-form-urlencoded", as: session)
    }

    /// Any body at all, as it stands.
    func send(_ path: String, _ body: [UInt8], type: String, as session: String?) async throws -> Answer {
        try await ask("POST", path, body: ByteBuffer(bytes: body), as: session, type: type)
    }

    /// A form with a file in it, as a browser sends it.
    func upload(
        _ path: String,
        _ fields: [String: String],
        files: [(name: String, fileName: String, bytes: [UInt8])],
        as session: String?
    ) async throws -> Answer {
        var all = fields
        all["_form"] = guardToken(as: session)
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
        return try await send(path, body, type: "multipart/form-data; boundary=edge", as: session)
    }

    func get(_ path: String, as session: String? = nil) async throws -> Answer {
        try await ask("GET", path, body: ByteBuffer(), as: session)
    }

    /// A form as a browser sends it.
    /// - Parameter once: the form's own key; another one each time unless given.
    func post(
        _ path: String,
        _ fields: [String: String] = [:],
        as session: String? = nil,
        once: String? = nil
    ) async throws -> Answer {
        var all = fields
        all["_form"] = FormGuard(settings: settings).token(session: session, seed: Self.seed)
        all["_once"] = once ?? Base32.encode(SystemEntropy().bytes(15))
        let text = all.map {
            "\($0)=\($1.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
        }
        return try await ask("POST", path, body: ByteBuffer(string: text.joined(separator: "&")), as: session)
    }

    /// A call of a program in the name of whoever is signed in.
    func call(_ method: String, _ path: String, _ body: JSON, as session: String) async throws -> Answer {
        try await ask(
            method,
            path,
            body: ByteBuffer(bytes: body.canonicalBytes),
            as: session,
            type: "application/json",
            once: Base32.encode(SystemEntropy().bytes(15))
        )
    }

    private func ask(
        _ method: String,
        _ path: String,
        body: ByteBuffer,
        as session: String?,
        type: String = "application/x-www-form-urlencoded",
        once: String? = nil
    ) async throws -> Answer {
        var request = HTTPRequest(
            method: .init(method) ?? .get,
            scheme: "http",
            authority: "localhost:8080",
            path: path
        )
        request.headerFields[.cookie] =
            "suban-form=\(Self.seed)" + (session.map { "; suban-session=\($0)" } ?? "")
        if body.readableBytes > 0 {
            request.headerFields[.contentType] = type
            if let once, let name = HTTPField.Name("Idempotency-Key") { request.headerFields[name] = once }
            request.headerFields[.contentLength] = String(body.readableBytes)
        }
        let response = await site.answer(
            Request(head: request, body: RequestBody(buffer: body)),
            from: "192.0.2.7"
        )
        let kept = Kept()
        try await response.body.write(Keeper(kept: kept))
        let bytes = kept.bytes.withLock { $0 }
        return Answer(
            status: response.status.code,
            location: response.headers[.location] ?? "",
            text: String(decoding: bytes, as: UTF8.self),
            headers: Dictionary(response.headers.map { ($0.name.canonicalName, $0.value) }) { first, _ in
                first
            },
            bytes: bytes
        )
    }
}

/// A real-name level that a test changes.
final class Level: Sendable {
    private let level = Mutex(RealNameLevel.face)

    var value: RealNameLevel {
        get { level.withLock { $0 } }
        set { level.withLock { $0 = newValue } }
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
