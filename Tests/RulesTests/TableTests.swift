import Kernel
import Testing

@testable import Rules

@Suite("decision tables")
struct TableTests {
    static let capital = """
        table: R11-capital
        hit: FIRST
        note: 注册资本与认缴出资
        inputs:
          - {name: 认缴合计, value: 'sum(shareholders.amount)', type: number}
          - {name: 出资日期, value: last payment, type: date}
        outputs:
          - {name: outcome, values: [pass, person, return, refuse]}
          - {name: reason}
        rows:
          - {id: unknown, when: ['null', '-'], then: ['"person"', '"capital.unknown"']}
          - {id: sum-differs, when: ['!= capital', '-'], then: ['"return"', '"capital.sum-differs " + string(认缴合计)']}
          - {id: too-late, when: ['-', '> date("2031-11-21")'], then: ['"return"', '"capital.too-late"'], note: 公司法47}
          - {id: fits, when: ['> 0', '<= @"2031-11-21"'], then: ['"pass"', 'null']}
        """

    func context(_ amounts: [RuleValue], _ date: String) -> RuleContext {
        RuleContext([
            "capital": 100, "shareholders": .list(amounts.map { ["amount": $0] }),
            "last payment": LocalDate(parsing: date).map { .date($0) } ?? .null,
        ])
    }

    @Test(
        "decides and explains",
        arguments: [
            ([40, 58] as [RuleValue], "2030-01-01", "sum-differs", "return"),
            ([40, 60], "2030-01-01", "fits", "pass"),
            ([40, 60], "2031-11-21", "fits", "pass"), ([40, 60], "2031-11-22", "too-late", "return"),
            ([nil], "2031-11-22", "unknown", "person"),
        ]
    )
    func decides(amounts: [RuleValue], date: String, row: String, outcome: String) throws {
        let table = try DecisionTable(yaml: Self.capital, file: "capital.yaml")
        let decision = try table.decide(in: context(amounts, date))
        #expect(decision["outcome"].text == outcome)
        #expect(decision.rows.map(\.id) == [row])
        #expect(decision.inputs.names == ["认缴合计", "出资日期"])
    }

    @Test("a lawyer can read why")
    func explanation() throws {
        let table = try DecisionTable(yaml: Self.capital, file: "capital.yaml")
        let decision = try table.decide(in: context([40, 58], "2030-01-01"))
        #expect(decision["reason"].text == "capital.sum-differs 98")
        let hit = try #require(decision.rows.first)
        #expect(hit.cells.map(\.condition) == ["!= capital"])
        #expect(hit.cells.first?.input == "认缴合计")
        #expect(hit.cells.first?.value.decimal == 98)
        #expect(hit.position == SourcePosition(file: "capital.yaml", line: 12, column: 10))
        #expect(decision.json["inputs"]["出资日期"] == "2030-01-01")
        #expect(decision.json["rows"][0]["cells"][0]["condition"] == "!= capital")
        #expect(table.freeNames == ["shareholders", "last payment", "capital"])
    }

    static func table(_ hit: String, _ rows: String, outputs: String = "{name: o}") -> String {
        "table: t\nhit: \(hit)\ninputs:\n  - {name: a}\noutputs:\n  - \(outputs)\nrows:\n"
            + rows.split(separator: "\n").enumerated().map { index, row in
                let parts = row.split(separator: "|")
                return "  - {id: r\(index + 1), when: ['\(parts[0])'], then: ['\(parts[1])']}"
            }.joined(separator: "\n")
    }

    @Test(
        "hit policies",
        arguments: [
            ("UNIQUE", "1|10\n2|20", "{name: o}", "20", ["r2"]),
            ("FIRST", "> 1|10\n> 0|20", "{name: o}", "10", ["r1"]),
            ("ANY", "> 1|10\n> 0|10", "{name: o}", "10", ["r1", "r2"]),
            ("PRIORITY", "> 1|\"b\"\n> 0|\"a\"", "{name: o, values: [a, b]}", "\"a\"", ["r1", "r2"]),
            ("COLLECT", "> 1|10\n> 5|20\n-|30", "{name: o}", "[10, 30]", ["r1", "r3"]),
            ("COLLECT SUM", "> 1|10\n-|a * 2", "{name: o}", "14", ["r1", "r2"]),
            ("COLLECT MIN", "> 1|10\n-|3", "{name: o}", "3", ["r1", "r2"]),
            ("COLLECT MAX", "> 1|10\n-|3", "{name: o}", "10", ["r1", "r2"]),
            ("COLLECT COUNT", "> 1|10\n-|3", "{name: o}", "2", ["r1", "r2"]),
            ("RULE ORDER", "> 1|10\n-|3", "{name: o}", "[10, 3]", ["r1", "r2"]),
            (
                "OUTPUT ORDER", "> 1|\"b\"\n-|\"a\"", "{name: o, values: [a, b]}", "[\"a\", \"b\"]",
                ["r1", "r2"]
            ),
            ("UNIQUE", "1|10", "{name: o, default: \"99\"}", "99", []),
            ("COLLECT", "1|10", "{name: o}", "[]", []), ("COLLECT COUNT", "1|10", "{name: o}", "0", []),
        ]
    )
    func policies(hit: String, rows: String, outputs: String, result: String, ids: [String]) throws {
        let table = try DecisionTable(yaml: Self.table(hit, rows, outputs: outputs), file: "t.yaml")
        let decision = try table.decide(in: RuleContext(["a": 2]))
        #expect(decision.result.feelText == result)
        #expect(decision.rows.map(\.id) == ids)
        #expect(
            decision["o"].feelText == result || hit == "OUTPUT ORDER" || hit == "RULE ORDER"
                || hit == "COLLECT"
        )
    }

    @Test("no row: null and a warning")
    func incomplete() throws {
        let decision = try DecisionTable(yaml: Self.table("UNIQUE", "1|10"), file: "t").decide(
            in: RuleContext(["a": 5])
        )
        #expect(decision.result.isNull)
        #expect(decision["o"].isNull)
        #expect(decision.isDefault)
        #expect(decision.warnings.map(\.message) == ["no row of t answers these inputs"])
    }

    @Test("overlap of UNIQUE, disagreement of ANY and a wrong type are refused by name")
    func refusals() throws {
        let unique = try DecisionTable(yaml: Self.table("UNIQUE", "> 1|10\n> 0|20"), file: "t.yaml")
        let overlap = #expect(throws: RuleError.self) { try unique.decide(in: RuleContext(["a": 2])) }
        #expect(overlap?.reason == .overlap)
        #expect(overlap?.arguments["rows"] == "r1, r2")
        let any = try DecisionTable(yaml: Self.table("ANY", "> 1|10\n> 0|20"), file: "t.yaml")
        let split = #expect(throws: RuleError.self) { try any.decide(in: RuleContext(["a": 2])) }
        #expect(split?.reason == .disagreement)
        let typed = try DecisionTable(yaml: Self.capital, file: "capital.yaml")
        let wrong = #expect(throws: RuleError.self) {
            try typed.decide(in: RuleContext(["shareholders": ["amount": 1], "last payment": "soon"]))
        }
        #expect(wrong?.reason == .inputType)
        #expect(wrong?.arguments["expected"] == "date")
    }

    @Test(
        "faults of the file, with line and column",
        arguments: [
            ("table: t", "missing-key", 1, 1), ("- a", "bad-value", 1, 1), ("", "yaml", 1, 1),
            ("table: t\ninputs: []\noutputs: [{name: o}]\nrows: []\nrow: []", "unknown-key", 5, 1),
            ("table: &x t\ninputs: []\noutputs: [{name: o}]\nrows: []", "yaml", 1, 8),
            ("table: !!binary t\ninputs: []\noutputs: [{name: o}]\nrows: []", "yaml", 1, 8),
            ("table: t\ntable: u", "duplicate", 1, 1), ("table: t\n---\ntable: u", "yaml", 2, 1),
            ("table: t\nhit: UNIQ\ninputs: []\noutputs: [{name: o}]\nrows: []", "bad-value", 2, 6),
            (
                "table: t\ninputs: [{name: a}]\noutputs: [{name: o}]\nrows:\n  - {id: r, when: [], then: ['1']}",
                "cell-count", 5, 19
            ),
            (
                "table: t\ninputs: [{name: a}]\noutputs: [{name: o}]\nrows:\n  - {when: ['1'], then: ['1']}",
                "missing-key", 5, 5
            ),
            (
                "table: t\ninputs: [{name: a}]\noutputs: [{name: o}]\nrows:\n  - {id: r, when: ['1 +'], then: ['1']}",
                "syntax", 5, 24
            ),
            (
                "table: t\ninputs: [{name: a}]\noutputs: [{name: o, values: [x]}]\nrows:\n  - {id: r, when: ['1'], then: ['\"y\"']}",
                "not-listed", 5, 34
            ),
            (
                "table: t\ninputs: [{name: a, type: money}]\noutputs: [{name: o}]\nrows: []", "bad-value", 2,
                26
            ),
            (
                "table: t\ninputs: [{name: a}]\noutputs: [{name: o}]\nrows:\n  - {id: r, when: ['1'], then: ['1']}\n  - {id: r, when: ['2'], then: ['1']}",
                "duplicate", 6, 10
            ),
            (
                "table: t\nhit: PRIORITY\ninputs: [{name: a}]\noutputs: [{name: o}]\nrows: []", "missing-key",
                4, 18
            ),
            (
                "table: t\ninputs: [{name: a}]\noutputs: [{name: o}]\nrows:\n  - {id: r, when: [''], then: ['1']}",
                "bad-value", 5, 21
            ),
            ("table: [t", "yaml", 2, 1),
        ]
    )
    func faults(yaml: String, reason: String, line: Int, column: Int) {
        let error = #expect(throws: RuleError.self) { try DecisionTable(yaml: yaml, file: "t.yaml") }
        #expect(error?.reason.rawValue == reason)
        #expect(error?.position == SourcePosition(file: "t.yaml", line: line, column: column), "\(yaml)")
    }

    @Test("the index answers as the cells do, one by one, from seed 5")
    func index() throws {
        var random = SeededGenerator(seed: 5)
        let cells = [
            "-", "5", "\"a\"", "\"a\", \"b\"", "not(\"a\")", "not(5, 6.5)", "[1..5]", "(1..5)", "]1.5..5]",
            "< 5", ">= 5.0", "!= 5",
            "null", "not(null)", "true", "false, null", "@\"2026-01-01\"", "> @\"2026-01-01\"",
            "[@\"2026-01-01\"..@\"2026-02-01\"]",
            "limit", "> limit", "? = 5 or ? = \"a\"", "\"m\", > \"n\"", "[1, 5]", "-5", "0.1, 1e3", "(< 3)",
            "\"\"",
        ]
        let values: [RuleValue] = [
            nil, true, false, 5, 1, 0, -5, 6, "a", "b", "z", "m", "",
            .number(RuleDecimal(parsing: "5.00") ?? 0),
            .number(RuleDecimal(parsing: "4.999") ?? 0), .number(RuleDecimal(parsing: "1.5") ?? 0), 1_000,
            [1, 5], ["a": 1],
            .number(RuleDecimal(parsing: "6.5") ?? 0), .number(RuleDecimal(parsing: "1e30") ?? 0),
            .date(LocalDate(dayNumber: 20_454)), .date(LocalDate(dayNumber: 20_455)),
            .date(LocalDate(dayNumber: 20_486)),
            .months(3), "\u{1}",
        ]
        for _ in 0..<12 {
            let chosen = (0..<130).map { _ in cells[Int(random.next() % UInt64(cells.count))] }
            let rows = chosen.enumerated().map { "  - {id: r\($0), when: ['\($1)'], then: ['\($0)']}" }
            let yaml =
                "table: t\nhit: COLLECT\ninputs: [{name: a}]\noutputs: [{name: o}]\nrows:\n"
                + rows.joined(separator: "\n")
            let table = try DecisionTable(yaml: yaml, file: "t")
            for value in values {
                let context = RuleContext(["a": value, "limit": 3])
                let expected = try chosen.enumerated().filter {
                    try FEEL.parseTests($0.element).test(value, in: context).isTrue
                }.map { "r\($0.offset)" }
                #expect(try table.decide(in: context).rows.map(\.id) == expected)
            }
        }
    }

    @Test("fixed cells are not evaluated one by one")
    func compiled() throws {
        let table = try DecisionTable(yaml: Self.capital, file: "capital.yaml")
        #expect(table.columns.residues.map(\.count) == [0, 1, 0, 0])
    }

    @Test("a typed input reads ISO text, and cells may name it")
    func isoText() throws {
        let yaml = """
            table: t
            inputs: [{name: 最晚, value: latest, type: date}, {name: 期限, value: limit, type: date}]
            outputs: [{name: o}]
            rows: [{id: late, when: ['> 期限', '-'], then: ['"late"']}, {id: fine, when: ['<= 期限', '-'], then: ['"fine"']}]
            """
        let table = try DecisionTable(yaml: yaml, file: "t")
        func answer(_ latest: RuleValue) throws -> String? {
            try table.decide(in: RuleContext(["latest": latest, "limit": "2031-11-21"]))["o"].text
        }
        #expect(try answer("2031-11-22") == "late")
        #expect(try answer("2031-11-21") == "fine")
        #expect(try answer(nil) == nil)
        #expect(throws: RuleError.self) { try answer("2031-02-30") }
    }

    @Test("an input's name may be used in cells and outputs")
    func inputNames() throws {
        let yaml = """
            table: t
            inputs: [{name: total, value: a + b}, {name: part, value: a}]
            outputs: [{name: share}]
            rows: [{id: r, when: ['> 0', '<= total'], then: ['part / total']}]
            """
        let decision = try DecisionTable(yaml: yaml, file: "t").decide(in: RuleContext(["a": 1, "b": 3]))
        #expect(decision["share"].feelText == "0.25")
    }
}
