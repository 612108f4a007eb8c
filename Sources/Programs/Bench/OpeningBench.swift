import Audit
import Cases
import CompanyNames
import CompanyOpening
import Credentials
import Cryptography
import Foundation
import Kernel
import Server
import Storage

/// Twenty founders at once hand in; measured from there until licence and seals can be read and verify.
///
/// Forms are filled in, names reserved and papers signed before. Parties answer inside this process through signed
/// envelopes; there is no HTTP and no web middleware on the way, and the output says so.
enum OpeningBench {
    private static let founders = 20

    static func run(_ settings: BenchSettings) async throws -> [BenchFigure] {
        let town = try await DemoTown(
            home: settings.home,
            folder: "\(settings.folder)/openings",
            at: Instant(milliseconds: 1_770_000_000_000)
        ) { $0.entropy = SystemEntropy() }
        let platform = town.platform
        let raw = SigningBench.rawPerSecond(threads: Stopwatch.cores)
        let factory = try OpeningFactory(town: town)
        let ready = try await factory.ready(settings.openings, at: 4)
        try await town.settle()
        let before = try await platform.database.read { try BenchStore.counts(in: $0) }
        let start = ContinuousClock.now
        let opened = try await inParallel(ready, at: founders) { opening in
            try await open(opening, on: platform)
        }
        let seconds = Stopwatch.seconds(since: start)
        let after = try await platform.database.read { try BenchStore.counts(in: $0) }
        let memory = Stopwatch.residentMegabytes
        try check(before, after, count: ready.count)
        try await verify(opened, on: platform)
        await platform.database.close()
        let signatures =
            Double(after.credentials - before.credentials + after.questions - before.questions) / seconds
        let times = opened.map { $0.seconds * 1_000 }
        var figures = [
            BenchFigure(
                "open-company.signatures",
                signatures,
                "signatures/s",
                peer: "bare EVP on \(Stopwatch.cores) cores",
                against: raw,
                note:
                    "licences, seals and questions signed by the platform; the parties' own signatures, made in the same process, are not counted"
            ),
            BenchFigure(
                "open-company.openings",
                Double(ready.count) / seconds,
                "openings/s",
                note:
                    "\(ready.count) openings, \(founders) founders at once, through CaseDesk in process: no HTTP on the way"
            ),
            BenchFigure("open-company.p50", Stopwatch.percentile(0.5, of: times), "ms"),
            BenchFigure("open-company.p99", Stopwatch.percentile(0.99, of: times), "ms"),
        ]
        if let memory {
            figures.append(
                BenchFigure(
                    "open-company.memory",
                    memory,
                    "MB",
                    peer: "MB limit",
                    against: 200,
                    note: "after \(ready.count) openings, parties included; the limit is set for 10,000"
                )
            )
        }
        return figures
    }

    struct Opened: Sendable {
        let code: String
        let seconds: Double
        let files: [[UInt8]]
    }

    private static func open(_ opening: OpeningFactory.Ready, on platform: Platform) async throws -> Opened {
        let start = ContinuousClock.now
        let occasion = Occasion(
            now: platform.clock.now,
            actor: opening.founder,
            request: "bench-\(opening.id)",
            entropy: platform.settings.entropy
        )
        let decided = try await platform.desk.submit(opening.id, occasion: occasion)
        guard decided.state == .granted, let code = decided.result else {
            let decisions = try await platform.database.read { try DecisionStore.of(opening.id, in: $0) }
            let reasons =
                decisions.last?.findings.obstacles.map { "\($0.rule) \($0.reason) \($0.inputs.canonical)" }
                ?? []
            throw BenchFault("an opening was not granted: \(reasons.joined(separator: "; "))")
        }
        let held = try await platform.database.read { try Credentials.held(by: code, in: $0) }
        guard held.contains(where: { $0.record.type == "business-licence" }),
            held.contains(where: { $0.record.type.hasPrefix("seal-") })
        else { throw BenchFault("an opening without licence or seal: \(code)") }
        return Opened(code: code, seconds: Stopwatch.seconds(since: start), files: held.map(\.file))
    }

    /// The rows that so many openings must have left.
    private static func check(_ before: BenchStore.Counts, _ after: BenchStore.Counts, count: Int) throws {
        let count = Int64(count)
        func grew(_ what: String, _ path: KeyPath<BenchStore.Counts, Int64>, by least: Int64) throws {
            let grown = after[keyPath: path] - before[keyPath: path]
            guard grown >= least else { throw BenchFault("\(grown) \(what) instead of at least \(least)") }
        }
        try grew("granted cases", \.cases, by: count)
        try grew("decisions", \.decisions, by: count)
        try grew("companies", \.subjects, by: count)
        try grew("licences and seals", \.credentials, by: 2 * count)
        try grew("lines to parties", \.lines, by: count)
        try grew("events", \.events, by: 2 * count)
        try grew("log entries", \.entries, by: 2 * count)
        guard after.unsealed == 0 else { throw BenchFault("\(after.unsealed) log entries are not sealed") }
    }

    /// Every file verifies against the register, every code is another one, and the log is whole.
    private static func verify(_ opened: [Opened], on platform: Platform) async throws {
        guard Set(opened.map(\.code)).count == opened.count else {
            throw BenchFault("a code was given twice")
        }
        let verifier = CredentialVerifier(anchors: [platform.keys.root])
        let now = platform.clock.now
        for company in opened {
            let bad = try await platform.database.read { reader in
                try company.files.compactMap {
                    try verifier.verify($0, at: now, in: reader).problems.first?.code
                }.first
            }
            if let bad { throw BenchFault("a licence or seal of \(company.code) does not verify: \(bad)") }
        }
        try await platform.keeper.round()
        let verdict = try await LogVerifier(
            database: platform.database,
            keys: [platform.keys.log.key.publicKey],
            mirrored: []
        ).verify()
        guard verdict.isWhole else { throw BenchFault("the log is not whole: \(verdict.problems)") }
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
