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
    /// their rows, so that the copy holds every file of every row in it. A file whose last row goes meanwhile is swept
    /// away with it: the copy of the database names it, and nobody has it any more. A copy that fails leaves nothing
    /// behind, so that the next one may have its name.
    /// - Returns: digests of the files that were swept away meanwhile.
    /// - Throws: `StorageError.unavailable` when `file` is there already, or something cannot be read whole.
    @discardableResult
    public static func make(of data: String, to file: String) async throws -> [String] {
        try await make(of: data, to: file, meanwhile: {})
    }

    /// - Parameter meanwhile: what happens between the copy of the database and that of the files.
    static func make(of data: String, to file: String, meanwhile: () async throws -> Void) async throws
        -> [String]
    {
        let (source, folder) = ("\(data)/suban.sqlite", filesFolder(of: file))
        guard !FileManager.default.fileExists(atPath: folder) else {
            throw StorageError.unavailable("\(folder) is there already")
        }
        let swept: [String]
        do {
            swept = try await copy(
                from: source,
                to: file,
                files: BlobStore(folder: "\(data)/attachments"),
                to: BlobStore(folder: folder),
                meanwhile: meanwhile,
                isSwept: { try await !names($0, in: source) }
            )
        } catch {
            // The folder was not there before. The database may have been: what this made of it is gone already.
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
        guard !swept.isEmpty else { return swept }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(swept.joined(separator: "\n").utf8).write(to: sweptList(of: file))
        } catch {
            remove(file)
            throw error
        }
        return swept
    }

    /// Whether a database that may be in use names a file.
    private static func names(_ digest: String, in file: String) async throws -> Bool {
        let opened = try SQLiteDatabase(path: file)
        do {
            let named = try await opened.read { try AttachmentStore.digests(in: $0) }
            await opened.close()
            return named.contains(digest)
        } catch {
            await opened.close()
            throw error
        }
    }

    /// Gives a copy that nobody could check another name, `<file>.unchecked`, with a number when there is one already.
    /// - Returns: the name.
    public static func setAside(_ file: String) throws -> String {
        let files = FileManager.default
        func isFree(_ name: String) -> Bool {
            ["", "-wal", "-shm"].allSatisfy { !files.fileExists(atPath: name + $0) }
                && !files.fileExists(atPath: filesFolder(of: name))
        }
        var (kept, number) = ("\(file).unchecked", 1)
        while !isFree(kept) {
            number += 1
            kept = "\(file).unchecked-\(number)"
        }
        let parts =
            ["", "-wal", "-shm"].map { (file + $0, kept + $0) } + [
                (filesFolder(of: file), filesFolder(of: kept))
            ]
        for (old, new) in parts where files.fileExists(atPath: old) {
            try files.moveItem(atPath: old, toPath: new)
        }
        return kept
    }

    /// Takes a copy away that turned out to be none.
    private static func remove(_ file: String) {
        for path in ["", "-wal", "-shm"].map({ file + $0 }) + [filesFolder(of: file)] {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// Names the files that a copy lacks because they were swept away while it was made.
    private static func sweptList(of file: String) -> URL {
        URL(fileURLWithPath: "\(filesFolder(of: file))/swept")
    }

    /// Puts a copy into a data folder that has no database yet.
    public static func restore(_ file: String, to data: String) async throws {
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let list = sweptList(of: file)
        let swept =
            FileManager.default.fileExists(atPath: list.path)
            ? try String(contentsOf: list, encoding: .utf8).split(separator: "\n").map(String.init) : []
        _ = try await copy(
            from: file,
            to: "\(data)/suban.sqlite",
            files: BlobStore(folder: filesFolder(of: file)),
            to: BlobStore(folder: "\(data)/attachments"),
            isSwept: { swept.contains($0) }
        )
    }

    /// A database whose files are not all there is not left behind: it would start, and lack them in silence.
    private static func copy(
        from source: String,
        to target: String,
        files: BlobStore,
        to kept: BlobStore,
        meanwhile: () async throws -> Void = {},
        isSwept: (String) async throws -> Bool
    ) async throws -> [String] {
        try SQLiteBackup.copy(
            from: source,
            to: target,
            holding: "suban_migration",
            "audit_entry",
            "case_case"
        )
        do {
            try await meanwhile()
            return try await copyFiles(named: target, from: files, to: kept, isSwept: isSwept)
        } catch {
            for ending in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: target + ending)
            }
            throw error
        }
    }

    /// Every file that a database names, compared with its digest on the way.
    private static func copyFiles(
        named database: String,
        from: BlobStore,
        to: BlobStore,
        isSwept: (String) async throws -> Bool
    ) async throws -> [String] {
        let opened = try SQLiteDatabase(path: database)
        do {
            // A copy of an older program has no such table yet.
            try await opened.migrate(Schema.all)
            var swept: [String] = []
            for digest in try await opened.read({ try AttachmentStore.digests(in: $0) }) {
                guard let bytes = try await from.read(digest) else {
                    if try await isSwept(digest) {
                        swept.append(digest)
                        continue
                    }
                    throw StorageError.unavailable("the file \(digest) is missing in \(from.folder)")
                }
                try await to.keep(bytes)
            }
            await opened.close()
            return swept
        } catch {
            await opened.close()
            throw error
        }
    }
}
