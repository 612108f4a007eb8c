import Cases
import FaceSupport
import Server
import Forms
import Foundation
import Identity
import Kernel
import Storage
import Testing

/// Whatever is sent to the pages of the form: a clear refusal or one clean outcome, and nothing half-saved.
@Suite struct BadInputTests {
    private let founder = "zhangsan"

    /// A draft whose pages were answered once, so that its data are as the form settles them.
    private func settledDraft(_ town: FaceTown) async throws -> Case {
        let draft = try await town.draft(of: founder)
        #expect(try await town.answer("/drafts/\(draft.id)/capital", as: founder).status == 303)
        return try await town.read(draft)
    }

    @Test func wrongAnswersAreNamedBesideTheirQuestionsAndKeptAsTyped() async throws {
        try await FaceTown.open { town in
            let draft = try await settledDraft(town)
            let wrong: [(page: String, name: String, typed: String, words: String)] = [
                ("capital", "capital", "一百", "应为以万元为单位的数字"),
                ("shareholders", "shareholders[0].idNumber", "150203198510120011", "第 18 位校验不通过"),
                ("shareholders", "shareholders[0].idNumber", "150203198502300010", "出生日期不存在"),
                ("shareholders", "shareholders[1].dueDate", "2027-02-30", "这一天不存在"),
                ("shareholders", "shareholders[0].amount", "60.1234567", "最多六位小数"),
                ("directors", "directors[0].termYears", "three", "应为整数"),
                ("liaison", "liaison.phone", "1380000123", "应为 11 位手机号码"),
                ("liaison", "liaison.email", "not an address", "应写成 名字@域名"),
                ("address", "address.banner", "999999", "应为现行的六位行政区划"),
            ]
            for line in wrong {
                let answer = try await town.answer(
                    "/drafts/\(draft.id)/\(line.page)",
                    [line.name: line.typed],
                    as: founder
                )
                #expect(answer.status == 422, "\(line.name) \(line.typed)")
                #expect(answer.text.contains(line.words), "\(line.name) \(line.typed)")
                #expect(answer.text.contains("error-summary") && answer.text.contains("<title>错误："))
                #expect(answer.text.contains("value=\"\(line.typed)\"") || line.page == "address")
                // Mended, the page is taken.
                let before = try #require(
                    SentForm.pairs(
                        of: try await town.get("/drafts/\(draft.id)/\(line.page)", as: founder).text
                    ).first { $0.name == line.name }
                )
                #expect(before.value == line.typed || line.page == "address")
                let good =
                    FormPath(parsing: line.name).flatMap { draft.data[$0].text }
                    ?? FormPath(parsing: line.name).flatMap { draft.data[$0].int }.map {
                        String(line.name.hasSuffix("termYears") ? $0 : $0 / 1_000_000)
                    } ?? ""
                #expect(
                    try await town.answer("/drafts/\(draft.id)/\(line.page)", [line.name: good], as: founder)
                        .status == 303,
                    "\(line.name) \(good)"
                )
            }
            #expect(try await town.read(draft).data == draft.data)
        }
    }

    @Test func fullWidthDigitsAndStraySpacesAreTaken() async throws {
        try await FaceTown.open { town in
            let draft = try await settledDraft(town)
            let path = "/drafts/\(draft.id)"
            let pages: [(String, KeyValuePairs<String, String>)] = [
                ("capital", ["capital": " １００ "]),
                ("liaison", ["liaison.phone": "１３８ ００００-３４５６", "liaison.idNumber": " １５０２０３１９９２０５０５００３０"]),
                ("shareholders", ["shareholders[0].dueDate": "２０３０．１２．３１"]),
            ]
            for (page, typed) in pages {
                let answer = try await town.answer("\(path)/\(page)", typed, as: founder)
                #expect(answer.status == 303, "\(page): \(answer.text.suffix(0))")
            }
            #expect(try await town.read(draft).data == draft.data)
        }
    }

    @Test func aCreditCodeWithOneWrongDigitIsNamed() async throws {
        try await FaceTown.open { town in
            let draft = try await settledDraft(town)
            let path = "/drafts/\(draft.id)/premises"
            // The first turn asks the questions that a hosted address brings.
            let typed: KeyValuePairs<String, String> = [
                "premises.use": "hosted", "premises.hostCode": "91150203MAB0087E8X",
                "premises.from": "2026-01-01",
                "premises.until": "2029-01-01",
            ]
            _ = try await town.answer(path, typed, as: founder)
            let answer = try await town.answer(path, typed, as: founder)
            #expect(answer.status == 422 && answer.text.contains("第 18 位校验不通过"))
        }
    }

    @Test func whatNoPageOfOursSendsIsRefusedAndNothingIsKept() async throws {
        try await FaceTown.open { town in
            let draft = try await settledDraft(town)
            let deep = "shareholders[0]" + String(repeating: ".guardian", count: 14)
            let forged: [(page: String, changes: KeyValuePairs<String, String>, code: String)] = [
                ("name", ["name.full": "另一家公司", "name.brand": "改了"], "form.computed-field"),
                ("capital", ["admin": "true", "capital": "7"], "form.unknown-field"),
                ("capital", ["shareholders[0].amount": "1", "capital": "7"], "form.unknown-field"),
                ("capital", ["capital": String(repeating: "9", count: 70_000)], "form.value-too-long"),
                ("shareholders", ["shareholders[9999].name": "x"], "form.too-many-rows"),
                ("shareholders", ["shareholders[99999].name": "x"], "form.unknown-field"),
                ("shareholders", [deep: "x"], "form.unknown-field"),
                ("capital", ["capital": "7", "_version": "0"], "刚才在别的窗口保存过"),
            ]
            for line in forged {
                let answer = try await town.answer(
                    "/drafts/\(draft.id)/\(line.page)",
                    line.changes,
                    as: founder
                )
                #expect((400..<500).contains(answer.status), "\(line.code)")
                #expect(answer.text.contains(line.code), "\(line.code): \(answer.status)")
                #expect(answer.text.contains("<html lang=\"zh-Hans\""))
            }
            // The text of a file question is no file.
            let digest = "sm3:" + String(repeating: "a", count: 64)
            let sent = try await town.answer(
                "/drafts/\(draft.id)/premises",
                ["premises.mode": "proof", "premises.proof": digest, "_refresh": "yes"],
                as: founder
            )
            #expect(sent.status == 200)
            let kept = try await town.read(draft)
            #expect(kept.data["premises"]["proof"].isNull && kept.data["capital"] == draft.data["capital"])
            #expect(
                kept.data["name"] == draft.data["name"]
                    && kept.data["shareholders"] == draft.data["shareholders"]
            )
        }
    }

    @Test func formsWithoutTheGuardOfAnotherSessionOrInAnotherShapeChangeNothing() async throws {
        try await FaceTown.open { town in
            let draft = try await settledDraft(town)
            let path = "/drafts/\(draft.id)/capital"
            #expect(
                try await town.answer(path, ["capital": "7"], without: ["_form"], as: founder).status == 403
            )
            let foreign = try await town.answer(
                path,
                ["capital": "7", "_form": try await town.guardToken(of: "lisi")],
                as: founder
            )
            #expect(foreign.status == 403 && foreign.text.contains("web.form-not-ours"))
            #expect(try await town.answer(path, ["capital": "7"], as: "lisi").status == 403)
            let form = "application/x-www-form-urlencoded"
            let guarded = "_form=\(try await town.guardToken(of: founder))&"
            let bodies: [(body: [UInt8], type: String, status: Int, code: String)] = [
                (
                    Array(guarded.utf8) + [UInt8](repeating: 0x61, count: 10_485_760), form, 413,
                    "web.body-too-large"
                ),
                (Array("\(guarded)capital=%".utf8), form, 400, "web.unreadable-form"),
                (Array("\(guarded)capital=%FF".utf8), form, 400, "web.unreadable-form"),
                (Array("\(guarded)capital=%00".utf8), form, 400, "web.unreadable-form"),
                (Array("{\"capital\": ".utf8), "application/json", 400, "json."),
                (Array((String(repeating: "[", count: 5_000)).utf8), "application/json", 400, "json."),
                (Array("capital: 7".utf8), "text/yaml", 415, "web.unsupported-body"),
                (Array("--other\r\n".utf8), "multipart/form-data; boundary=edge", 400, "web.unreadable-form"),
            ]
            for line in bodies {
                let answer = try await town.send(path, line.body, type: line.type, as: founder)
                #expect(answer.status == line.status, "\(line.type) \(line.code)")
                #expect(answer.text.contains(line.code), "\(line.type) \(line.code)")
            }
            let big = try await town.upload(
                path,
                ["capital": String(repeating: "9", count: 10_485_760)],
                files: [],
                as: founder
            )
            #expect(big.status == 422 && big.text.contains("web.bad-field"))
            let many = (0...2_000).map { "a\($0)=1" }.joined(separator: "&")
            #expect(
                try await town.send(path, Array((guarded + many).utf8), type: form, as: founder).status == 413
            )
            #expect(try await town.read(draft).version == draft.version)
        }
    }

    @Test func theSameStartPressedTwiceOpensOneDraftAndAnUnknownOneNone() async throws {
        try await FaceTown.open { town in
            let first = try await town.post(
                "/apply/llc",
                ["district": "150203"],
                as: founder,
                once: "ABCDEFGHJKMNPQRST"
            )
            let again = try await town.post(
                "/apply/llc",
                ["district": "150203"],
                as: founder,
                once: "ABCDEFGHJKMNPQRST"
            )
            #expect(first.status == 303 && again.status == 303)
            // The first way leads to the first page of the form, the repeated one to where the draft stands.
            #expect(first.location.hasPrefix(again.location), "\(again.location)")
            #expect(try await town.post("/apply/llc", ["district": "999999"], as: founder).status == 422)
            #expect(try await town.post("/apply/bank", ["district": "150203"], as: founder).status == 404)
            let other = try await town.post(
                "/apply/llc",
                ["district": "150202"],
                as: founder,
                once: "ABCDEFGHJKMNPQRST"
            )
            #expect(other.status == 422)
            let person = try await town.session(founder).principal.actor.id
            #expect(
                try await town.platform.database.read { try CaseStore.mine(person, limit: 9, in: $0) }.count
                    == 1
            )
        }
    }
}
