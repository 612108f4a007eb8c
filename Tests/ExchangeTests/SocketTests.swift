import AsyncHTTPClient
import Exchange
import Foundation
import Hummingbird
import Jobs
import Kernel
import Logging
import NIOCore
import Simulators
import NIOHTTP1
import Storage
import Synchronization
import TestSupport
import Testing

/// Where the party of the running test listens; the suite runs one test after the other.
private let address = Mutex("")

/// How often a message was carried to where nobody sent it.
private let elsewhere = Mutex(0)

/// What a slow peer takes.
private func aWhile() async throws { try await Task.sleep(for: .milliseconds(100)) }

@Suite("over real sockets on 127.0.0.1", .serialized)
struct SocketTests {
    @Test("a question, an order and the party's own report travel as HTTP")
    func roundTrip() async throws {
        try await withParty("tax") { world, exchange, runner, core in
            let line = try await open(world, exchange)
            try await runner.runUntilQuiet()
            #expect(try await world.line(line.id).state == .received)
            world.clock.set(world.clock.now + 5_000)
            for _ in 0..<100 where try await world.line(line.id).state != .done {
                try await aWhile()
            }
            #expect(try await world.line(line.id).state == .done)
            #expect(core.journal().map(\.times) == [1])
        }
    }

    @Test("slow and down are told apart, and neither is an answer")
    func failures() async throws {
        try await withParty("police-id") { world, exchange, _, core in
            func ask() async -> Answer {
                await exchange.ask(
                    Question(
                        party: "police-id",
                        operation: "verify",
                        purpose: "p",
                        consent: "c",
                        fields: Sample.person
                    ),
                    occasion: world.occasion
                )
            }
            #expect(await ask().content?["matches"] == true)
            try core.set("down")
            #expect(await ask() == .unknown(.down))
            try core.set("up")
            try core.set("slow")
            #expect(await ask() == .unknown(.slow))
            try core.set("up")
            try core.set("unsigned")
            #expect(await ask() == .unknown(.unsigned))
        }
    }

    @Test("the board shows and turns the switches, for its own page only")
    func board() async throws {
        try await withParty("sms") { _, exchange, _, core in
            let client = HTTPClient(
                eventLoopGroupProvider: .singleton,
                configuration: .init(redirectConfiguration: .disallow)
            )
            let base = address.withLock { $0 }
            func send(_ method: String, _ path: String, _ body: String = "", site: String? = nil) async throws
                -> (Int, String)
            {
                var request = HTTPClientRequest(url: base + path)
                request.method = method == "GET" ? .GET : .POST
                if let site { request.headers.add(name: "sec-fetch-site", value: site) }
                if !body.isEmpty { request.body = .bytes(ByteBuffer(string: body)) }
                let response = try await client.execute(request, timeout: .seconds(5))
                let bytes = try await response.body.collect(upTo: 1_048_576)
                return (Int(response.status.code), String(buffer: bytes))
            }
            let page = try await send("GET", "/")
            #expect(page.0 == 200 && page.1.contains("这是演示用的模拟系统"))
            #expect(
                try await send("POST", "/control", "switch=refuse+refused+once", site: "same-origin").0 == 303
            )
            #expect(core.switches.map(\.text) == ["refuse refused once"])
            #expect(try await send("POST", "/control", "switch=down", site: "cross-site").0 == 403)
            #expect(try await send("POST", "/control", "switch=sideways").0 == 422)
            #expect(
                try await send("POST", "/control", "{\"fact\":{\"phone\":\"1\",\"refused\":true}}").0 == 200
            )
            #expect(try await send("POST", "/control", "nonsense").0 == 400)
            try await client.shutdown()
        }
    }

    @Test(
        "the whole answer comes in time or counts as slow; nobody is sent elsewhere",
        .timeLimit(.minutes(1))
    )
    func dripping() async throws {
        let ports = AsyncStream<Int>.makeStream()
        try await withThrowingTaskGroup { group in
            group.addTask {
                let router = Router()
                router.post("/drip") { _, _ in
                    Response(
                        status: .ok,
                        body: .init(contentLength: 600) { writer in
                            for _ in 0..<600 {
                                try await writer.write(ByteBuffer(string: " "))
                                try await aWhile()
                            }
                            try await writer.finish(nil)
                        }
                    )
                }
                router.post("/moved") { _, _ in
                    Response(status: .temporaryRedirect, headers: [.location: "/elsewhere"])
                }
                router.post("/elsewhere") { _, _ in
                    elsewhere.withLock { $0 += 1 }
                    return Response(status: .ok)
                }
                try await Application(
                    router: router,
                    configuration: .init(address: .hostname("127.0.0.1", port: 0)),
                    onServerRunning: { ports.continuation.yield($0.localAddress?.port ?? 0) },
                    logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
                ).run()
            }
            guard let port = await ports.stream.first(where: { _ in true }) else { return }
            func post(_ path: String, within: Int64) async throws -> WireResponse {
                try await HTTPTransport.post(
                    WireRequest(method: "POST", path: path, headers: [:], body: [1]),
                    to: "http://127.0.0.1:\(port)",
                    within: within,
                    client: HTTPTransport.ownClient,
                    bodyBytesMax: 65_536
                )
            }
            let clock = ContinuousClock()
            let begun = clock.now
            await #expect(throws: TransportError.slow) { _ = try await post("/drip", within: 1_000) }
            // Dripped to its end it takes a minute.
            #expect(clock.now - begun < .seconds(20))
            let moved = try await post("/moved", within: 10_000)
            #expect(moved.status == 307)
            #expect(elsewhere.withLock { $0 } == 0)
            group.cancelAll()
        }
    }

    private func open(_ world: World, _ exchange: Exchange) async throws -> PartyLine {
        let order = LineOrder(
            party: "tax",
            operation: "register",
            caseID: "case-1",
            caseNumber: "BT1",
            creditCode: code,
            purpose: "p",
            consent: "c",
            fields: Sample.tax,
            key: "k1"
        )
        let occasion = world.occasion
        return try await world.database.write { tx in try exchange.open(order, occasion: occasion, in: tx) }
    }

    /// Starts one party as a server and a platform that takes reports, both on free ports.
    private func withParty(
        _ id: String,
        _ body: @escaping @Sendable (World, Exchange, JobRunner, SimulatorCore) async throws -> Void
    ) async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let world = try await World(database)
            let parties = try TestKeys.parties.get()
            let client = HTTPClient(eventLoopGroupProvider: .singleton)
            let platformPort = AsyncStream<Int>.makeStream()
            let partyPort = AsyncStream<Int>.makeStream()
            let core = try SimulatorCore(
                party: try parties.party(id),
                limits: parties.limits,
                signer: try TestKeys.signer(id),
                platform: try TestKeys.peer("platform"),
                delay: 2_000
            )
            try await withThrowingTaskGroup { group in
                let receiver = world.exchange
                group.addTask {
                    let router = Router()
                    router.post("/exchange/v1/report") { request, _ in
                        var headers: [String: String] = [:]
                        for field in request.headers { headers[field.name.canonicalName] = field.value }
                        let body = try await request.body.collect(upTo: 1_048_576)
                        let response = await receiver.receive(
                            WireRequest(
                                method: request.method.rawValue,
                                path: request.uri.path,
                                headers: headers,
                                body: Array(body.readableBytesView)
                            )
                        )
                        return Response(
                            status: .init(code: response.status),
                            body: .init(byteBuffer: ByteBuffer(bytes: response.body))
                        )
                    }
                    try await Application(
                        router: router,
                        configuration: .init(address: .hostname("127.0.0.1", port: 0)),
                        onServerRunning: { platformPort.continuation.yield($0.localAddress?.port ?? 0) },
                        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
                    ).run()
                }
                guard let platform = await platformPort.stream.first(where: { _ in true }) else { return }
                group.addTask {
                    try await SimulatorServer(
                        core: core,
                        port: 0,
                        platform: "http://127.0.0.1:\(platform)",
                        clock: world.clock,
                        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
                        slowness: 4_000
                    ).run { partyPort.continuation.yield($0) }
                }
                guard let party = await partyPort.stream.first(where: { _ in true }) else { return }
                address.withLock { $0 = "http://127.0.0.1:\(party)" }
                let exchange = Exchange(
                    parties: parties,
                    signer: try TestKeys.signer("platform"),
                    transport: HTTPTransport(client: client, addresses: [id: "http://127.0.0.1:\(party)"]),
                    database: database,
                    clock: world.clock,
                    entropy: world.entropy
                )
                let runner = JobRunner(
                    database: database,
                    clock: world.clock,
                    kinds: exchange.jobKinds,
                    subscribers: []
                )
                try await body(world, exchange, runner, core)
                group.cancelAll()
                do { try await group.waitForAll() } catch is CancellationError {}
            }
            try await client.shutdown()
        }
    }
}
