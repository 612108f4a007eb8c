import Attachments
import Foundation
import Storage
import StorageSQLite

/// Copies of an installation on SQLite: the database in one file, the files that were handed in in a folder beside it,
/// `<file>.attachments`. The folder of keys is never part of a copy, and without it the personal columns stay shut: it
/// is kept as carefully, and elsewhere.
public enum Backups {
    public static func filesFolder(of file: String) -> String { "\(file).attachments" }

    /// Copies the database of the data folder while it is in use, then the files it names: those are written before
    /// their rows, so that the copy holds every file of every row in it.
    /// - Throws: `StorageError.unavailable` when `file` is there already, or something cannot be read whole.
    public static func make(of data: String, to file: String) async throws {
        guard !FileManager.default.fileExists(atPath: filesFolder(of: file)) else {
            throw StorageError.unavailable("\(filesFolder(of: file)) is there already")
        }
        try await copy(
            from: "\(data)/suban.sqlite",
            to: file,
            files: BlobStore(folder: "\(data)/attachments"),
            to: BlobStore(folder: filesFolder(of: file))
        )
    }

    /// Puts a copy into a data folder that has no database yet.
    public static func restore(_ file: String, to data: String) async throws {
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        try await copy(
            from: file,
            to: "\(data)/suban.sqlite",
            files: BlobStore(folder: filesFolder(of: file)),
            to: BlobStore(folder: "\(data)/attachments")
        )
    }

    /// A database whose files are not all there is not left behind: it would start, and lack them in silence.
    private static func copy(
        from source: String,
        to target: String,
        files: BlobStore,
        to kept: BlobStore
    ) async throws {
        try SQLiteBackup.copy(
            from: source,
            to: target,
            holding: "suban_migration",
            "audit_entry",
            "case_case"
        )
        do { try await copyFiles(named: target, from: files, to: kept) } catch {
            for ending in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: target + ending)
            }
            throw error
        }
    }

    /// Every file that a database names, compared with its digest on the way.
    private static func copyFiles(named database: String, from: BlobStore, to: BlobStore) async throws {
        let opened = try SQLiteDatabase(path: database)
        do {
            // A copy of an older program has no such table yet.
            try await opened.migrate(Schema.all)
            for digest in try await opened.read({ try AttachmentStore.digests(in: $0) }) {
                guard let bytes = try await from.read(digest) else {
                    throw StorageError.unavailable("the file \(digest) is missing in \(from.folder)")
                }
                try await to.keep(bytes)
            }
            await opened.close()
        } catch {
            await opened.close()
            throw error
        }
    }
}
