public import Audit
import CaseArchive
import Cases
import CompanyOpening
import Credentials
import Cryptography
import Deadlines
import Draws
import Foundation
public import Kernel
import Registers
import Storage
import StorageSQLite

/// What a verification found.
public struct LogReport: Sendable {
    /// Something that is not what the log says came of it.
    public struct Finding: Sendable {
        /// The credit code of a subject, or `case:01J…`, `decision:01J…`, `credential:01J…`, `seal:01J…`, `seal-impression:01J…`,
        /// `licence-use:01J…`, `archive:01J…`,
        /// `licence-file:01J…/ofd`, `clock:01J…`, `draw:01J…`, `sample:` and a case's number.
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

        init(sampleOf number: String) {
            subject = "sample:\(number)"
            code = "draw.sample"
            arguments = [:]
        }
    }

    public let log: LogVerdict
    /// Whether a head was compared, or the first one was not due yet. Entries that give no signed root prove nothing:
    /// whoever writes the database can have made them all.
    public let isSigned: Bool
    /// Entries that were not sealed yet when it was verified: the verdict says nothing of them.
    public let unsealed: Int64
    /// When the oldest of them was written; nil when there is none.
    public let oldestUnsealed: Instant?
    /// How many subjects of registers were compared with the log.
    public let subjects: Int
    public let cases: Int
    public let decisions: Int
    /// Licences and seals.
    public let credentials: Int
    /// Licences of other registers.
    public let taken: Int
    /// Seals with their ledgers, and uses of licences.
    public let seals: Int
    /// Files under the seals of issuing bodies.
    public let impressions: Int
    public let uses: Int
    /// Kept files of licences.
    public let files: Int
    public let archives: Int
    public let clocks: Int
    /// Seeds of draws, and what was drawn by them.
    public let draws: Int
    public let samples: Int
    /// What is not as it was logged; at most `log.findings` of a kind.
    public let altered: [Finding]

    public var isWhole: Bool { log.isWhole && isSigned && altered.isEmpty }

    /// Whether no entry has waited for its seal longer than is promised.
    public func isSealing(at now: Instant) -> Bool { AuditLog.isSealing(oldest: oldestUnsealed, now: now) }
}

/// What the log digested, compared with what stands in the tables.
struct TableComparison: Sendable {
    let subjects: Int
    let cases: Int
    let decisions: Int
    let credentials: Int
    let taken: Int
    let seals: Int
    let impressions: Int
    let uses: Int
    let files: Int
    let archives: Int
    let clocks: Int
    let draws: Int
    let samples: Int
    let altered: [LogReport.Finding]

    /// - Parameter max: findings of a kind.
    init(of database: any Database, max: Int) async throws {
        let registers = try await RegisterProof.all(in: database, max: max)
        let cases = try await CaseLog.compare(in: database, max: max)
        let decisions = try await DecisionStore.compareWithLog(in: database, max: max)
        let credentials = try await Credentials.compareWithLog(in: database, max: max)
        let taken = try await TakenLicences.compareWithLog(in: database, max: max)
        let seals = try await Seals.compareWithLog(in: database, max: max)
        let impressions = try await SealLedger.compareWithLog(in: database, max: max)
        let uses = try await LicenceUses.compareWithLog(in: database, max: max)
        let files = try await LicenceOriginals.compareWithLog(in: database, max: max)
        let archives = try await Archives.compareWithLog(in: database, max: max)
        let clocks = try await Deadlines.compareWithLog(in: database, max: max)
        let draws = try await Draws.compareWithLog(in: database, max: max)
        let samples = try await ControlSample.compareWithDecisions(in: database, max: max)
        subjects = registers.subjects
        self.cases = cases.count
        self.decisions = decisions.count
        self.credentials = credentials.count
        self.taken = taken.count
        self.seals = seals.count
        self.impressions = impressions.count
        self.uses = uses.count
        self.files = files.count
        self.archives = archives.count
        self.clocks = clocks.count
        self.draws = draws.count
        self.samples = samples.count
        altered =
            registers.problems.map { .init(subject: $0.code, problem: $0.problem) }
            + (cases.altered + decisions.altered + credentials.altered + taken.altered + seals.altered
            + impressions.altered + uses.altered + files.altered + archives.altered
            + clocks.altered + draws.altered)
            .map { .init(altered: $0) }
            + samples.altered.map { .init(sampleOf: $0) }
    }
}

/// Verifies the log of an installation as a whole, and registers, cases, decisions, credentials, clocks and draws against
/// it, beside a server that may be running. Changes nothing but the schema, which it brings up to date as every command does.
public struct LogCheckup: Sendable {
    private let folder: String
    private let key: SM2PublicKey
    private let mirrored: [SignedHead]
    private let findingsMax: Int
    /// Without one a tail that was cut off with its heads is not missed.
    public let hasMirror: Bool

    /// Reads the log's certificate and the mirror of the heads. To be made before a copy is taken of a database in use,
    /// because heads that are signed meanwhile are not in the copy.
    /// - Throws: `LogCheckupError.noKeys`, `AuditError.mirror`.
    public init(folder: String, home: Home, on day: LocalDate) throws {
        self.folder = folder
        findingsMax = try OperatingLimits(home: home).value(.logFindings, on: day)
        let path = "\(folder)/keys/log.crt"
        guard let bytes = FileManager.default.contents(atPath: path),
            let certificate = try Certificate.all(pem: String(decoding: bytes, as: UTF8.self)).first
        else { throw LogCheckupError.noKeys(path: path) }
        key = certificate.publicKey
        let mirror = HeadMirror(path: "\(folder)/heads.jsonl")
        hasMirror = mirror.holdsHeads
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
        return try await verify(bare: SQLiteDatabase(path: file), progress: progress)
    }

    /// The log in the database of the installation.
    public func verify(
        _ settings: PlatformSettings,
        progress: @Sendable (_ done: Int64, _ size: Int64) async -> Void = { _, _ in }
    ) async throws -> LogReport {
        guard settings.databaseURL != nil else {
            return try await verify(file: "\(folder)/suban.sqlite", progress: progress)
        }
        return try await verify(bare: Platform.bare(settings), progress: progress)
    }

    private func verify(
        bare: any Database,
        progress: @Sendable (_ done: Int64, _ size: Int64) async -> Void
    ) async throws -> LogReport {
        do {
            try await bare.migrate(Schema.all)
            let database = try await opened(bare)
            let verdict = try await LogVerifier(database: database, keys: [key], mirrored: mirrored)
                .verify(progress: progress)
            let (waiting, ages) = try await database.read { reader in
                (try AuditLog.waiting(in: reader), try AuditLog.ages(in: reader))
            }
            let isEarly = AuditLog.isSealing(oldest: ages.unsigned, now: SystemClock().now)
            let tables = try await TableComparison(of: database, max: findingsMax)
            await bare.close()
            return LogReport(
                log: verdict,
                isSigned: verdict.size == 0 || verdict.heads > 0 || isEarly,
                unsealed: waiting.count,
                oldestUnsealed: waiting.oldest,
                subjects: tables.subjects,
                cases: tables.cases,
                decisions: tables.decisions,
                credentials: tables.credentials,
                taken: tables.taken,
                seals: tables.seals,
                impressions: tables.impressions,
                uses: tables.uses,
                files: tables.files,
                archives: tables.archives,
                clocks: tables.clocks,
                draws: tables.draws,
                samples: tables.samples,
                altered: tables.altered
            )
        } catch {
            await bare.close()
            throw error
        }
    }

    /// With its personal columns open. Makes no secret: with a new one every sealed row would count as altered, and the
    /// server would not start with it.
    private func opened(_ bare: any Database) async throws -> any Database {
        do {
            try await Installation(folder: folder, database: bare).check()
        } catch InstallationError.otherKeys(_, let names) {
            // The others are not needed to verify.
            guard !names.contains("columns.secret") else {
                throw LogCheckupError.noSecret(path: InstallationSecrets.path("columns", folder: folder))
            }
        }
        // Without one the database is from before personal columns were sealed.
        guard let secret = try InstallationSecrets.keptColumns(folder: folder) else { return bare }
        return SealedDatabase(bare, seal: ColumnBox(secret: secret))
    }
}

/// Why a log cannot be verified at all.
public enum LogCheckupError: Refusal, Equatable {
    /// Without the log's certificate nobody knows whose heads count.
    case noKeys(path: String)
    case noDatabase(path: String)
    /// The personal columns of this database are sealed, and what opens them is missing.
    case noSecret(path: String)

    public var code: String {
        switch self {
        case .noKeys: "server.no-log-certificate"
        case .noDatabase: "server.no-database"
        case .noSecret: "server.no-column-secret"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .noKeys(let path), .noDatabase(let path), .noSecret(let path): ["path": path]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .noKeys, .noDatabase, .noSecret: .notFound
        }
    }
}
