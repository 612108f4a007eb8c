import Jobs
import Kernel
import Storage
import TestSupport
import Testing

@Suite("requests that come twice")
struct IdempotencyTests {
    private func ask(
        _ key: String,
        scope: String = "open:p1",
        body: [UInt8] = [1],
        answer: JSON? = "done",
        in tx: any Transaction
    ) throws -> Idempotency.Begun {
        let begun = try Idempotency.begin(key: key, scope: scope, requestDigest: body, at: start, in: tx)
        if begun == .new, let answer {
            try Idempotency.finish(key: key, scope: scope, answer: answer, in: tx)
        }
        return begun
    }

    @Test("the second gets the first one's answer; another body, or an unfinished first, is a conflict")
    func repeated() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            let answers = try await database.write { tx in
                [
                    try ask("k", answer: ["case": "c1"], in: tx), try ask("k", in: tx),
                    try ask("k", body: [2], in: tx), try ask("k", scope: "open:p2", in: tx),
                    try ask("half", answer: nil, in: tx), try ask("half", in: tx),
                ]
            }
            #expect(
                answers == [
                    .new, .replay(["case": "c1"]), .conflict(.differentBody), .new, .new,
                    .conflict(.stillRunning),
                ],
                "\(database.engine)"
            )
            #expect(IdempotencyError.differentBody.status == .unacceptable)
        }
    }

    @Test("a first that is undone leaves its key free")
    func undone() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            try? await database.write { tx in
                _ = try ask("k", in: tx)
                throw Broken()
            }
            let again = try await database.write { try ask("k", in: $0) }
            #expect(again == .new)
        }
    }

    @Test("forty at once: one does it, the others get its answer")
    func together() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            let answers = try await withThrowingTaskGroup(of: Idempotency.Begun.self) { group in
                for number in 0..<40 {
                    group.addTask { try await database.write { try ask("k", answer: JSON(number), in: $0) } }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0 == .new } == 1, "\(database.engine)")
            #expect(Set(answers).count == 2, "\(database.engine)")
        }
    }

    @Test(
        "keys have bounds, and old ones are forgotten",
        arguments: ["", String(repeating: "k", count: 256)]
    )
    func bounds(key: String) async throws {
        try await withDatabase(.sqlite, JobsMigrations.all) { database in
            await #expect(throws: IdempotencyError.badKey) {
                try await database.write { try ask(key, in: $0) }
            }
            try await database.write { _ = try ask("k", in: $0) }
            #expect(try await database.write { try Idempotency.forget(before: start, in: $0) } == 0)
            #expect(try await database.write { try Idempotency.forget(before: start + 1, in: $0) } == 1)
        }
    }
}
