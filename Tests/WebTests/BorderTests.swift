import HTTPTypes
import Hummingbird
import Kernel
import NIOCore
import Testing

@testable import Web

@Suite("what reaches the site from outside")
struct BorderTests {
    private func request(_ headers: [String: String]) -> Request {
        var head = HTTPRequest(method: .get, scheme: "http", authority: "localhost:8080", path: "/")
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { head.headerFields[name] = value }
        }
        return Request(head: head, body: RequestBody(buffer: ByteBuffer()))
    }

    @Test(
        "only a trusted proxy says who asks, and only the last stranger it names counts",
        arguments: [
            ("203.0.113.9", "198.51.100.7", "203.0.113.9"), ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
            ("10.0.0.1", "127.0.0.1, 198.51.100.7, 10.0.0.2", "198.51.100.7"), ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "10.0.0.2", "10.0.0.1"),
        ]
    )
    func proxies(peer: String, named: String, client: String) {
        let proxies = TrustedProxies(["10.0.0.1", "10.0.0.2"])
        #expect(proxies.client(of: request(["X-Forwarded-For": named]), peer: peer) == client)
    }

    @Test(
        "a downloaded file's name holds nothing that cannot be seen and nothing that means something to a system",
        arguments: [
            ("租约.pdf", "__.pdf", "%E7%A7%9F%E7%BA%A6.pdf"), ("a\u{202E}fdp.exe", "afdp.exe", "afdp.exe"),
            ("x\r\nX-Evil: 1\u{1B}.pdf", "xX-Evil 1.pdf", "xX-Evil%201.pdf"),
            ("../a\"b;c.pdf", "..abc.pdf", "..abc.pdf"),
        ]
    )
    func fileNames(name: String, plain: String, whole: String) {
        #expect(
            ReplyWriter.disposition(name) == "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(whole)"
        )
    }

    @Test("without a proxy nobody is believed")
    func nobody() {
        #expect(
            TrustedProxies().client(of: request(["X-Forwarded-For": "1.2.3.4"]), peer: "127.0.0.1")
                == "127.0.0.1"
        )
    }

    @Test("paths that do not exist are counted like those that do")
    func unknownPaths() async throws {
        let open = try TestSite()
        #expect(await open.ask("GET", "/no/such/page").status == 404)
        let barred = try TestSite { ports in ports.wait = { _, _, _, _ in 7 } }
        let refused = await barred.ask("GET", "/no/such/page")
        #expect(refused.status == 429)
        #expect(refused.header("Retry-After") == "7")
    }

    @Test("a coding that nobody knows is refused, not failed")
    func coding() async throws {
        let site = try TestSite(routes: [
            .page(.post, "/open", who: .everyone, scope: .open, zh: "开", en: "Open") { _ in .text("in") }
        ])
        let answer = await site.ask(
            "POST",
            "/open",
            headers: ["Transfer-Encoding": "gzip, identity"],
            body: Array("a=b".utf8)
        )
        #expect(answer.status == 400)
    }

    @Test("while the log cannot be signed, reading goes on and nothing is changed")
    func readOnly() async throws {
        let site = try TestSite(
            routes: [
                .page(.get, "/read", who: .everyone, scope: .open, zh: "读", en: "Read") { _ in .text("read")
                },
                .page(.post, "/write", who: .everyone, scope: .open, zh: "写", en: "Write") { _ in
                    .text("written")
                },
            ]
        ) { $0.isWritable = { _ in false } }
        #expect(await site.ask("GET", "/read").status == 200)
        let answer = await site.ask("POST", "/write", body: Array("a=b".utf8))
        #expect(answer.status == 503)
        #expect(answer.text.contains("web.read-only"))
    }
}
