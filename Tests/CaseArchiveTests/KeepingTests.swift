import ArchivePackages
import Attachments
import Audit
@testable import CaseArchive
import Cases
import CompanyOpening
import Credentials
import Cryptography
import Documents
import FaceSupport
import Foundation
import Identity
import Jobs
import Kernel
import Server
import Standards
import Storage
import TestSupport
import Testing

@Suite("archives are kept, read and disposed of")
struct KeepingTests {
    @Test("looks are told to the people concerned, with their purpose", arguments: DatabaseEngine.allCases)
    func reads(engine: DatabaseEngine) async throws {
        try await Archived.on(engine) { archived in
            let (archives, archive) = (archived.platform.archives, archived.archive)
            await #expect(throws: ArchiveError.purposeMissing) {
                try await archives.take(archive, purpose: " ", occasion: archived.occasion())
            }
            let whole = try await archived.file()
            let taken = try await archives.take(archive, purpose: "行政复议调卷", occasion: archived.occasion())
            #expect(taken == whole)
            let (reads, told) = try await archived.platform.database.read { reader in
                (
                    try archives.reads(of: archive, in: reader),
                    try DataReads.of(ID(archived.subject.applicant), in: reader)
                )
            }
            #expect(reads.map(\.purpose) == ["行政复议调卷"])
            let lines = told.compactMap { line -> String? in
                guard case .read(let read) = line else { return nil }
                return read.act
            }
            #expect(lines.contains("archive.read"))
        }
    }

    @Test(
        "a copy for the party lacks what is for bodies only, and says so",
        arguments: DatabaseEngine.allCases
    )
    func copy(engine: DatabaseEngine) async throws {
        try await Archived.on(engine) { archived in
            let owner = Actor(.person, id: archived.subject.applicant, role: "person")
            let bytes = try await archived.platform.archives.copy(
                archived.archive,
                occasion: archived.occasion(owner)
            )
            let verdict = try archived.verifier().verify(bytes)
            #expect(verdict.problems == [])
            #expect(verdict.claimed.map(\.code).contains("archive.withheld"))
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(!text.contains("\"faceScore\""), "facts of the decision are for bodies only")
            let limits = try VerificationLimits(home: Home.find(), on: archived.town.clock.now.date).archive
            let package = try Package(reading: bytes, limits: limits)
            try await Self.checkLog(of: bytes, limits, archived)
            // Without the archive's word for it the same files are missing.
            let bare = Package(package.entries.filter { !$0.name.hasPrefix("excerpt") })
            let codes = try archived.verifier().verify(bare.zipped(isStored: true)).problems.map(\.code)
            #expect(Set(codes) == ["archive.file-missing", "archive.file-changed", "archive.log"])
        }
    }

    /// The copy tells what the applicant and the platform did; of the others there are digests, which nobody can change.
    private static func checkLog(of copy: [UInt8], _ limits: PackageLimits, _ archived: Archived) async throws
    {
        let package = try ArchivePackage(file: copy, limits: limits)
        let log = try #require(package.content(ArchivePackage.logPath))
        let extract = try #require(LogExtract(file: log))
        let told = extract.lines.compactMap { $0.entry.flatMap(AuditEntry.init(bytes:)) }
        let applicant = archived.subject.applicant
        #expect(told.contains { $0.actor.id == applicant && $0.act == "case.submitted" })
        #expect(told.contains { $0.actor.kind == .platform })
        #expect(told.allSatisfy { $0.actor.kind == .platform || $0.actor.id == applicant })
        #expect(extract.withheldCount > 0)
        let whole = try ArchivePackage(file: await archived.file(), limits: limits)
        let all = try #require(whole.content(ArchivePackage.logPath).flatMap(LogExtract.init(file:)))
        #expect(all.withheldCount == 0 && all.lines.count == extract.lines.count && all.head == extract.head)
        let others = Set(all.lines.compactMap { $0.entry.flatMap(AuditEntry.init(bytes:))?.actor })
            .filter { $0.kind != .platform && $0.id != applicant }
        #expect(!others.isEmpty)
        let text = String(decoding: log, as: UTF8.self)
        for other in others { #expect(!text.contains("\"actor\\\":\\\"\(other.id)\\\"")) }
        // No salt of a file that the copy lacks.
        #expect(extract.lines.allSatisfy { $0.disclosed.map { package.content($0.name) != nil } ?? true })
        // A digest in another entry's place, and the log of the copy in the whole.
        let digest = try #require(text.range(of: "\"leaf\":\""))
        var other = Array(text.utf8)
        let place = text.utf8.distance(from: text.startIndex, to: digest.upperBound)
        other[place] = other[place] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
        func verified(_ bytes: [UInt8], in file: [UInt8]) async throws -> [String] {
            var entries = try Package(reading: file, limits: limits).entries
            let row = try #require(entries.firstIndex { $0.name == ArchivePackage.logPath })
            entries[row].bytes = bytes
            let changed = try Package(entries).zipped(isStored: true)
            return try archived.verifier().verify(changed).problems.map(\.code)
        }
        #expect(try await verified(log, in: copy) == [])
        #expect(try await verified(other, in: copy).contains("archive.log"))
        #expect(try await verified(other, in: copy).contains("archive.excerpt"))
        #expect(try await verified(log, in: archived.file()) == ["archive.file-changed", "archive.log"])
    }

    @Test("who disposes of archives is told that the term of one is over")
    func over() async throws {
        try await FaceTown.open { town in
            let ended = try await town.withdrawn("大青", of: "zhangsan")
            let archives = town.platform.archives
            let occasion = Occasion(
                now: town.platform.settings.clock.now,
                actor: Archived.reader,
                request: "test",
                entropy: town.platform.settings.entropy
            )
            let subject = try await town.platform.database.read { try CaseStore.find(ended.id, in: $0) }
            func desk(_ who: String) async throws -> Bool {
                try await town.get("/desk/archives", as: who).text.contains("有 1 份档案期限届满")
            }
            #expect(try await desk("head") == false)
            let closed = try #require(LocalDate(year: 2010, month: 3, day: 1))
            let index = ArchiveIndex(
                number: "150105-2010-D10-1",
                version: 1,
                follows: nil,
                fonds: ArchiveFonds(code: subject.region, name: "旗"),
                matter: ArchivedMatter(
                    kind: "case",
                    number: subject.number,
                    system: subject.system,
                    item: subject.item,
                    title: subject.title,
                    outcome: "withdrawn",
                    result: nil,
                    openedAt: Instant(closed),
                    closedAt: Instant(closed)
                ),
                retention: ArchiveRetention(rule: "ended", years: 10, from: closed),
                objects: [],
                files: []
            )
            let package = try ArchivePackage(
                index,
                [],
                by: archives.archivist(occasion.now),
                now: occasion.now
            )
            _ = try await archives.keep(package, of: subject, occasion: occasion)
            #expect(try await desk("head"))
            // Who only reads archives is not told.
            #expect(try await desk("registrar") == false)
        }
    }

    @Test("the package rests sealed, and what is damaged is told", arguments: DatabaseEngine.allCases)
    func resting(engine: DatabaseEngine) async throws {
        try await Archived.on(engine) { archived in
            let held = try await archived.platform.database.read {
                try AttachmentStore.of(archived.archive.object, in: $0)
            }
            let file = try #require(held.first)
            let sealed = try #require(try await archived.platform.settings.blobs.read(file.digest))
            #expect(!String(decoding: sealed, as: UTF8.self).contains(archived.subject.title))
        }
    }

    @Test("made once, and the same again but for signature and time stamp")
    func again() async throws {
        try await Archived.on(.sqlite) { archived in
            let platform = archived.platform
            let home = try Home.find()
            let opening = platform.opening
            let work = try ArchiveWork(
                home: home,
                archives: platform.archives,
                desk: platform.desk,
                exchange: platform.exchange,
                keeper: platform.keeper,
                agencyName: { opening.agencyName($0.agency) },
                press: DocumentPress(home: home, threads: 1, queueMax: 10),
                clock: archived.town.clock,
                entropy: platform.settings.entropy,
                quiet: { _ in Instant.day }
            )
            let closed = archived.archive.index.matter.closedAt
            let (index, items) = try await work.compose(archived.subject, closedAt: closed, after: [])
            #expect(index.bytes == archived.archive.index.bytes)
            #expect(items.count == index.files.count)
            // A package that follows names the one before.
            let (next, _) = try await work.compose(
                archived.subject,
                closedAt: closed,
                after: [archived.archive]
            )
            #expect(next.version == 2 && next.follows == index.digest && next.number == index.number)
            let count = try await platform.database.read {
                try platform.archives.of(archived.subject.id, in: $0).count
            }
            #expect(count == 1)
        }
    }

    @Test(
        "nothing goes before its term, without two people, or while it is held",
        arguments: DatabaseEngine.allCases
    )
    func disposal(engine: DatabaseEngine) async throws {
        try await FaceTown.open(on: engine) { town in
            let ended = try await town.withdrawn("大青", of: "zhangsan")
            try await town.pass(26 * Instant.hour)
            let (archives, database) = (town.platform.archives, town.platform.database)
            let archive = try #require(try await database.read { try archives.of(ended.id, in: $0) }.first)
            #expect(archive.index.retention.years == 10)
            func at(_ years: Int, _ id: String) -> Occasion {
                Occasion(
                    now: Instant(archive.index.retention.from.adding(months: years * 12).adding(days: 1)),
                    actor: Actor(.staff, id: id, role: "head"),
                    request: "test \(years) \(id)",
                    entropy: town.platform.settings.entropy
                )
            }
            func propose(_ years: Int, _ id: String) async throws {
                let occasion = at(years, id)
                try await database.write {
                    try archives.propose(archive.id, reason: "期满", occasion: occasion, in: $0)
                }
            }
            func decide(_ isAgreed: Bool, _ years: Int, _ id: String) async throws {
                let occasion = at(years, id)
                try await database.write {
                    try archives.decide(archive.id, isAgreed, words: "照办", occasion: occasion, in: $0)
                }
            }
            func hold(_ isHeld: Bool) async throws {
                let occasion = at(10, "first")
                try await database.write { tx in
                    if isHeld {
                        try archives.hold(archive.id, reason: "诉讼", occasion: occasion, in: tx)
                    } else {
                        try archives.lift(archive.id, reason: "结案", occasion: occasion, in: tx)
                    }
                }
            }
            let until = try #require(archive.index.retention.until)
            await #expect(throws: ArchiveError.termRuns(until: until.description)) {
                try await propose(9, "first")
            }
            await #expect(throws: ArchiveError.notProposed) { try await decide(true, 10, "second") }
            try await hold(true)
            await #expect(throws: ArchiveError.held) { try await propose(10, "first") }
            try await hold(false)
            await #expect(throws: ArchiveError.notHeld) { try await hold(false) }
            try await propose(10, "first")
            await #expect(throws: ArchiveError.alreadyProposed) { try await propose(10, "second") }
            await #expect(throws: ArchiveError.secondPersonNeeded) { try await decide(true, 10, "first") }
            // A hold that came after the proposal stops it too.
            try await hold(true)
            await #expect(throws: ArchiveError.held) { try await decide(true, 10, "second") }
            try await hold(false)
            try await decide(false, 10, "second")
            try await propose(10, "second")
            try await decide(true, 10, "first")
            await #expect(throws: ArchiveError.disposed) { try await propose(10, "first") }
            let left = try #require(try await database.read { try archives.find(archive.id, in: $0) })
            #expect(left.state == .disposed && left.index == archive.index && left.seal == archive.seal)
            await #expect(throws: ArchiveError.disposed) { try await archives.file(left) }
            let held = try await database.read { try AttachmentStore.of(archive.object, in: $0) }
            #expect(held == [])
            let acts = try await database.read { try AuditLog.history(of: archive.object, in: $0) }.map(\.act)
            #expect(acts.suffix(2) == ["archive.disposal-proposed", "archive.disposed"])
        }
    }

    @Test(
        "a case that closes twice in one standstill has two packages, and what is held takes no place among the due",
        arguments: DatabaseEngine.allCases
    )
    func twice(engine: DatabaseEngine) async throws {
        try await Archived.on(engine) { archived in
            let (archives, before, now) = (archived.platform.archives, archived.archive, archived.occasion())
            let kept = before.index
            func package(_ version: Int, days: Int64) throws -> ArchivePackage {
                let closed = kept.matter.closedAt + days * Instant.day
                let matter = ArchivedMatter(
                    kind: "case",
                    number: kept.matter.number,
                    system: kept.matter.system,
                    item: kept.matter.item,
                    title: kept.matter.title,
                    outcome: "withdrawn",
                    result: nil,
                    openedAt: kept.matter.openedAt,
                    closedAt: closed
                )
                let index = ArchiveIndex(
                    number: kept.number,
                    version: version,
                    follows: kept.digest,
                    fonds: kept.fonds,
                    matter: matter,
                    retention: ArchiveRetention(rule: "ended", years: 10, from: closed.date),
                    objects: [],
                    files: []
                )
                return try ArchivePackage(index, [], by: archives.archivist(now.now), now: now.now)
            }
            let first = try await archives.keep(try package(2, days: 1), of: archived.subject, occasion: now)
            // Composed at the same moment, for the other closing, under the same number.
            let late = try package(2, days: 2)
            await #expect(throws: ArchiveOvertaken.self) {
                _ = try await archives.keep(late, of: archived.subject, occasion: now)
            }
            let second = try await archives.keep(try package(3, days: 2), of: archived.subject, occasion: now)
            let again = try await archives.keep(try package(3, days: 2), of: archived.subject, occasion: now)
            #expect(again.id == second.id && second.id != first.id)
            let day = now.now.date.adding(months: 12 * 11)
            func due() async throws -> [ID<Archive>] {
                try await archived.platform.database.read {
                    try archives.due(low: "", high: "~", on: day, limit: 1, in: $0).map(\.id)
                }
            }
            #expect(try await due() == [first.id])
            try await archived.platform.database.write {
                try archives.hold(first.id, reason: "诉讼", occasion: now, in: $0)
            }
            #expect(try await due() == [second.id])
        }
    }
}
