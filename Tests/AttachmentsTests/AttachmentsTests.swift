import Attachments
import Foundation
import Kernel
import Storage
import TestSupport
import Testing

/// Files: told by their bytes, kept once, held by objects, gone when nobody holds them.
@Suite struct AttachmentsTests {
    private let now = Instant(milliseconds: 1_795_136_400_000)

    private func withStore(_ body: (BlobStore) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(BlobStore(folder: folder))
    }

    private func place(_ digest: String, in store: BlobStore) -> String {
        let hex = digest.dropFirst(4)
        return "\(store.folder)/\(hex.prefix(2))/\(hex.dropFirst(2))"
    }

    private func file(_ digest: String, size: Int, name: String = "a.pdf") -> Attachments.Attachment {
        Attachments.Attachment(digest: digest, kind: .pdf, sizeBytes: size, name: name, addedAt: now)
    }

    @Test func bytesAreKeptOnceAndComeBackWhole() async throws {
        try await withStore { store in
            let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let digest = try await store.keep(bytes)
            #expect(digest == Attachments.Attachment.digest(of: bytes) && digest.utf8.count == 68)
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 { group.addTask { try await store.keep(bytes) } }
                for try await again in group { #expect(again == digest) }
            }
            #expect(try await store.read(digest) == bytes)
            #expect(try await store.read(Attachments.Attachment.digest(of: [1])) == nil)
            let left = try FileManager.default.subpathsOfDirectory(atPath: store.folder).filter {
                $0.utf8.count > 2 && $0 != ".lock"
            }
            #expect(left.count == 1)
            let mode = try FileManager.default.attributesOfItem(atPath: place(digest, in: store))[
                .posixPermissions
            ]
            #expect((mode as? Int) == 0o600)
        }
    }

    @Test func damagedBytesAreNeverGivenOut() async throws {
        try await withStore { store in
            let digest = try await store.keep([1, 2, 3])
            try Data([1, 2, 4]).write(to: URL(fileURLWithPath: place(digest, in: store)))
            await #expect(throws: AttachmentError.damaged) { try await store.read(digest) }
        }
    }

    @Test(
        "names that are no digest reach no file",
        arguments: [
            "", "sm3:", "sm3:../../etc/passwd", "sha256:" + String(repeating: "a", count: 64),
            "md5:" + String(repeating: "a", count: 64),
            "sm3:" + String(repeating: "A", count: 64), "sm3:" + String(repeating: "a", count: 62) + "/x",
        ]
    )
    func names(digest: String) async throws {
        try await withStore { store in
            await #expect(throws: AttachmentError.noSuchFile) { try await store.read(digest) }
        }
    }

    @Test func rowsBelongToObjectsAndGoWithThem() async throws {
        try await forEachEngine(AttachmentMigrations.all) { database in
            let (one, two) = (Attachments.Attachment.digest(of: [1]), Attachments.Attachment.digest(of: [2]))
            for _ in 0..<2 {
                try await database.write { tx in
                    try AttachmentStore.add(file(one, size: 1), to: "case:a", by: "p", in: tx)
                    try AttachmentStore.add(file(one, size: 1, name: "b.pdf"), to: "case:b", by: "p", in: tx)
                    try AttachmentStore.add(file(two, size: 1), to: "case:a", by: "p", in: tx)
                }
            }
            let held = try await database.read { try AttachmentStore.of("case:a", in: $0) }
            #expect(Set(held.map(\.digest)) == [one, two] && held.allSatisfy { $0.name == "a.pdf" })
            try await database.write { try AttachmentStore.forget("case:a", in: $0) }
            #expect(try await database.read { try AttachmentStore.of("case:a", in: $0) }.isEmpty)
            #expect(
                try await database.read { try AttachmentStore.of("case:b", in: $0) }.map(\.name) == ["b.pdf"]
            )
            #expect(try await database.read { try AttachmentStore.isHeld(one, in: $0) })
            #expect(try await database.read { try AttachmentStore.isHeld(two, in: $0) } == false)
        }
    }

    @Test("a name that was kept before names were made safe is given out safe")
    func oldNames() async throws {
        try await forEachEngine(AttachmentMigrations.all) { database in
            let digest = Attachments.Attachment.digest(of: [1])
            try await database.write { tx in
                try AttachmentStore.add(file(digest, size: 1), to: "case:a", by: "p", in: tx)
                try tx.execute("UPDATE attachment_link SET name = 'evil.html'")
            }
            let held = try await database.read { try AttachmentStore.of("case:a", in: $0) }
            #expect(held.map(\.name) == ["evil.pdf"])
        }
    }

    @Test func theSweepTakesOldBytesThatNobodyHolds() async throws {
        try await forEachEngine(AttachmentMigrations.all) { database in
            try await withStore { store in
                let (kept, stray, fresh) = (
                    try await store.keep([1]), try await store.keep([2]), try await store.keep([3])
                )
                try await database.write {
                    try AttachmentStore.add(file(kept, size: 1), to: "case:a", by: "p", in: $0)
                }
                // The disk's own time: what is touched is young by it.
                let touched = try FileManager.default.attributesOfItem(atPath: place(kept, in: store))
                let date = try #require(touched[.modificationDate] as? Date)
                let now = Instant(milliseconds: Int64(date.timeIntervalSince1970 * 1_000))
                for (digest, age) in [(kept, 7_200.0), (stray, 7_200), (fresh, 60)] {
                    let date = Date(timeIntervalSince1970: Double(now.milliseconds) / 1_000 - age)
                    try FileManager.default.setAttributes(
                        [.modificationDate: date],
                        ofItemAtPath: place(digest, in: store)
                    )
                }
                // A draft of a program that died, and bytes that somebody hands in again before their row.
                let draft = place(stray, in: store) + ".0B2C9A3E-draft"
                try Data([9]).write(to: URL(fileURLWithPath: draft))
                let again = try await store.keep([4])
                let long = Date(timeIntervalSince1970: Double(now.milliseconds) / 1_000 - 7_200)
                for path in [draft, place(again, in: store)] {
                    try FileManager.default.setAttributes([.modificationDate: long], ofItemAtPath: path)
                }
                try await store.keep([4])
                #expect(try await store.sweep(database, now: now) == 2)
                #expect(try await store.read(stray) == nil)
                #expect(!FileManager.default.fileExists(atPath: draft))
                #expect(try await store.read(again) == [4])
                #expect(try await store.read(kept) == [1])
                #expect(try await store.read(fresh) == [3])
            }
        }
    }

    @Test(
        "kinds are told by their first bytes",
        arguments: [
            ("255044462D312E37", "pdf"), ("FFD8FFE0", "jpg"), ("89504E470D0A1A0A", "png"), ("2550444", ""),
            ("504B0304", ""), ("D0CF11E0A1B11AE1", ""), ("", ""),
        ]
    )
    func kinds(hex: String, kind: String) {
        let bytes = stride(from: 0, to: hex.count - hex.count % 2, by: 2).compactMap { place in
            UInt8(hex.dropFirst(place).prefix(2), radix: 16)
        }
        #expect(FileKind(of: bytes)?.rawValue ?? "" == kind)
    }
}
