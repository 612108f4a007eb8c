import ArgumentParser
import Catalogue
import Changes
import CompanyNames
import Foundation
import Kernel
import Server
import Storage
import Synchronization
import Web

/// Where an installation's data lie; `DATABASE_URL` moves it to PostgreSQL.
struct DataOptions: ParsableArguments {
    @OptionGroup var home: HomeOption
    @Option(help: "Keys, the SQLite file and the mirror of the log.")
    var data = "var"

    static var databaseURL: String? { named("DATABASE_URL") }
    static var replicaURL: String? { named("DATABASE_REPLICA_URL") }

    private static func named(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Networks into which changes may be told beside the public internet: `SUBAN_WEBHOOK_NETWORKS=10.32.0.0/12,fd00::/8`.
    static func webhookNetworks() throws -> [NetworkRange] {
        let named = ProcessInfo.processInfo.environment["SUBAN_WEBHOOK_NETWORKS"] ?? ""
        return try named.split(separator: ",").map { text in
            guard let range = NetworkRange(String(text)) else {
                throw ValidationError("SUBAN_WEBHOOK_NETWORKS: \(text) is no network such as 10.32.0.0/12.")
            }
            return range
        }
    }

    var folder: String { URL(fileURLWithPath: data).path }
    var file: String { "\(folder)/suban.sqlite" }

    func settings() throws -> PlatformSettings {
        var settings = PlatformSettings(home: try home.find(), folder: URL(fileURLWithPath: data).path)
        settings.databaseURL = Self.databaseURL
        settings.webhookNetworks = try Self.webhookNetworks()
        return settings
    }

    /// Opens the installation, lets `work` at it and closes it; a refusal becomes the one line that the command says.
    /// - Parameter account: whom the command names with `--by`.
    func maintained<Answer>(
        by account: String? = nil,
        _ work: (Maintenance) async throws -> Answer
    ) async throws -> Answer {
        let person = Operator(user: ProcessInfo.processInfo.userName, account: account)
        let maintenance: Maintenance
        do {
            let settings = try settings()
            try settings.requireInstallation()
            maintenance = try await Maintenance(settings, by: person)
        } catch let refusal as any Refusal {
            throw ValidationError(try words(refusal))
        }
        do {
            let answer = try await work(maintenance)
            await maintenance.close()
            return answer
        } catch {
            await maintenance.close()
            guard let refusal = error as? any Refusal else { throw error }
            throw ValidationError(try words(refusal))
        }
    }

    /// A refusal in the words of the catalogue: what is wrong and what to do.
    func words(_ refusal: any Refusal) throws -> String { try home.words(refusal) }

    func words(_ key: String, _ values: [String: String]) throws -> String { try home.words(key, values) }
}

extension HomeOption {
    /// A refusal in the words of the catalogue: what is wrong and what to do.
    func words(_ refusal: any Refusal) throws -> String {
        // On a page each stands for itself; here they are one line.
        try [refusal.code, "\(refusal.code).next"].map { key in
            let sentence = try words("refusal.\(key)", refusal.arguments)
            return ".。".contains(sentence.last ?? ".")
                ? sentence : sentence + (Self.language == .zh ? "。" : ".")
        }
        .joined(separator: Self.language == .zh ? "" : " ")
    }

    private static var language: Web.Language {
        ProcessInfo.processInfo.environment["LANG"]?.hasPrefix("en") == true ? .en : .zh
    }

    /// In Chinese, unless the terminal speaks English.
    func words(_ key: String, _ values: [String: String]) throws -> String {
        let home = try find()
        let messages = try Self.read.withLock { read in
            if let known = read[home.root] { return known }
            let messages = try Messages.load(home)
            read[home.root] = messages
            return messages
        }
        return messages.text(key, in: Self.language, values)
    }

    /// By folder: a sheet of errors asks for words in each of its lines.
    private static let read = Mutex<[String: Messages]>([:])
}

/// Who gives the command, for the log.
struct OperatorOption: ParsableArguments {
    @Option(
        help: "Your account in the platform. It is logged beside the user of this machine; nobody checks it."
    )
    var by: String?
}

private func contents(_ path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
        throw ValidationError("\(path) cannot be read. Name a file that exists.")
    }
    return Array(data)
}

/// What a bureau brings along: its own tables, and its own stock of people, enterprises and licences.
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import a reference table, or a bureau's own stock: profile, trial, run, reconcile.",
        discussion: """
            `suban import KIND FILE` puts a reference table in force. Stock is profiled, tried, run and reconciled:
            Docs/importing.md.
            """,
        subcommands: [
            ImportTable.self, ImportProfile.self, ImportTrial.self, ImportRun.self, ImportReconcile.self,
        ],
        defaultSubcommand: ImportTable.self
    )
}

/// Puts a bureau's own table in the place of the sample.
struct ImportTable: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table",
        abstract:
            "Import a reference table (TSV or CSV): 0 imported, 1 the file is wrong, 2 no such table or file.",
        discussion: "Tables: " + ReferenceSchema.importable.map(\.kind).sorted().joined(separator: ", ")
    )

    @OptionGroup var data: DataOptions
    @Argument(help: "Which table.")
    var kind: String
    @Argument(help: "UTF-8, a header line, one row a line.")
    var file: String
    @Option(help: "The first day on which it is in force, such as 2026-12-01. Without it, today.")
    var effective: String?
    @Option(help: "Where it comes from, such as the number of a notice.")
    var source = "command line"
    @OptionGroup var person: OperatorOption
    @Flag(help: "Read and check only; keep nothing.")
    var trial = false

    func run() async throws {
        guard ReferenceSchema.named(kind) != nil else {
            throw ValidationError("There is no table \(kind); `suban import --help` lists them.")
        }
        let bytes = try contents(file)
        let from = try effective.map { try day($0, of: "--effective") }
        try await data.maintained(by: person.by) { maintenance in
            do {
                let rows = try await maintenance.importTable(
                    bytes,
                    kind: kind,
                    effective: from,
                    source: source,
                    isTrial: trial
                )
                say("\(kind): \(rows) rows \(trial ? "are good; nothing was kept" : "imported")")
            } catch let rejected as ReferenceRejected {
                for problem in rejected.problems {
                    say("\(file):\(problem.line): \(try data.words(Fault(problem)))")
                }
                say("\(kind): \(rejected.problems.count) problems; nothing was kept")
                throw ExitCode(1)
            }
        }
    }
}

/// One line of a rejected file, as a refusal is worded.
private struct Fault: Refusal {
    let code: String
    let arguments: [String: String]
    var status: RefusalStatus { .unacceptable }

    init(_ problem: ReferenceProblem) {
        code = problem.code
        arguments = problem.arguments
    }
}

/// Makes a folder of a system a new version of it.
struct Publish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish a system's folder as a new version; running cases keep theirs."
    )

    @OptionGroup var data: DataOptions
    @Argument(help: "A folder with a system.yaml, or the id of a system under Systems.")
    var system: String
    @Option(help: "The first day on which new cases start with it, such as 2026-12-01. Without it, today.")
    var effective: String?
    @Option(help: "Why, for the history.")
    var note = "published from the command line"
    @OptionGroup var person: OperatorOption
    @Flag(help: "Check only; publish nothing.")
    var trial = false

    func run() async throws {
        let from = try effective.map { try day($0, of: "--effective") }
        let folder = try path()
        let version = try await data.maintained(by: person.by) {
            try await $0.publish(folder: folder, effective: from, note: note, isTrial: trial)
        }
        say(
            version.map { "\($0.system): version \($0.number) in force from \($0.effective)" }
                ?? "\(system): can run; nothing was published"
        )
    }

    private func path() throws -> String {
        let folders = [system, "\(try data.home.find().systems)/\(system)"]
        guard
            let folder = folders.first(where: { FileManager.default.fileExists(atPath: "\($0)/system.yaml") })
        else {
            throw ValidationError(
                "There is no system.yaml in \(system). Name a folder, or an id that `suban systems` lists."
            )
        }
        return folder
    }
}

/// Brings the schema up to date and ends.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Bring the database's schema up to date.")

    @OptionGroup var data: DataOptions

    func run() async throws {
        let count: Int
        do { count = try await Maintenance.migrate(data.settings()) } catch let refusal as any Refusal {
            throw ValidationError(try data.words(refusal))
        }
        say(try data.words(count > 0 ? "migrate.done" : "migrate.nothing", ["count": String(count)]))
    }
}

/// Copies the database while it is in use, and the files that were handed in. Keys and the mirror of the log lie beside
/// them and are kept apart: without the keys nobody reads the personal columns of a copy.
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Copy the SQLite database to FILE and the files handed in to FILE.attachments, while in use.",
        discussion: "The folder of keys is not copied; keep it elsewhere: a copy cannot be read without it."
    )

    @OptionGroup var data: DataOptions
    @Argument(help: "A file that does not exist yet.")
    var file: String

    func run() async throws {
        guard DataOptions.databaseURL == nil else {
            throw ValidationError("DATABASE_URL names PostgreSQL: use pg_dump or pgBackRest there.")
        }
        do { try data.settings().requireInstallation() } catch let refusal as any Refusal {
            throw ValidationError(try data.words(refusal))
        }
        let folder = data.folder
        // Before the copy is taken: heads that are signed meanwhile are not in it. What keeps it from being checked keeps
        // nobody from taking it: that is the day on which one wants a copy.
        let checkup = Result { try data.checkup() }
        let swept = try await said { try await Backups.make(of: folder, to: file) }
        if !swept.isEmpty { say(try data.words("backup.swept", ["count": String(swept.count)])) }
        let isWhole: Bool
        do { isWhole = try await data.checkCopy(file, with: checkup.get()) } catch {
            // Nobody knows what it is: it does not bear the name of a backup.
            let kept = try Backups.setAside(file)
            say(
                try data.words(
                    "backup.unchecked",
                    ["file": kept, "files": Backups.filesFolder(of: kept)]
                )
            )
            throw error
        }
        say(
            try data.words(
                isWhole ? "backup.done" : "backup.broken",
                ["file": file, "files": Backups.filesFolder(of: file)]
            )
        )
        say(try data.words("backup.without", ["folder": data.data]))
        if !isWhole { throw ExitCode(1) }
    }
}

/// Puts a backup where there is no database.
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a backup in place, where there is no database yet."
    )

    @OptionGroup var data: DataOptions
    @Argument(help: "A file that `suban backup` wrote.")
    var file: String

    func run() async throws {
        guard DataOptions.databaseURL == nil else {
            throw ValidationError("DATABASE_URL names PostgreSQL: use pg_restore or pgBackRest there.")
        }
        let folder = data.folder
        try await said { try await Backups.restore(file, to: folder) }
        say(try data.words("restore.done", ["file": "\(data.data)/suban.sqlite"]))
        let isWhole = try await data.checkCopy(data.file, with: try data.checkup())
        let missing = ["keys", "exchange-keys", "heads.jsonl"].filter {
            !FileManager.default.fileExists(atPath: "\(folder)/\($0)")
        }
        if !missing.isEmpty {
            say(
                try data.words(
                    "restore.missing",
                    ["folder": data.data, "names": missing.joined(separator: ", ")]
                )
            )
        }
        if !isWhole { throw ExitCode(1) }
    }
}

private func said<Answer>(_ work: () async throws -> Answer) async throws -> Answer {
    do { return try await work() } catch let error as StorageError {
        switch error {
        case .unavailable(let why), .damaged(let why): throw ValidationError("\(why).")
        default: throw error
        }
    }
}
