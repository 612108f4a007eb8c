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
        func knock(_ method: String, _ target: String, form: String? = nil) async throws -> Answer {
            var head = HTTPRequest(
                method: .init(rawValue: method) ?? .get,
                scheme: "http",
                authority: "portal.example",
                path: target
            )
            if !cookies.isEmpty {
                head.headerFields[.cookie] = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
            }
            if form != nil { head.headerFields[.contentType] = "application/x-www-form-urlencoded" }
            let request = Request(head: head, body: .init(buffer: ByteBuffer(string: form ?? "")))
            let response = try await door.answer(request, from: "203.0.113.9")
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
            return try await knock("GET", place)
        }

        func carry() async throws {
            try zones.carry("requests")
            try await rounds.round()
            try zones.carry("answers")
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
                group.cancelAll()
                do { while try await group.next() != nil {} } catch is CancellationError {}
            }
        }
    }

    @Test(
        "a late answer: the page says the number, looks again, and shows it to whoever asked and to nobody else"
    )
    func late() async throws {
        try await withBrowser { browser, zones in
            let away = try await browser.knock("GET", "/")
            let place = try #require(away.location)
            #expect(away.status == 303 && place.hasPrefix("/received/"))
            let waiting = try await browser.knock("GET", place)
            #expect(waiting.status == 202 && waiting.headers[HTTPField.Name("Refresh")!] == "5")
            #expect(waiting.text.contains(String(place.dropFirst("/received/".count))))
            let own = browser.cookies
            browser.cookies = [:]
            #expect(try await browser.knock("GET", place).status == 404, "nobody else's")
            browser.cookies = own
            try await browser.carry()
            let page = try await browser.knock("GET", place)
            #expect(page.status == 200 && page.text.contains("/guides/company-opening"))
            browser.cookies["suban-front"] = String(repeating: "A", count: 32)
            #expect(try await browser.knock("GET", place).status == 404)
            browser.cookies = own
            zones.clock.set(zones.clock.now + 900_001)
            #expect(try await browser.knock("GET", place).status == 404, "kept long enough")
            #expect(try await browser.knock("GET", "/desk").status == 404)
            #expect(zones.files("outer", "requests").isEmpty, "it does not even go inside")
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
            try await browser.rounds.round()
            let answers = zones.files("inner", "answers")
            #expect(answers.count == 2)
            let path = "\(zones.folder)/inner/answers/\(answers[0])"
            let bytes = try #require(FileManager.default.contents(atPath: path))
            try zones.carry("answers") { ["2-\($0)", "1-\($0)"] }
            #expect(try await browser.knock("GET", places[1]).text.contains("<h1"))
            #expect(try await browser.knock("GET", places[0]).text.contains("name=\"password\""))
            #expect(zones.told.outer.all == ["relay.replayed", "relay.replayed"])
            let outer = "\(zones.folder)/outer/answers"
            try bytes.write(to: URL(fileURLWithPath: "\(outer)/9.msg"))
            var changed = Array(bytes)
            changed[changed.count - 1] ^= 1
            try Data(changed).write(to: URL(fileURLWithPath: "\(outer)/8.msg"))
            #expect(try await browser.knock("GET", places[0]).status == 200)
            #expect(zones.told.outer.all.suffix(2) == ["relay.unreadable", "relay.replayed"])
        }
    }

    @Test("signing in, the own page and a form work as they do inside, and too many that wait are refused")
    func pages() async throws {
        try await withBrowser { browser, zones in
            let page = try await browser.ask("GET", "/sign-in")
            let token = try #require(page.text.firstMatch(of: /name="_form" value="([^"]+)"/)?.output.1)
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
            var statuses: [Int] = []
            for _ in 0..<6 { statuses.append(try await browser.knock("GET", "/").status) }
            #expect(statuses.suffix(2) == [503, 503] && statuses.first == 303, "\(statuses)")
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
