import Attachments
import Credentials
import Documents
import Kernel
import Storage
import TestSupport
import Testing

/// Copies of licences and the files that are kept of them, against the log.
@Suite("copies and kept files of licences in the log")
struct CopyLogTests {
    /// What somebody does with plain SQL to a licence of which there are two copies, with `$1` its identifier.
    enum Forgery: CaseIterable {
        case purpose, whom, term, digest, moment, gone, exchanged

        var statement: StaticString {
            switch self {
            case .purpose: "UPDATE licence_copy SET purpose = 'x' WHERE original = $1"
            case .whom: "UPDATE licence_copy SET for_whom = 'x' WHERE original = $1"
            case .term: "UPDATE licence_copy SET valid_until = '2099-01-01' WHERE original = $1"
            case .digest: "UPDATE licence_copy SET digest = digest || '0' WHERE original = $1"
            case .moment: "UPDATE licence_copy SET made_at = made_at - 1 WHERE original = $1"
            case .gone: "DELETE FROM licence_copy WHERE original = $1 AND purpose = '贷款'"
            case .exchanged: "UPDATE licence_copy SET purpose = '投标' WHERE original = $1"
            }
        }
    }

    @Test("a copy that is changed, exchanged or gone is named", arguments: DatabaseEngine.allCases)
    func copies(engine: DatabaseEngine) async throws {
        for forgery in Forgery.allCases {
            try await withDatabase(engine, migrations) { database in
                let authority = try authority(on: database)
                let type = try #require(authority.types.licences["food-operation"])
                let licence = try await issue(sample(of: type, number: "JY-1"), by: authority, on: database)
                let press = try LicenceFileTests.press(authority, on: database)
                let files = CopyFiles(
                    draw: { try await press.copy($0, as: $1, occasion: occasion()) },
                    daysMax: { _ in 30 }
                )
                let copies = HolderCopies(types: authority.types.licences, files: files, database: database)
                for (number, purpose) in ["贷款", "投标"].enumerated() {
                    let wish = CopyWish(
                        original: licence.id,
                        forWhom: "某银行",
                        purpose: purpose,
                        caseNumber: "1"
                    )
                    _ = try await copies.make(wish, as: .ofd, occasion: occasion(Int64(number + 1)))
                }
                #expect(try await Credentials.compareWithLog(in: database, max: 9).altered == [])
                try await database.write { try $0.execute(forgery.statement, licence.id) }
                let altered = try await Credentials.compareWithLog(in: database, max: 9).altered
                #expect(altered == ["credential:\(licence.id)"], "\(forgery)")
            }
        }
    }

    @Test("a kept file with another digest is named", arguments: DatabaseEngine.allCases)
    func files(engine: DatabaseEngine) async throws {
        try await withDatabase(engine, migrations + AttachmentMigrations.all) { database in
            try await withTemporaryFolder { folder in
                let authority = try authority(on: database)
                let type = try #require(authority.types.licences["food-operation"])
                let licence = try await issue(sample(of: type, number: "JY-1"), by: authority, on: database)
                let originals = LicenceOriginals(
                    database: database,
                    blobs: BlobStore(folder: folder),
                    licences: try LicenceFileTests.press(authority, on: database),
                    press: try DocumentPress(home: try Home.find(), threads: 1, queueMax: 8),
                    limits: { _ in LicenceFileTests.limits }
                )
                _ = try await originals.file(of: licence, .ofd, occasion: occasion(1))
                let sound = try await LicenceOriginals.compareWithLog(in: database, max: 9)
                #expect(sound.count == 1 && sound.altered == [])
                try await database.write { tx in
                    try tx.execute(
                        "UPDATE licence_file SET digest = 'sm3:00' WHERE credential = $1",
                        licence.id
                    )
                }
                let altered = try await LicenceOriginals.compareWithLog(in: database, max: 9).altered
                #expect(altered == ["licence-file:\(licence.id)/ofd"])
            }
        }
    }
}
