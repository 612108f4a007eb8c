import Cases
import Credentials
import FaceSupport
import Kernel
import Server
import Storage
import Testing

/// What a grant of an item without a module writes is what its facts said.
@Suite struct PlainGrantTests {
    private let founder = "zhangsan"

    @Test("what changed between the facts and the grant is judged again")
    func overtaken() async throws {
        try await FaceTown.open { town in
            let firm = try await town.granted("塞外", of: founder)
            let code = try #require(firm.result)
            try await town.lead(firm, as: founder)
            try await town.act(founder, for: code)
            let begun = try await town.post("/apply/bank-open", ["district": "150203"], as: founder)
            let path = begun.headers["location"] ?? ""
            let id: ID<Case> = ID(path.split(separator: "/").dropFirst().first.map(String.init) ?? "")
            let account: KeyValuePairs = [
                "account.bank": "ICBC", "account.branch": "昆区支行", "account.kind": "basic",
                "account.purpose": "结算",
            ]
            _ = try await town.answer("/drafts/\(id)/account", account, as: founder)
            let desk = town.platform.desk
            try await town.sign(id, of: founder)
            let subject = try await desk.read(id)
            let module = try await desk.module(of: subject)
            let occasion = Occasion(now: town.town.clock.now, actor: .platform("rules"), request: "test")
            let signing = try await town.platform.database.read { try SignerStore.state(of: id, in: $0) }
            func work() async throws -> GrantWork {
                let facts = try await module.facts(
                    for: subject,
                    signing: signing,
                    limits: [:],
                    occasion: occasion
                )
                return try await module.grant(subject, facts: facts, limits: [:], occasion: occasion)
            }
            func carriesOut(_ work: GrantWork) async throws -> Bool {
                do {
                    _ = try await town.platform.database.write { tx in try work.apply(subject, tx) }
                    return true
                } catch {
                    guard error is GrantOvertaken else { throw error }
                    return false
                }
            }
            let unchanged = try await work()
            #expect(try await carriesOut(unchanged))
            let before = try await work()
            try await town.platform.database.write { tx in
                let held = try Credentials.held(by: code, in: tx)
                let licence = try #require(held.first { $0.record.type == "business-licence" })
                try Credentials.apply(.suspend, to: licence.id, reason: "check", occasion: occasion, in: tx)
            }
            let isCarried = try await carriesOut(before)
            #expect(!isCarried)
            let again = try await work()
            #expect(try await carriesOut(again))
        }
    }
}
