import Foundation
import Kernel
import Testing

@testable import Web

@Suite("the message catalogue")
struct MessagesTests {
    private func messages() throws -> Messages { try Messages.load(try Home.find()) }

    @Test("has every key in both languages")
    func complete() throws {
        let texts = try messages().texts
        let zh = Set(try #require(texts[.zh]).keys)
        let en = Set(try #require(texts[.en]).keys)
        #expect(zh.subtracting(en).sorted() == [])
        #expect(en.subtracting(zh).sorted() == [])
    }

    @Test("has the same places in both languages")
    func places() throws {
        let texts = try messages().texts
        let differing = try #require(texts[.zh]).filter { key, text in
            Messages.places(in: text) != Messages.places(in: texts[.en]?[key] ?? "")
        }
        #expect(differing.keys.sorted() == [])
    }

    @Test("has what verdicts say in a file by itself", arguments: Language.allCases)
    func verdictFile(language: Language) throws {
        let alone = try #require(Messages.verdicts(try Home.find(), in: language).texts[language])
        let all = try #require(try messages().texts[language])
        #expect(alone == all.filter { $0.key.hasPrefix("verdict.") })
    }

    @Test("says what is wrong and what to do next")
    func pairs() throws {
        let keys = Set(try #require(try messages().texts[.zh]).keys)
        let lonely = keys.filter {
            $0.hasPrefix("refusal.") && !$0.hasSuffix(".next") && !keys.contains($0 + ".next")
        }
        #expect(lonely.sorted() == [])
    }

    @Test("every verdict on a name says what it means", arguments: ["free", "person", "refused"])
    func verdicts(verdict: String) throws {
        let messages = try messages()
        for language in Language.allCases {
            #expect(messages.has("portal.name.says.\(verdict)", in: language))
        }
    }

    @Test("every refusal of the faces is in it")
    func refusals() throws {
        let messages = try messages()
        let refusals: [WebRefusal] = [
            .notFound, .signInNeeded, .forbidden(who: []), .forgedForm, .methodNotAllowed(allowed: []),
            .bodyTooLarge(bytesMax: 1), .bodyTooSlow, .addressTooLong, .tooManyFields(max: 1),
            .unreadableForm(reason: ""), .unsupportedBody(type: ""), .tooManyRequests(seconds: 1),
            .badField(name: ""), .closed(seconds: 1), .failed(reference: ""),
        ]
        for refusal in refusals {
            for language in Language.allCases {
                #expect(messages.has("refusal.\(refusal.code)", in: language))
                #expect(!messages.explain(refusal, in: language).next.contains("{"))
            }
        }
    }

    @Test(
        "fills places once and leaves the rest",
        arguments: [
            ("{a} and {b}", "1 and {a}"), ("{a}{a}", "11"), ("{c}", "{c}"), ("{", "{"), ("{a", "{a"),
            ("}{a}{", "}1{"),
        ]
    )
    func fills(pattern: String, expected: String) {
        #expect(Messages.fill(pattern, ["a": "1", "b": "{a}"]) == expected)
    }
}

@Suite("templates")
struct TemplateTests {
    private let messages = Messages(texts: [.zh: ["web.a": "甲", "web.b": "乙"], .en: ["web.a": "A"]])
    private let icons = Icons(drawings: ["search": "<svg></svg>"])

    @Test(
        "a bad one is refused with file and line",
        arguments: [
            ("\n{{>nowhere}}", 2, "no template nowhere"), ("{{{value}}}", 1, "without escaping"),
            ("{{&value}}", 1, "without escaping"), ("a\n\n{{t.web.none}}", 3, "web.none is missing in zh"),
            ("{{t.web.b}}", 1, "web.b is missing in en"), ("{{{icon.none}}}", 1, "no icon none"),
            ("<form method=\"post\">\n</form>", 1, "lacks {{>guard}}"),
            ("{{#a}}\n{{/b}}", 2, "sectionCloseNameIncorrect"),
            ("{{#a}}", 1, "expectedSectionEnd"), ("{{a", 1, "overflow"),
        ]
    )
    func bad(source: String, line: Int, words: String) {
        do {
            _ = try Templates(sources: ["page": source, "guard": ""], messages: messages, icons: icons)
            Issue.record("\(source) was taken")
        } catch {
            #expect(error.description.hasPrefix("templates/page.mustache:\(line): "))
            #expect(error.description.contains(words))
        }
    }

    @Test("a good one is taken")
    func good() throws {
        let source = "<form method=\"post\">\n{{>guard}}{{t.web.a}}{{{icon.search}}}{{{qrMarkup}}}</form>"
        let templates = try Templates(
            sources: ["page": source, "guard": ""],
            messages: messages,
            icons: icons
        )
        #expect(templates.names == ["page", "guard"])
    }
}

@Suite("assets")
struct AssetTests {
    @Test("are served under their digest for ever, compressed for those who take it")
    func served() async throws {
        let site = try TestSite()
        let path = try #require(site.site.assets.path("bootstrap.min.css"))
        let plain = await site.ask("GET", path)
        #expect(plain.status == 200)
        #expect(plain.header("Cache-Control") == "public, max-age=31536000, immutable")
        #expect(plain.headers("Set-Cookie").isEmpty)
        let packed = await site.ask("GET", path, headers: ["Accept-Encoding": "gzip, br"])
        #expect(packed.header("Content-Encoding") == "gzip")
        #expect(packed.header("Content-Length") != plain.header("Content-Length"))
    }

    @Test(
        "nothing else is served",
        arguments: [
            "/assets/0000000000000000/app.css", "/assets/x/..%2F..%2Fetc%2Fpasswd",
            "/assets/../Package.swift",
            "/assets/%2e%2e/Package.swift", "/assets//app.css", "/assets/x/app.css%00",
        ]
    )
    func nothing(path: String) async throws {
        #expect(await (try TestSite()).ask("GET", path).status == 404)
    }

    @Test("a missing file is one clear line")
    func missing() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "assets-\(UUID().uuidString)"
        ).path
        #expect(throws: AssetsMissing.self) { try Assets.load(Home(root: folder)) }
        #expect(AssetsMissing(path: "x").description.contains("Scripts/setup"))
    }
}
