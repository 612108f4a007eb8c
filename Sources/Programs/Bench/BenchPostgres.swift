import Foundation
import Kernel

/// A PostgreSQL server for measurements: the one of `SUBAN_BENCH_POSTGRES`, or a temporary one on the disk that flushes
/// every commit, started and stopped by `Scripts/with-postgres`.
struct BenchPostgres {
    let url: String

    /// - Returns: nil when there is none: PostgreSQL is not installed, or the program stands without its scripts.
    static func with<Answer>(home: Home, _ body: (BenchPostgres) async throws -> Answer) async throws
        -> Answer?
    {
        if let url = ProcessInfo.processInfo.environment["SUBAN_BENCH_POSTGRES"], !url.isEmpty {
            return try await body(BenchPostgres(url: url))
        }
        let script = "\(home.root)/Scripts/with-postgres"
        guard FileManager.default.isExecutableFile(atPath: script) else { return nil }
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: script)
        // It lives until its input ends, also when this program is killed.
        process.arguments = ["--durable", "sh", "-c", "echo \"$SUBAN_TEST_POSTGRES\"; cat >/dev/null"]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer {
            try? input.fileHandleForWriting.close()
            process.waitUntilExit()
        }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let url = line.trimmingCharacters(in: .whitespacesAndNewlines)
        guard url.hasPrefix("postgres://") else { return nil }
        return try await body(BenchPostgres(url: url))
    }

    /// Transactions a second of pgbench, on tables that `pgbench --initialize` has made; nil when it is not there.
    func pgbench(_ arguments: String..., clients: Int, seconds: Int) throws -> Double? {
        let printed = try tool(
            "pgbench",
            arguments + [
                "--no-vacuum", "--client=\(clients)", "--jobs=\(Stopwatch.cores)", "--time=\(seconds)", url,
            ]
        )
        let line = printed?.split(separator: "\n").first { $0.hasPrefix("tps = ") }
        return line?.split(separator: " ").dropFirst(2).first.flatMap { Double($0) }
    }

    /// Makes the tables anew, with 100,000 accounts for each unit of `scale`.
    func initialize(scale: Int) throws -> Bool {
        try tool("pgbench", ["--initialize", "--quiet", "--scale=\(scale)", url]) != nil
    }

    private func tool(_ name: String, _ arguments: [String]) throws -> String? {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let newest = versions.max { $0.compare($1, options: .numeric) == .orderedAscending } ?? ""
        let folder =
            ProcessInfo.processInfo.environment["SUBAN_POSTGRES_BIN"] ?? "/usr/lib/postgresql/\(newest)/bin"
        guard FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") else { return nil }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "\(folder)/\(name)")
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
    }
}
