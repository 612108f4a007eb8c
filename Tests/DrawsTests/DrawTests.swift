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

    private let firms = (1...200).map { "firm-\($0)" }

    @Test("commit, draw, publish: a stranger computes the same")
    func whole() async throws {
        try await forEachEngine(DrawMigrations.all) { database in
            let occasion = occasion()
            let draw = try await database.write { tx in
                try Draws.commit("inspection:1", box: box, occasion: occasion, in: tx)
            }
            #expect(draw.seed == nil)
            let result = try await database.write { tx in
                try Draws.draw(
                    10,
                    from: firms,
                    by: draw.id,
                    beacon: [1, 2, 3],
                    box: box,
                    occasion: occasion,
                    in: tx
                )
            }
            #expect(Set(result.drawn).count == 10)
            #expect(!DrawRule.verify(draw, result, list: firms))
            let published = try await database.write { tx in
                try Draws.publish(draw.id, box: box, occasion: occasion, in: tx)
            }
            #expect(published.commitment == draw.commitment)
            #expect(DrawRule.verify(published, result, list: firms))
            #expect(DrawRule.verify(published, result, list: firms.reversed()))
            #expect(!DrawRule.verify(published, result, list: Array(firms.dropLast())))
            #expect(!DrawRule.verify(published, result, list: firms.dropLast() + ["firm-201"]))
            let kept = try #require(
                try await database.read { reader in try Draws.result(of: draw.id, in: reader) }
            )
            #expect(kept.result == result)
            #expect(kept.list == firms)
            try await refused(.alreadyDrawn, .published, database, draw.id)
        }
    }

    private func refused(_ first: DrawError, _ second: DrawError, _ database: any Database, _ id: ID<Draw>)
        async throws
    {
        let occasion = occasion()
        await #expect(throws: second) {
            try await database.write { tx in
                _ = try Draws.draw(1, from: firms, by: id, box: box, occasion: occasion, in: tx)
            }
        }
        let other = try await database.write { tx in
            try Draws.commit("inspection:2", box: box, occasion: occasion, in: tx)
        }
        await #expect(throws: DrawError.notDrawn) {
            try await database.write { tx in
                _ = try Draws.publish(other.id, box: box, occasion: occasion, in: tx)
            }
        }
        await #expect(throws: DrawError.duplicate(item: "a")) {
            try await database.write { tx in
                _ = try Draws.draw(1, from: ["a", "a"], by: other.id, box: box, occasion: occasion, in: tx)
            }
        }
        await #expect(throws: DrawError.tooFew(count: 2, list: 1)) {
            try await database.write { tx in
                _ = try Draws.draw(2, from: ["a"], by: other.id, box: box, occasion: occasion, in: tx)
            }
        }
        _ = try await database.write { tx in
            try Draws.draw(1, from: firms, by: other.id, box: box, occasion: occasion, in: tx)
        }
        await #expect(throws: first) {
            try await database.write { tx in
                _ = try Draws.draw(1, from: firms, by: other.id, box: box, occasion: occasion, in: tx)
            }
        }
        await #expect(throws: DrawError.unknown) {
            try await database.write { tx in
                _ = try Draws.publish(ID("none"), box: box, occasion: occasion, in: tx)
            }
        }
    }

    @Test("one purpose has one seed")
    func onePurpose() async throws {
        try await forEachEngine(DrawMigrations.all) { database in
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

    @Test("control samples: asked again the answer stands, and the published seed proves it")
    func samples() async throws {
        try await forEachEngine(DrawMigrations.all) { database in
            let occasion = occasion()
            let answers = try await database.write { tx in
                try (0..<300).map {
                    try Draws.sample(
                        "case:\($0)",
                        rate: 200_000,
                        purpose: "control:2026-11",
                        box: box,
                        occasion: occasion,
                        in: tx
                    )
                }
            }
            let drawn = answers.count(where: \.isDrawn)
            #expect((30...95).contains(drawn))
            let again = try await database.write { tx in
                try Draws.sample(
                    "case:7",
                    rate: 0,
                    purpose: "control:2026-11",
                    box: box,
                    occasion: occasion,
                    in: tx
                )
            }
            #expect(again == answers[7])
            let draw = try #require(
                try await database.read { reader in try Draws.find(purpose: "control:2026-11", in: reader) }
            )
            let published = try await database.write { tx in
                try Draws.publish(draw.id, box: box, occasion: occasion, in: tx)
            }
            let kept = try await database.read { reader in try Draws.samples(of: draw.id, in: reader) }
            #expect(kept.count == 300)
            for sample in kept { #expect(DrawRule.verify(published, sample)) }
            await #expect(throws: DrawError.published) {
                try await database.write { tx in
                    _ = try Draws.sample(
                        "case:new",
                        rate: 1,
                        purpose: "control:2026-11",
                        box: box,
                        occasion: occasion,
                        in: tx
                    )
                }
            }
            await #expect(throws: DrawError.badRate) {
                try await database.write { tx in
                    _ = try Draws.sample(
                        "case:new",
                        rate: 1_000_001,
                        purpose: "q",
                        box: box,
                        occasion: occasion,
                        in: tx
                    )
                }
            }
        }
    }

    @Test("every item is equally likely, and rates of nothing and everything are exact")
    func fair() {
        let list = (0..<10).map { "item-\($0)" }
        var counts: [String: Int] = [:]
        for round in 0..<5_000 {
            let seed = SM3.digest(Array("seed \(round)".utf8))
            for item in DrawRule.draw(3, from: list, seed: seed) { counts[item, default: 0] += 1 }
            #expect(!DrawRule.isSampled("x", rate: 0, seed: seed))
            #expect(DrawRule.isSampled("x", rate: 1_000_000, seed: seed))
        }
        for item in list { #expect((1_350...1_650).contains(counts[item] ?? 0), "\(item)") }
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
        let drawn = DrawRule.draw(5, from: list.reversed(), seed: seed, beacon: [1, 2, 3])
        #expect(drawn == ["企业13", "企业14", "企业7", "企业9", "企业20"])
        let sampled = (0..<50).filter { DrawRule.isSampled("case:\($0)", rate: 200_000, seed: seed) }
        #expect(sampled == [15, 21, 34, 37, 38, 41, 42, 44])
        #expect(DrawRule.draw(0, from: ["a"], seed: seed).isEmpty)
        // Items cannot be shifted over their borders.
        #expect(DrawRule.digest(of: ["ab", "c"]) != DrawRule.digest(of: ["a", "bc"]))
    }
}
