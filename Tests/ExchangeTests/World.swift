import Audit
import Exchange
import Foundation
import Jobs
import Kernel
import Simulators
import Storage
import TestSupport
import Testing

let home = Home(
    root: URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
)
let migrations = AuditMigrations.all + JobsMigrations.all + ExchangeMigrations.all
let code = "91150203MA0DEM013P"

func moment(_ text: String) throws -> Instant { try #require(Instant(parsing: text)) }

/// Keys are slow to make, so all tests share one set.
enum TestKeys {
    static let folder = ExchangeKeyFolder(
        path: FileManager.default.temporaryDirectory.appendingPathComponent(
            "suban-keys-\(ProcessInfo.processInfo.processIdentifier)"
        ).path
    )
    static let parties = Result { try Parties(home: home) }
    static let signers = Result {
        var signers = ["platform": try folder.signer("platform")]
        for party in try parties.get().all { signers[party.id] = try folder.signer(party.id) }
        return signers
    }

    static func signer(_ owner: String) throws -> EnvelopeSigner { try #require(try signers.get()[owner]) }

    static func peer(_ owner: String) throws -> PeerKey {
        _ = try signers.get()
        return try folder.peer(owner)
    }
}

/// The platform, all parties and a clock, in one process.
struct World: Sendable {
    let database: any Database
    let clock: ManualClock
    let town: SimulatedTown
    let exchange: Exchange
    let runner: JobRunner
    let entropy = SeededEntropy(seed: 11)

    init(_ database: any Database, at start: String = "2026-11-20 10:00", hears: [Subscriber] = [])
        async throws
    {
        self.database = database
        clock = ManualClock(try moment(start))
        let parties = try TestKeys.parties.get()
        town = try SimulatedTown(
            parties: parties,
            platform: try TestKeys.peer("platform"),
            signers: try TestKeys.signers.get(),
            clock: clock,
            entropy: entropy,
            facts: try SimulatedTown.facts(home: home)
        )
        exchange = Exchange(
            parties: parties,
            signer: try TestKeys.signer("platform"),
            transport: town.transport,
            database: database,
            clock: clock,
            entropy: entropy
        )
        runner = JobRunner(database: database, clock: clock, kinds: exchange.jobKinds, subscribers: hears)
        for party in parties.all { try await exchange.trust(try TestKeys.peer(party.id), occasion: occasion) }
    }

    var occasion: Occasion {
        Occasion(
            now: clock.now,
            actor: Actor(.person, id: "p1", role: "founder"),
            request: "test",
            entropy: entropy
        )
    }

    /// Everything that is due now, on both sides.
    func settle() async throws {
        let exchange = exchange
        for _ in 0..<100 {
            try await runner.runUntilQuiet()
            if await town.deliverDue(to: { await exchange.receive($0) }) == 0 { return }
        }
        Issue.record("it never gets quiet")
    }

    /// Moves the clock; what is due on the way happens at its own time.
    func advance(to text: String) async throws {
        let target = try moment(text)
        for _ in 0..<2_000 {
            try await settle()
            let due = [try await runner.nextDue(), town.nextReport].compactMap { $0 }.min()
            guard let due, due <= target else { break }
            clock.set(max(due, clock.now))
        }
        clock.set(target)
        try await settle()
    }

    func open(
        _ party: String,
        _ operation: String,
        _ fields: JSON,
        key: String = "k1",
        state: LineState = .pending,
        founderMay: Set<FounderWish> = []
    ) async throws -> PartyLine {
        let order = LineOrder(
            party: party,
            operation: operation,
            caseID: "case-1",
            caseNumber: "BT1",
            creditCode: code,
            purpose: "company-opening",
            consent: "consent-1",
            fields: fields,
            key: key,
            state: state,
            founderMay: founderMay
        )
        let occasion = occasion
        let exchange = exchange
        return try await database.write { tx in try exchange.open(order, occasion: occasion, in: tx) }
    }

    func line(_ id: ID<PartyLine>) async throws -> PartyLine {
        let line = try await database.read { try ExchangeStore.line(id, in: $0) }
        return try #require(line)
    }

    func lines() async throws -> [PartyLine] {
        try await database.read { try ExchangeStore.lines(of: "case-1", in: $0) }
    }

    func changes(_ id: ID<PartyLine>) async throws -> [LineChange] {
        try await database.read { try ExchangeStore.changes(of: id, in: $0) }
    }

    func items() async throws -> [WorkItem] {
        try await database.read { try ExchangeStore.openItems(in: $0) }
    }

    func ask(_ party: String, _ operation: String, _ fields: JSON) async -> Answer {
        await exchange.ask(
            Question(
                party: party,
                operation: operation,
                caseNumber: "BT1",
                purpose: "company-opening",
                consent: "c",
                fields: fields
            ),
            occasion: occasion
        )
    }
}

/// What each party is sent in these tests.
enum Sample {
    static let person: JSON = ["name": "赵青", "idNumber": "11010519491231002X", "idKind": "resident"]
    static let tax: JSON = [
        "name": "包头市青山商贸有限公司", "creditCode": .string(code), "kind": "有限责任公司",
        "legalRepresentative": ["name": "赵青", "idNumber": "11010519491231002X"], "address": "昆都仑区某路1号",
        "region": "150203", "scope": ["食品销售"],
    ]
    static let insurance: JSON = [
        "name": "包头市青山商贸有限公司", "creditCode": .string(code), "legalRepresentative": ["name": "赵青"],
        "address": "昆都仑区某路1号", "region": "150203", "employees": [["row": 1, "idNumber": "1"]],
    ]
    static let engraver: JSON = [
        "engraver": "E15020399", "name": "包头市青山商贸有限公司", "creditCode": .string(code),
        "seals": ["公章", "财务专用章"], "delivery": "pickup",
    ]
    static let seals: JSON = [
        "name": "包头市青山商贸有限公司", "creditCode": .string(code), "legalRepresentative": "赵青",
        "seals": ["公章", "财务专用章", "发票专用章", "合同专用章", "法定代表人名章"], "engraver": "E15020301", "region": "150203",
    ]
    static let bank: JSON = [
        "name": "包头市青山商贸有限公司", "creditCode": .string(code), "legalRepresentative": ["name": "赵青"],
        "bank": "建设银行", "branch": "昆区支行", "accountKind": "基本存款账户",
    ]
    static let sms: JSON = ["phone": "13800001234", "text": "您好"]
}
