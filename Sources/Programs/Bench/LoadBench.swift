import Foundation
import Kernel
import Server
import StoragePostgres
import StorageSQLite

/// `suban load` against a bare loop that inserts the same rows: on SQLite prepared inserts in transactions, on PostgreSQL
/// one COPY a table.
enum LoadBench {
    static func run(_ settings: BenchSettings) async throws -> [BenchFigure] {
        let own = try await load(
            size(settings.loadCases),
            settings,
            into: "\(settings.folder)/load",
            databaseURL: nil
        )
        let peer = "\(settings.folder)/bare.sqlite"
        let empty = try SQLiteDatabase(path: peer)
        try await empty.migrate(Schema.all)
        await empty.close()
        let bare = try bare(
            [
                "sqlite", "\(settings.folder)/load/suban.sqlite", peer,
                String(SQLiteSettings.filling.writerCacheKiB), String(SQLiteSettings.filling.checkpointPages),
            ],
            tables: tables,
            home: settings.home
        )
        var figures = [
            BenchFigure(
                "load.sqlite",
                own.perSecond,
                "rows/s",
                peer: "bare SQLite loop",
                against: bare.perSecond,
                note:
                    "\(settings.loadCases) cases with their subjects and licences, \(own.rows) rows; the loop wrote \(bare.rows) of them, a transaction for 10,000; seed 1"
            ),
            BenchFigure(
                "load.memory",
                own.megabytes,
                "MB",
                peer: "MB limit",
                against: 400,
                note: "the most that the command had resident"
            ),
        ]
        figures.append(try await postgres(settings))
        return figures
    }

    /// What a load writes, referred-to tables first.
    static let tables = [
        "register_subject", "register_entry", "register_filing", "register_link", "identity_person",
        "identity_enterprise", "company_name_entry", "company_name_key", "audit_entry", "search_gram",
        "case_case",
        "case_happening",
        "case_step", "case_decision", "case_times", "deadline_clock", "deadline_journal", "credential_record",
        "credential_step",
    ]

    struct Result {
        let rows: Int
        let seconds: Double
        var megabytes = 0.0
        var perSecond: Double { Double(rows) / seconds }
    }

    private static func postgres(_ settings: BenchSettings) async throws -> BenchFigure {
        let key = "load.postgres"
        guard let server = try BenchPostgres.start(in: settings) else {
            return BenchFigure(
                key,
                0,
                "rows/s",
                peer: "bare COPY",
                note: "PostgreSQL is not installed"
            )
        }
        defer { server.stop() }
        let urls = try ["own", "bare"].map(server.makeDatabase)
        let own = try await load(
            size(settings.loadCases),
            settings,
            into: "\(settings.folder)/load-postgres",
            databaseURL: urls[0]
        )
        let empty = try PostgresDatabase(url: urls[1], connectionsMax: 1)
        try await empty.migrate(Schema.all)
        await empty.close()
        let bare = try bare(["postgres", urls[0], urls[1]], tables: tables, home: settings.home)
        return BenchFigure(
            key,
            own.perSecond,
            "rows/s",
            peer: "bare COPY",
            against: bare.perSecond,
            note: "\(server.version); \(own.rows) rows; \(bare.rows) of them copied, a COPY for each table"
        )
    }

    /// Runs the peer, `Tools/bench/bare_load.py`.
    static func bare(_ arguments: [String], tables: [String], home: Home) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "\(home.root)/Tools/bench/bare_load.py"] + arguments + tables
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0, let json = try? JSON.read(Array(text)),
            let rows = json["rows"].int,
            case .number(let digits) = json["seconds"], let seconds = Double(digits)
        else { throw BenchFault("Tools/bench/bare_load.py ended with \(process.terminationStatus)") }
        return Result(rows: Int(rows), seconds: seconds)
    }

    /// In the proportions of the region: 2.32 million subjects, 3.09 million cases, 6.8 million licences.
    private static func size(_ cases: Int) -> (subjects: Int, cases: Int, licences: Int) {
        (cases * 3 / 4, cases, cases * 11 / 5)
    }

    /// Runs the command itself, in a process of its own.
    static func load(
        _ size: (subjects: Int, cases: Int, licences: Int),
        _ settings: BenchSettings,
        into folder: String,
        databaseURL: String?,
        region: String? = nil
    ) async throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: settings.program)
        process.arguments =
            [
                "load", "--subjects", String(size.subjects), "--cases", String(size.cases), "--licences",
                String(size.licences), "--data", folder, "--home", settings.home.root,
            ] + (region.map { ["--region", $0] } ?? [])
        var environment = ProcessInfo.processInfo.environment
        environment["DATABASE_URL"] = databaseURL ?? ""
        process.environment = environment
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var megabytes = 0.0
        while process.isRunning {
            megabytes = max(megabytes, Stopwatch.peakMegabytes(of: "\(process.processIdentifier)") ?? 0)
            try await Task.sleep(for: .milliseconds(50))
        }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        // `5613 rows in 0.152 s, …`
        let words = text.split(separator: " ")
        guard process.terminationStatus == 0, words.count > 3, let rows = Int(words[0]),
            let seconds = Double(words[3])
        else { throw BenchFault("suban load ended with \(process.terminationStatus): \(text)") }
        return Result(rows: rows, seconds: seconds, megabytes: megabytes)
    }
}
