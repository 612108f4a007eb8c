import Foundation
import Jobs
import Kernel
import Logging
import Storage
import TestSupport
import Testing

/// A node that does jobs until it is killed, for `Scripts/drills/workers-killed`: that program starts this test as
/// processes of their own. Without it there is nothing to do.
@Suite("a worker process")
struct WorkerProcessTests {
    static let migrations =
        JobsMigrations.all + [
            Migration(
                "effect",
                1,
                // No key: were an effect there twice, two rows would stand here.
                "CREATE TABLE effect_row (job TEXT NOT NULL, node TEXT NOT NULL)",
                "CREATE TABLE effect_try (job TEXT NOT NULL, node TEXT NOT NULL)"
            )
        ]

    private struct WallClock: Clock {
        var now: Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) }
    }

    @Test("does jobs, each effect once by its key")
    func work() async throws {
        guard let drill = try Drilled() else { return }
        try await drill.database.migrate(Self.migrations)
        if let count = drill.number("jobs") {
            try await enqueue(count, on: drill.database)
        } else {
            let node = "\(ProcessInfo.processInfo.processIdentifier)"
            let runner = JobRunner(
                database: drill.database,
                clock: WallClock(),
                kinds: [kind(node, drill.database)],
                subscribers: [],
                leaseMilliseconds: Int64(drill.number("lease") ?? 2_000)
            )
            try await JobService(
                runner,
                logger: Logger(label: "worker", factory: { _ in SwiftLogNoOpLogHandler() }),
                parallelMax: 8,
                lookEvery: .milliseconds(50)
            ).run()
        }
        await drill.database.close()
    }

    private func enqueue(_ count: Int, on database: any Database) async throws {
        for first in stride(from: 0, to: count, by: 500) {
            try await database.write { tx in
                for number in first..<min(count, first + 500) {
                    try Jobs.enqueue(
                        kind: "effect",
                        key: "job-\(number)",
                        payload: nil,
                        at: WallClock().now,
                        in: tx
                    )
                }
            }
        }
    }

    private func kind(_ node: String, _ database: any Database) -> JobKind {
        // A worker that dies in a job costs an attempt each time.
        JobKind("effect", retry: RetryPolicy(attempts: 101, first: 100, factor: 1, longest: 100)) { job in
            try await database.write { tx in
                try tx.execute("INSERT INTO effect_try (job, node) VALUES ($1, $2)", job.key, node)
            }
            try await database.write { tx in
                let begun = try Idempotency.begin(
                    key: job.key,
                    scope: "effect",
                    requestDigest: [],
                    at: job.due,
                    in: tx
                )
                guard begun == .new else { return }
                try tx.execute("INSERT INTO effect_row (job, node) VALUES ($1, $2)", job.key, node)
                try Idempotency.finish(key: job.key, scope: "effect", answer: true, in: tx)
            }
            return .done
        }
    }
}
