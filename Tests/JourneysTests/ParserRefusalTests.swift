import Foundation
import Kernel
import Logging
import Server
import TestSupport
import Testing

/// What the socket's own parser refuses, as a stranger's bytes meet it.
@Suite("requests that are none", .serialized)
struct ParserRefusalTests {
    private struct Answer {
        let status: Int
        let text: String
        var hasSafetyHeaders: Bool {
            let head = text.lowercased()
            return [
                "content-security-policy: default-src 'self'", "x-content-type-options: nosniff",
                "x-frame-options: deny", "referrer-policy: same-origin", "cache-control: no-store",
            ].allSatisfy(head.contains)
        }
    }

    private static let long = String(repeating: "a", count: 100_000)
    private static let cases: [(request: String, status: ClosedRange<Int>, code: String)] = [
        ("NONSENSE\r\n\r\n", 400...400, "web.malformed-request"),
        (
            "GET / HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n", 400...400,
            "web.malformed-request"
        ),
        (
            "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
            400...400, "web.malformed-request"
        ),
        ("GET / HTTP/1.1\r\nHost: x\r\nX-Long: \(long)\r\n\r\n", 431...431, "web.head-too-long"),
        ("GET /health HTTP/1.1\r\n\r\n", 400...400, "web.malformed-request"),
        (
            "GET /health HTTP/1.1\r\nHost: x\r\nHost: evil.example\r\n\r\n", 400...400,
            "web.malformed-request"
        ),
        (
            "GET /health HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n", 400...400,
            "web.malformed-request"
        ),
        (
            "GET /health HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n", 400...400,
            "web.malformed-request"
        ),
        ("GET /health HTTP/1.1\r\nHost:\r\n\r\n", 400...400, "web.malformed-request"),
        (
            "GET /health HTTP/1.1\r\nHost: x, evil.example\r\n\r\n", 400...400,
            "web.malformed-request"
        ),
        (
            "POST /sign-in HTTP/1.1\r\nContent-Length: 52\r\n\r\n"
                + "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            400...400, "web.malformed-request"
        ),
        (
            "POST /api/v1/names/check HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            400...400, "web.unreadable-form"
        ),
        (
            "POST /api/v1/names/check HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Content-Length: 99999999\r\nConnection: close\r\n\r\n{",
            413...413, "web.body-too-large"
        ),
    ]

    @Test("each is refused with the safety headers and a stable code, never with a failure of ours")
    func refused() async throws {
        signal(SIGPIPE, SIG_IGN)
        try await withTemporaryFolder { folder in
            let start = try #require(Instant(parsing: "2026-03-02 10:00"))
            let town = try await DemoTown(home: Home.find(), folder: folder, at: start)
            let server = try await HTTPServer(
                platform: town.platform,
                port: 0,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            )
            let (ports, told) = AsyncStream<Int>.makeStream()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run { told.yield($0) } }
                let port = try #require(await ports.first { _ in true })
                for one in Self.cases {
                    let answer = try await Self.send(Array(one.request.utf8), to: port)
                    let what = String(one.request.prefix(60))
                    #expect(one.status.contains(answer.status), "\(what): \(answer.text.prefix(300))")
                    #expect(answer.hasSafetyHeaders, "\(what): \(answer.text.prefix(600))")
                    #expect(
                        answer.text.contains("\"code\":\"\(one.code)\""),
                        "\(what): \(answer.text.suffix(300))"
                    )
                }
                for coding in ["gzip", "identity", "x-none"] {
                    let answer = try await Self.send(
                        Array(
                            ("POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \(coding)\r\n"
                                + "Connection: close\r\n\r\n").utf8
                        ),
                        to: port
                    )
                    #expect((400..<500).contains(answer.status), "\(coding): \(answer.text.prefix(300))")
                    #expect(answer.hasSafetyHeaders, "\(coding): \(answer.text.prefix(600))")
                }
                for head in ["HTTP/1.0\r\n", "HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"] {
                    let answer = try await Self.send(Array("GET /health \(head)\r\n".utf8), to: port)
                    #expect(answer.status == 200, "\(head): \(answer.text.prefix(300))")
                }
                await LastVisitor.come(to: port)
                group.cancelAll()
                do { while try await group.next() != nil {} } catch is CancellationError {}
            }
        }
    }

    /// Sends bytes and reads until the other side closes, or five seconds have passed; on a thread of its own.
    private static func send(_ bytes: [UInt8], to port: Int) async throws -> Answer {
        let text = await withCheckedContinuation { (done: CheckedContinuation<String, Never>) in
            Thread.detachNewThread {
                let stream = Int32(SOCK_STREAM.rawValue)
                let wire = socket(AF_INET, stream, 0)
                defer { close(wire) }
                var wait = timeval(tv_sec: 5, tv_usec: 0)
                setsockopt(wire, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                address.sin_port = in_port_t(port).bigEndian
                address.sin_addr.s_addr = inet_addr("127.0.0.1")
                let reached = withUnsafePointer(to: &address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        connect(wire, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                    }
                }
                guard reached == 0 else { return done.resume(returning: "") }
                _ = write(wire, bytes, bytes.count)
                var out: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 65_536)
                while true {
                    let count = recv(wire, &buffer, buffer.count, 0)
                    guard count > 0 else { break }
                    out += buffer[..<count]
                }
                done.resume(returning: String(decoding: out, as: UTF8.self))
            }
        }
        let parts = text.split(separator: " ", maxSplits: 2)
        return Answer(status: parts.count > 1 ? Int(parts[1]) ?? 0 : 0, text: text)
    }
}
