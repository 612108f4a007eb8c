import Audit
import CaseArchive
import Cases
import Credentials
import Cryptography
import Foundation
import Jobs
import Kernel
import Server
import Storage
import TestSupport
import Testing

@Suite("after the theft of the key of the time stamps")
struct StampTheftTests {
    /// What the platform's own verification says of a file now.
    private static func classes(_ file: [UInt8], by platform: Platform) async throws -> [String] {
        let now = platform.clock.now
        let lists = try await platform.database.read {
            try platform.certificates.lists.current(at: now, in: $0)
        }
        return FileVerifier(
            anchors: platform.credentials.trust,
            revocation: lists,
            moment: now,
            limits: try VerificationLimits(home: Home.find(), on: now.date)
        ).verify(file).problems.map { $0.classCode ?? $0.code }
    }

    @Test("what the log knew before is stamped anew with the new key, and the rest stays refused")
    func stolen() async throws {
        try await eachMaintained { town, maintenance, folder in
            let before = town.platform
            let data = try JSON.read(
                Array(try Data(contentsOf: URL(fileURLWithPath: Home.find().resource("demo/llc.json"))))
            )
            try await DemoJourney(town: town, say: { _ in }).openCompany(data, into: "\(folder)/out")
            try await town.move(to: town.clock.now + 3 * Instant.day)
            try await before.keeper.round()
            let subject = try #require(
                try await before.database.read { try CaseStore.mine("demo-founder", limit: 1, in: $0) }.first
            )
            let (archive, licence) = try await before.database.read { reader in
                (
                    try before.archives.of(subject.id, in: reader).first,
                    try Credentials.held(by: subject.result ?? "", in: reader)
                        .first { $0.record.sealCode == nil }
                )
            }
            let kept = try #require(archive)
            let business = try #require(licence)
            let old = try await before.originals.file(of: business, .ofd, occasion: before.occasion("test"))
            let packed = try await before.archives.file(kept)
            // The key is stolen, and nobody notices for a day: the PDF is made with it meanwhile.
            let theft = town.clock.now + Instant.hour
            try await town.move(to: theft + Instant.day)
            let late = try await before.originals.file(of: business, .pdf, occasion: before.occasion("test"))
            #expect(try await Self.classes(old.bytes, by: before) == [])
            try await town.move(to: town.clock.now + Instant.minute)
            try await before.keeper.round()
            await #expect(throws: KeysError.theftAhead) {
                try await maintenance.replaceStamps(stolenSince: theft + 9 * Instant.day, reason: "案情通报")
            }
            let young = try await before.database.read {
                try $0.number("SELECT COUNT(*) FROM licence_file WHERE made_at >= $1", theft)
            }
            let made = try await maintenance.replaceStamps(stolenSince: theft, reason: "案情通报1号")
            // A node that was not started again has the old key, and waits.
            try await before.runner.runUntilQuiet()
            #expect(try await maintenance.stampLosses().first?.looked == 0)
            for file in [old.bytes, late.bytes] {
                #expect(try await Self.classes(file, by: before) == ["TSA_REVOKED"])
            }
            #expect(try await Self.classes(packed, by: before) == ["archive.stamp-taken-back"])
            #expect(before.keys.timestamps.certificate != made)
            let again = try await Platform.open(before.settings)
            #expect(again.keys.timestamps.certificate == made)
            try await again.runner.runUntilQuiet()
            town.clock.set(town.clock.now + Instant.hour)
            try await again.archiveRenewals.arm()
            try await again.runner.runUntilQuiet()
            let loss = try #require(try await maintenance.stampLosses().first)
            #expect(loss.since == theft && loss.doneAt != nil && loss.renewed >= 1)
            #expect(loss.unproven == Int(young))
            #expect(loss.unproven >= 1)
            let new = try await again.originals.file(of: business, .ofd, occasion: again.occasion("test"))
            #expect(new.file.digest != old.file.digest)
            #expect(try await Self.classes(new.bytes, by: again) == [])
            #expect(try await Self.classes(old.bytes, by: again) == ["TSA_REVOKED"])
            let same = try await again.originals.file(of: business, .pdf, occasion: again.occasion("test"))
            #expect(same.file.digest == late.file.digest)
            #expect(try await Self.classes(same.bytes, by: again) == ["TSA_REVOKED"])
            // The archive was in the log before, too.
            let renewed = try await again.archives.file(kept)
            #expect(try await Self.classes(renewed, by: again) == [])
            let acts = try await again.database.read { reader in
                try AuditLog.history(of: "licence-file:\(business.id)/ofd", in: reader).map(\.act)
            }
            #expect(acts == ["licence.file-kept", "licence.file-renewed"])
            // Everybody is told by the list.
            let list = try #require(
                try await again.database.read { try RevocationLists.published(of: "p256-1", in: $0) }
            )
            let read = try Revocations(reading: [list.der], limits: .unlimited).international
            #expect(read.first?.entry(of: before.keys.timestamps.certificate)?.reason == .keyCompromise)
        }
    }

    @Test("a successor without a theft takes nothing back")
    func successor() async throws {
        try await eachMaintained { town, maintenance, _ in
            let made = try await maintenance.replaceStamps(stolenSince: nil, reason: "到期更换")
            let again = try await Platform.open(town.platform.settings)
            #expect(again.keys.timestamps.certificate == made)
            #expect(again.keys.earlierTimestamps == [town.platform.keys.timestamps.certificate])
            #expect(try await maintenance.stampLosses().isEmpty)
            let token = try #require(
                TimestampToken(
                    der: again.credentials.stamps(at: town.clock.now).token(
                        for: SM3.digest([1]),
                        .sm3,
                        now: town.clock.now
                    )
                )
            )
            #expect(token.authority == made)
            let entry = try await again.database.read {
                try AuditLog.history(of: "stamps:\(Hex.encode(made.serial))", in: $0).last
            }
            #expect(entry?.act == "keys.stamps-replaced" && entry?.purpose == "到期更换")
        }
    }
}
