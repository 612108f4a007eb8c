import Cryptography
import Foundation
import Kernel
import Storage
import TestSupport
import Testing

@testable import Exchange

@Suite("keys of the other side, and answers to strangers")
struct KeyTests {
    @Test("programs that begin on one folder take the same key")
    func oneKey() async throws {
        try await withTemporaryFolder { path in
            let made = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 {
                    group.addTask { try ExchangeKeyFolder(path: path).signer("platform").keyID }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(made.count == 1)
            #expect(try ExchangeKeyFolder(path: path).peer("platform").keyID == made.first)
        }
    }

    @Test("a party's key is never made for it: without its file it is unknown")
    func missing() async throws {
        try await withTemporaryFolder { path in
            let folder = ExchangeKeyFolder(path: path)
            #expect(!folder.knows("tax"))
            #expect(throws: ExchangeError.self) { try folder.peer("tax") }
            #expect(try FileManager.default.contentsOfDirectory(atPath: path) == [])
            let signer = try folder.signer("tax")
            #expect(folder.knows("tax"))
            #expect(try folder.peer("tax").keyID == signer.keyID)
        }
    }

    @Test("a replaced key file is trusted under a new name, and the old key ends")
    func replaced() async throws {
        try await forEachEngine(migrations) { database in
            try await withTemporaryFolder { path in
                let world = try await World(database)
                let folder = ExchangeKeyFolder(path: path)
                _ = try folder.signer("tax")
                let old = try folder.peer("tax")
                try await world.exchange.trust(old, alone: true, occasion: world.occasion)
                for name in ["tax.key.pem", "tax.pub.pem"] {
                    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
                }
                _ = try folder.signer("tax")
                let new = try folder.peer("tax")
                #expect(new.keyID != old.keyID)
                try await world.exchange.trust(new, alone: true, occasion: world.occasion)
                let inForce = try await database.read { try ExchangeStore.keysInForce(of: "tax", in: $0) }
                #expect(inForce == [new.keyID])
                let kept = try await database.read { try ExchangeStore.key(old.keyID, in: $0) }
                #expect(kept?.revokedAt != nil)
            }
        }
    }

    @Test(
        "who is not known cannot have anything signed by asking",
        arguments: [[:], ["suban-message": "my own words", "suban-key": "nobody"]]
    )
    func stranger(headers: [String: String]) async throws {
        try await withDatabase(.sqlite, migrations) { database in
            let world = try await World(database)
            for path in [Exchange.reportPath, "/elsewhere"] {
                let answer = await world.exchange.receive(
                    WireRequest(method: "POST", path: path, headers: headers, body: Array("{}".utf8))
                )
                #expect(answer.status >= 400)
                #expect(!answer.isSigned)
                #expect(!answer.headers.values.contains { $0.contains("my own words") })
            }
        }
    }
}
