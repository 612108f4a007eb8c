import Foundation
import Kernel
import Storage
import StorageSQLite
import TestSupport
import Testing

@testable import Server

/// The commands of stock as an operator gives them, each a process of its own.
@Suite("stock from the command line", .serialized)
struct StockCommandTests {
    private static let rows = 3_000
    private static let mapping = """
        kind: person
        source: 原人口库
        row: [编号]
        fields:
          name: {column: 姓名}
          document: {column: 身份证号}
        """

    /// People of one village, each with a number of his own.
    private static func people() -> String {
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let lines = (0..<rows).map { number -> String in
            let day = LocalDate(year: 1950, month: 1, day: 1)?.adding(days: number).description ?? ""
            let body = "150203" + day.replacing("-", with: "") + "001"
            let sum = zip(weights, body).reduce(0) { $0 + $1.0 * ($1.1.wholeNumberValue ?? 0) }
            return "\(number),张大山,\(body)\(Array("10X98765432")[sum % 11])"
        }
        return "编号,姓名,身份证号\n" + lines.joined(separator: "\n") + "\n"
    }

    @Test("a run that is killed goes on where it was, doubles nothing, and the log is whole")
    func killed() async throws {
        try await Installed.onEachEngine { installed in
            let (folder, environment, database) = (
                installed.folder, installed.environment, installed.database
            )
            let paths = (rows: "\(folder)/people.csv", mapping: "\(folder)/people.yaml")
            try Data(Self.people().utf8).write(to: URL(fileURLWithPath: paths.rows))
            try Data(Self.mapping.utf8).write(to: URL(fileURLWithPath: paths.mapping))
            let command = [
                "import", "run", paths.rows, "--mapping", paths.mapping, "--data", folder, "--basis", "1号",
            ]
            let already = try await Self.count(in: database)
            try Self.kill(command, environment: environment, after: "/\(Self.rows)")
            let some = try await Self.count(in: database) - already
            #expect(some > 0 && some < Self.rows, "\(some) rows were kept before it was killed")
            let again = try Program.run(command, environment: environment)
            #expect(again.exit == 0, "\(again.error)")
            #expect(again.out.contains("从上次中断处继续"))
            let told = again.out.matches(of: /(\d+)\/3000/).compactMap { Int($0.output.1) }
            #expect(told.first ?? 0 > some && told.last == Self.rows, "it counts from where it was: \(told)")
            #expect(again.out.contains("写入 \(Self.rows) 行，已有 0 行，未导入 0 行"), "\(again.out)")
            let all = try await Self.count(in: database) - already
            #expect(all == Self.rows)
            let third = try Program.run(command, environment: environment)
            #expect(third.exit == 0 && third.out.contains("写入 \(Self.rows) 行"))
            #expect(third.out.contains("此前已经完成") && !third.out.contains("从上次中断处继续"), "\(third.out)")
            let still = try await Self.count(in: database) - already
            #expect(still == Self.rows)
            // One from before, that others may read.
            #expect(
                FileManager.default.createFile(
                    atPath: "\(folder)/report.json",
                    contents: nil,
                    attributes: [.posixPermissions: 0o644]
                )
            )
            let reconciled = try Program.run(
                [
                    "import", "reconcile", paths.rows, "--mapping", paths.mapping, "--data", folder,
                    "--basis",
                    "2号", "--report", "\(folder)/report.json",
                ],
                environment: environment
            )
            let report = try FileManager.default.attributesOfItem(atPath: "\(folder)/report.json")
            #expect((report[.posixPermissions] as? NSNumber)?.intValue == 0o600, "nobody else reads it")
            #expect(reconciled.exit == 0 && reconciled.out.contains("\t3000\t3000\t0\t"), "\(reconciled.out)")
            let log = try Program.run(["verify", "--log", "--data", folder], environment: environment)
            #expect(log.exit == 0, "\(log.out)")
        }
    }

    @Test("profile, draft, trial and the rows that go back to the source")
    func trial() async throws {
        try await withTemporaryFolder { folder in
            let home = try Home.find()
            let start = SystemClock().now
            let town = try await DemoTown(home: home, folder: folder, at: start)
            await town.platform.database.close()
            let file = home.resource("demo/stock/enterprises.csv")
            let drafted = try Program.run([
                "import", "profile", file, "--kind", "enterprise", "--draft", "\(folder)/draft.yaml",
            ])
            #expect(drafted.exit == 0, "\(drafted.error)")
            #expect(drafted.out.contains("GBK") && drafted.out.contains("date yyyyMMdd"))
            #expect(drafted.out.contains("不详×1"))
            let draft = try String(contentsOfFile: "\(folder)/draft.yaml", encoding: .utf8)
            #expect(draft.contains("established: {column: \"成立日期\", dates: [\"yyyyMMdd\"]}"))
            let trial = try Program.run([
                "import", "trial", file, "--mapping", "\(folder)/draft.yaml", "--data", folder, "--errors",
                "\(folder)/errors.csv",
            ])
            // What the draft leaves to the official is wrong in every row.
            #expect(
                trial.exit == 1 && trial.out.contains("error\tstock.unknown-code"),
                "\(trial.out)\(trial.error)"
            )
            let errors = try String(contentsOfFile: "\(folder)/errors.csv", encoding: .utf8)
            #expect(errors.contains("stock.unknown-code") && errors.contains("150203000000005"))
            let rights = try FileManager.default.attributesOfItem(atPath: "\(folder)/errors.csv")
            #expect(rights[.posixPermissions] as? Int == 0o600)
            let twice = try Program.run([
                "import", "trial", file, "--mapping", "\(folder)/draft.yaml", "--data", folder, "--errors",
                "\(folder)/errors.csv",
            ])
            #expect(twice.exit == 2 && twice.error.contains("is there already"), "\(twice.error)")
            let digest = try #require(trial.out.firstMatch(of: #/digest\t([0-9a-f]{64})/#)?.1)
            for (tried, words) in [
                (String(digest.reversed()), "与试导入时的文件不一致"), (String(digest), "error\tstock.unknown-code"),
            ] {
                let run = try Program.run([
                    "import", "run", file, "--mapping", "\(folder)/draft.yaml", "--data", folder,
                    "--basis", "1号", "--tried", tried,
                ])
                #expect(run.exit != 0 && (run.out + run.error).contains(words), "\(run.out)\(run.error)")
            }
            let kept = try SQLiteDatabase(path: "\(folder)/suban.sqlite")
            let begun = try await kept.read { try $0.number("SELECT COUNT(*) FROM stock_import") }
            #expect(begun == 0)
            await kept.close()
        }
    }

    private static func count(in database: any Database) async throws -> Int {
        try await Int(database.read { try $0.number("SELECT COUNT(*) FROM identity_person") })
    }

    /// Starts the program and kills it once it has printed a line with `word`.
    private static func kill(_ command: [String], environment: [String: String], after word: String) throws {
        let (process, out) = (Process(), Pipe())
        process.executableURL = Program.path
        process.arguments = command
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = out
        process.standardError = FileHandle.nullDevice
        try process.run()
        var heard = ""
        while !heard.contains(word) {
            let data = out.fileHandleForReading.availableData
            guard !data.isEmpty else { break }
            heard += String(decoding: data, as: UTF8.self)
        }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal, "it had ended: \(heard)")
    }
}
