@testable import Audit
import Kernel
import Storage
import TestSupport
import Testing

@Suite("many entries at once")
struct BatchTests {
    @Test("take their places behind those that wait, and the tree with its tiles stays whole")
    func whole() async throws {
        try await forEachEngine(AuditMigrations.all) { database in
            let keeper = try keeper(of: database)
            func one(_ number: Int64) async throws {
                try await database.write { tx in
                    try AuditLog.append(
                        "thing.made",
                        object: "thing:\(number)",
                        occasion: occasion(number),
                        in: tx
                    )
                }
            }
            for number in 0..<5 { try await one(Int64(number)) }
            for round in 0..<3 {
                var batch = AuditBatch(occasion: occasion(10))
                for number in 0..<300 {
                    batch.add(
                        "thing.taken-over",
                        object: "thing:\(round)-\(number)",
                        after: ["number": JSON(number)]
                    )
                }
                let ready = batch
                try await database.write { try ready.append(in: $0, on: database.engine) }
                try await one(Int64(100 + round))
            }
            try await keeper.round()
            let verdict = try await keeper.check(.whole)
            #expect(verdict.isWhole)
            #expect(verdict.size == 908)
            let kept = try await database.read { try AuditLog.kept(about: "thing:2-299", in: $0) }
            #expect(kept.count == 1)
            #expect(kept.first?.stands(for: ["number": 299]) == true)
            #expect(kept.first?.stands(for: ["number": 298]) == false)
        }
    }
}
