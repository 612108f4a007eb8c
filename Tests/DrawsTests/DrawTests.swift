import Audit
import Cryptography
import Draws
import Kernel
import Storage
import TestSupport
import Testing

@Suite("provable draws")
struct DrawTests {
    private let box = SealedBox(masterKey: [UInt8](repeating: 7, count: 32))
    private let entropy = SeededEntropy(seed: 9)

    private func occasion(_ milliseconds: Int64 = 1_795_239_000_000) -> Occasion {
        Occasion(
            now: Instant(milliseconds: milliseconds),
            actor: .platform("draws"),
            request: "r",
            entropy: entropy
        )
    }

    @Test("one purpose has one seed")
    func onePurpose() async throws {
        try await forEachEngine(AuditMigrations.all + DrawMigrations.all) { database in
            let occasion = occasion()
            let first = try await database.write { tx in
                try Draws.commit("p", box: box, occasion: occasion, in: tx)
            }
            let second = try await database.write { tx in
                try Draws.commit("p", box: box, occasion: occasion, in: tx)
            }
            #expect(first == second)
        }
    }

    private let day = "control:2026-11-21"

    private func ask(_ item: String, rate: Int = 200_000, _ purpose: String, _ reader: any Reader) throws
        -> Sampled?
    {
        try Draws.sample(item, rate: rate, purpose: purpose, box: box, at: occasion().now, in: reader)
    }

    /// Commits to the seed of `day` and keeps samples of cases 0..<300.
    private func sampled(_ database: any Database) async throws -> (draw: Draw, answers: [SampleResult]) {
        try await database.write { tx in
            #expect(try ask("case:0", day, tx) == nil, "there is no seed yet")
            let draw = try Draws.commit(day, box: box, occasion: occasion(), in: tx)
            let answers = try (0..<300).map { try #require(try ask("case:\($0)", day, tx)?.result) }
            for answer in answers { try Draws.keep(answer, of: draw.id, in: tx) }
            return (draw, answers)
        }
    }

    @Test(
        "control samples: what was kept stands, asking keeps nothing, and no draw says two things of one item"
    )
    func samples() async throws {
        try await forEachEngine(AuditMigrations.all + DrawMigrations.all) { database in
            let (draw, answers) = try await sampled(database)
            #expect((30...95).contains(answers.count(where: \.isDrawn)))
            try await database.write { tx in
                let next = try Draws.commit("control:2026-11-22", box: box, occasion: occasion(), in: tx)
                let other = try Draws.commit("inspection:1", box: box, occasion: occasion(), in: tx)
                try Draws.keep(answers[7], of: draw.id, in: tx)
                // Asking alone keeps nothing, and a draw of another family says nothing of this one.
                let new = try #require(try ask("case:new", rate: 0, next.purpose, tx))
                #expect(new.draw == next && !new.result.isDrawn)
                try Draws.keep(new.result, of: other.id, in: tx)
                let asked = try #require(try ask("case:new", rate: 1_000_000, next.purpose, tx))
                #expect(asked.draw == next && asked.result.isDrawn)
                #expect(try Draws.kept("case:new", family: "control:", in: tx) == nil)
                #expect(try Draws.kept("case:7", family: "control:", in: tx)?.result == answers[7])
                #expect(try Draws.latest(of: "control:", countMax: 9, in: tx) == [next, draw])
                #expect(try Draws.latest(of: "control:", below: next.purpose, countMax: 9, in: tx) == [draw])
            }
            // Whoever laid down beforehand what a grant shall say is found out by it.
            let otherwise = SampleResult(item: "case:7", rate: 1, isDrawn: false, at: occasion().now)
            await #expect(throws: DrawError.keptOtherwise) {
                try await database.write { tx in try Draws.keep(otherwise, of: draw.id, in: tx) }
            }
            #expect(
                try await database.read { try Draws.kept("case:7", family: "control:", in: $0) }?.result
                    == answers[7]
            )
            await #expect(throws: DrawError.unknown) {
                try await database.write { tx in
                    _ = try Draws.publish(ID("none"), box: box, occasion: occasion(), in: tx)
                }
            }
            await #expect(throws: DrawError.badRate) {
                try await database.write { tx in _ = try ask("case:new", rate: 1_000_001, day, tx) }
            }
        }
    }

    @Test("a published seed proves every sample, closes the day, and shows what was altered")
    func publishedSamples() async throws {
        try await forEachEngine(AuditMigrations.all + DrawMigrations.all) { database in
            let (draw, answers) = try await sampled(database)
            #expect(!DrawRule.verify(draw, answers))
            let published = try await database.write { tx in
                try Draws.publish(draw.id, box: box, occasion: occasion(), in: tx)
            }
            let kept = try await database.read { reader in try Draws.samples(of: draw.id, in: reader) }
            #expect(kept.count == 300 && published.sampleCount == 300)
            #expect(DrawRule.verify(published, kept))
            #expect(DrawRule.verify(published, kept.reversed()))
            for sample in kept { #expect(DrawRule.verify(published, sample)) }
            for altered in alterations(of: kept) { #expect(!DrawRule.verify(published, altered)) }
            await #expect(throws: DrawError.published) {
                try await database.write { tx in _ = try ask("case:new", day, tx) }
            }
            // Whoever asked before the publication and decides after it keeps nothing.
            await #expect(throws: DrawError.published) {
                let late = SampleResult(item: "case:late", rate: 1, isDrawn: false, at: occasion().now)
                try await database.write { tx in try Draws.keep(late, of: draw.id, in: tx) }
            }
            try await database.write { tx in
                try Draws.keep(answers[7], of: draw.id, in: tx)
                #expect(try Draws.sampleCount(of: draw.id, in: tx) == 300)
            }
        }
    }

    /// One altered rate, item, flag and time, one sample less, one twice.
    private func alterations(of kept: [SampleResult]) -> [[SampleResult]] {
        let one = kept[17]
        let others = [
            SampleResult(item: one.item, rate: one.rate + 1, isDrawn: one.isDrawn, at: one.at),
            SampleResult(item: one.item + "0", rate: one.rate, isDrawn: one.isDrawn, at: one.at),
            SampleResult(item: one.item, rate: one.rate, isDrawn: !one.isDrawn, at: one.at),
            SampleResult(item: one.item, rate: one.rate, isDrawn: one.isDrawn, at: one.at + 1),
            kept[18],
        ]
        return others.map { other in
            var altered = kept
            altered[17] = other
            return altered
        } + [Array(kept.dropLast())]
    }

    @Test("commitment and publication are logged, an unused seed is closed, and an exchanged one is noticed")
    func logged() async throws {
        try await forEachEngine(AuditMigrations.all + DrawMigrations.all) { database in
            let (draw, _) = try await sampled(database)
            let unused = try await database.write { tx in
                try Draws.commit("control:2026-11-22", box: box, occasion: occasion(), in: tx)
            }
            let secret = try await database.read {
                try Draws.secret(from: "control:", below: "control:2026-11-22", countMax: 9, in: $0)
            }
            #expect(secret == [draw])
            try await database.write { tx in
                try Draws.publish(draw.id, box: box, occasion: occasion(), in: tx)
                let closed = try Draws.publish(unused.id, box: box, occasion: occasion(), in: tx)
                #expect(closed.seed != nil && closed.sampleCount == 0 && DrawRule.verify(closed, []))
                try Draws.publish(unused.id, box: box, occasion: occasion(), in: tx)
                let acts = try AuditLog.history(of: "draw:\(draw.id)", in: tx).map(\.act)
                #expect(acts == ["draw.committed", "draw.published"])
            }
            let sound = try await Draws.compareWithLog(in: database, max: 100)
            #expect(sound.count == 2 && sound.altered == [])
            try await database.write { tx in
                let other = DrawRule.commitment(of: [1])
                try tx.execute("UPDATE draw_seed SET commitment = $1 WHERE id = $2", other, draw.id)
            }
            #expect(try await Draws.compareWithLog(in: database, max: 100).altered == ["draw:\(draw.id)"])
        }
    }

    @Test("items are drawn as often as the rate says, and rates of nothing and everything are exact")
    func fair() {
        var drawn = 0
        for round in 0..<5_000 {
            let seed = SM3.digest(Array("seed \(round)".utf8))
            if DrawRule.isSampled("x", rate: 300_000, seed: seed) { drawn += 1 }
            #expect(!DrawRule.isSampled("x", rate: 0, seed: seed))
            #expect(DrawRule.isSampled("x", rate: 1_000_000, seed: seed))
        }
        #expect((1_350...1_650).contains(drawn))
    }

    /// Values computed from Docs/formats/draw.md by another program in another language.
    @Test("the rule is fixed: a known seed gives a known draw")
    func known() {
        let seed = [UInt8](0..<32)
        let list = (1...20).map { "企业\($0)" }
        #expect(
            DrawRule.commitment(of: seed)
                == "fa34635f1d3ac2729ac5987eb59e01928457f325b4b51ca85a177813c5c5ddf7"
        )
        #expect(
            Hex.encode(DrawRule.digest(of: list))
                == "3c36eac116ed7063e9438b3c07c0c54a7d442f5d8741010e567538320a67f0e9"
        )
        let sampled = (0..<50).filter { DrawRule.isSampled("case:\($0)", rate: 200_000, seed: seed) }
        #expect(sampled == [15, 21, 34, 37, 38, 41, 42, 44])
        // Items cannot be shifted over their borders.
        #expect(DrawRule.digest(of: ["ab", "c"]) != DrawRule.digest(of: ["a", "bc"]))
    }
}
