import Cases
import FaceSupport
import Identity
import Kernel
import Server
import Storage
import Testing

/// What a founder typed is not lost: not by going back, not in two windows, not by giving an application up.
@Suite("answers that are kept", .serialized)
struct KeepingTests {
    private let founder = "zhangsan"

    @Test("going back keeps what was typed, whatever is wrong with it")
    func back() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft(of: founder)
            let path = "/drafts/\(draft.id)/liaison"
            let page = try await town.get(path, as: founder).text
            #expect(page.contains("name=\"_back\"") && page.contains("form=\"questions\""))
            let answer = try await town.answer(
                path,
                ["liaison.email": "a@b.example", "_back": "yes"],
                as: founder
            )
            #expect(answer.status == 303 && answer.location != path)
            #expect(try await town.read(draft).data["liaison"]["email"].text == "a@b.example")
        }
    }

    @Test("a page that another window overtook shows what was typed, and is kept when it is sent again")
    func windows() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft(of: founder)
            let path = "/drafts/\(draft.id)/liaison"
            let late = try await town.answer(
                path,
                ["liaison.email": "late@b.example", "_version": "0"],
                as: founder
            )
            #expect(late.status == 409 && late.text.contains("value=\"late@b.example\""))
            #expect(try await town.read(draft).data["liaison"]["email"].text != "late@b.example")
            let version = try #require(late.text.firstMatch(of: /name="_version"[^>]*value="([0-9]+)"/))
                .output.1
            let again = try await town.answer(
                path,
                ["liaison.email": "late@b.example", "_version": String(version)],
                as: founder
            )
            #expect(again.status == 303)
            #expect(try await town.read(draft).data["liaison"]["email"].text == "late@b.example")
        }
    }

    @Test(
        "who took his application back begins again with its answers, without its files, once for each press",
        arguments: DatabaseEngine.allCases
    )
    func again(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let review = try await town.inReview("塞上", of: founder, proof: Array("%PDF-1.7\nlease".utf8))
            let result = "/cases/\(review.number)/result"
            let asked = try await town.get(result, as: founder).text
            #expect(asked.contains("确认撤回") && !asked.contains("/again\""))
            #expect(try await town.post("/cases/\(review.number)/again", as: founder).status == 409)
            let version = String(try await town.read(review).version)
            let ended = try await town.post(
                "/cases/\(review.number)/withdraw",
                ["version": version],
                as: founder
            )
            #expect(ended.status == 303)
            #expect(try await town.get(result, as: founder).text.contains("/cases/\(review.number)/again\""))
            #expect(try await town.post("/cases/\(review.number)/again", as: "lisi").status == 404)
            let once = "again-again-again-1"
            let first = try await town.post("/cases/\(review.number)/again", as: founder, once: once)
            let second = try await town.post("/cases/\(review.number)/again", as: founder, once: once)
            let path = first.location
            #expect(first.status == 303 && path.hasPrefix("/drafts/"))
            let id = try #require(path.split(separator: "/").dropFirst().first).description
            #expect(second.location.hasPrefix("/drafts/\(id)"))
            let fresh = try await town.platform.desk.read(ID(id))
            #expect(fresh.state == .draft && fresh.number != review.number)
            let holders = [fresh, review].map { $0.data["shareholders"].elements.map { $0["idNumber"].text } }
            #expect(holders[0] == holders[1] && holders[0].count == 3)
            #expect(fresh.data["premises"]["proof"].isNull && !review.data["premises"]["proof"].isNull)
        }
    }

    @Test("one document under two names is told on the page that says it, and nobody is asked to sign")
    func twoNames() async throws {
        try await FaceTown.open { town in
            let draft = try await town.draft(of: founder)
            let path = "/drafts/\(draft.id)/representative"
            let answer = try await town.answer(path, ["legalRepresentative.name": "王小明"], as: founder)
            #expect(answer.status == 422 && answer.text.contains("同一证件只能对应一个姓名"))
            let check = try await town.get("/drafts/\(draft.id)/check", as: founder).text
            #expect(check.contains("同一证件只能对应一个姓名"))
            let asked = try await town.post("/drafts/\(draft.id)/sign", as: founder)
            #expect(asked.status != 303 || !asked.location.hasSuffix("/signers"))
        }
    }
}
