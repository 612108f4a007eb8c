import Catalogue
import Foundation
import Kernel
import Server
import TestSupport
import Testing

@testable import Scenarios

/// What makes a scenario hold and fail, and what `suban check` and `suban systems` say of it.
@Suite("Running scenarios", .serialized)
struct ScenarioRunningTests {
    /// One for all stories on SQLite: their towns are copies of one that is opened once.
    private static let shared: Result<ScenarioRunner, any Error> = Result {
        let runner = try ScenarioRunner(home: Home.find(named: nil))
        atexit { try? ScenarioRunningTests.shared.get().towns.removeFolder() }
        return runner
    }

    private static func withRunner<Answer>(
        postgresURL: String? = nil,
        _ body: (ScenarioRunner) async throws -> Answer
    ) async throws -> Answer {
        guard let postgresURL else { return try await body(Self.shared.get()) }
        let runner = try ScenarioRunner(home: Home.find(named: nil), postgresURL: postgresURL)
        do {
            let answer = try await body(runner)
            await runner.close()
            return answer
        } catch {
            await runner.close()
            throw error
        }
    }

    private static let granted = "  - 张晓晨 opens:\n  - expect: {state: granted, licence: valid, reasons: []}"

    @Test("what is asserted falsely fails the scenario, in the step that says it")
    func failures() async throws {
        let wrong: [(String, Int, String)] = [
            ("  - R01 judges: [{row: not-ours, says: pass}]", 5, "row not-ours expected, ours hit"),
            ("  - R01 judges: [{row: ours, says: return}]", 5, "return expected, pass said"),
            ("  - llc form judges: [{problems: [shareholders.sum]}]", 5, "[shareholders.sum] expected"),
            ("  - 张晓晨 opens:\n  - expect: {state: refused}", 6, "state: expected refused, found granted"),
            (
                "  - 张晓晨 opens:\n  - expect: {state: granted, reasons: [R08.name.near]}", 6,
                "reasons: expected [R08.name.near], found []"
            ),
            ("  - 张晓晨 opens:\n  - expect: {rows: [R05.minor-officer]}", 6, "rows: expected"),
            ("  - 张晓晨 opens:\n  - expect: {lines: {tax: rejected}}", 6, "line tax: expected rejected"),
            (
                "  - 张晓晨 opens:\n  - expect: {refusal: case.incomplete}", 6,
                "refusal: expected case.incomplete"
            ),
            ("  - 张晓晨 opens: {change: {no.such.field: x}}\n  - expect: {state: granted}", 5, "no.such.field"),
        ]
        try await Self.withRunner { runner in
            for (steps, line, words) in wrong {
                let result = await runner.run(try ScenarioReadingTests.read(steps))
                #expect(!result.passed, "\(steps)")
                let failed = result.steps.first { !$0.wrong.isEmpty }
                #expect(failed?.line == line, "\(steps): \(String(describing: failed))")
                #expect(
                    failed?.wrong.contains { $0.contains(words) } == true,
                    "\(steps): \(failed?.wrong ?? [])"
                )
            }
        }
    }

    @Test("a refusal that nothing expects fails the scenario; one that is expected does not")
    func refusals() async throws {
        let twice = "  - 张晓晨 reserves:\n  - 李文博 reserves:\n"
        try await Self.withRunner { runner in
            let silent = await runner.run(
                try ScenarioReadingTests.read(twice + "  - expect: {name: reserved}")
            )
            #expect(!silent.passed)
            let wrong = silent.steps.flatMap(\.wrong).joined(separator: "\n")
            let code =
                wrong.firstMatch(of: /expected none, found ([a-z.-]+)/).map { String($0.output.1) } ?? ""
            #expect(!code.isEmpty, "\(wrong)")
            let told = await runner.run(
                try ScenarioReadingTests.read(twice + "  - expect: {refusal: \(code)}")
            )
            #expect(told.passed, "\(code): \(told.steps.flatMap(\.wrong))")
            // The step after a refusal is not carried out as if nothing had happened.
            let after = await runner.run(
                try ScenarioReadingTests.read(twice + "  - 王静怡 opens:\n  - expect: {state: granted}")
            )
            #expect(after.steps.flatMap(\.wrong).contains { $0.contains("before this step: refused") })
        }
    }

    @Test("an ordinary opening is granted on both engines, each on a database of its own")
    func passes() async throws {
        for url in [nil, postgresURL()] {
            try await Self.withRunner(postgresURL: url) { runner in
                // Two of the same name: the second would be refused if it saw the first.
                let scenario = try ScenarioReadingTests.read(Self.granted)
                let results = await runner.run([scenario, scenario], atOnce: 2)
                #expect(
                    results.map(\.passed) == [true, true],
                    "\(results.flatMap(\.steps).flatMap(\.wrong))"
                )
                #expect(results.first?.rows.contains("R01.ours") == true)
                #expect(results.first?.flow.contains("llc.tax") == true)
            }
            if ProcessInfo.processInfo.environment["SUBAN_SQLITE_ONLY"] == "1" { break }
        }
    }

    @Test("results are told in the order of the scenarios, however many run side by side")
    func order() async throws {
        try await Self.withRunner { runner in
            let lines = ["R01", "R05", "R06", "R14", "R18"].map { "  - \($0) judges: [{says: pass}]" }
            let scenarios = try lines.map { try ScenarioReadingTests.read($0) }
            var told: [String] = []
            let results = await runner.run(scenarios, atOnce: 4) { told += $0.steps.map(\.text) }
            #expect(told == ["R01 judges", "R05 judges", "R06 judges", "R14 judges", "R18 judges"])
            #expect(results.map(\.passed) == Array(repeating: true, count: 5))
        }
    }

    @Test("coverage counts what a passing scenario touched, and nothing of one that fails")
    func coverage() async throws {
        try await Self.withRunner { runner in
            let hits = try ScenarioReadingTests.read("  - R01 judges: [{row: ours, says: pass}]")
            let fails = try ScenarioReadingTests.read(
                "  - R01 judges: [{change: {jurisdiction.ours: \"false\"}, row: ours, says: pass}]",
                proves: "[must_do.2]"
            )
            let results = await runner.run([hits, fails])
            #expect(results.map(\.passed) == [true, false])
            let coverage = try Coverage(results: results, runner: runner)
            #expect(!coverage.rows.contains("R01.ours"))
            #expect(coverage.rows.contains("R01.not-ours"))
            #expect(coverage.steps.contains("llc.tax"))
            #expect(!coverage.clauses.contains("company-opening must_do.1"))
            #expect(coverage.clauses.contains("company-opening must_do.2"))
            #expect(coverage.lines.contains("untouched rows: \(coverage.rows.count)"))
            #expect(coverage.json["rows"].elements.count == coverage.rows.count)
        }
    }

    @Test("what a program reads of a check")
    func json() async throws {
        try await Self.withRunner { runner in
            let good = try ScenarioReadingTests.read("  - R01 judges: [{says: pass}]")
            let bad = try ScenarioReadingTests.read("  - R01 judges: [{says: refuse}]")
            var report = CheckReport(results: await runner.run([good, bad]), milliseconds: 12_345)
            #expect(!report.holds)
            #expect(report.line == "1 of 2 scenarios hold, 12.3 s")
            let json = report.json
            #expect(json["passed"] == 1)
            #expect(json["failed"] == 1)
            #expect(json["milliseconds"] == 12_345)
            #expect(json["coverage"].isNull)
            let first = json["scenarios"].elements[0]
            #expect(first["file"] == "test.yaml")
            #expect(first["system"] == "company-opening")
            #expect(first["passed"] == true)
            #expect(first["proves"] == ["must_do.1"])
            let step = json["scenarios"].elements[1]["steps"].elements[0]
            #expect(step["line"] == 5)
            #expect(step["text"] == "R01 judges")
            #expect(step["wrong"].elements.count == 1)
            report.mutations = MutationReport()
            #expect(report.json["mutations"]["percent"] == 100)
        }
    }

    @Test(
        "a system works when every clause and number is proven, waits when one does, fails with one scenario"
    )
    func states() async throws {
        try await Self.withRunner { runner in
            let definition = try runner.definition("company-opening")
            func ran(_ proves: [String], _ steps: String = "  - R01 judges: [{says: pass}]") async throws
                -> ScenarioResult
            {
                await runner.run(
                    try ScenarioReadingTests.read(steps, proves: "[\(proves.joined(separator: ", "))]")
                )
            }
            let clauses = definition.clauses.filter { $0.later == nil }.map(\.id)
            let waits = definition.clauses.contains { $0.later != nil }
            let all = try await ran(clauses + definition.numbers)
            let one = try await ran(Array(clauses.prefix(1)))
            let fails = try await ran(clauses, "  - R01 judges: [{says: refuse}]")
            func state(_ results: [ScenarioResult]) -> SystemState {
                SystemState.of("company-opening", definition: definition, results: results)
            }
            #expect(state([]).state == .missing)
            #expect(state([all]).state == (waits ? .partly : .works))
            #expect(state([all]).clausesProven == clauses.count)
            #expect(state([one]).state == .partly)
            #expect(state([one]).clausesProven == 1)
            #expect(state([all, fails]).state == .fails)
            // What a failing scenario names is not proven by it.
            #expect(state([fails]).clausesProven == 0)
            #expect(state([all]).json["scenarios"]["passed"] == 1)
        }
    }
}
