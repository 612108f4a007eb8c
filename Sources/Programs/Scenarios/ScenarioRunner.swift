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
    private let shared = SharedReadings()
    private let cache = Mutex(Cache())

    private struct Cache {
        /// By the day on which a platform begins: what it is copied from.
        var templates: [LocalDate: Task<Template, any Error>] = [:]
        var ordinary: [String: Task<SeenDecision, any Error>] = [:]
        var definitions: [String: SystemDefinition] = [:]
        var number = 0
    }

    /// A platform that was opened and closed again before any scenario: reference data and systems are loaded.
    private struct Template {
        let folder: String
        /// On PostgreSQL.
        let database: String?
    }

    /// - Parameter postgresURL: nil for SQLite; with it every scenario has a database of its own on that server, whose
    ///   user must be allowed to make databases.
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
    public func close() async {
        for template in cache.withLock({ Array($0.templates.values) }) {
            if let name = try? await template.value.database { await drop(name) }
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Runs scenarios, `atOnce` side by side, and tells each as soon as those before it are told.
    public func run(
        _ scenarios: [Scenario],
        atOnce: Int = 1,
        tell: (ScenarioResult) -> Void = { _ in }
    ) async -> [ScenarioResult] {
        var results: [Int: ScenarioResult] = [:]
        var told = 0
        await withTaskGroup(of: (Int, ScenarioResult).self) { group in
            var next = 0
            func start() {
                guard next < scenarios.count else { return }
                let number = next
                next += 1
                group.addTask { (number, await self.run(scenarios[number])) }
            }
            for _ in 0..<max(1, atOnce) { start() }
            for await (number, result) in group {
                results[number] = result
                start()
                while let ready = results[told] {
                    tell(ready)
                    told += 1
                }
            }
        }
        return scenarios.indices.compactMap { results[$0] }
    }

    /// Runs one scenario. A step that cannot be carried out fails the scenario; the steps after it are not tried.
    /// - Parameter systems: changed folders to publish after those under `home`, by id.
    public func run(_ scenario: Scenario, systems: [String: [String: [UInt8]]]? = nil) async -> ScenarioResult
    {
        let began = ContinuousClock.now
        var play = Play()
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
                    text: Self.startText,
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

    /// Names the step in which the platform is opened.
    static let startText = "start"

    /// What is gathered while a scenario runs.
    struct Play {
        var steps: [ScenarioResult.StepResult] = []
        var rows: Set<String> = []
        var flow: Set<String> = []
        var seen: [SeenDecision] = []
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
        do {
            try await perform(scenario, on: town, systems: systems, play: &play)
        } catch {
            await town.platform.database.close()
            await remove()
            throw error
        }
        await town.platform.database.close()
        await remove()
    }

    private func perform(
        _ scenario: Scenario,
        on town: DemoTown,
        systems: [String: [String: [UInt8]]]?,
        play: inout Play
    ) async throws {
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
            case .judgeForm(let judgement):
                return try judge(
                    judgement,
                    definition: definition(scenario.system, systems: systems),
                    on: stage.now.date
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

    /// Opens a platform at `start`, as a copy of the one that was made for that day.
    private func openTown(
        at start: Instant,
        systems: [String: [String: [UInt8]]]?
    ) async throws -> (DemoTown, @Sendable () async -> Void) {
        let template = try await template(of: start.date)
        let number = nextNumber()
        let own = "\(folder)/\(number)"
        try FileManager.default.copyItem(atPath: template.folder, toPath: own)
        guard let postgresURL, let original = template.database else {
            let opened = try await town(at: start, folder: own, systems: systems, database: Self.fast(own))
            return (opened, { try? FileManager.default.removeItem(atPath: own) })
        }
        let name = databaseName(number)
        try await administer(postgresURL) { try await $0.createDatabase(name, template: original) }
        let database = try PostgresDatabase(url: Self.url(postgresURL, database: name), connectionsMax: 4)
        let opened = try await town(at: start, folder: own, systems: systems, database: database)
        return (
            opened,
            {
                await self.drop(name)
                try? FileManager.default.removeItem(atPath: own)
            }
        )
    }

    private func nextNumber() -> Int {
        cache.withLock { cache in
            cache.number += 1
            return cache.number
        }
    }

    private func databaseName(_ number: Int) -> String {
        "scenario_\(ProcessInfo.processInfo.processIdentifier)_\(number)"
    }

    private func template(of day: LocalDate) async throws -> Template {
        let task = cache.withLock { cache in
            if let known = cache.templates[day] { return known }
            let task = Task { try await self.makeTemplate(day) }
            cache.templates[day] = task
            return task
        }
        return try await task.value
    }

    private func makeTemplate(_ day: LocalDate) async throws -> Template {
        let place = "\(folder)/template-\(day)"
        var name: String?
        let database: any Database
        if let postgresURL {
            let own = databaseName(nextNumber())
            try await administer(postgresURL) { try await $0.createDatabase(own) }
            database = try PostgresDatabase(url: Self.url(postgresURL, database: own), connectionsMax: 4)
            name = own
        } else {
            database = try Self.fast(place)
        }
        let first = try await town(
            at: Instant(day),
            folder: place,
            systems: nil,
            database: database,
            isTemplate: true
        )
        await first.platform.database.close()
        return Template(folder: place, database: name)
    }

    private func administer(
        _ url: String,
        _ work: (PostgresDatabase) async throws -> Void
    ) async throws {
        let server = try PostgresDatabase(url: url, connectionsMax: 1)
        do {
            try await work(server)
            await server.close()
        } catch {
            await server.close()
            throw error
        }
    }

    /// A database of this run is of no more use; one that stays behind is in nobody's way.
    private func drop(_ name: String) async {
        guard let postgresURL else { return }
        try? await administer(postgresURL) { try await $0.dropDatabase(name) }
    }

    /// The same server and user, another database.
    static func url(_ url: String, database: String) -> String {
        guard var parts = URLComponents(string: url) else { return url }
        parts.path = "/\(database)"
        return parts.string ?? url
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
        database: any Database,
        isTemplate: Bool = false
    ) async throws -> DemoTown {
        let standards = standards
        let shared = shared
        return try await DemoTown(home: home, folder: folder, at: start, seed: 1, facts: facts) { settings in
            settings.database = database
            settings.standards = standards
            settings.systems = systems
            settings.shared = shared
            settings.isPrepared = !isTemplate
        }
    }

    // MARK: definitions and the ordinary case

    func definition(_ system: String, systems: [String: [String: [UInt8]]]? = nil) throws -> SystemDefinition
    {
        if let files = systems?[system] { return try SystemDefinition(SystemFolder(files: files)) }
        if let known = cache.withLock({ $0.definitions[system] }) { return known }
        let definition = try SystemDefinition(SystemFolder(at: "\(home.systems)/\(system)"))
        cache.withLock { $0.definitions[system] = definition }
        return definition
    }

    /// The facts of an ordinary opening, which judgements change: gathered once from a real one.
    func ordinary(_ item: String) async throws -> SeenDecision {
        let task = cache.withLock { cache in
            if let known = cache.ordinary[item] { return known }
            let task = Task { try await self.gatherOrdinary(item) }
            cache.ordinary[item] = task
            return task
        }
        return try await task.value
    }

    private func gatherOrdinary(_ item: String) async throws -> SeenDecision {
        let opening = "- 张晓晨 opens: {item: \(item)}"
        let scenario = try Scenario(
            yaml:
                "scenario: ordinary\nproves: []\nclock: 2026-03-02 10:00\nsteps:\n  \(opening)\n  - expect: {}\n",
            file: "ordinary",
            system: "company-opening"
        )
        var play = Play()
        try await perform(scenario, systems: nil, play: &play)
        guard let seen = play.seen.last else {
            throw StepFailure("an ordinary opening came to no decision: \(play.steps.flatMap(\.wrong))")
        }
        return seen
    }
}
