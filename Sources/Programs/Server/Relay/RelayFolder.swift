import Foundation
import Kernel

/// One direction between the zones: a folder of files, one a message. A one-way gate carries the files; without a gate
/// both sides see the same folder. Names order them and say nothing that is trusted.
struct RelayFolder: Sendable {
    let path: String
    private let gate: RelayGate?

    /// - Parameter gate: whose group may work here, too; nil when the gate is this program's user or root.
    /// - Throws: `RelayStart.folder`, `.gateFolder` when others may write there, who could then put files in its place.
    init(_ path: String, gate: RelayGate? = nil) throws {
        self.path = path
        self.gate = gate
        let isNew = access(path, F_OK) != 0
        try Self.make(path)
        if let gate {
            // What a hardened unit forbids its program the operator has done before; this is looked at below.
            if isNew { _ = chown(path, uid_t.max, gate.group) == 0 && chmod(path, 0o2770) == 0 }
            guard let found = Self.ownFolder(path), found.st_gid == gate.group,
                found.st_mode & 0o7777 == 0o2770
            else { throw RelayStart.gateFolder(path, gate.name) }
        } else {
            guard let found = Self.ownFolder(path), found.st_mode & 0o022 == 0 else {
                throw RelayStart.folder(path)
            }
        }
    }

    /// A folder for keys, into which nobody else may even look.
    /// - Throws: `RelayStart.keys`.
    static func keys(_ path: String) throws {
        try make(path)
        guard let found = ownFolder(path), found.st_mode & 0o077 == 0 else { throw RelayStart.keys(path) }
    }

    private static func make(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    private static func ownFolder(_ path: String) -> stat? {
        var found = stat()
        return lstat(path, &found) == 0 && kind(found) == S_IFDIR && isOurs(found) ? found : nil
    }

    /// A file appears whole or not at all.
    func put(_ bytes: [UInt8], as name: String) throws {
        let draft = "\(path)/.\(UUID().uuidString)"
        do {
            try KeptFile.write(bytes, to: draft)
            // The folder has given it the gate's group.
            guard gate == nil || chmod(draft, 0o640) == 0 else { throw CocoaError(.fileWriteUnknown) }
            guard rename(draft, "\(path)/\(name)") == 0 else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            unlink(draft)
            throw error
        }
    }

    /// The files that wait, the oldest first.
    func waiting() throws -> [String] {
        try names().filter { $0.hasSuffix(".msg") && !$0.hasPrefix(".") }.sorted()
    }

    /// What lies here. A name that no message has, of other bytes than letters of ASCII, goes at once: it could not be
    /// opened by the text that it reads as, and would stand before all others for ever.
    private func names() throws -> [String] {
        guard let folder = opendir(path) else { throw RelayStart.folder(path) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard name.allSatisfy({ (0x20..<0x7F).contains($0) }) else {
                let place = Array("\(path)/".utf8) + name + [0]
                place.withUnsafeBufferPointer { bytes in
                    bytes.withMemoryRebound(to: CChar.self) { place in
                        guard let start = place.baseAddress, unlink(start) != 0 else { return }
                        rename(start, "\(path)/.refused-\(UUID().uuidString)")
                    }
                }
                continue
            }
            let text = String(decoding: name, as: UTF8.self)
            if text != "." && text != ".." { names.append(text) }
        }
        return names
    }

    func holds(_ name: String) -> Bool { access("\(path)/\(name)", F_OK) == 0 }

    /// The bytes of a file that is no larger than `most`. Links are not followed, and whoever put a pipe there does not
    /// make anybody wait.
    /// - Returns: nil when somebody else has taken it.
    /// - Throws: `RelayRefusal.tooLarge`, `.notAFile`.
    func read(_ name: String, most: Int) throws -> [UInt8]? {
        let file = open("\(path)/\(name)", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            switch errno {
            case ENOENT: return nil
            // Not the file's fault: it is looked at again.
            case EMFILE, ENFILE, ENOMEM, EINTR, EIO: throw CocoaError(.fileReadUnknown)
            default: throw RelayRefusal.notAFile
            }
        }
        let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
        var found = stat()
        guard fstat(file, &found) == 0, Self.kind(found) == S_IFREG, found.st_nlink <= 1,
            Self.isOurs(found) || found.st_uid == gate?.user
        else { throw RelayRefusal.notAFile }
        guard found.st_size <= most else { throw RelayRefusal.tooLarge }
        // It may grow while it is read.
        let bytes = try handle.read(upToCount: most + 1) ?? Data()
        guard bytes.count <= most else { throw RelayRefusal.tooLarge }
        return Array(bytes)
    }

    /// Takes a file away. What cannot be removed, such as a folder, is put where nobody looks again.
    func remove(_ name: String) throws {
        let place = "\(path)/\(name)"
        if unlink(place) == 0 || errno == ENOENT { return }
        guard rename(place, "\(path)/.refused-\(UUID().uuidString)") == 0 else {
            throw RelayStart.folder(path)
        }
    }

    /// Removes what has lain here since before `moment`: messages that nobody carries or takes count no more by then, and
    /// drafts are of somebody who has died.
    /// - Returns: which messages went, and how many bytes are left.
    func sweep(before moment: Instant) throws -> (gone: [String], bytesLeft: Int) {
        var gone: [String] = []
        var bytesLeft = 0
        for name in try names() {
            var found = stat()
            guard lstat("\(path)/\(name)", &found) == 0, Self.kind(found) != S_IFDIR else { continue }
            let isOver = Int64(found.st_mtim.tv_sec) * 1_000 < moment.milliseconds
            if isOver, unlink("\(path)/\(name)") == 0 {
                if !name.hasPrefix(".") { gone.append(name) }
            } else {
                bytesLeft += Self.onDisk(Int(found.st_size))
            }
        }
        return (gone, bytesLeft)
    }

    /// What a file of so many bytes takes, which is a block at least.
    static func onDisk(_ bytes: Int) -> Int { (bytes + 4_095) & ~4_095 }

    private static func kind(_ found: stat) -> mode_t { found.st_mode & S_IFMT }

    /// This program's own, or the superuser's, who may do everything anyway.
    private static func isOurs(_ found: stat) -> Bool { found.st_uid == geteuid() || found.st_uid == 0 }
}
