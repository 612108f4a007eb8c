import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// A registrar's browser that asks one page after the other.
final class DeskDriver: Sendable {
    private let address: String
    private let client: HTTPClient
    private let cookies = Locked<[String: String]>([:])
    private let count = Locked(0)

    /// Signs the demonstration's registrar in, unless told not to.
    init(address: String, signsIn: Bool = true) async throws {
        self.address = address
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        guard signsIn else { return }
        let page = try await ask("/sign-in").text
        guard let match = page.firstMatch(of: /name="_form" value="([0-9a-f]+)"/) else {
            throw BenchFault("the page for signing in has no form")
        }
        let answer = try await ask(
            "/sign-in",
            form: "_form=\(match.output.1)&login=registrar&password=suban-demo-2026"
        )
        guard answer.status == 303 else { throw BenchFault("signing in answered \(answer.status)") }
    }

    func close() async throws { try await client.shutdown() }

    /// Waits until the server has compared its tables with the log, at most so long.
    /// - Returns: whether it does nothing besides now; false where it goes on comparing.
    func isIdle(within limit: Duration) async throws -> Bool {
        let start = ContinuousClock.now
        while ContinuousClock.now - start < limit {
            let answer = try await ask("/ready")
            if answer.status == 200, !answer.text.contains("pending") { return true }
            try await Task.sleep(for: .milliseconds(500))
        }
        return false
    }

    /// How long each answer took, in milliseconds, after ten that warm up. One account may ask only so often: where it is told
    /// to wait it waits, and asks again.
    func times(_ paths: [String]) async throws -> [Double] {
        for path in paths.prefix(10) { _ = try await ask(path) }
        var times: [Double] = []
        for path in paths {
            var start = ContinuousClock.now
            var answer = try await ask(path)
            while answer.status == 429 {
                try await Task.sleep(for: .seconds(answer.wait))
                start = ContinuousClock.now
                answer = try await ask(path)
            }
            times.append(1_000 * Stopwatch.seconds(since: start))
            guard answer.status == 200 || answer.status == 303 else {
                throw BenchFault("\(path) answered \(answer.status): \(answer.text.prefix(500))")
            }
        }
        return times
    }

    private func ask(_ path: String, form: String? = nil) async throws -> Answer {
        var request = HTTPClientRequest(url: address + path)
        let jar = cookies.with { $0.map { "\($0)=\($1)" }.joined(separator: "; ") }
        if !jar.isEmpty { request.headers.add(name: "cookie", value: jar) }
        // Behind a proxy, each a visitor of his own: one address may ask only so often.
        let number = count.with { count in
            count += 1
            return count
        }
        request.headers.add(name: "x-forwarded-for", value: "100.64.\(number / 250 % 250).\(number % 250)")
        if let form {
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: form))
        }
        let response = try await client.execute(request, timeout: .seconds(60))
        for line in response.headers[canonicalForm: "set-cookie"] {
            let pair = line.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2 else { continue }
            cookies.with { $0[pair[0]] = pair[1] }
        }
        let body = try await response.body.collect(upTo: 8 << 20)
        let wait = response.headers.first(name: "retry-after").flatMap(Int.init) ?? 1
        return Answer(status: response.status.code, wait: wait, text: String(buffer: body))
    }

    private struct Answer {
        let status: UInt
        /// Seconds, where it is told to ask later.
        let wait: Int
        let text: String
    }
}
