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
    @Flag(help: "Say where the time goes, by perf: of the server where there is one.")
    var profile = false
    @Option(help: "Add each figure to this file, with machine, versions and program.")
    var history: String?
    @Option(help: "How many companies are opened, 20...100,000.")
    var openings = 400
    @Option(help: "How many companies are opened before memory is read, 20...100,000.")
    var memoryOpenings = 10_000
    @Option(help: "How many cases calls of the API begin, 1,000...200,000.")
    var writes = 30_000
    @Option(help: "How many names the large library holds, 20,000...1,000,000.")
    var libraryNames = 1_000_000

    @Option(help: "How many cases are loaded, 1,000...10,000,000.")
    var loadCases = 40_000
    @Option(
        help:
            "Cases of the largest installation that is asked, 1,000...10,000,000; the smallest has a tenth or 100,000."
    )
    var scaleCases = 1_000_000
    @Option(
        help: "Licences of the larger library that is asked, 200,000...10,000,000; the smaller has 100,000."
    )
    var lookUpLicences = 1_000_000
    @Option(help: "How many paper licences are taken over, 1,000...10,000,000.")
    var importRows = 100_000
    @Option(
        help:
            "Where the installations of scale and licence-lookup are kept, to ask them again; thrown away when left out."
    )
    var scaleData: String?

    func validate() throws {
        for (name, count) in [("--load-cases", loadCases), ("--scale-cases", scaleCases)] {
            guard (1_000...10_000_000).contains(count) else {
                throw ValidationError("\(name) must be 1000...10000000.")
            }
        }
        for name in names where !Bench.names.contains(name) {
            throw ValidationError(
                "There is no benchmark “\(name)”; there are \(Bench.names.joined(separator: ", "))."
            )
        }
        guard (20...100_000).contains(openings), (20...100_000).contains(memoryOpenings) else {
            throw ValidationError("--openings and --memory-openings must be 20...100000.")
        }
        guard (200_000...10_000_000).contains(lookUpLicences), (1_000...10_000_000).contains(importRows)
        else {
            throw ValidationError(
                "--look-up-licences must be 200000...10000000, --import-rows 1000...10000000."
            )
        }
        guard (1_000...200_000).contains(writes) else {
            throw ValidationError("--writes must be 1000...200000.")
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
        settings.writes = writes
        settings.names = libraryNames
        if profile { settings.profiler = try BenchProfiler(folder: folder.path) }
        settings.loadCases = loadCases
        settings.scaleCases = scaleCases
        settings.lookUpLicences = lookUpLicences
        settings.importRows = importRows
        settings.scaleFolder = scaleData ?? folder.path
        let machine = BenchMachine()
        let history = try history.map { try BenchHistory(path: $0, machine: machine, home: settings.home) }
        say(json ? machine.json.canonical : machine.text)
        if !json { say(BenchLine.heading) }
        let isJSON = json
        let verdict = try await Bench.run(names, settings: settings) { line in
            say(isJSON ? line.json.canonical : line.text)
            do { try history?.add(line) } catch { say("the history was not kept: \(error)") }
        }
        if !json {
            if !verdict.missed.isEmpty { say("missed: \(verdict.missed.joined(separator: ", "))") }
            if !verdict.open.isEmpty { say("not run: \(verdict.open.joined(separator: ", "))") }
            say("load at the end: \(BenchMachine.load)")
        }
        if !verdict.missed.isEmpty { throw ExitCode(1) }
    }
}
