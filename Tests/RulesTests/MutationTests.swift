import Kernel
import Testing

@testable import Rules

@Suite("single changes of a table")
struct MutationTests {
    @Test(
        "of a condition",
        arguments: [
            ("<= 5", ["-", "> 5", "< 5", "<= 6", "<= 4"]), ("\"a\"", ["-", "not(\"a\")"]),
            ("not(1.50)", ["-", "1.50", "not(1.51)", "not(1.49)"]),
            ("[1..9)", ["-", "not([1..9))", "(1..9)", "[1..9]", "[2..9)", "[0..9)", "[1..10)", "[1..8)"]),
            (
                "> @\"2026-03-01\"",
                ["-", "<= @\"2026-03-01\"", ">= @\"2026-03-01\"", "> @\"2026-03-02\"", "> @\"2026-02-28\""]
            ),
        ]
    )
    func conditions(cell: String, changes: [String]) {
        #expect(CellChange.conditions(cell).map(\.text) == changes)
    }

    @Test("of an expression")
    func expression() {
        #expect(
            FEEL.changes(of: "a = 1 and b < 2").map(\.text) == [
                "not(a = 1 and b < 2)", "a = 1 and b <= 2", "a = 2 and b < 2", "a = 0 and b < 2",
                "a = 1 and b < 3",
                "a = 1 and b < 1", "a != 1 and b < 2", "a = 1 or b < 2",
            ]
        )
    }

    @Test("of a whole table, each with its place")
    func table() throws {
        let table = try DecisionTable(yaml: TableTests.capital, file: "capital.yaml")
        let mutations = table.mutations()
        #expect(mutations.count > 20)
        #expect(Set(mutations.map(\.description)).count == mutations.count)
        #expect(mutations.allSatisfy { $0.position.file == "capital.yaml" && $0.position.line > 5 })
        #expect(mutations.count { $0.table.rows.count == 3 } == 4)
        #expect(
            mutations.contains {
                $0.description == "R11-capital: row sum-differs, 认缴合计: != capital -> = capital"
            }
        )
        #expect(
            mutations.contains { $0.description == "R11-capital: row fits, outcome: \"pass\" -> \"person\"" }
        )
    }

    @Test("change what the table decides")
    func noticed() throws {
        let table = try DecisionTable(yaml: TableTable.yaml, file: "t.yaml")
        let inputs: [RuleValue] = [nil, 0, 9, 10, 11, 99, 100, 101]
        func answers(_ table: DecisionTable) -> [String] {
            inputs.map { input in
                (try? table.decide(in: RuleContext(["a": input])).result.feelText) ?? "refused"
            }
        }
        let unchanged = answers(table)
        #expect(
            unchanged == [
                "\"none\"", "\"low\"", "\"low\"", "\"mid\"", "\"mid\"", "\"mid\"", "\"high\"", "\"high\"",
            ]
        )
        for mutation in table.mutations() {
            #expect(answers(mutation.table) != unchanged, "\(mutation.description)")
        }
    }

    private enum TableTable {
        static let yaml = """
            table: t
            inputs: [{name: a, type: number}]
            outputs: [{name: o, values: [none, low, mid, high]}]
            rows:
              - {id: none, when: ['null'], then: ['"none"']}
              - {id: low, when: ['< 10'], then: ['"low"']}
              - {id: mid, when: ['[10..100)'], then: ['"mid"']}
              - {id: high, when: ['>= 100'], then: ['"high"']}
            """
    }
}
