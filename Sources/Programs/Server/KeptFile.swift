import Foundation

/// A small file that is there whole after a power cut, or as it was. Nobody but its owner may read it.
public enum KeptFile {
    /// Puts a file in the place of what is there.
    public static func replace(_ bytes: [UInt8], at path: String) throws {
        let draft = "\(path).\(UUID().uuidString)"
        defer { unlink(draft) }
        try write(bytes, to: draft)
        guard rename(draft, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw CocoaError(.fileWriteUnknown) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    /// A new file, on the disk with all of its bytes.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw CocoaError(.fileWriteUnknown) }
        let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
        try handle.write(contentsOf: Data(bytes))
        try handle.synchronize()
        try handle.close()
    }
}
