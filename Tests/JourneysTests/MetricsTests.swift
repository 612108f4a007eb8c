import AsyncHTTPClient
import Changes
import Foundation
import Kernel
import Logging
import NIOCore
import NIOHTTP1
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Server

/// What operators see: figures, slow statements, lines of the log. Never a person, a number of a case or a value.
@Suite("figures and the operator's log", .serialized)
struct MetricsTests {
    private static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    @Test("counts, sums and buckets as Prometheus reads them, with labels escaped")
    func exposition() {
        let family = MetricFamily(.histogram, "t", "Help.", labels: ["a"], bounds: [0.5, 1])
        for value in [0.25, 0.75, 3] { family.of(["x\"\\\n"]).observe(value) }
        var text = ""
        family.write(to: &text)
        let label = #"a="x\"\\\n""#
        #expect(
            text == """
                # HELP t Help.
                # TYPE t histogram
                t_bucket{\(label),le="0.5"} 1
                t_bucket{\(label),le="1"} 2
                t_bucket{\(label),le="+Inf"} 3
                t_sum{\(label)} 4
                t_count{\(label)} 3

                """
        )
    }

    @Test("figures are open to this machine and to allowed addresses, and to nobody through a proxy")
    func doors() {
        for (peer, isForwarded, isOpen) in [
            ("127.0.0.1", false, true), ("::1", false, true), ("127.0.0.1", true, false),
            ("10.0.0.7", false, true), ("10.0.0.7", true, false), ("10.0.0.8", false, false),
            ("", false, false),
        ] {
            #expect(
                MetricsPage.isOpen(to: peer, isForwarded: isForwarded, allowed: ["10.0.0.7"]) == isOpen,
                "\(peer) \(isForwarded)"
            )
        }
    }

    @Test(
        "a statement over the limit is told with its text, rows and request, on both engines, and never a value"
    )
    func slow() async throws {
        try await forEachEngine { base in
            let told = Mutex<[DatabaseWatch.Slow]>([])
            let meters = Meters()
            let watch = meters.watch(slowAfter: .zero) { slow in told.withLock { $0.append(slow) } }
            let database = WatchedDatabase(base, watch: watch)
            try await RequestTag.$current.withValue("r1") {
                _ = try await database.read { try $0.query("SELECT $1 AS word", "secret") }
            }
            let slow = told.withLock { $0 }
            #expect(slow.map(\.statement) == ["SELECT $1 AS word"])
            #expect(slow.first?.rows == 1 && slow.first?.request == "r1")
            await #expect(throws: StorageError.self) {
                try await database.write { _ in throw StorageError.stale }
            }
            var text = ""
            for family in meters.families { family.write(to: &text) }
            #expect(text.contains(#"suban_database_failed_total{kind="write",code="storage.stale"} 1"#))
            #expect(text.contains(#"suban_database_running{kind="write"} 0"#), "both have ended")
            #expect(!text.contains("secret"))
        }
    }

    @Test("writes of one group are counted as one group")
    func groups() async throws {
        try await withDatabase(.sqlite) { base in
            let sizes = Mutex<[Int]>([])
            let database = WatchedDatabase(
                base,
                watch: DatabaseWatch(
                    slowAfter: .seconds(1),
                    began: { _ in },
                    ended: { _ in },
                    slow: { _ in },
                    grouped: { size in sizes.withLock { $0.append(size) } }
                )
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { try await database.write { _ in } } }
                try await group.waitForAll()
            }
            #expect(sizes.withLock { $0.reduce(0, +) } == 20)
        }
    }

    @Test("a line of the log is JSON with its values beside it, and a request's line names no path")
    func lines() throws {
        let written = Mutex<[UInt8]>([])
        let clock = ManualClock(try #require(Instant(parsing: "2026-03-02 10:00")))
        var logger = Logger(label: "suban.request") { label in
            JSONLines(label: label, clock: clock) { line in written.withLock { $0 += line } }
        }
        logger.logLevel = .info
        logger.info("answered", metadata: ["status": "200", "route": "/cases/{number}", "request": "06H0"])
        let line = written.withLock { $0 }
        #expect(line.last == 0x0A)
        let json = try JSON.read(Array(line.dropLast()))
        #expect(json["status"].int == 200 && json["route"].text == "/cases/{number}")
        #expect(json["time"].text == "2026-03-02T10:00:00+08:00" && json["level"].text == "info")
    }

    @Test(
        "the running server tells requests by route, jobs, lines, the log and itself; no number of a case is in it"
    )
    func page() async throws {
        try await withTemporaryFolder { folder in
            let start = try #require(Instant(parsing: "2026-03-02 10:00"))
            let town = try await DemoTown(home: Home.find(), folder: folder, at: start)
            let server = try await HTTPServer(platform: town.platform, port: 0, logger: Self.quiet)
            let (ports, told) = AsyncStream<Int>.makeStream()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run { told.yield($0) } }
                let port = try #require(await ports.first { _ in true })
                let number = "15020300202603020000001"
                #expect(try await get("http://127.0.0.1:\(port)/cases/\(number)").status != 0)
                let bare = try await get("http://127.0.0.1:\(port)/metrics")
                #expect(bare.status == 401 && bare.text.hasPrefix("server.metrics-without-token: "))
                let token = try String(contentsOfFile: "\(folder)/metrics.token", encoding: .utf8)
                func figures(_ token: String, _ more: [(String, String)] = []) async throws -> (
                    status: UInt, text: String
                ) {
                    try await get(
                        "http://127.0.0.1:\(port)/metrics",
                        headers: [("Authorization", "Bearer \(token)")] + more
                    )
                }
                #expect(try await figures(token + "A").status == 401)
                #expect(try await figures(String(token.dropLast()) + "=").status == 401)
                let subscribed = try await Self.subscribe(town)
                let page = try await figures(token)
                #expect(page.status == 200)
                for part in [
                    #"suban_http_request_seconds_count{method="GET",route="/cases/{number}",status="#,
                    "suban_jobs_dead 0", #"suban_outbox_lag{subscriber="#, "suban_log_unsealed_seconds ",
                    "suban_sessions 0", "process_resident_memory_bytes ", "process_start_time_seconds ",
                    "# TYPE suban_exchange_lines gauge",
                    "suban_webhook_lag{webhook=\"\(subscribed)\"} ",
                    "suban_webhook_late_seconds{webhook=\"\(subscribed)\"} ",
                ] {
                    #expect(page.text.contains(part), "\(part)")
                }
                #expect(!page.text.contains(number))
                for mark in ["X-Forwarded-For", "Via", "X-Real-IP"] {
                    let outside = try await figures(token, [(mark, "127.0.0.1")])
                    #expect(outside.status == 403 && outside.text.hasPrefix("server.metrics-from-outside: "))
                }
                group.cancelAll()
                do { while try await group.next() != nil {} } catch is CancellationError {}
            }
        }
    }

    /// A subscription to which nothing can be sent: nobody listens there.
    private static func subscribe(_ town: DemoTown) async throws -> String {
        let inside = try #require(NetworkRange("127.0.0.0/8"))
        let (webhook, _) = try await Webhooks.add(
            name: "test",
            address: "http://127.0.0.1:1/",
            region: "150200",
            inside: [inside],
            within: 10_000,
            countMax: 100,
            occasion: town.platform.occasion("test"),
            database: town.platform.database
        )
        return webhook.id.rawValue
    }

    private func get(_ address: String, headers: [(String, String)] = []) async throws -> (
        status: UInt, text: String
    ) {
        var request = HTTPClientRequest(url: address)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 4 << 20)
        return (response.status.code, String(buffer: body))
    }
}
