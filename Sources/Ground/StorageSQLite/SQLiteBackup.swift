import Foundation
import GRDB
import Storage

/// A copy of a whole database file, made while others read and write it, and looked over before it counts.
public enum SQLiteBackup {
    /// - Parameter tables: what makes it the database that was meant; without one of them it is another's.
    /// - Throws: `StorageError.unavailable` when a file is missing, the target exists, or the copy is damaged or another's
    ///   database; such a copy is removed.
    public static func copy(from source: String, to target: String, holding tables: String...) throws {
        let files = FileManager.default
        guard files.fileExists(atPath: source) else {
            throw StorageError.unavailable("there is no database at \(source)")
        }
        guard !files.fileExists(atPath: target) else {
            throw StorageError.unavailable("\(target) exists already; name a file that does not")
        }
        let folder = URL(fileURLWithPath: target).deletingLastPathComponent().path
        guard files.fileExists(atPath: folder) else {
            throw StorageError.unavailable("there is no folder \(folder); make it, or name a file elsewhere")
        }
        let foreigner = StorageError.unavailable(
            "\(source) is no database of this platform; name a file that `suban backup` wrote"
        )
        guard isDatabase(source) else { throw foreigner }
        var reading = Configuration()
        reading.readonly = true
        do {
            let from = try DatabaseQueue(path: source, configuration: reading)
            let to = try DatabaseQueue(path: target)
            try from.backup(to: to)
            let (verdict, foreign) = try to.read { copy in
                (
                    try String.fetchOne(copy, sql: "PRAGMA integrity_check"),
                    try tables.first { try !copy.tableExists($0) }
                )
            }
            try from.close()
            try to.close()
            guard verdict == "ok" else {
                throw StorageError.unavailable("the copy is damaged: \(verdict ?? "-")")
            }
            guard foreign == nil else { throw foreigner }
        } catch {
            for ending in ["", "-wal", "-shm"] { try? files.removeItem(atPath: target + ending) }
            throw error
        }
    }

    /// SQLite's own file format, 1.3.1.
    private static func isDatabase(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path) else { return false }
        defer { try? file.close() }
        return (try? file.read(upToCount: 16)).map { Array($0) } == Array("SQLite format 3\0".utf8)
    }
}
