import HTTPTypes
import Hummingbird
import Kernel
import Logging
import NIOCore
import Synchronization
import Testing

/// A system that is told of changes, behind a socket of its own.
final class Receiver: Sendable {
    struct Delivery: Sendable {
        let headers: [String: String]
        let bytes: [UInt8]
        var json: JSON { (try? JSON.read(bytes)) ?? .null }
    }

    private let all = Mutex<[Delivery]>([])
    private let answer = Mutex(HTTPResponse.Status.ok)
    /// Whom it lets wait; nil while it lets nobody.
    private let waiting = Mutex<[CheckedContinuation<Void, Never>]?>(nil)
    private let (arrivals, arrived) = AsyncStream<Void>.makeStream()

    /// What it took: deliveries that it answered otherwise are none.
    var taken: [Delivery] { all.withLock { $0 } }

    func says(_ status: Int) { answer.withLock { $0 = .init(code: status) } }

    /// Answers nobody until it is released.
    func hold() { waiting.withLock { $0 = $0 ?? [] } }

    func release() {
        let all = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting ?? []
        }
        for one in all { one.resume() }
    }

    /// Waits for the next delivery that it took. For one caller.
    func arrival() async { for await _ in arrivals { return } }

    private func take(_ request: Request) async throws -> Response {
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        let body = try await request.body.collect(upTo: 1_048_576)
        await withCheckedContinuation { continuation in
            let waits = waiting.withLock { waiting in
                waiting?.append(continuation)
                return waiting != nil
            }
            if !waits { continuation.resume() }
        }
        let status = answer.withLock { $0 }
        if status == .ok {
            all.withLock { $0.append(Delivery(headers: headers, bytes: Array(body.readableBytesView))) }
            arrived.yield()
        }
        // Where nobody is sent who is told to go elsewhere.
        return Response(status: status, headers: status == .found ? [.location: "/elsewhere"] : [:])
    }

    /// Runs `body` with a receiver and the port on which it listens.
    ///
    /// It listens until the program ends: the library's server traps when it is stopped while somebody connects.
    static func run(_ body: @escaping @Sendable (Receiver, Int) async throws -> Void) async throws {
        let receiver = Receiver()
        let (ports, port) = AsyncStream<Int>.makeStream()
        Task {
            defer { port.finish() }
            let router = Router()
            router.post("**") { request, _ in try await receiver.take(request) }
            try await Application(
                router: router,
                configuration: .init(address: .hostname("127.0.0.1", port: 0)),
                onServerRunning: { port.yield($0.localAddress?.port ?? 0) },
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            ).run()
        }
        let number = try #require(await ports.first { _ in true })
        try await body(receiver, number)
    }
}
