import Cases
import Catalogue
import Exchange
import Forms
import Foundation
public import Kernel
import Rules
import Server
import Simulators
import Standards
import Storage
import StoragePostgres
import StorageSQLite
import Synchronization

/// What came of a scenario.
public struct ScenarioResult: Sendable {
    public let scenario: Scenario
    /// A line a step: what it was and whether it held.
    public let steps: [StepResult]
    public let milliseconds: Int64
    /// `R08.reserved`: rows of tables that hit.
    public let rows: Set<String>
    /// `llc.tax`: steps of flows that were opened.
    public let flow: Set<String>
    let seen: [SeenDecision]

    public struct StepResult: Sendable {
        public let line: Int
        public let text: String
        /// What is otherwise than it should be; empty when the step held.
        public let wrong: [String]
    }

    public var passed: Bool { steps.allSatisfy(\.wrong.isEmpty) }
}

/// Runs scenarios, each on a platform and a database of its own.
public final class ScenarioRunner: Sendable {
    let home: Home
    let cast: Cast
    let bases: [String: JSON]
    let facts: [String: [JSON]]
    let standards: Standards
    private let postgresURL: String?
    private let folder: String
    private let cache = Mutex(Cache())

    private struct Cache {
        var templates: Set<String> = []
        var ordinary: [String: SeenDecision] = [:]
        var number = 0
    }

    /// - Parameter postgresURL: nil for SQLite; with it every scenario has a schema of its own there.
    public init(home: Home, postgresURL: String? = nil) throws {
        self.home = home
        self.postgresURL = postgresURL
        cast = try Cast(home: home)
        var bases: [String: JSON] = [:]
        for item in ["llc", "sole-trader"] {
            let bytes = FileManager.default.contents(atPath: home.resource("demo/\(item).json")) ?? Data()
            bases[item] = try JSON.read(Array(bytes))
        }
        self.bases = bases
        facts = try SimulatedTown.facts(home: home)
        standards = try Standards(home: home)
        folder =
            FileManager.default.temporaryDirectory.appendingPathComponent(
                "suban-scenarios-\(UUID().uuidString)"
            ).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// Removes the databases of this run.
    public func close() { try? FileManager.default.removeItem(atPath: folder) }

    /// Runs one scenario. A step that cannot be carried out fails the scenario; the steps after it are not tried.
    /// - Parameter systems: folders to publish instead of those under `home`.
    public func run(_ scenario: Scenario, systems: [String: [String: [UInt8]]]? = nil) async -> ScenarioResult
    {
        let began = ContinuousClock.now
        var play = Play(scenario)
        do {
            if scenario.isTableOnly {
                try await judgeAll(
                    scenario,
                    definition: definition(scenario.system, systems: systems),
                    play: &play
                )
            } else {
                try await perform(scenario, systems: systems, play: &play)
            }
        } catch {
            play.steps.append(
                .init(
                    line: scenario.steps.first?.position.line ?? 1,
                    text: "start",
                    wrong: [Self.words(error)]
                )
            )
        }
        let spent = ContinuousClock.now - began
        return ScenarioResult(
            scenario: scenario,
            steps: play.steps,
            milliseconds: Int64(spent / .milliseconds(1)),
            rows: play.rows,
            flow: play.flow,
            seen: play.seen
        )
    }

    /// What is gathered while a scenario runs.
    struct Play {
        var steps: [ScenarioResult.StepResult] = []
        var rows: Set<String> = []
        var flow: Set<String> = []
        var seen: [SeenDecision] = []

        init(_ scenario: Scenario) {}
    }

    static func words(_ error: any Error) -> String {
        switch error {
        case let failure as StepFailure: failure.words
        case let definition as DefinitionError: definition.description
        case let refusal as any Refusal: "refused: \(refusal.code) \(refusal.arguments)"
        default: String(describing: error)
        }
    }

    // MARK: with a platform

    private func perform(
        _ scenario: Scenario,
        systems: [String: [String: [UInt8]]]?,
        play: inout Play
    ) async throws {
        let (town, remove) = try await openTown(at: scenario.start, systems: systems)
        let stage = try await stage(on: town)
        for step in scenario.steps {
            let wrong = await tell(step, scenario: scenario, stage: stage, systems: systems, play: &play)
            play.steps.append(.init(line: step.position.line, text: step.text, wrong: wrong))
            if !wrong.isEmpty { break }
        }
        if let refused = stage.refused {
            play.steps.append(
                .init(
                    line: scenario.steps.last?.position.line ?? 1,
                    text: "end",
                    wrong: ["refused: \(refused), and nothing expects it"]
                )
            )
        }
        play.seen = stage.seen
        try await gather(from: stage, into: &play)
        await town.platform.database.close()
        await remove()
    }

    private func tell(
        _ step: Scenario.Step,
        scenario: Scenario,
        stage: Stage,
        systems: [String: [String: [UInt8]]]?,
        play: inout Play
    ) async -> [String] {
        do {
            switch step.verb {
            case .expect(let expected): return try await stage.check(expected)
            case .judge(let judgement):
                return try await judge(
                    judgement,
                    definition: definition(scenario.system, systems: systems),
                    on: stage.now.date,
                    play: &play
                )
            default:
                if let refused = stage.refused { return ["before this step: refused: \(refused)"] }
                try await stage.carryOut(step.verb)
                return []
            }
        } catch let refusal as any Refusal where !(refusal is DefinitionError) {
            stage.refused = refusal.code
            do {
                try await stage.town.settle()
                try await stage.gatherDecisions()
            } catch { return [Self.words(error)] }
            return []
        } catch {
            return [Self.words(error)]
        }
    }

    private func stage(on town: DemoTown) async throws -> Stage {
        let published = town.platform.published
        let day = town.clock.now.date
        let (version, system) = try await town.platform.database.read {
            try published.current("company-opening", on: day, in: $0)
        }
        var definitions: [String: CaseDefinition] = [:]
        for item in system.items {
            definitions[item.id] = try CaseDefinition(
                version: version.id,
                system: system,
                item: item.id,
                region: "150203"
            )
        }
        return Stage(town: town, cast: cast, bases: bases, definitions: definitions)
    }

    private func gather(from stage: Stage, into play: inout Play) async throws {
        for id in Set(stage.cases.values) {
            let (subject, steps, decisions) = try await stage.platform.database.read { reader in
                (
                    try CaseStore.find(id, in: reader), try StepStore.of(id, in: reader),
                    try DecisionStore.of(id, in: reader)
                )
            }
            for step in steps where step.state != .skipped {
                play.flow.insert("\(subject.item).\(step.name)")
            }
            if !decisions.isEmpty { play.flow.insert("\(subject.item).decide") }
            if subject.state == .granted { play.flow.insert("\(subject.item).register") }
            for decision in decisions {
                for finding in decision.findings {
                    for row in finding.rows { play.rows.insert("\(finding.rule).\(row)") }
                }
            }
        }
    }

    // MARK: platforms

    /// Opens a platform at `start`. Platforms that begin on the same day with the same systems share what the first
    /// of them has loaded: its folder is copied.
    private func openTown(
        at start: Instant,
        systems: [String: [String: [UInt8]]]?
    ) async throws -> (DemoTown, @Sendable () async -> Void) {
        let number = cache.withLock { cache in
            cache.number += 1
            return cache.number
        }
        let own = "\(folder)/\(number)"
        if let postgresURL {
            let schema = "scenario_\(ProcessInfo.processInfo.processIdentifier)_\(number)"
            let database = try PostgresDatabase(url: postgresURL, schema: schema, connectionsMax: 4)
            try await database.createSchema()
            let town = try await town(at: start, folder: own, systems: systems, database: database)
            return (
                town,
                {
                    // The schema is of no more use; what is left of it does not touch later runs.
                    if let cleaner = try? PostgresDatabase(
                        url: postgresURL,
                        schema: schema,
                        connectionsMax: 1
                    ) {
                        try? await cleaner.dropSchema()
                        await cleaner.close()
                    }
                    try? FileManager.default.removeItem(atPath: own)
                }
            )
        }
        if systems == nil {
            let template = "\(folder)/template-\(start.date)"
            let isThere = cache.withLock { $0.templates.contains(template) }
            if !isThere {
                let first = try await town(
                    at: Instant(start.date),
                    folder: template,
                    systems: nil,
                    database: Self.fast(template)
                )
                await first.platform.database.close()
                cache.withLock { _ = $0.templates.insert(template) }
            }
            try FileManager.default.copyItem(atPath: template, toPath: own)
        }
        let opened = try await town(at: start, folder: own, systems: systems, database: Self.fast(own))
        return (opened, { try? FileManager.default.removeItem(atPath: own) })
    }

    private static func fast(_ folder: String) throws -> SQLiteDatabase {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var settings = SQLiteSettings()
        settings.isDurable = false
        return try SQLiteDatabase(path: "\(folder)/suban.sqlite", settings: settings)
    }

    private func town(
        at start: Instant,
        folder: String,
        systems: [String: [String: [UInt8]]]?,
        database: any Database
    ) async throws -> DemoTown {
        let standards = standards
        return try await DemoTown(home: home, folder: folder, at: start, seed: 1, facts: facts) { settings in
            settings.database = database
            settings.standards = standards
            settings.systems = systems
        }
    }

    // MARK: definitions and the ordinary case

    func definition(_ system: String, systems: [String: [String: [UInt8]]]? = nil) throws -> SystemDefinition
    {
        if let files = systems?[system] { return try SystemDefinition(SystemFolder(files: files)) }
        return try SystemDefinition(SystemFolder(at: "\(home.systems)/\(system)"))
    }

    /// The facts of an ordinary opening, which judgements change: gathered once from a real one.
    func ordinary(_ item: String) async throws -> SeenDecision {
        if let known = cache.withLock({ $0.ordinary[item] }) { return known }
        let opening = "- 张晓晨 opens: {item: \(item)}"
        let scenario = try Scenario(
            yaml:
                "scenario: ordinary\nproves: []\nclock: 2026-03-02 10:00\nsteps:\n  \(opening)\n  - expect: {}\n",
            file: "ordinary",
            system: "company-opening"
        )
        var play = Play(scenario)
        try await perform(scenario, systems: nil, play: &play)
        guard let seen = play.seen.last else {
            throw StepFailure("an ordinary opening came to no decision: \(play.steps.flatMap(\.wrong))")
        }
        cache.withLock { $0.ordinary[item] = seen }
        return seen
    }
}
