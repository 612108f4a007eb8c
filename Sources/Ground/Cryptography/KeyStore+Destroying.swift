import Foundation
import Kernel

extension KeyStore {
    /// Destroys the key and the certificate kept under `name`: the key's file is written over before it goes. What is not
    /// there is gone already. Copies in backups are as old as the backup.
    public func destroy(named name: String) throws(CryptographyError) {
        let file = "\(name).key"
        guard !name.contains("/"), !name.isEmpty, name != "master" else {
            throw .keyFolder("\(name) is no name for a key")
        }
        // Keys of holders lie in folders named after the digest of the name, or beside the platform's.
        let below = Hex.encode(SM3.digest(Array(name.utf8)).prefix(1))
        for place in ["\(folder)/\(below)", folder] where access("\(place)/\(file)", F_OK) == 0 {
            try Self.overwrite("\(place)/\(file)")
            for path in ["\(place)/\(name).crt", "\(place)/\(file)"]
            where unlink(path) != 0 && errno != ENOENT {
                throw .keyFolder("\(path): \(String(cString: strerror(errno)))")
            }
        }
    }

    private static func overwrite(_ path: String) throws(CryptographyError) {
        let file = Foundation.open(path, O_WRONLY)
        guard file >= 0 else { throw .keyFolder("\(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        let size = lseek(file, 0, SEEK_END)
        let zeros = [UInt8](repeating: 0, count: max(0, Int(size)))
        guard size >= 0, pwrite(file, zeros, zeros.count, 0) == zeros.count, fsync(file) == 0 else {
            throw .keyFolder("\(path): \(String(cString: strerror(errno)))")
        }
    }
}
