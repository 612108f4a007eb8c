import Foundation
public import Kernel
import Server

/// Figures of earlier runs: a file with one line of JSON for each, only ever added to.
public struct BenchHistory: Sendable {
    private let path: String
    private let run: JSON

    /// - Parameter path: made with its folder when it is not there.
    public init(path: String, machine: BenchMachine, home: Home) throws {
        self.path = path
        run = [
            "at": .string(SystemClock().now.description), "machine": machine.json,
            "program": .string(ProgramDigest.of(home)), "seed": 1,
        ]
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if !FileManager.default.fileExists(atPath: path) {
            guard FileManager.default.createFile(atPath: path, contents: nil) else {
                throw BenchFault("\(path) cannot be written; name another file")
            }
        }
    }

    public func add(_ line: BenchLine) throws {
        guard let file = FileHandle(forWritingAtPath: path) else {
            throw BenchFault("\(path) cannot be written; name another file")
        }
        defer { try? file.close() }
        try file.seekToEnd()
        var whole = run
        for (name, value) in line.json.members { whole[name] = value }
        try file.write(contentsOf: Data("\(whole.canonical)\n".utf8))
    }
}
