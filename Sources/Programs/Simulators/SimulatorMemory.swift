import Foundation
import Kernel

/// What a simulator remembers: one JSON object a line, appended as it happens and read at start.
final class SimulatorMemory: @unchecked Sendable {
    // Unchecked: the handle is used only inside the simulator's lock.
    private let handle: FileHandle
    let lines: [JSON]

    init(file: String) throws {
        let files = FileManager.default
        if !files.fileExists(atPath: file) {
            let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
            try files.createDirectory(at: folder, withIntermediateDirectories: true)
            guard files.createFile(atPath: file, contents: nil) else {
                throw SimulatorError.stateUnreadable(file)
            }
        }
        guard let bytes = files.contents(atPath: file), let handle = FileHandle(forUpdatingAtPath: file)
        else {
            throw SimulatorError.stateUnreadable(file)
        }
        // A line that a crash cut short is the last one and is left out.
        lines = bytes.split(separator: UInt8(ascii: "\n")).compactMap { try? JSON.read($0) }
        self.handle = handle
        try handle.seekToEnd()
        if let last = bytes.last, last != UInt8(ascii: "\n") { try handle.write(contentsOf: Data("\n".utf8)) }
    }

    func append(_ line: JSON) throws {
        try handle.write(contentsOf: Data(line.canonicalBytes + [UInt8(ascii: "\n")]))
    }
}
