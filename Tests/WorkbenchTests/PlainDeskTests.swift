import Cases
import Charges
import Credentials
import FaceSupport
import Foundation
import Identity
import Kernel
import Server
import Storage
import TestSupport
import Testing

/// What the desk shows of an item that runs by its definition: who applies, what was promised beside what the law allows,
/// and whether it is paid.
@Suite("the desk of items without a module", .serialized)
struct PlainDeskTests {
    private func declaration(_ town: FaceTown, in banner: String = "150203") async throws -> Case {
        let who = "zhangsan"
        let data: JSON = [
            "district": .string(banner), "applicant": ["phone": "13800000001"],
            "statement": ["text": "本人自愿放弃对某小区三号楼房产的优先购买权，特此声明。"],
            "request": ["use": "home", "copies": 2, "hardship": false],
        ]
        let begun = try await town.platform.desk.start(
            system: "notary-online",
            item: "declaration",
            region: banner,
            channel: .online,
            data: data,
            occasion: try await town.occasion(of: who)
        )
        try await town.sign(begun.id, of: who)
        return try await town.platform.desk.submit(begun.id, occasion: try await town.occasion(of: who))
    }

    private func act(_ found: Case, _ name: String, _ fields: [String: String], in town: FaceTown)
        async throws
        -> FaceTown.Answer
    {
        var fields = fields
        fields["version"] = String(try await town.read(found).version)
        return try await town.post("/desk/cases/\(found.id)/\(name)", fields, as: "notary")
    }

    @Test("inbox and case name applicant, promise and bill; the filter asks where the applicant lives")
    func shown() async throws {
        try await FaceTown.open { town in
            let found = try await declaration(town)
            #expect(found.state == .review && found.region == "150200")
            let promised = try #require(
                try await town.platform.database.read { try CaseTimesStore.of(found.id, in: $0)?.promised }
            )
            let inbox = try await town.get("/desk", as: "notary").text
            for words in [found.number, "张*", "承诺 \(promised.date)", "100.00 元", "待缴"] {
                #expect(inbox.contains(words), "\(words)")
            }
            #expect(!inbox.contains("张三"))
            #expect(try await town.get("/desk?where=150203", as: "notary").text.contains(found.number))
            #expect(try await !town.get("/desk?where=150202", as: "notary").text.contains(found.number))
            let export = try await town.post("/desk/export", ["where": "150203"], as: "notary").text
            #expect(export.contains("声明书公证"))
            let path = "/desk/cases/\(found.id)"
            let sheet = try await town.get(path, as: "notary").text
            #expect(sheet.contains("承诺时限") && sheet.contains(promised.minuteText) && sheet.contains("待缴"))
            let owed = try await act(found, "claim", [:], in: town)
            #expect(owed.status == 303)
            try await town.platform.payments.pay(
                "\(found.number)-F1",
                occasion: try await town.occasion(of: "zhangsan")
            )
            try await town.pass(5 * Instant.minute)
            let paid = try await town.get(path, as: "notary").text
            #expect(paid.contains("已缴") && !paid.contains("待缴"))
        }
    }

    @Test("an act that lacks several boxes names each; reading on without a purpose stays on the case")
    func refused() async throws {
        try await FaceTown.open { town in
            let found = try await declaration(town)
            #expect(try await act(found, "claim", [:], in: town).status == 303)
            let bare = try await act(found, "refuse", [:], in: town)
            #expect(bare.status == 422)
            let summary = bare.text.split(separator: "id=\"error-summary\"").last ?? ""
            let links = summary.prefix { $0 != "§" }.matches(of: /<li><a href="#refuse-/).count
            #expect(links > 1 && bare.text.contains("以下内容尚未填写"), "\(links)")
            let one = try await act(
                found,
                "refuse",
                ["facts": "查明的事实", "law": "公证法", "reason": "不符合条件"],
                in: town
            )
            #expect(one.status == 303 || !one.text.contains("以下内容尚未填写"))
            let silent = try await town.post("/desk/cases/\(found.id)/reveal", ["purpose": " "], as: "notary")
            #expect(silent.status == 422 && silent.text.contains(found.number))
            #expect(silent.text.contains("href=\"#reveal-purpose\"") && !silent.text.contains("张三"))
        }
    }

    @Test("the library's desk finds a licence by its holder's whole name, and by how a firm's begins")
    func named() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: "zhangsan")
            let licence = try await town.foodLicence(of: granted.result ?? "", number: "JY9")
            let query = try #require(
                granted.title.prefix(8).addingPercentEncoding(withAllowedCharacters: .alphanumerics)
            )
            let found = try await town.get("/desk/licences?q=\(query)", as: "registrar").text
            #expect(found.contains("JY9") && found.contains(licence.record.name))
            let none = try await town.get("/desk/licences?q=%E9%98%BF%E9%98%BF", as: "registrar").text
            #expect(!none.contains("JY9"))
            let person = try await town.platform.database.read {
                try People.named("张三", limit: 5, in: $0)
            }
            #expect(person.count == 1)
        }
    }
}
