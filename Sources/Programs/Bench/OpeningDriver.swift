import AsyncHTTPClient
import Foundation
import Kernel
import NIOCore
import NIOHTTP1

/// A founder's browser: hands in, looks at the firm's page, downloads licence and seals.
struct OpeningDriver: Sendable {
    static let route = "POST /api/v1/cases/{id}/submission, GET /wallet/{code}, GET each credential's file"

    let address: String
    private let client: HTTPClient

    init(address: String, connections: Int) {
        self.address = address
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func close() async throws { try await client.shutdown() }

    struct Opened: Sendable {
        let id: String
        /// The founder.
        let applicant: String
        let code: String
        let title: String
        let seconds: Double
        /// Licence and seals as they were downloaded.
        let files: [[UInt8]]
    }

    func open(_ ready: OpeningFactory.Ready) async throws -> Opened {
        let start = ContinuousClock.now
        let seat = Seat(ready)
        let answer = try JSON.read(
            await ask("/api/v1/cases/\(ready.id)/submission", as: seat, once: "bench-\(ready.id)"),
            sizeBytesMax: 1 << 20
        )
        guard answer["state"].text == "granted", let code = answer["result"].text else {
            let decisions = try await ask("/api/v1/cases/\(ready.id)/decisions", as: seat)
            throw BenchFault(
                "an opening was not granted but is \(answer["state"].text ?? "?"): \(try Self.obstacles(decisions))"
            )
        }
        let page = String(decoding: try await ask("/wallet/\(code)", as: seat), as: UTF8.self)
        let links = page.components(separatedBy: "\"/wallet/\(code)/files/").dropFirst().map {
            "/wallet/\(code)/files/" + $0.prefix { $0 != "\"" }
        }
        var files: [[UInt8]] = []
        for link in links { files.append(try await ask(link, as: seat)) }
        guard files.count >= 2 else { throw BenchFault("\(code) has \(files.count) credentials on its page") }
        return Opened(
            id: ready.id.rawValue,
            applicant: ready.founder.id,
            code: code,
            title: answer["title"].text ?? "",
            seconds: Stopwatch.seconds(since: start),
            files: files
        )
    }

    /// Where a founder sits: each has an address of his own, as behind a bureau's proxy, because one address may ask only
    /// so often.
    private struct Seat {
        let token: String
        /// Of 100.64.0.0/10, which nobody has (RFC 6598).
        let address: String

        init(_ ready: OpeningFactory.Ready) {
            token = ready.token
            let digits = ready.id.rawValue.utf8.reduce(UInt32(5381)) { $0 &* 33 &+ UInt32($1) }
            address = "100.\(64 + (digits >> 16) % 64).\((digits >> 8) % 256).\(digits % 256)"
        }
    }

    /// Every rule that did not pass, and the data it had.
    private static func obstacles(_ decisions: [UInt8]) throws -> String {
        let decision = try JSON.read(decisions, sizeBytesMax: 4 << 20).elements.last ?? .null
        return decision["findings"].elements.filter { $0["outcome"].text != "pass" }
            .map { "\($0["rule"].text ?? "") \($0["reason"].text ?? "") \($0["dataTimes"].canonical)" }
            .joined(separator: "; ")
    }

    /// - Parameter once: makes it a POST with that idempotency key.
    private func ask(_ path: String, as seat: Seat, once: String? = nil) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: address + path)
        request.headers.add(name: "cookie", value: "suban-session=\(seat.token)")
        request.headers.add(name: "x-forwarded-for", value: seat.address)
        if let once {
            request.method = .POST
            request.headers.add(name: "idempotency-key", value: once)
        }
        let response = try await client.execute(request, timeout: .seconds(60))
        let body = Array(try await response.body.collect(upTo: 4 << 20).readableBytesView)
        guard response.status.code == 200 else {
            throw BenchFault(
                "\(path) answered \(response.status.code): \(String(decoding: body.prefix(2_000), as: UTF8.self))"
            )
        }
        return body
    }
}
