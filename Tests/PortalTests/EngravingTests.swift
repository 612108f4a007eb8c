import Cases
import CompanyNames
import FaceSupport
import Identity
import Kernel
import SealEngraving
@testable import Server
import Storage
import Testing

/// Seals of metal ordered outside of an opening.
@Suite struct EngravingTests {
    @Test("of orders at the same moment one is free", arguments: DatabaseEngine.allCases)
    func atOnce(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let founder = "zhangsan"
            let firm = try await town.granted("塞外", of: founder) { data in
                var joined = data["joined"]
                var seals = joined["seals"]
                seals["choice"] = "later"
                joined["seals"] = seals
                data["joined"] = joined
            }
            let code = try #require(firm.result)
            try await town.lead(firm, as: founder)
            let platform = town.platform
            let occasion = try await town.occasion(of: founder)
            let person: ID<Person> = ID(occasion.actor.id)
            let (isFree, engraver, kind) = try await platform.database.read { reader in
                let day = occasion.now.date
                let engravers = try platform.engraving.engravers(near: firm.region, on: day, in: reader)
                return (
                    try platform.engraving.isFree(code, region: firm.region, on: day, in: reader),
                    try #require(engravers.first)["code"],
                    try #require(try platform.engraving.kinds(for: code, on: day, in: reader).first)["code"]
                )
            }
            try #require(isFree)
            let wish = Engraving.Wish(
                kinds: [kind],
                engraver: engraver,
                payer: .government,
                delivery: .pickup,
                receiver: "张三",
                phone: "13800001234",
                address: ""
            )
            let free = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        do {
                            _ = try await platform.database.write {
                                try platform.engraving.order(
                                    wish,
                                    for: code,
                                    by: person,
                                    occasion: occasion,
                                    in: $0
                                )
                            }
                            return true
                        } catch EngravingError.notFree { return false } catch {
                            Issue.record(error)
                            return false
                        }
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(free == 1)
            let orders = try await platform.database.read { try platform.engraving.orders(of: code, in: $0) }
            #expect(orders.count == 1)
        }
    }
}
