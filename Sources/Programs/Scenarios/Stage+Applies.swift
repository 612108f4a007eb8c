import Cases
import Catalogue
import Credentials
import Exchange
import Forms
import Kernel
import Rules
import Server
import Standards
import Storage

/// An application for any item of a published system.
struct Application: Sendable {
    /// Nil: the system of the scenario.
    var system: String?
    var item: String
    var form: [SourceEntry] = []
    /// Questions that are answered by a file.
    var files: [String] = []
    /// Whose firm he applies for; nil: for himself.
    var firm: String?
    /// Questions that are answered by what a party said last: `bank.open-account.accountNumber`.
    var taken: [String: String] = [:]
    var sign: Opening.Signing = .everybody
    var submit = true
}

/// What a body does with a licence of a type that somebody holds.
struct BodyAct: Sendable {
    var type: String
    /// Of the cast; nil: of whoever applied last.
    var of: String?
    /// Whose firm holds it; nil: somebody himself.
    var firm: String?
    var event: CredentialEvent
    var words = "样例"
}

extension Scenario {
    static func licenceAct(_ node: SourceNode) throws(DefinitionError) -> BodyAct {
        let map = try node.map(["licence", "of", "firm", "act", "words"])
        var act = BodyAct(
            type: try map.needed("licence").word(),
            event: try map.needed("act").one(of: CredentialEvent.self)
        )
        act.of = try map["of"]?.word()
        act.firm = try map["firm"]?.word()
        if let words = map["words"] { act.words = try words.text() }
        return act
    }

    static func application(_ node: SourceNode) throws(DefinitionError) -> Application {
        let map = try node.map(["system", "item", "form", "files", "firm", "taken", "sign", "submit"])
        var application = Application(item: try map.needed("item").word())
        application.system = try map["system"]?.word()
        application.form = try map["form"]?.entries() ?? []
        application.files = try map["files"]?.words() ?? []
        application.firm = try map["firm"]?.word()
        for entry in try map["taken"]?.entries() ?? [] {
            application.taken[entry.key] = try entry.value.word()
        }
        if let submit = map["submit"] { application.submit = try submit.flag() }
        if let sign = map["sign"] { application.sign = try signing(sign) }
        return application
    }
}

extension Stage {
    /// Fills the form of an item in, has it signed and hands it in; the account answers what it knows.
    func apply(_ person: String, _ application: Application) async throws {
        let definition = try await definition(of: application)
        let patch = Patch(cast: cast, form: definition.form)
        var data = try patch.apply(application.form, to: [:])
        for path in application.files {
            guard let at = FormPath(parsing: path) else { throw StepFailure("\(path) is no path") }
            data[at] = "sm3:sample"
        }
        try await name(application, in: &data, of: definition)
        let founder = occasion(actor(person))
        let started = try await start(
            settled(data, of: definition),
            system: definition.system.id,
            item: application.item,
            occasion: founder
        )
        let subject = try await platform.desk.read(started.subject.id)
        cases[person] = subject.id
        last = person
        problems = platform.desk.problems(
            in: subject.data,
            region: subject.region,
            definition: definition,
            today: now.date
        ).map { "\($0.path) \($0.code)" }
        switch application.sign {
        case .nobody: if application.submit { try await askSignatures(person) }
        case .everybody:
            try await askSignatures(person)
            for name in (links[subject.id] ?? [:]).keys.sorted() { try await sign(name) }
        case .only(let names):
            try await askSignatures(person)
            for name in names { try await sign(name) }
        }
        if application.submit { try await submit(person) }
    }

    /// The firm that is applied for, and what a party said about it.
    private func name(_ application: Application, in data: inout JSON, of definition: CaseDefinition)
        async throws
    {
        guard let owner = application.firm, let group = definition.item.plain?.firm else { return }
        let code = try await firmCode(of: owner)
        data[group] = ["creditCode": .string(code)]
        for (path, source) in application.taken {
            let parts = source.split(separator: ".").map(String.init)
            guard parts.count == 3, let at = FormPath(parsing: path) else {
                throw StepFailure("\(source): party.operation.member")
            }
            let lines = try await platform.database.read {
                try ExchangeStore.done(parts[1], by: parts[0], about: code, in: $0)
            }
            guard let answer = lines.last?.answer[parts[2]], !answer.isNull else {
                throw StepFailure("\(source) was never answered")
            }
            data[at] = answer
        }
    }

    /// What is typed page by page: an opening as `opens` begins one, else the answers to the item of the scenario's system.
    func filling(_ opening: Opening) async throws -> (data: JSON, form: FormDefinition) {
        if let known = definitions[opening.item] { return (try form(of: opening), known.form) }
        let definition = try await definition(of: Application(item: opening.item))
        let data = try Patch(cast: cast, form: definition.form).apply(opening.change, to: [:])
        return (settled(data, of: definition), definition.form)
    }

    private func definition(of application: Application) async throws -> CaseDefinition {
        let today = now.date
        let published = platform.published
        let system = application.system ?? self.system
        let (version, definition) = try await platform.database.read {
            try published.current(system, on: today, in: $0)
        }
        return try CaseDefinition(
            version: version.id,
            system: definition,
            item: application.item,
            region: "150203"
        )
    }

    /// Brought to rest as a page would.
    func settled(_ data: JSON, of definition: CaseDefinition) -> JSON {
        let region = data["district"].text ?? "150203"
        let calendar = platform.standards.calendar
        return definition.form.settled(
            data,
            context: FormContext(
                today: now.date,
                limits: definition.limits(region, now.date),
                codes: FormCodes(platform.standards),
                calendar: RuleCalendar(
                    isWorkingDay: { try? calendar.isWorkingDay($0) },
                    adding: { try? calendar.adding(workingDays: $0, to: $1) },
                    workingDays: { try? calendar.workingDays(from: $0, to: $1) }
                )
            )
        )
    }

    /// What somebody's wallet holds: the last licence of each type that is named, by its state.
    func checkHeld(_ expected: Expectation) async throws -> [String] {
        guard !expected.holds.isEmpty else { return [] }
        let holder = try holder(expected.of)
        let today = now.date
        let held = try await platform.database.read { try Credentials.held(by: holder, in: $0) }
        return expected.holds.sorted { $0.key < $1.key }.compactMap { type, wanted in
            let found = held.last { $0.record.type == type }?.state(on: today).rawValue ?? "none"
            return found == wanted ? nil : "holds \(type): expected \(wanted), found \(found)"
        }
    }

    func decide(_ name: String, _ act: BodyAct) async throws {
        guard let actor = cast.staff[name] else {
            throw StepFailure("\(name) is not among the staff of cast.yaml")
        }
        let holder: String
        if let owner = act.firm {
            holder = try await firmCode(of: owner)
        } else {
            holder = try self.holder(act.of)
        }
        let occasion = occasion(actor)
        let held = try await platform.database.read { try Credentials.held(by: holder, in: $0) }
        guard let last = held.last(where: { $0.record.type == act.type }) else {
            throw StepFailure("there is no \(act.type)")
        }
        let decision = try LicenceDecision(number: "样例〔2026〕1号", reason: act.words)
        _ = try await platform.database.write { tx in
            try Credentials.carryOut(decision, act.event, on: last.record.id, occasion: occasion, in: tx)
        }
    }

    /// Where the last licence that somebody holds himself stands on pages: `{held}` its number, `{showHeld}` where it is
    /// shown, `{verifyHeld}` where anybody verifies it, `{wallet}` his own wallet.
    func filledHeld(_ text: String, of name: String) async throws -> String {
        let places = ["{held}", "{showHeld}", "{verifyHeld}", "{wallet}"]
        guard places.contains(where: text.contains) else { return text }
        let holder = actor(accounts[name] == nil ? last ?? name : name).id
        let held = try await platform.database.read { try Credentials.held(by: holder, in: $0) }.last
        let types = platform.credentials.types.licences
        let number = held.flatMap {
            types[$0.record.type]?.numberField.flatMap { field in held?.record.fields[field.key].text }
        }
        return text.replacing("{held}", with: number ?? "")
            .replacing(
                "{showHeld}",
                with: "/wallet/\(holder)/files/\(held?.record.id.rawValue ?? "")/present"
            )
            .replacing("{verifyHeld}", with: held?.record.code.path ?? "")
            .replacing("{wallet}", with: "/wallet/\(holder)")
    }

    private func holder(_ name: String?) throws(StepFailure) -> String {
        guard let name = name ?? last else { throw StepFailure("nobody is named") }
        return actor(name).id
    }
}
