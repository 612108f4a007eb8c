import Catalogue
import Forms
import Foundation
import Kernel
import Server

/// Whether any scenario notices a single change of a table, a limit or a condition of the systems that ran.
///
/// A change is noticed when a scenario that holds would fail with it. Three ways to find out, the cheapest first:
/// 1. Lines of table cases, and decisions whose reasons or rows a story names, are put to the changed table again.
/// 2. A story whose decision comes out otherwise runs again as a whole, with the changed folder published; so do
///    those that name the limit under `proves`, or the step in an `expect`.
/// 3. Every other story runs with all changes that are still open at once, one a place. Only when it fails is the heap
///    halved, again and again, until single changes are left that make it fail.
public struct Mutants: Sendable {
    let runner: ScenarioRunner
    let results: [ScenarioResult]
    let atOnce: Int

    /// - Parameter atOnce: how many scenarios run side by side.
    public init(runner: ScenarioRunner, results: [ScenarioResult], atOnce: Int = 1) {
        self.runner = runner
        self.results = results.filter(\.passed)
        self.atOnce = max(1, atOnce)
    }

    /// - Parameter progress: what is being done, how much of it is done, and of how much.
    public func report(progress: @escaping @Sendable (String, Int, Int) -> Void = { _, _, _ in }) async throws
        -> MutationReport
    {
        var report = MutationReport()
        for system in Set(results.map(\.scenario.system)).sorted() {
            let maker = try MutantMaker(system: system, home: runner.home)
            guard !maker.made.isEmpty else { continue }
            report.add(try await judge(maker, progress: progress))
        }
        return report
    }

    private func judge(
        _ maker: MutantMaker,
        progress: @escaping @Sendable (String, Int, Int) -> Void
    ) async throws -> MutationReport {
        let judge = try await MutantJudge(
            runner: runner,
            results: results,
            definition: maker.definition,
            folder: maker.folder
        )
        let leftOut = try LeftOut.all(of: maker.system, in: maker.folder)
        let files = maker.folder.files
        let heap = MutantHeap(maker.made)
        let runs = Replays(runner: runner, results: results, system: maker.system, files: files, heap: heap)

        let total = maker.made.count
        var judged = 0
        let answers = await inParallel(maker.made, atOnce: atOnce) {
            judge.judge($0)
        } done: { _, _ in
            judged += 1
            progress("\(maker.system): tables and forms", judged, total)
        }
        var suspects: [(Mutant, [Int])] = []
        for (mutant, answer) in zip(maker.made, answers) {
            switch answer {
            case .refused: await heap.refuse(mutant)
            case .noticed(let by): await heap.notice(mutant, by: by)
            case .perhaps(let scenarios):
                // What nothing can notice is not worth a story.
                guard !leftOut.contains(where: { $0.covers(mutant) }) else { continue }
                suspects.append((mutant, runs.order(scenarios.union(runs.named(by: mutant)))))
            }
        }
        let singles = suspects.filter { !$0.1.isEmpty }
        var tried = 0
        await inParallel(singles, atOnce: atOnce) { mutant, scenarios in
            for number in scenarios {
                guard await heap.isOpen(mutant) else { return }
                await runs.run(number, with: [mutant])
            }
        } done: { _, _ in
            tried += 1
            progress("\(maker.system): stories that are concerned", tried, singles.count)
        }
        await heap.drop(maker.made.filter { mutant in leftOut.contains { $0.covers(mutant) } })
        let stories = runs.stories
        var told = 0
        await inParallel(stories, atOnce: atOnce) { number in
            await runs.runHeap(number)
        } done: { _, _ in
            told += 1
            progress("\(maker.system): every story", told, stories.count)
        }
        return await MutationReport(maker.made, heap: heap, leftOut: leftOut)
    }
}

/// The mutants of one system that are still open, and what became of the others.
actor MutantHeap {
    private var open: [Int: Mutant]
    private(set) var noticed: [Int: String] = [:]
    private(set) var refused: Set<Int> = []

    init(_ mutants: [Mutant]) { open = Dictionary(uniqueKeysWithValues: mutants.map { ($0.number, $0) }) }

    func isOpen(_ mutant: Mutant) -> Bool { open[mutant.number] != nil }

    func notice(_ mutant: Mutant, by scenario: String) {
        open[mutant.number] = nil
        noticed[mutant.number] = scenario
    }

    /// The program itself refuses to run with it.
    func refuse(_ mutant: Mutant) {
        open[mutant.number] = nil
        refused.insert(mutant.number)
    }

    func drop(_ mutants: [Mutant]) { for mutant in mutants { open[mutant.number] = nil } }

    /// The open changes of limits and conditions that are number `alternative` at their place; nil when there are none
    /// from there on. Tables are not among them: a decision that none of them changes reaches no story. Nor are forms
    /// and materials: only their own lines speak of them.
    func heap(_ alternative: Int) -> [Mutant]? {
        let whole = open.values.filter { mutant in
            switch mutant.what {
            case .limit, .rule, .step: true
            case .table, .form, .material: false
            }
        }
        guard whole.contains(where: { $0.alternative >= alternative }) else { return nil }
        return whole.filter { $0.alternative == alternative }.sorted { $0.number < $1.number }
    }
}

/// Runs stories again with changed folders.
struct Replays: Sendable {
    let runner: ScenarioRunner
    let results: [ScenarioResult]
    let system: String
    let files: [String: [UInt8]]
    let heap: MutantHeap
    /// Which stories hold when the folder is published once more without a change.
    private let controls = Memo<Int, Bool>()

    init(
        runner: ScenarioRunner,
        results: [ScenarioResult],
        system: String,
        files: [String: [UInt8]],
        heap: MutantHeap
    ) {
        self.runner = runner
        self.results = results
        self.system = system
        self.files = files
        self.heap = heap
    }

    /// Scenarios that need a platform, the cheapest first.
    var stories: [Int] { order(Set(results.indices)) }

    func order(_ scenarios: Set<Int>) -> [Int] {
        scenarios.filter { !results[$0].scenario.isTableOnly }
            .sorted { (results[$0].milliseconds, $0) < (results[$1].milliseconds, $1) }
    }

    /// Scenarios that say themselves that they are about what was changed.
    func named(by mutant: Mutant) -> Set<Int> {
        Set(
            results.indices.filter { number in
                let scenario = results[number].scenario
                switch mutant.what {
                case .limit(let name): return scenario.proves.contains("limits.\(name)")
                case .step(let name): return scenario.asks(about: name)
                case .table, .rule, .form, .material: return false
                }
            }
        )
    }

    private enum Outcome { case holds, fails, refused }

    /// A story that fails because the folder is published once more, whatever it says, proves nothing about a change.
    private func minds(_ number: Int) async -> Bool {
        let runner = runner
        let scenario = results[number].scenario
        var neutral = files
        neutral["mutations.yaml", default: []] += Array("# the same\n".utf8)
        let systems = [system: neutral]
        return (try? await controls.value(number) { await runner.run(scenario, systems: systems).passed })
            ?? false
    }

    private func outcome(_ number: Int, _ mutants: [Mutant]) async -> Outcome {
        guard await minds(number) else { return .holds }
        let changed = FileEdit.apply(mutants.map(\.edit), to: files)
        let result = await runner.run(results[number].scenario, systems: [system: changed])
        // A story that itself replaces the words that were changed trips over them, not over what they bring about.
        if result.passed || result.couldNotPublish { return .holds }
        return result.isRefused ? .refused : .fails
    }

    /// One story with changes of different places; keeps in the heap what it finds out about single ones.
    @discardableResult
    func run(_ number: Int, with mutants: [Mutant]) async -> Bool {
        let outcome = await outcome(number, mutants)
        if mutants.count == 1, outcome == .fails {
            await heap.notice(mutants[0], by: results[number].scenario.file)
        }
        if mutants.count == 1, outcome == .refused { await heap.refuse(mutants[0]) }
        return outcome == .holds
    }

    /// One story with everything that is still open.
    func runHeap(_ number: Int) async {
        var alternative = 0
        while let mutants = await heap.heap(alternative) {
            alternative += 1
            guard !mutants.isEmpty else { continue }
            if await !run(number, with: mutants), mutants.count > 1 { await halve(number, mutants) }
        }
    }

    /// Finds those of `mutants`, which together make the story fail, that do so alone.
    private func halve(_ number: Int, _ mutants: [Mutant]) async {
        var open: [Mutant] = []
        for mutant in mutants where await heap.isOpen(mutant) { open.append(mutant) }
        guard open.count > 1 else {
            for mutant in open { await run(number, with: [mutant]) }
            return
        }
        let middle = open.count / 2
        let left = Array(open[..<middle])
        let right = Array(open[middle...])
        let leftHolds = await run(number, with: left)
        if !leftHolds, left.count > 1 { await halve(number, left) }
        // When the left half holds, the right one must fail, unless it needs both.
        if leftHolds, right.count > 1 {
            await halve(number, right)
        } else if await !run(number, with: right), right.count > 1 {
            await halve(number, right)
        }
    }
}

extension Scenario {
    /// Whether an `expect` names a step of the flow.
    func asks(about step: String) -> Bool {
        steps.contains {
            guard case .expect(let expected) = $0.verb else { return false }
            return expected.lines[step] != nil || expected.flow[step] != nil
        }
    }
}

extension ScenarioResult {
    /// The platform did not even open.
    var isRefused: Bool { steps.first?.text == ScenarioRunner.startText && !passed }

    /// It wanted to change words of a definition that are no longer there.
    var couldNotPublish: Bool { steps.contains { $0.wrong.contains { $0.contains(Stage.notOnce) } } }
}
