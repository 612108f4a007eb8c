import Audit
import Foundation
import Jobs
import Kernel
import Logging
import Storage
import TestSupport
import Testing

@testable import Changes

@Suite("telling other systems of changes", .serialized)
struct WebhookTests {
    private static let inside = [NetworkRange("127.0.0.0/8")].compactMap(\.self)
    private static let pace = WebhookPace(
        pauseFirst: 1_000,
        pauseLongest: 60_000,
        within: 5_000,
        turn: 60_000,
        atOnce: 8,
        countMax: 3,
        look: 4
    )

    private struct World: Sendable {
        let nodes: [any Database]
        let clock: ManualClock
        let deliveries: [WebhookDelivery]
        let runners: [JobRunner]
        let webhook: Webhook
        let secret: String

        var database: any Database { nodes[0] }

        init(_ nodes: [any Database], port: Int, pace: WebhookPace = WebhookTests.pace) async throws {
            self.nodes = nodes
            let clock = ManualClock(start)
            self.clock = clock
            deliveries = nodes.map {
                WebhookDelivery(database: $0, clock: clock, networks: inside, pace: { _ in pace })
            }
            runners = zip(nodes, deliveries).map {
                JobRunner(database: $0, clock: clock, kinds: [$1.kind], subscribers: [])
            }
            (webhook, secret) = try await Self.add("税务", port: port, to: nodes[0])
        }

        static func add(_ name: String, port: Int, to database: any Database) async throws -> (
            webhook: Webhook, secret: String
        ) {
            try await Webhooks.add(
                name: name,
                address: "http://127.0.0.1:\(port)/changes",
                region: "150200",
                inside: inside,
                within: 5_000,
                countMax: 10,
                occasion: occasion(),
                database: database
            )
        }

        func change(_ count: Int, region: String = "150203") async throws {
            for number in 0..<count {
                try await database.write {
                    try $0.change(payload: ["sequence": JSON(number)], region: region, at: clock.now)
                }
            }
            if database.engine == .postgres { try await database.seal() }
        }

        /// What a server's bell and its jobs do, on every node at once.
        func round() async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (delivery, runner) in zip(deliveries, runners) {
                    group.addTask {
                        _ = try await delivery.ring()
                        try await runner.runUntilQuiet()
                    }
                }
                try await group.waitForAll()
            }
        }

        func standing() async throws -> WebhookStanding {
            try #require(try await database.read { try Webhooks.standings(in: $0) }.first)
        }

        func act(_ act: WebhookAct) async throws {
            let occasion = occasion(at: clock.now)
            try await database.write { try act.apply(to: webhook.id, occasion: occasion, in: $0) }
        }
    }

    private func withWorld(_ body: @escaping @Sendable (World, Receiver) async throws -> Void) async throws {
        try await withNodes { nodes in
            try await Receiver.run { receiver, port in
                try await body(try await World(nodes, port: port), receiver)
            }
        }
    }

    private func told(_ receiver: Receiver) -> [Int64] {
        receiver.taken.flatMap { $0.json["changes"].elements.compactMap { $0["sequence"].int } }
    }

    @Test("each change once, in order, signed so that a stranger can check; what lies elsewhere is left out")
    func whole() async throws {
        try await withWorld { world, receiver in
            try await world.change(4)
            try await world.change(6, region: "150700")
            try await world.change(4)
            for _ in 0..<3 { try await world.round() }
            let expected = try await world.database.all(
                after: world.webhook.cursor,
                reach: ChangeReach(region: "150200")
            )
            #expect(expected.count == 8)
            #expect(told(receiver) == expected.map(\.sequence), "\(world.database.engine)")
            // Each delivery goes on where the one before ended, or where there was nothing in between.
            var cursor = world.webhook.cursor
            for delivery in receiver.taken {
                let after = try #require(delivery.json["after"].int)
                #expect(after >= cursor)
                cursor = try #require(delivery.json["next"].int)
            }
            let standing = try await world.standing()
            #expect(standing.lag <= 1 && standing.webhook.failures == 0 && standing.webhook.toldAt != nil)
            let first = try #require(receiver.taken.first)
            #expect(try check(first, world.secret) == 0)
            #expect(try check(first, world.secret + "A") == 1)
            // The clock of the test is not the machine's: for a receiver it is an old one that comes again.
            #expect(try check(first, world.secret, age: nil) == 1)
            #expect(try check(first, world.secret, age: 60) == 1)
            #expect(try check(first, world.secret, age: 1_000_000_000) == 0)
            var changed = first.bytes
            changed[changed.count / 2] ^= 1
            #expect(try check(Receiver.Delivery(headers: first.headers, bytes: changed), world.secret) == 1)
        }
    }

    /// `Tools/verify-webhook.py`, as a receiver runs it.
    /// - Parameter age: seconds by which it may be old; 0 for any, nil for what the tool takes by itself.
    private func check(_ delivery: Receiver.Delivery, _ secret: String, age: Int? = 0) throws -> Int32 {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data(delivery.bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let names = ["suban-delivery", "suban-timestamp", "suban-signature"]
        var arguments = ["python3", "\(try Home.find().root)/Tools/verify-webhook.py"]
        if let age { arguments += ["--age", String(age)] }
        for name in names { arguments.append(delivery.headers[name] ?? "") }
        process.arguments = arguments + [file.path]
        process.environment = ProcessInfo.processInfo.environment.merging(["SUBAN_WEBHOOK_SECRET": secret]) {
            $1
        }
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    @Test("what is not taken is tried again with growing pauses and without end, and holds back what follows")
    func stuck() async throws {
        try await withWorld { world, receiver in
            receiver.says(500)
            try await world.change(2)
            var pauses: [Int64] = []
            for _ in 0..<12 {
                try await world.round()
                let next = try #require(try await world.standing().nextTry)
                pauses.append(next - world.clock.now)
                world.clock.set(next)
            }
            #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60].map { $0 * 1_000 })
            let standing = try await world.standing()
            #expect(standing.webhook.failures == 12 && standing.webhook.why == "webhook.not-taken")
            #expect(standing.lag > 0 && standing.since == start && receiver.taken.isEmpty)
            #expect(try await world.database.read { try DeadLetters.all(countMax: 9, in: $0) }.isEmpty)
            // To go elsewhere is no answer either.
            receiver.says(302)
            try await world.round()
            #expect(receiver.taken.isEmpty)
            receiver.says(200)
            try await world.change(1)
            try await world.act(.resume)
            try await world.round()
            #expect(told(receiver).count == 3, "\(world.database.engine)")
            #expect(try await world.standing().webhook.failures == 0)
        }
    }

    @Test("paused it is told nothing and loses nothing; from a cursor it is told again; removed it is gone")
    func acts() async throws {
        try await withWorld { world, receiver in
            try await world.act(.pause)
            try await world.change(3)
            try await world.round()
            #expect(receiver.taken.isEmpty)
            try await world.act(.resume)
            try await world.round()
            let first = told(receiver)
            #expect(first.count == 3)
            try await world.act(.replay(after: try #require(first.first)))
            try await world.round()
            #expect(told(receiver) == first + first.dropFirst(), "\(world.database.engine)")
            await #expect(throws: ChangesError.self) { try await world.act(.replay(after: 1_000_000)) }
            let acts = try await world.database.read {
                try AuditLog.history(of: world.webhook.object, in: $0).map(\.act)
            }
            #expect(acts == ["webhook.added", "webhook.paused", "webhook.resumed", "webhook.replayed"])
            try await world.act(.remove)
            let before = receiver.taken.count
            try await world.change(1)
            try await world.round()
            #expect(receiver.taken.count == before)
            await #expect(throws: WebhookError.unknown) { try await world.act(.resume) }
        }
    }

    @Test(
        "no door inside is knocked at (H8)",
        arguments: [
            "https://127.0.0.1/x", "https://localhost/x", "https://[::1]/x", "https://10.1.2.3/",
            "https://172.16.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1/", "https://0.0.0.0/", "https://[::]/", "https://[fe80::1]/",
            "https://[fd00::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:10.0.0.1]/",
            "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://2130706433/",
            "https://0x7f.1/", "https://127.1/", "https://224.0.0.1/", "https://255.255.255.255/",
        ]
    )
    func inside(address: String) async throws {
        await #expect(throws: WebhookError.forbiddenAddress) {
            try await WebhookAddress(address, inside: []).resolved(inside: [], within: 5_000)
        }
        let named = try #require(NetworkRange("10.32.0.0/12"))
        await #expect(throws: WebhookError.forbiddenAddress) {
            try await WebhookAddress(address, inside: [named]).resolved(inside: [named], within: 5_000)
        }
    }

    @Test(
        "an address is https, whole and without a password",
        arguments: [
            "", "x", "http://example.org/", "ftp://example.org/", "https://", "https:///x",
            "file:///etc/passwd",
            "https://a:b@example.org/", "https://example.org/#x", "https://example.org/\u{0}",
            "https://exa mple.org/", "gopher://127.0.0.1:70/", "https://example.org/\r\nx: y",
            "https://exa%6Dple.org/", "https://example.org%2f@127.0.0.1/", "https://exam_ple.org/",
            "https://-a.org/", "https://a..org/", "https://example.org./", "https://example.org:0/",
            "https://example.org:99999/", "https://[fe80::1%25lo]/", "https://127.0.0.1\\@example.org/",
            "https://ex|ample.org/", "https://[example.org]/", "https://例子.cn/",
        ]
    )
    func addresses(text: String) {
        #expect(throws: WebhookError.badAddress) { try WebhookAddress(text, inside: []) }
    }

    @Test("nobody waits longer for a name than for a delivery")
    func slowName() async throws {
        let address = try WebhookAddress("https://example.org/", inside: [])
        let asked = DispatchSemaphore(value: 0)
        await #expect(throws: WebhookError.unreachable) {
            try await address.resolved(inside: [], within: 0) { _ in
                asked.wait()
                return ["8.8.8.8"]
            }
        }
        asked.signal()
        #expect(try await address.resolved(inside: [], within: 60_000) { _ in ["8.8.8.8"] } == "8.8.8.8")
    }

    @Test("a receiver's turn has an end, and goes on from there")
    func turn() async throws {
        let pace = WebhookPace(
            pauseFirst: 1_000,
            pauseLongest: 60_000,
            within: 5_000,
            turn: 0,
            atOnce: 8,
            countMax: 1,
            look: 100
        )
        try await withNodes { nodes in
            try await Receiver.run { receiver, port in
                let world = try await World(nodes, port: port, pace: pace)
                try await world.change(3)
                for count in 1...3 {
                    try await world.runners[0].runUntilQuiet()
                    #expect(receiver.taken.count == count, "\(world.database.engine)")
                    world.clock.set(world.clock.now + 1)
                }
            }
        }
    }

    @Test("receivers that do not answer hold up neither the others nor the other jobs of a node")
    func beside() async throws {
        // Whoever waits for one of them waits for ever.
        let pace = WebhookPace(
            pauseFirst: 10,
            pauseLongest: 10,
            within: 3_600_000,
            turn: 60_000,
            atOnce: 2,
            countMax: 10,
            look: 100
        )
        try await withNodes { nodes in
            try await Receiver.run { stuck, stuckPort in
                try await Receiver.run { good, goodPort in
                    stuck.hold()
                    let world = try await World(nodes, port: stuckPort, pace: pace)
                    _ = try await World.add("good", port: goodPort, to: nodes[0])
                    var others: [ID<Webhook>] = []
                    for name in ["b", "c"] {
                        let id = try await World.add(name, port: stuckPort, to: nodes[0]).webhook.id
                        try await nodes[0].write {
                            try WebhookAct.pause.apply(to: id, occasion: occasion(), in: $0)
                        }
                        others.append(id)
                    }
                    let (done, tell) = AsyncStream<Void>.makeStream()
                    let plain = JobKind("plain") { _ in
                        tell.yield()
                        return .done
                    }
                    let runner = JobRunner(
                        database: nodes[0],
                        clock: world.clock,
                        kinds: [world.deliveries[0].kind, plain],
                        subscribers: []
                    )
                    let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
                    let service = JobService(
                        runner,
                        logger: quiet,
                        parallelMax: 3,
                        lookEvery: .milliseconds(20)
                    )
                    try await world.change(1)
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await service.run() }
                        await good.arrival()
                        for id in others {
                            try await nodes[0].write {
                                try WebhookAct.resume.apply(to: id, occasion: occasion(), in: $0)
                            }
                        }
                        try await nodes[0].write { tx in
                            try Jobs.enqueue(kind: "plain", key: "k", payload: nil, at: start, in: tx)
                        }
                        for await _ in done { break }
                        #expect(stuck.taken.isEmpty)
                        stuck.release()
                        group.cancelAll()
                        try await group.waitForAll()
                    }
                }
            }
        }
    }

    @Test("networks of one's own are allowed by name, and only they")
    func networks() async throws {
        let ten = try #require(NetworkRange("10.32.0.0/12"))
        let address = try WebhookAddress("http://10.33.1.2:8080/x", inside: [ten])
        #expect(try await address.resolved(inside: [ten], within: 5_000) == "10.33.1.2")
        await #expect(throws: WebhookError.forbiddenAddress) {
            try await WebhookAddress("http://10.48.0.1/", inside: [ten]).resolved(
                inside: [ten],
                within: 5_000
            )
        }
        // Into the internet only over TLS.
        await #expect(throws: WebhookError.forbiddenAddress) {
            try await WebhookAddress("http://8.8.8.8/", inside: [ten]).resolved(inside: [ten], within: 5_000)
        }
        let far = try WebhookAddress("https://8.8.8.8/", inside: [])
        #expect(try await far.resolved(inside: [], within: 5_000) == "8.8.8.8")
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "x", "::/129", "10.0.0.0/8/8", "10.0.0.0/-1"] {
            #expect(NetworkRange(bad) == nil, "\(bad)")
        }
    }

    @Test("what the installation does not allow when it delivers is not asked, whatever was allowed before")
    func later() async throws {
        try await withWorld { world, receiver in
            // The same subscription on a node that allows nothing inside: what it was made with does not count.
            let strict = WebhookDelivery(
                database: world.database,
                clock: world.clock,
                networks: [],
                pace: { _ in Self.pace }
            )
            let runner = JobRunner(
                database: world.database,
                clock: world.clock,
                kinds: [strict.kind],
                subscribers: []
            )
            try await world.change(1)
            try await runner.runUntilQuiet()
            #expect(receiver.taken.isEmpty)
            let why = try await world.standing().webhook.why
            #expect(why == "webhook.bad-address" || why == "webhook.forbidden-address")
        }
    }
}
