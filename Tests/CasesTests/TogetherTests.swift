import Kernel
import Server
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Cases

@Suite("several at the same moment, and numbers that meet", .serialized)
struct TogetherTests {
    /// Runs all acts at once.
    /// - Returns: the code with which each was refused; nil for those that were done.
    private func together(_ acts: [@Sendable () async throws -> Void]) async -> [String?] {
        await withTaskGroup(of: (Int, String?).self) { group in
            for (number, act) in acts.enumerated() {
                group.addTask {
                    do {
                        try await act()
                        return (number, nil)
                    } catch {
                        return (number, (error as? any Refusal)?.code ?? "\(error)")
                    }
                }
            }
            var codes = [String?](repeating: "not run", count: acts.count)
            for await (number, code) in group { codes[number] = code }
            return codes
        }
    }

    @Test("of eight clerks who claim one case at once one has it, and the others are told")
    func claims() async throws {
        try await GuardTown.each { town in
            let subject = try await town.inReviewForTwin()
            try #require(subject.state == .review)
            let codes = await together(
                (0..<8).map { number in
                    {
                        try await town.desk.claim(
                            subject.id,
                            step: "review",
                            version: subject.version,
                            occasion: town.occasion(Actor(.staff, id: "clerk-\(number)", role: "registrar"))
                        )
                    }
                }
            )
            #expect(codes.filter { $0 == nil }.count == 1)
            #expect(codes.filter { $0 == "case.changed-meanwhile" }.count == 7)
            let winner = try #require(codes.firstIndex { $0 == nil })
            let (step, claims) = try await town.database.read { reader in
                (
                    try StepStore.find("review", of: subject.id, in: reader),
                    try reader.number(
                        "SELECT COUNT(*) FROM case_happening WHERE case_id = $1 AND act = 'claimed'",
                        subject.id
                    )
                )
            }
            #expect(step?.assignee == "clerk-\(winner)" && claims == 1)
        }
    }

    @Test("returned by the clerk and withdrawn by the founder at once: one is done, the other not at all")
    func decisions() async throws {
        try await GuardTown.each { town in
            let clerk = Actor(.staff, id: "clerk", role: "registrar")
            let subject = try await town.inReviewForTwin()
            try #require(subject.state == .review)
            try await town.desk.claim(
                subject.id,
                step: "review",
                version: subject.version,
                occasion: town.occasion(clerk)
            )
            let codes = await together([
                {
                    _ = try await town.desk.turnBack(
                        subject.id,
                        as: .return,
                        version: subject.version,
                        reason: "缺一页",
                        told: Told(
                            points: [.init(what: "缺一页", why: "细则第十八条", how: "补齐")],
                            facts: "事实",
                            law: "依据",
                            body: "机关"
                        ),
                        occasion: town.occasion(clerk)
                    )
                },
                {
                    _ = try await town.desk.withdraw(
                        subject.id,
                        version: subject.version,
                        occasion: town.occasion()
                    )
                },
            ])
            #expect(codes.filter { $0 == nil }.count == 1)
            #expect(codes.contains("case.changed-meanwhile"))
            let (after, returned, happened) = try await town.database.read { reader in
                (
                    try CaseStore.find(subject.id, in: reader),
                    try DecisionStore.of(subject.id, in: reader).filter { $0.outcome == .return }.count,
                    try reader.number(
                        """
                        SELECT COUNT(*) FROM case_happening WHERE case_id = $1
                        AND act IN ('returned', 'return', 'withdrawn', 'withdraw')
                        """,
                        subject.id
                    )
                )
            }
            let isReturned = codes[0] == nil
            #expect(after.state == (isReturned ? .returned : .withdrawn))
            #expect(after.version == subject.version + 1)
            #expect(returned == (isReturned ? 1 : 0) && happened == 1)
        }
    }

    @Test("two windows that save one form at once: the form of one stands as a whole, the other is told")
    func saves() async throws {
        try await GuardTown.each { town in
            var draft = try await town.start()
            for _ in 0..<drilled(3, full: 1_000) { draft = try await saveTwice(draft, in: town) }
        }
    }

    private func saveTwice(_ draft: Case, in town: GuardTown) async throws -> Case {
        let forms = ["远帆", "青松"].map { brand in
            var data = draft.data
            data["name"]["brand"] = .string(brand)
            data["address"]["detail"] = .string("少先路12号\(brand)室")
            return data
        }
        let codes = await together(
            forms.map { data in
                {
                    _ = try await town.desk.save(
                        draft.id,
                        data: data,
                        version: draft.version,
                        occasion: town.occasion()
                    )
                }
            }
        )
        let winner = try #require(codes.firstIndex { $0 == nil })
        #expect(codes[1 - winner] == "case.changed-meanwhile")
        let after = try await town.desk.read(draft.id)
        #expect(after.data == forms[winner] && after.version == draft.version + 1)
        return after
    }

    /// The same draws of eight bytes as long as it is told, then the system's.
    private final class Meeting: Entropy {
        private let left: Mutex<Int>

        init(draws: Int) { left = Mutex(draws) }

        func bytes(_ count: Int) -> [UInt8] {
            let isSame = left.withLock { left in
                guard count == 8, left > 0 else { return false }
                left -= 1
                return true
            }
            return isSame ? [UInt8](repeating: 0, count: count) : SystemEntropy().bytes(count)
        }
    }

    /// Every identifier of one moment is the same.
    private struct Repeating: Entropy {
        func bytes(_ count: Int) -> [UInt8] {
            count == 8 ? SystemEntropy().bytes(count) : [UInt8](repeating: 7, count: count)
        }
    }

    @Test("what else a beginning breaks is told as it is, not as a number that was taken")
    func notTaken() async throws {
        try await GuardTown.each { town in
            let now = town.occasion()
            let same = Occasion(now: now.now, actor: now.actor, request: now.request, entropy: Repeating())
            let error = await #expect(throws: StorageError.self) {
                for _ in 1...2 {
                    _ = try await town.desk.start(
                        system: "company-opening",
                        item: "llc",
                        region: "150203",
                        channel: .online,
                        data: ["district": "150203"],
                        occasion: same
                    )
                }
            }
            #expect(error?.code == "storage.constraint", "\(String(describing: error))")
        }
    }

    @Test("a number that is taken is drawn anew, and one that is never free is refused")
    func taken() async throws {
        try await GuardTown.each { town in
            func start(_ draws: Int) async throws -> Case {
                let now = town.occasion()
                return try await town.desk.start(
                    system: "company-opening",
                    item: "llc",
                    region: "150203",
                    channel: .online,
                    data: ["district": "150203"],
                    occasion: Occasion(
                        now: now.now,
                        actor: now.actor,
                        request: now.request,
                        entropy: Meeting(draws: draws)
                    )
                )
            }
            // The number and the look-up code.
            let first = try await start(2)
            #expect(first.number.dropFirst(14).hasPrefix("00000000"))
            let second = try await start(2)
            #expect(second.number != first.number && CaseNumber.isWellFormed(second.number))
            #expect(second.number.prefix(14) == first.number.prefix(14))
            await #expect(throws: StorageError.self) { _ = try await start(.max) }
            let kept = try await town.database.read { try CaseStore.mine("founder", limit: 9, in: $0) }
            #expect(kept.count == 2)
        }
    }
}
