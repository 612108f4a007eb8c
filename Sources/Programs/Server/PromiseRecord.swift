import Foundation
import Kernel
import Portal
import Standards

extension Promise {
    /// Reads `promises.tsv` and what `Scripts/promises` wrote of the last run, if it is there, whichever program it tested.
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
                at: results[id]?.at,
                isOfThisProgram: results[id]?.isOfThisProgram ?? true
            )
        }
    }

    private typealias Result = (verdict: Verdict, tests: Int, at: Instant, isOfThisProgram: Bool)

    private static func results(home: Home) throws(StandardsError) -> [String: Result] {
        let path = "\(home.root)/.assets/promises.tsv"
        guard let data = FileManager.default.contents(atPath: path) else { return [:] }
        guard let text = String(validating: data, as: UTF8.self) else { throw .notUTF8(file: path) }
        // Records from before versions were kept are of another program.
        let isVersioned = text.prefix { $0 != "\n" }.split(separator: "\t").contains("version")
        let program = ProgramDigest.of(home)
        let columns = ["id", "verdict", "tests", "at"] + (isVersioned ? ["version"] : [])
        let rows = try TabTable(path, text: text, columns: columns).map {
            (row: TabRow) throws(StandardsError) in
            guard let verdict = Verdict(rawValue: row.text("verdict")) else {
                throw row.bad("verdict is not known")
            }
            guard let at = Instant(parsing: row.text("at")) else { throw row.bad("at is no moment") }
            let isOfThisProgram = isVersioned && row.text("version") == program
            let result: Result = (verdict, try row.integer("tests"), at, isOfThisProgram)
            return (row.text("id"), result)
        }
        return Dictionary(rows) { $1 }
    }
}
