import ArgumentParser
import Foundation
import Kernel
import Scenarios

/// Runs the scenarios of systems.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the scenarios of all or the named systems."
    )

    @OptionGroup var home: HomeOption
    @Argument(help: "Systems by id, or scenarios by a part of their file name, such as company-opening/llc.")
    var ids: [String] = []
    @Flag(help: "List rows, steps, limits and clauses that no scenario touches.")
    var coverage = false
    @Flag(
        help:
            "Change every table and limit, one thing at a time, and list the changes that no scenario notices."
    )
    var mutate = false
    @Flag(help: "Print JSON.")
    var json = false
    @Flag(help: "Print scenarios only, not their steps.")
    var brief = false
    @Option(help: "Run on PostgreSQL: postgres://…")
    var postgres: String?

    func run() async throws {
        let home = try home.find()
        let runner = try ScenarioRunner(home: home, postgresURL: postgres)
        defer { runner.close() }
        let scenarios = try chosen(home: home)
        guard !scenarios.isEmpty else {
            throw ValidationError(
                "No scenarios for \(ids.joined(separator: " ")); `suban systems` lists the systems."
            )
        }
        var results: [ScenarioResult] = []
        for scenario in scenarios {
            let result = await runner.run(scenario)
            results.append(result)
            if !json { tell(result) }
        }
        let failed = results.count { !$0.passed }
        if json { say(JSON.array(results.map(\.json)).canonical) }
        if !json { say("\(results.count - failed) of \(results.count) scenarios hold") }
        if coverage {
            for line in try Coverage(results: results, runner: runner).lines { say(line) }
        }
        if mutate {
            for line in try await Mutants(runner: runner, results: results).lines() { say(line) }
        }
        if failed > 0 { throw ExitCode(1) }
    }

    private func chosen(home: Home) throws -> [Scenario] {
        let systems = try ScenarioRunner.systems(home: home)
        if ids.isEmpty { return try systems.flatMap { try Scenario.all(of: $0, home: home) } }
        var chosen: [Scenario] = []
        for id in ids {
            let parts = id.split(separator: "/", maxSplits: 1).map(String.init)
            guard systems.contains(parts[0]) else {
                throw ValidationError("There is no system \(parts[0]); `suban systems` lists them.")
            }
            chosen += try Scenario.all(of: parts[0], home: home).filter {
                parts.count < 2 || $0.file.contains(parts[1])
            }
        }
        return chosen
    }

    private func tell(_ result: ScenarioResult) {
        say(
            "\(result.passed ? "ok  " : "FAIL") \(result.scenario.file)  \(result.scenario.name)  \(result.milliseconds) ms"
        )
        for step in result.steps where !brief || !step.wrong.isEmpty {
            say("  \(step.wrong.isEmpty ? "✓" : "✗") \(result.scenario.file):\(step.line) \(step.text)")
            for wrong in step.wrong { say("      \(wrong)") }
        }
    }
}

/// Lists every system with its state.
struct SystemsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "systems",
        abstract: "List every system: works, partly, fails or missing."
    )

    @OptionGroup var home: HomeOption
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let home = try home.find()
        let runner = try ScenarioRunner(home: home)
        defer { runner.close() }
        let states = try await SystemState.all(home: home, runner: runner)
        if json {
            say(JSON.array(states.map(\.json)).canonical)
            return
        }
        for state in states { say(state.line) }
        let counts = Dictionary(grouping: states, by: \.state).mapValues(\.count)
        say(SystemState.Kind.allCases.map { "\($0.rawValue) \(counts[$0] ?? 0)" }.joined(separator: ", "))
    }
}
