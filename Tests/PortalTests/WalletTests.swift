import Cases
import Credentials
import FaceSupport
import Identity
import Kernel
import Server
import Standards
import Storage
import Testing

/// Who may see a firm's licences and seals, and who may say that its duties are done: one table, for as long as the right
/// lasts.
@Suite("the wallet asks for a right", .serialized)
struct WalletTests {
    private let founder = "zhangsan"

    /// The path of a file, and a call that ticks a duty off.
    private func things(_ code: String, _ town: FaceTown) async throws -> (file: String, task: String) {
        let page = try await town.get("/wallet/\(code)", as: founder).text
        let file = try #require(page.firstMatch(of: /href="(\/wallet\/[^"]+\/files\/[^"]+)"/)).output.1
        return (String(file), "/wallet/\(code)/tasks/annual-report")
    }

    @Test("a licence of another register is shown with its source, and as none of ours")
    func taken() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: founder)
            let code = try #require(granted.result)
            let licence = TakenLicence(
                id: ID("01J0000000000000000000TAKE"),
                number: "食经许〔2019〕0001",
                type: "food",
                name: "食品经营许可证",
                holder: Holder(.enterprise, code: code, name: granted.title),
                issuer: "青山区市场监督管理局",
                region: "150203",
                state: .valid,
                validFrom: nil,
                validUntil: LocalDate(parsing: "2024-02-29"),
                source: "青山区原许可系统"
            )
            let occasion = town.platform.occasion("stock")
            let isNew = try await town.platform.database.write {
                try TakenLicences.keep(licence, occasion: occasion, in: $0)
            }
            #expect(isNew)
            let page = try await town.get("/wallet/\(code)", as: founder).text
            #expect(page.contains("食经许〔2019〕0001") && page.contains("来源：青山区原许可系统"))
            #expect(page.contains("未审批、未签名") && page.contains("已过有效期"))
        }
    }

    @Test(
        "the liaison, who may read the entry, reads no licence and ticks no duty off",
        arguments: DatabaseEngine.allCases
    )
    func liaison(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let lines = try DemoAccounts.read(home: Home.find())
            let lisi = try #require(lines.first { $0.login == "lisi" })
            let granted = try await town.granted("阴山", of: founder) { data in
                data["liaison"]["name"] = .string(lisi.name)
                data["liaison"]["idNumber"] = .string(lisi.document)
                data["liaison"]["phone"] = .string(lisi.phone)
            }
            try await town.pass(4 * Instant.hour)
            let code = try #require(granted.result)
            let (file, task) = try await things(code, town)
            #expect(try await town.get(file, as: founder).status == 200)
            #expect(try await town.get("/wallet", as: "lisi").text.contains(code) == false)
            #expect(try await town.get("/wallet/\(code)", as: "lisi").status == 403)
            #expect(try await town.get(file, as: "lisi").status == 403)
            #expect(try await town.post(task, as: "lisi").status == 403)
            #expect(try await town.get("/wallet/\(code)", as: "wuyun").status == 404)
        }
    }

    @Test(
        "who filed reads the licences for thirty days, ticks nothing off, and then has nothing there",
        arguments: DatabaseEngine.allCases
    )
    func filer(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let granted = try await town.granted("阴山", of: founder)
            try await town.pass(4 * Instant.hour)
            let code = try #require(granted.result)
            let (file, task) = try await things(code, town)
            #expect(try await town.get("/wallet", as: founder).text.contains(code))
            #expect(try await town.get(file, as: founder).status == 200)
            #expect(try await town.get("/wallet/\(code)", as: founder).text.contains("/tasks/") == false)
            #expect(try await town.post(task, as: founder).status == 403)
            let result = "/cases/\(granted.number)/result"
            #expect(try await town.get(result, as: founder).text.contains("/wallet/\(code)"))
            try await town.pass(31 * Instant.day)
            #expect(try await town.get("/wallet", as: founder).text.contains(code) == false)
            for path in ["/wallet/\(code)", file] {
                #expect(try await town.get(path, as: founder).status == 404, "\(path)")
            }
            #expect(try await town.post(task, as: founder).status == 404)
            #expect(try await town.get(result, as: founder).text.contains("/wallet/\(code)") == false)
            // The legal representative needs no appointment, and no end is set to his right.
            try await town.lead(granted, as: founder)
            #expect(try await town.get(file, as: founder).status == 200)
            #expect(try await town.get("/wallet/\(code)", as: founder).text.contains("/tasks/"))
        }
    }

    @Test("a right that is taken back ends at once; one over duties alone shows no licence")
    func ended() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: founder)
            try await town.lead(granted, as: founder)
            let code = try #require(granted.result)
            let representative = ID<Person>(try await town.session(founder).principal.actor.id)
            let agent = ID<Person>(try await town.session("lisi").principal.actor.id)
            let (occasion, home) = (try await town.occasion(of: founder), try Home.find())
            let (table, limits) = (try PermissionTable(home: home), try IdentityLimits(home: home))
            let given = try await town.platform.database.write { tx in
                try ["licence.read", "task.tick"].map { operation in
                    try Enterprises.authorise(
                        agent,
                        for: code,
                        scope: [operation],
                        from: occasion.now.date,
                        until: occasion.now.date.adding(days: 9),
                        by: representative,
                        table: table,
                        limits: limits,
                        occasion: occasion,
                        in: tx
                    )
                }
            }
            let task = "/wallet/\(code)/tasks/annual-report"
            #expect(try await town.get("/wallet/\(code)", as: "lisi").status == 200)
            #expect(try await town.post(task, as: "lisi").status == 303)
            for (place, status) in [(0, 303), (1, 404)] {
                try await town.platform.database.write { tx in
                    try Enterprises.revoke(given[place].id, by: representative, occasion: occasion, in: tx)
                }
                #expect(try await town.get("/wallet/\(code)", as: "lisi").status == (place == 0 ? 403 : 404))
                #expect(try await town.post(task, as: "lisi").status == status)
            }
        }
    }
}
