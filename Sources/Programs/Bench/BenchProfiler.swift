import Foundation
import Synchronization

/// Looks by `perf` at what runs on the cores while something is measured, and says where the time went.
public final class BenchProfiler: Sendable {
    private let folder: String
    private let recording = Locked<Process?>(nil)

    private var file: String { "\(folder)/perf.data" }

    /// - Throws: how to get `perf`, when it is not there.
    public init(folder: String) throws {
        guard Self.paths.contains(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            throw BenchFault(
                "--profile needs perf, which is not installed; on Debian: apt-get install linux-perf"
            )
        }
        self.folder = folder
    }

    private static let paths = ["/usr/bin/perf", "/usr/local/bin/perf"]

    /// Begins; what did not run under these processes does not count.
    func follow(_ processes: [Int32]) throws {
        guard recording.with({ $0 == nil }) else { return }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "perf", "record", "--quiet", "--freq", "1999", "--call-graph", "fp", "--output", file, "--pid",
            processes.map(String.init).joined(separator: ","),
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        recording.with { $0 = process }
    }

    /// Ends.
    /// - Returns: tables to read; nil when nothing was followed.
    func report() throws -> String? {
        let process = recording.with { recording in
            defer { recording = nil }
            return recording
        }
        guard let process else { return nil }
        if process.isRunning { process.interrupt() }
        process.waitUntilExit()
        let script = Process()
        script.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        script.arguments = ["perf", "script", "--input", file, "--fields", "pid,ip,sym,dso"]
        let output = Pipe()
        script.standardOutput = output
        script.standardError = FileHandle.nullDevice
        try script.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        script.waitUntilExit()
        try? FileManager.default.removeItem(atPath: file)
        let profile = BenchProfile(perf: text)
        guard profile.count > 0 else {
            return "perf saw nothing; the kernel may forbid it (sysctl kernel.perf_event_paranoid)"
        }
        return profile.text
    }
}
