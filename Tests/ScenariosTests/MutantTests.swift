import Catalogue
import Forms
import Foundation
import Kernel
import Server
import Rules
import Synchronization
import TestSupport
import Testing

@testable import Scenarios

/// A system of one table and one limit beside the real opening, and what scenarios notice of its changes.
@Suite("Changes that scenarios must notice", .serialized)
struct MutantTests {
    private static let table = """
        table: T1
        hit: FIRST
        inputs:
          - {name: 资本, value: 'capital.total', type: number}
        outputs:
          - {name: outcome, values: [pass, person, return, transfer, refuse]}
          - {name: reason}
          - {name: arguments}
        rows:
          - {id: small, when: ['< limits.floor'], then: ['"person"', '"tiny.small"', '{}']}
          - {id: plain, when: ['-'], then: ['"pass"', '""', '{}']}
        """

    private static let system = """
        id: tiny
        name: {zh: 小系统, en: A tiny system}
        source: S0 L1
        owner: 自治区市场监督管理局
        engines: [case]
        clauses:
          - {must_do: 1, text: It judges one number}
        rules:
          - {table: T1}
        """

    private static let limits = """
        limits:
          - {name: floor, label: {zh: 下限, en: Floor}, law: general practice, usedBy: [rules], values: [{from: 2022-03-01, value: 5}]}
        """

    /// A home with the real opening and `tiny`, whose only scenario judges `lines`.
    private static func withTiny(
        _ lines: [String],
        mutations: String? = nil,
        _ body: (ScenarioRunner, [ScenarioResult]) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let real = try Home.find(named: nil)
            let files = FileManager.default
            try files.createDirectory(
                atPath: "\(folder)/Systems/tiny/rules",
                withIntermediateDirectories: true
            )
            try files.createDirectory(
                atPath: "\(folder)/Systems/tiny/scenarios",
                withIntermediateDirectories: true
            )
            try files.createSymbolicLink(
                atPath: "\(folder)/Resources",
                withDestinationPath: "\(real.root)/Resources"
            )
            for name in ["cast.yaml", "company-opening"] {
                try files.copyItem(atPath: "\(real.systems)/\(name)", toPath: "\(folder)/Systems/\(name)")
            }
            var texts = ["system.yaml": system, "limits.yaml": limits, "rules/T1.yaml": table]
            texts["scenarios/one.yaml"] =
                "scenario: one\nproves: [limits.floor]\nclock: 2026-03-02 10:00\nsteps:\n  - T1 judges:\n"
                + lines.map { "      - \($0)\n" }.joined()
            texts["mutations.yaml"] = mutations
            for (name, text) in texts {
                try text.write(toFile: "\(folder)/Systems/tiny/\(name)", atomically: true, encoding: .utf8)
            }
            let runner = try ScenarioRunner(home: Home(root: folder))
            let results = await runner.run(try Scenario.all(of: "tiny", home: runner.home))
            let wrong = results.flatMap(\.steps).flatMap(\.wrong)
            #expect(wrong.isEmpty, "\(wrong)")
            do {
                try await body(runner, results)
                await runner.close()
            } catch {
                await runner.close()
                throw error
            }
        }
    }

    private static let strong = [
        #"{change: {capital.total: "4"}, row: small, says: person, reason: tiny.small, arguments: {}}"#,
        #"{change: {capital.total: "5"}, row: plain, says: pass, reason: "", arguments: {}}"#,
        #"{change: {capital.total: "6"}, row: plain, says: pass}"#,
    ]

    @Test("cases on both sides of a limit notice every change; one far from it does not")
    func noticed() async throws {
        try await Self.withTiny(Self.strong) { runner, results in
            let report = try await Mutants(runner: runner, results: results, atOnce: 2).report()
            #expect(report.survivors.isEmpty, "\(report.survivors)")
            #expect(report.percent == 100)
            #expect(report.total >= 8)
            #expect(report.kinds["limits"]?.total == 2)
            #expect(report.kinds["rows"]?.noticed == 2)
        }
        try await Self.withTiny([#"{change: {capital.total: "1"}, row: small, says: person}"#]) {
            runner,
            results in
            let report = try await Mutants(runner: runner, results: results).report()
            #expect(report.noticed > 0)
            #expect(report.percent < 100)
            let text = report.survivors.joined(separator: "\n")
            #expect(text.contains("tiny/limits.yaml:2  limits.floor: 5 -> 6"), "\(text)")
            #expect(text.contains("tiny/rules/T1.yaml:"), "\(text)")
            #expect(report.lines[0].hasPrefix("noticed \(report.noticed) of \(report.total) changes"))
            #expect(report.json["survivors"].elements.count == report.survivors.count)
        }
    }

    @Test("a scenario that fails notices nothing")
    func failing() async throws {
        try await Self.withTiny(Self.strong) { runner, _ in
            let bad = try Scenario(
                yaml:
                    "scenario: bad\nproves: []\nclock: 2026-03-02 10:00\nsteps:\n  - T1 judges: [{says: refuse}]\n",
                file: "bad.yaml",
                system: "tiny"
            )
            let results = await runner.run([bad])
            #expect(!results[0].passed)
            let report = try await Mutants(runner: runner, results: results).report()
            #expect(report.noticed == 0)
        }
    }

    @Test(
        "what is left out has a reason, is not counted, and is refused when a scenario notices it after all"
    )
    func leftOut() async throws {
        let weak = [
            Self.strong[0],
            #"{change: {capital.total: "7"}, row: plain, says: pass, reason: "", arguments: {}}"#,
        ]
        let why = "leftOut:\n  - {change: \"limits.floor: 5 -> 6\", why: a test}\n"
        try await Self.withTiny(weak, mutations: why) { runner, results in
            let report = try await Mutants(runner: runner, results: results).report()
            #expect(report.leftOut == ["tiny/limits.yaml:2  limits.floor: 5 -> 6  (a test)"])
            #expect(report.kinds["limits"]?.total == 1)
            #expect(report.wrong.isEmpty, "\(report.wrong)")
        }
        let wrong = why + "  - {change: limits.ceiling, why: there is none}\n"
        try await Self.withTiny(Self.strong, mutations: wrong) { runner, results in
            let report = try await Mutants(runner: runner, results: results).report()
            #expect(report.leftOut.isEmpty)
            #expect(report.wrong.count == 2, "\(report.wrong)")
            var check = CheckReport(results: results, milliseconds: 0)
            check.mutations = report
            #expect(!check.holds)
        }
    }

    @Test("a limit changes by one, a flag turns, a list loses its first word")
    func values() {
        #expect(MutantMaker.others(than: "3") == ["2", "4"])
        #expect(MutantMaker.others(than: "0") == ["1"])
        #expect(MutantMaker.others(than: "true") == ["false"])
        #expect(MutantMaker.others(than: "[a, b, c]") == ["[b, c]"])
        #expect(MutantMaker.others(than: "[a]").isEmpty)
    }

    @Test("every change of the opening gives a folder that reads otherwise, and several fit into one file")
    func edits() throws {
        let maker = try MutantMaker(system: "company-opening", home: Home.find(named: nil))
        #expect(maker.made.count > 800)
        var seen: Set<String> = []
        for mutant in maker.made {
            let changed = FileEdit.apply([mutant.edit], to: maker.folder.files)
            #expect(changed[mutant.edit.file] != maker.folder.files[mutant.edit.file], "\(mutant.text)")
            if case .table = mutant.what { continue }
            #expect(seen.insert("\(mutant.place) \(mutant.text)").inserted, "twice: \(mutant.text)")
        }
        let first = maker.made.filter { mutant in
            if case .limit = mutant.what { mutant.alternative == 0 } else { false }
        }
        let files = FileEdit.apply(first.map(\.edit), to: maker.folder.files)
        let changed = try SystemDefinition(SystemFolder(files: files))
        let differ = changed.limits.all.count { limit in
            limit.entries != maker.definition.limits[limit.name]?.entries
        }
        #expect(
            differ
                == Set(
                    first.map(\.text).compactMap {
                        $0.split(separator: ":").first?.split(separator: " ").first
                    }
                ).count
        )
    }

    @Test("a story that minds the mere publishing notices no change")
    func control() async throws {
        let runner = try ScenarioRunner(home: Home.find(named: nil))
        let story = try ScenarioReadingTests.read(
            "  - 张晓晨 opens:\n  - expect: {state: granted, version: \"1\"}"
        )
        let results = await runner.run([story])
        #expect(results[0].passed, "\(results[0].steps.flatMap(\.wrong))")
        let maker = try MutantMaker(system: "company-opening", home: runner.home)
        let heap = MutantHeap(maker.made.filter { $0.text == "limits.correctionAccept: 3 -> 2" })
        let replays = Replays(
            runner: runner,
            results: results,
            system: "company-opening",
            files: maker.folder.files,
            heap: heap
        )
        await replays.runHeap(0)
        #expect(await heap.noticed.isEmpty)
        await runner.close()
    }

    @Test("a heap of changes in one story is halved down to the one that the story notices")
    func heap() async throws {
        let runner = try ScenarioRunner(home: Home.find(named: nil))
        let story = try ScenarioReadingTests.read(
            "  - 张晓晨 opens:\n  - clock: +4 h\n  - expect: {state: granted, lines: {tax: done}}"
        )
        let results = await runner.run([story])
        #expect(results[0].passed, "\(results[0].steps.flatMap(\.wrong))")
        let maker = try MutantMaker(system: "company-opening", home: runner.home)
        let texts = ["limits.correctionAccept: 3 -> 2", "limits.nameCorrect: 30 -> 29"]
        let few = maker.made.filter {
            texts.contains($0.text) || ($0.text.hasPrefix("llc.tax:") && $0.alternative == 0)
        }
        #expect(few.count == 3)
        let heap = MutantHeap(few)
        let replays = Replays(
            runner: runner,
            results: results,
            system: "company-opening",
            files: maker.folder.files,
            heap: heap
        )
        await replays.runHeap(0)
        let noticed = await heap.noticed
        #expect(few.filter { noticed[$0.number] != nil }.map(\.text).allSatisfy { $0.hasPrefix("llc.tax:") })
        #expect(noticed.count == 1)
        await runner.close()
    }

    /// A change that leaves `text` in the place of the file's whole content.
    private static func spoiling(_ file: String, with text: String, as what: Mutant.What) -> Mutant {
        Mutant(
            number: 0,
            system: "company-opening",
            position: SourcePosition(file: file),
            text: "spoilt",
            what: what,
            edit: FileEdit(file: file, part: nil, new: text)
        )
    }

    @Test(
        "a change that the program refuses is not noticed: neither by cases nor by stories",
        arguments: [
            ("limits.yaml", "limits: [", Mutant.What.limit("faceTries")),
            ("forms/llc.form.yaml", "form: llc\npages: []", .form),
            ("system.yaml", "id: 5", .material("llc")),
        ]
    )
    func refused(file: String, text: String, what: Mutant.What) async throws {
        let runner = try ScenarioRunner(home: Home.find(named: nil))
        let form = try ScenarioReadingTests.read("  - llc form judges: [{problems: []}]")
        let story = try ScenarioReadingTests.read("  - 张晓晨 opens:\n  - expect: {state: granted}")
        let results = await runner.run([form, story])
        #expect(results.map(\.passed) == [true, true])
        let maker = try MutantMaker(system: "company-opening", home: runner.home)
        let judge = try await MutantJudge(
            runner: runner,
            results: results,
            definition: maker.definition,
            folder: maker.folder
        )
        let mutant = Self.spoiling(file, with: text, as: what)
        guard case .refused = judge.judge(mutant) else {
            Issue.record("\(file) was judged")
            return
        }
        let heap = MutantHeap([mutant])
        let replays = Replays(
            runner: runner,
            results: results,
            system: "company-opening",
            files: maker.folder.files,
            heap: heap
        )
        await replays.run(1, with: [mutant])
        #expect(await heap.noticed.isEmpty)
        #expect(await heap.refused == [0])
        await runner.close()
    }

    @Test("a story that replaces the very words that were changed does not notice them by that")
    func replaced() async throws {
        let runner = try ScenarioRunner(home: Home.find(named: nil))
        let before =
            "draftDays, label: {zh: 草稿保留（日）, en: A draft is kept (days)}, law: general practice, usedBy: [clock]"
        let old = "\(before), values: [{from: 2022-03-01, value: 30}]"
        let new = "\(before), values: [{from: 2022-03-01, value: 20}]"
        let story = try ScenarioReadingTests.read(
            """
              - 张晓晨 opens:
              - catalogue publishes: {system: company-opening, file: limits.yaml, replace: "\(old)", with: "\(new)"}
              - expect: {state: granted}
            """
        )
        let results = await runner.run([story])
        #expect(results[0].passed, "\(results[0].steps.flatMap(\.wrong))")
        let maker = try MutantMaker(system: "company-opening", home: runner.home)
        let changed = maker.made.filter { $0.text == "limits.draftDays: 30 -> 29" }
        #expect(changed.count == 1)
        let heap = MutantHeap(changed)
        let replays = Replays(
            runner: runner,
            results: results,
            system: "company-opening",
            files: maker.folder.files,
            heap: heap
        )
        await replays.run(0, with: changed)
        #expect(await heap.noticed.isEmpty)
        await runner.close()
    }

    @Test("every condition of forms, materials, rules and steps is changed at least once")
    func conditions() throws {
        let maker = try MutantMaker(system: "company-opening", home: Home.find(named: nil))
        let places = Set(
            maker.made.filter { $0.kind == "conditions" }.map { "\($0.edit.file):\($0.position.line)" }
        )
        let definition = maker.definition
        var missing: [String] = []
        func look(_ condition: FormCondition?, in file: String) {
            guard let condition, !places.contains("\(file):\(condition.position.line)") else { return }
            missing.append("\(file):\(condition.position.line) \(condition.text)")
        }
        for (path, form) in definition.forms {
            for (_, condition) in form.tests {
                let file = condition.position.file ?? path
                look(condition, in: file.hasPrefix("forms/") ? file : "forms/\(file)")
            }
        }
        for item in definition.items {
            for material in item.materials { look(material.when, in: "system.yaml") }
            for step in item.flow { look(step.when, in: "system.yaml") }
        }
        for use in definition.rules { look(use.when, in: "system.yaml") }
        #expect(missing.isEmpty, "\(missing)")
    }

    @Test("a thing is made once for all who ask at the same time, and again after it could not be made")
    func memo() async throws {
        struct Trouble: Error {}
        let memo = Memo<Int, Int>()
        let count = Mutex(0)
        let answers = await inParallel(Array(0..<20), atOnce: 8) { _ in
            try? await memo.value(1) {
                await Task.yield()
                return count.withLock {
                    $0 += 1
                    return $0
                }
            }
        }
        #expect(answers == Array(repeating: 1, count: 20))
        await #expect(throws: Trouble.self) { try await memo.value(2) { throw Trouble() } }
        #expect(try await memo.value(2) { 7 } == 7)
        #expect(await memo.made.sorted() == [1, 7])
    }
}
