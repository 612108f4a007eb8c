import Cases
import CompanyNames
import CompanyOpening
import Credentials
import Exchange
import Foundation
import Identity
import Kernel
import Registers
import Server
import Standards
import Storage
import Testing
import TownSupport

/// Somebody else has the wished name.
struct NameTaken: Error {}

/// A town with one enterprise opened in it, on one database.
struct Opened {
    let town: DemoTown
    let data: JSON
    let subject: Case
    let code: String

    static let staff = Actor(.staff, id: "corrector", role: "corrector")
    static let head = Actor(.staff, id: "head", role: "head")
    static let founder = Actor(.person, id: "demo-founder", role: "person")

    /// Runs `body` on both engines, with the enterprise of `file` opened and everything of the first hours settled.
    static func onEachEngine(
        _ file: String = "demo/llc.json",
        change: @escaping @Sendable (inout JSON) -> Void = { _ in },
        before: @escaping @Sendable (DemoTown) async throws -> Void = { _ in },
        _ body: @escaping @Sendable (Opened) async throws -> Void
    ) async throws {
        try await inTown { town, folder in
            var data = try form(file)
            change(&data)
            try await before(town)
            try await DemoJourney(town: town, say: { _ in }).openCompany(data, into: "\(folder)/out")
            let found = try await town.platform.database.read {
                try CaseStore.mine("demo-founder", limit: 1, in: $0)
            }
            let subject = try #require(found.first)
            try await body(
                Opened(town: town, data: data, subject: subject, code: try #require(subject.result))
            )
        }
    }

    /// An empty town on each engine.
    static func inTown(_ body: @escaping @Sendable (DemoTown, String) async throws -> Void) async throws {
        try await TownShop.plain.onEachEngine { copy in try await body(copy.town, copy.folder) }
    }

    static func form(_ file: String) throws -> JSON {
        let path = try Home.find().resource(file)
        return try JSON.read(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
    }

    var database: any Database { town.platform.database }
    var corrections: Corrections { town.platform.corrections }

    func occasion(_ actor: Actor = staff) -> Occasion { Self.occasion(town, actor) }

    static func occasion(_ town: DemoTown, _ actor: Actor = staff) -> Occasion {
        Occasion(now: town.clock.now, actor: actor, request: "test", entropy: town.platform.settings.entropy)
    }

    func pass(days: Int) async throws { try await town.move(to: town.clock.now + Int64(days) * Instant.day) }

    func entry() async throws -> RegisterSubject {
        let code = code
        return try await database.read { try #require(try RegisterStore.find(code, in: $0)) }
    }

    /// State by credential type, replaced versions left out.
    func credentials() async throws -> [String: CredentialState] {
        let code = code
        let held = try await database.read { try Credentials.held(by: code, in: $0) }
        return Dictionary(
            held.filter { $0.state != .replaced }.map { ($0.record.type, $0.state) },
            uniquingKeysWith: { $1 }
        )
    }

    func licence() async throws -> Credential {
        let code = code
        let held = try await database.read { try Credentials.held(by: code, in: $0) }
        return try #require(held.last { $0.record.type == "business-licence" && $0.state != .replaced })
    }

    func lines() async throws -> [PartyLine] {
        let id = subject.id.rawValue
        return try await database.read { try ExchangeStore.lines(of: id, in: $0) }
    }

    func publications() async throws -> [Publication] {
        let code = code
        return try await database.read { try PublicationStore.of(code, in: $0) }
    }

    func names() async throws -> [NameEntry] {
        let code = code
        return try await database.read { try NameLibrary.names(of: code, in: $0) }
    }

    func acting(_ person: ID<Person>) async throws -> ActingFor? {
        let (code, now) = (code, town.clock.now)
        return try await database.read { try Enterprises.acting(person, for: code, at: now, in: $0) }
    }

    /// Makes a person of the form known to the platform.
    static func know(_ person: JSON, in town: DemoTown) async throws -> ID<Person> {
        let platform = town.platform
        let document = try platform.standards.identityDocument(
            kind: person["idKind"].text ?? "",
            number: person["idNumber"].text ?? "",
            on: town.clock.now.date
        )
        let name = try PersonName(person["name"].text ?? "")
        let occasion = occasion(town, .anonymous)
        return try await platform.database.write { tx in
            try People.register(
                name: name,
                document: document,
                phone: nil,
                keys: platform.identityKeys,
                occasion: occasion,
                in: tx
            ).id
        }
    }

    /// Reserves a name for the founder.
    static func reserve(_ brand: String, like data: JSON, in town: DemoTown, by actor: Actor = founder)
        async throws -> NameEntry
    {
        var wish = data
        wish["name"]["brand"] = .string(brand)
        guard case .reserved(let entry) = try await town.reserveName(of: &wish, by: actor) else {
            throw NameTaken()
        }
        return entry
    }

    static let finding = CorrectionFinding(facts: "冒名", evidence: "笔迹鉴定", reason: "条例第四十条")

    static func finding(_ value: JSON) -> CorrectionFinding {
        CorrectionFinding(facts: "冒名", evidence: "笔迹鉴定", reason: "条例第四十条", value: value)
    }

    /// A slip that waits for its second person.
    @discardableResult
    func propose(_ changes: JSON) async throws -> Correction {
        try await corrections.proposeSlip(code, changes: changes, reason: "录入错误", occasion: occasion())
    }

    @discardableResult
    func confirm(_ matter: Correction, by actor: Actor = head) async throws -> Correction {
        try await corrections.confirm(
            matter.id,
            of: code,
            version: matter.version,
            occasion: occasion(actor)
        )
    }

    /// A matter of a false registration, taken up.
    func investigated(item: String? = nil) async throws -> Correction {
        let opened = try await corrections.open(
            code,
            words: "冒名登记",
            item: item,
            applicant: "李文博",
            occasion: occasion()
        )
        return try await corrections.accept(
            opened.id,
            of: code,
            version: opened.version,
            occasion: occasion()
        )
    }

    /// One proposes the decision, another confirms it.
    @discardableResult
    func decide(
        _ event: CorrectionEvent,
        _ matter: Correction,
        _ finding: CorrectionFinding,
        by actor: Actor = staff
    ) async throws -> Correction {
        try await confirm(try await propose(event, matter, finding, by: actor))
    }

    @discardableResult
    func propose(
        _ event: CorrectionEvent,
        _ matter: Correction,
        _ finding: CorrectionFinding,
        by actor: Actor = staff
    ) async throws -> Correction {
        try await corrections.propose(
            event,
            matter.id,
            of: code,
            version: matter.version,
            finding: finding,
            occasion: occasion(actor)
        )
    }

    /// Withdraws the registration for what was found.
    @discardableResult
    func withdraw(_ matter: Correction, by actor: Actor = staff) async throws -> Correction {
        try await decide(.withdraw, matter, Self.finding, by: actor)
    }
}
