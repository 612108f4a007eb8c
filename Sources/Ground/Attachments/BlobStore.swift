import Foundation
public import Kernel
public import Storage

/// Bytes under their SM3 digest in a folder, each file once, readable only by the program's own user.
///
/// A file is written beside its place, flushed, and moved there, so that a digest never names half a file. What is
/// read is compared with its digest again. Disk work runs off the cooperative pool.
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
            if manager.fileExists(atPath: path) { return }
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

    /// Takes away what no object holds and what is older than an hour: younger bytes may wait for their row.
    /// - Returns: how many files went.
    @discardableResult
    public func sweep(_ database: any Database, now: Instant) async throws -> Int {
        let kept = try await Self.aside { files() }
        var gone = 0
        for (digest, changed) in kept where changed + Instant.hour < now {
            if try await database.read({ try AttachmentStore.isHeld(digest, in: $0) }) { continue }
            let path = try path(of: digest)
            try await Self.aside { try FileManager.default.removeItem(atPath: path) }
            gone += 1
        }
        return gone
    }

    private func files() -> [(digest: String, changed: Instant)] {
        let manager = FileManager.default
        let folders = (try? manager.contentsOfDirectory(atPath: folder)) ?? []
        return folders.sorted().flatMap { part -> [(digest: String, changed: Instant)] in
            let names = (try? manager.contentsOfDirectory(atPath: "\(folder)/\(part)")) ?? []
            return names.sorted().compactMap { name in
                let changed = try? manager.attributesOfItem(atPath: "\(folder)/\(part)/\(name)")[
                    .modificationDate
                ]
                guard let date = changed as? Date, name.utf8.count == 62 else { return nil }
                return (
                    "sm3:\(part)\(name)", Instant(milliseconds: Int64(date.timeIntervalSince1970 * 1_000))
                )
            }
        }
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
