import Foundation
import Kernel
import Server
import Storage
import TownSupport
import Testing

@testable import Cases

@Suite("drafts, their end, and the order of decisions")
struct DraftTests {
    private let founder = Actor(.person, id: "founder", role: "person")

    private func eachTown(_ body: @Sendable (DemoTown, JSON) async throws -> Void) async throws {
        let path = try Home.find().resource("demo/llc.json")
        let data = try JSON.read(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        try await TownShop.plain.onEachEngine { try await body($0.town, data) }
    }

    private func occasion(_ town: DemoTown, _ actor: Actor) -> Occasion {
        Occasion(now: town.clock.now, actor: actor, request: "r", entropy: town.platform.settings.entropy)
    }

    private func draft(_ town: DemoTown, _ data: JSON) async throws -> Case {
        try await town.platform.desk.start(
            system: "company-opening",
            item: "llc",
            region: "150203",
            channel: .online,
            data: data,
            occasion: occasion(town, founder)
        )
    }

    @Test("one's own draft can be deleted: nothing personal stays, no link opens, nobody else can do it")
    func discard() async throws {
        try await eachTown { town, data in
            let desk = town.platform.desk
            let started = try await draft(town, data)
            let links = try await desk.askSignatures(started.id, occasion: occasion(town, founder))
            #expect(links.count > 1)
            let asked = try await desk.read(started.id)
            let stranger = Actor(.person, id: "stranger", role: "person")
            await #expect(throws: CaseError.notYours) {
                try await desk.discardDraft(
                    asked.id,
                    version: asked.version,
                    occasion: occasion(town, stranger)
                )
            }
            await #expect(throws: CaseError.self) {
                try await desk.discardDraft(
                    asked.id,
                    version: started.version,
                    occasion: occasion(town, founder)
                )
            }
            try await desk.discardDraft(asked.id, version: asked.version, occasion: occasion(town, founder))
            let gone = try await desk.read(asked.id)
            #expect(gone.state == .withdrawn && gone.data == [:] && gone.title.isEmpty)
            try await town.platform.database.read { reader in
                let state = try SignerStore.state(of: gone.id, in: reader)
                #expect(state.signers.isEmpty && state.papers.isEmpty && state.signatures.isEmpty)
                #expect(try CaseStore.mine("founder", limit: 10, in: reader).isEmpty)
            }
            for link in links {
                await #expect(throws: CaseError.linkUnknown) {
                    try await desk.openLink(link.secret, occasion: occasion(town, .anonymous))
                }
            }
            // The timers that were set find nothing to do.
            try await town.move(to: town.clock.now + 60 * Instant.day)
            #expect(try await desk.read(gone.id).state == .withdrawn)
        }
    }

    @Test("what was handed in is withdrawn, never deleted")
    func handedIn() async throws {
        try await eachTown { town, data in
            let desk = town.platform.desk
            let started = try await draft(town, data)
            try await desk.askSignatures(started.id, occasion: occasion(town, founder))
            let returned = try await desk.submit(started.id, occasion: occasion(town, founder))
            #expect(returned.state == .returned)
            await #expect(throws: CaseError.notAllowed(event: .withdraw, in: .returned)) {
                try await desk.discardDraft(
                    returned.id,
                    version: returned.version,
                    occasion: occasion(town, founder)
                )
            }
            // It ends after its own period, and stays a record.
            try await town.move(to: town.clock.now + 60 * Instant.day)
            let lapsed = try await desk.read(returned.id)
            #expect(lapsed.state == .lapsed && lapsed.data == returned.data)
        }
    }

    @Test("a touch moves the end of a draft; at the end only its number is left")
    func lapse() async throws {
        try await eachTown { town, data in
            let desk = town.platform.desk
            let started = try await draft(town, data)
            try await town.move(to: town.clock.now + 20 * Instant.day)
            var edited = data
            edited["address"]["detail"] = "少先路12号3楼302室"
            try await desk.save(
                started.id,
                data: edited,
                version: started.version,
                occasion: occasion(town, founder)
            )
            try await town.move(to: town.clock.now + 29 * Instant.day)
            #expect(try await desk.read(started.id).state == .draft)
            try await town.move(to: town.clock.now + 4 * Instant.day)
            let lapsed = try await desk.read(started.id)
            #expect(lapsed.state == .lapsed && lapsed.data == [:])
            let mine = try await town.platform.database.read {
                try CaseStore.mine("founder", limit: 10, in: $0)
            }
            #expect(mine.map(\.id) == [started.id])
        }
    }

    @Test("a draft begun in December ends although next year's calendar is not published")
    func newYear() async throws {
        try await eachTown { town, data in
            town.clock.set(try #require(Instant(parsing: "2026-12-20 10:00")))
            let started = try await draft(town, data)
            try await town.move(to: try #require(Instant(parsing: "2027-01-19 23:59")))
            #expect(try await town.platform.desk.read(started.id).state == .draft)
            try await town.move(to: try #require(Instant(parsing: "2027-01-25 00:00")))
            #expect(try await town.platform.desk.read(started.id).state == .lapsed)
        }
    }

    @Test("decisions of one moment keep the order in which they were made, whatever their ids")
    func order() async throws {
        try await eachTown { town, data in
            let started = try await draft(town, data)
            let at = town.clock.now
            for index in 0..<12 {
                try await town.platform.database.write { tx in
                    try DecisionStore.insert(
                        Decision(
                            id: ID("decision-\(99 - index)"),
                            caseID: started.id,
                            at: at,
                            outcome: .return,
                            by: .platform("rules"),
                            text: 1,
                            findings: [],
                            facts: [:],
                            reason: "\(index)",
                            instant: false
                        ),
                        occasion: occasion(town, founder),
                        in: tx
                    )
                }
            }
            let reasons = try await town.platform.database.read {
                try DecisionStore.of(started.id, in: $0).map(\.reason)
            }
            #expect(reasons == (0..<12).map(String.init))
        }
    }
}
