import Foundation
import Kernel
import Portal
import Standards

extension Promise {
    /// Reads `promises.tsv` and what `Scripts/promises` wrote of the last run, if it is there.
    static func load(home: Home) throws(StandardsError) -> [Promise] {
        let results = try results(home: home)
        return try TabTable("promises.tsv", home: home, columns: ["id", "zh", "en"]).map { row in
            let id = row.text("id")
            return Promise(
                id: id,
                zh: row.text("zh"),
                en: row.text("en"),
                verdict: results[id]?.verdict ?? .notRun,
                tests: results[id]?.tests ?? 0,
                at: results[id]?.at
            )
        }
    }

    private static func results(
        home: Home
    ) throws(StandardsError) -> [String: (verdict: Verdict, tests: Int, at: Instant)] {
        let path = "\(home.root)/.assets/promises.tsv"
        guard let data = FileManager.default.contents(atPath: path) else { return [:] }
        guard let text = String(validating: data, as: UTF8.self) else { throw .notUTF8(file: path) }
        let rows = try TabTable(path, text: text, columns: ["id", "verdict", "tests", "at"]).map {
            (row: TabRow) throws(StandardsError) in
            guard let verdict = Verdict(rawValue: row.text("verdict")) else {
                throw row.bad("verdict is not known")
            }
            guard let at = Instant(parsing: row.text("at")) else { throw row.bad("at is no moment") }
            return (row.text("id"), (verdict: verdict, tests: try row.integer("tests"), at: at))
        }
        return Dictionary(rows) { $1 }
    }
}
