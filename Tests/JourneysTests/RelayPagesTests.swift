import CompanyOpening
import Cryptography
import Exchange
import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Logging
import NIOCore
import TestSupport
import Testing
import Web

@testable import Server

/// People before the outer zone: pages of the portal through files alone, late, out of order and twice.
@Suite("the portal through the relay", .serialized)
struct RelayPagesTests {
    private static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// A browser before the outer zone, and the gate's hand.
    private final class Browser {
        let zones: Zones
        let door: FrontDoor
        let rounds: RelayRounds
        var cookies: [String: String] = [:]

        init(_ zones: Zones) throws {
            self.zones = zones
            let home = try Home.find()
            door = try Relay.door(
                desk: zones.desk,
                token: MetricsToken(folder: "\(zones.folder)/keys"),
                home: home,
                origin: nil,
                limits: try OperatingLimits(home: home),
                proxies: TrustedProxies(),
                clock: zones.clock,
                logger: RelayPagesTests.quiet
            )
            rounds = try zones.rounds()
        }

        struct Answer {
            let status: Int
            let location: String?
            let headers: HTTPFields
            let text: String
        }

        /// One request, as the outer zone answers it now.
        func knock(
            _ method: String,
            _ target: String,
            form: String? = nil,
            body: RequestBody? = nil,
            from address: String = "203.0.113.9",
            language: String? = nil,
            isScript: Bool = false
        ) async throws -> Answer {
            var head = HTTPRequest(
                method: .init(rawValue: method) ?? .get,
                scheme: "http",
                authority: "portal.example",
                path: target
            )
            if !cookies.isEmpty {
                head.headerFields[.cookie] = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
            }
            head.headerFields[.acceptLanguage] = language
            if isScript, let name = HTTPField.Name("HX-Request") { head.headerFields[name] = "true" }
            if let form {
                head.headerFields[.contentType] = "application/x-www-form-urlencoded"
                head.headerFields[.contentLength] = String(form.utf8.count)
            }
            let request = Request(head: head, body: body ?? .init(buffer: ByteBuffer(string: form ?? "")))
            let response = await door.answer(request, from: address)
            for line in response.headers[values: .setCookie] {
                let pair = line.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map(String.init)
                cookies[pair[0]] = pair.count == 2 ? pair[1] : ""
            }
            let writer = Collected()
            try await response.body.write(writer)
            return Answer(
                status: response.status.code,
                location: response.headers[.location],
                headers: response.headers,
                text: String(buffer: writer.buffer)
            )
        }

        /// The same, waited for to the end while the gate works.
        func ask(_ method: String, _ target: String, form: String? = nil) async throws -> Answer {
            let first = try await knock(method, target, form: form)
            guard first.status == 303, let place = first.location, place.hasPrefix("/received/") else {
                return first
            }
            try await carry()
            return try await knock(method == "HEAD" ? "HEAD" : "GET", place)
        }

        func carry() async throws {
            try zones.carry("requests")
            await zones.settle(rounds)
            try zones.carry("answers")
            try await zones.desk.collect()
        }
    }

    private func withBrowser(_ body: (Browser, Zones) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let start = try #require(Instant(parsing: "2026-03-02 10:00"))
            let town = try await DemoTown(home: Home.find(), folder: "\(folder)/town", at: start) {
                $0.isDemonstration = true
                $0.passwords = ScryptParameters(logN: 10, r: 8, p: 1)
            }
            let server = try await HTTPServer(
                platform: town.platform,
                port: 0,
                proxies: TrustedProxies(["127.0.0.1"]),
                logger: Self.quiet
            )
            let (ports, told) = AsyncStream<Int>.makeStream()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run { told.yield($0) } }
                let port = try #require(await ports.first { _ in true })
                let zones = try Zones(folder, platform: "http://127.0.0.1:\(port)")
                try await body(try Browser(zones), zones)
                await LastVisitor.come(to: port)
                group.cancelAll()
                do { while try await group.next() != nil {} } catch is CancellationError {}
            }
        }
    }

    /// A browser before a front with nobody inside.
    private func withFront(
        _ limits: RelayLimits = Zones.limits,
        _ body: (Browser, Zones) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let zones = try Zones(folder, platform: "http://127.0.0.1:9", limits: limits)
            try await body(try Browser(zones), zones)
        }
    }

    @Test(
        "a late answer: the page says how far it is, looks again, and shows it to whoever asked and to nobody else"
    )
    func late() async throws {
        try await withBrowser { browser, zones in
            let away = try await browser.knock("GET", "/")
            let place = try #require(away.location)
            #expect(away.status == 303 && place.hasPrefix("/received/"))
            let waiting = try await browser.knock("GET", place)
            let refresh = try #require(HTTPField.Name("Refresh"))
            #expect(waiting.status == 202 && waiting.headers[refresh] == "5")
            #expect(waiting.text.contains(String(place.dropFirst("/received/".count).prefix(8))))
            #expect(try await browser.knock("GET", "\(place)?still=1").headers[refresh] == nil)
            let script = try await browser.knock("GET", "/", isScript: true)
            let go = try #require(HTTPField.Name("HX-Redirect"))
            #expect(script.status == 204 && script.headers[go]?.hasPrefix("/received/") == true)
            let own = browser.cookies
            browser.cookies = [:]
            #expect(try await browser.knock("GET", place).status == 404, "nobody else's")
            browser.cookies = own
            try await browser.carry()
            for _ in 0..<2 {
                let page = try await browser.knock("GET", place)
                #expect(page.status == 200 && page.text.contains("/guides/company-opening"))
            }
            browser.cookies["suban-front"] = String(repeating: "A", count: 32)
            #expect(try await browser.knock("GET", place).status == 404)
            browser.cookies = own
            zones.clock.set(zones.clock.now + 120_001)
            #expect(try await browser.knock("GET", place).status == 404, "kept long enough")
            for target in ["/desk", "/metrics", "/received"] {
                #expect(try await browser.knock("GET", target).status == 404, "\(target)")
            }
            let deleted = try await browser.knock("DELETE", "/my")
            #expect(deleted.status == 405 && deleted.headers[.allow] == "GET, HEAD, POST")
            #expect(zones.files("outer", "requests").isEmpty, "it does not even go inside")
        }
    }

    @Test(
        "after signing out nobody who has the browser looks at what was answered before, and others are not touched"
    )
    func signOut() async throws {
        try await withBrowser { browser, zones in
            let fetched = try #require(try await browser.knock("GET", "/trust").location)
            try await browser.carry()
            #expect(try await browser.knock("GET", fetched).status == 200)
            let open = try #require(try await browser.knock("GET", "/guides").location)
            let own = browser.cookies
            browser.cookies = [:]
            let others = try #require(try await browser.knock("GET", "/trust", from: "198.51.100.7").location)
            let neighbour = browser.cookies
            browser.cookies = own
            let away = try #require(try await browser.knock("POST", PublicPaths.signOut, form: "").location)
            try await browser.carry()
            for place in [fetched, open] {
                #expect(try await browser.knock("GET", place).status == 404, "\(place)")
            }
            #expect(try await browser.knock("GET", away).status != 404)
            browser.cookies = neighbour
            #expect(try await browser.knock("GET", others).status == 200)
        }
    }

    @Test("answers that come twice, out of order, changed or again later change nothing")
    func answers() async throws {
        try await withBrowser { browser, zones in
            let places = [
                try #require(try await browser.knock("GET", "/sign-in").location),
                try #require(try await browser.knock("GET", "/trust").location),
            ]
            try zones.carry("requests") { [String($0.reversed()).replacing("gsm.", with: "") + ".msg"] }
            await zones.settle(browser.rounds)
            let answers = zones.files("inner", "answers")
            #expect(answers.count == 2)
            let bytes = try zones.bytes("inner", "answers", answers[0])
            try zones.carry("answers") { ["2-\($0)", "1-\($0)"] }
            try await zones.desk.collect()
            #expect(try await browser.knock("GET", places[1]).text.contains("<h1"))
            #expect(try await browser.knock("GET", places[0]).text.contains("name=\"password\""))
            #expect(zones.told.outer.all == ["relay.unasked", "relay.unasked"])
            let outer = "\(zones.folder)/outer/answers"
            try bytes.write(to: URL(fileURLWithPath: "\(outer)/9.msg"))
            var changed = Array(bytes)
            changed[changed.count - 1] ^= 1
            try Data(changed).write(to: URL(fileURLWithPath: "\(outer)/8.msg"))
            try await zones.desk.collect()
            #expect(try await browser.knock("GET", places[0]).status == 200)
            #expect(zones.told.outer.all.suffix(2) == ["relay.unreadable", "relay.unasked"])
        }
    }

    @Test("signing in, the own page, a head alone and a form work as they do inside")
    func pages() async throws {
        try await withBrowser { browser, zones in
            let page = try await browser.ask("GET", "/sign-in")
            let token = try #require(page.text.firstMatch(of: /name="_form" value="([^"]+)"/)?.output.1)
            let head = try await browser.ask("HEAD", "/sign-in")
            #expect(head.status == 200 && head.text.isEmpty)
            #expect(head.headers[.contentType] == page.headers[.contentType])
            #expect(head.headers[.contentLength].flatMap { Int($0) } ?? 0 > 1_000)
            let signedIn = try await browser.ask(
                "POST",
                "/sign-in",
                form: "_form=\(token)&login=zhangsan&password=suban-demo-2026"
            )
            #expect(signedIn.status == 303 && signedIn.location == "/my")
            #expect(browser.cookies["suban-session"]?.isEmpty == false)
            let mine = try await browser.ask("GET", "/my")
            #expect(mine.status == 200 && mine.text.contains("张*"))
            #expect(zones.told.inner.all == [] && zones.told.outer.all == [])
        }
    }

    @Test(
        "a place is taken before a body is read; each address has a share; what was fetched or given up is free"
    )
    func places() async throws {
        var limits = Zones.limits
        (limits.open, limits.openOfAddress) = (4, 3)
        try await withFront(limits) { browser, zones in
            for _ in 0..<3 { #expect(try await browser.knock("GET", "/").status == 303) }
            // The body would be waited for without end.
            func endless() -> RequestBody {
                RequestBody(
                    asyncSequence: AsyncStream<ByteBuffer> {
                        Issue.record("a body was read")
                        return nil
                    }
                )
            }
            let share = try await browser.knock("POST", "/my", body: endless())
            #expect(share.status == 429 && share.headers[.retryAfter] != nil)
            #expect(share.text.contains("relay.own-share"))
            #expect(try await browser.knock("GET", "/", from: "198.51.100.7").status == 303)
            let full = try await browser.knock("POST", "/my", body: endless(), from: "192.0.2.1")
            #expect(full.status == 503 && full.headers[.retryAfter] != nil)
            #expect(full.text.contains("relay.full"))
            // Nobody looks for two minutes.
            zones.clock.set(zones.clock.now + 120_001)
            let place = try #require(try await browser.knock("GET", "/").location)
            // Its answer comes and is fetched: the place is free at once.
            try await browser.carry()
            #expect(try await browser.knock("GET", place).status == 503)
            for _ in 0..<3 { #expect(try await browser.knock("GET", "/").status == 303) }
            #expect(try await browser.knock("GET", "/").status == 429)
        }
    }

    @Test("bodies and answers have a bound in memory, of all and of one address")
    func memory() async throws {
        var limits = Zones.limits
        (limits.memory, limits.memoryOfAddress, limits.memoryReserve) = (1_000, 600, 250)
        try await withFront(limits) { _, zones in
            let desk = zones.desk
            let first = try await desk.take(block: "a", owner: [1], bytes: 600)
            await #expect(throws: FrontDesk.Full.address) {
                _ = try await desk.take(block: "a", owner: [1], bytes: 1)
            }
            await #expect(throws: FrontDesk.Full.all) {
                _ = try await desk.take(block: "b", owner: [1], bytes: 401)
            }
            await desk.free(first)
            _ = try await desk.take(block: "b", owner: [1], bytes: 401)
        }
    }

    @Test("addresses that send slowly never have all: who holds nothing yet finds room")
    func reserve() async throws {
        var limits = Zones.limits
        (limits.memory, limits.memoryOfAddress, limits.memoryReserve) = (1_000, 250, 250)
        (limits.open, limits.openOfAddress) = (100, 100)
        try await withFront(limits) { _, zones in
            // Four of them take what they get, in pieces, and let none of it go.
            for _ in 0..<10 {
                for block in ["a", "b", "c", "d"] {
                    _ = try? await zones.desk.take(block: block, owner: [1], bytes: 50)
                }
            }
            await #expect(throws: FrontDesk.Full.address) {
                _ = try await zones.desk.take(block: "d", owner: [1], bytes: 50)
            }
            _ = try await zones.desk.take(block: "d", owner: [1], bytes: 0)
            for block in ["e", "f"] { _ = try await zones.desk.take(block: block, owner: [1], bytes: 125) }
        }
    }

    @Test(
        "what waits for a slow gate has a bound on the disk: a page says so, and what was never carried is given up"
    )
    func slowGate() async throws {
        var limits = Zones.limits
        limits.disk = 3 * RelayMessage.headMax
        try await withFront(limits) { browser, zones in
            let form = String(repeating: "a=1&", count: 15_000)
            var places: [String] = []
            for _ in 0..<2 {
                places.append(try #require(try await browser.knock("POST", "/my", form: form).location))
            }
            for (language, words) in [("zh", "传送缓慢"), ("en", "is slow")] {
                let full = try await browser.knock("POST", "/my", form: form, language: language)
                #expect(full.status == 503 && full.headers[.retryAfter] == "5")
                #expect(full.text.contains("relay.gate-full") && full.text.contains(words))
            }
            #expect(zones.files("outer", "requests").count == 2)
            // The gate takes one: there is room when the files are counted again.
            let file = try #require(
                zones.files("outer", "requests").first {
                    $0.hasSuffix("-\(places[0].dropFirst("/received/".count)).msg")
                }
            )
            try FileManager.default.removeItem(atPath: "\(zones.folder)/outer/requests/\(file)")
            zones.clock.set(zones.clock.now + 5_000)
            try await zones.desk.collect()
            #expect(try await browser.knock("POST", "/my", form: form).status == 303)
            #expect(try await browser.knock("POST", "/my", form: form).status == 503)
            // What was never carried counts no more after five minutes, and its place is free.
            for name in zones.files("outer", "requests") {
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSince1970: 0)],
                    ofItemAtPath: "\(zones.folder)/outer/requests/\(name)"
                )
            }
            zones.clock.set(zones.clock.now + 5_000)
            try await zones.desk.collect()
            #expect(zones.files("outer", "requests").isEmpty)
            #expect(zones.told.outer.all.contains("relay.swept"))
            let lost = try await browser.knock("GET", places[1])
            #expect(lost.status == 503 && lost.text.contains("relay.lost"))
            #expect(try await browser.knock("GET", "/my").status == 303)
        }
    }

    @Test("the front tells its own figures to this machine with its token, and outside there is no such page")
    func figures() async throws {
        var limits = Zones.limits
        limits.open = 2
        try await withFront(limits) { browser, zones in
            for status in [303, 303, 503] { #expect(try await browser.knock("GET", "/my").status == status) }
            try Data("x".utf8).write(to: URL(fileURLWithPath: "\(zones.folder)/outer/answers/1.msg"))
            try await zones.desk.collect()
            zones.clock.set(zones.clock.now + 900_001)
            try await zones.desk.collect()
            let token = try String(contentsOfFile: "\(zones.folder)/keys/metrics.token", encoding: .utf8)
            func ask(_ token: String, from peer: String = "127.0.0.1", forwarded: Bool = false) async throws
                -> (Int, String)
            {
                var head = HTTPRequest(
                    method: .get,
                    scheme: "http",
                    authority: "portal.example",
                    path: "/metrics"
                )
                head.headerFields[.authorization] = "Bearer \(token)"
                if forwarded, let name = HTTPField.Name("X-Forwarded-For") {
                    head.headerFields[name] = "127.0.0.1"
                }
                let request = Request(head: head, body: .init(buffer: ByteBuffer()))
                guard let response = await browser.door.figures(request, from: peer) else { return (404, "") }
                let writer = Collected()
                try await response.body.write(writer)
                return (response.status.code, String(buffer: writer.buffer))
            }
            let (status, text) = try await ask(token)
            #expect(status == 200)
            for line in [
                #"suban_front_request_seconds_count{status="303"} 2"#, #"suban_front_full_total{of="all"} 1"#,
                #"suban_front_not_taken_total{code="relay.unreadable"} 1"#, "suban_front_lost_total 2",
                "suban_front_open 0", "suban_front_gate_bytes 8192", "process_resident_memory_bytes ",
            ] { #expect(text.contains(line), "\(line)") }
            #expect(!text.contains("203.0.113.9") && !text.contains("/my"))
            #expect(try await ask(token + "A").0 == 401)
            #expect(try await ask(token, from: "198.51.100.7").0 == 404)
            #expect(try await ask(token, forwarded: true).0 == 404)
        }
    }

    @Test("when nobody answers inside people are told so, and what was given up is said to be lost")
    func silent() async throws {
        try await withFront { browser, zones in
            let place = try #require(try await browser.knock("GET", "/my").location)
            #expect(!(try await browser.knock("GET", place)).text.contains("平台暂时没有回应"))
            zones.clock.set(zones.clock.now + 30_001)
            for (language, words) in [("zh", "平台暂时没有回应"), ("en", "does not answer")] {
                let page = try await browser.knock("GET", place, language: language)
                #expect(page.status == 202 && page.text.contains(words), "\(language)")
            }
            for _ in 0..<8 {
                zones.clock.set(zones.clock.now + 110_000)
                _ = try await browser.knock("GET", place)
            }
            let lost = try await browser.knock("GET", place)
            #expect(lost.status == 503 && lost.text.contains("relay.lost"))
            browser.cookies = [:]
            #expect(try await browser.knock("GET", place).status == 404, "nobody else is told")
        }
    }

    @Test("whoever looks too often is told to wait")
    func polling() async throws {
        try await withFront { browser, _ in
            let place = try #require(try await browser.knock("GET", "/my").location)
            var answer = try await browser.knock("GET", place)
            var looks = 1
            while answer.status == 202, looks < 1_000 {
                answer = try await browser.knock("GET", place)
                looks += 1
            }
            #expect(answer.status == 429 && answer.headers[.retryAfter] != nil, "after \(looks)")
            #expect(try await browser.knock("GET", place, from: "198.51.100.7").status == 202)
        }
    }
}

/// The whole body of an answer.
private final class Collected: ResponseBodyWriter {
    var buffer = ByteBuffer()

    func write(_ part: ByteBuffer) async throws {
        var part = part
        buffer.writeBuffer(&part)
    }

    func finish(_ trailers: HTTPFields?) async throws {}
}
