import ArgumentParser
import Bench
import Foundation
import Kernel

/// Measures the program against limits and peers of the same run.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure, each number beside a limit or a peer of the same run.",
        discussion:
            "Ends with 1 when a ratio is on the wrong side of its bar (Resources/bench/bars.tsv). See Docs/bench.md."
    )

    @OptionGroup var home: HomeOption
    @Argument(help: "What to measure; everything when left out: \(Bench.names.joined(separator: ", ")).")
    var names: [String] = []
    @Flag(help: "One line of JSON for each figure.")
    var json = false
    @Option(help: "How many companies are opened, 20...100,000.")
    var openings = 400
    @Option(help: "How many companies are opened before memory is read, 20...100,000.")
    var memoryOpenings = 10_000
    @Option(help: "How many names the large library holds, 20,000...1,000,000.")
    var libraryNames = 1_000_000

    func validate() throws {
        for name in names where !Bench.names.contains(name) {
            throw ValidationError(
                "There is no benchmark “\(name)”; there are \(Bench.names.joined(separator: ", "))."
            )
        }
        guard (20...100_000).contains(openings), (20...100_000).contains(memoryOpenings) else {
            throw ValidationError("--openings and --memory-openings must be 20...100000.")
        }
        guard (20_000...1_000_000).contains(libraryNames) else {
            throw ValidationError("--library-names must be 20000...1000000.")
        }
    }

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "suban-bench-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var settings = BenchSettings(
            home: try home.find(),
            folder: folder.path,
            program: Bundle.main.executablePath ?? CommandLine.arguments[0],
            progress: { line in FileHandle.standardError.write(Data("\(line)\n".utf8)) }
        )
        settings.openings = openings
        settings.memoryOpenings = memoryOpenings
        settings.names = libraryNames
        let machine = BenchMachine()
        say(json ? machine.json.canonical : machine.text)
        if !json { say(BenchLine.heading) }
        let isJSON = json
        let verdict = try await Bench.run(names, settings: settings) { line in
            say(isJSON ? line.json.canonical : line.text)
        }
        if !json {
            if !verdict.missed.isEmpty { say("missed: \(verdict.missed.joined(separator: ", "))") }
            if !verdict.open.isEmpty { say("not run: \(verdict.open.joined(separator: ", "))") }
            say("load at the end: \(BenchMachine.load)")
        }
        if !verdict.missed.isEmpty { throw ExitCode(1) }
    }
}
