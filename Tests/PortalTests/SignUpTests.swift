import Exchange
import FaceSupport
import Foundation
import Identity
import Jobs
import Kernel
import Server
import Simulators
import Standards
import Storage
import Testing

/// A stranger opens an account on the pages, shows his face, and may then do what asks for it.
@Suite("opening an account", .serialized)
struct SignUpTests {
    private let person = [
        "name": "林知远", "kind": "resident-id", "number": "11010519491231002X", "agree": "yes",
    ]
    private let secret = ["password": "long enough to keep", "again": "long enough to keep"]

    @Test(
        "phone, code, name and document, face: then a name can be reserved",
        arguments: DatabaseEngine.allCases
    )
    func opens(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            try await proved("13900001234", in: town)
            let entered = try await town.post("/sign-up", person.merging(secret) { $1 })
            #expect(entered.status == 303 && entered.location == "/account/real-name")
            let page = try await town.get("/account/real-name")
            #expect(page.text.contains("林知远"))
            #expect(try await level(in: town) == .confirmed)
            // A stranger's face is not enough, his own is.
            let low = try await show(300, in: town)
            #expect(low.status == 422 && low.text.contains("30") && low.text.contains("80"))
            #expect(try await level(in: town) == .confirmed)
            #expect(try await show(950, in: town).status == 303)
            #expect(try await level(in: town) == .face)
            #expect(try await town.get("/account/real-name").text.contains("已通过人脸核验"))
            #expect(try await town.get("/my").status == 200)
        }
    }

    @Test("the phone that has an account signs in by its code; a wrong one is refused")
    func signsIn() async throws {
        try await FaceTown.open { town in
            let phone = try #require(
                try DemoAccounts.read(home: Home.find()).first { $0.login == "zhangsan" }
            ).phone
            let code = try await sent(to: phone, in: town)
            // Whoever asks again still comes to where he wanted to go.
            let page = try await town.get("/sign-in/phone/code?next=/apply/llc").text
            #expect(page.contains("href=\"/sign-in/phone?next="))
            let wrong = try await town.post(
                "/sign-in/phone/code",
                ["code": code == "000000" ? "000001" : "000000"]
            )
            #expect(wrong.status == 422)
            let entered = try await town.post("/sign-in/phone/code", ["code": code])
            #expect(entered.status == 303 && entered.location == "/my")
            #expect(try await town.get("/account").text.contains("实名等级"))
        }
    }

    @Test("no account without a code, a true name, an own document and the same password twice")
    func refused() async throws {
        try await FaceTown.open { town in
            // Nobody comes here without a code.
            #expect(
                try await town.post("/sign-up", person.merging(secret) { $1 }).location == "/sign-in/phone"
            )
            try await proved("13900001234", in: town)
            let before = try await people(in: town)
            func status(_ changes: [String: String], sees words: String) async throws -> Bool {
                let sent = person.merging(secret) { $1 }.merging(changes) { $1 }.filter { !$0.value.isEmpty }
                let answer = try await town.post("/sign-up", sent)
                return answer.status >= 400 && answer.text.contains(words)
            }
            #expect(try await status(["number": "110105194912310021"], sees: "校验"))
            #expect(try await status(["again": "something else"], sees: "不一致"))
            #expect(try await status(["password": "short", "again": "short"], sees: "10"))
            #expect(try await status(["agree": ""], sees: "确认"))
            // 张三's own document belongs to an account already.
            let taken = try #require(
                try DemoAccounts.read(home: Home.find()).first { $0.login == "zhangsan" }
            )
            #expect(try await status(["number": taken.document, "name": taken.name], sees: "已经登记过"))
            #expect(try await people(in: town) == before)
        }
    }

    @Test("the police are not asked for ever whether a name belongs to a number")
    func asks() async throws {
        try await FaceTown.open { town in
            try await proved("13900001234", in: town)
            var answers: [FaceTown.Answer] = []
            for _ in 0..<7 {
                let sent = person.merging(secret) { $1 }.merging(["number": differing]) { $1 }
                answers.append(try await town.post("/sign-up", sent))
            }
            #expect(answers.prefix(5).allSatisfy { $0.status == 422 })
            #expect(answers.suffix(2).allSatisfy { $0.status == 429 && $0.text.contains("尝试次数已用完") })
        }
    }

    /// The police know this number under another name.
    private let differing = "150203198204040047"

    // MARK: what the tests do again and again

    /// Asks for a code and reads it where the carrier would.
    private func sent(to phone: String, in town: FaceTown) async throws -> String {
        try town.town.town.party("sms").set("down")
        let asked = try await town.post("/sign-in/phone", ["phone": phone])
        #expect(asked.status == 303)
        try await town.platform.runner.runUntilQuiet()
        let lines = try await town.platform.database.read {
            try ExchangeStore.lines(party: "sms", state: nil, limit: 1, in: $0)
        }
        let text = try #require(lines.first?.order.fields["text"].text)
        return String(try #require(text.firstMatch(of: /[0-9]{6}/)).output)
    }

    private func proved(_ phone: String, in town: FaceTown) async throws {
        let code = try await sent(to: phone, in: town)
        let answer = try await town.post("/sign-in/phone/code", ["code": code])
        #expect(answer.status == 303 && answer.location == "/sign-up")
        #expect(try await town.get("/sign-up").text.contains("139****1234"))
    }

    private func show(_ score: Int, in town: FaceTown) async throws -> FaceTown.Answer {
        try await town.post("/account/real-name", ["sample": "score:\(score)"])
    }

    private func level(in town: FaceTown) async throws -> RealNameLevel? {
        let document = try town.platform.standards.identityDocument(
            kind: "resident-id",
            number: "11010519491231002X",
            on: town.town.clock.now.date
        )
        let keys = town.platform.identityKeys
        return try await town.platform.database.read {
            try People.find(document: document, keys: keys, in: $0)
        }?.level
    }

    private func people(in town: FaceTown) async throws -> Int64 {
        try await town.platform.database.read { try $0.number("SELECT COUNT(*) FROM identity_person") }
    }
}
