import Foundation
import Kernel

/// A PostgreSQL of the measurement's own, thrown away afterwards: on the disk whose durability counts, every commit
/// flushed as a server does that was installed and left as it is; only its memory is set to that of a small server.
///
/// It listens on 127.0.0.1 alone. PostgreSQL does not run as root; root lends it the user `postgres`.
final class BenchPostgres: Sendable {
    /// Of the database `postgres`, as `DATABASE_URL` wants it.
    let url: String
    let port: Int
    /// Such as `PostgreSQL 15.14`.
    let version: String
    private let programs: String
    private let process: Locked<Process>
    private let folder: String

    /// - Returns: nil when PostgreSQL is not installed; the figure is then reported as not run.
    static func start(in settings: BenchSettings) throws -> BenchPostgres? {
        guard let programs = installed() else { return nil }
        return try BenchPostgres(
            programs: programs,
            folder: "\(settings.folder)/postgres-\(UUID().uuidString)"
        )
    }

    private init(programs: String, folder: String) throws {
        self.programs = programs
        self.folder = folder
        let user = getuid() == 0 ? "postgres" : nil
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if let user {
            _ = try Self.run(["chown", user, folder], as: nil, in: folder)
            // The user has to come through to it, whatever the mask of this process.
            let above = URL(fileURLWithPath: folder).deletingLastPathComponent().path
            _ = try Self.run(["chmod", "a+x", above], as: nil, in: folder)
        }
        version = try Self.run(["\(programs)/postgres", "--version"], as: nil, in: folder)
            .replacingOccurrences(of: "postgres (PostgreSQL)", with: "PostgreSQL").trimmingCharacters(
                in: .whitespacesAndNewlines
            )
        _ = try Self.run(
            [
                "\(programs)/initdb", "--pgdata", "\(folder)/data", "--username", "suban", "--auth", "trust",
                "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
            ],
            as: user,
            in: folder
        )
        port = try freePort()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.arguments =
            Self.lent(to: user) + [
                "\(programs)/postgres", "-D", "\(folder)/data", "-p", "\(port)",
                "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
                "-c", "max_connections=200", "-c", "shared_buffers=512MB", "-c", "max_wal_size=4GB",
            ]
        let log = "\(folder)/server.log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        process.standardError = FileHandle(forWritingAtPath: log)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        self.process = Locked(process)
        url = "postgres://suban@127.0.0.1:\(port)/postgres"
        try wait(log: log)
    }

    /// Where one of its programs lies, such as `pgbench`; nil when it is not installed.
    func program(_ name: String) -> String? {
        let path = "\(programs)/\(name)"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    /// Makes an empty database.
    /// - Returns: its address.
    func makeDatabase(_ name: String) throws -> String {
        _ = try Self.run(
            [
                "\(programs)/createdb", "--host", "127.0.0.1", "--port", "\(port)", "--username", "suban",
                name,
            ],
            as: nil,
            in: folder
        )
        return "postgres://suban@127.0.0.1:\(port)/\(name)"
    }

    /// Transactions a second, as `pgbench` tells them; nil when it is not installed. Their number is told and not a time:
    /// the alarm by which it would end does not reach a child of this program, whose threads have signals blocked.
    func pgbench(_ arguments: String..., clients: Int, each count: Int) throws -> Double? {
        let load = ["--client=\(clients)", "--jobs=\(Stopwatch.cores)", "--transactions=\(count)"]
        let printed = try pgbench(arguments + ["--no-vacuum"] + load)
        let line = printed?.split(separator: "\n").first { $0.hasPrefix("tps = ") }
        return line?.split(separator: " ").dropFirst(2).first.flatMap { Double($0) }
    }

    /// Makes the tables of `pgbench` anew, with 100,000 accounts for each unit of `scale`.
    /// - Returns: false when it is not installed.
    func initialize(scale: Int) throws -> Bool {
        try pgbench(["--initialize", "--quiet", "--scale=\(scale)"]) != nil
    }

    private func pgbench(_ arguments: [String]) throws -> String? {
        try program("pgbench").map { try Self.run([$0] + arguments + [url], as: nil, in: folder) }
    }

    /// A fast end: connections are cut, open transactions undone.
    func stop() {
        process.with { process in
            if process.isRunning { process.interrupt() }
            process.waitUntilExit()
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func wait(log: String) throws {
        for _ in 0..<400 {
            let ready = ["\(programs)/pg_isready", "--quiet", "--host", "127.0.0.1", "--port", "\(port)"]
            if (try? Self.run(ready, as: nil, in: folder)) != nil { return }
            guard process.with({ $0.isRunning }) else { break }
            Thread.sleep(forTimeInterval: 0.05)
        }
        stop()
        let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        throw BenchFault("PostgreSQL did not start: \(said)")
    }

    /// The newest one of Debian's, or that which `SUBAN_POSTGRES_BIN` names.
    private static func installed() -> String? {
        if let named = ProcessInfo.processInfo.environment["SUBAN_POSTGRES_BIN"] { return named }
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.compactMap(Int.init).max().map { "\(root)/\($0)/bin" }
    }

    private static func lent(to user: String?) -> [String] {
        user.map { ["setpriv", "--reuid", $0, "--regid", $0, "--clear-groups", "--"] } ?? []
    }

    /// - Returns: what the program prints.
    /// - Throws: what it complains about.
    private static func run(_ words: [String], as user: String?, in folder: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.arguments = lent(to: user) + words
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchFault("\(words[0]) failed: \(said)") }
        return said
    }
}
