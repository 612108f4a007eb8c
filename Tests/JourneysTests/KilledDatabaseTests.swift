import Audit
import Foundation
import Jobs
import Kernel
import Storage
import StoragePostgres
import Synchronization
import TestSupport
import Testing

/// Trust D2: the server of the database is killed again and again while eight clients write. Each act is asked for under
/// its key until it is answered; what was answered must be there once, with its log entry, event and job.
///
/// `Scripts/drills/postgres-killed` runs it at length.
@Suite("a killed database", .timeLimit(.minutes(30)))
struct KilledDatabaseTests {
    private struct Extent {
        let kills: Int
        let writes: Int
        let seed: UInt64

        init() {
            func number(_ name: String) -> Int? {
                ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
            }
            kills = number("SUBAN_D2_KILLS") ?? 2
            writes = number("SUBAN_D2_WRITES") ?? 400
            seed = UInt64(number("SUBAN_D2_SEED") ?? 1)
        }
    }

    /// What clients were told, by the key of their request.
    private final class Answers: Sendable {
        private let noted = Mutex<[String: String]>([:])
        private let (counts, count) = AsyncStream.makeStream(
            of: Int.self,
            bufferingPolicy: .bufferingNewest(1)
        )

        func note(_ key: String, _ answer: String) {
            count.yield(
                noted.withLock {
                    $0[key] = answer
                    return $0.count
                }
            )
        }

        /// Waits until so many were told something.
        func reach(_ wanted: Int) async {
            for await count in counts where count >= wanted { return }
        }

        var all: [String: String] { noted.withLock { $0 } }
    }

    private static let clients = 8
    private static let start = Instant(milliseconds: 1_790_000_000_000)

    @Test("loses and doubles nothing that was answered, and its files stay whole")
    func killed() async throws {
        let extent = Extent()
        let begun = ContinuousClock.now
        try await withTemporaryFolder { folder in
            let server = try PostgresServer(folder: "\(folder)/server")
            defer { server.stop() }
            let database = try PostgresDatabase(url: server.url, connectionsMax: Self.clients)
            try await database.migrate(AuditMigrations.all + JobsMigrations.all)
            try await durable(database)
            let answered = Answers()
            let kills = try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<Self.clients {
                    group.addTask {
                        for number in stride(from: client, to: extent.writes, by: Self.clients) {
                            let answer = try await act(number, in: database)
                            answered.note("k\(number)", answer)
                        }
                    }
                }
                let entropy = SeededEntropy(seed: extent.seed)
                var kills = 0
                while kills < extent.kills {
                    // Somewhere inside the next part of the writes, so that work is always under way.
                    let part = extent.writes / (extent.kills + 1)
                    let within = Int(entropy.bytes(2).reduce(0) { $0 << 8 | Int($1) }) % max(part / 2, 1)
                    await answered.reach(kills * part + part / 2 + within)
                    server.kill()
                    try server.start()
                    kills += 1
                }
                try await group.waitForAll()
                return kills
            }
            try #require(kills == extent.kills)
            try await compare(answered.all, extent, database)
            await database.close()
            try server.run(
                "pg_amcheck",
                ["--all", "--heapallindexed", "--install-missing", "--maintenance-db", server.url]
            )
        }
        let seconds = Int((ContinuousClock.now - begun) / .seconds(1))
        say("TRUST D2 PASS n=\(extent.writes) kills=\(extent.kills) seed=\(extent.seed) t=\(seconds)")
    }

    /// What the promise is about; without these a test would prove nothing.
    private func durable(_ database: PostgresDatabase) async throws {
        for name in ["data_checksums", "fsync", "synchronous_commit", "full_page_writes"] {
            let value = try await database.read { try $0.first("SELECT current_setting($1)", name)?.text(0) }
            try #require(value == "on", "\(name)")
        }
    }

    /// An act as the platform does them: its key, what it says of itself, its event, its job, its answer. A client that
    /// hears nothing asks again under the same key.
    private func act(_ number: Int, in database: PostgresDatabase) async throws -> String {
        let occasion = Occasion(
            now: Self.start,
            actor: Actor(.person, id: "p\(number % 7)", role: "person"),
            request: "r\(number)"
        )
        let once = Once<String>(key: "k\(number)", scope: "act", request: [7]) { .string($0) }
        while true {
            do {
                let outcome = try await once.run(in: database) { once in
                    let id = occasion.newID(Event.self).rawValue
                    try await database.write { tx in
                        try once.take(at: Self.start, in: tx)
                        let object = "thing:\(number)"
                        try AuditLog.append(
                            "thing.done",
                            object: object,
                            after: .string(id),
                            occasion: occasion,
                            in: tx
                        )
                        try Outbox.emit(
                            "thing.done",
                            object: object,
                            payload: .string(id),
                            occasion: occasion,
                            in: tx
                        )
                        try Jobs.enqueue(
                            kind: "follow",
                            key: object,
                            payload: .string(id),
                            at: Self.start,
                            in: tx
                        )
                        try once.keep(id, in: tx)
                    }
                    return id
                }
                switch outcome {
                case .done(let id): return id
                case .before(let answer): return answer.text ?? ""
                }
            } catch StorageError.unavailable, StorageError.unreachable {
                await Task.yield()
            }
        }
    }

    private func compare(_ answered: [String: String], _ extent: Extent, _ database: PostgresDatabase)
        async throws
    {
        let (kept, events, entries, jobs) = try await database.read { reader in
            (
                try reader.query("SELECT key, answer FROM jobs_idempotency"),
                try reader.query("SELECT object, payload FROM jobs_event"),
                try reader.query("SELECT object, COUNT(*) FROM audit_entry GROUP BY object"),
                try reader.query("SELECT key, payload FROM jobs_job")
            )
        }
        try #require(answered.count == extent.writes)
        try #require(
            kept.count == extent.writes && events.count == extent.writes && jobs.count == extent.writes
        )
        let answers = try pairs(kept)
        try #require(
            answers == answered.mapValues { JSON.string($0).canonical },
            "an answer was lost or doubled"
        )
        let told = try pairs(events)
        let followed = try pairs(jobs)
        for number in 0..<extent.writes {
            let answer = answers["k\(number)"]
            try #require(told["thing:\(number)"] == answer && followed["thing:\(number)"] == answer)
        }
        let counts = try entries.map { try $0.integer(1) }
        try #require(counts == [Int64](repeating: 1, count: extent.writes))
    }

    private func pairs(_ rows: [Row]) throws -> [String: String] {
        try Dictionary(rows.map { (try $0.text(0), try $0.text(1)) }) { _, _ in "twice" }
    }

    private func say(_ line: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data("\(line)\n".utf8))
    }
}
