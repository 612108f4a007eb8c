import Foundation
import Kernel
import Testing

@testable import Cryptography

@Suite("authorities that follow one another")
struct KeyFamilyTests {
    private func open(_ folder: Folder, at now: Instant = moment) throws -> PlatformKeys {
        try PlatformKeys.openOrCreate(
            in: .open(folder: folder.url("keys").path),
            organization: "速办",
            now: now
        )
    }

    @Test("an installation from before the documents' keys gets them at its next start")
    func older() throws {
        let folder = try Folder()
        let first = try open(folder)
        for name in ["p256-root", "p256-issuing", "document", "timestamp"] {
            for ending in ["key", "crt"] {
                try FileManager.default.removeItem(at: folder.url("keys/\(name).\(ending)"))
            }
        }
        let second = try open(folder)
        #expect(second.root == first.root && second.documentRoot != first.documentRoot)
        #expect(try open(folder).documentRoot == second.documentRoot)
        #expect(second.documents.certificate.isFor(.documents))
        #expect(second.timestamps.certificate.isFor(.timestamps))
        let old = second.timestamps.certificate.validUntil + -Instant.day
        let third = try open(folder, at: old)
        #expect(third.timestamps.certificate.validUntil > second.timestamps.certificate.validUntil)
        #expect(third.timestamps.key.publicKey == second.timestamps.key.publicKey)
    }

    @Test("a new authority issues, the old one's certificates stay good and it goes on with its list")
    func rotation() throws {
        let folder = try Folder()
        let before = try open(folder)
        let subject = DistinguishedName(commonName: "甲")
        let old = try before.identity(named: "a", subject: subject, for: .licences, now: moment)
        let later = moment + 30 * Instant.day
        let made = try before.rotate(.sm2, now: later)
        let alsoMade = try before.rotate(.p256, now: later)
        #expect(made.number == 2 && made.family == .sm2 && alsoMade.family == .p256)
        #expect(made.subject.commonName == "速办 SM2 Issuing CA 2")
        let after = try open(folder, at: later)
        #expect(after.issuers.map(\.number) == [1, 2, 1, 2])
        #expect(after.root == before.root && after.documentRoot == before.documentRoot)
        let new = try after.identity(named: "b", subject: subject, for: .licences, now: later)
        #expect(new.issuers.first == after.issuing.certificate)
        #expect(after.issuing.certificate != before.issuing.certificate)
        // One root, two authorities: both are trusted from the certificates that each signer brings.
        for identity in [old, new] {
            #expect(
                identity.certificate.check(others: identity.issuers, anchors: [after.root], at: later)
                    .isTrusted
            )
        }
        #expect(
            try after.identity(named: "a", subject: subject, for: .licences, now: later).certificate
                == old.certificate
        )
        let list = try RevocationList<SM2>(
            der: after.national.authorities[0].revocationList(
                [.init(serial: old.certificate.serial, revokedAt: later, reason: .superseded)],
                number: 1,
                thisUpdate: later,
                nextUpdate: later + Instant.day
            ),
            limits: RevocationTests.limits
        )
        #expect(
            old.certificate.check(
                others: old.issuers,
                anchors: [after.root],
                at: later,
                revocation: [list]
            ) == .broken(.revoked)
        )
        // At its renewal the signer comes under the new authority, with the same key.
        let expired = old.certificate.validUntil + Instant.day
        let renewed = try after.identity(named: "a", subject: subject, for: .licences, now: expired)
        #expect(renewed.key.publicKey == old.key.publicKey)
        #expect(renewed.issuers.first == after.issuing.certificate)
    }

    @Test(
        "the log's certificate is renewed by a younger authority, and the one of older heads stays beside it"
    )
    func logRenewed() throws {
        let folder = try Folder()
        let first = try open(folder)
        #expect(first.earlierLogs == [])
        let later = moment + 30 * Instant.day
        _ = try first.rotate(.sm2, now: later)
        let due = first.log.certificate.validUntil + -Instant.day
        let renewed = try open(folder, at: due)
        let chain = [first.log.certificate] + first.log.issuers
        #expect(renewed.log.key.publicKey == first.log.key.publicKey && renewed.earlierLogs == [chain])
        func isGood(_ chain: [Certificate], at time: Instant) -> Bool {
            chain[0].isFor(.log)
                && chain[0].check(others: Array(chain.dropFirst()), anchors: [first.root], at: time).isTrusted
        }
        let present = [renewed.log.certificate] + renewed.log.issuers
        let early = moment + Instant.day
        #expect(isGood(chain, at: early) && !isGood(present, at: early), "the authority was not there yet")
        #expect(isGood(present, at: due) && isGood(present, at: due + 400 * Instant.day))
        // The next start finds both, and renews nothing.
        let again = try open(folder, at: due + Instant.day)
        #expect(again.log.certificate == renewed.log.certificate && again.earlierLogs == [chain])
    }

    @Test("keys of holders lie in folders, and those from before are still found")
    func folders() throws {
        let folder = try Folder()
        let keys = try open(folder)
        let subject = DistinguishedName(commonName: "甲")
        let flat = try keys.issuing.identity(CertificateTests.request("旧"), for: .signatures)
        try keys.store.save(flat, named: "enterprise-1")
        let found = try keys.identity(named: "enterprise-1", subject: subject, for: .signatures, now: moment)
        #expect(found.certificate == flat.certificate)
        for index in 2..<40 {
            _ = try keys.identity(
                named: "enterprise-\(index)",
                subject: subject,
                for: .signatures,
                now: moment
            )
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: keys.store.folder)
        #expect(
            names.filter { $0.hasPrefix("enterprise") }.sorted() == ["enterprise-1.crt", "enterprise-1.key"]
        )
        #expect(names.filter { $0.count == 2 }.count > 10)
        let expired = found.certificate.validUntil + Instant.day
        _ = try keys.identity(named: "enterprise-1", subject: subject, for: .signatures, now: expired)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: keys.store.folder).sorted() == names.sorted()
        )
    }

    @Test("no error speaks of what is in a key")
    func errors() throws {
        let folder = try Folder()
        let keys = try open(folder)
        let key = keys.documents.key
        try FileManager.default.removeItem(at: folder.url("keys/log.crt"))
        try FileManager.default.copyItem(at: folder.url("keys/root.crt"), to: folder.url("keys/log.crt"))
        try FileManager.default.removeItem(at: folder.url("keys/root.key"))
        try FileManager.default.copyItem(at: folder.url("keys/log.key"), to: folder.url("keys/root.key"))
        let master = try String(contentsOf: folder.url("keys/master.key"), encoding: .utf8).prefix(64)
        var words: [String] = []
        for name in ["log", "root"] {
            do { _ = try keys.store.identity(named: name) } catch {
                words.append("\(error) \(error.arguments) \(String(reflecting: error))")
            }
        }
        #expect(words.count == 2)
        words.append("\(keys) \(key) \(keys.store.box)")
        let derived = SM3.hmac(
            key: try #require(Hex.decode(String(master))),
            message: Array("suban-box-1 encrypt".utf8)
        )
        let shown = derived.prefix(8).map(String.init).joined(separator: ", ")
        for word in words {
            #expect(!word.contains(String(master)) && !word.contains("PRIVATE") && !word.contains(shown))
        }
    }
}
