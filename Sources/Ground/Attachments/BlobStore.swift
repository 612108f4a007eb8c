import Foundation
public import Kernel
public import Storage

/// Bytes under their SM3 digest in a folder, each file once, readable only by the program's own user.
///
/// A file is written beside its place, flushed, and moved there, so that a digest never names half a file; its row is
/// written after that, so that none names a file that is not there. What is read is compared with its digest again.
/// Several programs may share the folder, also on several machines (Docs/operations.md). Disk work runs off the
/// cooperative pool.
public struct BlobStore: Sendable {
    public let folder: String
    private static let workers = Workers<Void>(
        name: "suban.blobs",
        countMax: 4,
        lengthMax: 256,
        makeTool: {},
        dropTool: { _ in }
    )

    public init(folder: String) { self.folder = folder }

    /// - Returns: `sm3:` and 64 hexadecimal digits.
    /// - Throws: when the disk does not take it.
    @discardableResult
    public func keep(_ bytes: [UInt8]) async throws -> String {
        let digest = Attachment.digest(of: bytes)
        let path = try path(of: digest)
        try await Self.aside {
            let manager = FileManager.default
            try manager.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            // Touched, so that a sweep does not take it before its new row is written.
            if try locked(LOCK_SH, { utimes(path, nil) == 0 }) { return }
            let place = URL(fileURLWithPath: path)
            try manager.createDirectory(
                at: place.deletingLastPathComponent(),
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            let draft = place.appendingPathExtension(UUID().uuidString)
            guard
                manager.createFile(atPath: draft.path, contents: nil, attributes: [.posixPermissions: 0o600])
            else {
                throw CocoaError(.fileWriteUnknown)
            }
            do {
                let handle = try FileHandle(forWritingTo: draft)
                try handle.write(contentsOf: Data(bytes))
                try handle.synchronize()
                try handle.close()
                try manager.moveItem(at: draft, to: place)
                // A name is as durable as the bytes only when its folders are flushed too.
                try Self.flush(place.deletingLastPathComponent().path)
                try Self.flush(folder)
            } catch {
                try? manager.removeItem(at: draft)
                // Somebody else kept the same bytes meanwhile.
                if !manager.fileExists(atPath: path) { throw error }
            }
        }
        return digest
    }

    /// - Returns: nil when nothing is kept under the digest.
    /// - Throws: `AttachmentError.damaged` when the bytes are no longer those of the digest.
    public func read(_ digest: String) async throws -> [UInt8]? {
        let path = try path(of: digest)
        let data = try await Self.aside { FileManager.default.contents(atPath: path) }
        guard let data else { return nil }
        let bytes = [UInt8](data)
        guard Attachment.digest(of: bytes) == digest else { throw AttachmentError.damaged }
        return bytes
    }

    /// So many files are looked up in one read.
    private static let batchMax = 200

    /// Takes away what no object holds and what is older than an hour: younger bytes may wait for their row. Drafts
    /// that a program left behind when it died go, too.
    /// - Returns: how many files went.
    @discardableResult
    public func sweep(_ database: any Database, now: Instant) async throws -> Int {
        var rest = try await Self.aside { files() }[...]
        var gone = 0
        while !rest.isEmpty {
            let batch = Array(rest.prefix(Self.batchMax))
            rest = rest.dropFirst(Self.batchMax)
            let old = try await Self.aside { batch.filter { isOld($0.path, at: now) } }
            let free = try await database.read { reader in
                try old.filter { file in
                    try file.digest.map { try !AttachmentStore.isHeld($0, in: reader) } ?? true
                }
            }
            gone += try await Self.aside {
                try free.count { file in
                    // Looked at again: somebody may have handed the same bytes in meanwhile, on any node.
                    try locked(LOCK_EX) { isOld(file.path, at: now) && unlink(file.path) == 0 }
                }
            }
        }
        return gone
    }

    /// Keeps touching a file and taking it away apart, between programs too: one that was touched is not taken away, and
    /// one that was taken away is not found.
    private func locked(_ how: Int32, _ work: () throws -> Bool) throws -> Bool {
        let file = open("\(folder)/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw CocoaError(.fileWriteUnknown) }
        defer { close(file) }
        guard flock(file, how) == 0 else { throw CocoaError(.fileLocking) }
        return try work()
    }

    private static func flush(_ folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    /// A file under its digest, or a draft, which has none yet.
    private struct Found: Sendable {
        let path: String
        let digest: String?
    }

    private func files() -> [Found] {
        let manager = FileManager.default
        let folders = (try? manager.contentsOfDirectory(atPath: folder)) ?? []
        return folders.sorted().flatMap { part -> [Found] in
            let names = (try? manager.contentsOfDirectory(atPath: "\(folder)/\(part)")) ?? []
            return names.sorted().map { name in
                Found(
                    path: "\(folder)/\(part)/\(name)",
                    digest: name.utf8.count == 62 ? "sm3:\(part)\(name)" : nil
                )
            }
        }
    }

    private func isOld(_ path: String, at now: Instant) -> Bool {
        let changed = try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
        guard let date = changed as? Date else { return false }
        return Instant(milliseconds: Int64(date.timeIntervalSince1970 * 1_000)) + Instant.hour < now
    }

    private func path(of digest: String) throws(AttachmentError) -> String {
        let hex = digest.dropFirst(4)
        guard digest.hasPrefix("sm3:"), hex.utf8.count == 64,
            hex.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { throw .noSuchFile }
        return "\(folder)/\(hex.prefix(2))/\(hex.dropFirst(2))"
    }

    private static func aside<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws
        -> Value
    {
        try await workers.run { _ in try work() }
    }
}
