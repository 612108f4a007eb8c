import ArchivePackages
import Audit
@testable import CaseArchive
import Cases
import Credentials
import Cryptography
import Documents
import Foundation
import Kernel
import Server
import Storage
import TestSupport
import Testing

@Suite("renewals of time stamps that somebody tampered with")
struct RenewalHostileTests {
    /// An archive with stamps of its own making.
    private struct Bench {
        let archived: Archived
        let package: ArchivePackage
        let now: Instant

        init(_ archived: Archived) async throws {
            self.archived = archived
            package = try ArchivePackage(file: await archived.file(), limits: Stamped.limits)
            now = archived.town.clock.now
        }

        /// The package with renewals, one after the other.
        func renewed(
            _ steps: [(TimestampAuthority, Instant, proof: [UInt8]?)],
            _ change: ([ArchiveRenewal]) -> [ArchiveRenewal] = { $0 }
        ) throws -> [UInt8] {
            var made: [ArchiveRenewal] = []
            for (authority, moment, proof) in steps {
                let stamps = package.renewed(by: made).stamps
                made.append(
                    try stamps.renewal(by: authority, .sm3, files: nil, proof: proof, now: moment)
                )
            }
            return try package.renewed(by: change(made)).file()
        }

        /// What both verifiers say, with lists and the ends of algorithms: their classes must be the same.
        func codes(_ file: [UInt8], at moment: Instant, lists: [[UInt8]] = []) throws -> [String] {
            let own = try Stamped.verifier(archived, at: moment, lists: lists).verify(file).problems.map(
                \.code
            )
            var more: [String] = []
            for (place, list) in lists.enumerated() {
                let path = "\(archived.folder)/\(place).crl"
                try Data(list).write(to: URL(fileURLWithPath: path))
                more += ["--crl", path]
            }
            let (status, text) = try Stamped.script(archived, file, at: moment, more)
            #expect(own.isEmpty == (status == 0), "\(text)")
            if let first = own.first { #expect(text.contains(first), "\(text)") }
            return own
        }

        func list(of authority: TimestampAuthority, _ reason: RevocationReason, since: Instant) throws
            -> [UInt8]
        {
            try archived.platform.keys.revocationList(
                of: "p256-1",
                [.init(serial: authority.certificate.serial, revokedAt: since, reason: reason)],
                number: 7,
                thisUpdate: since,
                nextUpdate: since + 4_000 * Instant.day
            )
        }

        /// The log's word for the archive, and when it gave it.
        func receipt() async throws -> Receipt {
            try await archived.platform.keeper.earliestReceipt(
                for: ID(archived.archive.entry),
                disclosing: archived.archive.sealing
            )
        }
    }

    @Test("missing, exchanged, turned round, over other bytes, of strangers")
    func chain() async throws {
        try await Archived.on(.sqlite) { archived in
            let bench = try await Bench(archived)
            let now = bench.now
            let asked = now + 10 * Instant.day
            let (one, two) = (
                try Stamped.authority(archived, named: "one", at: now),
                try Stamped.authority(archived, named: "two", at: now)
            )
            let steps = [(one, now + Instant.day, nil), (two, now + 2 * Instant.day, nil as [UInt8]?)]
            #expect(try bench.codes(bench.renewed(steps), at: asked) == [])
            let missing = try bench.renewed(steps) { Array($0.dropFirst()) }
            #expect(try bench.codes(missing, at: asked) == ["archive.renewal-missing"])
            let turned = try bench.renewed(steps) { $0.reversed() }
            #expect(try bench.codes(turned, at: asked) == ["archive.renewal-missing"])
            let older = try bench.renewed([(one, now + 2 * Instant.day, nil), (two, now + Instant.day, nil)])
            #expect(try bench.codes(older, at: asked) == ["archive.renewal-order"])
            // The one before is another than was stamped.
            let other = try bench.renewed([(two, now + Instant.day, nil)])
            let first = try #require(ArchivePackage(file: other, limits: Stamped.limits).renewals.first)
            let exchanged = try bench.renewed(steps) { [first] + $0.dropFirst() }
            #expect(try bench.codes(exchanged, at: asked) == ["archive.renewal-other"])
            // Another index under a good stamp.
            let foreign = try bench.renewed(steps) { made in
                var text = made[0].text
                let place = text.firstRange(of: Array("\"index\":\"".utf8))?.upperBound ?? 0
                text[place] = text[place] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
                let stamp = try? one.token(for: SM3.digest(text), .sm3, now: now + Instant.day)
                return [ArchiveRenewal(text: text, timestamp: stamp ?? [], proof: nil)]
            }
            #expect(try bench.codes(foreign, at: asked) == ["archive.renewal-other"])
            let elsewhere = try bench.renewed(steps) { made in
                [ArchiveRenewal(text: made[0].text, timestamp: made[1].timestamp, proof: nil)]
            }
            #expect(try bench.codes(elsewhere, at: asked) == ["archive.renewal-stamp"])
            let coming = try bench.renewed([(one, asked + Instant.day, nil)])
            #expect(try bench.codes(coming, at: asked) == ["archive.renewal-stamp"])
            let strangers = try PlatformKeys.openOrCreate(
                in: KeyStore.open(folder: "\(archived.folder)/strangers"),
                organization: "旁人",
                now: now
            )
            let stranger = TimestampAuthority(
                strangers.timestamps,
                policy: TimestampPolicy(identifier: "1.2.3.4", accuracyMilliseconds: 1_000)
            )
            let foreigners = try bench.renewed([(stranger, now + Instant.day, nil)])
            #expect(try bench.codes(foreigners, at: asked) == ["archive.renewal-stamp"])
            let empty = try bench.renewed(steps) { made in
                [ArchiveRenewal(text: made[0].text + [0x20], timestamp: made[0].timestamp, proof: nil)]
            }
            #expect(try bench.codes(empty, at: asked) == ["archive.renewal-format"])
        }
    }

    @Test("a stamp that had ended is renewed too late, but for the log's proof of the archive")
    func late() async throws {
        try await Archived.on(.sqlite) { archived in
            let bench = try await Bench(archived)
            let late = bench.now + 2_500 * Instant.day
            let asked = late + Instant.day
            let key = try Stamped.authority(archived, named: "late", at: late)
            #expect(try bench.codes(bench.renewed([(key, late, nil)]), at: asked) == ["archive.renewal-late"])
            let receipt = try await bench.receipt()
            let proven = try bench.renewed([(key, late, receipt.file)])
            #expect(try bench.codes(proven, at: asked) == [])
            let verdict = try Stamped.verifier(archived, at: asked).verify(proven)
            let sealed = verdict.proven.first { $0.code == "archive.sealed" }
            #expect(sealed?.arguments["time"] == receipt.headTime?.minuteText)
            // A receipt of something else, and one without what it is about.
            let made = try #require(
                try await archived.platform.database.read {
                    try AuditLog.history(of: archived.subject.object, in: $0)
                }.first { $0.act == "case.submitted" }
            )
            let foreign = try await archived.platform.keeper.receipt(for: made.id)
            let silent = try await archived.platform.keeper.receipt(for: ID(archived.archive.entry))
            for wrong in [foreign, silent] {
                let file = try bench.renewed([(key, late, wrong.file)])
                #expect(try bench.codes(file, at: asked) == ["archive.renewal-proof"])
            }
        }
    }

    @Test("stamps of a stolen key count where the log knew the archive before, and nowhere else")
    func stolen() async throws {
        try await Archived.on(.sqlite) { archived in
            let bench = try await Bench(archived)
            let (now, theft) = (bench.now, bench.now + 20 * Instant.day)
            let asked = now + 40 * Instant.day
            let (old, new) = (
                try Stamped.authority(archived, named: "old", at: now),
                try Stamped.authority(archived, named: "new", at: now)
            )
            let before = (old, now + Instant.day, nil as [UInt8]?)
            let lists = [try bench.list(of: old, .keyCompromise, since: theft)]
            let last = try bench.renewed([before])
            #expect(try bench.codes(last, at: asked, lists: lists) == ["archive.stamp-taken-back"])
            #expect(
                try bench.codes(last, at: asked, lists: [bench.list(of: old, .superseded, since: theft)])
                    == []
            )
            // Laid over it before the theft, another stamp keeps it; afterwards only with the log.
            let early = try bench.renewed([before, (new, now + 10 * Instant.day, nil)])
            #expect(try bench.codes(early, at: asked, lists: lists) == [])
            let afterwards = try bench.renewed([before, (new, theft + Instant.day, nil)])
            #expect(try bench.codes(afterwards, at: asked, lists: lists) == ["archive.renewal-late"])
            let receipt = try await bench.receipt()
            let known = try bench.renewed([before, (new, theft + Instant.day, receipt.file)])
            #expect(try bench.codes(known, at: asked, lists: lists) == [])
            // The head over its entry is younger than the theft.
            let sooner = [try bench.list(of: old, .keyCompromise, since: now + -5 * Instant.day)]
            #expect(try bench.codes(known, at: asked, lists: sooner) == ["archive.renewal-late"])
        }
    }
}
