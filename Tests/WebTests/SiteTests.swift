import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore
import Storage
import Synchronization
import Testing

@testable import Web

private struct Sentence: PageView {
    let title: String
    let lines: [ErrorPage]
}

private struct Unforeseen: Error {
    let secret = "a password that no page shows"
}

private let routes: [Route] = [
    .page(.get, "/open", who: .everyone, scope: .open, zh: "开", en: "open") { visit in
        .page(
            "error",
            ErrorPage(status: 200, wrong: "x", next: "y", reference: "z", code: "c", unsent: nil),
            heading: Heading("开")
        )
    },
    .page(.post, "/open", who: .everyone, scope: .open, zh: "交", en: "send") { visit in
        .redirect(to: visit.form["to"] ?? "/open")
    },
    .page(.get, "/mine", who: .applicants, scope: .own, zh: "我的", en: "mine") { visit in
        .text(try visit.someone().actor.id)
    },
    .page(.get, "/fails", who: .everyone, scope: .open, zh: "坏", en: "fails") { _ in throw Unforeseen() },
    .api(.get, "/api/v1/away", who: .everyone, scope: .open, zh: "离", en: "away") { _ in
        throw StorageError.unreachable(.server)
    },
    .page(.get, "/ends", who: .everyone, scope: .open, zh: "停", en: "ends") { _ in throw CancellationError()
    },
    .page(.get, "/in", who: .everyone, scope: .open, zh: "入", en: "in") { _ in
        .redirect(to: "/open").setting(.session("citizen_1"))
    },
    .api(.get, "/api/v1/mine", who: [.citizen, .agencyKey], scope: .own, zh: "我的", en: "mine") { visit in
        .json(["actor": .string(visit.occasion.actor.id)])
    },
    .api(.post, "/api/v1/things", who: [.citizen], scope: .own, zh: "建", en: "make") { visit in
        .json(["got": visit.body, "once": JSON(visit.onceKey)], status: 201)
    },
]

@Suite("the site")
struct SiteTests {
    @Test(
        "every answer forbids what pages do not need, errors included",
        arguments: [
            ("GET", "/open", 200), ("GET", "/nowhere", 404), ("DELETE", "/open", 405), ("GET", "/fails", 500),
            ("GET", "/mine", 303), ("GET", "/api/v1/mine", 401), ("GET", "/openapi.json", 200),
            ("HEAD", "/open", 200),
            ("GET", "/%zz", 404), ("GET", "/open?a=%zz", 400), ("PATCH", "/open", 405),
            ("GET", "/open/", 404),
        ]
    )
    func headers(method: String, target: String, status: Int) async throws {
        let answer = await (try TestSite(routes: routes)).ask(method, target)
        #expect(answer.status == status)
        #expect(answer.header("Content-Security-Policy") == SafetyHeaders.policy)
        #expect(answer.header("X-Content-Type-Options") == "nosniff")
        #expect(answer.header("Referrer-Policy") == "same-origin")
        #expect(answer.header("Cross-Origin-Opener-Policy") == "same-origin")
        #expect(answer.header("Permissions-Policy") != nil)
        #expect(answer.header("X-Request-Id") != nil)
        #expect(answer.header("Cache-Control") != nil)
        if method == "HEAD" { #expect(answer.text.isEmpty) }
    }

    @Test("a page carries no inline style or script, one h1 and the skip link first")
    func page() async throws {
        let answer = await (try TestSite(routes: routes, demonstration: true)).ask("GET", "/components")
        #expect(answer.status == 200)
        #expect(!answer.text.contains("style="))
        #expect(!answer.text.contains(" on") || !answer.text.contains("onclick"))
        #expect(answer.text.components(separatedBy: "<h1").count == 2)
        #expect(answer.text.contains("<html lang=\"zh-Hans\">"))
        let body = try #require(answer.text.range(of: "<body"))
        let first = try #require(answer.text[body.upperBound...].range(of: "<a "))
        #expect(answer.text[first.lowerBound...].hasPrefix("<a class=\"skip-link\""))
        #expect(!answer.text.contains("{{"))
        #expect(!answer.text.contains("[web."))
    }

    @Test("an unforeseen error shows a reference and nothing else")
    func unforeseen() async throws {
        let answer = await (try TestSite(routes: routes)).ask("GET", "/fails")
        #expect(!answer.text.contains("password"))
        #expect(!answer.text.contains("Unforeseen"))
        let reference = try #require(answer.header("X-Request-Id"))
        #expect(answer.text.contains(reference))
    }

    @Test("that the database is away is said without its address")
    func away() async throws {
        let answer = await (try TestSite(routes: routes)).ask("GET", "/api/v1/away")
        let problem = try JSON.read(answer.text)
        #expect(answer.status == 503 && problem["code"].text == "storage.unavailable")
        #expect(!answer.text.contains("DATABASE_URL"))
    }

    @Test("programs get problem+json, browsers a page")
    func problems() async throws {
        let site = try TestSite(routes: routes)
        let api = await site.ask("GET", "/api/v1/mine")
        #expect(api.header("Content-Type") == "application/problem+json")
        let problem = try JSON.read(api.text)
        #expect(problem["code"].text == "web.sign-in-needed")
        #expect(problem["status"].int == 401)
        let nowhere = await site.ask("GET", "/api/v1/nowhere")
        #expect(nowhere.header("Content-Type") == "application/problem+json")
        let page = await site.ask("GET", "/mine?a=1")
        #expect(page.status == 303)
        #expect(page.header("Location") == "/sign-in?next=/mine%3Fa%3D1")
    }

    @Test("roles decide", arguments: Role.allCases)
    func roles(role: Role) async throws {
        let site = try TestSite(routes: routes)
        let answer = await site.ask("GET", "/mine", headers: ["Cookie": "suban-session=\(role.rawValue)_1"])
        #expect(answer.status == (Set<Role>.applicants.contains(role) ? 200 : 403))
        if answer.status == 403 { #expect(answer.text.contains("没有权限")) }
    }

    @Test("a form of our own page is taken")
    func taken() async throws {
        let site = try TestSite(routes: routes)
        #expect(await site.submit("/open", [:]).status == 303)
        #expect(await site.submit("/open", [:], session: "citizen_1").status == 303)
        let origin = await site.submit(
            "/open",
            [:],
            headers: ["Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-origin"]
        )
        #expect(origin.status == 303)
    }

    @Test(
        "a form that another site sends is not",
        arguments: [
            ["Origin": "https://evil.example"], ["Origin": "null"], ["Origin": "http://localhost:8081"],
            ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"],
            ["Cookie": "suban-session=citizen_1"],
            ["Cookie": "x=y"], ["Cookie": "suban-form=ZZZZZZZZZZZZZZZZZZZZZZZZ"],
        ]
    )
    func forged(headers: [String: String]) async throws {
        let answer = await (try TestSite(routes: routes)).submit("/open", [:], headers: headers)
        #expect(answer.status == 403)
        #expect(answer.text.contains("页面已过期"))
    }

    @Test("a guard token is right for its own session only", arguments: ["", "00", "x"])
    func wrongToken(token: String) async throws {
        let site = try TestSite(routes: routes)
        #expect(await site.submit("/open", ["_form": token], session: "citizen_1").status == 403)
        let other = FormGuard(settings: site.site.settings).token(session: "citizen_2", seed: "")
        #expect(await site.submit("/open", ["_form": other], session: "citizen_1").status == 403)
        let mine = FormGuard(settings: site.site.settings).token(session: "citizen_1", seed: "")
        #expect(await site.submit("/open", ["_form": mine], session: "citizen_1").status == 303)
    }

    @Test(
        "leads only to paths of its own",
        arguments: [
            ("/cases/1?x=2", "/cases/1?x=2"), ("//evil.example", "/"), ("https://evil.example", "/"),
            ("/\\evil.example", "/"), ("/a\r\nSet-Cookie: x=y", "/"), ("", "/"), ("/名", "/%E5%90%8D"),
            ("javascript:alert(1)", "/"),
        ]
    )
    func redirects(wanted: String, expected: String) async throws {
        let answer = await (try TestSite(routes: routes)).submit("/open", ["to": wanted])
        #expect(answer.header("Location") == expected)
    }

    @Test("another name in the Host header stands in no answer, leads nowhere and vouches for no form")
    func foreignHost() async throws {
        let site = try TestSite(routes: routes, origin: "https://suban.example")
        for (method, target) in [
            ("GET", "/open"), ("GET", "/open?lang=en"), ("GET", "/nowhere"), ("GET", "/mine"),
            ("GET", "/fails"), ("GET", "/in"), ("DELETE", "/open"), ("GET", "/openapi.json"),
            ("GET", "/api/v1/mine"),
        ] {
            var head = HTTPRequest(
                method: .init(method) ?? .get,
                scheme: "http",
                authority: "evil.example",
                path: target
            )
            for name in ["X-Forwarded-Host", "X-Forwarded-Server", "Forwarded"] {
                if let name = HTTPField.Name(name) { head.headerFields[name] = "host=evil.example" }
            }
            let answer = await site.ask(Request(head: head, body: RequestBody(buffer: ByteBuffer())))
            #expect(answer.text.contains("evil.example") == false, "\(target)")
            for field in answer.headers {
                #expect(field.value.contains("evil.example") == false, "\(target) \(field.name)")
            }
            if let location = answer.header("Location") {
                #expect(location.hasPrefix("/") && !location.hasPrefix("//"), "\(target)")
            }
        }
        // A page elsewhere that names itself in both headers is no page of ours.
        let seed = "ABCDEFGHJKMNPQRSTVWXYZ23"
        let token = FormGuard(settings: site.site.settings).token(session: nil, seed: seed)
        for (origin, status) in [("http://evil.example", 403), ("https://suban.example", 303)] {
            var head = HTTPRequest(method: .post, scheme: "http", authority: "evil.example", path: "/open")
            let body = Array("_form=\(token)&to=/x".utf8)
            head.headerFields[.origin] = origin
            head.headerFields[.cookie] = "__Host-suban-form=\(seed)"
            head.headerFields[.contentType] = "application/x-www-form-urlencoded"
            head.headerFields[.contentLength] = String(body.count)
            let answer = await site.ask(
                Request(head: head, body: RequestBody(buffer: ByteBuffer(bytes: body)))
            )
            #expect(answer.status == status, "\(origin)")
        }
    }

    @Test("cookies are for us alone, and for https alone where there is https")
    func cookies() async throws {
        let plain = await (try TestSite(routes: routes)).ask("GET", "/in")
        #expect(plain.headers("Set-Cookie") == ["suban-session=citizen_1; Path=/; HttpOnly; SameSite=Lax"])
        let secure = try TestSite(routes: routes, origin: "https://suban.example")
        let answer = await secure.ask("GET", "/in")
        #expect(
            answer.headers("Set-Cookie") == [
                "__Host-suban-session=citizen_1; Path=/; HttpOnly; SameSite=Lax; Secure"
            ]
        )
        #expect(answer.header("Strict-Transport-Security") != nil)
        let mine = await secure.ask("GET", "/mine", headers: ["Cookie": "suban-session=citizen_1"])
        #expect(mine.status == 303, "a cookie without the prefix may come from anywhere")
    }

    @Test("speaks the language that was chosen, kept or preferred")
    func languages() async throws {
        let site = try TestSite(routes: routes)
        let chosen = await site.ask("GET", "/open?lang=en", headers: ["Accept-Language": "zh-CN"])
        #expect(chosen.text.contains("lang=\"en\""))
        #expect(chosen.headers("Set-Cookie").contains { $0.hasPrefix("suban-lang=en;") })
        let kept = await site.ask("GET", "/open", headers: ["Cookie": "suban-lang=en"])
        #expect(kept.text.contains("lang=\"en\""))
        let preferred = await site.ask("GET", "/open", headers: ["Accept-Language": "fr, en;q=0.8, zh;q=0.5"])
        #expect(preferred.text.contains("lang=\"en\""))
        let none = await site.ask("GET", "/open", headers: ["Accept-Language": "fr"])
        #expect(none.text.contains("lang=\"zh-Hans\""))
        let region = await site.ask("GET", "/open?region=150200")
        #expect(region.text.contains("包头市"))
        let wrong = await site.ask("GET", "/open?region=999999")
        #expect(wrong.text.contains("内蒙古自治区"))
    }

    @Test("a request that ends with the server is no failure: it may be asked again")
    func ended() async throws {
        let answer = await (try TestSite(routes: routes)).ask("GET", "/ends")
        #expect(answer.status == 503 && answer.header("Retry-After") == "1")
    }

    @Test("a neighbour who asks too often waits")
    func limited() async throws {
        let site = try TestSite(routes: routes) { ports in
            ports.wait = { _, visitor, _, _ in visitor?.session == "citizen_9" ? 42 : nil }
        }
        let answer = await site.ask("GET", "/open", headers: ["Cookie": "suban-session=citizen_9"])
        #expect(answer.status == 429)
        #expect(answer.header("Retry-After") == "42")
        #expect(await site.ask("GET", "/open").status == 200)
    }

    @Test("where too much was asked nothing is read beside the session, and whoever has one is answered")
    func along() async throws {
        let asked = Mutex<[Int]>([])
        let questions = [Question("SELECT 1")]
        let route = Route.api(.get, "/api/one", who: [.citizen], scope: .own, zh: "一", en: "One") { _ in
            .json(["one": 1])
        }.asking { _ in questions }
        for isOpen in [true, false] {
            let site = try TestSite(routes: [route]) { ports in
                ports.mayAskAlong = { _, _ in isOpen }
                ports.session = { token, _, questions in
                    asked.withLock { $0.append(questions.count) }
                    return TestSite.visitor(token).map { ($0, []) }
                }
            }
            let known = await site.ask("GET", "/api/one", headers: ["Cookie": "suban-session=citizen_1"])
            #expect(known.status == 200)
            let madeUp = await site.ask("GET", "/api/one", headers: ["Cookie": "suban-session=nobody"])
            #expect(madeUp.status == 401)
        }
        #expect(asked.withLock { $0 } == [1, 1, 0, 0])
    }

    @Test("a refusal to somebody known is told to the log, others are not")
    func told() async throws {
        let told = Kept()
        let site = try TestSite(routes: routes) { ports in
            ports.refused = { visit, refusal in
                told.bytes.withLock { $0 += Array("\(visit.occasion.actor.id) \(refusal.code);".utf8) }
            }
        }
        _ = await site.ask("GET", "/fails")
        _ = await site.ask("GET", "/fails", headers: ["Cookie": "suban-session=citizen_1"])
        let lines = String(decoding: told.bytes.withLock { $0 }, as: UTF8.self)
        #expect(lines == "citizen_1 web.failed;")
    }
}

@Suite("bodies")
struct BodyTests {
    private let citizen = ["Cookie": "suban-session=citizen_1", "Content-Type": "application/json"]

    @Test("JSON comes to the handler with its idempotency key")
    func json() async throws {
        var headers = citizen
        headers["Idempotency-Key"] = "0123456789abcdef"
        let answer = await (try TestSite(routes: routes)).ask(
            "POST",
            "/api/v1/things",
            headers: headers,
            body: Array("{\"a\":1}".utf8)
        )
        #expect(answer.status == 201)
        #expect(answer.text == "{\"got\":{\"a\":1},\"once\":\"0123456789abcdef\"}")
    }

    @Test(
        "what cannot be read is refused with a code",
        arguments: [
            ("{", "application/json", 400), ("{\"a\":1,\"a\":2}", "application/json", 400),
            (String(repeating: "[", count: 10_000), "application/json", 400), ("a=1", "text/plain", 415),
            ("<a/>", "application/xml", 415), ("{\"a\":\"\u{1}\"}", "application/json", 400),
        ]
    )
    func unreadable(body: String, type: String, status: Int) async throws {
        var headers = citizen
        headers["Content-Type"] = type
        let answer = await (try TestSite(routes: routes)).ask(
            "POST",
            "/api/v1/things",
            headers: headers,
            body: Array(body.utf8)
        )
        #expect(answer.status == status)
        #expect(try JSON.read(answer.text)["code"].text != nil)
    }

    @Test("one byte over the limit is too much, announced or not")
    func tooLarge() async throws {
        let site = try TestSite(routes: routes)
        let most = 1_048_576
        let fits = Array("\"".utf8) + Array(repeating: UInt8(ascii: "x"), count: most - 2) + Array("\"".utf8)
        #expect(await site.ask("POST", "/api/v1/things", headers: citizen, body: fits).status == 201)
        let over = await site.ask("POST", "/api/v1/things", headers: citizen, body: fits + [0x20])
        #expect(over.status == 413)
        let (body, source) = RequestBody.makeStream()
        var head = HTTPRequest(
            method: .post,
            scheme: "http",
            authority: "localhost:8080",
            path: "/api/v1/things"
        )
        head.headerFields[.contentType] = "application/json"
        let request = Request(head: head, body: body)
        async let answer = site.ask(request)
        await source.yield(ByteBuffer(bytes: fits + [0x20]))
        source.finish()
        #expect(await answer.status == 413)
    }

    @Test("a body that came with its head is in time, however short that is")
    func whole() async throws {
        let site = try TestSite(routes: routes, bodySecondsMax: 0)
        let answer = await site.ask("POST", "/api/v1/things", headers: citizen, body: Array("{}".utf8))
        #expect(answer.status == 201)
    }

    @Test("a body that never ends is given up")
    func drip() async throws {
        let site = try TestSite(routes: routes, bodySecondsMax: 0)
        let (body, source) = RequestBody.makeStream()
        let head = HTTPRequest(method: .post, scheme: "http", authority: "localhost:8080", path: "/open")
        let answer = await site.ask(Request(head: head, body: body))
        source.finish()
        #expect(answer.status == 408)
    }

    @Test("addresses have a limit")
    func longAddress() async throws {
        let answer = await (try TestSite(routes: routes)).ask(
            "GET",
            "/open?a=" + String(repeating: "x", count: 16_400)
        )
        #expect(answer.status == 414)
    }

    @Test("a call with a browser's session from another site is refused")
    func crossSiteCall() async throws {
        var headers = citizen
        headers["Origin"] = "https://evil.example"
        let answer = await (try TestSite(routes: routes)).ask(
            "POST",
            "/api/v1/things",
            headers: headers,
            body: Array("{}".utf8)
        )
        #expect(answer.status == 403)
    }
}
