import Cases
import CompanyOpening
import Draws
import FaceSupport
import Kernel
import Server
import Storage
import TestSupport
import Testing

/// Rows of samples lie bare until their day is published: until then the decision says what was drawn.
@Suite("samples and the decisions that they were kept with", .serialized)
struct SampleComparisonTests {
    private func altered(_ town: FaceTown, max: Int = 100) async throws -> [String] {
        try await ControlSample.compareWithDecisions(in: town.platform.database, max: max).altered
    }

    private func change(_ town: FaceTown, _ statement: StaticString, _ item: String? = nil) async throws {
        let changed = try await town.platform.database.write { tx in
            try item.map { try tx.execute(statement, $0) } ?? tx.execute(statement)
        }
        #expect(changed > 0, "\(statement)")
    }

    @Test(
        "a rate, a flag, a moment or a draw that was changed, a row that is gone and one that was added are named",
        arguments: DatabaseEngine.allCases
    )
    func altered(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let first = try await town.granted("阴山", of: "zhangsan").number
            let second = try await town.granted("塞上", of: "zhangsan").number
            let sound = try await ControlSample.compareWithDecisions(in: town.platform.database, max: 100)
            #expect(sound.count == 2 && sound.altered == [])
            // A lower rate whose flag follows from the seed, so that the published day would prove itself.
            try await change(town, "UPDATE draw_sample SET rate = 1, drawn = 0 WHERE item = $1", first)
            #expect(try await altered(town) == [first])
            try await change(
                town,
                "UPDATE draw_sample SET rate = 50000, drawn = 1 - drawn WHERE item = $1",
                second
            )
            #expect(try await Set(altered(town)) == [first, second])
            #expect(try await altered(town, max: 1).count == 1)
        }
    }

    @Test(
        "a row that is gone, added, moved or of another moment is named",
        arguments: DatabaseEngine.allCases
    )
    func rows(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            // In this order: an answer of the court that is still fresh would be enough for the second.
            let review = try await town.inReview("塞上", of: "zhangsan").number
            let number = try await town.granted("阴山", of: "zhangsan").number
            #expect(try await altered(town) == [])
            try await change(town, "UPDATE draw_sample SET at = at + 1")
            #expect(try await altered(town) == [number])
            try await change(town, "UPDATE draw_sample SET at = at - 1")
            for other in [review, "150203000000"] {
                let item: String = other
                try await change(
                    town,
                    "INSERT INTO draw_sample (draw, item, rate, drawn, at) SELECT draw, $1, rate, drawn, at FROM draw_sample",
                    item
                )
                #expect(try await altered(town) == [item])
                try await change(town, "DELETE FROM draw_sample WHERE item = $1", item)
            }
            try await change(town, "DELETE FROM draw_sample")
            #expect(try await altered(town) == [number])
        }
    }

    @Test("a case that waits for a person shows nothing of a draw before he grants it")
    func waiting() async throws {
        try await FaceTown.open { town in
            let subject = try await town.inReview("塞上", of: "zhangsan")
            let (decisions, kept) = try await town.platform.database.read { reader in
                (
                    try DecisionStore.of(subject.id, in: reader),
                    try Draws.kept(subject.number, family: ControlSample.family, in: reader)
                )
            }
            let decision = try #require(decisions.last)
            #expect(subject.state == .review && kept == nil)
            #expect(decision.facts["sample"].isNull)
            #expect(decision.findings.first { $0.rule == "R18" }?.rows == ["not-applicable"])
            let draws = try await town.call("GET", "/api/v1/draws").json["draws"].elements
            #expect(draws.allSatisfy { $0["count"].int == 0 })
        }
    }
}
