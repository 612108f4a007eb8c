import Audit
import Cases
import CompanyOpening
import FaceSupport
import Foundation
import Identity
import Kernel
import Registers
import Server
import Storage
import TestSupport
import Testing

/// The day's work of a clerk: what he reads, finds, prints, and what becomes of his words when an act is refused.
@Suite("the clerk's day at the workbench", .serialized)
struct DeskTests {
    private func withTown(_ body: (FaceTown) async throws -> Void) async throws {
        try await FaceTown.open(body)
    }

    private func act(
        _ name: String,
        _ id: ID<Case>,
        _ town: FaceTown,
        as login: String = "registrar",
        _ fields: [String: String] = [:],
        headers: [String: String] = [:]
    ) async throws -> FaceTown.Answer {
        var fields = fields
        let version = try await town.platform.desk.read(id).version
        fields["version"] = fields["version"] ?? String(version)
        return try await town.post("/desk/cases/\(id)/\(name)", fields, as: login, headers: headers)
    }

    @Test("a refused act keeps what was typed in its open box, with a summary that leads there")
    func kept() async throws {
        try await withTown { town in
            let review = try await town.inReview("塞上", of: "zhangsan")
            _ = try await act("claim", review.id, town)
            let seen = String(try await town.platform.desk.read(review.id).version)
            _ = try await act("extend", review.id, town, as: "head", ["reason": "情形复杂"])
            let words = "股东会决议缺少签名页"
            let stale = try await act(
                "return",
                review.id,
                town,
                ["what-1": words, "why-1": "细则", "how-1": "补签", "version": seen]
            )
            #expect(stale.status == 409)
            #expect(stale.text.contains("id=\"error-summary\"") && stale.text.contains("autofocus"))
            #expect(
                stale.text.contains("href=\"#return-what-1\"") && stale.text.contains(">\(words)</textarea>")
            )
            #expect(stale.text.contains("<details class=\"panel\" open>"))
            // A colleague took it meanwhile: there is no box any more, the words are shown to be copied.
            _ = try await act("release", review.id, town)
            _ = try await act("claim", review.id, town, as: "head")
            let gone = try await act(
                "return",
                review.id,
                town,
                ["what-1": words, "why-1": "细则", "how-1": "补签"]
            )
            #expect(gone.status == 409 && gone.text.contains("<pre class=\"kept\">\(words)</pre>"))
        }
    }

    @Test("the notice of a stale page tells one time, the right one; an extension is offered once")
    func stale() async throws {
        try await withTown { town in
            let review = try await town.inReview("塞上", of: "zhangsan")
            let seen = String(try await town.platform.desk.read(review.id).version)
            #expect(
                try await town.get("/desk/cases/\(review.id)", as: "head").text.contains("/extend\"")
            )
            try await town.pass(2 * Instant.hour)
            _ = try await act("extend", review.id, town, as: "head", ["reason": "情形复杂"])
            let page = try await town.get("/desk/cases/\(review.id)", as: "head").text
            #expect(page.contains("/extend\"") == false)
            let late = try await act("claim", review.id, town, ["version": seen])
            #expect(late.status == 409)
            let summary = try #require(
                late.text.components(separatedBy: "id=\"error-summary\"").dropFirst().first?
                    .components(separatedBy: "</div>").first
            )
            let handedIn = try #require(review.submittedAt).minuteText
            #expect(summary.contains("审查期限延长") && summary.contains(handedIn) == false)
            #expect(summary.contains("请刷新") == false)
        }
    }

    @Test("a session that ended leads to sign-in and back, and the words can be sent again")
    func expired() async throws {
        try await withTown { town in
            let review = try await town.inReview("塞上", of: "zhangsan")
            _ = try await act("claim", review.id, town)
            let words = "住所证明与申报不一致"
            let fields = [
                "what-1": words, "why-1": "细则", "how-1": "更正",
                "version": String(try await town.platform.desk.read(review.id).version),
            ]
            let path = "/desk/cases/\(review.id)/return"
            let headers = [
                "origin": "http://localhost:8080", "referer": "http://localhost:8080/desk/cases/\(review.id)",
            ]
            let ended = try await town.post(path, fields, headers: headers)
            #expect(ended.status == 401 && ended.text.contains(words))
            #expect(ended.text.contains("next=/desk/cases/\(review.id)"))
            let again = try await town.post(path, fields, as: "registrar", token: "0", headers: headers)
            #expect(again.status == 403 && again.text.contains(words))
            #expect(try await town.platform.desk.read(review.id).state == .review)
            let token = try #require(
                again.text.firstMatch(of: /class="panel unsent">[\s\S]*?name="_form" value="([0-9a-f]+)"/)
            )
            let sent = try await town.post(
                path,
                fields,
                as: "registrar",
                token: String(token.output.1),
                headers: headers
            )
            #expect(sent.status == 303)
            // A form of another site is never shown again, and secrets never.
            let foreign = try await town.post(path, fields, headers: ["origin": "https://elsewhere.example"])
            #expect(foreign.status == 403 && foreign.text.contains(words) == false)
        }
    }

    @Test(
        "the reviewer reads words: phrases, places, trades; rules have names, rows and sources in both languages"
    )
    func words() async throws {
        try await withTown { town in
            let review = try await town.inReview("塞上", of: "zhangsan")
            let page = try await town.get("/desk/cases/\(review.id)", as: "registrar").text
            let form = page.components(separatedBy: "id=\"form\"").last ?? ""
            let digest = form.components(separatedBy: "<details").first ?? ""
            for words in [
                "申请要点", "<dd>\(review.title)</dd>", "昆都仑区", "股东（认缴出资额）", " 万元", "<dt>法定代表人</dt>",
                "<dt>经营范围</dt>",
            ] {
                #expect(digest.contains(words), "\(words)")
            }
            let director = try #require(review.data["legalRepresentative"]["name"].text)
            #expect(!digest.contains(director) && digest.contains(PersonMask.name(director)))
            #expect(form.contains("内蒙古自治区包头市昆都仑区") && form.contains("有限责任公司"))
            #expect(form.contains(">150203<") == false && form.contains(">llc<") == false)
            let code = try #require(review.data["scope"].elements.first?.text)
            #expect(form.contains("（\(code)）") && form.contains(">\(code)") == false)
            #expect(page.contains("R06 任职限制") && page.contains("R09 经营范围"))
            #expect(page.contains("均为规范表述") && page.contains(">standard<") == false)
            #expect(page.contains("公安 2026") && page.contains("police 2026") == false)
            let english = try await town.get("/desk/cases/\(review.id)?lang=en", as: "registrar").text
            #expect(english.contains("R06 Bars on officers") && english.contains("Reservation"))
            #expect(try await town.get("/desk?lang=zh", as: "registrar").text.contains("R06 任职限制"))
        }
    }

    @Test("every rule and every row that lets a case pass is worded in both languages")
    func ruleWords() async throws {
        let home = try Home.find()
        let folder = home.resource("../Systems/company-opening/rules")
        let town = try String(contentsOfFile: home.resource("messages/en/rule-words.yaml"), encoding: .utf8)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasSuffix(".yaml")
        {
            let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
            let rule = String(name.dropLast(5))
            #expect(town.contains("rule-name.\(rule):"), "\(rule)")
            for match in text.matches(of: /\{id: ([a-z-]+), when: [^\n]*\n\s*then: \['"pass"', '""'/) {
                #expect(town.contains("rule-row.\(rule).\(match.output.1):"), "\(rule) \(match.output.1)")
            }
            for match in text.matches(of: /\{name: ([^,]+), value: '/) {
                #expect(town.contains("rule-input.\(match.output.1):"), "\(rule) \(match.output.1)")
            }
        }
    }

    @Test("staff open and print each paper, each reading is logged, and nobody else's papers open")
    func papers() async throws {
        try await withTown { town in
            let review = try await town.inReview("塞上", of: "zhangsan")
            let page = try await town.get("/desk/cases/\(review.id)", as: "registrar").text
            let links = page.matches(of: /href="(\/desk\/cases\/[^"]+\/papers\/[^"]+)"/).map {
                String($0.output.1)
            }
            #expect(links.count >= 2)
            // Letters of appointment say whose they are.
            let letters = page.matches(of: /papers\/appointment-\d+">[^<]+<\/a> <small>([^<]+)<\/small>/).map(
                \.output.1
            )
            #expect(Set(letters).count == letters.count && letters.allSatisfy { $0.contains("*") })
            for link in links {
                let paper = try await town.get(link, as: "registrar")
                #expect(paper.status == 200 && paper.text.contains("data-print"), "\(link)")
                #expect(paper.text.contains("<svg class=\"qr\"") && paper.text.contains(review.number))
            }
            let first = try #require(links.first)
            #expect(try await town.get(first, as: "head").status == 200)
            #expect(try await town.get(first, as: "supervisor").status == 403)
            #expect(try await town.get(first, as: "registrar-huimin").status == 404)
            let granted = try await town.granted("阴山", of: "zhangsan")
            let other = first.replacing(review.id.rawValue, with: granted.id.rawValue)
            let isGenerated = first.hasSuffix("application")
            #expect(try await town.get(other, as: "registrar").status == (isGenerated ? 200 : 404))
            let entry = try await town.get("/desk/corrections/\(granted.result ?? "")", as: "registrar").text
            #expect(
                entry.contains("/desk/cases/\(granted.id)/papers/")
                    && entry.contains("/desk/cases/\(granted.id)\"")
            )
            let reads = try await town.platform.database.read {
                try AuditLog.history(of: review.object, in: $0).count { $0.act == "case.paper-read" }
            }
            #expect(reads >= links.count)
        }
    }

    @Test(
        "found by part of a number, name, credit code; a miss keeps the words; another region finds nothing"
    )
    func find() async throws {
        try await withTown { town in
            let granted = try await town.granted("阴山", of: "zhangsan")
            let review = try await town.inReview("塞上", of: "zhangsan")
            let code = try #require(granted.result)
            func found(_ words: String, as login: String = "registrar") async throws -> FaceTown.Answer {
                let escaped = words.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
                return try await town.get("/desk/find?q=\(escaped)", as: login)
            }
            #expect(try await found(review.number).location == "/desk/cases/\(review.id)")
            #expect(try await found(String(review.number.suffix(8))).text.contains("塞上"))
            let wide = review.number.unicodeScalars.map {
                Unicode.Scalar($0.value + 0xFEE0).map(String.init) ?? ""
            }
            #expect(
                try await found(wide.joined()).location == "/desk/cases/\(review.id)",
                "as typed with full width"
            )
            let name = try await found("阴山").text
            #expect(name.contains(granted.number) && name.contains("/desk/corrections/\(code)"))
            #expect(try await found(code).text.contains(granted.number))
            let miss = try await found("查无此名100%")
            #expect(miss.status == 200 && miss.text.contains("value=\"查无此名100%\""))
            #expect(miss.text.contains("没有找到相符的"))
            let elsewhere = try await found("阴山", as: "registrar-huimin").text
            #expect(elsewhere.contains(granted.number) == false && elsewhere.contains(code) == false)
            #expect(try await found("%%").text.contains(granted.number) == false)
            // Another agency of the same region finds nothing, nor does it read what was decided.
            for path in ["/desk/find?q=\(granted.number)", "/desk/find?q=\(code)", "/desk/decided", "/desk"] {
                let page = try await town.get(path, as: "police").text
                #expect(page.contains("阴山") == false && page.contains("/desk/cases/") == false, "\(path)")
            }
        }
    }

    @Test("filters go on to counts, the next page and the export; what was decided today is listed")
    func filters() async throws {
        try await withTown { town in
            let first = try await town.inReview("塞上", of: "zhangsan")
            let second = try await town.inReview("敕勒", of: "zhangsan")
            _ = try await act("claim", first.id, town)
            let mine = try await town.get("/desk?assignee=me", as: "registrar").text
            #expect(mine.contains(first.number) && mine.contains(second.number) == false)
            #expect(mine.contains("name=\"assignee\" value=\"me\""))
            #expect(try await town.get("/desk?rule=R06", as: "registrar").text.contains(first.number))
            #expect(
                try await town.get("/desk?rule=R09", as: "registrar").text.contains(first.number) == false
            )
            #expect(
                try await town.get("/desk?due=over", as: "registrar").text.contains(first.number) == false
            )
            #expect(try await town.get("/desk?due=maybe", as: "registrar").status == 422)
            // Handed in on a Monday with three working days: due on Thursday, which is within three of them.
            #expect(try await town.get("/desk?due=soon", as: "registrar").text.contains(first.number))
            #expect(
                try await town.get("/desk?due=today", as: "registrar").text.contains(first.number) == false
            )
            #expect(mine.contains("共1件") && mine.contains("回到第一页") == false)
            let later = try await town.get("/desk?assignee=me&after=0-x", as: "registrar").text
            #expect(later.contains("<a class=\"btn btn-outline-primary\" href=\"/desk?assignee=me\">"))
            let file = try await town.post("/desk/export", ["assignee": "me"], as: "registrar").text
            #expect(file.contains("\t\(first.number)") && file.contains(second.number) == false)
            // What answered a form is read in another language on the page that the form stood on.
            let refused = try await act("return", first.id, town, ["what-1": "", "onward": "yes"])
            #expect(refused.text.contains("href=\"/desk/cases/\(first.id)?lang=en\""), "\(refused.status)")
            let done = try await act(
                "return",
                first.id,
                town,
                ["what-1": "缺一页", "why-1": "细则第十八条", "how-1": "补齐", "onward": "yes"]
            )
            #expect(done.location.hasPrefix("/desk/cases/\(second.id)?done="))
            let next = try await town.get(done.location, as: "registrar").text
            #expect(next.contains("已办理") && next.contains("塞上"))
            let decided = try await town.get("/desk/decided", as: "registrar").text
            #expect(decided.contains(first.number) && decided.contains("退还"))
            #expect(
                try await town.get("/desk/decided?mine=1", as: "head").text.contains(first.number) == false
            )
            try await town.pass(9 * Instant.day)
            #expect(try await town.get("/desk?due=over", as: "registrar").text.contains(second.number))
        }
    }

    @Test("every desk page has the search, its keys and the help; the inbox opens its first case by key")
    func keys() async throws {
        try await withTown { town in
            let review = try await town.inReview("塞上", of: "zhangsan")
            for path in [
                "/desk", "/desk/cases/\(review.id)", "/desk/lines", "/desk/corrections", "/desk/decided",
            ] {
                let page = try await town.get(path, as: "registrar").text
                #expect(page.contains("id=\"desk-find\"") && page.contains("accesskey=\"f\""), "\(path)")
                #expect(page.contains("id=\"keys\""), "\(path)")
            }
            // What decides has no key of its own; the key of an act that stands open leads into it.
            _ = try await act("claim", review.id, town)
            let own = try await town.get("/desk/cases/\(review.id)", as: "registrar").text
            #expect(own.contains("<summary accesskey=\"g\">") && own.contains("name=\"onward\""))
            #expect(
                !own.contains("name=\"onward\" value=\"yes\" data-onward") && !own.contains("打开下一件 <kbd>")
            )
            let refused = try await act("grant", review.id, town, ["reason": " "])
            #expect(refused.status == 422 && refused.text.contains("<summary data-key=\"g\">"))
            #expect(!refused.text.contains("accesskey=\"g\""))
            #expect(
                try await town.get("/desk", as: "registrar").text.contains(
                    "accesskey=\"j\" href=\"/desk/cases/\(review.id)\""
                )
            )
        }
    }

    @Test("on paper the menu's column is gone, so that a case prints as a document")
    func print() async throws {
        try await withTown { town in
            let page = try await town.get("/desk", as: "registrar").text
            let path = try #require(page.firstMatch(of: /href="(\/assets\/[0-9a-f]+\/app\.css)"/)).output.1
            let sheet = try await town.get(String(path)).text
            let paper = try #require(sheet.components(separatedBy: "@media print").last)
            #expect(paper.contains(".desk .stage, .with-aside { display: block; }"))
        }
    }
}
