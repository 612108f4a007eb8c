import Audit
import Cases
import FaceSupport
import Kernel
import Server
import Storage
import Testing

/// What a court would ask for is not signed over a register that the log contradicts.
@Suite("a rewritten register is not certified")
struct AlteredRegisterTests {
    private func refuses(_ town: FaceTown, _ path: String) async throws {
        let answer = try await town.call("GET", path)
        #expect(answer.status == 503 && answer.code == "register.altered", "\(answer.text)")
    }

    @Test("neither over another register nor over another log is an extract signed")
    func refused() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: "zhangsan")
            let code = try #require(granted.result)
            let path = "/api/v1/register/\(code)/extract"
            #expect(try await town.call("GET", path).status == 200)
            func change(_ statement: StaticString) async throws {
                try await town.platform.database.write { tx in try tx.execute(statement, code) }
            }
            try await change("UPDATE register_filing SET value = '{}' WHERE code = $1 AND number = 9")
            #expect(try await town.call("GET", path).status == 200, "nothing has that number")
            try await change("UPDATE register_subject SET agency = agency || 'X' WHERE code = $1")
            try await refuses(town, path)
            let record = try await town.call("GET", "/api/v1/register/\(code)")
            #expect(record.json["chain"].text == "broken")
            try await town.platform.database.write { tx in
                try tx.execute(
                    "UPDATE register_subject SET agency = substr(agency, 1, length(agency) - 1) WHERE code = $1",
                    code
                )
            }
            #expect(try await town.call("GET", path).status == 200)
            // The register agrees with the entry of the log, but that is not the entry that was signed.
            try await town.platform.database.write { tx in
                try tx.execute(
                    """
                    UPDATE audit_entry SET bytes = replace(bytes, '"purpose":null', '"purpose":"x"')
                    WHERE object = $1
                    """,
                    "register:company:\(code)"
                )
            }
            try await refuses(town, path)
            #expect(await town.platform.keeper.damage != nil)
        }
    }

    @Test("reasons and findings of a decision that were changed afterwards are found")
    func decisions() async throws {
        try await FaceTown.open { town in
            _ = try await town.granted("阴山", of: "zhangsan")
            let database = town.platform.database
            let sound = try await DecisionStore.compareWithLog(in: database, max: 100)
            #expect(sound.count > 0 && sound.altered.isEmpty)
            try await database.write { tx in
                try tx.execute("UPDATE case_decision SET reason = 'otherwise' WHERE outcome = 'grant'")
            }
            #expect(try await DecisionStore.compareWithLog(in: database, max: 100).altered.count == 1)
        }
    }

    @Test(
        "an entry added for a rewritten decision does not bear it out; one that cannot be read is named, too"
    )
    func forged() async throws {
        try await FaceTown.open { town in
            let first = try await town.granted("阴山", of: "zhangsan")
            let second = try await town.granted("敕勒川", of: "zhangsan")
            let database = town.platform.database
            let occasion = try await town.occasion(of: "zhangsan")
            #expect(try await DecisionStore.compareWithLog(in: database, max: 100).altered.isEmpty)
            try await database.write { tx in
                try tx.execute(
                    "UPDATE case_decision SET reason = 'otherwise' WHERE case_id = $1 AND outcome = 'grant'",
                    first.id
                )
                for decision in try DecisionStore.of(first.id, in: tx) where decision.reason == "otherwise" {
                    try AuditLog.append(
                        "decision.made",
                        object: "decision:\(decision.id)",
                        after: decision.logged,
                        occasion: occasion,
                        in: tx
                    )
                }
            }
            try await town.platform.keeper.round()
            #expect(try await DecisionStore.compareWithLog(in: database, max: 100).altered.count == 1)
            try await database.write { tx in
                // As it lies: sealed under nobody's key.
                try tx.execute(
                    "UPDATE case_decision SET facts = '{' WHERE case_id = $1 AND outcome = 'grant'",
                    second.id
                )
            }
            #expect(try await DecisionStore.compareWithLog(in: database, max: 100).altered.count == 2)
        }
    }
}
