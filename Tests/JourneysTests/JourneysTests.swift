import Audit
import Cases
import Credentials
import Cryptography
import Foundation
import Kernel
import Registers
import Server
import Storage
import TestSupport
import Testing

@Suite("a company is opened, from the name to the bundle")
struct OpeningJourneyTests {
    @Test("on both engines: every signature, decided at once, licence and seals that verify, every line done")
    func openCompany() async throws {
        try await forEachEngine { database in
            try await withTemporaryFolder { folder in
                let home = try Home.find()
                let data = try JSON.read(
                    Array(try Data(contentsOf: URL(fileURLWithPath: home.resource("demo/llc.json"))))
                )
                let start = try #require(Instant(parsing: "2026-03-02 10:00"))
                let town = try await DemoTown(home: home, folder: folder, at: start) {
                    $0.database = database
                }
                try await DemoJourney(town: town, say: { _ in }).openCompany(data, into: "\(folder)/out")
                try await check(town.platform, folder: "\(folder)/out")
            }
        }
    }

    private func check(_ platform: Platform, folder: String) async throws {
        let cases = try await platform.database.read { try CaseStore.mine("demo-founder", limit: 10, in: $0) }
        let subject = try #require(cases.first)
        #expect(subject.state == .granted)
        #expect(subject.completedAt != nil)
        let code = try #require(subject.result)
        try await platform.database.read { reader in
            #expect(try RegisterStore.find(code, in: reader)?.state == .active)
            #expect(try Register.firstBrokenEntry(of: code, in: reader) == nil)
            let decision = try #require(try DecisionStore.of(subject.id, in: reader).last)
            #expect(decision.instant)
            #expect(Set(decision.findings.map(\.rule)).count == 18)
            #expect(decision.findings.allSatisfy { $0.outcome == .pass })
            #expect(try SignerStore.state(of: subject.id, in: reader).isComplete)
        }
        let anchors = [platform.keys.root]
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) where file.hasSuffix(".suban")
        {
            let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)")))
            #expect(CredentialVerifier(anchors: anchors).verify(bytes, at: platform.clock.now).isValid)
        }
        let receipt = Array(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/receipt.json")))
        #expect(ReceiptVerifier(anchors: anchors, latest: platform.clock.now).verify(receipt).isValid)
    }
}
