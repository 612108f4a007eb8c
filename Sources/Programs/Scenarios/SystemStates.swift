import Catalogue
import Foundation
public import Kernel

/// How far a system of the list has come: computed from its scenarios, never claimed.
public struct SystemState: Sendable {
    public enum Kind: String, Sendable, CaseIterable { case works, partly, fails, missing }

    /// One clause or number and what proves it.
    public struct Proof: Sendable {
        /// `must_do.3`, or a number such as `R08`.
        public let id: String
        public let text: String
        /// The passing scenarios that name it, by file.
        public let provenBy: [String]
        /// Why it cannot be proven yet; nil where it could.
        public let waits: String?

        public var isProven: Bool { waits == nil && !provenBy.isEmpty }
    }

    public let id: String
    public let name: String
    public let state: Kind
    public let clauses: [Proof]
    public let numbers: [Proof]
    public let scenariosPassed: Int
    public let scenarios: Int

    public var clausesProven: Int { clauses.count(where: \.isProven) }
    public var waiting: [Proof] { clauses.filter { $0.waits != nil } }
    /// Clauses and numbers that could be proven and are not.
    public var open: [Proof] { (clauses + numbers).filter { $0.waits == nil && !$0.isProven } }

    /// One line for a list.
    public var line: String {
        let head = "\(Self.padded(state.rawValue, 8)) \(Self.padded(id, 24))"
        guard state != .missing else { return "\(head) \(name)" }
        var words = "\(clausesProven)/\(clauses.count) clauses  \(scenariosPassed)/\(scenarios) scenarios"
        let rest = [("waiting", waiting.count), ("unproven", open.count)].filter { $0.1 > 0 }
            .map { "\($0.1) \($0.0)" }
        if !rest.isEmpty { words += "  (\(rest.joined(separator: ", ")))" }
        return "\(head) \(words)  \(name)"
    }

    /// The line, and one more for each clause and number: what proves it, or why it waits.
    public var report: [String] {
        [line]
            + (clauses + numbers).flatMap { proof -> [String] in
                let mark = proof.isProven ? "✓" : proof.waits == nil ? "✗" : "…"
                let first = "  \(mark) \(Self.padded(proof.id, 12)) \(proof.text)"
                if let why = proof.waits { return [first, "      waits: \(why)"] }
                if proof.provenBy.isEmpty { return [first, "      no passing scenario proves it"] }
                let files = proof.provenBy.prefix(3).map {
                    $0.split(separator: "/").last.map(String.init) ?? $0
                }
                let more = proof.provenBy.count > 3 ? " and \(proof.provenBy.count - 3) more" : ""
                return [first, "      \(files.joined(separator: ", "))\(more)"]
            }
    }

    private static func padded(_ text: String, _ length: Int) -> String {
        text.count >= length ? text : text.padding(toLength: length, withPad: " ", startingAt: 0)
    }

    public var json: JSON {
        func list(_ proofs: [Proof]) -> JSON {
            .array(
                proofs.map {
                    [
                        "id": .string($0.id), "text": .string($0.text), "proven": .bool($0.isProven),
                        "by": .array($0.provenBy.map(JSON.string)), "waits": JSON($0.waits),
                    ]
                }
            )
        }
        return [
            "id": .string(id), "name": .string(name), "state": .string(state.rawValue),
            "clauses": [
                "passed": JSON(clausesProven), "total": JSON(clauses.count), "all": list(clauses),
            ],
            "numbers": list(numbers),
            "scenarios": ["passed": JSON(scenariosPassed), "total": JSON(scenarios)],
        ]
    }

    /// Every system of the list in its order, or those that are named.
    public static func all(
        _ ids: Set<String> = [],
        home: Home,
        runner: ScenarioRunner,
        atOnce: Int = 1
    ) async throws -> [SystemState] {
        var states: [SystemState] = []
        for listed in try SystemList.read(home: home) where ids.isEmpty || ids.contains(listed.id) {
            guard FileManager.default.fileExists(atPath: "\(home.systems)/\(listed.id)/system.yaml") else {
                states.append(
                    SystemState(
                        id: listed.id,
                        name: listed.name,
                        state: .missing,
                        clauses: [],
                        numbers: [],
                        scenariosPassed: 0,
                        scenarios: 0
                    )
                )
                continue
            }
            let results = await runner.run(try Scenario.all(of: listed.id, home: home), atOnce: atOnce)
            states.append(
                of(
                    listed.id,
                    name: listed.name,
                    definition: try runner.definition(listed.id),
                    results: results
                )
            )
        }
        return states
    }

    /// A clause is proven by a passing scenario that names it; a number, or a clause that waits, keeps the system
    /// from working whole.
    static func of(
        _ id: String,
        name: String = "",
        definition: SystemDefinition,
        results: [ScenarioResult]
    ) -> SystemState {
        let passed = results.filter(\.passed)
        func files(_ names: Set<String>) -> [String] {
            passed.filter { !names.isDisjoint(with: $0.scenario.proves) }.map(\.scenario.file)
        }
        let clauses = definition.clauses.map { clause in
            Proof(id: clause.id, text: clause.text, provenBy: files([clause.id]), waits: clause.later)
        }
        let numbers = definition.numbers.map {
            Proof(id: $0, text: "", provenBy: files([$0, "number.\($0)"]), waits: nil)
        }
        let kind: Kind
        if passed.count < results.count {
            kind = .fails
        } else if results.isEmpty {
            kind = .missing
        } else {
            kind = (clauses + numbers).allSatisfy(\.isProven) ? .works : .partly
        }
        return SystemState(
            id: id,
            name: name,
            state: kind,
            clauses: clauses,
            numbers: numbers,
            scenariosPassed: passed.count,
            scenarios: results.count
        )
    }
}
