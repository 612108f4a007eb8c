import Attachments
import Audit
import Cases
import Charges
import CompanyNames
import Credentials
import Foundation
import Jobs
public import Kernel
import Registers
import Storage
import StorageSQLite

/// One thing that was checked about a database.
public struct DatabaseFinding: Sendable {
    /// `check.<name>` is its label.
    public let name: String
    public let checked: Int
    /// What is wrong, by name: at most `log.findings` of them.
    public let wrong: [String]
    /// Why it could not be checked; nil when it was.
    public let failure: String?

    public var isGood: Bool { wrong.isEmpty && failure == nil }

    public var json: JSON {
        [
            "check": .string(name), "checked": JSON(checked), "wrong": .array(wrong.map(JSON.string)),
            "failure": JSON(failure), "good": .bool(isGood),
        ]
    }
}

/// Checks a database as a whole, beside a server that may be running: what the engine says of it, foreign keys, the log
/// with the tables that it bears out, files against their rows, and what stands twice.
public struct DatabaseCheckup: Sendable {
    private let settings: PlatformSettings
    private let max: Int

    /// - Throws: `StandardsError` when the limits cannot be read.
    public init(_ settings: PlatformSettings) throws {
        self.settings = settings
        max = try OperatingLimits(home: settings.home).value(.logFindings, on: settings.clock.now.date)
    }

    private static let recounts =
        JobsRecounts.all + RegisterRecounts.all + CredentialRecounts.all + CaseRecounts.all
        + ChargeRecounts.all + NameRecounts.all + CheckStore.recounts

    /// The checks in their order.
    public static let names =
        ["integrity", "schema", "foreign-keys"] + recounts.map(\.name) + [
            "name.library", "attachments", "log", "tables-logged",
        ]

    /// - Parameters:
    ///   - progress: told how many checks are done.
    ///   - told: each finding, as soon as it is there.
    /// - Throws: `LogCheckupError`, `InstallationError` when nothing can be checked at all.
    public func run(
        progress: @Sendable (_ done: Int, _ of: Int) async -> Void = { _, _ in },
        told: (DatabaseFinding) throws -> Void
    ) async throws {
        let log = try LogCheckup(folder: settings.folder, home: settings.home, on: settings.clock.now.date)
        let bare = try Platform.bare(settings)
        do {
            try await check(bare, log, progress: progress, told: told)
            await bare.close()
        } catch {
            await bare.close()
            throw error
        }
    }

    private func check(
        _ database: any Database,
        _ log: LogCheckup,
        progress: @Sendable (_ done: Int, _ of: Int) async -> Void,
        told: (DatabaseFinding) throws -> Void
    ) async throws {
        var done = 0
        func tell(_ name: String, _ work: () async throws -> (checked: Int, wrong: [String])) async throws {
            try told(await finding(name, work))
            done += 1
            await progress(done, Self.names.count)
        }
        let (engine, max) = (database.engine, max)
        try await tell("integrity") {
            try await database.read { try CheckStore.integrity(of: engine, in: $0) }
        }
        try await database.migrate(Schema.all)
        try await tell("schema") { try await schema(of: database) }
        try await tell("foreign-keys") {
            try await database.read { try CheckStore.foreignKeys(of: engine, in: $0) }
        }
        for recount in Self.recounts {
            try await tell(recount.name) { try await database.read { try recount.count(max: max, in: $0) } }
        }
        try await tell("name.library") { try await names(in: database) }
        try await tell("attachments") { try await files(in: database) }
        var report: LogReport?
        try await tell("log") {
            let found = try await log.verify(settings)
            report = found
            return (Int(found.log.size), found.log.problems.map { "\($0.code)" })
        }
        try await tell("tables-logged") {
            guard let report else { return (0, []) }
            let count =
                report.subjects + report.cases + report.decisions + report.credentials + report.taken
                + report.seals + report.impressions + report.uses + report.files
                + report.archives + report.clocks + report.draws
                + report.samples
            return (count, report.altered.map(\.subject))
        }
    }

    /// What keeps one check from its end keeps no other from being made.
    private func finding(
        _ name: String,
        _ work: () async throws -> (checked: Int, wrong: [String])
    ) async -> DatabaseFinding {
        do {
            let (checked, wrong) = try await work()
            return DatabaseFinding(
                name: name,
                checked: checked,
                wrong: Array(wrong.prefix(max)),
                failure: nil
            )
        } catch {
            return DatabaseFinding(name: name, checked: 0, wrong: [], failure: "\(error)")
        }
    }

    /// Tables and columns that the applied migrations left, compared with those of a new database of the same migrations.
    private func schema(of database: any Database) async throws -> (checked: Int, wrong: [String]) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let model = try SQLiteDatabase(path: "\(folder)/model.sqlite")
        try await model.migrate(Schema.all)
        let wanted = try await model.read { try CheckStore.columns(of: .sqlite, in: $0) }
        await model.close()
        let engine = database.engine
        let found = try await database.read { try CheckStore.columns(of: engine, in: $0) }
        let wrong = wanted.filter { !$0.key.hasPrefix("sqlite_") }.flatMap { table, columns in
            found[table].map { there in columns.subtracting(there).map { "\(table).\($0)" } } ?? [table]
        }
        return (wanted.values.map(\.count).reduce(0, +), wrong.sorted())
    }

    private func names(in database: any Database) async throws -> (checked: Int, wrong: [String]) {
        var (count, wrong, last) = (0, [String](), "")
        while true {
            let after = last
            guard
                let page = try await database.read({ try NameRecounts.page(after: after, limit: 200, in: $0) }
                )
            else { return (count, wrong) }
            count += page.count
            wrong += page.wrong
            last = page.last
        }
    }

    /// Every file that a row names, compared with its digest and its size.
    private func files(in database: any Database) async throws -> (checked: Int, wrong: [String]) {
        let rows = try await database.read { try AttachmentStore.sizes(in: $0) }
        var wrong: [String] = []
        for (digest, size) in rows {
            let bytes: [UInt8]?
            do { bytes = try await settings.blobs.read(digest) } catch AttachmentError.damaged { bytes = nil }
            if bytes?.count != size { wrong.append(digest) }
        }
        return (rows.count, wrong)
    }
}
