import Foundation
import Kernel

/// A PostgreSQL server of a test's own, durable as an installation's is: it can be killed, started again and copied. It
/// lies in a temporary folder and listens on a free port of the loopback.
public final class PostgresServer {
    public let folder: String
    public let port: Int
    private let bin: String
    private var process: Process?

    public var url: String { "postgres://suban@127.0.0.1:\(port)/postgres" }

    /// Makes the files and starts the server.
    /// - Parameter folder: is made; root lends it to the user postgres, so that it lies where that one may go.
    public init(folder: String) throws {
        self.folder = folder
        bin = try Self.folderOfPrograms()
        port = try freePort()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Self.give(folder)
        try run(
            "initdb",
            [
                "--pgdata", "\(folder)/data", "--username", "suban", "--auth", "trust", "--encoding", "UTF8",
                "--locale", "C.UTF-8", "--data-checksums", "--no-sync",
            ]
        )
        try start()
    }

    /// A streaming replica of another server, started.
    public init(replicaOf primary: PostgresServer, folder: String) throws {
        self.folder = folder
        bin = primary.bin
        port = try freePort()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Self.give(folder)
        try run(
            "pg_basebackup",
            [
                "--pgdata", "\(folder)/data", "--dbname", primary.url, "--write-recovery-conf",
                "--checkpoint=fast", "--no-sync", "--wal-method=stream",
            ]
        )
        try start()
    }

    /// Starts it again and waits until it lets somebody in.
    public func start() throws {
        let process = Process()
        let command =
            Self.lent + [
                "\(bin)/postgres", "-D", "\(folder)/data", "-p", String(port), "-c",
                "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=on", "-c",
                "synchronous_commit=on", "-c", "full_page_writes=on", "-c", "shared_buffers=32MB", "-c",
                "max_connections=60",
            ]
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
        // Asking takes a few milliseconds each time.
        for _ in 0..<10_000 {
            if (try? run("pg_isready", ["--quiet", "--host", "127.0.0.1", "--port", String(port)])) != nil {
                return
            }
            guard process.isRunning else { break }
        }
        throw Failed("the server in \(folder) did not start")
    }

    /// Kills the server and every process of it at once, as a machine that loses its power does to them.
    public func kill() {
        guard let process else { return }
        let parent = process.processIdentifier
        // Stopped first, it cannot put new ones in the place of those that are gone.
        Foundation.kill(parent, SIGSTOP)
        for child in Self.children(of: parent) + [parent] { Foundation.kill(child, SIGKILL) }
        process.waitUntilExit()
        self.process = nil
    }

    /// Ends it in good order.
    public func stop() {
        guard let process else { return }
        Foundation.kill(process.processIdentifier, SIGINT)
        process.waitUntilExit()
        self.process = nil
    }

    /// Runs a program of PostgreSQL.
    /// - Throws: what it complained of, when it ends with anything but 0.
    @discardableResult
    public func run(_ name: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let (out, error) = (Pipe(), Pipe())
        let command = Self.lent + ["\(bin)/\(name)"] + arguments
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardOutput = out
        process.standardError = error
        try process.run()
        let printed = out.fileHandleForReading.readDataToEndOfFile()
        let complained = error.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed("\(name): \(String(decoding: complained + printed, as: UTF8.self))")
        }
        return String(decoding: printed, as: UTF8.self)
    }

    public struct Failed: Error, CustomStringConvertible {
        public let description: String

        init(_ description: String) { self.description = description }
    }

    /// PostgreSQL refuses to run as root.
    private static let lent: [String] = {
        guard getuid() == 0, let user = getpwnam("postgres") else { return [] }
        return [
            "/usr/bin/setpriv", "--reuid", "\(user.pointee.pw_uid)", "--regid", "\(user.pointee.pw_gid)",
            "--clear-groups", "--",
        ]
    }()

    private static func give(_ folder: String) throws {
        guard getuid() == 0, let user = getpwnam("postgres") else { return }
        // The folder above is the test's own, which others may only pass through.
        let above = (folder as NSString).deletingLastPathComponent
        guard chmod(above, 0o711) == 0, chown(folder, user.pointee.pw_uid, user.pointee.pw_gid) == 0 else {
            throw Failed("\(folder) cannot be given to the user postgres")
        }
    }

    private static func folderOfPrograms() throws -> String {
        if let named = ProcessInfo.processInfo.environment["SUBAN_POSTGRES_BIN"] { return named }
        let versions = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")
        guard let newest = versions.max(by: { $0.compare($1, options: .numeric) == .orderedAscending }) else {
            throw Failed("PostgreSQL is not installed; on Debian: apt-get install postgresql-15")
        }
        return "/usr/lib/postgresql/\(newest)/bin"
    }

    private static func children(of parent: Int32) -> [Int32] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { Int32($0) }.filter { id in
            guard let stat = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
                let end = stat.lastIndex(of: ")")
            else { return false }
            // After the name in brackets: state, then the parent.
            let words = stat[stat.index(after: end)...].split(separator: " ")
            return words.count > 1 && Int32(words[1]) == parent
        }
    }
}
