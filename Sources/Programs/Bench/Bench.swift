import Foundation
public import Kernel

/// Measurements of the running program, each against a limit or a peer in the same run, so that a slow or busy
/// machine changes both sides. Never part of a test.
public enum Bench {
    typealias Measure = @Sendable (BenchSettings) async throws -> [BenchFigure]

    /// In the order in which they run.
    static let all: [(name: String, measure: Measure)] = [
        ("open-company", OpeningBench.run), ("open-company-postgres", PostgresOpeningBench.run),
        ("sm2", SigningBench.run), ("working-days", CalendarBench.run),
        ("log", LogBench.run), ("decision-table", TableBench.run), ("name-check", NameBench.run),
        ("api-write", CallBench.writes), ("api-save", CallBench.saves), ("api-read", CallBench.reads),
        ("postgres-store", PostgresBench.run), ("memory", MemoryBench.run), ("load", LoadBench.run),
        ("import-licences", ImportBench.run), ("licence-file", FileBench.run),
        ("presentation", PresentationBench.run), ("licence-lookup", LookUpBench.run),
        ("verify-memory", HostileBench.run),
        ("scale", ScaleBench.run),
    ]

    /// Those that measure a server in a process of its own.
    private static let withServer: Set = [
        "open-company", "open-company-postgres", "api-write", "api-save", "api-read", "memory",
        "presentation",
    ]

    public static var names: [String] { all.map(\.name) }

    /// Runs the named measurements, all when `names` is empty, and calls `report` for each line as it is there.
    /// - Returns: the lines on the wrong side of their bars, and those that could not be held against one.
    public static func run(
        _ names: [String],
        settings: BenchSettings,
        report: @Sendable (BenchLine) -> Void
    ) async throws -> BenchVerdict {
        let bars = try BenchBars(home: settings.home)
        var verdict = BenchVerdict()
        for (name, measure) in all where names.isEmpty || names.contains(name) {
            // What has no server works in this process.
            if !withServer.contains(name) { try settings.profiler?.follow([getpid()]) }
            for figure in try await measure(settings) {
                let line = try BenchLine(figure: figure, bar: bars.bar(of: figure))
                if !line.isGood { verdict.missed.append(figure.key) }
                if line.isOpen { verdict.open.append(figure.key) }
                report(line)
            }
            if let profile = try settings.profiler?.report() { settings.progress("\(name): \(profile)") }
        }
        return verdict
    }
}

/// What became of the bars, by the lines' keys.
public struct BenchVerdict: Sendable {
    public var missed: [String] = []
    /// A bar whose peer was not there.
    public var open: [String] = []
}

/// Where measurements find the data of the program and put their own.
public struct BenchSettings: Sendable {
    public let home: Home
    /// An empty folder that is thrown away afterwards; on the disk whose durability counts.
    public let folder: String
    /// The program itself, which is started as the server.
    public let program: String
    /// Hears what takes long.
    public let progress: @Sendable (String) -> Void
    /// Says where the time goes.
    public var profiler: BenchProfiler?
    /// Companies to open; 20 founders at once.
    public var openings = 400
    /// Companies to open before the server's memory is read.
    public var memoryOpenings = 10_000
    /// Calls that write; a part of them warms up.
    public var writes = 30_000
    /// Names in the large library.
    public var names = 1_000_000
    /// Cases that `load` writes, with three quarters as many subjects and twice as many licences.
    public var loadCases = 40_000
    /// Licences of the larger library that `licence-lookup` asks.
    public var lookUpLicences = 1_000_000
    /// Paper licences that are taken over.
    public var importRows = 100_000
    /// Cases of the largest installation that `scale` asks.
    public var scaleCases = 1_000_000
    /// Where its installations lie; one that is loaded already is asked as it is.
    public var scaleFolder: String

    public init(home: Home, folder: String, program: String, progress: @escaping @Sendable (String) -> Void) {
        self.home = home
        self.folder = folder
        scaleFolder = folder
        self.program = program
        self.progress = progress
    }
}

/// What is measured did not do what it should: rows are missing, an answer is wrong.
public struct BenchFault: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
