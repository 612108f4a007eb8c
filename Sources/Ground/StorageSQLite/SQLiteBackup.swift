import Foundation
import GRDB
import Storage

/// A copy of a whole database file, made while others read and write it, and looked over before it counts.
public enum SQLiteBackup {
    /// - Throws: `StorageError.unavailable` when a file is missing, the target exists, or the copy is damaged; a damaged
    ///   copy is removed.
    public static func copy(from source: String, to target: String) throws {
        let files = FileManager.default
        guard files.fileExists(atPath: source) else {
            throw StorageError.unavailable("there is no database at \(source)")
        }
        guard !files.fileExists(atPath: target) else {
            throw StorageError.unavailable("\(target) exists already; name a file that does not")
        }
        var reading = Configuration()
        reading.readonly = true
        do {
            let from = try DatabaseQueue(path: source, configuration: reading)
            let to = try DatabaseQueue(path: target)
            try from.backup(to: to)
            let verdict = try to.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
            try from.close()
            try to.close()
            guard verdict == "ok" else {
                throw StorageError.unavailable("the copy is damaged: \(verdict ?? "-")")
            }
        } catch {
            for ending in ["", "-wal", "-shm"] { try? files.removeItem(atPath: target + ending) }
            throw error
        }
    }
}
