import Attachments
import Foundation
import Kernel
import Storage
import TestSupport
import Testing

/// A node that takes files until it is killed, for `Scripts/drills/uploads-killed`: that program starts this test as
/// processes of their own. Without it there is nothing to do.
@Suite("an uploading process")
struct UploaderProcessTests {
    @Test("keeps files and their rows, or sweeps")
    func work() async throws {
        guard let drill = try Drilled(), let folder = drill.text("folder") else { return }
        try await drill.database.migrate(AttachmentMigrations.all)
        let store = BlobStore(folder: folder)
        let now = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
        if drill.text("sweep") != nil {
            try await store.sweep(drill.database, now: now + Instant.hour + Instant.minute)
        } else {
            let count = drill.number("uploads") ?? 0
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Each takes what comes to it, until so many are there.
                for _ in 0..<4 {
                    group.addTask {
                        while try await drill.database.read({ try AttachmentStore.digests(in: $0) }).count
                            < count
                        {
                            try await upload(drill, to: store, at: now)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        await drill.database.close()
    }

    private func upload(_ drill: Drilled, to store: BlobStore, at now: Instant) async throws {
        let bytes = Self.content(
            Int.random(in: (drill.number("least") ?? 1)...(drill.number("most") ?? 20)) * 1_048_576
        )
        let digest = try await store.keep(bytes)
        let file = Attachments.Attachment(
            digest: digest,
            kind: .pdf,
            sizeBytes: bytes.count,
            name: "a.pdf",
            addedAt: now
        )
        try await drill.database.write { tx in
            try AttachmentStore.add(file, to: "case:\(digest.suffix(8))", by: "drill", in: tx)
        }
    }

    /// Never twice the same.
    private static func content(_ size: Int) -> [UInt8] {
        var number = UInt64.random(in: .min ... .max)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            for place in 0..<size {
                // A generator of Marsaglia's; only that it is fast matters.
                number ^= number << 13
                number ^= number >> 7
                number ^= number << 17
                buffer[place] = UInt8(truncatingIfNeeded: number)
            }
            count = size
        }
    }
}
