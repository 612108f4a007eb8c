import Foundation
import Kernel
import Synchronization

/// The platform as a process of its own, with every outside party in one of its own.
final class BenchServer: Sendable {
    let address: String
    /// How many simulators the server started.
    let parties: Int
    private let process: Locked<Process>
    private let errors: String

    /// Starts `suban serve --demo` on a free port of the loopback and waits until it listens.
    init(settings: BenchSettings, folder: String) async throws {
        let port = try Self.freePort()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: settings.program)
        process.arguments = [
            "serve", "--demo", "--port", String(port), "--data", folder, "--home", settings.home.root,
            "--proxy", "127.0.0.1",
        ]
        errors = "\(folder)/server.log"
        _ = FileManager.default.createFile(atPath: errors, contents: nil)
        process.standardError = FileHandle(forWritingAtPath: errors)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let (address, parties) = try Self.listening(output, process, errors)
        self.address = address
        self.parties = parties
        self.process = Locked(process)
    }

    /// Reads what the server prints: its address, accounts, then a line for each party.
    private static func listening(_ output: Pipe, _ process: Process, _ errors: String) throws -> (
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
            // Parties are named in order; tax is the last.
            if text.hasSuffix("\n"), lines.contains(where: { $0.hasPrefix("  tax  http") }) {
                let parties = lines.count { $0.contains("http://127.0.0.1") && $0.hasPrefix("  ") }
                return (lines.first.map(String.init) ?? "", parties)
            }
        }
    }

    private static func freePort() throws -> Int {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(handle) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(handle, $0, length) == 0 && getsockname(handle, $0, &length) == 0
            }
        }
        guard isBound else { throw BenchFault("no port of the loopback is free") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Resident memory of the server alone, in megabytes.
    var residentMegabytes: Double {
        let identifier = process.with { $0.processIdentifier }
        return Stopwatch.residentMegabytes(of: "\(identifier)") ?? 0
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
