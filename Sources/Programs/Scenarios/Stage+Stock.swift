import Forms
import Foundation
import Kernel
import Server
import Stock

/// A bureau's own stock, as an operator takes it over: the file, and which column becomes which field.
struct StockArrival: Sendable {
    /// Nil: the one that arrived before, once more.
    var file: String?
    /// YAML, as `suban import profile` drafts it; nil: the one before.
    var mapping: String?
    /// Rows with errors stay out instead of stopping everything.
    var leavesOut = false
}

extension Scenario {
    static func stockArrival(_ node: SourceNode) throws(DefinitionError) -> StockArrival {
        let map = try node.map(["file", "mapping", "leaveOut"])
        var arrival = StockArrival()
        arrival.file = try map["file"]?.text()
        arrival.mapping = try map["mapping"]?.text()
        if let leaves = map["leaveOut"] { arrival.leavesOut = try leaves.flag() }
        return arrival
    }
}

extension Stage {
    /// Tries the file and takes it over, as `suban import run` does; what is wrong with rows are `problems` (`3 地址
    /// licence.field-missing`), and what came of them is `stock`.
    func takeOver(_ arrival: StockArrival) async throws {
        let rows = "\(platform.settings.folder)/story-stock.rows"
        if let file = arrival.file {
            try Data(try await filled(file, of: last ?? "").utf8).write(to: URL(fileURLWithPath: rows))
        }
        stockMapping = arrival.mapping ?? stockMapping
        let maintenance = try await Maintenance(platform.settings, by: Operator(user: "story"))
        let desk = try await maintenance.stock(
            StockFile(path: rows),
            mapping: stockMapping,
            named: "story-stock.yaml"
        )
        var wrong: [String] = []
        let trial = try await desk.trial(sink: { _, findings in
            wrong += findings.filter(\.isError).map { "\($0.line) \($0.column) \($0.code)" }
        })
        problems = wrong
        guard trial.wrong == 0 || arrival.leavesOut else {
            throw StockError.rowsWrong(count: trial.wrong)
        }
        let occasion = maintenance.stockOccasion(purpose: "样例〔2026〕1号")
        let run = try await desk.run(occasion: occasion)
        let compared = try await desk.reconcile(occasion: occasion)
        takenOver = [
            "kept": String(run.kept), "there": String(run.there), "leftOut": String(run.leftOut),
            "before": String(run.wasDone), "equal": String(compared.isEqual),
        ]
    }

    /// `kept`, `there` and `leftOut` rows, whether it had been taken over `before`, and whether everything of it is kept
    /// (`equal`).
    func checkStock(_ expected: Expectation) -> [String] {
        expected.stock.sorted { $0.key < $1.key }.compactMap { key, wanted in
            let found = takenOver[key] ?? "none"
            return found == wanted ? nil : "stock \(key): expected \(wanted), found \(found)"
        }
    }
}
