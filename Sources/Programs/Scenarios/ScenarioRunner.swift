import Cases
import Catalogue
import Forms
import Foundation
public import Kernel
import Rules
import Server
import Simulators
import Standards
import Storage
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
    let towns: TownCopies
    private let neighbour: Neighbour
    private let ordinaryOnes = Memo<String, SeenDecision>()
    private let definitions = Mutex<[String: SystemDefinition]>([:])

    var standards: Standards { towns.standards }

    /// - Parameter postgresURL: nil for SQLite; with it every scenario has a database of its own on that server, whose
    ///   user must be allowed to make databases.
    public init(home: Home, postgresURL: String? = nil) throws {
        self.home = home
        cast = try Cast(home: home)
        var bases: [String: JSON] = [:]
        for item in ["llc", "sole-trader"] {
            let bytes = FileManager.default.contents(atPath: home.resource("demo/\(item).json")) ?? Data()
            bases[item] = try JSON.read(Array(bytes))
        }
        self.bases = bases
        let neighbour = try Neighbour(home: home)
        self.neighbour = neighbour
        towns = try TownCopies(home: home, postgresURL: postgresURL) { $0.roots = [neighbour.root] }
    }

    /// Removes the databases of this run.
    public func close() async { await towns.close() }

    /// Runs scenarios, `atOnce` side by side, and tells each as soon as those before it are told.
    public func run(
        _ scenarios: [Scenario],
        atOnce: Int = 1,
        tell: (ScenarioResult) -> Void = { _ in }
    ) async -> [ScenarioResult] {
        var ready: [Int: ScenarioResult] = [:]
        var told = 0
        return await inParallel(scenarios, atOnce: atOnce) {
            await self.run($0)
        } done: { number, result in
            ready[number] = result
            while let next = ready[told] {
                tell(next)
                told += 1
            }
        }
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
        // Stories that begin on one day are copies of one town, opened at its first moment.
        let copy = try await towns.open(
            at: scenario.start,
            origin: Instant(scenario.start.date),
            systems: systems
        )
        do {
            try await perform(scenario, on: copy.town, systems: systems, play: &play)
        } catch {
            await copy.close()
            throw error
        }
        await copy.close()
    }

    private func perform(
        _ scenario: Scenario,
        on town: DemoTown,
        systems: [String: [String: [UInt8]]]?,
        play: inout Play
    ) async throws {
        let stage = try await stage(on: town, system: scenario.system)
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

    private func stage(on town: DemoTown, system name: String) async throws -> Stage {
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
        return Stage(
            town: town,
            system: name,
            cast: cast,
            bases: bases,
            definitions: definitions,
            neighbour: neighbour
        )
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

    // MARK: definitions and the ordinary case

    func definition(_ system: String, systems: [String: [String: [UInt8]]]? = nil) throws -> SystemDefinition
    {
        if let files = systems?[system] { return try SystemDefinition(SystemFolder(files: files)) }
        if let known = definitions.withLock({ $0[system] }) { return known }
        let definition = try SystemDefinition(SystemFolder(at: "\(home.systems)/\(system)"))
        definitions.withLock { $0[system] = definition }
        return definition
    }

    /// The facts of an ordinary opening, which judgements change: gathered once from a real one.
    func ordinary(_ item: String) async throws -> SeenDecision {
        try await ordinaryOnes.value(item) { try await self.gatherOrdinary(item) }
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
