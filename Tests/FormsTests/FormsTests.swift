import Forms
import Foundation
import Kernel
import Rules
import Standards
import Testing

private let small = """
    form: small
    title: {zh: 小表, en: Small form}
    pages:
      - page: one
        title: {zh: 一, en: One}
        fields:
          - {name: name, type: name, label: {zh: 姓名, en: Name}, sensitive: true, prefill: {from: account, path: person.name, locked: true}}
          - {name: kind, type: choice, label: {zh: 类, en: Kind}, options: [{code: a, zh: 甲, en: A}, {code: b, zh: 乙, en: B}]}
          - {name: amount, type: money, label: {zh: 额, en: Amount}, visible: 'kind = "a"', valid: [{rule: 'value <= 100000000', code: amount.high, message: {zh: "最多{most}", en: "at most {most}"}, money: {most: '100000000'}}]}
          - {name: double, type: money, label: {zh: 倍, en: Double}, required: false, computed: 'if amount = null then null else amount * 2'}
          - {name: day, type: date, label: {zh: 日, en: Day}, required: false}
          - {name: phone, type: phone, label: {zh: 电话, en: Phone}, required: false, seenBy: [tax]}
      - page: two
        title: {zh: 二, en: Two}
        visible: 'kind = "a"'
        fields:
          - name: rows
            type: rows
            rows: {min: 1, max: 12}
            label: {zh: 行, en: Row}
            fields:
              - {name: text, type: text, length: 1..5, label: {zh: 文, en: Text}}
              - {name: flag, type: yes-no, label: {zh: 否, en: Flag}, required: false}
          - {name: picks, type: multichoice, label: {zh: 选, en: Picks}, required: false, options: [{code: x, zh: 子, en: X}, {code: y, zh: 丑, en: Y}]}
    """

private func smallContext() throws -> FormContext {
    FormContext(today: try #require(LocalDate(parsing: "2026-03-02")))
}

@Suite("values of fields")
struct FieldValueTests {
    @Test(
        "what people type is put right",
        arguments: [
            ("money", "１００．５", "100500000"), ("money", " 1,000 ", "1000000000"), ("money", "0.000001", "1"),
            ("money", "100万元", "100000000"), ("money", "1.2345678", "\"1.2345678\""),
            ("money", "abc", "\"abc\""),
            ("money", "-1", "\"-1\""), ("money", "", "null"), ("integer", "００７", "7"),
            ("integer", "1e5", "\"1e5\""),
            ("percent", "12.50%", "12.5"), ("date", "2026-3-2", "\"2026-03-02\""),
            ("date", "2026年3月2日", "\"2026-03-02\""),
            ("date", "２０２６/０３/０２", "\"2026-03-02\""), ("date", "20260302", "\"2026-03-02\""),
            ("date", "2026-02-30", "\"2026-02-30\""), ("date", "tomorrow", "\"TOMORROW\""),
            ("time", "9:05", "\"09:05\""), ("time", "0905", "\"09:05\""),
            ("phone", "+86 138-0000-1234", "\"13800001234\""),
            ("phone", "１３８ 0000 1234", "\"13800001234\""), ("phone", "+976 99112233", "\"+97699112233\""),
            ("identity-number", "15020319800101001x", "\"15020319800101001X\""),
            ("credit-code", " 9115 0100-e123 45678 ", "\"91150100E12345678\""),
            ("yes-no", "on", "true"), ("yes-no", "否", "false"), ("yes-no", "maybe", "\"maybe\""),
            ("text", "  a \u{200B} b\u{3000}c ", "\"a b c\""),
            ("email", "Zhang@Example.CN", "\"Zhang@example.cn\""),
        ]
    )
    func typed(type: String, text: String, expected: String) throws {
        #expect(try kind(type).read(text) == JSON.read(expected))
    }

    @Test("printing and reading again gives the same value, over generated values")
    func identity() throws {
        let seed: UInt64 = 20_260_302
        let entropy = SeededEntropy(seed: seed)
        func number(_ bound: Int) -> Int { entropy.number(below: bound) }
        for _ in 0..<2_000 {
            let values: [(String, JSON)] = [
                ("money", JSON(Int64(number(99_999_999_999_999)))), ("integer", JSON(number(1_000_000))),
                ("percent", JSON.number(["0", "12.5", "100", "33.33", "0.07"][number(5)])),
                ("date", .string(LocalDate(dayNumber: number(40_000)).description)),
                ("yes-no", .bool(number(2) == 0)),
                ("time", .string("\(number(2))\(number(10)):\(number(6))\(number(10))")),
                ("phone", .string("1380000\(1_000 + number(9_000))")),
            ]
            for (type, value) in values {
                let kind = try kind(type)
                #expect(kind.read(kind.print(value)) == value, "seed \(seed): \(type) \(value.canonical)")
            }
        }
    }

    private func kind(_ type: String) throws -> FieldKind {
        switch type {
        case "money": .money
        case "integer": .integer(range: 0...1_000_000_000)
        case "percent": .percent(decimals: 2)
        case "date": .date
        case "time": .time
        case "phone": .phone(landline: false)
        case "identity-number": .identityNumber(kindField: "idKind")
        case "credit-code": .creditCode
        case "yes-no": .yesNo
        case "email": .email
        default: .text(length: 1...200)
        }
    }
}

@Suite("a submitted page")
struct NormaliseTests {
    let form: FormDefinition
    let context: FormContext

    init() throws {
        form = try FormDefinition(yaml: small, file: "small.form.yaml")
        context = try smallContext()
    }

    @Test("values are typed, worked out and put onto the draft")
    func onto() throws {
        let data = try form.normalise(
            ["name": ["李四"], "kind": ["", "a"], "amount": ["１００"], "day": ["2026-3-2"], "_token": ["x"]],
            onto: [:],
            page: "one",
            context: context
        )
        #expect(
            data == [
                "name": "李四", "kind": "a", "amount": 100_000_000, "double": 200_000_000, "day": "2026-03-02",
            ]
        )
        #expect(form.check(data, page: "one", context: context).isEmpty)
    }

    @Test("an answer whose question is not asked any more goes")
    func dropped() throws {
        let data: JSON = ["name": "李四", "kind": "a", "amount": 1, "rows": [["text": "x"]]]
        let next = try form.normalise(["kind": ["b"]], onto: data, page: "one", context: context)
        #expect(next == ["name": "李四", "kind": "b"])
    }

    @Test(
        "what no page of ours sends is refused",
        arguments: [
            (["status": ["granted"]], FormError.unknownField(path: "status")),
            (["rows[0].owner_id": ["1"]], .unknownField(path: "rows[0].owner_id")),
            (["rows": ["1"]], .unknownField(path: "rows")),
            (["rows[0]": ["1"]], .unknownField(path: "rows[0]")),
            (["rows[x].text": ["1"]], .unknownField(path: "rows[x].text")),
            (["rows[-1].text": ["1"]], .unknownField(path: "rows[-1].text")),
            (["rows[00].text": ["1"]], .unknownField(path: "rows[00].text")),
            (["name.x": ["1"]], .unknownField(path: "name.x")),
            (["name..x": ["1"]], .unknownField(path: "name..x")),
            (["double": ["5"]], .computedField(path: "double")),
            (["name": ["王五"]], .lockedField(path: "name")),
            (["rows[12].text": ["1"]], .tooManyRows(path: "rows[12].text", limit: 12)),
            (["rows[9999].text": ["1"]], .tooManyRows(path: "rows[9999].text", limit: 12)),
        ] as [([String: [String]], FormError)]
    )
    func refused(raw: [String: [String]], error: FormError) {
        #expect(throws: error) {
            try form.normalise(raw, onto: ["name": "李四", "kind": "a"], context: context)
        }
    }

    @Test("a field of another page, a page that is not there, and sizes over the limit are refused")
    func limits() {
        #expect(throws: FormError.unknownField(path: "picks")) {
            try form.normalise(["picks": ["x"]], onto: [:], page: "one", context: context)
        }
        #expect(throws: FormError.unknownPage("three")) {
            try form.normalise([:], onto: [:], page: "three", context: context)
        }
        let long = String(repeating: "a", count: FormDefinition.valueBytesMax + 1)
        #expect(throws: FormError.valueTooLong(path: "kind", limit: FormDefinition.valueBytesMax)) {
            try form.normalise(["kind": [long]], onto: [:], context: context)
        }
        let many = Array(repeating: "x", count: FormDefinition.valueCountMax + 1)
        #expect(throws: FormError.tooManyValues(limit: FormDefinition.valueCountMax)) {
            try form.normalise(["picks": many], onto: [:], context: context)
        }
    }

    @Test("rows keep their order, empty ones go, unticked boxes are cleared")
    func rows() throws {
        var raw: [String: [String]] = [:]
        for index in 0..<12 { raw["rows[\(index)].text"] = ["r\(index)"] }
        raw["rows[5].text"] = [""]
        var data = try form.normalise(
            raw,
            onto: ["kind": "a", "picks": ["x"]],
            page: "two",
            context: context
        )
        #expect(
            data["rows"].elements.map { $0["text"].text }
                == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11].map { "r\($0)" }
        )
        #expect(data["picks"].isNull)
        data = try form.normalise(["picks": ["y", "x", "y"]], onto: data, page: "two", context: context)
        #expect(data["picks"] == ["y", "x"])
    }

    @Test("what cannot be typed stays, and is named with its code")
    func kept() throws {
        let data = try form.normalise(
            ["kind": ["z"], "day": ["2026-02-30"], "phone": ["12345"]],
            onto: ["name": "李四"],
            page: "one",
            context: context
        )
        #expect(data["day"] == "2026-02-30")
        let found = form.check(data, page: "one", context: context)
        #expect(
            found.map { "\($0.path) \($0.code)" } == [
                "kind form.choose", "day form.no-such-day", "phone form.phone",
            ]
        )
    }

    @Test("a rule speaks with its filled words")
    func words() throws {
        let data = try form.normalise(
            ["kind": ["a"], "amount": ["100.000001"]],
            onto: ["name": "李四"],
            page: "one",
            context: context
        )
        let problem = try #require(form.check(data, page: "one", context: context).first)
        #expect(problem.code == "amount.high")
        #expect(problem.message?.zh == "最多100万元")
    }

    @Test(
        "JSON from outside is held to the form's shape",
        arguments: [
            ("[]", FormError.wrongShape(path: "")), ("{\"status\":1}", .unknownField(path: "status")),
            ("{\"rows\":{}}", .wrongShape(path: "rows")), ("{\"rows\":[1]}", .wrongShape(path: "rows[0]")),
            ("{\"rows\":[{\"x\":1}]}", .unknownField(path: "rows[0].x")),
            ("{\"kind\":{}}", .wrongShape(path: "kind")),
            ("{\"kind\":[\"a\"]}", .wrongShape(path: "kind")),
            ("{\"picks\":[1]}", .wrongShape(path: "picks")),
        ]
    )
    func json(body: String, error: FormError) throws {
        let body = try JSON.read(body)
        #expect(throws: error) { try form.accept(body, context: context) }
    }

    @Test("wrong types in JSON are problems, not values")
    func jsonTypes() throws {
        let body = try JSON.read(
            "{\"name\":true,\"kind\":\"a\",\"amount\":\"100\",\"rows\":[{\"text\":5,\"flag\":\"x\"}]}"
        )
        let data = try form.accept(body, context: context)
        #expect(
            form.check(data, context: context).map { "\($0.path) \($0.code)" } == [
                "name form.text", "amount form.money", "rows[0].text form.text", "rows[0].flag form.choose",
            ]
        )
    }

    @Test("random names and values never do more than be refused")
    func fuzz() {
        let seed: UInt64 = 4_711
        let entropy = SeededEntropy(seed: seed)
        let pieces = [
            "name", "kind", "rows", "[0]", "[11]", "[12]", ".", "text", "amount", "[", "]", "é", "\u{0}",
            "picks", "a", "١", "_",
        ]
        for _ in 0..<3_000 {
            var raw: [String: [String]] = [:]
            for _ in 0..<(1 + entropy.number(below: 4)) {
                let name = (0..<(1 + entropy.number(below: 5))).map { _ in
                    pieces[entropy.number(below: pieces.count)]
                }
                raw[name.joined()] = [pieces[entropy.number(below: pieces.count)], "\u{202E}１²"]
            }
            guard let data = try? form.normalise(raw, onto: ["kind": "a"], context: context) else { continue }
            _ = form.check(data, context: context)
            _ = form.summary(data, context: context)
            #expect(form.settled(data, context: context) == data, "seed \(seed): \(raw)")
        }
    }
}

@Suite("drafts")
struct DraftTests {
    @Test("prefilled values carry their source until they are changed; locked ones are renewed")
    func prefill() throws {
        let form = try FormDefinition(yaml: small, file: "small.form.yaml")
        let context = try smallContext()
        let account: JSON = ["person": ["name": "李四"]]
        var draft = form.prefilled(
            PrefilledData(data: [:], sources: [:]),
            from: [.account: account],
            context: context
        )
        #expect(draft.data["name"] == "李四")
        #expect(draft.sources == ["name": "account"])
        #expect(form.sources(draft.sources, from: draft.data, to: ["name": "王五"]).isEmpty)
        draft.data["name"] = "旧名"
        #expect(form.prefilled(draft, from: [.account: account], context: context).data["name"] == "李四")
        #expect(form.prefilled(draft, from: [:], context: context).data["name"] == "旧名")
    }

    @Test("progress knows pages that are not needed, seen and done")
    func progress() throws {
        let form = try FormDefinition(yaml: small, file: "small.form.yaml")
        let context = try smallContext()
        let b: JSON = ["name": "李四", "kind": "b"]
        #expect(form.progress([:], visited: [], context: context).state(of: "one") == .notStarted)
        #expect(form.progress(b, visited: [], context: context).state(of: "one") == .open)
        #expect(form.progress(b, visited: ["one"], context: context).isComplete)
        #expect(form.progress(b, visited: ["one"], context: context).state(of: "two") == .notNeeded)
        let a: JSON = ["name": "李四", "kind": "a", "amount": 1, "rows": [["text": "x"]]]
        #expect(form.progress(a, visited: ["one"], context: context).next == "two")
        #expect(form.page(after: "one", data: a, context: context)?.id == "two")
        #expect(form.page(after: "one", data: b, context: context) == nil)
    }

    @Test("a party sees what the form says and no more")
    func disclosed() throws {
        let form = try FormDefinition(yaml: small, file: "small.form.yaml")
        let data: JSON = ["name": "李四", "kind": "b", "phone": "13800001234"]
        #expect(form.disclosed(data, to: "tax") == ["phone": "13800001234"])
        #expect(form.disclosed(data, to: "police") == [:])
    }

    @Test(
        "paths are read and printed",
        arguments: ["a", "a.b", "rows[0].text", "rows[12].inner[3].x", "a.b.c.d"]
    )
    func paths(text: String) throws {
        #expect(try #require(FormPath(parsing: text)).description == text)
    }
}

@Suite("form files that are refused")
struct FormRefusalTests {
    private static func form(_ field: String) -> String {
        """
        form: f
        title: {zh: 表, en: F}
        pages:
          - page: one
            title: {zh: 一, en: One}
            fields:
              - \(field)
        """
    }

    @Test(
        "each with file, line, column and what to do",
        arguments: [
            (form("{name: a, type: text}"), "7:9: the key label is missing"),
            (form("{name: a, type: text, label: {zh: 甲}}"), "7:38: the key en is missing"),
            (form("{name: A, type: text, label: {zh: 甲, en: A}}"), "7:16: A cannot stand here"),
            (form("{name: a, type: magic, label: {zh: 甲, en: A}}"), "7:25: there is no field type magic"),
            (form("{name: a, type: text, label: {zh: 甲, en: A}, colour: red}"), "unknown key colour"),
            (form("{name: a, type: text, label: {zh: 甲, en: A}, visible: 'b = 1'}"), "there is no field b"),
            (form("{name: a, type: text, label: {zh: 甲, en: A}, visible: 'a ='}"), "a ="),
            (form("{name: a, type: choice, label: {zh: 甲, en: A}}"), "the key options is missing"),
            (form("{name: a, type: text, length: 9..2, label: {zh: 甲, en: A}}"), "9..2 cannot stand here"),
            (form("{name: a, type: text, label: {zh: 甲, en: A}, required: !!bool yes}"), "is not allowed"),
            (form("{part: none}"), "there is no part none"),
            (
                form(
                    "{name: a, type: group, label: {zh: 甲, en: A}, fields: [{name: n, type: identity-number, label: {zh: 号, en: N}}]}"
                ), "there is no field idKind"
            ),
            ("form: f\ntitle: {zh: 表, en: F}\npages: []", "1 to 60 pages"),
            ("form: f\nform: g", "is there twice"), ("form: \"", "this is no YAML"),
        ]
    )
    func refused(yaml: String, words: String) throws {
        let error = try #require(
            #expect(throws: DefinitionError.self) { _ = try FormDefinition(yaml: yaml, file: "f.form.yaml") }
        )
        #expect(error.description.contains(words), "\(error.description)")
        #expect(error.description.hasPrefix("f.form.yaml:"))
    }
}
