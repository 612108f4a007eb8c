import Cases
import Credentials
import FaceSupport
import Kernel
import Server
import Storage
import Testing

/// What the public is told of a licence by the code on it.
@Suite("verifying by the code", .serialized)
struct VerifyTests {
    @Test(
        "the register and the log are asked too: a withdrawn licence that was revived is not in force",
        arguments: DatabaseEngine.allCases
    )
    func revived(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let granted = try await town.granted("阴山", of: "zhangsan")
            let code = try #require(granted.result)
            let database = town.platform.database
            let held = try await database.read { try Credentials.held(by: code, in: $0) }
            let licence = try #require(held.first { $0.record.type == "business-licence" })
            let seal = try #require(held.first { $0.record.sealCode != nil })
            func page(_ credential: Credential) async throws -> String {
                try await town.get(credential.record.code.path).text
            }
            let sound = try await page(licence)
            #expect(sound.contains("证照真实有效") && sound.contains("登记簿：持证企业存续"))
            let occasion = try await town.occasion(of: "zhangsan")
            try await database.write { tx in
                _ = try Credentials.apply(
                    .withdraw,
                    to: licence.id,
                    reason: "test",
                    occasion: occasion,
                    in: tx
                )
            }
            let ended = try await page(licence)
            #expect(ended.contains("证照不具效力") && !ended.contains("与日志的记载不一致"))
            try await database.write { tx in
                try tx.execute(
                    "DELETE FROM credential_step WHERE credential = $1 AND version = 2",
                    licence.id
                )
                try tx.execute(
                    "UPDATE credential_record SET state = 'valid', version = 1 WHERE id = $1",
                    licence.id
                )
            }
            let revived = try await page(licence)
            #expect(revived.contains("证照不具效力") && revived.contains("与日志的记载不一致"))
            // The firm's registration is gone, and nobody told its seal.
            #expect(try await page(seal).contains("证照真实有效"))
            try await database.write {
                try $0.execute("UPDATE register_subject SET state = 'withdrawn' WHERE code = $1", code)
            }
            let left = try await page(seal)
            #expect(left.contains("证照不具效力") && left.contains("持证企业的登记已被撤销"))
        }
    }

    @Test("a licence of a body whose certificate was revoked is not in force, by its code")
    func revoked() async throws {
        try await FaceTown.open { town in
            let granted = try await town.granted("阴山", of: "zhangsan")
            let code = try #require(granted.result)
            let held = try await town.platform.database.read { try Credentials.held(by: code, in: $0) }
            let licence = try #require(held.first { $0.record.type == "business-licence" })
            let path = licence.record.code.path
            #expect(try await town.get(path).text.contains("证照真实有效"))
            try await town.revokeSigner(of: licence)
            let page = try await town.get(path).text
            #expect(page.contains("证照不具效力") && page.contains("证书在所问时刻之前已被吊销"))
        }
    }
}
