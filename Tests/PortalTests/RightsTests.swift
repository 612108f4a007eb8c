import Cases
import FaceSupport
import Identity
import Kernel
import Server
import Standards
import Storage
import Testing

/// The legal representative lets somebody act for his firm on its pages, and takes it back there.
@Suite("who acts for a firm", .serialized)
struct RightsTests {
    private let owner = "zhangsan"

    /// A firm that the owner leads, and the form by which 李四 gets a right.
    private func firm(_ town: FaceTown) async throws -> (path: String, form: [String: String]) {
        let granted = try await town.granted("阴山", of: owner)
        try await town.lead(granted, as: owner)
        let agent = try #require(try DemoAccounts.read(home: Home.find()).first { $0.login == "lisi" })
        let until = try await town.occasion(of: owner).now.date.adding(days: 30)
        return (
            "/wallet/\(try #require(granted.result))",
            [
                "name": agent.name, "kind": agent.documentKind, "number": agent.document,
                "scope": "licence.read", "until": until.description,
            ]
        )
    }

    private func ends(_ path: String, _ town: FaceTown, as login: String) async throws -> [String] {
        try await town.get("\(path)/rights", as: login).text
            .matches(of: /action="(\/wallet\/[^"]+\/rights\/[^"]+\/end)"/).map { String($0.output.1) }
    }

    @Test("given for one thing and a time, seen by both, ended at once", arguments: DatabaseEngine.allCases)
    func given(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let (path, form) = try await firm(town)
            #expect(try await town.get(path, as: "lisi").status == 404)
            let before = try await ends(path, town, as: owner)
            #expect(try await town.post("\(path)/rights", form, as: owner).status == 303)
            #expect(try await town.get(path, as: "lisi").status == 200)
            #expect(try await town.post("\(path)/tasks/annual-report", as: "lisi").status == 403)
            // He sees his own right and nobody else's, and gives none on.
            let own = try await ends(path, town, as: "lisi")
            #expect(own.count == 1)
            #expect(try await town.get("\(path)/rights", as: "lisi").text.contains("确认授权") == false)
            #expect(try await town.post("\(path)/rights", form, as: "lisi").status == 403)
            // Of what is wrong with his form he hears nothing.
            #expect(try await town.post("\(path)/rights", as: "lisi").status == 403)
            #expect(try await town.post("\(path)/rights", form, as: "wangwu").status == 404)
            let all = try await ends(path, town, as: owner)
            #expect(all.count == before.count + 1 && all.contains(own[0]))
            #expect(try await town.post(own[0], as: owner).status == 303)
            #expect(try await town.get(path, as: "lisi").status == 404)
            #expect(try await town.post(own[0], as: owner).status == 409)
        }
    }

    @Test("it ends with its last day; the agent may lay it down; a stranger ends nothing")
    func over() async throws {
        try await FaceTown.open { town in
            let (path, form) = try await firm(town)
            #expect(try await town.post("\(path)/rights", form, as: owner).status == 303)
            let own = try #require(try await ends(path, town, as: "lisi").first)
            #expect(try await town.post(own, as: "wuyun").status == 404)
            #expect(try await town.get(path, as: "lisi").status == 200)
            let laid = try await town.post(own, as: "lisi")
            #expect(laid.status == 303 && laid.location == "/wallet")
            #expect(try await town.get(path, as: "lisi").status == 404)
            #expect(try await town.post("\(path)/rights", form, as: owner).status == 303)
            #expect(try await town.get(path, as: "lisi").status == 200)
            try await town.pass(31 * Instant.day)
            #expect(try await town.get(path, as: "lisi").status == 404)
        }
    }

    @Test("of two who act for the firm neither sees nor ends the right of the other")
    func others() async throws {
        try await FaceTown.open { town in
            let (path, form) = try await firm(town)
            let wuyun = try #require(try DemoAccounts.read(home: Home.find()).first { $0.login == "wuyun" })
            var second = form
            second["name"] = wuyun.name
            second["number"] = wuyun.document
            for sent in [form, second] {
                #expect(try await town.post("\(path)/rights", sent, as: owner).status == 303)
            }
            let own = try await ends(path, town, as: "lisi")
            let other = try await ends(path, town, as: "wuyun")
            #expect(own.count == 1 && other.count == 1 && own != other)
            #expect(try await town.post(own[0], as: "wuyun").status == 404)
            #expect(try await town.get(path, as: "lisi").status == 200)
            let right = ID<Authorisation>(String(try #require(own[0].split(separator: "/").dropLast().last)))
            let person = ID<Person>(try await town.session("wuyun").principal.actor.id)
            let occasion = try await town.occasion(of: "wuyun")
            await #expect(throws: IdentityError.notLegalRepresentative) {
                try await town.platform.database.write { tx in
                    try Enterprises.revoke(right, by: person, occasion: occasion, in: tx)
                }
            }
            #expect(try await town.get(path, as: "lisi").status == 200)
        }
    }

    @Test("nobody gets a right under a false name, for nothing, for what no page does, or for ever")
    func refused() async throws {
        try await FaceTown.open { town in
            let (path, form) = try await firm(town)
            func refused(_ changes: [String: String], _ status: Int, sees words: String) async throws {
                let sent = form.merging(changes) { $1 }.filter { !$0.value.isEmpty }
                let answer = try await town.post("\(path)/rights", sent, as: owner)
                #expect(answer.status == status && answer.text.contains(words), "\(changes) \(answer.status)")
            }
            let own = try #require(try DemoAccounts.read(home: Home.find()).first { $0.login == owner })
            try await refused(
                ["name": own.name, "kind": own.documentKind, "number": own.document],
                422,
                sees: "不需要授权"
            )
            try await refused(["name": "王五"], 404, sees: "没有找到该人员")
            try await refused(["number": "110105194912310021"], 422, sees: "校验")
            try await refused(["number": "11010519491231002X"], 404, sees: "没有找到该人员")
            try await refused(["scope": ""], 422, sees: "没有选择授权事项")
            try await refused(["scope": "enterprise.authorise"], 422, sees: "授权范围")
            try await refused(["scope": "case.decide"], 422, sees: "授权范围")
            try await refused(["until": "2099-01-01"], 422, sees: "授权期限超过")
            try await refused(["until": "2020-01-01"], 422, sees: "起止日期")
            try await refused(["until": "2026-02-30"], 422, sees: "有效的日期")
            #expect(try await town.get(path, as: "lisi").status == 404)
        }
    }
}
