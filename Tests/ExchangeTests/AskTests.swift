import Exchange
import Kernel
import Simulators
import Storage
import Synchronization
import TestSupport
import Testing

@Suite("questions")
struct AskTests {
    @Test("an answer is whole, signed, dated and kept with its question")
    func answered() async throws {
        try await forEachEngine(migrations) { database in
            let world = try await World(database)
            let answer = await world.ask("police-id", "verify", Sample.person)
            #expect(
                answer
                    == .answered(
                        ["matches": true, "alive": true, "nearName": false],
                        dataTime: world.clock.now
                    )
            )
            let kept = try await database.read { try ExchangeStore.messages(party: "police-id", in: $0) }
            #expect(Set(kept.map(\.kind)) == [.question, .answer])
            #expect(Set(kept.map(\.message)).count == 1)
        }
    }

    @Test(
        "what goes wrong is unknown, never an answer",
        arguments: [
            ("down", Answer.Unknown.down), ("slow", .slow), ("nonsense", .nonsense),
            ("wrong-firm", .nonsense),
            ("unsigned", .unsigned), ("refuse not-allowed", .refused),
        ]
    )
    func unknown(failure: String, why: Answer.Unknown) async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let world = try await World(database)
            try world.town.party("court-list").set(failure)
            #expect(await world.ask("court-list", "bars", Sample.person) == .unknown(why))
            try world.town.party("court-list").set("up")
            #expect(await world.ask("court-list", "bars", Sample.person).content?["dishonest"] == false)
        }
    }

    @Test(
        "what the parties know: a dead person, a debtor, a namesake, a struck-off firm, an undeclared agent"
    )
    func facts() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let world = try await World(database)
            try world.town.party("police-id").know(["idNumber": "11010519491231002X", "alive": false])
            try world.town.party("court-list").know([
                "idNumber": "11010519491231002X", "dishonest": true, "entries": ["x"],
            ])
            #expect(await world.ask("police-id", "verify", Sample.person).content?["alive"] == false)
            #expect(await world.ask("court-list", "bars", Sample.person).content?["dishonest"] == true)
            var namesake = Sample.person
            namesake["name"] = "李同名"
            namesake["idNumber"] = "440524188001010014"
            let bars = await world.ask("court-list", "bars", namesake)
            #expect(bars.content?["nameOnly"] == true)
            let firm = await world.ask(
                "company-query",
                "state",
                ["creditCode": "91150203MA0DEM021J", "name": "远山"]
            )
            #expect(firm.content?["state"] == "注销")
            let agent = await world.ask("agent-register", "find", ["name": "无名"])
            #expect(agent.content?["declared"] == false)
            let face = await world.ask(
                "police-face",
                "compare",
                ["name": "赵青", "idNumber": "1", "idKind": "resident", "capture": "score:610"]
            )
            #expect(face.content?["score"] == 610)
        }
    }

    @Test("a field the party may not have, a missing one, and an unknown party are not asked at all")
    func leastFields() async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let world = try await World(database)
            var more = Sample.person
            more["phone"] = "13800001234"
            #expect(await world.ask("police-id", "verify", more) == .unknown(.notAsked))
            #expect(await world.ask("police-id", "verify", ["name": "赵青"]) == .unknown(.notAsked))
            #expect(await world.ask("astrologer", "verify", [:]) == .unknown(.notAsked))
            #expect(await world.ask("tax", "register", Sample.tax) == .unknown(.notAsked))
            #expect(try world.town.party("police-id").journal().isEmpty)
        }
    }

    @Test("what else is kept of an answer is kept with its messages or not at all, and of no other")
    func keeping() async throws {
        try await forEachEngine(migrations) { database in
            let world = try await World(database)
            func ask(_ fields: JSON, keeping: @escaping @Sendable (JSON) throws -> Void) async -> Answer {
                let question = Question(
                    party: "police-id",
                    operation: "verify",
                    caseNumber: "BT1",
                    purpose: "company-opening",
                    consent: "c",
                    fields: fields
                )
                return await world.exchange.ask(question, occasion: world.occasion) { content, _, _ in
                    try keeping(content)
                }
            }
            func messages() async throws -> Int {
                try await database.read { try ExchangeStore.messages(party: "police-id", in: $0).count }
            }
            let kept = Mutex<[JSON]>([])
            _ = await ask(["name": "赵青"]) { content in kept.withLock { $0.append(content) } }
            #expect(kept.withLock { $0.isEmpty })
            let answer = await ask(Sample.person) { content in kept.withLock { $0.append(content) } }
            #expect(kept.withLock { $0.count } == 1)
            #expect(kept.withLock { $0.first } == answer.content)
            let before = try await messages()
            #expect(before == 2)
            #expect(await ask(Sample.person) { _ in throw CancellationError() } == .unknown(.notRecorded))
            #expect(try await messages() == before)
        }
    }

    @Test("a revoked key of the party makes its answers unknown")
    func revoked() async throws {
        try await forEachEngine(migrations) { database in
            let world = try await World(database)
            try await world.exchange.revoke(key: TestKeys.peer("police-id").keyID, occasion: world.occasion)
            #expect(await world.ask("police-id", "verify", Sample.person) == .unknown(.unsigned))
        }
    }
}
