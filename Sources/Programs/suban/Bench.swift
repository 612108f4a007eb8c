import ArgumentParser
import Bench
import Foundation
import Kernel

/// Measures the program against limits and peers of the same run.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure, each number beside a limit or a peer of the same run.",
        discussion: "Ends with 1 when a ratio is under its bar (Resources/bench/bars.tsv). See Docs/bench.md."
    )

    @OptionGroup var home: HomeOption
    @Argument(help: "What to measure; everything when left out: \(Bench.names.joined(separator: ", ")).")
    var names: [String] = []
    @Flag(help: "One line of JSON for each figure.")
    var json = false
    @Option(help: "How many companies are opened, 20...100,000.")
    var openings = 400
    @Option(help: "How many names the large library holds, 20,000...1,000,000.")
    var libraryNames = 1_000_000

    func validate() throws {
        for name in names where !Bench.names.contains(name) {
            throw ValidationError(
                "There is no benchmark “\(name)”; there are \(Bench.names.joined(separator: ", "))."
            )
        }
        guard (20...100_000).contains(openings) else {
            throw ValidationError("--openings must be 20...100000.")
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
        var settings = BenchSettings(home: try home.find(), folder: folder.path)
        settings.openings = openings
        settings.names = libraryNames
        if !json { say(BenchLine.heading) }
        let isJSON = json
        let isGood = try await Bench.run(names, settings: settings) { line in
            say(isJSON ? line.json.canonical : line.text)
        }
        if !isGood { throw ExitCode(1) }
    }
}
