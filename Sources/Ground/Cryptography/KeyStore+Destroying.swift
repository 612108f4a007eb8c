import Foundation
import Kernel

extension KeyStore {
    /// Destroys the key and the certificate kept under `name`: the key's file is written over before it goes. What is not
    /// there is gone already. Copies in backups are as old as the backup.
    public func destroy(named name: String) throws(CryptographyError) {
        // Those of before the folders lie beside the platform's own, which bear other names.
        for place in try places(name, .holder) where access("\(place).key", F_OK) == 0 {
            try Self.overwrite("\(place).key")
            for path in ["\(place).crt", "\(place).key"] where unlink(path) != 0 && errno != ENOENT {
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
