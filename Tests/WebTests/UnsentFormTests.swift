import Kernel
import Testing

@testable import Web

@Suite("a form whose session had ended")
struct UnsentFormTests {
    private static let routes: [Route] = [
        .page(.get, "/mine", who: .applicants, scope: .own, zh: "我的", en: "mine") { _ in .nothing },
        Route.page(.post, "/mine", who: .applicants, scope: .own, zh: "我的", en: "mine") { visit in
            .text(visit.form["board"] ?? "")
        }.worded { visit in
            ["board": AnswerWords(label: "董事会", answer: visit.form["board"] == "single" ? "不设，一名董事" : "-")]
        },
        .page(.post, "/other", who: .applicants, scope: .own, zh: "别的", en: "other") { _ in .nothing },
    ]
    private let seed = "ABCDEFGHJKMNPQRSTVWXYZ23"
    private let ours = ["Origin": "http://localhost:8080"]

    private func token(_ answer: TestSite.Answer) throws -> String {
        let found = answer.text.firstMatch(
            of: /class="panel unsent">[\s\S]*?name="_form" value="([0-9a-f]+)"/
        )
        return String(try #require(found).output.1)
    }

    @Test("shows questions and answers in words, and no value of the page itself")
    func words() async throws {
        let site = try TestSite(routes: Self.routes)
        let answer = await site.submit(
            "/mine",
            ["board": "single", "_version": "52", "creditCode": "9115"],
            headers: ours
        )
        #expect(answer.status == 401)
        #expect(answer.text.contains("<dt>董事会</dt><dd>不设，一名董事</dd>"))
        #expect(!answer.text.contains("<dd>52</dd>") && !answer.text.contains("<dd>single</dd>"))
        #expect(answer.text.contains("type=\"hidden\" name=\"_version\" value=\"52\""))
        #expect(answer.text.contains("type=\"hidden\" name=\"board\" value=\"single\""))
        #expect(!answer.text.contains("返回上一页刷新"))
    }

    @Test("is sent again without a second refusal by whoever signed in meanwhile, and by nobody else")
    func again() async throws {
        let site = try TestSite(routes: Self.routes)
        let lost = await site.submit("/mine", ["board": "single"], headers: ours)
        let fields = ["board": "single", "_form": try token(lost)]
        let sent = await site.submit("/mine", fields, session: "citizen_1", headers: ours)
        #expect(sent.status == 200 && sent.text == "single")
        // For another address, without the browser's word, or in another browser it is no token.
        #expect(await site.submit("/other", fields, session: "citizen_1", headers: ours).status == 403)
        #expect(await site.submit("/mine", fields, session: "citizen_1").status == 403)
        let strange = ours.merging(["Cookie": "suban-form=ZBCDEFGHJKMNPQRSTVWXYZ23; suban-session=citizen_1"])
        { $1 }
        #expect(await site.submit("/mine", fields, session: "citizen_1", headers: strange).status == 403)
    }

    @Test("keeps every answer of a long page")
    func long() async throws {
        let site = try TestSite(routes: Self.routes)
        let fields = Dictionary(
            uniqueKeysWithValues: (0..<400).map { ("shareholders[\($0)].creditCode", "v\($0)") }
        )
        let answer = await site.submit("/mine", fields, headers: ours)
        #expect(answer.text.contains("value=\"v0\"") && answer.text.contains("value=\"v399\""))
    }
}
