public import Audit
import Cases
import Cryptography
import Deadlines
import Draws
import Foundation
public import Kernel
import Registers
public import Storage
import StorageSQLite

/// What a verification found.
public struct LogReport: Sendable {
    /// Something that is not what the log says came of it.
    public struct Finding: Sendable {
        /// The credit code of a subject, or `decision:01J…`, `clock:01J…`, `draw:01J…`.
        public let subject: String
        /// `verdict.<code>` is its message, filled from `arguments`.
        public let code: String
        public let arguments: [String: String]

        init(subject: String, problem: RegisterProblem) {
            self.subject = subject
            code = problem.code
            arguments = problem.arguments
        }

        init(altered object: String) {
            subject = object
            code = "log.altered"
            arguments = [:]
        }
    }

    public let log: LogVerdict
    /// How many subjects of registers were compared with the log.
    public let subjects: Int
    public let decisions: Int
    public let clocks: Int
    /// What is not as it was logged; at most 100 of a kind.
    public let altered: [Finding]

    public var isWhole: Bool { log.isWhole && altered.isEmpty }
}

/// Verifies the log of an installation as a whole, and registers, decisions, clocks and draws against it, beside a server that
/// may be running. Changes nothing but the schema, which it brings up to date as every command does.
public struct LogCheckup: Sendable {
    private let folder: String
    private let key: SM2PublicKey
    private let mirrored: [SignedHead]
    /// Without one a tail that was cut off with its heads is not missed.
    public let hasMirror: Bool

    /// Reads the log's certificate and the mirror of the heads. To be made before a copy is taken of a database in use,
    /// because heads that are signed meanwhile are not in the copy.
    /// - Throws: `LogCheckupError.noKeys`, `AuditError.mirror`.
    public init(folder: String) throws {
        self.folder = folder
        let path = "\(folder)/keys/log.crt"
        guard let bytes = FileManager.default.contents(atPath: path),
            let certificate = try Certificate.all(pem: String(decoding: bytes, as: UTF8.self)).first
        else { throw LogCheckupError.noKeys(path: path) }
        key = certificate.publicKey
        let mirror = HeadMirror(path: "\(folder)/heads.jsonl")
        hasMirror = FileManager.default.fileExists(atPath: mirror.path)
        mirrored = try mirror.heads()
    }

    /// The log in a file of SQLite, such as a copy.
    public func verify(
        file: String,
        progress: @Sendable (_ done: Int64, _ size: Int64) async -> Void = { _, _ in }
    ) async throws -> LogReport {
        guard FileManager.default.fileExists(atPath: file) else {
            throw LogCheckupError.noDatabase(path: file)
        }
        return try await verify(
            Platform.sealing(SQLiteDatabase(path: file), folder: folder),
            progress: progress
        )
    }

    /// The log in the database of the installation.
    public func verify(
        _ settings: PlatformSettings,
        progress: @Sendable (_ done: Int64, _ size: Int64) async -> Void = { _, _ in }
    ) async throws -> LogReport {
        guard settings.databaseURL != nil else {
            return try await verify(file: "\(folder)/suban.sqlite", progress: progress)
        }
        return try await verify(Platform.open(database: settings), progress: progress)
    }

    private func verify(
        _ database: any Database,
        progress: @Sendable (_ done: Int64, _ size: Int64) async -> Void
    ) async throws -> LogReport {
        do {
            try await database.migrate(Schema.all)
            let verdict = try await LogVerifier(database: database, keys: [key], mirrored: mirrored)
                .verify(progress: progress)
            let (subjects, problems) = try await RegisterProof.all(in: database)
            let decisions = try await DecisionStore.compareWithLog(in: database)
            let clocks = try await Deadlines.compareWithLog(in: database)
            let draws = try await Draws.compareWithLog(in: database)
            await database.close()
            return LogReport(
                log: verdict,
                subjects: subjects,
                decisions: decisions.count,
                clocks: clocks.count,
                altered: problems.map { .init(subject: $0.code, problem: $0.problem) }
                    + (decisions.altered + clocks.altered + draws.altered).map { .init(altered: $0) }
            )
        } catch {
            await database.close()
            throw error
        }
    }
}

/// Why a log cannot be verified at all.
public enum LogCheckupError: Refusal, Equatable {
    /// Without the log's certificate nobody knows whose heads count.
    case noKeys(path: String)
    case noDatabase(path: String)

    public var code: String {
        switch self {
        case .noKeys: "server.no-log-certificate"
        case .noDatabase: "server.no-database"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .noKeys(let path), .noDatabase(let path): ["path": path]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .noKeys, .noDatabase: .notFound
        }
    }
}
