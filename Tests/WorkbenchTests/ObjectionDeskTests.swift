import Cases
import FaceSupport
import Foundation
import Kernel
import Registers
import Server
import Storage
import TestSupport
import Testing

/// "I did not agree", said while an officer examines the case: what the objector reads, what the officer sees and does.
@Suite("an objection to a case under review", .serialized)
struct ObjectionDeskTests {
    private func act(
        _ name: String,
        _ id: ID<Case>,
        _ town: FaceTown,
        _ more: [String: String] = [:]
    ) async throws -> FaceTown.Answer {
        var fields = more
        fields["version"] = String(try await town.platform.desk.read(id).version)
        return try await town.post("/desk/cases/\(id)/\(name)", fields, as: "registrar")
    }

    /// A case in review, and the page by which one of its people objects.
    private func inReview(_ town: FaceTown) async throws -> (Case, page: String) {
        let draft = try await town.draft("塞上", of: "zhangsan")
        let secrets = try await town.sign(draft.id, of: "zhangsan")
        let page = "/sign/\(try #require(secrets.last))/objection"
        #expect(try await town.get(page).text.contains("申请还没有提交登记"))
        try town.party("court-list", is: "down")
        let handed = try await town.platform.desk.submit(
            draft.id,
            occasion: try await town.occasion(of: "zhangsan")
        )
        try town.party("court-list", is: "up")
        try #require(handed.state == .review)
        return (handed, page)
    }

    @Test(
        "the objector reads what is true; the case is not granted before it was looked into",
        arguments: DatabaseEngine.allCases
    )
    func settled(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let (review, page) = try await inReview(town)
            let path = "/desk/cases/\(review.id)"
            #expect(try await act("claim", review.id, town).status == 303)
            #expect(try await town.get(path, as: "registrar").text.contains("/settle-objection") == false)
            let before = try await town.get(page).text
            #expect(before.contains("登记机关正在审查") && !before.contains("签署和提交"))
            #expect(try await town.post(page, ["text": "我没有同意，身份被冒用"]).status == 303)
            let said = try await town.get(page).text
            #expect(said.contains("查清之前不会准予") && !said.contains("签署和提交"))
            let number = try #require(said.firstMatch(of: /编号 (Y[0-9A-Z]{10})/)).output.1
            let board = try await town.get("/desk/corrections", as: "corrector").text
            let told = [String(number), "身份被冒用", "\(path)#objections"]
            for words in told { #expect(board.contains(words), "\(words)") }
            let names = try await town.platform.database.read {
                try ObjectionStore.of(review.id, in: $0).compactMap(\.name)
            }
            let name = try #require(names.first)
            #expect(!board.contains(name) && board.contains("\(name.prefix(1))*"))
            let desk = try await town.get(path, as: "registrar").text
            #expect(desk.contains("id=\"objections\"") && desk.contains("/settle-objection"))
            let blocked = try await act("grant", review.id, town, ["reason": "已核实"])
            #expect(blocked.status == 409 && blocked.text.contains("（编号 \(number)）还没有处理"))
            #expect(blocked.text.contains("处理异议"))
            var fields = ["objection": String(number), "inquiry": "confirmed", "reason": "本人到场核实"]
            #expect(try await act("settle-objection", review.id, town, fields).status == 422)
            fields["confirm"] = "yes"
            for name in ["objection", "inquiry", "reason"] {
                let lacking = fields.filter { $0.key != name }
                #expect(try await act("settle-objection", review.id, town, lacking).status == 422, "\(name)")
            }
            #expect(try await act("settle-objection", review.id, town, fields).status == 303)
            let came = try await town.get(page).text
            #expect(came.contains("您本人已确认参加本次申请") && came.contains("<textarea"))
            let history = try await town.get(path, as: "registrar").text
            #expect(history.contains("本人到场核实") && history.contains("本人确认参加本次申请"))
            #expect(!history.contains("/settle-objection"))
            #expect(try await act("grant", review.id, town, ["reason": "已核实"]).status == 303)
            #expect(try await town.get(page).text.contains("第四十条"))
        }
    }

    @Test("when the case is refused the objector reads that nothing was registered, and is asked for nothing")
    func refused() async throws {
        try await FaceTown.open { town in
            let (review, page) = try await inReview(town)
            #expect(try await town.post(page, ["text": "我没有同意"]).status == 303)
            _ = try await act("claim", review.id, town)
            #expect(try await act("recheck", review.id, town, ["confirm": "yes"]).status == 303)
            let grounds = ["reason": "被冒用身份", "facts": "本人未同意", "law": "条例第十七条"]
            #expect(try await act("refuse", review.id, town, grounds).status == 303)
            let over = try await town.get(page).text
            #expect(over.contains("没有登记任何企业") && !over.contains("<textarea"))
            #expect(!over.contains("第四十条") && !over.contains("签署和提交"))
            #expect(try await town.post(page, ["text": "再说一次"]).status == 303)
            let all = try await town.platform.database.read { try ObjectionStore.of(review.id, in: $0) }
            #expect(all.map(\.state) == [.accepted])
            let board = try await town.get("/desk/corrections", as: "corrector").text
            #expect(!board.contains("我没有同意"))
        }
    }

    @Test(
        "what came up since the page was shown comes back with the fresh findings on it; then it is decided"
    )
    func fresh() async throws {
        try await FaceTown.open { town in
            let (review, _) = try await inReview(town)
            _ = try await act("claim", review.id, town)
            let name = try #require(review.data["name"]["full"].text)
            let occasion = try await town.occasion(of: "zhangsan")
            let note = RegisterNote(
                id: occasion.newID(),
                register: "companies",
                object: "name:\(name)",
                kind: .courtNotice,
                text: "协助执行",
                blocks: false,
                from: town.town.clock.now,
                until: nil,
                liftedAt: nil
            )
            try await town.platform.database.write { try NoteStore.insert(note, in: $0) }
            #expect(try await town.get("/desk/cases/\(review.id)", as: "registrar").text.contains("R06"))
            let back = try await act("grant", review.id, town, ["reason": "已核实"])
            #expect(back.status == 409 && back.text.contains("有新的结论") && back.text.contains("已核实"))
            let failed = try #require(
                back.text.components(separatedBy: "id=\"rules\"").dropFirst().first?
                    .components(separatedBy: "<details").first
            )
            #expect(failed.contains("R17"))
            #expect(try await town.platform.desk.read(review.id).state == .review)
            #expect(try await act("grant", review.id, town, ["reason": "已核实"]).status == 303)
            #expect(try await town.platform.desk.read(review.id).state == .granted)
        }
    }
}
