import Attachments
import Audit
import Cases
import Catalogue
import CompanyNames
import CompanyOpening
import Foundation
import Identity
import Kernel
import Standards
import Storage
import StorageSQLite
import TestSupport
import Testing

@testable import Server

@Suite("what an operator changes beside a running server")
struct MaintenanceTests {
    private func shipped(_ kind: String) throws -> String {
        try String(contentsOfFile: Home.find().resource("company/\(kind).tsv"), encoding: .utf8)
    }

    @Test(
        "an imported scope phrase and forbidden word are used by the running server from their first day on"
    )
    func imported() async throws {
        try await eachMaintained { town, maintenance, _ in
            let platform = town.platform
            let today = town.clock.now.date
            let tomorrow = LocalDate(dayNumber: today.dayNumber + 1)
            let phrases = platform.opening.book.phrases(on: today)
            let one = try #require(phrases.first)
            let header = try #require(
                try shipped("scope-phrases").split(separator: "\n").first { !$0.hasPrefix("#") }
            )
            let columns = header.split(separator: "\t").map(String.init)
            // As a spreadsheet writes it, and with one phrase only.
            let line = columns.map { $0 == "text_zh" ? "\"导入的经营范围\"" : "\"\(one[$0])\"" }.joined(
                separator: ","
            )
            let file = Array("\(columns.joined(separator: ","))\r\n\(line)\r\n".utf8)
            func put(trial: Bool) async throws -> Int {
                try await maintenance.importTable(
                    file,
                    kind: "scope-phrases",
                    effective: tomorrow,
                    source: "test",
                    isTrial: trial
                )
            }
            #expect(try await put(trial: true) == 1)
            town.clock.set(town.clock.now + 2 * Instant.day)
            try await platform.refresh()
            #expect(platform.opening.book.phrases(on: today).count == phrases.count)
            town.clock.set(town.clock.now + -2 * Instant.day)
            #expect(try await put(trial: false) == 1)
            try await platform.refresh()
            #expect(platform.opening.book.phrases(on: today).count == phrases.count)
            town.clock.set(town.clock.now + Instant.day)
            try await platform.refresh()
            #expect(platform.opening.book.phrases(on: tomorrow).map { $0["text_zh"] } == ["导入的经营范围"])
        }
    }

    @Test("imported kinds of identity document count at once, wherever documents are read")
    func documentKinds() async throws {
        try await eachMaintained { town, maintenance, _ in
            let platform = town.platform
            let today = town.clock.now.date
            func read() throws -> IdentityDocument {
                try platform.standards.identityDocument(kind: "seaman-book", number: "A12345678", on: today)
            }
            // A copy that an engine took before.
            let copy = Standards(platform.standards, calendar: platform.standards.calendar)
            #expect(throws: IdentifierError.self) { try read() }
            let shipped = try String(
                contentsOfFile: Home.find().resource("standards/id-kinds.tsv"),
                encoding: .utf8
            )
            let file = shipped + "seaman-book\t海员证\tSeafarer's passport\tletters-digits\tN\tN\ttest\n"
            _ = try await maintenance.importTable(
                Array(file.utf8),
                kind: "id-kinds",
                effective: nil,
                source: "test",
                isTrial: false
            )
            #expect(throws: IdentifierError.self) { try read() }
            try await platform.refresh()
            #expect(try read().number == "A12345678")
            #expect(
                try copy.identityDocument(kind: "seaman-book", number: "A12345678", on: today).kind
                    == "seaman-book"
            )
        }
    }

    @Test("what an operator does is logged in his name, with his note")
    func person() async throws {
        try await eachMaintained { town, maintenance, _ in
            _ = try await maintenance.importTable(
                Array(try shipped("seal-kinds").utf8),
                kind: "seal-kinds",
                effective: nil,
                source: "notice 12",
                isTrial: false
            )
            let entry = try await town.platform.database.read {
                try AuditLog.history(of: "reference:seal-kinds", in: $0).last
            }
            #expect(entry?.act == "reference.imported" && entry?.purpose == "notice 12")
            #expect(entry?.actor == Actor(.staff, id: "os:root/zhangsan", role: "operator"))
        }
    }

    @Test("a file with faults is refused whole, each fault with line, column and what is wrong")
    func faults() async throws {
        try await eachMaintained { _, maintenance, _ in
            let lines = try shipped("seal-kinds").split(separator: "\n").map(String.init)
            let start = try #require(lines.firstIndex { !$0.hasPrefix("#") })
            let row = lines[start + 1].split(separator: "\t", omittingEmptySubsequences: false).map(
                String.init
            )
            let names = lines[start].split(separator: "\t").map(String.init)
            let from = try #require(names.firstIndex(of: "from"))
            var wrong = row
            wrong[from] = "2026-02-30"
            let text =
                ([lines[start], row.joined(separator: "\t"), wrong.joined(separator: "\t"), "zu wenig"])
                .joined(separator: "\n")
            do {
                _ = try await maintenance.importTable(
                    Array(text.utf8),
                    kind: "seal-kinds",
                    effective: nil,
                    source: "test",
                    isTrial: false
                )
                Issue.record("it was taken")
            } catch let rejected as ReferenceRejected {
                #expect(
                    rejected.problems.contains {
                        $0.line == 3 && $0.column == "from" && $0.code == "reference.not-a-date"
                    }
                )
                #expect(rejected.problems.contains { $0.line == 4 && $0.code == "reference.field-count" })
            }
        }
    }

    @Test(
        "a changed folder becomes a version from its first day on; the program's own folder does not push it out"
    )
    func publish() async throws {
        try await eachMaintained { town, maintenance, folder in
            let home = try Home.find()
            let source = "\(home.systems)/gov-service-platform"
            let target = "\(folder)/gov-service-platform"
            try FileManager.default.copyItem(atPath: source, toPath: target)
            let path = "\(target)/limits.yaml"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try text.replacingOccurrences(of: "value: 15}", with: "value: 20}")
                .write(toFile: path, atomically: true, encoding: .utf8)
            let before = try await maintenance.publish(
                folder: target,
                effective: nil,
                note: "n",
                isTrial: true
            )
            #expect(before == nil)
            let version = try #require(
                try await maintenance.publish(
                    folder: target,
                    effective: nil,
                    note: "longer lock",
                    isTrial: false
                )
            )
            #expect(version.number == 2)
            // Nothing changed since: said plainly.
            await #expect(throws: CatalogueError.self) {
                try await maintenance.publish(folder: target, effective: nil, note: "n", isTrial: false)
            }
            _ = try await Platform.open(town.platform.settings)
            let last = try await town.platform.database.read {
                try CatalogueStore.versions(of: "gov-service-platform", in: $0).first
            }
            #expect(last?.number == 2 && last?.note == "longer lock")
        }
    }

    @Test("a backup made beside a writer is whole, and goes only where nothing is")
    func backup() async throws {
        try await withTemporaryFolder { folder in
            let database = try SQLiteDatabase(path: "\(folder)/a.sqlite")
            try await database.migrate(Schema.all)
            try SQLiteBackup.copy(from: "\(folder)/a.sqlite", to: "\(folder)/b.sqlite")
            #expect(throws: StorageError.self) {
                try SQLiteBackup.copy(from: "\(folder)/a.sqlite", to: "\(folder)/b.sqlite")
            }
            #expect(throws: StorageError.self) {
                try SQLiteBackup.copy(from: "\(folder)/none.sqlite", to: "\(folder)/c.sqlite")
            }
            try Data("no database".utf8).write(to: URL(fileURLWithPath: "\(folder)/junk"))
            #expect(throws: (any Error).self) {
                try SQLiteBackup.copy(from: "\(folder)/junk", to: "\(folder)/c.sqlite")
            }
            let other = try SQLiteDatabase(path: "\(folder)/other.sqlite")
            try await other.migrate([Migration("other", 1, "CREATE TABLE other_thing (id TEXT PRIMARY KEY)")])
            await other.close()
            #expect(throws: StorageError.self) {
                try SQLiteBackup.copy(
                    from: "\(folder)/other.sqlite",
                    to: "\(folder)/c.sqlite",
                    holding: "case_case"
                )
            }
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/c.sqlite"))
            let copy = try SQLiteDatabase(path: "\(folder)/b.sqlite")
            // Every migration is there already.
            try await copy.migrate(Schema.all)
            await copy.close()
            await database.close()
        }
    }

    @Test("a backup restored elsewhere serves the files that were handed in, and reads the personal columns")
    func files() async throws {
        try await withTemporaryFolder { folder in
            let home = try Home.find()
            let start = try #require(Instant(parsing: "2026-03-02 10:00"))
            let town = try await DemoTown(home: home, folder: "\(folder)/a", at: start)
            let founder = Occasion(
                now: start,
                actor: Actor(.person, id: "founder", role: "person"),
                request: "test",
                entropy: town.platform.settings.entropy
            )
            let proof = Array("%PDF-1.7\nlease".utf8)
            let draft = try await town.platform.desk.start(
                system: "company-opening",
                item: "llc",
                region: "150203",
                channel: .online,
                data: ["district": "150203", "applicant": ["phone": "13800001234"]],
                occasion: founder
            )
            let file = try await town.platform.desk.attach(
                proof,
                name: "a.pdf",
                to: draft.id,
                blobs: town.platform.settings.blobs,
                occasion: founder
            )
            try await Backups.make(of: "\(folder)/a", to: "\(folder)/copy")
            await #expect(throws: StorageError.self) {
                try await Backups.make(of: "\(folder)/a", to: "\(folder)/copy")
            }
            await town.platform.database.close()
            try await Backups.restore("\(folder)/copy", to: "\(folder)/b")
            // The keys travel by another way.
            try FileManager.default.copyItem(atPath: "\(folder)/a/keys", toPath: "\(folder)/b/keys")
            let other = try await DemoTown(home: home, folder: "\(folder)/b", at: start, seed: 2)
            let found = try await other.platform.desk.read(draft.id)
            #expect(found.data["applicant"]["phone"].text == "13800001234")
            #expect(try await other.platform.settings.blobs.read(file.digest) == proof)
            await other.platform.database.close()
            // A copy without its files is not put back in silence.
            try FileManager.default.removeItem(atPath: Backups.filesFolder(of: "\(folder)/copy"))
            await #expect(throws: StorageError.self) {
                try await Backups.restore("\(folder)/copy", to: "\(folder)/c")
            }
            try await failing(folder, file.digest)
        }
    }

    /// A copy that fails leaves nothing, so that the next one may have its name; a file that went with its row while the
    /// copy was made does not make it fail.
    private func failing(_ folder: String, _ digest: String) async throws {
        let files = FileManager.default
        let (data, copy) = ("\(folder)/a", "\(folder)/tried")
        let stored = try #require(
            files.enumerator(atPath: "\(data)/attachments")?.compactMap { $0 as? String }.first {
                $0.hasSuffix(String(digest.suffix(20)))
            }
        )
        try files.removeItem(atPath: "\(data)/attachments/\(stored)")
        await #expect(throws: StorageError.self) { try await Backups.make(of: data, to: copy) }
        #expect(!files.fileExists(atPath: copy))
        #expect(!files.fileExists(atPath: Backups.filesFolder(of: copy)))
        // A sound copy of before is not touched by one that fails.
        #expect(files.createFile(atPath: copy, contents: Data([1])))
        await #expect(throws: StorageError.self) { try await Backups.make(of: data, to: copy) }
        #expect(files.contents(atPath: copy) == Data([1]))
        try files.removeItem(atPath: copy)
        let database = try SQLiteDatabase(path: "\(data)/suban.sqlite")
        let swept = try await Backups.make(of: data, to: copy) {
            try await database.write { tx in
                try tx.execute("DELETE FROM attachment_link WHERE digest = $1", digest)
                try tx.execute("DELETE FROM attachment_file WHERE digest = $1", digest)
            }
        }
        await database.close()
        #expect(swept == [digest])
        try await Backups.restore(copy, to: "\(folder)/d")
        #expect(files.fileExists(atPath: "\(folder)/d/suban.sqlite"))
    }
}
