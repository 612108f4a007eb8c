import ArchivePackages
import Audit
@testable import CaseArchive
import Cases
import Credentials
import Cryptography
import Documents
import FaceSupport
import Foundation
import Kernel
import Server
import Storage
import TestSupport
import Testing

@Suite("time stamps of archives are renewed before they end")
struct RenewalTests {
    @Test(
        "a round renews what is due, once, and touches nothing that was sealed",
        arguments: DatabaseEngine.allCases
    )
    func round(engine: DatabaseEngine) async throws {
        try await Archived.on(engine) { archived in
            let (platform, archive) = (archived.platform, archived.archive)
            let now = archived.town.clock.now
            #expect(try await platform.archiveRenewals.run(now: now) == .init())
            let sealed = try await archived.file()
            // The certificate of the time stamps has a successor in its last tenth, and the stamp is due then.
            let later = now + 1_700 * Instant.day
            let work = try Stamped.work(archived, later: later)
            let waits = try await platform.database.read { reader in
                (
                    try work.progress(now: later, in: reader),
                    try work.standing(of: archive, now: later, in: reader)?.next
                )
            }
            #expect(waits.0 == .init(renewed: 0, left: 1) && waits.1.map { $0 <= later } == true)
            #expect(try await work.run(now: later).renewed == 1)
            #expect(try await work.run(now: later + Instant.hour) == .init())
            let renewed = try await archived.file()
            let (kept, first) = (try Self.entries(renewed), try Self.entries(sealed))
            #expect(kept.filter { $0.name != "archive.renewals" } == first && kept.count == first.count + 1)
            let (progress, standing, entries) = try await platform.database.read { reader in
                (
                    try work.progress(now: later, in: reader),
                    try work.standing(of: archive, now: later, in: reader),
                    try AuditLog.history(of: archive.object, in: reader)
                )
            }
            #expect(progress == .init(renewed: 1, left: 0))
            let row = try #require(standing?.renewals.first)
            #expect(standing?.renewals.count == 1 && (standing?.next).map { $0 > later } == true)
            #expect(entries.filter { $0.act == "archive.renewed" }.map(\.id.rawValue) == [row.entry])
            // Long after the first stamp's end the renewed package proves when it was sealed; the other claims it.
            let asked = later + 200 * Instant.day
            let verdict = try Stamped.verifier(archived, at: asked).verify(renewed)
            #expect(verdict.problems == [])
            #expect(Set(["archive.sealed", "archive.renewed"]).isSubset(of: verdict.proven.map(\.code)))
            let old = try Stamped.verifier(archived, at: asked).verify(sealed)
            #expect(old.problems == [] && !old.proven.map(\.code).contains("archive.sealed"))
            #expect(Set(["archive.sealed", "archive.stamp-ended"]).isSubset(of: old.claimed.map(\.code)))
            // A copy for the party brings the renewals along.
            let copy = try await platform.archives.copy(
                archive,
                occasion: Occasion(
                    now: later,
                    actor: Actor(.person, id: archive.applicant, role: "person"),
                    request: "test",
                    entropy: platform.settings.entropy
                )
            )
            let given = try Stamped.verifier(archived, at: later).verify(copy)
            #expect(given.problems == [] && given.proven.map(\.code).contains("archive.renewed"))
            for (file, words) in [
                (renewed, "renewed 1 times"), (copy, "renewed 1 times"), (sealed, "only claimed"),
            ] {
                let checked = try Stamped.script(archived, file, at: asked)
                #expect(checked.0 == 0 && checked.1.contains(words), "\(checked.1)")
            }
        }
    }

    @Test("rows of an older program are looked at first", arguments: DatabaseEngine.allCases)
    func older(engine: DatabaseEngine) async throws {
        try await Archived.on(engine) { archived in
            let (database, id) = (archived.platform.database, archived.archive.id)
            let now = archived.town.clock.now
            let before = try await database.read { try RenewalStore.standing(of: id, in: $0) }
            try await database.write { tx in
                try tx.execute("UPDATE archive_archive SET stamp_ends = NULL, stamp_maker = NULL")
            }
            #expect(try await database.read { try RenewalStore.standing(of: id, in: $0) } == nil)
            #expect(try await archived.platform.archiveRenewals.run(now: now) == .init())
            let after = try await database.read { try RenewalStore.standing(of: id, in: $0) }
            #expect(after?.limit == before?.limit && after?.maker == before?.maker && after != nil)
        }
    }

    @Test("another key, and the end of an algorithm, make every stamp due")
    func makers() async throws {
        try await Archived.on(.sqlite) { archived in
            let now = archived.town.clock.now
            let other = try Stamped.authority(archived, named: "other", at: now)
            #expect(try await Stamped.work(archived, stamps: other).run(now: now).renewed == 1)
            #expect(try await Stamped.work(archived, stamps: other).run(now: now) == .init())
            // Then SM3 ends: the files are digested anew.
            let work = Stamped.work(archived, stamps: other, by: .sha256)
            #expect(try await work.run(now: now + Instant.day).renewed == 1)
            let file = try await archived.file()
            let ends = AlgorithmEnds(["sm3": now + 2 * Instant.day])
            let asked = now + 3 * Instant.day
            #expect(try Stamped.verifier(archived, at: asked, ends: ends).verify(file).isValid)
            let stated = try #require(ArchivePackage(file: file, limits: Stamped.limits).renewals.last)
            let text = String(decoding: stated.text, as: UTF8.self)
            #expect(text.contains("\"hash\":\"sha256\"") && text.contains("\"form/form.json\":\""))
            #expect(try Stamped.script(archived, file, at: asked).0 == 0)
        }
    }

    @Test("the desk shows the last renewal and the next one, and how far a round is")
    func desk() async throws {
        try await FaceTown.open { town in
            let ended = try await town.withdrawn("大青", of: "zhangsan")
            try await town.pass(26 * Instant.hour)
            let platform = town.platform
            let archives = platform.archives
            let archive = try #require(
                try await platform.database.read { try archives.of(ended.id, in: $0) }.first
            )
            let page = try await town.get("/desk/archives/\(archive.id)", as: "head").text
            #expect(page.contains("尚未续盖") && page.contains("起自动续盖"))
            #expect(try await !town.get("/desk/archives", as: "head").text.contains("正在续盖档案时间戳"))
            try await platform.database.write { tx in
                try tx.execute("UPDATE archive_archive SET stamp_maker = 'sm3:0'")
            }
            let waiting = try await town.get("/desk/archives/\(archive.id)", as: "head").text
            #expect(waiting.contains("等待下一轮自动续盖"))
            let list = try await town.get("/desk/archives", as: "head").text
            #expect(list.contains("最近一天已续 0 份，还剩 1 份"))
            try await platform.archiveRenewals.run(now: platform.clock.now)
            let after = try await town.get("/desk/archives/\(archive.id)", as: "head").text
            #expect(after.contains("第 1 次，") && after.contains("起自动续盖"))
        }
    }

    private static func entries(_ bytes: [UInt8]) throws -> [PackageEntry] {
        try Package(reading: bytes, limits: Stamped.limits).entries
    }
}
