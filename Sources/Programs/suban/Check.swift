import ArgumentParser
import Catalogue
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
    @Option(help: "With --mutate: end with 1 when fewer changes in a hundred are noticed.")
    var atLeast: Int?
    @Flag(help: "Print JSON.")
    var json = false
    @Flag(help: "Print scenarios only, not their steps.")
    var brief = false
    @Option(help: "Run on PostgreSQL, as a user who may make databases: postgres://…")
    var postgres: String?
    @Option(help: "Scenarios side by side; as many as there are processors, at most 8, when left out.")
    var jobs: Int?

    func validate() throws {
        if let jobs, !(1...64).contains(jobs) { throw ValidationError("--jobs takes 1 to 64.") }
        if let atLeast, !mutate || !(0...100).contains(atLeast) {
            throw ValidationError("--at-least takes 0 to 100, with --mutate.")
        }
        if let postgres, !postgres.hasPrefix("postgres://"), !postgres.hasPrefix("postgresql://") {
            throw ValidationError("--postgres takes an address such as postgres://user@host:5432/database.")
        }
    }

    func run() async throws {
        let home = try home.find()
        let scenarios = try chosen(home: home)
        guard !scenarios.isEmpty else {
            throw ValidationError(
                "No scenarios for \(ids.joined(separator: " ")); `suban systems` lists the systems."
            )
        }
        let runner = try ScenarioRunner(home: home, postgresURL: postgres)
        do {
            let holds = try await check(scenarios, runner: runner)
            await runner.close()
            if !holds { throw ExitCode(1) }
        } catch {
            await runner.close()
            throw error
        }
    }

    /// - Returns: whether everything holds that was asked for.
    private func check(_ scenarios: [Scenario], runner: ScenarioRunner) async throws -> Bool {
        let bar = ProgressBar(isShown: ProgressBar.isTerminal)
        let began = ContinuousClock.now
        let atOnce = jobs ?? min(8, ProcessInfo.processInfo.activeProcessorCount)
        var done = 0
        let results = await runner.run(scenarios, atOnce: atOnce) { result in
            done += 1
            bar.clear()
            if !json { tell(result) }
            bar.show("scenarios", done, scenarios.count)
        }
        bar.clear()
        let milliseconds = Int64((ContinuousClock.now - began) / .milliseconds(1))
        var report = CheckReport(results: results, milliseconds: milliseconds)
        if !json { say(report.line) }
        if coverage {
            let missing = try Coverage(results: results, runner: runner)
            report.coverage = missing
            if !json { for line in missing.lines { say(line) } }
        }
        if mutate {
            let mutants = Mutants(runner: runner, results: results, atOnce: atOnce)
            let found = try await mutants.report { bar.show($0, $1, $2) }
            bar.clear()
            report.mutations = found
            if !json {
                for line in found.lines { say(line) }
                let seconds = Int((ContinuousClock.now - began) / .seconds(1))
                say("all in \(seconds) s")
            }
        }
        if json { say(report.json.canonical) }
        return report.holds && (report.mutations?.percent ?? 100) >= (atLeast ?? 0)
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
    @Argument(help: "Systems by id: each with its clauses, what proves them and what they wait for.")
    var ids: [String] = []
    @Flag(help: "The clauses of every system that has begun.")
    var verbose = false
    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let home = try home.find()
        let listed = try SystemList.read(home: home).map(\.id)
        for id in ids where !listed.contains(id) {
            throw ValidationError("There is no system \(id); `suban systems` lists them.")
        }
        let runner = try ScenarioRunner(home: home)
        let atOnce = min(8, ProcessInfo.processInfo.activeProcessorCount)
        let states: [SystemState]
        do {
            states = try await SystemState.all(Set(ids), home: home, runner: runner, atOnce: atOnce)
            await runner.close()
        } catch {
            await runner.close()
            throw error
        }
        if json {
            say(JSON.array(states.map(\.json)).canonical)
            return
        }
        let isWhole = verbose || !ids.isEmpty
        for state in states where state.state != .missing || !ids.isEmpty {
            for line in isWhole ? state.report : [state.line] { say(line) }
        }
        let missing = states.filter { $0.state == .missing }
        if ids.isEmpty {
            for state in missing { say(state.line) }
            let counts = Dictionary(grouping: states, by: \.state).mapValues(\.count)
            say(SystemState.Kind.allCases.map { "\($0.rawValue) \(counts[$0] ?? 0)" }.joined(separator: ", "))
        }
    }
}
