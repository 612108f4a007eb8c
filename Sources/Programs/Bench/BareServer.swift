import Foundation
import Hummingbird
import Kernel
import Logging
import NIOCore
import Storage
import StorageSQLite
import Synchronization

/// What the platform's calls are held against: a route of Hummingbird that does nothing, without any middleware, and
/// one that writes or reads a single row of our database and does nothing else. On a socket of its own, in this process.
struct BareServer: Sendable {
    static let rows: Int64 = 10_000
    let port: Int
    private let database: SQLiteDatabase

    /// Serves while `body` runs.
    static func serving<Answer: Sendable>(
        folder: String,
        _ body: (BareServer) async throws -> Answer
    ) async throws -> Answer {
        let database = try SQLiteDatabase(path: "\(folder)/naked.sqlite")
        try await database.migrate([BenchStore.nakedRows])
        try await database.write { tx in
            for number in 1...Self.rows { try BenchStore.insert(number, in: tx) }
        }
        let listening = AsyncStream<Int>.makeStream()
        var logger = Logger(label: "bench", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .critical
        let application = Application(
            router: router(database),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { listening.continuation.yield($0.localAddress?.port ?? 0) },
            logger: logger
        )
        let answer = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.runService(gracefulShutdownSignals: []) }
            defer { group.cancelAll() }
            var ports = listening.stream.makeAsyncIterator()
            guard let port = await ports.next(), port > 0 else {
                throw BenchFault("the bare route does not listen")
            }
            return try await body(BareServer(port: port, database: database))
        }
        await database.close()
        return answer
    }

    private static func router(_ database: SQLiteDatabase) -> Router<BasicRequestContext> {
        let next = Counter(first: rows + 1)
        let router = Router()
        router.get("bare") { _, _ in answer("{\"done\":true}") }
        router.post("bare") { _, _ in answer("{\"done\":true}") }
        router.get("naked/:row") { _, context in
            let number = try context.parameters.require("row", as: Int64.self)
            return answer(try await database.read { try BenchStore.word(of: number, in: $0) })
        }
        router.post("naked") { _, _ in
            let number = next.next()
            try await database.write { try BenchStore.insert(number, in: $0) }
            return answer("{\"row\":\(number)}")
        }
        return router
    }

    /// How many rows were written through the naked route.
    func written() async throws -> Int64 {
        try await database.read { try BenchStore.nakedRows(in: $0) } - Self.rows
    }

    private static func answer(_ text: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(string: text))
        )
    }

    private final class Counter: Sendable {
        private let value: Atomic<Int64>

        init(first: Int64) { value = Atomic(first - 1) }

        func next() -> Int64 { value.wrappingAdd(1, ordering: .relaxed).newValue }
    }
}
