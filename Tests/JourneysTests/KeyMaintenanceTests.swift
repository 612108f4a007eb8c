import Audit
import Cryptography
import Foundation
import Kernel
import Storage
import TestSupport
import Testing

@testable import Server

@Suite("issuing authorities from the command line")
struct KeyMaintenanceTests {
    @Test("a new authority is logged, issues from the next start on, and what the old one issued stays good")
    func rotation() async throws {
        try await eachMaintained { town, maintenance, _ in
            let settings = town.platform.settings
            let subject = DistinguishedName(commonName: "包头市市场监督管理局")
            func identity(_ name: String, by keys: PlatformKeys) throws -> SigningIdentity {
                try keys.identity(named: name, subject: subject, for: .licences, now: town.clock.now)
            }
            let old = try identity("old", by: town.platform.keys)
            #expect(try maintenance.issuers().map(\.number) == [1, 1])
            let made = try await maintenance.rotateIssuer(.sm2, reason: "内密管〔2031〕3号")
            #expect(try maintenance.issuers().map(\.number) == [1, 2, 1])
            let entry = try await town.platform.database.read {
                try AuditLog.history(of: "issuer:sm2-2", in: $0).last
            }
            #expect(entry?.act == "keys.rotated" && entry?.purpose == "内密管〔2031〕3号")
            #expect(entry?.actor.id == "os:root/zhangsan")
            let again = try await Platform.open(settings)
            let new = try identity("new", by: again.keys)
            #expect(SHA256.digest(new.issuers[0].der) == made.fingerprint)
            #expect(old.issuers[0] != new.issuers[0] && again.keys.root == town.platform.keys.root)
            for signer in [old, new] {
                #expect(
                    signer.certificate.check(
                        others: signer.issuers,
                        anchors: [again.keys.root],
                        at: town.clock.now
                    ).isTrusted
                )
            }
        }
    }

    @Test("an authority is due when a new signer's certificate would outlive it")
    func due() async throws {
        try await eachMaintained { town, maintenance, _ in
            let first = try #require(try maintenance.issuers().first)
            #expect(!maintenance.isDue(first))
            town.clock.set(first.dueSince)
            #expect(maintenance.isDue(first))
            #expect(first.validUntil.date == first.dueSince.date.adding(months: 60))
        }
    }
}
