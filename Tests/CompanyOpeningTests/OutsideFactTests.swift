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
