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

    @Test(
        "the second gets the first one's answer; another body is a conflict; an unfinished first is taken over"
    )
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
                    .new, .replay(["case": "c1"]), .conflict(.differentBody), .new, .new, .new,
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

    private func once(_ key: String, body: [UInt8] = [1]) -> Once<Int> {
        Once(key: key, scope: "open:p1", request: body) { JSON($0) }
    }

    /// Does the act in its own transaction, as services do.
    private func act(_ number: Int, _ key: String, in database: any Database) async throws -> String {
        let outcome = try await once(key).run(in: database) { once in
            try await database.write { tx in
                try once.take(at: start, in: tx)
                try Jobs.enqueue(kind: "act", key: "\(number)", payload: nil, at: start, in: tx)
                try once.keep(number, in: tx)
                return number
            }
        }
        switch outcome {
        case .done(let done): return "done \(done)"
        case .before(let answer): return "before \(answer.canonical)"
        }
    }

    @Test("the key is kept with its act or not at all; what a dead program left half is done")
    func withItsAct() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            await #expect(throws: Broken.self) {
                _ = try await once("k").run(in: database) { once in
                    try await database.write { tx in
                        try once.take(at: start, in: tx)
                        throw Broken()
                    }
                }
            }
            await #expect(throws: StorageError.unavailable("away")) {
                _ = try await once("k").run(in: database) { _ in throw StorageError.unavailable("away") }
            }
            try await database.write { tx in
                _ = try Idempotency.begin(
                    key: "half",
                    scope: "open:p1",
                    requestDigest: [1],
                    at: start,
                    in: tx
                )
            }
            #expect(try await act(1, "k", in: database) == "done 1", "\(database.engine)")
            #expect(try await act(2, "k", in: database) == "before 1", "\(database.engine)")
            #expect(try await act(3, "half", in: database) == "done 3", "\(database.engine)")
            await #expect(throws: IdempotencyError.differentBody) {
                _ = try await once("k", body: [2]).run(in: database) { _ in 4 }
            }
            let second = try await database.read { try Jobs.find(kind: "act", key: "2", in: $0) }
            #expect(second == nil)
        }
    }

    @Test("twins that were both begun: one act, one answer, also when the act itself refuses the second")
    func twins() async throws {
        try await forEachEngine(JobsMigrations.all) { database in
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<12 { group.addTask { try await act(number, "k", in: database) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0.hasPrefix("done") } == 1 && Set(answers).count == 2)
            let late = try await once("late").run(in: database) { _ in
                _ = try await act(7, "late", in: database)
                throw Broken()
            }
            guard case .before(7) = late else {
                Issue.record("\(late)")
                return
            }
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
            #expect(
                try await database.write { try Idempotency.forget(before: start, countMax: 9, in: $0) } == 0
            )
            #expect(
                try await database.write { try Idempotency.forget(before: start + 1, countMax: 9, in: $0) }
                    == 1
            )
        }
    }
}
