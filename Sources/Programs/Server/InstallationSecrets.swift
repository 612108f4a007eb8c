import Foundation
import Kernel

/// Secrets of one installation beside its keys: made at the first start, 0600, never in the database.
struct InstallationSecrets: Sendable {
    let person: [UInt8]
    let identity: [UInt8]
    let draw: [UInt8]
    let web: [UInt8]

    static let names = ["person", "identity", "draw", "web", "columns"]
    /// Younger than the others: an installation from before them, that has noted none, is given one.
    static let younger: Set<String> = ["columns"]
    private static let bytes = 32

    /// - Throws: `InstallationError.damaged` when one is there and is not 32 bytes: nothing is ever made in its place.
    init(folder: String, entropy: any Entropy) throws {
        func secret(_ name: String) throws -> [UInt8] {
            try Self.secret(name, folder: folder, entropy: entropy)
        }
        person = try secret("person")
        identity = try secret("identity")
        draw = try secret("draw")
        web = try secret("web")
    }

    /// Seals the personal columns of the database; needed before anything is read. Without it they stay shut: it is
    /// kept as carefully as the backups, and apart from them.
    static func columns(folder: String) throws -> [UInt8] {
        try secret("columns", folder: folder, entropy: SystemEntropy())
    }

    /// The same where nothing may be made: nil when there is none.
    static func keptColumns(folder: String) throws -> [UInt8]? { try read("columns", folder: folder) }

    private static func secret(_ name: String, folder: String, entropy: any Entropy) throws -> [UInt8] {
        if let kept = try read(name, folder: folder) { return kept }
        try FileManager.default.createDirectory(
            atPath: "\(folder)/keys",
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        try keep(entropy.bytes(bytes), at: path(name, folder: folder))
        guard let kept = try read(name, folder: folder) else { throw CocoaError(.fileReadUnknown) }
        return kept
    }

    static func path(_ name: String, folder: String) -> String { "\(folder)/keys/\(name).secret" }

    /// - Returns: nil when there is none.
    static func read(_ name: String, folder: String) throws -> [UInt8]? {
        let path = path(name, folder: folder)
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let kept = try Data(contentsOf: URL(fileURLWithPath: path))
        guard kept.count == bytes else { throw InstallationError.damaged(path: path) }
        return Array(kept)
    }

    /// Whole or not at all, also after a power cut; what another program on this folder has put there meanwhile stays.
    static func keep(_ secret: [UInt8], at path: String) throws {
        let draft = "\(path).\(UUID().uuidString)"
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard file >= 0 else { throw CocoaError(.fileWriteUnknown) }
        defer { unlink(draft) }
        let isWritten = write(file, secret, secret.count) == secret.count && fsync(file) == 0
        close(file)
        guard isWritten, link(draft, path) == 0 || errno == EEXIST else {
            throw CocoaError(.fileWriteUnknown)
        }
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY)
        guard folder >= 0 else { throw CocoaError(.fileWriteUnknown) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
