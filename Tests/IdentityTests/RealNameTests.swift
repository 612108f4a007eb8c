import Identity
import Kernel
import Standards
import Storage
import Synchronization
import TestSupport
import Testing

/// The holder of an account shows his face.
@Suite("faces that are compared")
struct RealNameTests {
    /// Answers of the police, one after another, and how often they were asked.
    private final class Police: Sendable {
        private let made = Mutex(0)
        private let answer: @Sendable (Int) -> IdentityChecks.Comparison

        init(_ answer: @escaping @Sendable (Int) -> IdentityChecks.Comparison) { self.answer = answer }

        var count: Int { made.withLock { $0 } }

        func next() -> IdentityChecks.Comparison {
            answer(
                made.withLock { made in
                    made += 1
                    return made
                }
            )
        }

        var checks: IdentityChecks {
            IdentityChecks(confirm: { _, _, _ in .unknown }, compare: { _, _, _, _, _ in self.next() })
        }
    }

    private func compare(_ bench: Bench, _ person: Person, _ police: Police) async throws -> Person {
        try await RealName.compare(
            person.id,
            sample: "x",
            checks: police.checks,
            settings: bench.settings,
            occasion: bench.occasion(Actor(.person, id: person.id.rawValue, role: "person")),
            database: bench.database
        )
    }

    @Test("the lowest score is enough, one per mille under it is not")
    func lowest() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let person = try await bench.person(1, level: .confirmed)
            let police = Police { .compared(score: $0 == 1 ? 799 : 800, reference: "F2") }
            await #expect(throws: IdentityError.faceDiffers(score: 79, needed: 80)) {
                try await compare(bench, person, police)
            }
            let seen = try await compare(bench, person, police)
            #expect(seen.level == .face && seen.faceScore == 800 && seen.faceReference == "F2")
        }
    }

    @Test("five faces that differ are all for a day, and then the police are asked no more")
    func tries() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let person = try await bench.person(1, level: .confirmed)
            let other = try await bench.person(2, level: .confirmed)
            let police = Police { .compared(score: $0 == 7 ? 900 : 300, reference: "F2") }
            for _ in 0..<5 {
                await #expect(throws: IdentityError.faceDiffers(score: 30, needed: 80)) {
                    try await compare(bench, person, police)
                }
            }
            await #expect(throws: IdentityError.triesUsed(minutes: 1_440)) {
                try await compare(bench, person, police)
            }
            #expect(police.count == 5)
            // Another person has tries of his own.
            await #expect(throws: IdentityError.faceDiffers(score: 30, needed: 80)) {
                try await compare(bench, other, police)
            }
            bench.pass(minutes: 1_440)
            #expect(try await compare(bench, person, police).level == .face)
        }
    }

    @Test("police who do not answer cost no try; a face that passed takes the wrong ones back")
    func givenBack() async throws {
        try await forEachEngine(identityMigrations) { database in
            let bench = try await Bench(database)
            let person = try await bench.person(1, level: .confirmed)
            let silent = Police { _ in .unknown }
            for _ in 0..<9 {
                await #expect(throws: IdentityError.faceSilent) {
                    try await compare(bench, person, silent)
                }
            }
            // Four wrong ones and a right one, twice.
            let police = Police { .compared(score: $0.isMultiple(of: 5) ? 900 : 300, reference: "F2") }
            for place in 1...10 {
                do {
                    _ = try await compare(bench, person, police)
                    #expect(place.isMultiple(of: 5))
                } catch IdentityError.faceDiffers {
                    #expect(!place.isMultiple(of: 5))
                }
            }
        }
    }
}
