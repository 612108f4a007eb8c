import Cases
import CompanyNames
import CompanyOpening
import Credentials
import Exchange
import Foundation
import Kernel
import Registers
import Server
import Simulators
import Storage
import TestSupport
import Testing

/// A platform with all parties in the same process.
struct Walk {
    let platform: Platform
    let town: SimulatedTown
    let clock: ManualClock

    init(folder: String, databaseURL: String? = nil, at start: String) async throws {
        clock = ManualClock(try #require(Instant(parsing: start)))
        var settings = PlatformSettings(home: try Home.find(), folder: folder)
        settings.clock = clock
        settings.databaseURL = databaseURL
        settings.entropy = SeededEntropy(seed: 7)
        let keys = ExchangeKeyFolder(path: "\(folder)/exchange-keys")
        let parties = try Parties(home: settings.home)
        var signers: [String: EnvelopeSigner] = [:]
        for party in parties.all { signers[party.id] = try keys.signer(party.id) }
        town = try SimulatedTown(
            parties: parties, platform: try keys.peer("platform"), signers: signers, clock: clock,
            entropy: SeededEntropy(seed: 8))
        settings.transport = town.transport
        platform = try await Platform.open(settings)
    }

    func founder() -> Occasion {
        Occasion(
            now: clock.now, actor: Actor(.person, id: "founder-1", role: "person"), request: "test",
            entropy: platform.settings.entropy)
    }

    func settle() async throws {
        for _ in 0..<20 {
            try await platform.runner.runUntilQuiet()
            let delivered = await town.deliverDue { await platform.exchange.receive($0) }
            try await platform.runner.runUntilQuiet()
            if delivered == 0 { return }
        }
    }
}

@Suite("a company is opened")
struct OpeningWalkTests {
    @Test("one form, every signature, decided at once, licence and seals, every line")
    func llc() async throws {
        try await withTemporaryFolder { folder in
            let walk = try await Walk(folder: folder, at: "2026-03-02 10:00")
            let platform = walk.platform
            var data = SampleForms.llc
            let opening = platform.opening
            let proposal = opening.proposal(
                for: CompanyForm(data), applicant: "founder-1", on: walk.clock.now.date)
            let rules = platform.nameRules
            let now = walk.clock.now
            let occasion = walk.founder()
            let outcome = try await platform.database.write { tx in
                let report = try NameCheck.run(proposal, under: rules, now: now, in: tx)
                return try ReserveName.run(report, promised: true, under: rules, occasion: occasion, in: tx)
            }
            guard case .reserved(let reservation) = outcome else {
                Issue.record("not reserved: \(outcome)")
                return
            }
            data["name"]["reservation"] = .string(reservation.id.rawValue)
            data["name"]["full"] = .string(reservation.parts.text)
            var subject = try await platform.desk.start(
                system: "company-opening", item: "llc", region: "150203", channel: .online, data: data,
                occasion: walk.founder())
            let problems = try await platform.desk.problems(
                in: data, region: "150203", definition: platform.desk.definition(of: subject), today: now.date)
            #expect(problems.isEmpty, "\(problems)")
            let links = try await platform.desk.askSignatures(subject.id, occasion: walk.founder())
            #expect(links.count == 1)
            for link in links {
                let anyone = Occasion(now: walk.clock.now, actor: .anonymous, request: "sign")
                let signer = try await platform.desk.verifyFace(link.secret, sample: "score:950", occasion: anyone)
                #expect(signer.state == .verified)
                try await platform.desk.sign(link.secret, occasion: anyone)
            }
            subject = try await platform.desk.submit(subject.id, occasion: walk.founder())
            let id = subject.id
            let decisions = try await platform.database.read { try DecisionStore.of(id, in: $0) }
            for finding in decisions.flatMap(\.findings).obstacles { print(finding.rule, finding.reason, finding.inputs.canonical) }
            #expect(subject.state == .granted)
            try await walk.settle()
            walk.clock.set(walk.clock.now + 3 * Instant.hour)
            try await walk.settle()
            let steps = try await platform.database.read { try StepStore.of(id, in: $0) }
            for step in steps { print(step.name, step.state, step.outcome ?? "-") }
            let code = try #require(subject.result)
            let held = try await platform.database.read { try Credentials.held(by: code, in: $0) }
            #expect(held.count == 3)
            let final = try await platform.desk.read(id)
            #expect(final.completedAt != nil)
            await platform.database.close()
        }
    }
}
