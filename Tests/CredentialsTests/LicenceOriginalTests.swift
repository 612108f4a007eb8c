import Attachments
import Audit
import Credentials
import Cryptography
import Documents
import Foundation
import Kernel
import Storage
import TestSupport
import Testing

/// Files of licences that are made once and kept.
@Suite("kept files of licences")
struct LicenceOriginalTests {
    private func originals(_ authority: CredentialAuthority, on database: any Database) throws
        -> (LicenceOriginals, folder: String)
    {
        let folder = FileManager.default.temporaryDirectory.path + "/suban-files-\(UUID().uuidString)"
        let home = try Home.find()
        return (
            LicenceOriginals(
                database: database,
                blobs: BlobStore(folder: folder),
                licences: try LicenceFileTests.press(authority, on: database),
                press: try DocumentPress(home: home, threads: 1, queueMax: 64),
                limits: { _ in LicenceFileTests.limits }
            ), folder
        )
    }

    @Test(
        "a version gives the same bytes always, whoever asks and whatever becomes of it, and the log has their digest"
    )
    func same() async throws {
        try await forEachEngine(migrations + AttachmentMigrations.all) { database in
            let authority = try authority(on: database)
            let type = try #require(authority.types.licences["food-operation"])
            let licence = try await issue(sample(of: type), by: authority, on: database)
            let (originals, folder) = try originals(authority, on: database)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            // Two at the same moment, as on two nodes: the first one counts for both.
            async let one = originals.file(of: licence, .ofd, occasion: occasion(1))
            async let two = originals.file(of: licence, .ofd, occasion: occasion(1))
            let (first, second) = try await (one, two)
            #expect(first.bytes == second.bytes && first.file == second.file)
            let pdf = try await originals.file(of: licence, .pdf, occasion: occasion(2))
            #expect(pdf.bytes.starts(with: Array("%PDF".utf8)))
            let gone = try LicenceDecision(number: "1", reason: "撤销")
            let ended = try await database.write {
                try Credentials.carryOut(gone, .withdraw, on: licence.id, occasion: occasion(3), in: $0)
            }
            let later = try await originals.file(of: ended, .ofd, occasion: occasion(4))
            #expect(later.bytes == first.bytes)
            #expect(later.file.digest == Attachment.digest(of: first.bytes))
            let entries = try await database.read {
                try AuditLog.history(of: "licence-file:\(licence.id)/ofd", in: $0)
            }
            #expect(entries.map(\.act) == ["licence.file-kept"])
            let held = try await database.read { try AttachmentStore.isHeld(later.file.digest, in: $0) }
            #expect(held, "the sweeper leaves it")
            #expect(try await database.read { try Credentials.isAsLogged(licence.id, in: $0) })
        }
    }

    @Test("a picture of a licence that does not stand bears its mark; before the file there is none")
    func pictures() async throws {
        try await withDatabase(.sqlite, migrations + AttachmentMigrations.all) { database in
            let authority = try authority(on: database)
            let type = try #require(authority.types.licences["food-operation"])
            let licence = try await issue(sample(of: type), by: authority, on: database)
            let (originals, folder) = try originals(authority, on: database)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let day = start.date
            #expect(try await originals.picture(of: licence.id, mark: nil, on: day) == nil)
            _ = try await originals.file(of: licence, .ofd, occasion: occasion())
            let plain = try #require(try await originals.picture(of: licence.id, mark: nil, on: day))
            let marked = try #require(try await originals.picture(of: licence.id, mark: "已撤销", on: day))
            #expect(plain.starts(with: [0x89, 0x50, 0x4E, 0x47]) && plain.count < 200_000)
            #expect(marked != plain)
            #expect(try await originals.picture(of: licence.id, mark: nil, on: day) == plain)
        }
    }
}
