import Foundation
import Kernel
import Synchronization

/// The platform as a process of its own; with its demonstration, every outside party is in one of its own too.
final class BenchServer: Sendable {
    let address: String
    let port: Int
    /// How many simulators the server started.
    let parties: Int
    private let process: Locked<Process>
    private let errors: String

    /// Starts `suban serve` on a free port of the loopback and waits until it listens.
    /// - Parameters:
    ///   - isDemonstration: with the parties beside it.
    ///   - databaseURL: nil for SQLite in the folder.
    init(
        settings: BenchSettings,
        folder: String,
        isDemonstration: Bool = true,
        databaseURL: String? = nil
    ) async throws {
        let port = try freePort()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: settings.program)
        process.arguments =
            [
                "serve", "--port", String(port), "--data", folder, "--home", settings.home.root, "--proxy",
                "127.0.0.1",
            ] + (isDemonstration ? ["--demo"] : [])
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["DATABASE_URL": databaseURL ?? ""]) { $1 }
        errors = "\(folder)/server.log"
        _ = FileManager.default.createFile(atPath: errors, contents: nil)
        process.standardError = FileHandle(forWritingAtPath: errors)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let last = isDemonstration ? "  tax  http" : "http://"
        let (address, parties) = try Self.listening(output, until: last, errors)
        self.address = address
        self.port = port
        self.parties = parties
        self.process = Locked(process)
    }

    /// Reads what the server prints: its address, accounts, then a line for each party in order; tax is the last.
    private static func listening(_ output: Pipe, until last: String, _ errors: String) throws -> (
        String, Int
    ) {
        var text = ""
        while true {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else {
                let log = (try? String(contentsOfFile: errors, encoding: .utf8)) ?? ""
                throw BenchFault("the server did not start: \(log)")
            }
            text += String(decoding: data, as: UTF8.self)
            let lines = text.split(separator: "\n")
            if text.hasSuffix("\n"), lines.contains(where: { $0.hasPrefix(last) }) {
                let parties = lines.count { $0.contains("http://127.0.0.1") && $0.hasPrefix("  ") }
                return (lines.first.map(String.init) ?? "", parties)
            }
        }
    }

    var processID: Int32 { process.with { $0.processIdentifier } }

    /// Seconds that the server was on a core up to now, all threads together.
    var coreSeconds: Double { Stopwatch.coreSeconds(of: processID) }

    /// Resident memory of the server alone, in megabytes.
    var residentMegabytes: Double {
        Stopwatch.residentMegabytes(of: "\(processID)") ?? 0
    }

    /// What it wrote to its log.
    var complaints: String { (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "" }

    /// Tells it to end and waits until it has.
    func stop() async throws {
        process.with { $0.terminate() }
        for _ in 0..<600 {
            if !process.with({ $0.isRunning }) { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw BenchFault("the server did not stop within a minute")
    }

    /// For the way out after a failure.
    func kill() {
        process.with { process in
            if process.isRunning { process.terminate() }
        }
    }
}
