public import Catalogue
import Foundation
public import Kernel

/// How far a system of the list has come: computed from its scenarios, never claimed.
public struct SystemState: Sendable {
    public enum Kind: String, Sendable, CaseIterable { case works, partly, fails, missing }

    public let id: String
    public let state: Kind
    public let clausesProven: Int
    public let clauses: Int
    public let scenariosPassed: Int
    public let scenarios: Int

    public var line: String {
        "\(state.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)) \(id)  clauses \(clausesProven)/\(clauses)  scenarios \(scenariosPassed)/\(scenarios)"
    }

    public var json: JSON {
        [
            "id": .string(id), "state": .string(state.rawValue),
            "clauses": ["passed": JSON(clausesProven), "total": JSON(clauses)],
            "scenarios": ["passed": JSON(scenariosPassed), "total": JSON(scenarios)],
        ]
    }

    /// Every system of the list, in its order.
    public static func all(home: Home, runner: ScenarioRunner, atOnce: Int = 1) async throws -> [SystemState]
    {
        var states: [SystemState] = []
        for listed in try SystemList.read(home: home) {
            guard FileManager.default.fileExists(atPath: "\(home.systems)/\(listed.id)/system.yaml") else {
                states.append(
                    SystemState(
                        id: listed.id,
                        state: .missing,
                        clausesProven: 0,
                        clauses: 0,
                        scenariosPassed: 0,
                        scenarios: 0
                    )
                )
                continue
            }
            let results = await runner.run(try Scenario.all(of: listed.id, home: home), atOnce: atOnce)
            states.append(try of(listed.id, definition: runner.definition(listed.id), results: results))
        }
        return states
    }

    /// A clause is proven by a passing scenario that names it; a number, or a clause that waits, keeps the system
    /// from working whole.
    static func of(_ id: String, definition: SystemDefinition, results: [ScenarioResult]) throws
        -> SystemState
    {
        let passed = results.filter(\.passed)
        let proven = Set(passed.flatMap(\.scenario.proves))
        let clauses = definition.clauses.count { proven.contains($0.id) && $0.later == nil }
        let numbers = definition.numbers.allSatisfy { proven.contains($0) || proven.contains("number.\($0)") }
        let kind: Kind
        if passed.count < results.count {
            kind = .fails
        } else if results.isEmpty {
            kind = .missing
        } else {
            kind = clauses == definition.clauses.count && numbers ? .works : .partly
        }
        return SystemState(
            id: id,
            state: kind,
            clausesProven: clauses,
            clauses: definition.clauses.count,
            scenariosPassed: passed.count,
            scenarios: results.count
        )
    }
}
