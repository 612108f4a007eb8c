import Audit
import Cases
import FaceSupport
import Identity
import Kernel
import Server
import Storage
import Testing
import Web

/// The administrator of audits sees who read what, for a reason, and leaves a trace of having looked.
@Suite("the log's pages", .serialized)
struct LogPagesTests {
    @Test("a search needs a reason, finds who read a case by actor, object and person, and is logged itself")
    func search() async throws {
        try await FaceTown.open { town in
            let review = try await town.inReview("塞上", of: "zhangsan")
            let clerk = try await town.occasion(of: "registrar").actor.id
            let read = try await town.post(
                "/desk/cases/\(review.id)/reveal",
                ["purpose": "核对签署人"],
                as: "registrar"
            )
            #expect(read.status == 200)
            try await town.platform.keeper.round()
            let page = try await town.get("/desk/log", as: "audit")
            #expect(page.status == 200 && page.text.contains(town.platform.keeper.log))
            #expect(page.text.contains("case.form-read") == false)
            #expect(try await town.post("/desk/log", ["actor": clerk], as: "audit").status == 422)
            #expect(try await town.post("/desk/log", ["purpose": "x"], as: "head").status == 403)
            let queries = [
                ["actor": clerk], ["object": review.object], ["subject": review.applicant],
                ["actor": clerk, "object": review.object, "subject": review.applicant], [:],
            ]
            for query in queries {
                let fields = query.merging(["purpose": "案卷 7"]) { $1 }
                let found = try await town.post("/desk/log", fields, as: "audit")
                #expect(found.status == 200 && found.text.contains("case.form-read"), "\(query)")
                #expect(found.text.contains("核对签署人"), "\(query)")
            }
            // What an auditor has at hand: a login, the number of a case, the number of an account.
            let account = try await town.session("registrar").account.rawValue
            for query in [["actor": "registrar"], ["actor": account], ["object": review.number]] {
                let found = try await town.post(
                    "/desk/log",
                    query.merging(["purpose": "案卷 7"]) { $1 },
                    as: "audit"
                ).text
                #expect(found.contains("case.form-read") && found.contains("办件表单（未遮盖）"), "\(query)")
                #expect(found.contains(review.number) && found.contains(review.object), "\(query)")
                #expect(found.contains("登记人员 ") && found.contains(clerk), "\(query)")
                // What was typed stands in its box, and goes on to the next page and the file.
                for (name, typed) in query {
                    #expect(found.contains("name=\"\(name)\" value=\"\(typed)\""), "\(query)")
                }
            }
            let nobody = try await town.post(
                "/desk/log",
                ["actor": "nobody%", "purpose": "案卷 7"],
                as: "audit"
            )
            #expect(nobody.text.contains("没有符合条件的记录"))
            let file = try await town.post(
                "/desk/log/export",
                ["object": review.object, "purpose": "案卷 8"],
                as: "audit"
            )
            #expect(file.headers["content-type"]?.hasPrefix("text/csv") == true)
            #expect(file.text.contains("case.form-read") && file.text.contains(clerk))
            let (acts, readers) = try await town.platform.database.read { reader in
                (
                    try AuditLog.history(of: "log:entries", in: reader),
                    try AuditLog.whoRead(review.applicant, in: reader).compactMap(\.entry)
                )
            }
            #expect(acts.contains { $0.act == "log.exported" && $0.purpose == "案卷 8" })
            #expect(
                acts.filter { $0.act == "log.searched" && $0.outcome == .done }.count == queries.count + 4
            )
            // Asked about the case alone, the answer told whose data were read: he sees that as well.
            #expect(readers.contains { $0.act == "log.exported" && $0.purpose == "案卷 8" })
            #expect(readers.contains { $0.act == "log.searched" && $0.purpose == "案卷 7" })
        }
    }

    @Test("whose data is asked by an identifier that is known: a name or a number does not get into the log")
    func subject() async throws {
        try await FaceTown.open { town in
            let founder = try await town.occasion(of: "zhangsan").actor.id
            let account = try await town.platform.database.read {
                try #require(try Accounts.find(.person, holder: founder, in: $0)).id
            }
            func ask(_ subject: String) async throws -> Int {
                try await town.post("/desk/log", ["subject": subject, "purpose": "案卷 9"], as: "audit").status
            }
            #expect(try await ask(account.rawValue) == 200)
            let number = "150102199001011234"
            #expect(try await ask(number) == 422)
            #expect(try await ask("张三") == 422)
            // What looks sealed is looked for as it is, and is nowhere.
            let odd = try await town.post(
                "/desk/log",
                ["object": "\u{2}sealed-1:AAAA", "purpose": "案卷 9"],
                as: "audit"
            )
            #expect(odd.status == 200 && odd.text.contains("没有符合条件的记录"))
            let (readers, entries) = try await town.platform.database.read { reader in
                (
                    try AuditLog.whoRead(founder, in: reader).compactMap(\.entry),
                    try AuditLog.history(of: "log:entries", in: reader)
                )
            }
            #expect(readers.contains { $0.act == "log.searched" && $0.purpose == "案卷 9" })
            let mine = try await town.get("/my/reads", as: "zhangsan")
            #expect(mine.text.contains("操作日志") && !mine.text.contains("[data-read."))
            #expect(!entries.contains { $0.subject == number || $0.subject == "张三" })
        }
    }

    @Test(
        "an entry that cannot be read is a line of that name, for the auditor and for whose data it is about"
    )
    func unreadable() async throws {
        try await FaceTown.open { town in
            let founder = try await town.occasion(of: "zhangsan").actor.id
            for purpose in ["案卷 1", "案卷 2"] {
                let ask = ["subject": founder, "purpose": purpose]
                #expect(try await town.post("/desk/log", ask, as: "audit").status == 200)
            }
            try await town.platform.keeper.round()
            let number = try await town.platform.database.write { tx in
                let number = try tx.number(
                    "SELECT max(sequence) FROM audit_entry WHERE subject = $1 AND sequence IS NOT NULL",
                    founder
                )
                try tx.execute("UPDATE audit_entry SET bytes = 'x' WHERE sequence = $1", number)
                return number
            }
            let words = "第 \(number) 条记录无法读取"
            let ask = ["subject": founder, "purpose": "案卷 3"]
            for path in ["/desk/log", "/desk/log/export"] {
                let found = try await town.post(path, ask, as: "audit")
                #expect(found.status == 200 && found.text.contains(words), "\(path): \(found.status)")
                #expect(found.text.contains("log.searched"), "the others are there")
            }
            let mine = try await town.get("/my/reads", as: "zhangsan")
            #expect(mine.status == 200 && mine.text.contains("第 \(number) 条日志记录无法读取"))
            #expect(mine.text.contains("案卷 1") && !mine.text.contains("案卷 2"))
        }
    }

    @Test("a credit code finds the enterprise and its entry; every act that happened has words")
    func firm() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: "zhangsan")
            let code = try #require(granted.result)
            _ = try await town.inReview("塞上", of: "zhangsan")
            try await town.platform.keeper.round()
            let query = ["object": code, "purpose": "案卷 4"]
            let found = try await town.post("/desk/log", query, as: "audit").text
            #expect(found.contains("enterprise:\(code)") && found.contains(":\(code)</code>"))
            #expect(found.contains("register.establish") && found.contains("设立"))
            let messages = try Messages.load(try Home.find())
            let acts = try await town.platform.database.read { reader in
                Set(try AuditLog.entries(from: 0, limit: 10_000, in: reader).map(\.entry.act))
            }
            #expect(acts.count > 20)
            for act in acts {
                let rest = act.drop { $0 != "." }.dropFirst()
                let done = act.replacing("exchange.line-", with: "workbench.line-act.")
                let keys = [
                    done, "log-act.\(act)", "data-read.\(act)", "timeline.\(rest)", "register-act.\(rest)",
                ]
                #expect(keys.contains { messages.has($0, in: .zh) && messages.has($0, in: .en) }, "\(act)")
            }
        }
    }

    @Test("what is wrong with the log stands on its page")
    func damaged() async throws {
        try await FaceTown.open { town in
            try await town.platform.database.write { tx in
                try tx.execute("UPDATE audit_entry SET object = 'x' WHERE sequence = 3")
            }
            try await town.platform.keeper.check(.whole)
            let page = try await town.get("/desk/log", as: "audit")
            #expect(page.status == 200 && page.text.contains("第 3 号记录"))
            try await town.platform.database.write { try $0.execute("UPDATE audit_tree SET size = size + 1") }
            #expect(try await town.get("/desk/log", as: "audit").status == 200)
        }
    }

    @Test("what stands otherwise in a table than the log says stands on the page")
    func altered() async throws {
        try await FaceTown.open { town in
            await town.platform.keeper.compared(altered: ["decision:x", "clock:y"])
            let page = try await town.get("/desk/log", as: "audit")
            #expect(page.status == 200 && page.text.contains("decision:x") && page.text.contains("2 项"))
        }
    }
}
