import Cases
import CompanyNames
import CompanyOpening
import Correspondence
import FaceSupport
import Foundation
import Kernel
import Server
import Storage
import Testing

@testable import Portal

/// Small things of the form that decide whether somebody at home comes through it.
@Suite struct FounderFormTests {
    private let founder = "zhangsan"

    private func started(_ town: FaceTown) async throws -> String {
        let answer = try await town.post("/apply/llc", ["district": "150203"], as: founder)
        #expect(answer.status == 303)
        return answer.location.split(separator: "/").dropLast().reduce(into: "") { $0 += "/\($1)" }
    }

    /// Values that a question's list offers.
    private func offered(_ name: String, on page: String) -> [String] {
        let start = "name=\"\(name)\""
        guard let list = page.components(separatedBy: "<select").first(where: { $0.contains(start) }) else {
            return []
        }
        let inside = list.components(separatedBy: "</select>")[0]
        return inside.matches(of: /<option value="([^"]+)"/).map { String($0.output.1) }
    }

    /// What the box above the form lists.
    private func summary(of page: String) -> [String] {
        guard let start = page.range(of: "id=\"error-summary\""),
            let end = page.range(of: "</ul>", range: start.upperBound..<page.endIndex)
        else { return [] }
        return page[start.upperBound..<end.lowerBound].matches(of: /<a [^>]*>([^<]*)</).map {
            String($0.output.1)
        }
    }

    @Test("the district is asked once, and only its league's districts are offered for the premises")
    func district() async throws {
        try await FaceTown.open { town in
            let start = try await town.get("/apply/llc", as: founder).text
            #expect(start.contains("<optgroup label=\"包头市\">") && offered("district", on: start).count == 103)
            let draft = try await started(town)
            let page = try await town.get("\(draft)/address", as: founder).text
            #expect(page.contains("<option value=\"150200\" selected>"))
            #expect(page.contains("<option value=\"150203\" selected>"))
            let banners = offered("address.banner", on: page)
            #expect(banners.count > 5 && banners.allSatisfy { $0.hasPrefix("1502") })
            let other = try await town.answer(
                "\(draft)/address",
                ["address.league": "150100", "_refresh": "yes"],
                as: founder
            ).text
            #expect(offered("address.banner", on: other).allSatisfy { $0.hasPrefix("1501") })
        }
    }

    @Test("a point on the map is asked only where a landmark stands for the house number")
    func landmark() async throws {
        try await FaceTown.open { town in
            let draft = try await started(town)
            let empty = try await town.answer("\(draft)/address", as: founder)
            #expect(empty.status == 422 && summary(of: empty.text).count == 2, "\(summary(of: empty.text))")
            #expect(!empty.text.contains("address.latitude"))
            let marked = try await town.answer(
                "\(draft)/address",
                ["address.township": "少先路街道", "address.landmark": "敖包以东2公里"],
                as: founder
            )
            let latitude = marked.text.firstMatch(of: /<input[^>]*name="address.latitude"[^>]*>/)
            #expect(try #require(latitude).output.contains("inputmode=\"decimal\""))
            let pointless = try await town.answer("\(draft)/address", as: founder)
            #expect(pointless.status == 422 && summary(of: pointless.text).count == 2)
        }
    }

    @Test("the steps count up from the first page on")
    func steps() async throws {
        try await FaceTown.open { town in
            let answer = try await town.post("/apply/llc", ["district": "150203"], as: founder)
            #expect(answer.location.hasSuffix("/applicant"))
            #expect(try await town.get(answer.location, as: founder).text.contains("第 2 步"))
            let next = try await town.answer(answer.location, ["applicant.role": "founder"], as: founder)
            #expect(next.location.hasSuffix("/name"))
            #expect(try await town.get(next.location, as: founder).text.contains("第 3 步"))
        }
    }

    @Test("trades stand under their sections, in English too")
    func trades() async throws {
        try await FaceTown.open { town in
            let draft = try await started(town)
            let page = try await town.get("\(draft)/name", as: founder).text
            #expect(page.contains("<optgroup label=\"住宿和餐饮业\">"))
            #expect(offered("name.tradeIndustry", on: page).contains("6210"))
            let english = try await town.get("\(draft)/name?lang=en", as: founder).text
            #expect(english.contains("<optgroup label=\"Hotels and catering\">"))
        }
    }

    @Test("everyday words find the catalogue's, and a search that finds nothing says so")
    func scopeWords() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft(of: founder)
            let path = "/drafts/\(draft.id)/scope"
            let found = try await town.answer(path, ["_word": "饭店", "_find": "yes"], as: founder)
            #expect(found.status == 200 && found.text.contains("value=\"H0003\""))
            #expect(!found.text.contains("没有含有"))
            let none = try await town.answer(path, ["_word": "量子面包", "_find": "yes"], as: founder)
            #expect(none.text.contains("没有含有“量子面包”"))
            let phrases = town.platform.opening.book.phrases(on: town.town.clock.now.date)
            let messages = try String(
                contentsOfFile: Home.find().resource("messages/zh/portal.yaml"),
                encoding: .utf8
            )
            let list = try #require(messages.firstMatch(of: /portal.scope.everyday: "([^"]+)"/)).output.1
            for (word, stands) in Offers.everyday(String(list)) {
                #expect(phrases.contains { $0["text_zh"].contains(stands) }, "\(word)")
            }
        }
    }

    @Test("a page that answers a form is remembered as a page to ask for")
    func goingBack() async throws {
        try await FaceTown.open { town in
            let draft = try await started(town)
            let wrong = try await town.answer("\(draft)/capital", ["capital": "许多"], as: founder)
            #expect(wrong.status == 422 && wrong.text.contains("data-answered-on=\"\(draft)/capital\""))
            #expect(!(try await town.get("\(draft)/capital", as: founder).text).contains("data-answered-on"))
            let refused = try await town.post("\(draft)/name/use", ["brand": ""], as: founder)
            #expect(refused.text.contains("data-answered-on=\"\(draft)/name\""))
        }
    }

    @Test("the box above a form says what is meant where questions read alike, and asks yes or no as such")
    func words() async throws {
        try await FaceTown.open { town in
            let draft = try await started(town)
            let page = try await town.answer("\(draft)/insurance", as: founder)
            let lines = summary(of: page.text)
            #expect(page.status == 422 && lines.count == 3 && Set(lines).count == 3, "\(lines)")
            #expect(lines.contains { $0.contains("住房公积金") })
            let staff = try await town.answer("\(draft)/staff", as: founder)
            #expect(summary(of: staff.text).contains { $0.contains("“暂无雇工”") })
        }
    }

    @Test("a wrong file does not hide what else is wrong")
    func fileAndMore() async throws {
        try await FaceTown.open { town in
            let draft = try await started(town)
            let page = try await town.upload(
                "\(draft)/premises",
                ["premises.mode": "proof", "premises.use": "owned"],
                files: [("premises.proof", "房.jpg", Array("GIF89a".utf8))],
                as: founder
            )
            // Which questions there are hangs on these answers: they are asked first, the file is refused at once.
            #expect(page.status == 422 && page.text.contains("与文件名无关"))
            #expect(summary(of: page.text).count > 1, "\(summary(of: page.text))")
        }
    }

    @Test("a name without its promise is said above the page too")
    func promise() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft(of: founder) { data in
                data["name"]["brand"] = "牧云"
                data["name"]["reservation"] = .null
            }
            let path = "/drafts/\(draft.id)/name"
            let page = try await town.post("\(path)/reserve", as: founder)
            #expect(page.status == 422)
            #expect(page.text.contains("href=\"#f-promise\"") && page.text.contains("id=\"f-promise\""))
        }
    }

    @Test("a task closes only after a question, and can be taken up again")
    func tasks() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("牧云", of: founder)
            try await town.lead(granted, as: founder)
            let path = "/wallet/\(try #require(granted.result))"
            let page = try await town.get(path, as: founder).text
            #expect(page.contains("<details class=\"asks-first") && page.contains("长期义务"))
            let action = try #require(page.firstMatch(of: /action="([^"]*\/tasks\/[^"]*)"/)).output.1
            #expect(!page.contains("value=\"undone\""))
            #expect(try await town.post(String(action), as: founder).status == 303)
            #expect(try await town.get(path, as: founder).text.contains("value=\"undone\""))
            #expect(try await town.post(String(action), ["act": "undone"], as: founder).status == 303)
            #expect(!(try await town.get(path, as: founder).text).contains("value=\"undone\""))
        }
    }

    @Test("a text in English names roles in English")
    func roles() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("牧云", of: founder)
            let texts = try await town.platform.database.read {
                try CorrespondenceStore.messages(case: granted.number, in: $0)
            }.filter { ["sign-please", "named-person"].contains($0.template) }
            #expect(Set(texts.map(\.template)).count == 2)
            for text in texts {
                let company = text.textEn.replacing(granted.title, with: "")
                #expect(!company.contains { ("一"..."鿿").contains($0) }, "\(text.textEn)")
                #expect(text.textZh.contains { ("一"..."鿿").contains($0) })
            }
        }
    }
}
