import Kernel
import Testing

@testable import Rules

/// An expression and what FEEL writes for its value.
typealias Case = (text: String, value: String)

@Suite("FEEL expressions")
struct ExpressionTests {
    static let context = RuleContext(
        [
            "注册资本": 100, "股东": ["a", "b"], "monthly salary": 10_000, "a-b": 7, "b": 2, "c": true,
            "people": [["name": "Ann", "age": 30], ["name": "Bo", "age": 17], ["name": "李雷", "age": 64]],
            "nothing": nil, "day": .date(LocalDate(dayNumber: 20_000)),
        ],
        today: LocalDate(parsing: "2026-11-21"),
        now: Instant(milliseconds: 1_795_000_000_000)
    )

    func value(_ text: String) throws -> String {
        let names = Set(Self.context.values.keys)
        let answer = try FEEL.parse(text, names: names).evaluate(in: Self.context)
        #expect(answer.refusal == nil)
        return answer.value.feelText
    }

    static let arithmetic: [Case] = [
        ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"), ("2 ** 3 ** 2", "64"), ("-2 ** 2", "4"), ("10 / 4", "2.5"),
        ("0.1 + 0.2", "0.3"), ("1 / 3", "0.3333333333333333333333333333333333"), ("1 / 0", "null"),
        ("--3", "3"), ("\"a\" + \"b\"", "\"ab\""), ("\"a\" + 1", "null"), ("null + 1", "null"),
        ("1.2e3", "1200"),
        ("12 * monthly salary", "120000"), ("a-b", "7"), ("注册资本 / 2", "50"), ("-注册资本", "-100"),
    ]

    static let logic: [Case] = [
        ("true and null", "null"), ("false and null", "false"), ("true or null", "true"),
        ("false or null", "null"),
        ("null and null", "null"), ("1 and true", "null"), ("\"x\" or true", "true"), ("not(null)", "null"),
        ("not(true)", "false"), ("1 = \"1\"", "null"), ("null = null", "true"), ("1 = null", "false"),
        ("1 != null", "true"), ("1 < null", "null"), ("1.0 = 1.00", "true"), ("[1,2] = [1,2]", "true"),
        ("[1,2] = [2,1]", "false"), ("{a: 1} = {a: 1.0}", "true"), ("\"a\" < \"b\"", "true"),
        ("5 between 1 and 5", "true"), ("5 between 6 and null", "null"), ("if null then 1 else 2", "2"),
        ("5 in (1..5]", "true"), ("5 in [1..5)", "false"), ("5 in ]1..5[", "false"),
        ("5 in (> 3, 1)", "true"),
        ("\"a\" in [\"a\", \"b\"]", "true"), ("1 in (2, 3)", "false"), ("5 in (? > 4)", "true"),
        ("c and b > 1", "true"), ("every x in [1,2,3] satisfies x > 0", "true"),
        ("some x in [1,2,3] satisfies x > 2", "true"), ("some x in [] satisfies x > 2", "false"),
        ("every x in [1, null] satisfies x > 0", "null"), ("every x in [null, 0] satisfies x > 0", "false"),
    ]

    static let structures: [Case] = [
        ("[1, 2, 3][2]", "2"), ("[1, 2, 3][-1]", "3"), ("[1, 2, 3][4]", "null"),
        ("[1, 2, 3][item >= 2]", "[2, 3]"),
        ("people[age < 18].name", "[\"Bo\"]"), ("people[age < 18][1].name", "\"Bo\""),
        ("people.age", "[30, 17, 64]"),
        ("count(people[name = \"李雷\"])", "1"), ("{a: 1, b: a + 1}.b", "2"),
        ("{\"first name\": 3}.first name", "3"),
        ("{item: 1}[item = 1]", "[{item: 1}]"), ("null[item > 1]", "[]"), ("5[1]", "5"),
        ("5[item > 9]", "[]"),
        ("for i in 1..3 return i * i", "[1, 4, 9]"), ("for i in 3..1 return i", "[3, 2, 1]"),
        ("for x in [1,2], y in [x, 10] return x * y", "[1, 10, 4, 20]"),
        ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", "[1, 1, 2, 6, 24]"),
        ("for d in @\"2026-02-27\"..@\"2026-03-01\" return d.day", "[27, 28, 1]"),
        ("(function(a, b: number) a + b)(1, 2)", "3"), ("{f: function(x) x * 2, r: f(21)}.r", "42"),
        ("{fact: function(n) if n <= 1 then 1 else n * fact(n - 1), r: fact(10)}.r", "3628800"),
        ("(function(a: string) a)(1)", "null"), ("sort([3,1,2], function(x, y) x > y)", "[3, 2, 1]"),
        ("[1, \"a\"] instance of list<number>", "false"), ("1 instance of number", "true"),
        ("null instance of Any", "false"), ("{a: 1} instance of context<a: number>", "true"),
        ("[1..3].start included", "true"), ("// note\n1 /* two */ + 1", "2"),
        ("\"\\u674E\\t\\\"\"", "\"李\\t\\\"\""),
        ("\"\\uD83D\\uDE00\"", "\"😀\""), ("\"\\U01F600\"", "\"😀\""),
    ]

    static let times: [Case] = [
        ("date(\"2024-02-29\") + duration(\"P1Y\")", "@\"2025-02-28\""), ("date(\"2025-02-29\")", "null"),
        ("@\"2026-11-21\" - @\"2026-11-01\"", "@\"P20D\""), ("@\"2026-01-31\" + @\"P1M\"", "@\"2026-02-28\""),
        ("@\"2026-11-21T13:05:00@Asia/Shanghai\".timezone", "\"Asia/Shanghai\""),
        ("@\"2026-11-21T13:05:00@Asia/Shanghai\" = @\"2026-11-21T05:05:00Z\"", "true"),
        ("@\"2026-11-21T13:05:00@Asia/Shanghai\".time offset", "@\"PT8H\""),
        ("@\"2026-11-21T13:05:00+08:00\" < @\"2026-11-21T13:05:00\"", "null"),
        ("@\"10:15:00\" + @\"PT14H\"", "@\"00:15:00\""), ("@\"P1Y\" / @\"P1M\"", "12"),
        ("@\"P1D\" * 1.5", "@\"P1DT12H\""),
        ("@\"P1D\" > @\"P1M\"", "null"),
        ("years and months duration(@\"2024-03-31\", @\"2026-02-28\")", "@\"P1Y10M\""),
        ("date and time(\"2026-11-21\")", "@\"2026-11-21T00:00:00\""), ("time(25, 0, 0)", "null"),
        ("time(\"10:00:00@Nowhere/Land\")", "null"), ("@\"2026-11-21\".weekday", "6"),
        ("day of week(@\"2026-11-21\")", "\"Saturday\""), ("week of year(@\"2027-01-01\")", "53"),
        ("day of year(@\"2024-12-31\")", "366"), ("month of year(@\"2024-12-31\")", "\"December\""),
        ("today()", "@\"2026-11-21\""), ("now().year", "2026"), ("day.year", "2024"),
        ("@\"PT36H\".days", "1"), ("@\"-P14M\".months", "-2"), ("date(-1, 12, 31)", "@\"-0001-12-31\""),
        ("string(@\"P0D\")", "\"PT0S\""), ("duration(\"P1Y1D\")", "null"),
    ]

    static let functions: [Case] = [
        ("substring(\"foobar\", 3)", "\"obar\""), ("substring(\"foobar\", -2, 1)", "\"a\""),
        ("substring(\"速办平台\", 3)", "\"平台\""), ("string length(\"𠮷😀\")", "2"),
        ("substring before(\"a=b\", \"=\")", "\"a\""), ("substring after(\"a=b\", \"=\")", "\"b\""),
        ("replace(\"abracadabra\", \"a(.)\", \"a$1$1\")", "\"abbraccaddabbra\""),
        ("replace(\"包头市\", \"[市县]$\", \"\")", "\"包头\""), ("matches(\"150203\", \"^15\\\\d{4}$\")", "true"),
        ("matches(\"ABC\", \"b\", \"i\")", "true"), ("matches(\"x\", \"(\")", "null"),
        ("split(\"a;b;;c\", \";\")", "[\"a\", \"b\", \"\", \"c\"]"),
        ("string join([\"a\", null, \"b\"], \"、\")", "\"a、b\""),
        ("contains(\"蒙速办\", \"速\")", "true"), ("upper case(\"aBc4\")", "\"ABC4\""),
        ("number(\"1 000,5\", \" \", \",\")", "1000.5"), ("number(\"x\")", "null"),
        ("string(1.50)", "\"1.50\""),
        ("string([1, \"a\"])", "\"[1, \\\"a\\\"]\""), ("min(3, 1, 2)", "1"), ("max([])", "null"),
        ("sum([1, 2.5])", "3.5"),
        ("sum([])", "null"), ("mean([1, 2, 3, 4])", "2.5"), ("median(8, 2, 5, 3)", "4"),
        ("mode([6, 3, 9, 6, 6, 3])", "[6]"),
        ("stddev([2, 4, 7, 5])", "2.081665999466132735282297706979931"), ("product([2, 3, 4])", "24"),
        ("all([true, null])", "null"), ("any([true, null])", "true"), ("all([])", "true"),
        ("decimal(1/3, 2)", "0.33"), ("round half up(-5.5, 0)", "-6"), ("round half down(5.5, 0)", "5"),
        ("round up(5.1, 0)", "6"), ("round down(-5.9, 0)", "-5"), ("floor(-1.5)", "-2"),
        ("ceiling(1.56, 1)", "1.6"),
        ("modulo(-12, 5)", "3"), ("modulo(10.1, 4.5)", "1.1"), ("abs(-5)", "5"), ("sqrt(16)", "4"),
        ("odd(5)", "true"),
        ("list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5)", "[5, 5, 7, 8]"),
        ("insert before([1, 3], 1, 2)", "[2, 1, 3]"), ("flatten([[1, 2], [[3]], 4])", "[1, 2, 3, 4]"),
        ("distinct values([1, 2, 1.0])", "[1, 2]"), ("index of([1, 2, 1], 1)", "[1, 3]"),
        ("union([1], [1, 2])", "[1, 2]"),
        ("get value({a: 1}, \"a\")", "1"), ("context put({x: 1}, \"y\", 2)", "{x: 1, y: 2}"),
        ("context merge([{x: 1}, {x: 2}])", "{x: 2}"), ("get entries({a: 1})[1].key", "\"a\""),
        ("before(1, [2..3])", "true"), ("overlaps([1..5], [5..8])", "true"),
        ("overlaps([1..5), [5..8])", "false"),
        ("during(2, [1..3])", "true"), ("meets([1..5], [5..8])", "true"), ("coincides(3, 3)", "true"),
        ("substring(string: \"abc\", start position: 2)", "\"bc\""), ("substring(word: \"abc\")", "null"),
        ("is(@\"10:00:00Z\", @\"10:00:00+00:00\")", "true"), ("range(\"[1..3]\") = [1..3]", "true"),
    ]

    @Test("gives the standard's values", arguments: arithmetic + logic + structures + times + functions)
    func values(text: String, expected: String) throws { #expect(try value(text) == expected, "\(text)") }

    @Test("every comparison with null is null, equality excepted", arguments: Comparison.allCases)
    func nulls(operation: Comparison) throws {
        for value in [
            "1", "\"a\"", "true", "@\"2026-01-01\"", "@\"10:00:00\"", "@\"P1D\"", "@\"P1M\"", "[1]", "{a: 1}",
            "[1..2]",
        ] {
            let expected =
                switch operation {
                case .equal: "false"
                case .notEqual: "true"
                default: "null"
                }
            #expect(try self.value("\(value) \(operation.rawValue) null") == expected)
            #expect(try self.value("null \(operation.rawValue) \(value)") == expected)
        }
    }

    @Test("arithmetic with null is null and says so")
    func warnings() throws {
        for operation in ["+", "-", "*", "/", "**"] {
            let answer = try FEEL.parse("1 \(operation) nothing").evaluate(in: Self.context)
            #expect(answer.value.isNull)
            #expect(answer.warnings.count == 1)
        }
        let missing = try FEEL.parse("\n  absent + 1").evaluate(in: RuleContext())
        #expect(missing.warnings.first?.position == SourcePosition(line: 2, column: 3))
        #expect(missing.warnings.first?.message == "no value is named absent")
    }

    @Test("working days come from the caller's calendar")
    func workingDays() throws {
        let isWorking: @Sendable (LocalDate) -> Bool? = { $0.year > 2026 ? nil : $0.weekday < 6 }
        let calendar = RuleCalendar(
            isWorkingDay: isWorking,
            adding: { count, date in
                var day = date
                var left = abs(count)
                while left > 0 {
                    day = day.adding(days: count < 0 ? -1 : 1)
                    guard let works = isWorking(day) else { return nil }
                    if works { left -= 1 }
                }
                return day
            },
            workingDays: { from, to in
                guard from <= to else { return nil }
                return (from.dayNumber..<to.dayNumber).count {
                    isWorking(LocalDate(dayNumber: $0 + 1)) == true
                }
            }
        )
        let context = RuleContext(calendar: calendar)
        func answer(_ text: String) throws -> Evaluation { try FEEL.parse(text).evaluate(in: context) }
        #expect(try answer("is working day(@\"2026-11-21\")").value.bool == false)
        #expect(
            try answer("add working days(@\"2026-11-20\", 3)").value.date == LocalDate(parsing: "2026-11-25")
        )
        #expect(try answer("working days between(@\"2026-11-20\", @\"2026-11-27\")").value.decimal == 5)
        let beyond = try answer("add working days(@\"2026-12-30\", 9)")
        #expect(beyond.value.isNull)
        #expect(beyond.warnings.first?.message == "the working calendar does not reach that far")
        #expect(try FEEL.parse("is working day(@\"2026-11-21\")").evaluate(in: RuleContext()).value.isNull)
    }

    @Test("names that the expression takes from its context")
    func freeNames() throws {
        let expression = try FEEL.parse("sum(股东[amount > 0].amount) + for x in list return x + base")
        #expect(expression.freeNames == ["股东", "amount", "list", "base"])
    }

    @Test("JSON keeps every digit and the order of entries")
    func json() throws {
        let value = RuleValue(try JSON.read(#"{"b":1.10,"a":[true,null,"x"],"big":12345678901234567890.5}"#))
        #expect(value.json.canonical == #"{"a":[true,null,"x"],"b":1.10,"big":12345678901234567890.5}"#)
        #expect(RuleValue.date(LocalDate(dayNumber: 0)).json == "1970-01-01")
        #expect(RuleValue.months(14).json == "P1Y2M")
    }
}
