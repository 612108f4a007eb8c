import Cases
import FaceSupport
import Foundation
import Kernel
import Server
import Storage
import TestSupport
import Testing

/// Any item that a system offers, by the API alone: what it asks for, a file, handing in, and how its promise is kept.
@Suite("calls for items of all systems", .serialized)
struct ItemCallTests {
    private let pdf = Array("%PDF-1.7\nproof".utf8)

    @Test("what can be applied for is listed with its form, its materials and its charges")
    func listed() async throws {
        try await FaceTown.open { town in
            let all = try await town.call("GET", "/api/v1/items").json.elements
            let named = Set(all.compactMap { $0["item"].text })
            #expect(named.isSuperset(of: ["llc", "sole-trader", "birth", "professional-title"]))
            let birth = try await town.call("GET", "/api/v1/items/birth?region=150203").json
            #expect(birth["system"].text == "notary-online" && birth["promised"].text == "7 wd")
            #expect(birth["charges"].elements.map { $0["amountFen"].int } == [12_000, 1_000])
            #expect(birth["charges"].elements.last?["unit"]["zh"].text == "份")
            #expect(birth["materials"].elements.contains { $0["file"].text == "birth.proof" })
            let fields = birth["pages"].elements.flatMap { $0["fields"].elements }
            func field(_ path: String) -> JSON? { fields.first { $0["path"].text == path } }
            #expect(field("birth.proof")?["kind"].text == "file")
            #expect(field("applicant.name")?["isFilled"].bool == true)
            #expect(field("birth.father")?["isFilled"].bool == false)
            #expect(field("request.use")?["options"].elements.map { $0["code"].text } == ["home", "abroad"])
            #expect(field("request.aid")?["required"].text == "sometimes")
            let none = try await town.call("GET", "/api/v1/items/nothing?region=150203")
            #expect(none.status == 404 && none.code == "case.unknown-item")
            #expect(try await town.call("GET", "/api/v1/items/birth?region=x").status == 422)
        }
    }

    @Test("an item that runs by its definition is begun, filled in, signed, handed in and measured")
    func handedIn() async throws {
        try await FaceTown.open { town in
            let who = "zhangsan"
            let unknown = try await town.call(
                "POST",
                "/api/v1/cases",
                ["item": "nothing", "region": "150203"],
                as: who
            )
            #expect(unknown.status == 404 && unknown.code == "case.unknown-item")
            let begun = try await town.call(
                "POST",
                "/api/v1/cases",
                ["item": "birth", "region": "150203"],
                as: who
            )
            #expect(begun.status == 201 && begun.json["title"].text == "出生公证")
            let path = "/api/v1/cases/\(begun.json["id"].text ?? "")"
            let kept = try await file(path, as: who, in: town)
            #expect(kept.status == 201 && kept.json["kind"].text == "pdf", "\(kept.text)")
            #expect(try await file(path, as: "lisi", in: town).status == 404)
            let wrong = try await town.send(path + "/files", Array("x".utf8), type: "text/plain", as: who)
            #expect(wrong.status == 415)
            // The account answers who applies; the region of the call says where.
            var data = try await town.call("GET", path, as: who).json["data"]
            #expect(data["district"].text == "150203" && data["applicant"]["name"].text == "张三")
            data["applicant"]["phone"] = "13800000001"
            data["birth"] = [
                "born": "1988-03-12", "place": "包头市", "father": "张大", "mother": "李某",
                "proof": kept.json["digest"],
            ]
            data["request"] = ["use": "home", "copies": 0, "hardship": false]
            let version = try await town.call("GET", path, as: who).json["version"]
            let saved = try await town.call(
                "PUT",
                "\(path)/data",
                ["version": version, "data": data],
                as: who
            )
            #expect(saved.status == 200 && saved.json["problems"].elements.isEmpty, "\(saved.text)")
            let id: ID<Case> = ID(begun.json["id"].text ?? "")
            try await town.sign(id, of: who)
            let sent = try await town.call(
                "POST",
                "\(path)/submission",
                as: who,
                headers: ["idempotency-key": "ABCDEFGHJKMNPQRSTVWX"]
            )
            #expect(sent.status == 200 && sent.json["state"].text == "review", "\(sent.text)")
            try await measured(in: town)
        }
    }

    private func file(_ path: String, as login: String, in town: FaceTown) async throws -> FaceTown.Answer {
        try await town.send("\(path)/files", pdf, type: "application/octet-stream", as: login)
    }

    /// Each head sees the items of his own agency.
    private func measured(in town: FaceTown) async throws {
        let place = "region=150200"
        let figures = try await town.call("GET", "/api/v1/measures?\(place)&item=birth", as: "notary-head")
        #expect(figures.status == 200 && figures.json["filling"]["count"].int == 1, "\(figures.text)")
        let foreign = try await town.call("GET", "/api/v1/measures?\(place)&item=llc", as: "notary-head")
        #expect(foreign.status == 422)
        let head = try await town.call("GET", "/api/v1/measures?region=150203&item=birth", as: "head")
        #expect(head.status == 422)
        func counts() async throws -> JSON {
            let all = try await town.call("GET", "/api/v1/measures/items?\(place)", as: "notary-head").json
            #expect(!all.elements.contains { $0["item"].text == "llc" })
            return all.elements.first { $0["item"].text == "birth" } ?? .null
        }
        let first = try await counts()
        #expect(first["promised"].text == "7 wd" && first["handedIn"].int == 1 && first["broken"].int == 0)
        // The promise is over, the term of the law is not.
        try await town.pass(14 * Instant.day)
        let later = try await counts()
        #expect(later["broken"].int == 1 && later["kept"].int == 0)
        let page = try await town.get("/desk/measures", as: "notary-head").text
        #expect(page.contains("出生公证") && page.contains("各事项承诺兑现") && page.contains("7个工作日"))
        #expect(!page.contains("公司设立登记"))
        #expect(try await town.get("/desk/measures?region=150200&item=llc", as: "notary-head").status == 422)
    }
}
