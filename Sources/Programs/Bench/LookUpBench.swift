import Credentials
import Foundation
import Kernel
import Storage
import StorageSQLite

/// A licence looked up by its holder and by its number, in a small and in a large library: a holder has as many in both.
enum LookUpBench {
    private static let small = 100_000
    /// Of one holder, so that the same number of rows answers.
    private static let ofOneHolder = 20
    private static let asked = 4_000

    static func run(_ settings: BenchSettings) async throws -> [BenchFigure] {
        let few = try await Library(small, settings)
        let many = try await Library(settings.lookUpLicences, settings)
        return Question.allCases.map { question in
            let (more, less) = (many.times[question] ?? [], few.times[question] ?? [])
            return BenchFigure(
                "licence-lookup.\(question.rawValue)",
                Stopwatch.percentile(0.99, of: more),
                "ms",
                peer: "ms with \(small)",
                against: Stopwatch.percentile(0.99, of: less),
                note: String(
                    format: "p99 of %d look-ups, %d licences, %d a holder; p50 %.3f ms, %.3f ms",
                    asked,
                    settings.lookUpLicences,
                    ofOneHolder,
                    Stopwatch.percentile(0.5, of: more),
                    Stopwatch.percentile(0.5, of: less)
                )
            )
        }
    }

    private enum Question: String, CaseIterable {
        case holder, number
    }

    private struct Library {
        /// In milliseconds, each answer by itself.
        var times: [Question: [Double]] = [:]

        init(_ licences: Int, _ settings: BenchSettings) async throws {
            let folder = "\(settings.scaleFolder)/licences-\(licences)"
            settings.progress("licence-lookup: loading \(licences) licences")
            _ = try await LoadBench.load(
                (licences / ofOneHolder, 1, licences),
                settings,
                into: folder,
                databaseURL: nil
            )
            let database = try SQLiteDatabase(path: "\(folder)/suban.sqlite")
            let samples = try await database.read { try BenchStore.licences(limit: asked, in: $0) }
            guard samples.count == asked else { throw BenchFault("\(samples.count) licences to ask for") }
            settings.progress("licence-lookup: asking \(licences) licences")
            // The first round brings pages into memory, as days of service do; the second counts.
            for round in 0..<2 {
                var times: [Question: [Double]] = [:]
                for (holder, identifier) in samples {
                    for question in Question.allCases {
                        let start = ContinuousClock.now
                        let found = try await database.read { reader in
                            switch question {
                            case .holder: try Credentials.held(by: holder, in: reader).count
                            case .number:
                                try Credentials.find(identifier: identifier, in: reader) == nil ? 0 : 1
                            }
                        }
                        times[question, default: []].append(1_000 * Stopwatch.seconds(since: start))
                        guard found > 0 else { throw BenchFault("\(holder) and \(identifier) are not found") }
                    }
                }
                if round == 1 { self.times = times }
            }
            await database.close()
        }
    }
}
