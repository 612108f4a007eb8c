import Kernel
import Testing

@testable import Rules

@Suite("FEEL's grammar")
struct GrammarTests {
    @Test(
        "says where and what",
        arguments: [
            ("1 +", 1, 4, "end"), ("1 +\n  * 2", 2, 3, "*"), ("(1", 1, 3, "end"), ("[1, 2", 1, 6, "end"),
            ("\"abc", 1, 1, "\""), ("if a then b", 1, 12, "end"), ("a ! b", 1, 3, "!"),
            ("/* never", 1, 1, "/*"),
            ("for x in y", 1, 11, "end"), ("@\"2026-02-30\"", 1, 1, "@\"2026-02-30\""),
            ("注册资本 + )", 1, 8, ")"),
            ("\"\\uD800\"", 1, 2, "\\u"), ("1 2", 1, 3, "2"), ("", 1, 1, "end"),
        ]
    )
    func errors(text: String, line: Int, column: Int, found: String) {
        let error = #expect(throws: RuleError.self) { try FEEL.parse(text) }
        #expect(error?.reason == .syntax)
        #expect(error?.position == SourcePosition(line: line, column: column))
        #expect(error?.arguments["found"] == found)
    }

    @Test(
        "what is not built says so",
        arguments: ["function(a) external {java: {}}", "1 instance of tMoney", "(!= 5)"]
    )
    func unsupported(text: String) {
        let error = #expect(throws: RuleError.self) { try FEEL.parse(text) }
        #expect(error?.reason == .unsupported)
        #expect(error?.status == .unsupported)
    }

    @Test("an unknown function is refused while reading")
    func unknownFunction() {
        let error = #expect(throws: RuleError.self) { try FEEL.parse("1 + summe([1])") }
        #expect(error?.reason == .unknownFunction)
        #expect(error?.position.column == 5)
    }

    static let printed = [
        "1 + 2 * 3", "(1 + 2) * 3", "1 - (2 - 3)", "2 ** 3 ** 2", "(-a) ** 2", "-(a + b)", "a and (b or c)",
        "(a or b) and c",
        "(if a then b else c) + 1", "(a = b) = c", "a in ([1..3], > 5)", "(a in (1)) and b",
        "a between 1 and 2 and b",
        "x[item > 1].name", "(for i in 1..3 return i)[1]", "some x in y satisfies x > 1 and z", "f.g(1)(2)",
        "(function(a: number, b) a + b)(1, 2)", "{a: 1, \"b c\": [1, 2]}", "(1..3]", "]1..3[", "(> 5)",
        "(<= 5 + 1)",
        "not(a)", "@\"2026-01-01\" + @\"P1D\"", "date(x)", "a instance of list<context<b: number>>",
        "substring(string: a, start position: 2)", "\"a\\n\\\"\\\\\"", "(a instance of number) = b",
        "x in (a + b) * 2", "x in (a).b",
        "years and months duration(a, b)",
    ]

    @Test("writing and reading again gives the same tree", arguments: printed)
    func printing(text: String) throws {
        let first = try FEEL.parse(text, names: ["f"]).canonicalText
        let second = try FEEL.parse(first, names: ["f"]).canonicalText
        #expect(first == second)
    }

    @Test("generated expressions survive writing and reading with their value, from seed 11")
    func generated() throws {
        var random = SeededGenerator(seed: 11)
        let context = RuleContext(["a": 3, "b": "x", "c": [1, 2, 3], "d": nil, "e": true])
        for _ in 0..<2_000 {
            let text = Self.expression(&random, depth: 4)
            let read = try #require(try? FEEL.parse(text), "\(text)")
            let again = try #require(try? FEEL.parse(read.canonicalText), "\(text) as \(read.canonicalText)")
            #expect(again.canonicalText == read.canonicalText, "\(text)")
            let one = read.evaluate(in: context)
            let other = again.evaluate(in: context)
            #expect(one.value.feelText == other.value.feelText, "\(text) as \(read.canonicalText)")
        }
    }

    static func expression(_ random: inout SeededGenerator, depth: Int) -> String {
        func part() -> String { expression(&random, depth: depth - 1) }
        let leaves = [
            "a", "b", "c", "d", "e", "1", "2.50", "\"t\"", "null", "true", "@\"2026-01-31\"", "@\"P1M\"",
            "[1..5]",
        ]
        guard depth > 0 else { return leaves[Int(random.next() % UInt64(leaves.count))] }
        switch random.next() % 16 {
        case 0: return "(\(part()) + \(part()))"
        case 1: return "\(part()) * (\(part()))"
        case 2: return "(\(part())) - (\(part()))"
        case 3: return "(\(part())) = (\(part()))"
        case 4: return "(\(part())) and (\(part()))"
        case 5: return "(\(part())) or (\(part()))"
        case 6: return "(if \(part()) then \(part()) else \(part()))"
        case 7: return "[\(part()), \(part())]"
        case 8: return "{k: \(part()), m: k}"
        case 9: return "(for i in \(part()) return \(part()))"
        case 10: return "(\(part()))[item = (\(part()))]"
        case 11: return "((\(part())) in (\(part()), > 2))"
        case 12: return "-(\(part()))"
        case 13: return "count(\(part()))"
        case 14: return "(every q in \(part()) satisfies \(part()))"
        default: return leaves[Int(random.next() % UInt64(leaves.count))]
        }
    }

    @Test(
        "unary tests",
        arguments: [
            ("-", "5", "true"), ("5", "5", "true"), ("< 5", "5", "false"), ("[1..5]", "5", "true"),
            ("1, 5", "5", "true"),
            ("not(1, 5)", "5", "false"), ("not(1)", "5", "true"), ("? > 3 and ? < 9", "5", "true"),
            ("limit", "5", "false"),
            ("> limit", "5", "null"), ("null", "null", "true"), ("> 3", "null", "null"),
            ("\"a\"", "5", "null"),
            ("[1, 5]", "5", "true"), ("not(null)", "5", "true"), ("odd(?)", "5", "true"),
            ("!= 5", "5", "false"),
            ("true", "null", "false"), ("@\"2026-01-01\"", "5", "null"),
        ]
    )
    func tests(tests: String, input: String, expected: String) throws {
        let value = try FEEL.parse(input).evaluate(in: RuleContext()).value
        let answer = try FEEL.parseTests(tests).test(value, in: RuleContext())
        #expect(answer.value.feelText == expected)
    }
}
