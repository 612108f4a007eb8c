import Kernel
import Storage
import Synchronization
import Testing

@testable import Web

@Suite("a browser keeps the place of what it wrote")
struct ReaderTrailTests {
    private final class Places: Sendable {
        let seen = Mutex<[UInt64?]>([])
    }

    private func site(_ places: Places) throws -> TestSite {
        try TestSite(routes: [
            .page(.post, "/writes", who: .everyone, scope: .open, zh: "写", en: "writes") { _ in
                // As a database with a replica does after the commit.
                ReaderTrail.current?.reach(41)
                return .redirect(to: "/list")
            },
            .page(.get, "/list", who: .everyone, scope: .open, zh: "列", en: "list") { _ in
                places.seen.withLock { $0.append(ReaderTrail.current?.place) }
                return .text("")
            },
            .api(.get, "/api/v1/list", who: .everyone, scope: .open, zh: "列", en: "list") { _ in
                places.seen.withLock { $0.append(ReaderTrail.current == nil ? 0 : 1) }
                return .json([:])
            },
        ])
    }

    @Test("for a minute, until it wrote more; a program is answered by the database itself")
    func kept() async throws {
        let places = Places()
        let site = try site(places)
        let wrote = await site.submit("/writes", [:])
        let line = try #require(wrote.headers("Set-Cookie").first { $0.hasPrefix("suban-place=") })
        #expect(line.hasSuffix("; Max-Age=60"))
        let cookie = String(line.prefix { $0 != ";" })
        let list = await site.ask("GET", "/list", headers: ["Cookie": cookie])
        #expect(!list.headers("Set-Cookie").contains { $0.hasPrefix("suban-place=") })
        _ = await site.ask("GET", "/list")
        _ = await site.ask("GET", "/list", headers: ["Cookie": "suban-place=no+number"])
        _ = await site.ask("GET", "/api/v1/list", headers: ["Cookie": cookie])
        #expect(places.seen.withLock { $0 } == [41, nil, nil, 0])
    }
}
