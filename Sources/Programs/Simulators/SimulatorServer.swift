import AsyncHTTPClient
public import Exchange
import Foundation
import Hummingbird
public import Kernel
public import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// One party as a process of its own, with a socket, a state file and a board.
public struct SimulatorServer: Sendable {
    let core: SimulatorCore
    let port: Int
    let platform: String
    let clock: any Clock
    let logger: Logger
    /// How long a slow party keeps its caller waiting, in milliseconds.
    let slowness: Int64

    /// Listens on 127.0.0.1 at `port`; reports go to `platform`, such as `http://127.0.0.1:8080`.
    public init(
        core: SimulatorCore,
        port: Int,
        platform: String,
        clock: any Clock,
        logger: Logger,
        slowness: Int64 = 10_000
    ) {
        self.core = core
        self.port = port
        self.platform = platform
        self.clock = clock
        self.logger = logger
        self.slowness = slowness
    }

    /// Makes a party's simulator from the keys in `keys` and its state in `file`.
    public static func core(
        party id: String,
        home: Home,
        keys: ExchangeKeyFolder,
        file: String,
        delay: Int64 = 3_000
    ) throws -> SimulatorCore {
        let parties = try Parties(home: home, only: id)
        return try SimulatorCore(
            party: try parties.party(id),
            limits: parties.limits,
            signer: try keys.signer(id),
            platform: try keys.peer("platform"),
            delay: delay,
            facts: try SimulatedTown.facts(home: home)[id] ?? [],
            file: file
        )
    }

    /// Serves until the process is told to stop. `ready` hears the port that was bound.
    public func run(ready: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: port), serverName: core.party.id),
            onServerRunning: { channel in await ready(channel.localAddress?.port ?? 0) },
            logger: logger
        )
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: application, serviceName: "party"),
                    .init(
                        service: SimulatorReporter(core: core, platform: platform, clock: clock),
                        serviceName: "reports"
                    ),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await group.run()
    }

    private var router: Router<BasicRequestContext> {
        let router = Router()
        router.post("/exchange/v1/:party/:operation") { request, context in
            await answer(try await Self.wire(request))
        }
        router.get("/") { _, _ in Self.page(SimulatorBoard(core: core).html) }
        router.get("/state") { _, _ in Self.json(SimulatorBoard(core: core).json) }
        router.post("/control") { request, _ in
            guard Self.isOwn(request) else { throw HTTPError(.forbidden) }
            let body = try await request.body.collect(upTo: 65_536)
            let text = String(decoding: body.readableBytesView, as: UTF8.self)
            do {
                if text.hasPrefix("{") {
                    let json = try JSON.read(text)
                    if let words = json["switch"].text { try core.set(words) }
                    if !json["fact"].isNull { try core.know(json["fact"]) }
                    return Self.json(SimulatorBoard(core: core).json)
                }
                guard text.hasPrefix("switch="),
                    let words = text.dropFirst(7).replacing("+", with: " ").removingPercentEncoding
                else { throw HTTPError(.badRequest) }
                try core.set(words)
            } catch let refusal as any Refusal {
                throw HTTPError(.unprocessableContent, message: refusal.code)
            }
            return Response(status: .seeOther, headers: [.location: "/"])
        }
        return router
    }

    /// Only the board's own form and programs of this machine may turn switches: a page elsewhere whose name was
    /// bent to this address still says its own name as host.
    static func isOwn(_ request: Request) -> Bool {
        let host = request.head.authority ?? ""
        let name =
            host.hasPrefix("[") ? String(host.prefix { $0 != "]" } + "]") : String(host.prefix { $0 != ":" })
        guard ["127.0.0.1", "localhost", "[::1]"].contains(name) else { return false }
        guard request.headers[.secFetchSite].map({ $0 == "same-origin" }) ?? true else { return false }
        return request.headers[.origin].map { $0 == "http://\(host)" } ?? true
    }

    private func answer(_ request: WireRequest) async -> Response {
        do throws(TransportError) {
            let response = try core.answer(request, now: clock.now)
            var headers = HTTPFields()
            for (name, value) in response.headers {
                if let name = FieldName(name) { headers[name] = value }
            }
            return Response(
                status: .init(code: response.status),
                headers: headers,
                body: .init(byteBuffer: ByteBuffer(bytes: response.body))
            )
        } catch {
            switch error {
            case .down: return Response(status: .serviceUnavailable)
            case .slow:
                // The caller has long gone when this wakes; a shutdown ends it early.
                try? await Task.sleep(for: .milliseconds(slowness))
                return Response(status: .gatewayTimeout)
            }
        }
    }

    static func wire(_ request: Request) async throws -> WireRequest {
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        let body = try await request.body.collect(upTo: 1_048_576)
        return WireRequest(
            method: request.method.rawValue,
            path: request.uri.path,
            query: request.uri.query ?? "",
            headers: headers,
            body: Array(body.readableBytesView)
        )
    }

    private static func page(_ html: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: html))
        )
    }

    private static func json(_ json: JSON) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: json.canonicalBytes))
        )
    }
}

private typealias FieldName = HTTPFields.Element.Name

extension HTTPFields.Element.Name {
    fileprivate static var secFetchSite: Self {
        guard let name = Self("Sec-Fetch-Site") else { preconditionFailure("a valid header name") }
        return name
    }
}

/// Sends the reports that are due, and looks again after a short pause.
struct SimulatorReporter: Service {
    let core: SimulatorCore
    let platform: String
    let clock: any Clock

    func run() async throws {
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        do {
            try await cancelWhenGracefulShutdown {
                while !Task.isCancelled {
                    for report in core.dueReports(now: clock.now) {
                        let response = try? await HTTPTransport.post(
                            report.request,
                            to: platform,
                            within: 5_000,
                            client: client,
                            bodyBytesMax: 65_536
                        )
                        core.delivered(report, response, now: clock.now)
                    }
                    try await Task.sleep(for: .milliseconds(200))
                }
            }
        } catch is CancellationError {
            // Told to stop.
        }
        try await client.shutdown()
    }
}
