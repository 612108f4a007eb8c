import Attachments
import Audit
import CaseArchive
import Cases
import Changes
import Correspondence
import Credentials
import Cryptography
import Exchange
import FaceSupport
import Foundation
import GRDB
import Identity
import Kernel
import Registers
import Server
import Storage
import TestSupport
import Testing
import Web

/// Every route, every role, one's own thing and another's, through the real router, against `access.tsv`, which is
/// read over by people. A route without a row fails; so does a row without a route.
@Suite("who may do what", .serialized)
struct AccessTests {
    /// Whose browser asks: the column of the table and the account behind it.
    static let people: [(column: String, login: String?)] = [
        ("anonymous", nil), ("other", "lisi"), ("other-agent", "zhaoliu"), ("other-owner", "wuyun"),
        ("clerk", "registrar"), ("clerk-elsewhere", "registrar-huimin"), ("head", "head"),
        ("corrector", "corrector"), ("party-clerk", "tax"), ("leader", "supervisor"),
        ("system-admin", "system"), ("security-admin", "security"), ("audit-admin", "audit"),
        ("other-agency", "police"), ("item-admin", "item-admin"), ("agency-key", "agency-key"),
        ("owner", "zhangsan"),
    ]

    @Test(
        "the reviewed table holds; reading changes nothing; nobody reaches what is not his by guessing",
        arguments: DatabaseEngine.allCases
    )
    func table(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let things = try await Things(town)
            let routes = Self.inOrder(town.site.table.routes)
            var lines: [String] = []
            var strays: [String] = []
            let reading = routes.filter { $0.method == .get }
            for case let (column, login?) in Self.people where !Self.isWithoutAccount(column) {
                _ = try await town.session(login)
            }
            let before = try await Self.digests(town)
            for route in reading { lines += try await Self.lines(route, things, town, &strays) }
            let changed = Self.changed(before, try await Self.digests(town))
            #expect(changed == [], "tables that a GET changed")
            for route in routes where route.method != .get {
                lines += try await Self.lines(route, things, town, &strays)
            }
            #expect(strays == [], "something that does not exist was answered")
            let head = (["method", "path", "thing"] + Self.people.map(\.column)).joined(separator: "\t")
            let found = [head] + lines.sorted()
            let reviewed = try Self.reviewed()
            for line in found where !reviewed.contains(line) { Issue.record("not in access.tsv: \(line)") }
            for line in reviewed where !found.contains(line) { Issue.record("no longer true: \(line)") }
            if found != reviewed { print(found.joined(separator: "\n")) }
        }
    }

    private static func isWithoutAccount(_ column: String) -> Bool {
        [Role.itemAdmin.rawValue, Role.agencyKey.rawValue].contains(column)
    }

    /// What an answer means for access: `in` asks to sign in, `ok` went past every check.
    private static func meaning(_ answer: FaceTown.Answer) -> String {
        switch answer.status {
        case 401: "in"
        case 303 where answer.location.hasPrefix("/sign-in"): "in"
        case 403, 404: String(answer.status)
        case 500...599: "broken"
        default: "ok"
        }
    }

    private static func lines(
        _ route: Route,
        _ things: Things,
        _ town: FaceTown,
        _ strays: inout [String]
    ) async throws -> [String] {
        var lines: [String] = []
        for (thing, path) in things.paths(of: route) {
            var cells = [route.method.rawValue, route.path, thing]
            for (column, login) in people {
                let answer = try await ask(route, path, as: login, town)
                try safe(answer, "\(route.method.rawValue) \(path)")
                let cell = meaning(answer)
                let ends = ["/sign-out", "/sign-in", "/account/sessions/{session}/end"]
                if route.method == .post, ends.contains(route.path) {
                    town.closeBrowsers()
                }
                if thing == "none" {
                    if cell == "ok", answer.status < 400 {
                        strays.append("\(route.method.rawValue) \(path) \(column)")
                    }
                } else {
                    cells.append(cell)
                }
            }
            if thing != "none" { lines.append(cells.joined(separator: "\t")) }
        }
        return lines
    }

    private static func ask(_ route: Route, _ path: String, as login: String?, _ town: FaceTown) async throws
        -> FaceTown.Answer
    {
        // Nobody seals the log or compares the tables behind a test's back, and readiness says so.
        if path == "/ready" {
            try await town.platform.keeper.round()
            await town.platform.keeper.compared(altered: [])
        }
        switch (route.method, route.face) {
        case (.get, _): return try await town.get(path, as: login)
        case (_, .page): return try await town.post(path, as: login)
        case (_, .api): return try await town.call(route.method.rawValue, path, [:], as: login)
        }
    }

    /// Every answer, whatever it says, protects the visitor.
    private static func safe(_ answer: FaceTown.Answer, _ what: String) throws {
        #expect(answer.status != 500, "\(what) failed")
        let policy = answer.headers["content-security-policy"] ?? ""
        #expect(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"), "\(what)")
        #expect(answer.headers["x-content-type-options"] == "nosniff", "\(what)")
        #expect(answer.headers["referrer-policy"] == "same-origin", "\(what)")
        #expect(answer.headers["cross-origin-opener-policy"] == "same-origin", "\(what)")
        #expect(answer.headers["permissions-policy"] != nil, "\(what)")
        #expect(answer.headers["cache-control"] != nil, "\(what)")
    }

    /// Reading before writing; what ends a thing or a session last.
    private static func inOrder(_ routes: [Route]) -> [Route] {
        let last = ["/withdraw", "/withdrawal", "/submit", "/submission", "/sign-out", "/sign-in"]
        return routes.sorted { ($0.path, $0.method.rawValue) < ($1.path, $1.method.rawValue) }.filter {
            route in
            !last.contains { route.path.hasSuffix($0) }
        } + routes.filter { route in last.contains { route.path.hasSuffix($0) } }.sorted { $0.path > $1.path }
    }

    private static func reviewed() throws -> [String] {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "access.tsv"
        )
        guard let data = FileManager.default.contents(atPath: url.path) else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    // MARK: reading changes nothing

    /// A digest of every table but the log (which hears of refusals and of reading) and the sessions' last use.
    private static func digests(_ town: FaceTown) async throws -> [String: String] {
        let all =
            town.platform.database.engine == .sqlite
            ? try fileDigests("\(town.folder)/suban.sqlite")
            : try await serverDigests(town.platform.database)
        // A paper counts as served when its addressee first opens it: the law's own effect of reading.
        let others = ["audit_", "identity_session", "identity_device", "sqlite_", "correspondence_service"]
        return all.filter { table, _ in !others.contains { table.hasPrefix($0) } }
    }

    private static func fileDigests(_ path: String) throws -> [String: String] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { database in
            var digests: [String: String] = [:]
            let names = "SELECT name FROM sqlite_master WHERE type = 'table'"
            for table in try String.fetchAll(database, sql: names) {
                var hasher = Hasher()
                for row in try GRDB.Row.fetchAll(database, sql: "SELECT * FROM \"\(table)\"") {
                    hasher.combine(row.description)
                }
                digests[table] = String(hasher.finalize())
            }
            return digests
        }
    }

    private static func serverDigests(_ database: any Storage.Database) async throws -> [String: String] {
        let rows = try await database.read { reader in
            try reader.query(
                """
                SELECT CAST(table_name AS TEXT), CAST((xpath('/row/d/text()', query_to_xml(format(
                    'SELECT md5(string_agg(CAST(t AS TEXT), '''' ORDER BY CAST(t AS TEXT))) AS d FROM %I t', table_name
                ), true, true, '')))[1] AS TEXT)
                FROM information_schema.tables WHERE table_schema = 'public'
                """
            )
        }
        #expect(rows.count > 50)
        return try Dictionary(
            uniqueKeysWithValues: rows.map { (try $0.text(0), try $0.optionalText(1) ?? "") }
        )
    }

    private static func changed(_ before: [String: String], _ after: [String: String]) -> [String] {
        after.filter { before[$0.key] != $0.value }.keys.sorted()
    }

    // MARK: forms of other sites

    @Test("no form is taken without its token, with a wrong one, or from another site")
    func forged() async throws {
        try await FaceTown.open { town in
            let things = try await Things(town)
            for route in Self.inOrder(town.site.table.routes) where route.method != .get {
                let login = Self.people.first { person in
                    person.login.map { !Self.roles($0).isDisjoint(with: route.who) } ?? false
                }?.login
                guard let path = things.paths(of: route).first?.path else { continue }
                let name = "\(route.method.rawValue) \(path)"
                for headers in [["sec-fetch-site": "cross-site"], ["origin": "https://elsewhere.example"]] {
                    let answer =
                        route.face == .page
                        ? try await town.post(path, as: login, headers: headers)
                        : try await town.call(route.method.rawValue, path, [:], as: login, headers: headers)
                    #expect(answer.status == 403, "\(name) \(headers)")
                }
                guard route.face == .page else { continue }
                #expect(
                    try await town.post(path, as: login, token: "").status == 403,
                    "\(name) without token"
                )
                let wrong = String(repeating: "0", count: 32)
                #expect(
                    try await town.post(path, as: login, token: wrong).status == 403,
                    "\(name) wrong token"
                )
            }
            // Another's token is a wrong one.
            let page = try await town.get("/sign-in", as: "lisi").text
            let match = try #require(page.firstMatch(of: /name="_form" value="([0-9a-f]+)"/))
            let answer = try await town.post("/sign-out", as: "zhangsan", token: String(match.output.1))
            #expect(answer.status == 403)
        }
    }

    private static func roles(_ login: String) -> Set<Role> {
        switch login {
        case "registrar", "registrar-huimin": [.clerk, .reviewer]
        case "head": [.reviewer, .approver]
        case "corrector": [.reviewer]
        case "tax": [.clerk]
        case "supervisor": [.leader]
        case "system": [.systemAdmin]
        case "security": [.securityAdmin]
        case "audit": [.auditAdmin]
        default: [.citizen]
        }
    }
}

/// One of each thing that a path can name, all of them zhangsan's and in Kundulun.
struct Things {
    /// By the name between the braces and by the front of the path.
    private let values: [String: String]
    private let draft: String

    init(_ town: FaceTown) async throws {
        let owner = "zhangsan"
        let proof = Array("%PDF-1.7\nlease".utf8)
        let ended = try await Self.ended(town, of: owner)
        let review = try await town.inReview("塞上", of: owner, proof: proof)
        try town.party("tax", is: "silent")
        let granted = try await town.granted("阴山", of: owner)
        let draft = try await town.draft("敕勒", of: owner)
        let open = try await town.draft("云中", of: owner)
        let links = try await town.platform.desk.askSignatures(
            open.id,
            occasion: try await town.occasion(of: owner)
        )
        let code = granted.result ?? ""
        try await town.pass(26 * Instant.hour)
        try await town.lead(granted, as: owner)
        try await Self.strangersFirm(town)
        let home = try await town.get("/").text
        let asset = try #require(home.firstMatch(of: /\/assets\/([0-9a-f]+)\/([a-z.-]+)/)).output
        let item = try await town.platform.database.read {
            try ExchangeStore.items(queue: "party.tax", in: $0).first
        }
        let (line, held, papers, right) = try await town.platform.database.read { reader in
            (
                try ExchangeStore.lines(of: granted.id.rawValue, in: reader).first {
                    $0.order.party == "tax"
                },
                try Credentials.held(by: code, in: reader),
                try CorrespondenceStore.papers(of: granted.id.rawValue, in: reader),
                try Enterprises.authorisations(of: code, in: reader).first
            )
        }
        let seal = try await Self.seal(town, of: code, owner: owner)
        let day = try await town.call("GET", "/api/v1/draws").json["draws"].elements.first
        self.draft = draft.id.rawValue
        values = [
            "/cases/{number}": granted.number, "/cases/{number}/signers": open.number,
            "/cases/{number}/signers/renew": open.number, "/cases/{number}/submit": open.number,
            "/cases/{number}/withdraw": review.number, "/receipts/{number}": granted.number,
            "/progress/{number}": granted.number, "/drafts/{id}": draft.id.rawValue,
            "/desk/cases/{id}": review.id.rawValue, "/api/v1/cases/{id}": review.id.rawValue,
            "/desk/cases/{id}/papers": granted.id.rawValue, "{line}": line?.id.rawValue ?? "",
            "{step}": "bank", "{code}": code,
            "/v/{code}": held.first?.record.code.rawValue ?? "",
            "{credential}": held.first { $0.record.sealCode == nil }?.record.id.rawValue ?? "",
            "{secret}": links.first?.secret ?? "",
            "{archive}": try await Self.archive(of: ended, town), "/cases/{number}/archive": ended.number,
            "{seal}": seal.seal, "{permit}": seal.permit, "{request}": seal.request,
            "{certificate}": "making", "/trust/lists/{list}": "sm2-1.crl",
            "/objections/{secret}": try await Self.takeBack(town, of: owner),
            "/apply/{item}": "llc", "/guides/items/{item}": "001",
            "/guides/systems/{system}": "title-verify",
            "{kind}": "application", "{page}": "address",
            "/desk/find?": "number=\(review.number)", "/api/v1/measures?": "region=150203",
            "/api/v1/measures/items?": "region=150203", "/api/v1/items/{item}": "llc",
            "/api/v1/changes/stream?": "seconds=0",
            "/api/v1/draws/{id}": day?["id"].text ?? "",
            "/desk/items/{item}": item?.id.rawValue ?? "", "/assets/{digest}": String(asset.1),
            "{digest}": Attachments.Attachment.digest(of: proof),
            "{name}": String(asset.2),
            "{paper}": papers.first?.id.rawValue ?? "", "{task}": "annual-report",
            "{act}": "void", "{right}": right?.id.rawValue ?? "", "{webhook}": try await Self.webhook(town),
            "{session}": try await town.session(owner).id,
            "{account}": try await town.session("registrar").account.rawValue,
        ]
        .merging(try await Self.money(town, of: review, owner: owner)) { $1 }
        .merging(try await Self.trust(town, of: owner)) { $1 }
        .merging(try await Self.licence(town, of: code)) { $1 }
    }

    /// The owner's own certificate, an authority that is recognised, and a proposal that waits.
    private static func trust(_ town: FaceTown, of owner: String) async throws -> [String: String] {
        let person = try await town.session(owner).principal.actor.id
        let own = try await town.platform.certificates.issue(
            to: Holder(.person, code: person, name: "张三"),
            by: ID(person),
            occasion: try await town.occasion(of: owner)
        )
        let pem = town.platform.keys.root.pem
        let (first, second) = (town.platform.occasion("a"), town.platform.occasion("b"))
        return try await town.platform.database.write { tx in
            let draft = AuthorityDraft(
                name: "甲 CA",
                certificates: pem,
                holders: [.person],
                areas: [],
                from: first.now.date,
                until: nil
            )
            let made = try TrustDesk.propose(recognising: draft, because: "协议", occasion: first, in: tx)
            try TrustDesk.decide(made.id, isConfirmed: true, occasion: second, in: tx)
            let authority = try #require(try TrustDesk.authorities(in: tx).first)
            let waits = try TrustDesk.propose(
                .suspend,
                for: authority.id,
                because: "通报",
                occasion: first,
                in: tx
            )
            return [
                "/certificates/{certificate}": own.id.rawValue,
                "/desk/trust/certificates/{certificate}": own.id.rawValue,
                "{authority}": authority.id.rawValue, "{proposal}": waits.id.rawValue,
            ]
        }
    }

    /// A licence that the desk issued to the owner's firm, and one that waits for a second official.
    private static func licence(_ town: FaceTown, of code: String) async throws -> [String: String] {
        let made = try await town.foodLicence(of: code)
        let wish = try await town.foodWish(of: code, number: "JY2")
        return [
            "{licence}": made.id.rawValue, "/desk/licences/proposals/{proposal}": wish.id.rawValue,
        ]
    }

    /// A case that was taken back, and long enough ago that the court's list is asked again by the next.
    private static func ended(_ town: FaceTown, of owner: String) async throws -> Case {
        let ended = try await town.withdrawn("大青", of: owner)
        try await town.pass(2 * Instant.hour)
        return ended
    }

    private static func archive(of ended: Case, _ town: FaceTown) async throws -> String {
        let archives = town.platform.archives
        let made = try await town.platform.database.read { try archives.of(ended.id, in: $0).first }
        return made?.id.rawValue ?? ""
    }

    /// Another firm of another person, so that an owner elsewhere asks for this one.
    private static func strangersFirm(_ town: FaceTown) async throws {
        let other = "91150203MA0N2X4F5L"
        let stranger = try await town.session("wuyun").principal.actor.id
        try await town.platform.database.write { tx in
            try Enterprises.put(
                code: other,
                name: "别家有限公司",
                state: .active,
                legalRepresentative: ID(stranger),
                region: "150203",
                agency: town.platform.settings.authority,
                in: tx
            )
        }
        try await town.act("wuyun", for: other)
    }

    /// A seal in use, somebody who may use it, and a request that waits.
    private static func seal(_ town: FaceTown, of code: String, owner: String) async throws -> (
        seal: String, permit: String, request: String
    ) {
        let (occasion, person) = (
            try await town.occasion(of: owner), try await town.session(owner).principal.actor.id
        )
        return try await town.platform.database.write { tx in
            let made = try #require(try Seals.owned(by: code, in: tx).first { $0.state == .made })
            let boss = ID<Person>(person)
            let seal = try Seals.move(
                made.id,
                by: .deliver,
                reason: "owner",
                owner: boss,
                occasion: occasion,
                in: tx
            )
            let permit = try SealPermits.grant(
                seal.id,
                to: boss,
                as: .use,
                kinds: ["contract"],
                from: occasion.now.date,
                until: occasion.now.date.adding(days: 9),
                usesMax: 1,
                by: boss,
                occasion: occasion,
                in: tx
            )
            let request = try SealRequests.ask(
                for: SealSubject(
                    digest: String(repeating: "0", count: 64),
                    name: "合同",
                    kind: "contract",
                    purpose: "采购",
                    caseNumber: ""
                ),
                with: seal.id,
                by: boss,
                occasion: occasion,
                in: tx
            )
            return (seal.id.rawValue, permit.id.rawValue, request.id.rawValue)
        }
    }

    /// A subscription to which nothing is ever sent.
    private static func webhook(_ town: FaceTown) async throws -> String {
        let (webhook, _) = try await Webhooks.add(
            name: "test",
            address: "https://8.8.8.8/",
            region: "150200",
            inside: [],
            within: 10_000,
            countMax: 100,
            occasion: town.platform.occasion("test"),
            database: town.platform.database
        )
        try await town.platform.database.write { tx in
            let occasion = town.platform.occasion("test")
            try WebhookAct.pause.apply(to: webhook.id, occasion: occasion, in: tx)
        }
        return webhook.id.rawValue
    }

    /// The secret by which an objection to a case of the owner is taken back, as the telephone got it.
    private static func takeBack(_ town: FaceTown, of owner: String) async throws -> String {
        let stopped = try await town.draft("丰州", of: owner)
        let desk = town.platform.desk
        let links = try await desk.askSignatures(stopped.id, occasion: try await town.occasion(of: owner))
        let anyone = Occasion(
            now: town.town.clock.now,
            actor: .anonymous,
            request: "test",
            entropy: town.platform.settings.entropy
        )
        for link in links {
            _ = try await desk.object(link.secret, text: "误点", occasion: anyone)
            guard try await desk.objector(link.secret).hasTelephone else { continue }
            try await desk.sendTakeBack(link.secret, occasion: anyone)
        }
        let sent = try await town.platform.database.read {
            try CorrespondenceStore.messages(case: stopped.number, in: $0)
        }.first { $0.link.hasPrefix("/objections/") }
        return String((sent?.link ?? "").dropFirst("/objections/".count))
    }

    /// The path with this town's things, with a draft where a case is asked for, and with things that do not exist.
    func paths(of route: Route) -> [(thing: String, path: String)] {
        if let query = values[route.path + "?"] { return [("own", "\(route.path)?\(query)")] }
        guard route.path.contains("{") else { return [("-", route.path)] }
        var paths = [("own", filled(route.path, values))]
        if route.path.hasPrefix("/desk/cases/") || route.path.hasPrefix("/api/v1/cases/") {
            paths.append(
                ("draft", filled(route.path, ["/desk/cases/{id}": draft, "/api/v1/cases/{id}": draft]))
            )
        }
        let none = values.mapValues { _ in "01J0000000000000000000NONE" }
        // Pages that ask for a code or answer in words, whatever the address says.
        let isOpen = ["/apply/{item}", "/v/{code}", "/progress/{number}", "/sign/{secret}/objection"]
            .contains(route.path)
        if !isOpen { paths.append(("none", filled(route.path, none))) }
        return paths
    }

    private func filled(_ path: String, _ values: [String: String]) -> String {
        let known = values.keys.filter { $0.hasPrefix("/") && (path == $0 || path.hasPrefix($0 + "/")) }
        var out = path
        if let best = known.max(by: { $0.count < $1.count }), let value = values[best] {
            out = best.replacing(/\{[a-z]+\}/, with: value) + path.dropFirst(best.count)
        }
        for (name, value) in values where name.hasPrefix("{") { out = out.replacing(name, with: value) }
        return out
    }
}
