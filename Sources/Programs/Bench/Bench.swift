public import Kernel

/// Measurements of the running program, each against a limit or a peer in the same run, so that a slow or busy
/// machine changes both sides. Never part of a test.
public enum Bench {
    typealias Measure = @Sendable (BenchSettings) async throws -> [BenchFigure]

    /// In the order in which they run: memory is read before large tables have been built.
    static let all: [(name: String, measure: Measure)] = [
        ("open-company", OpeningBench.run), ("sm2", SigningBench.run), ("working-days", CalendarBench.run),
        ("log", LogBench.run), ("decision-table", TableBench.run), ("name-check", NameBench.run),
    ]

    public static var names: [String] { all.map(\.name) }

    /// Runs the named measurements, all when `names` is empty, and calls `report` for each line as it is there.
    /// - Returns: false when a line is under its bar.
    public static func run(
        _ names: [String],
        settings: BenchSettings,
        report: @Sendable (BenchLine) -> Void
    ) async throws -> Bool {
        let bars = try BenchBars(home: settings.home)
        var isGood = true
        for (name, measure) in all where names.isEmpty || names.contains(name) {
            for figure in try await measure(settings) {
                let line = try BenchLine(figure: figure, bar: bars.bar(of: figure.key))
                isGood = isGood && line.isGood
                report(line)
            }
        }
        return isGood
    }
}

/// Where measurements find the data of the program and put their own.
public struct BenchSettings: Sendable {
    public let home: Home
    /// An empty folder that is thrown away afterwards; on the disk whose durability counts.
    public let folder: String
    /// Companies to open; 20 founders at once.
    public var openings = 400
    /// Names in the large library.
    public var names = 1_000_000

    public init(home: Home, folder: String) {
        self.home = home
        self.folder = folder
    }
}

/// What is measured did not do what it should: rows are missing, an answer is wrong.
public struct BenchFault: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}
