import Credentials
import Foundation
import Kernel
import Storage
import StorageSQLite

/// The same questions to a small and to a large installation: what somebody waits for must not grow with the number of
/// cases.
enum ScaleBench {
    private static let small = 100_000
    private static let asked = 200
    /// Where the registrar sits who asks.
    private static let division = "150203"
    /// A comparison of the tables with the log that takes longer goes on beside the questions.
    private static let comparedWithin = Duration.seconds(60)

    static func run(_ settings: BenchSettings) async throws -> [BenchFigure] {
        let large = settings.scaleCases
        // The small one is that division alone, so that its inbox fills a page as that of the large one does.
        let few = try await Installation.measure(min(small, large / 10), of: division, settings)
        let many = try await Installation.measure(large, of: nil, settings)
        let note =
            "p99 of \(asked) requests over HTTP, one at a time; \(large) cases against \(min(small, large / 10)); seed 1"
            + (many.isCompared ? "" : "; the tables of the large one were compared with the log meanwhile")
        func medians(_ question: Question) -> String {
            String(
                format: "p50 %.2f ms, %.2f ms",
                many.percentile(0.5, question),
                few.percentile(0.5, question)
            )
        }
        var figures = Question.allCases.map { question in
            BenchFigure(
                "scale.\(question.rawValue)",
                many.percentile(0.99, question),
                "ms",
                peer: "ms with \(min(small, large / 10))",
                against: few.percentile(0.99, question),
                note:
                    "\(medians(question)); \(question == .holder ? "asked of the store, not over HTTP" : note)"
            )
        }
        figures.append(BenchFigure("scale.start", many.start, "s", peer: "s limit", against: 3))
        figures.append(
            BenchFigure(
                "scale.memory",
                many.megabytes,
                "MB",
                peer: "MB limit",
                against: 150,
                note: many.isIdle
                    ? "resident after the tables were compared with the log"
                    : "resident a minute after the start, while the tables are compared with the log"
            )
        )
        return figures
    }

    enum Question: String, CaseIterable {
        case inbox, search, number, holder
    }

    /// What was measured of one installation.
    private struct Installation {
        /// In milliseconds, each answer by itself.
        var times: [Question: [Double]] = [:]
        func percentile(_ share: Double, _ question: Question) -> Double {
            Stopwatch.percentile(share, of: times[question] ?? [])
        }
        var start = 0.0
        var megabytes = 0.0
        /// Whether the tables were compared with the log before the first question, and before memory was read.
        var (isCompared, isIdle) = (false, false)

        static func measure(_ cases: Int, of region: String?, _ settings: BenchSettings) async throws
            -> Installation
        {
            let folder = "\(settings.scaleFolder)/scale-\(cases)"
            settings.progress("scale: loading \(cases) cases")
            _ = try await LoadBench.load(
                (max(1, cases / 20), cases, cases / 4),
                settings,
                into: folder,
                databaseURL: nil,
                region: region
            )
            var measured = Installation()
            let samples = try await Samples(folder: folder)
            measured.times[.holder] = samples.holders
            settings.progress("scale: asking \(cases) cases")
            let server = try await BenchServer(settings: settings, folder: folder)
            do {
                let desk = try await DeskDriver(address: server.address)
                measured.isCompared = try await desk.isIdle(within: comparedWithin)
                measured.times[.inbox] = try await desk.times(Array(repeating: "/desk", count: asked))
                measured.times[.search] = try await desk.times(samples.words.map { "/desk/find?q=\($0)" })
                measured.times[.number] = try await desk.times(samples.numbers.map { "/desk/find?q=\($0)" })
                try await desk.close()
                try await server.stop()
            } catch {
                server.kill()
                throw error
            }
            let start = ContinuousClock.now
            let alone = try await BenchServer(settings: settings, folder: folder, isDemonstration: false)
            measured.start = Stopwatch.seconds(since: start)
            do {
                let visitor = try await DeskDriver(address: alone.address, signsIn: false)
                measured.isIdle = try await visitor.isIdle(within: comparedWithin)
                try await Task.sleep(for: .seconds(2))
                measured.megabytes = alone.residentMegabytes
                try await visitor.close()
                try await alone.stop()
            } catch {
                alone.kill()
                throw error
            }
            return measured
        }
    }

    /// What is asked for: cases of the registrar's division, and holders.
    private struct Samples {
        let words: [String]
        let numbers: [String]
        /// How long the licences of each holder took, in milliseconds.
        let holders: [Double]

        init(folder: String) async throws {
            let database = try SQLiteDatabase(path: "\(folder)/suban.sqlite")
            let cases = try await database.read { try BenchStore.cases(of: division, limit: asked, in: $0) }
            guard !cases.isEmpty else { throw BenchFault("no cases in \(division)") }
            // Two characters out of the middle of the name, as somebody types who remembers that much.
            words = cases.map { one in
                let name = one.title.replacing("包头市昆都仑区", with: "").prefix(2)
                return String(name).addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            }
            numbers = cases.map(\.number)
            let codes = try await database.read { try BenchStore.holders(limit: asked, in: $0) }
            var times: [Double] = []
            for code in codes {
                let start = ContinuousClock.now
                let held = try await database.read { try Credentials.held(by: code, in: $0) }
                times.append(1_000 * Stopwatch.seconds(since: start))
                guard !held.isEmpty else { throw BenchFault("\(code) holds nothing") }
            }
            holders = times
            await database.close()
        }
    }
}
