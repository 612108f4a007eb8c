import Foundation

/// One direction between the zones: a folder of files, one a message. A one-way gate carries the files; without a gate
/// both sides see the same folder. Names order them and say nothing that is trusted.
struct RelayFolder: Sendable {
    let path: String

    init(_ path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    /// A file appears whole or not at all.
    func put(_ bytes: [UInt8], number: Int64) throws {
        let name = String(number)
        let place = "\(path)/\(String(repeating: "0", count: max(0, 18 - name.count)))\(name).msg"
        let draft = "\(path)/.\(UUID().uuidString)"
        let files = FileManager.default
        guard files.createFile(atPath: draft, contents: nil, attributes: [.posixPermissions: 0o600]) else {
            throw CocoaError(.fileWriteUnknown)
        }
        do {
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: draft))
            try file.write(contentsOf: Data(bytes))
            try file.synchronize()
            try file.close()
        } catch {
            unlink(draft)
            throw error
        }
        guard rename(draft, place) == 0 else {
            unlink(draft)
            throw CocoaError(.fileWriteUnknown)
        }
    }

    /// The files that wait, the oldest numbers first.
    func waiting() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).filter {
            $0.hasSuffix(".msg") && !$0.hasPrefix(".")
        }
        .sorted()
    }

    /// The bytes of a file that is no larger than `most`; it is taken away.
    /// - Returns: nil when somebody else has taken it.
    /// - Throws: `RelayRefusal.tooLarge`.
    func take(_ name: String, most: Int) throws -> [UInt8]? {
        let place = "\(path)/\(name)"
        defer { unlink(place) }
        guard let size = try? FileManager.default.attributesOfItem(atPath: place)[.size] as? NSNumber else {
            return nil
        }
        guard size.intValue <= most else { throw RelayRefusal.tooLarge }
        return FileManager.default.contents(atPath: place).map { Array($0) }
    }
}
