import ArgumentParser
import Foundation
import Kernel
import Server
import Standards
import Stock
import Web

/// A file of stock with its mapping.
struct StockOptions: ParsableArguments {
    @OptionGroup var data: DataOptions
    @Argument(help: "CSV, TSV or a JSON object a line, in UTF-8, GBK or GB 18030.")
    var file: String
    @Option(help: "Which column becomes which field: YAML, made as a draft by `suban import profile`.")
    var mapping: String
    @OptionGroup var person: OperatorOption

    /// Opens file and installation, and lets `work` at them.
    func opened<Answer>(_ work: (StockDesk, Maintenance) async throws -> Answer) async throws -> Answer {
        try await data.maintained(by: person.by) { maintenance in
            let file = try StockFile(path: file)
            guard let bytes = FileManager.default.contents(atPath: mapping),
                let yaml = String(validating: bytes, as: UTF8.self)
            else { throw StockError.unreadable(file: mapping) }
            return try await work(
                try await maintenance.stock(file, mapping: yaml, named: mapping),
                maintenance
            )
        }
    }
}

/// Shows what a file holds and drafts a mapping.
struct ImportProfile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Show what a file of stock holds, column by column, and draft its mapping."
    )

    @OptionGroup var home: HomeOption
    @Argument(help: "CSV, TSV or a JSON object a line, in UTF-8, GBK or GB 18030.")
    var file: String
    @Option(help: "What its rows are: \(list(of: StockKind.self)).")
    var kind: String?
    @Option(help: "Where the draft of the mapping is written; needs --kind.")
    var draft: String?
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard draft == nil || kind != nil else { throw ValidationError("--draft needs --kind.") }
    }

    func run() throws {
        do {
            let profile = try Maintenance.profile(
                StockFile(path: file),
                home: home.find(),
                on: SystemClock().now.date
            )
            if json { say(profile.json.canonical) } else { try tell(profile) }
            guard let kind, let draft else { return }
            let chosen: StockKind = try choice(kind, of: "--kind")
            let names = try Maintenance.columnNames(of: chosen, home: home.find())
            do {
                try Data(profile.draft(of: chosen, names: names).utf8).write(
                    to: URL(fileURLWithPath: draft),
                    options: .withoutOverwriting
                )
            } catch {
                let isThere = FileManager.default.fileExists(atPath: draft)
                let why = isThere ? "is there already" : "cannot be written"
                throw ValidationError("\(draft) \(why). Name another file with --draft.")
            }
            say(try home.words("stock.command.drafted", ["file": draft]))
        } catch let refusal as any Refusal {
            throw ValidationError(try home.words(refusal))
        }
    }

    private func tell(_ profile: StockProfile) throws {
        let values = [
            "file": profile.file.name, "encoding": profile.file.encoding.rawValue,
            "format": profile.file.format.rawValue, "rows": String(profile.rows),
        ]
        say(try home.words("stock.command.profile", values))
        for (fault, count) in profile.faults.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            say("  stock.\(fault.rawValue)\t\(count)")
        }
        say(try home.words("stock.command.columns", [:]))
        for column in profile.columns {
            let shortest = column.filled > 0 ? column.shortest : 0
            let suspicious = column.suspicious.sorted { $0.key < $1.key }.map { "\($0.key)×\($0.value)" }
            let parts = [
                column.name, column.type, "\(column.filled)/\(profile.rows)",
                "\(column.distinct)\(column.isOver ? "+" : "")", "\(shortest)-\(column.longest)",
                String(column.untidy), suspicious.joined(separator: " "),
            ]
            say(parts.joined(separator: "\t"))
        }
    }
}

/// Checks everything and keeps nothing.
struct ImportTrial: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trial",
        abstract:
            "Check a file of stock and keep nothing: 0 all rows are good, 1 some are wrong, 2 it cannot be read."
    )

    @OptionGroup var options: StockOptions
    @Option(help: "Where the rows with errors and notices are written, as CSV for the source.")
    var errors: String?

    func run() async throws {
        let trial = try await options.opened { desk, _ in try await options.tried(desk, errors: errors) }
        if trial.wrong > 0 { throw ExitCode(1) }
    }
}

extension StockOptions {
    /// Tries the file, writes what was found for the source, and says how much of each kind.
    func tried(_ desk: StockDesk, errors path: String?) async throws -> StockTrial {
        let bar = ProgressBar(isShown: ProgressBar.isTerminal)
        let sheet = try path.map { try ErrorSheet(path: $0, columns: desk.columns, options: self) }
        let trial = try await desk.trial(progress: { bar.show("rows", $0, $1) }) { row, findings in
            try sheet?.add(row, findings)
        }
        bar.clear()
        try sheet?.close()
        let values = ["rows": String(trial.rows), "wrong": String(trial.wrong)]
        say(try data.words("stock.command.trial", values))
        for (word, counts) in [("error", trial.errors), ("notice", trial.notices)] {
            for (code, count) in counts.sorted(by: { $0.key < $1.key }) {
                say("  \(word)\t\(code)\t\(count)")
            }
        }
        say("  digest\t\(desk.digest)")
        if let path { say(try data.words("stock.command.errors", ["file": path])) }
        return trial
    }
}

/// The source's own rows, each with what is wrong with it: a row for each finding.
private final class ErrorSheet {
    private let file: FileHandle
    private let options: StockOptions

    init(path: String, columns: [String], options: StockOptions) throws {
        // People's numbers stand in it: it is nobody else's to read, and goes into no file that somebody has laid there.
        let handle = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard handle >= 0 else {
            let why = errno == EEXIST ? "is there already" : "cannot be written"
            throw ValidationError("\(path) \(why). Name another file with --errors.")
        }
        file = FileHandle(fileDescriptor: handle, closeOnDealloc: true)
        self.options = options
        let head = try ["line", "column", "kind", "code", "words", "next"].map {
            try options.data.words("stock.sheet.\($0)", [:])
        }
        try file.write(contentsOf: Data(CSV.bytes([head + columns])))
    }

    func add(_ row: StockRow, _ findings: [StockFinding]) throws {
        let rows = try findings.map { finding in
            let fault = StockFault(finding)
            return [
                String(finding.line), finding.column,
                try options.data.words("stock.sheet.\(finding.isError ? "error" : "notice")", [:]),
                fault.code,
                try options.data.words("refusal.\(fault.code)", fault.arguments),
                try options.data.words("refusal.\(fault.code).next", fault.arguments),
            ] + row.values
        }
        try file.write(contentsOf: Data(CSV.lines(rows)))
    }

    func close() throws { try file.close() }
}

/// Takes the rows over.
struct ImportRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Take a file of stock over, or go on where a run was broken off: 0 done, 1 rows are wrong.",
        discussion: """
            A batch of rows is one transaction with its place in the file: run again after a kill, it goes on and
            doubles nothing. Rows with errors stop it before it begins, unless --leave-out says that they stay out.
            """
    )

    @OptionGroup var options: StockOptions
    @Flag(help: "Take the good rows over and leave out those with errors.")
    var leaveOut = false
    @Option(help: "Where the rows with errors and notices are written, as CSV for the source.")
    var errors: String?
    @Option(
        help:
            "The digest that `suban import trial` printed: another file than the one that was tried is refused."
    )
    var tried: String?
    @Option(help: "On what grounds, such as the number of the order; the log names it.")
    var basis: String

    func run() async throws {
        try need(basis, of: "--basis")
        try await options.opened { desk, maintenance in
            if let tried, tried.lowercased() != desk.digest { throw StockError.changed(file: options.file) }
            // Of one that goes on, rows that it has kept are here already; what was tried before it began counts.
            if try await !desk.isBegun() {
                let trial = try await options.tried(desk, errors: errors)
                guard trial.wrong == 0 || leaveOut else {
                    say(try options.data.words(StockError.rowsWrong(count: trial.wrong)))
                    throw ExitCode(1)
                }
            }
            let bar = ProgressBar(isShown: ProgressBar.isTerminal)
            let run = try await desk.run(occasion: maintenance.stockOccasion(purpose: basis)) {
                line,
                done,
                rows in
                bar.tell("rows", done, rows)
            }
            bar.clear()
            let values = [
                "id": run.id, "kept": String(run.kept), "there": String(run.there),
                "left": String(run.leftOut),
            ]
            if run.wasResumed { say(try options.data.words("stock.command.resumed", [:])) }
            say(
                try options.data.words(
                    run.wasDone ? "stock.command.done-before" : "stock.command.run",
                    values
                )
            )
        }
    }
}

/// Counts what is kept against the source.
struct ImportReconcile: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Count a file against what is kept of it, by region and kind: 0 equal, 1 not.",
        discussion:
            "The digest of the report is logged with --basis as the purpose and --by as who signed it off."
    )

    @OptionGroup var options: StockOptions
    @Option(help: "Where the report is written.")
    var report: String
    @Option(help: "On what grounds it is signed off, such as the number of the record; the log names it.")
    var basis: String

    func run() async throws {
        try need(basis, of: "--basis")
        let isEqual = try await options.opened { desk, maintenance in
            let result = try await desk.reconcile(occasion: maintenance.stockOccasion(purpose: basis))
            // It names people's registrations: nobody else's to read, whatever was there before.
            try KeptFile.replace(result.json.canonicalBytes, at: URL(fileURLWithPath: report).path)
            say(try options.data.words("stock.command.groups", [:]))
            for group in result.groups {
                let numbers = [
                    String(group.source), String(group.kept), String(group.leftOut), String(group.sourceFen),
                    String(group.keptFen), group.isEqual ? "=" : "≠",
                ]
                say(([group.name] + numbers).joined(separator: "\t"))
            }
            for row in result.missing {
                let values = ["line": String(row.line), "object": row.object]
                say(try options.data.words("stock.command.missing", values))
            }
            for (code, lines) in result.leftOut.sorted(by: { $0.key < $1.key }) {
                let some = lines.prefix(Self.shown).map(String.init).joined(separator: ", ")
                let values = [
                    "code": code, "count": String(lines.count),
                    "lines": lines.count > Self.shown ? "\(some) …" : some,
                ]
                say(try options.data.words("stock.command.left-out", values))
            }
            say(
                try options.data.words(
                    result.isEqual ? "stock.command.equal" : "stock.command.unequal",
                    ["file": report, "digest": result.digest]
                )
            )
            return result.isEqual
        }
        if !isEqual { throw ExitCode(1) }
    }

    /// A terminal has so many lines of rows for one code; the report has all.
    private static let shown = 20
}
