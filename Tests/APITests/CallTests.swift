import Cases
import Credentials
import FaceSupport
import Foundation
import Identity
import Kernel
import Server
import Storage
import TestSupport
import Testing
import Web

/// What programs meet: good calls, repeated calls and bad ones, each with its stable code.
@Suite("calls of the API", .serialized)
struct CallTests {
    private func withTown(_ body: (FaceTown) async throws -> Void) async throws {
        try await FaceTown.open(body)
    }

    private func problem(_ answer: FaceTown.Answer, _ status: Int, _ code: String) {
        #expect(answer.status == status, "\(code): \(answer.text.prefix(200))")
        #expect(answer.code == code)
        #expect(answer.headers["content-type"] == "application/problem+json")
        #expect(answer.json["status"].int == Int64(status))
        #expect(
            answer.json["title"].text?.isEmpty == false && answer.json["title"].text?.contains(code) == false
        )
    }

    private let name: JSON = ["division": "包头市昆都仑区", "brand": "塞上", "trade": "商贸", "form": "有限公司"]

    @Test("from the name to the licence: reserve, start, save, sign, hand in twice, follow, verify")
    func whole() async throws {
        try await withTown { town in
            let who = "zhangsan"
            let wish: JSON = ["type": "llc", "district": "150203", "name": name, "promised": true]
            let check = try await town.call("POST", "/api/v1/names/check", wish)
            #expect(check.status == 200 && check.json["verdict"].text == "free")
            let data = try await town.form(brand: "敕勒", for: who)
            let begun = try await town.call(
                "POST",
                "/api/v1/cases",
                ["item": "llc", "region": "150203", "data": data],
                as: who
            )
            #expect(begun.status == 201)
            let id = try #require(begun.json["id"].text)
            let path = "/api/v1/cases/\(id)"
            let saved = try await town.call(
                "PUT",
                "\(path)/data",
                ["version": begun.json["version"], "data": data],
                as: who
            )
            #expect(saved.status == 200 && saved.json["problems"].elements.isEmpty)
            problem(
                try await town.call(
                    "PUT",
                    "\(path)/data",
                    ["version": begun.json["version"], "data": data],
                    as: who
                ),
                409,
                "case.changed-meanwhile"
            )
            let key = ["idempotency-key": "ABCDEFGHJKMNPQRSTVWX"]
            try await town.sign(ID(id), of: who)
            problem(try await town.call("POST", "\(path)/submission", as: who), 422, "web.bad-field")
            let first = try await town.call("POST", "\(path)/submission", as: who, headers: key)
            #expect(first.status == 200 && first.json["state"].text == "granted")
            let again = try await town.call("POST", "\(path)/submission", as: who, headers: key)
            #expect(again.status == 200 && again.bytes == first.bytes)
            problem(
                try await town.call("POST", "\(path)/submission", ["other": 1], as: who, headers: key),
                422,
                "idempotency.different-body"
            )
            let version = try #require(first.json["version"].int)
            problem(
                try await town.call(
                    "PUT",
                    "\(path)/data",
                    ["version": JSON(Int(version)), "data": data],
                    as: who
                ),
                409,
                "case.not-allowed-now"
            )
            problem(
                try await town.call("POST", "\(path)/withdrawal", ["version": JSON(Int(version))], as: who),
                409,
                "case.not-allowed-now"
            )
            try await town.pass(3 * Instant.hour)
            try await follow(begun.json, first.json, town)
        }
    }

    @Test("a draft that is asked for twice with one key is opened once")
    func startedOnce() async throws {
        try await withTown { town in
            let wish: JSON = ["item": "llc", "region": "150203"]
            func start(_ body: JSON, _ key: String?) async throws -> FaceTown.Answer {
                try await town.call(
                    "POST",
                    "/api/v1/cases",
                    body,
                    as: "zhangsan",
                    headers: key.map { ["idempotency-key": $0] } ?? [:]
                )
            }
            let first = try await start(wish, "START-ONCE-0000001")
            #expect(first.status == 201)
            let again = try await start(wish, "START-ONCE-0000001")
            #expect(again.status == 201 && again.bytes == first.bytes)
            let other = try await start(wish, "START-ONCE-0000002")
            #expect(other.status == 201 && other.json["id"] != first.json["id"])
            problem(
                try await start(["item": "sole-trader", "region": "150203"], "START-ONCE-0000001"),
                422,
                "idempotency.different-body"
            )
            problem(try await start(wish, "short"), 422, "web.bad-field")
            // A key shows nothing of a case that has become somebody else's.
            let id = try #require(first.json["id"].text)
            try await town.platform.database.write { tx in
                try tx.execute("UPDATE case_case SET applicant = 'another' WHERE id = $1", id)
            }
            problem(try await start(wish, "START-ONCE-0000001"), 404, "web.not-found")
        }
    }

    private func follow(_ begun: JSON, _ granted: JSON, _ town: FaceTown) async throws {
        let (number, code) = (begun["number"], begun["lookupCode"])
        let progress = try await town.call("POST", "/api/v1/progress", ["number": number, "code": code])
        #expect(progress.status == 200 && progress.json["state"].text == "granted")
        #expect(progress.json["lines"].elements.isEmpty == false && progress.json["id"].isNull)
        for _ in 0..<5 {
            problem(
                try await town.call(
                    "POST",
                    "/api/v1/progress",
                    ["number": number, "code": "222222"],
                    from: "203.0.113.7"
                ),
                404,
                "case.lookup-wrong"
            )
        }
        problem(
            try await town.call(
                "POST",
                "/api/v1/progress",
                ["number": number, "code": code],
                from: "203.0.113.7"
            ),
            429,
            "case.lookup-locked"
        )
        // Nobody shuts the page of another: from elsewhere the right code still opens it.
        let elsewhere = try await town.call("POST", "/api/v1/progress", ["number": number, "code": code])
        #expect(elsewhere.status == 200)
        let firm = try #require(granted["result"].text)
        let held = try await town.platform.database.read { try Credentials.held(by: firm, in: $0) }
        let licence = try #require(held.first { $0.record.type == "business-licence" })
        let file = String(decoding: licence.file, as: UTF8.self)
        let good = try await town.call("POST", "/api/v1/credentials/verification", ["file": .string(file)])
        #expect(good.json["valid"].bool == true && good.json["holder"].text == firm)
        let forged = file.replacing("晨", with: "辰").replacing("敕勒", with: "敕力")
        let bad = try await town.call("POST", "/api/v1/credentials/verification", ["file": .string(forged)])
        #expect(bad.status == 200 && bad.json["valid"].bool == false)
        let extract = try await town.call("GET", "/api/v1/register/\(firm)/extract")
        #expect(extract.status == 200, "\(extract.text)")
        #expect(extract.json["signature"].text?.isEmpty == false)
        problem(
            try await town.call("GET", "/api/v1/register/\(firm)/extract?at=yesterday"),
            422,
            "web.bad-field"
        )
        problem(
            try await town.call("GET", "/api/v1/register/91150203MA0N2X4F5L/extract"),
            404,
            "register.not-found"
        )
        try await town.revokeSigner(of: licence)
        let gone = try await town.call("POST", "/api/v1/credentials/verification", ["file": .string(file)])
        #expect(gone.json["problems"].elements.map(\.text) == ["credential.certificate.revoked"])
    }

    @Test("a case in review can be taken back once; another's case is not there")
    func withdrawal() async throws {
        try await withTown { town in
            let review = try await town.inReview("塞上", of: "zhangsan")
            let path = "/api/v1/cases/\(review.id)"
            let body: JSON = ["version": JSON(review.version)]
            problem(try await town.call("POST", "\(path)/withdrawal", body, as: "lisi"), 404, "web.not-found")
            problem(try await town.call("POST", "\(path)/withdrawal", body), 401, "web.sign-in-needed")
            problem(
                try await town.call("POST", "\(path)/withdrawal", body, as: "registrar"),
                403,
                "web.forbidden"
            )
            problem(
                try await town.call("POST", "\(path)/withdrawal", ["version": 1], as: "zhangsan"),
                409,
                "case.changed-meanwhile"
            )
            let odd: JSON = ["version": JSON(review.version), "freeName": "yes"]
            problem(
                try await town.call("POST", "\(path)/withdrawal", odd, as: "zhangsan"),
                422,
                "web.bad-field"
            )
            let wish: JSON = ["version": JSON(review.version), "freeName": true]
            let done = try await town.call("POST", "\(path)/withdrawal", wish, as: "zhangsan")
            #expect(done.status == 200 && done.json["state"].text == "withdrawn")
            // The name is nobody's any more: another applicant may have it.
            let name = try await town.form(brand: "塞上", for: "lisi")["name"]
            #expect(name["full"].text == review.title)
            for part in ["", "/lines", "/decisions"] {
                #expect(try await town.call("GET", path + part, as: "zhangsan").status == 200)
                #expect(try await town.call("GET", path + part, as: "registrar").status == 200)
                problem(try await town.call("GET", path + part, as: "lisi"), 404, "web.not-found")
                problem(try await town.call("GET", path + part, as: "registrar-huimin"), 404, "web.not-found")
            }
            #expect(try await town.call("GET", path, as: "registrar").json["data"].isNull)
        }
    }

    @Test("bad bodies are told apart by their codes and leave nothing behind")
    func bad() async throws {
        try await withTown { town in
            let who = "zhangsan"
            let json = ["content-type": "application/json"]
            func send(_ text: String, _ headers: [String: String]? = nil) async throws -> FaceTown.Answer {
                try await town.send(
                    "POST",
                    "/api/v1/cases",
                    Array(text.utf8),
                    as: who,
                    headers: headers ?? json
                )
            }
            problem(try await send("{\"item\": "), 400, "json.unexpected")
            problem(try await send("{\"item\": \"llc\"} x"), 400, "json.trailing")
            problem(try await send("{\"item\": 1, \"item\": 2}"), 400, "json.duplicateKey")
            let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
            problem(try await send(deep), 400, "json.tooDeep")
            problem(try await send("[]"), 422, "web.bad-field")
            problem(try await send("{}"), 422, "web.bad-field")
            problem(try await send("{\"item\": 7, \"region\": \"150203\"}"), 422, "web.bad-field")
            problem(try await send("{\"item\": \"llc\", \"region\": 150203}"), 422, "web.bad-field")
            problem(try await send("{\"item\": \"llc\", \"region\": \"15020\"}"), 422, "web.bad-field")
            problem(
                try await send("{\"item\": \"llc\", \"region\": \"150203\", \"data\": []}"),
                422,
                "web.bad-field"
            )
            problem(
                try await send("{\"item\": \"llc\", \"region\": \"150203\", \"state\": \"granted\"}"),
                422,
                "web.bad-field"
            )
            problem(
                try await send("{\"item\": \"bakery\", \"region\": \"150203\"}"),
                404,
                "case.unknown-item"
            )
            problem(try await send("item=llc", ["content-type": "text/plain"]), 415, "web.unsupported-body")
            let big = "{\"item\": \"" + String(repeating: "a", count: 10_485_760) + "\"}"
            problem(try await send(big), 413, "web.body-too-large")
            problem(
                try await town.send("POST", "/api/v1/cases", [0x7B, 0xFF, 0x7D], as: who, headers: json),
                400,
                "json.unexpected"
            )
            let person = try await town.session(who).principal.actor.id
            let mine = try await town.platform.database.read { try CaseStore.mine(person, limit: 5, in: $0) }
            #expect(mine.isEmpty)
            problem(try await town.call("DELETE", "/api/v1/cases", as: who), 405, "web.method-not-allowed")
            problem(try await town.call("GET", "/api/v1/nothing", as: who), 404, "web.not-found")
        }
    }

    @Test("fields that the form does not know are named, not kept quietly; no column can be set from outside")
    func unknown() async throws {
        try await withTown { town in
            let draft = try await town.draft("塞上", of: "zhangsan")
            var data = draft.data
            for name in ["state", "applicant_id", "role", "fee", "version", "owner"] { data[name] = "x" }
            let answer = try await town.call(
                "PUT",
                "/api/v1/cases/\(draft.id)/data",
                ["version": JSON(draft.version), "data": data],
                as: "zhangsan"
            )
            #expect(answer.status == 200)
            let unknown = answer.json["problems"].elements.filter { $0["code"].text == "form.unknown-field" }
            #expect(unknown.count == 6)
            let kept = try await town.platform.desk.read(draft.id)
            #expect(kept.state == .draft && kept.applicant == draft.applicant)
            let large: JSON = ["note": .string(String(repeating: "字", count: 200_000))]
            problem(
                try await town.call(
                    "PUT",
                    "/api/v1/cases/\(draft.id)/data",
                    ["version": JSON(kept.version), "data": large],
                    as: "zhangsan"
                ),
                413,
                "case.draft-too-large"
            )
        }
    }

    @Test("a digest that was never handed in is refused, and the owner reads who looked at his data")
    func unseen() async throws {
        try await withTown { town in
            let who = "zhangsan"
            var data = try await town.form(brand: "敕勒", for: who)
            let begun = try await town.call(
                "POST",
                "/api/v1/cases",
                ["item": "llc", "region": "150203", "data": data],
                as: who
            )
            data["premises"]["mode"] = "proof"
            data["premises"]["proof"] = .string("sm3:" + String(repeating: "a", count: 64))
            let path = "/api/v1/cases/\(begun.json["id"].text ?? "")/data"
            let saved = try await town.call("PUT", path, ["version": 1, "data": data], as: who)
            problem(saved, 422, "case.file-unknown")
            let reads = try await town.call("GET", "/api/v1/my/reads", as: who)
            #expect(reads.status == 200 && reads.json["reads"] == [] && reads.json["unreadable"] == [])
        }
    }
}
