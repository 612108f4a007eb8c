import Catalogue
import Foundation
import Kernel
import Testing

@testable import Scenarios

/// The scenarios of all systems run with `suban check`; here it is their reader that is tested.
@Suite("Reading scenarios")
struct ScenarioReadingTests {
    static func read(_ steps: String, proves: String = "[must_do.1]", clock: String = "2026-03-02 10:00")
        throws
        -> Scenario
    {
        try Scenario(
            yaml: "scenario: a test\nproves: \(proves)\nclock: \(clock)\nsteps:\n\(steps)\n",
            file: "test.yaml",
            system: "company-opening"
        )
    }

    @Test(
        "what is not known is refused with line and column",
        arguments: [
            ("  - 张晓晨 flies: high\n  - expect: {}", "test.yaml:5:5"),
            ("  - expect: {stat: granted}", "test.yaml:5:14"),
            ("  - 张晓晨 opens: {item: llc, soon: yes}\n  - expect: {}", "test.yaml:5:28"),
            ("  - clock: +3 weeks\n  - expect: {}", "test.yaml:5:12"),
            ("  - clock: tomorrow\n  - expect: {}", "test.yaml:5:12"),
            ("  - R01 judges: [{row: ours}]", "test.yaml:5:18"),
            ("  - R01 judges: [{row: ours, says: pass, because: x}]", "test.yaml:5:42"),
            ("  - llc form judges: [{change: {}}]", "test.yaml:5:23"),
            ("  - llc form judges: [{problems: [], says: pass}]", "test.yaml:5:38"),
        ]
    )
    func unknown(steps: String, place: String) {
        let error = #expect(throws: (any Error).self) { try Self.read(steps) }
        #expect(error.map(ScenarioRunner.words)?.contains(place) == true, "\(String(describing: error))")
    }

    @Test("one step does one thing")
    func twoVerbs() {
        #expect(throws: (any Error).self) {
            try Self.read("  - {张晓晨 signs: , 李文博 signs: }\n  - expect: {}")
        }
    }

    @Test("a scenario that expects nothing is refused")
    func expectsNothing() {
        let error = #expect(throws: (any Error).self) { try Self.read("  - 张晓晨 opens:") }
        #expect(error.map(ScenarioRunner.words)?.contains("expect") == true)
    }

    @Test("a clock that is no day and time is refused", arguments: ["2026-02-30 10:00", "soon", "10:00"])
    func noClock(clock: String) {
        #expect(throws: (any Error).self) { try Self.read("  - expect: {}", clock: clock) }
    }

    @Test("every scenario of every system can be read, and names what there is to prove")
    func readable() async throws {
        let home = try Home.find(named: nil)
        let runner = try ScenarioRunner(home: home)
        for system in try ScenarioRunner.systems(home: home) {
            let definition = try runner.definition(system)
            var known = Set(definition.clauses.map(\.id) + definition.numbers)
            known.formUnion(definition.numbers.map { "number.\($0)" })
            // Tables and limits of an opening are told in other systems' folders too.
            let limits = try ["company-opening", system].flatMap { try runner.definition($0).limits.all }
            known.formUnion(limits.map { "limits.\($0.name)" })
            for scenario in try Scenario.all(of: system, home: home) {
                let unknown = scenario.proves.filter { !known.contains($0) }
                #expect(unknown.isEmpty, "\(scenario.file) proves what there is not: \(unknown)")
            }
        }
        await runner.close()
    }
}
