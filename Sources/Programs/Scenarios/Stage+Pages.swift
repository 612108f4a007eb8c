import Audit
import Cases
import CompanyOpening
import Credentials
import Forms
import Foundation
import Identity
import Kernel
import Registers
import Server
import Standards
import Storage

/// Accounts, sessions and pages: what visitors meet.
extension Stage {
    private func settings() async throws -> IdentitySettings {
        if let identity { return identity }
        let made = try IdentitySettings(
            keys: platform.identityKeys,
            limits: IdentityLimits(home: platform.settings.home),
            entropy: platform.settings.entropy
        )
        identity = made
        return made
    }

    /// An account with phone and password. How well its owner is known is given: it comes from a counter or from an
    /// earlier check.
    func openAccount(_ name: String, _ holding: Holding) async throws {
        guard let person = cast.people[name] else { throw StepFailure("\(name) is not in cast.yaml") }
        guard let level = RealNameLevel(rawValue: holding.level) else {
            throw StepFailure("there is no level \(holding.level)")
        }
        let settings = try await settings()
        let occasion = occasion(.platform("import"))
        let record = try await Passwords.record(for: holding.password, settings: settings, occasion: occasion)
        let document = try platform.standards.identityDocument(
            kind: person["idKind"].text ?? "resident-id",
            number: person["idNumber"].text ?? "",
            on: now.date
        )
        let phone = try PhoneNumber.mobile(person["phone"].text ?? "")
        let known = try PersonName(name)
        let made = try await platform.database.write { tx in
            let made = try People.register(
                name: known,
                document: document,
                phone: phone,
                keys: settings.keys,
                occasion: occasion,
                in: tx
            )
            if level > .declared {
                try People.verified(made.id, as: level, reference: "import", occasion: occasion, in: tx)
            }
            try Accounts.open(
                .person,
                holder: made.id.rawValue,
                logins: [.phone(phone.rawValue)],
                record: record,
                keys: settings.keys,
                occasion: occasion,
                in: tx
            )
            return made
        }
        accounts[name] = made.id
    }

    /// Who acts when a person of the cast does something: his account, where he has one.
    func actor(_ name: String) -> Actor {
        accounts[name].map { Actor(.person, id: $0.rawValue, role: "person") } ?? cast.actor(name)
    }

    func browser(_ name: String) async throws -> PageBrowser {
        // The keeper of the log runs beside a server; without its signature no page takes a change.
        try await platform.keeper.round()
        if let known = browsers[name] { return known }
        if door == nil { door = try await PageDoor(platform: platform) }
        guard let made = door?.browser() else { throw StepFailure("there are no pages") }
        browsers[name] = made
        return made
    }

    func signIn(_ name: String, password: String?, status: Int) async throws {
        let browser = try await browser(name)
        _ = try await browser.get("/sign-in")
        let page = try await browser.send(
            "/sign-in",
            fields: [
                "login": cast.people[name]?["phone"].text ?? name,
                "password": password ?? Holding.password,
            ]
        )
        guard page.status == status else {
            throw StepFailure("signing in: expected \(status), found \(page.status)")
        }
    }

    func session(_ name: String) async throws -> Session {
        let now = now
        let token = try await browser(name).session ?? ""
        let found = try await platform.database.read { try Sessions.find(token: token, now: now, in: $0) }
        guard let found else { throw StepFailure("\(name) is not signed in") }
        return found
    }

    /// Fills in what a story cannot know: `{number}`, `{case}`, `{lookup}`, `{code}` and `{licence}`, the public code
    /// of the licence, `{show}`, where its holder shows it, and `{shown}`, the last short code for that; `{seal}`, its seal of the legal name; `{firm}`, for which firm it is applied; `{went}`, where the
    /// last form that was sent led, and `{me}`, the account of whoever acts.
    func filled(_ text: String, of name: String) async throws -> String {
        var text = try await filledHeld(text, of: name).replacing("{shown}", with: shown).replacing(
            "{went}",
            with: went
        )
        .replacing("{me}", with: accounts[name]?.rawValue ?? "")
        guard text.contains("{"), let id = try? current() else { return text }
        let subject = try await platform.desk.read(id)
        text = text.replacing("{number}", with: subject.number)
            .replacing("{case}", with: subject.id.rawValue)
            .replacing("{lookup}", with: subject.lookupCode)
            .replacing("{name}", with: subject.title)
            .replacing("{firm}", with: subject.data["firm"]["creditCode"].text ?? "")
        if let code = subject.result {
            text = text.replacing("{code}", with: code)
            let (held, seals) = try await platform.database.read {
                (try Credentials.held(by: code, in: $0), try Seals.owned(by: code, in: $0))
            }
            let seal = seals.last { $0.kind == "seal-official" }
            text = text.replacing("{seal}", with: seal?.id.rawValue ?? "")
            if let licence = held.last(where: { $0.record.type == "business-licence" }) {
                text = text.replacing("{licence}", with: licence.record.code.rawValue)
                    .replacing("{identifier}", with: licence.record.identifier.description)
                    .replacing("{show}", with: "/wallet/\(code)/files/\(licence.id)/present")
            }
        }
        return text
    }

    func visit(_ name: String, _ errand: Errand) async throws {
        let browser = try await browser(name)
        let path = try await filled(errand.page, of: name)
        let page: PageBrowser.Page
        var sentTo: String?
        if let body = errand.body {
            calls += 1
            page = try await browser.call(errand.method, path, body: body, key: "call-of-the-story-\(calls)")
        } else if let fields = errand.fields {
            var sent: [String: String] = [:]
            for (key, value) in fields { sent[key] = try await filled(value, of: name) }
            page = try await browser.send(path, fields: sent)
            if page.status == 303 { sentTo = page.location }
        } else {
            page = try await browser.get(path)
        }
        if let code = page.text.firstMatch(of: /<code class="big-number">([^<]+)</) {
            shown = String(code.output.1)
        }
        defer { went = sentTo ?? went }
        var wrong: [String] = []
        let status = errand.status ?? (errand.goes == nil ? 200 : 303)
        if page.status != status { wrong.append("\(path): expected \(status), found \(page.status)") }
        if let goes = errand.goes, !page.location.hasPrefix(try await filled(goes, of: name)) {
            wrong.append("\(path): expected to lead to \(goes), leads to \(page.location)")
        }
        for words in errand.sees {
            let words = try await filled(words, of: name)
            if !page.text.contains(words) { wrong.append("\(path) does not show “\(words)”") }
        }
        for words in errand.misses {
            let words = try await filled(words, of: name)
            if page.text.contains(words) { wrong.append("\(path) shows “\(words)”") }
        }
        if let other = errand.same {
            let second = try await browser.get(try await filled(other, of: name))
            if Self.main(of: second.text) != Self.main(of: page.text) {
                wrong.append("\(path) and \(other) differ")
            }
        }
        if !wrong.isEmpty { throw StepFailure(wrong.joined(separator: "\n      ")) }
        last = cases[name] == nil ? last : name
        // What was begun through pages is the visitor's own case.
        if let person = accounts[name], page.location.hasPrefix("/drafts/") {
            let id = page.location.split(separator: "/").dropFirst().first.map(String.init) ?? ""
            if cases[name] == nil, let found = try? await platform.desk.read(ID(id)),
                found.applicant == person.rawValue
            {
                cases[name] = found.id
                last = name
            }
        }
    }

    /// Fills the whole form in, page by page as the site shows them, until the answers are to be checked.
    func fillIn(_ name: String, _ opening: Opening) async throws {
        let (data, form) = try await filling(opening)
        let browser = try await browser(name)
        _ = try await browser.get("/apply/\(opening.item)")
        var page = try await browser.send(
            "/apply/\(opening.item)",
            fields: ["district": data["district"].text ?? ""]
        )
        let parts = page.location.split(separator: "/").map(String.init)
        guard parts.count > 1, parts[0] == "drafts" else {
            throw StepFailure("no draft was begun: \(page.status) \(page.location)")
        }
        cases[name] = ID(parts[1])
        last = name
        var path = parts.count > 2 ? page.location : "/drafts/\(parts[1])/\(form.pages[0].id)"
        for _ in 0..<60 where !path.hasSuffix("/check") {
            let id = path.split(separator: "/").last.map(String.init) ?? ""
            guard let fields = form.page(id)?.fields else {
                throw StepFailure("\(path) is no page of the form")
            }
            _ = try await browser.get(path)
            page = try await browser.send(path, pairs: Self.pairs(fields, data, at: FormPath()))
            // An answer may bring new questions: the same page once more.
            for _ in 0..<3 where page.status == 200 {
                page = try await browser.send(path, pairs: Self.pairs(fields, data, at: FormPath()))
            }
            guard page.status == 303, page.location != path else {
                throw StepFailure("\(path): \(page.status) \(Self.problems(in: page.text))")
            }
            path = page.location
        }
    }

    private static func problems(in page: String) -> String {
        page.split(separator: "class=\"error").dropFirst().map { $0.prefix(200) }.joined(separator: " | ")
    }

    private static func pairs(_ fields: [FormField], _ data: JSON, at place: FormPath) -> [(String, String)] {
        fields.flatMap { field -> [(String, String)] in
            let path = place.member(field.name)
            let value = data[path]
            switch field.kind {
            case .group(let children): return pairs(children, data, at: path)
            case .rows(let children, _, _):
                return value.elements.indices.flatMap { pairs(children, data, at: path.index($0)) }
            case .multichoice, .scope:
                return value.elements.compactMap { $0.text.map { (path.description, $0) } }
            default:
                guard !value.isNull else { return [] }
                return [(path.description, field.kind.print(value))]
            }
        }
    }

    private static func main(of page: String) -> Substring {
        guard let start = page.firstRange(of: "<main"), let end = page.firstRange(of: "</main>") else {
            return page[...]
        }
        return page[start.lowerBound..<end.lowerBound]
    }

    // MARK: authority

    func person(_ name: String) throws(StepFailure) -> ID<Person> {
        guard let id = accounts[name] else { throw StepFailure("\(name) has no account") }
        return id
    }

    func authorise(_ name: String, _ mandate: Mandate) async throws {
        guard let until = LocalDate(parsing: mandate.until) else {
            throw StepFailure("\(mandate.until) is no day")
        }
        let (principal, agent, code) = (try person(name), try person(mandate.agent), try await firm())
        let table = try PermissionTable(home: platform.settings.home)
        let limits = try await settings().limits
        let occasion = occasion(actor(name))
        let authorisation = try await platform.database.write { tx in
            try Enterprises.authorise(
                agent,
                for: code,
                scope: Set(mandate.scope),
                from: occasion.now.date,
                until: until,
                by: principal,
                table: table,
                limits: limits,
                occasion: occasion,
                in: tx
            )
        }
        mandates[mandate.agent] = authorisation.id
    }

    func revoke(_ name: String, agent: String) async throws {
        guard let id = mandates[agent] else { throw StepFailure("\(agent) was never authorised") }
        let principal = try person(name)
        let occasion = occasion(actor(name))
        try await platform.database.write { tx in
            try Enterprises.revoke(id, by: principal, occasion: occasion, in: tx)
        }
    }

    /// The person goes on for the firm of somebody's case, or for himself.
    func act(_ name: String, of owner: String?) async throws {
        let session = try await session(name)
        var code: String?
        if let owner { code = try await platform.desk.read(current(owner)).result }
        let chosen = code
        let occasion = occasion(actor(name))
        let token = try await platform.database.write { tx in
            try Sessions.act(for: chosen, session, occasion: occasion, in: tx)
        }
        try await browser(name).take(session: token)
    }

    func ask(_ name: String, _ wish: Wish) async throws {
        let session = try await session(name)
        let table = try PermissionTable(home: platform.settings.home)
        let subject: PermissionSubject
        if let owner = wish.of {
            subject = PermissionSubject(people: [try person(owner).rawValue])
        } else {
            subject = PermissionSubject(enterprise: try await firm())
        }
        var found = "yes"
        do {
            let scope = try table.scope(wish.operation, of: session.principal)
            if !scope.covers(subject) { found = "other" }
        } catch { found = error.code }
        guard found == wish.answer else {
            throw StepFailure("\(wish.operation): expected \(wish.answer), found \(found)")
        }
    }
}
