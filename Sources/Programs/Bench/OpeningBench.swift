import Foundation
import Kernel

/// Twenty founders at once hand in; measured from there until licence and seals are in their hands.
///
/// The platform runs as `suban serve --demo` does: a process of its own with a socket, sessions, middleware, jobs,
/// log and flushed commits, and every outside party in a process of its own behind signed envelopes. Founders are
/// known people who signed in by a code; their forms are filled in, names reserved and papers signed before.
enum OpeningBench {
    static func run(_ settings: BenchSettings) async throws -> [BenchFigure] {
        let result = try await OpeningCourse(settings: settings, folder: "openings").run(settings.openings)
        let times = result.opened.map { $0.seconds * 1_000 }
        let signed = result.signed
        let count = result.opened.count
        return [
            BenchFigure(
                "open-company.signatures",
                Double(signed.platform) / result.seconds,
                "signatures/s",
                peer: "bare EVP on \(Stopwatch.cores) cores",
                against: result.raw,
                note:
                    "made by the platform: \(signed.credentials) licences and seals, \(signed.questions) questions, \(signed.orders) orders, \(signed.receipts) receipts, \(signed.heads) heads; the parties' \(signed.parties) on the same cores are not counted"
            ),
            BenchFigure(
                "open-company.openings",
                Double(count) / result.seconds,
                "openings/s",
                note:
                    "\(count) openings, \(OpeningCourse.founders) founders at once, \(OpeningDriver.route); server and \(result.parties) parties in processes of their own"
            ),
            try spiff(settings, openings: Double(count) / result.seconds),
            BenchFigure("open-company.p50", Stopwatch.percentile(0.5, of: times), "ms"),
            BenchFigure(
                "open-company.p99",
                Stopwatch.percentile(0.99, of: times),
                "ms",
                note: result.note
            ),
        ]
    }

    /// What a workflow engine does of it: five branches and one save, without signatures, forms, rules or permissions.
    private static func spiff(_ settings: BenchSettings, openings: Double) throws -> BenchFigure {
        let script = "\(settings.home.root)/Tools/bench/spiff_flow.py"
        let answer = try TableBench.python([script, settings.folder], home: settings.home)
        let peer = try answer.map { try JSON.read(Array($0)) } ?? .null
        return BenchFigure(
            "open-company.SpiffWorkflow",
            openings,
            "openings/s",
            peer: "flows of SpiffWorkflow",
            against: peer["perSecond"].double,
            note: peer.isNull
                ? "SpiffWorkflow is missing; see Docs/bench.md"
                : "SpiffWorkflow \(peer["version"].text ?? "?") runs five branches and saves once, durably, on one thread: no signature, no form, no permission"
        )
    }
}

/// The same openings with the server on PostgreSQL, against SQLite in the same run.
enum PostgresOpeningBench {
    static func run(_ settings: BenchSettings) async throws -> [BenchFigure] {
        let count = max(OpeningCourse.founders, settings.openings / 2)
        let (key, peer) = ("open-company-postgres.openings", "openings on SQLite")
        guard let postgres = try BenchPostgres.start(in: settings) else {
            return [BenchFigure(key, 0, "openings/s", peer: peer, note: "PostgreSQL is not installed")]
        }
        defer { postgres.stop() }
        let url = try postgres.makeDatabase("openings")
        let lite = try await OpeningCourse(settings: settings, folder: "openings-lite").run(count)
        let other = try await OpeningCourse(settings: settings, folder: "openings-pg", databaseURL: url)
            .run(count)
        return [
            BenchFigure(
                key,
                Double(other.opened.count) / other.seconds,
                "openings/s",
                peer: peer,
                against: Double(lite.opened.count) / lite.seconds,
                note: "\(postgres.version), durable; \(count) openings each; \(other.note)"
            )
        ]
    }
}

/// What the server keeps in memory after very many openings.
enum MemoryBench {
    static func run(_ settings: BenchSettings) async throws -> [BenchFigure] {
        let result = try await OpeningCourse(settings: settings, folder: "memory").run(
            settings.memoryOpenings
        )
        return [
            BenchFigure(
                "memory.resident",
                result.megabytesAfter,
                "MB",
                peer: "MB limit",
                against: 200,
                note:
                    "the server's process alone, after \(result.openedInAll) openings and \(result.lines) lines to parties; \(BenchLine.text(result.megabytesBefore)) MB before the first; \(BenchLine.text(Double(result.opened.count) / result.seconds)) openings/s"
            )
        ]
    }
}

/// Runs `work` for every element, at most `width` at once.
func inParallel<Element: Sendable, Answer: Sendable>(
    _ elements: [Element],
    at width: Int,
    _ work: @escaping @Sendable (Element) async throws -> Answer
) async throws -> [Answer] {
    try await withThrowingTaskGroup(of: Answer.self) { group in
        var rest = elements[...]
        for element in rest.prefix(width) { group.addTask { try await work(element) } }
        rest = rest.dropFirst(width)
        var answers: [Answer] = []
        while let answer = try await group.next() {
            answers.append(answer)
            if let element = rest.popFirst() { group.addTask { try await work(element) } }
        }
        return answers
    }
}
