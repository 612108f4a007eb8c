import Kernel
import Server
import Simulators
import Storage
import Synchronization
import Testing

@testable import CompanyOpening
@testable import Exchange

@Suite("what the outside says about people", .serialized)
struct OutsideFactTests {
    /// Answers nobody before both have been asked, or after five seconds.
    private final class Meeting: Transport {
        private let here = Mutex<Set<String>>([])
        private let met = Mutex(false)

        var haveMet: Bool { met.withLock { $0 } }

        func carry(
            _ request: WireRequest,
            to party: Party,
            within: Int64
        ) async throws(TransportError) -> WireResponse {
            _ = here.withLock { $0.insert(party.id) }
            let begun = ContinuousClock.now
            while begun.duration(to: .now) < .seconds(5), !haveMet {
                if here.withLock({ $0 == ["police-id", "court-list"] }) { met.withLock { $0 = true } }
                await Task.yield()
            }
            _ = here.withLock { $0.remove(party.id) }
            throw .down
        }
    }

    /// Parties whose clocks go ahead of ours.
    private struct Ahead: Transport {
        let real: any Transport
        let clock: ManualClock

        func carry(
            _ request: WireRequest,
            to party: Party,
            within: Int64
        ) async throws(TransportError) -> WireResponse {
            let now = clock.now
            clock.set(now + 2 * Instant.minute)
            defer { clock.set(now) }
            return try await real.carry(request, to: party, within: within)
        }
    }

    private func outside(_ town: DemoTown, over exchange: Exchange) -> OutsideFacts {
        OutsideFacts(
            exchange: exchange,
            database: town.platform.database,
            keys: town.platform.personKeys,
            freshMinutes: 60,
            barTerm: BarTerm(limits: [:], today: town.clock.now.date)
        )
    }

    private func officer() throws -> NamedPerson {
        try #require(
            NamedPerson(try Opened.form("demo/llc.json")["legalRepresentative"], role: .legalRepresentative)
        )
    }

    @Test("the police and the courts are asked side by side")
    func together() async throws {
        try await Opened.inTown { town, _ in
            let known = town.platform.exchange
            let meeting = Meeting()
            let exchange = Exchange(
                parties: known.parties,
                signer: known.signer,
                transport: meeting,
                database: town.platform.database,
                clock: town.clock
            )
            let answers = try await outside(town, over: exchange).about(
                [try officer()],
                caseNumber: "BT1",
                occasion: Opened.occasion(town, Opened.founder)
            )
            #expect(meeting.haveMet)
            #expect(answers.values.map(\.police) == ["unknown"])
            #expect(answers.values.map(\.barSource) == ["unknown"])
        }
    }

    @Test("a party whose clock goes ahead makes no answer count for longer")
    func ahead() async throws {
        try await Opened.inTown { town, _ in
            let known = town.platform.exchange
            let exchange = Exchange(
                parties: known.parties,
                signer: known.signer,
                transport: Ahead(real: known.transport, clock: town.clock),
                database: town.platform.database,
                clock: town.clock
            )
            // No officer: only the police are asked about him.
            let person = try #require(
                NamedPerson(try Opened.form("demo/llc.json")["legalRepresentative"], role: .liaison)
            )
            let start = town.clock.now
            for (minutes, asked) in [(0, 1), (60, 1), (61, 2)] {
                town.clock.set(start + Int64(minutes) * Instant.minute)
                let answers = try await outside(town, over: exchange).about(
                    [person],
                    caseNumber: "BT1",
                    occasion: Opened.occasion(town, Opened.founder)
                )
                #expect(answers.values.map(\.police) == ["match"])
                #expect(try town.town.party("police-id").journal().count == asked, "\(minutes)")
            }
            #expect(try town.town.party("court-list").journal().isEmpty)
        }
    }

    @Test("who is dead is no match, and a bar that is disputed is not certain")
    func said() async throws {
        try await Opened.inTown { town, _ in
            let person = try officer()
            func answers(_ police: JSON, _ courts: JSON) async throws -> PersonAnswers? {
                let names: JSON = [
                    "name": .string(person.name), "idKind": .string(person.idKind),
                    "idNumber": .string(person.idNumber),
                ]
                let (keys, now) = (town.platform.personKeys, town.clock.now)
                try await town.platform.database.write { tx in
                    for (asked, content) in [("police-id.verify", police), ("court-list.bars", courts)] {
                        let key = keys.person(idKind: asked, idNumber: person.identity + names.canonical)
                        try FactStore.put(key, content: content, at: now, in: tx)
                    }
                }
                return try await outside(town, over: town.platform.exchange).about(
                    [person],
                    caseNumber: "BT1",
                    occasion: Opened.occasion(town, Opened.founder)
                )[person.identity]
            }
            let alive = try await answers(["matches": true, "alive": true], ["bars": [["kind": "破产清算"]]])
            #expect(alive?.police == "match")
            #expect(alive?.bars.map { $0["certain"].bool } == [true])
            let dead = try await answers(
                ["matches": true, "alive": false],
                ["bars": [["kind": "破产清算", "disputed": true]]]
            )
            #expect(dead?.police == "dead")
            #expect(dead?.bars.map { $0["certain"].bool } == [false])
            #expect(try town.town.party("police-id").journal().isEmpty)
        }
    }

    @Test("an answer is kept with its messages, asked for once in its time, and forgotten after a day")
    func forgotten() async throws {
        try await Opened.inTown { town, _ in
            let facts = outside(town, over: town.platform.exchange)
            let person = try officer()
            func asked() async throws -> Int {
                let answers = try await facts.about(
                    [person],
                    caseNumber: "BT1",
                    occasion: Opened.occasion(town, Opened.founder)
                )
                #expect(answers.values.map(\.police) == ["match"])
                #expect(answers.values.map(\.barSource) == ["known"])
                return try town.town.party("police-id").journal().count
            }
            let start = town.clock.now
            #expect(try await asked() == 1)
            #expect(try await asked() == 1)
            town.clock.set(start + 61 * Instant.minute)
            #expect(try await asked() == 2)
            town.clock.set(start + 24 * Instant.hour)
            #expect(try await town.platform.housekeeping.run()["facts"] == 0)
            town.clock.set(start + 26 * Instant.hour)
            #expect(try await town.platform.housekeeping.run()["facts"] == 2)
            #expect(try await town.platform.housekeeping.run()["facts"] == 0)
        }
    }
}
