import Foundation
import Kernel
import Storage
import StoragePostgres

/// Small transactions through `PostgresDatabase` against pgbench with the same statements, tables, server and number of
/// clients. `pgbench -N` adds to an account, reads it and notes it: what a store does with a case and its happening.
enum PostgresBench {
    private static let scale = 10
    /// Of each client, in one go.
    private static let (writeCount, readCount) = (1_500, 8_000)

    static func run(_ settings: BenchSettings) async throws -> [BenchFigure] {
        let server = try BenchPostgres.start(in: settings)
        defer { server?.stop() }
        guard let server, try server.initialize(scale: scale) else {
            return ["writes": "pgbench -N", "reads": "pgbench -S"].sorted { $0.key > $1.key }.map {
                BenchFigure(
                    "postgres-store.\($0.key)",
                    0,
                    "transactions/s",
                    peer: $0.value,
                    note:
                        "no PostgreSQL: install postgresql-15"
                )
            }
        }
        return try await measure(server)
    }

    private static func measure(_ server: BenchPostgres) async throws -> [BenchFigure] {
        let connections = 4 * Stopwatch.cores
        let clients = connections
        let database = try PostgresDatabase(url: server.url, connectionsMax: connections)
        let accounts = scale * 100_000
        var (writes, reads) = (Pair(), Pair())
        var prepared: (writes: Double, reads: Double) = (0, 0)
        // In turn, the best of two each: what other programs take away is nobody's.
        for _ in 0..<2 {
            writes.take(peer: try server.pgbench("-N", clients: clients, each: writeCount))
            writes.take(
                own: try await perSecond(clients, each: writeCount) {
                    let (account, delta) = (Int.random(in: 1...accounts), Int.random(in: -5_000...5_000))
                    _ = try await database.write {
                        try PostgresBenchStore.add(delta, to: account, in: $0)
                    }
                }
            )
            reads.take(peer: try server.pgbench("-S", clients: clients, each: readCount))
            reads.take(
                own: try await perSecond(clients, each: readCount) {
                    let account = Int.random(in: 1...accounts)
                    _ = try await database.read { try PostgresBenchStore.balance(of: account, in: $0) }
                }
            )
        }
        prepared.writes = try server.pgbench("-N", "-M", "prepared", clients: clients, each: writeCount) ?? 0
        prepared.reads = try server.pgbench("-S", "-M", "prepared", clients: clients, each: readCount) ?? 0
        await database.close()
        let how =
            "\(clients) clients, \(connections) connections, \(scale * 100_000) accounts, every commit flushed; with prepared statements pgbench does"
        return [
            BenchFigure(
                "postgres-store.writes",
                writes.own,
                "transactions/s",
                peer: "pgbench -N",
                against: writes.peer,
                note: "\(how) \(Int(prepared.writes))"
            ),
            BenchFigure(
                "postgres-store.reads",
                reads.own,
                "transactions/s",
                peer: "pgbench -S",
                against: reads.peer,
                note: "\(how) \(Int(prepared.reads))"
            ),
        ]
    }

    private struct Pair {
        var own = 0.0
        var peer: Double?

        mutating func take(own figure: Double) { own = max(own, figure) }

        mutating func take(peer figure: Double?) {
            if let figure { peer = max(peer ?? 0, figure) }
        }
    }

    private static func perSecond(
        _ clients: Int,
        each count: Int,
        _ work: @escaping @Sendable () async throws -> Void
    ) async throws -> Double {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<clients {
                group.addTask { for _ in 0..<count { try await work() } }
            }
            try await group.waitForAll()
        }
        return Double(clients * count) / Stopwatch.seconds(since: start)
    }
}
