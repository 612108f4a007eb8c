import Hummingbird
import Logging
import NIOCore
import TestSupport
import Testing

/// A platform in the inner zone that answers every page but `/my`, which takes until it is let go.
actor StubPlatform {
    private var isOpen = false
    private var held: [CheckedContinuation<Void, Never>] = []

    /// - Parameter body: is told where it answers.
    static func served(_ body: (StubPlatform, String) async throws -> Void) async throws {
        let stub = StubPlatform()
        let (ports, told) = AsyncStream<Int>.makeStream()
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in
                await stub.answer(request.uri.path)
                return Response(
                    status: .ok,
                    headers: [.contentType: "text/html"],
                    body: .init(byteBuffer: ByteBuffer(string: "<h1>\(request.method.rawValue)</h1>"))
                )
            },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { told.yield($0.localAddress?.port ?? 0) },
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            let port = try #require(await ports.first { _ in true })
            try await body(stub, "http://127.0.0.1:\(port)")
            await stub.release()
            await LastVisitor.come(to: port)
            group.cancelAll()
            do { while try await group.next() != nil {} } catch is CancellationError {}
        }
    }

    private func answer(_ path: String) async {
        guard path == "/my", !isOpen else { return }
        await withCheckedContinuation { held.append($0) }
    }

    func release() {
        isOpen = true
        for one in held { one.resume() }
        held = []
    }
}
