import Catalogue
import Forms
import Foundation
import Kernel
import Rules
import Testing

@Suite("definitions that cannot run")
struct RefusalTests {
    private static let head = """
        id: small
        name: {zh: 小系统, en: Small}
        source: S0
        owner: 某局
        engines: [case]
        clauses: [{must_do: 1, text: one}]

        """

    private static func item(_ more: String) -> String {
        head + """
            items:
              - id: one
                item: 一件事项
                title: {zh: 事项, en: Item}
                procedure: filing
                for: person
                agency: 某局

            """
            + more.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }.joined(
                separator: "\n"
            )
    }

    private static let table = """
        table: R01
        hit: FIRST
        inputs: [{name: a, value: 'form.a', type: number}]
        outputs: [{name: outcome}]
        rows: [{id: all, when: ['-'], then: ['"pass"']}]
        """

    private func problems(_ system: String, _ more: [String: String] = [:]) throws -> [String] {
        var files = ["system.yaml": Array(system.utf8)]
        for (path, text) in more { files[path] = Array(text.utf8) }
        let world = CatalogueWorld(
            modules: ["known"],
            parties: ["tax": ["register"]],
            papers: ["notice"],
            licences: ["business-licence": ["营业执照复印件"]],
            engines: ["case"]
        )
        return try SystemDefinition(SystemFolder(files: files)).problems(in: world).map { problem in
            #expect(problem.position.file?.hasSuffix(".yaml") == true)
            #expect(problem.position.line >= 1)
            return problem.reason.rawValue
        }
    }

    @Test(
        "what cannot run is named with its place",
        arguments: [
            ("flow:\n  a: {by: staff, role: clerk, after: [b]}", ["unknown-name"]),
            ("flow:\n  a: {by: rule, table: R01}", ["dead-end"]),
            (
                "flow:\n  a: {by: rule, table: R02, otherwise: b}\n  b: {by: staff, role: clerk}",
                ["unknown-name"]
            ),
            ("flow:\n  a: {by: outside, party: bank, operation: book}", ["unknown-name"]),
            ("flow:\n  a: {by: outside, party: tax, operation: book}", ["unknown-name"]),
            ("flow:\n  a: {by: module, module: other}", ["unknown-name"]),
            ("flow:\n  a: {by: staff, role: clerk, limit: soon}", ["limit-not-armed"]),
            ("flow:\n  a: {by: staff, role: clerk, papers: [other]}", ["unknown-name"]),
            (
                "flow:\n  a: {by: staff, role: c, after: [b]}\n  b: {by: staff, role: c, after: [a]}",
                ["cycle"]
            ),
            ("limits: {promise: soon}", ["limit-not-armed"]),
            ("form: forms/none.form.yaml", ["unknown-name"]),
            ("materials: [{name: {zh: 营业执照复印件, en: Licence}}]", ["provable"]),
            ("materials: [{name: {zh: 身份证复印件, en: Identity card}}]", ["provable"]),
            ("materials: [{name: {zh: 完税证明, en: Tax}, provenBy: exchange tax.income}]", ["unknown-name"]),
        ]
    )
    func cannotRun(item: String, expected: [String]) throws {
        let found = try problems(Self.item(item), ["rules/R01.yaml": Self.table])
        #expect(found == expected, "\(found)")
    }

    @Test(
        "what cannot be read is refused at its place",
        arguments: [
            (head + "colour: red", "7:1: unknown key colour"),
            (item("flow:\n  a: {by: magic}"), "magic cannot stand here"),
            (item("flow:\n  a: {by: staff}"), "the key role is missing"),
            (item("flow:\n  a: {by: staff, role: c, when: 'a ='}"), "a ="),
            (item("materials: [{name: {zh: 一, en: a}, provenBy: magic}]"), "magic cannot stand here"),
            (head.replacingOccurrences(of: "must_do: 1", with: "must_do: 2"), "numbered without gaps"),
            (head.replacingOccurrences(of: "id: small", with: "id: &x small"), "is not allowed"),
            (head.replacingOccurrences(of: "id: small", with: "id: !!int 5"), "is not allowed"),
            (head + "id: again", "is there twice"),
            ("id: [", "this is no YAML"),
            ("", "the file is empty"),
            (String(repeating: "[", count: 2_000), "nested deeper"),
        ]
    )
    func cannotBeRead(system: String, words: String) throws {
        let error = try #require(
            #expect(throws: DefinitionError.self) {
                _ = try SystemDefinition(SystemFolder(files: ["system.yaml": Array(system.utf8)]))
            }
        )
        #expect(error.description.contains(words), "\(error.description)")
        #expect(error.description.hasPrefix("system.yaml:"))
    }

    @Test("a region may only do better")
    func variants() throws {
        let system = Self.item(
            "limits: {promise: promise}\ntrips: 1\nmaterials: [{name: {zh: 材料, en: Paper}}]"
        )
        let limits = """
            limits:
              - {name: promise, label: {zh: 承诺, en: Promise}, values: [{from: 2022-01-01, value: 5 wd}]}
            """
        func variant(_ text: String) throws -> [String] {
            try problems(
                system,
                ["limits.yaml": limits, "variants/150200.yaml": "items: [{item: one, \(text)}]"]
            )
        }
        #expect(try variant("promise: 3 wd, trips: 0, without: [材料]") == [])
        #expect(try variant("promise: 6 wd").count == 1)
        #expect(try variant("trips: 2").count == 1)
        #expect(try variant("without: [别的]").count == 1)
        let files = [
            "system.yaml": Array(system.utf8), "limits.yaml": Array(limits.utf8),
            "variants/150200.yaml": Array(
                "items: [{item: one, promise: 3 wd, trips: 0, without: [材料]}]".utf8
            ),
        ]
        let definition = try SystemDefinition(SystemFolder(files: files))
        let day = try #require(LocalDate(parsing: "2026-03-01"))
        let there = try #require(definition.item("one", region: "150203"))
        let elsewhere = try #require(definition.item("one", region: "150102"))
        #expect(there.period(definition.limits, region: "150203", on: day)?.text == "3 wd")
        #expect(there.trips == 0)
        #expect(there.materials.isEmpty)
        #expect(elsewhere.period(definition.limits, region: "150102", on: day)?.text == "5 wd")
        #expect(elsewhere.materials.count == 1)
    }

    @Test("a limit that nothing uses is a promise that nobody keeps")
    func unused() throws {
        let limits = """
            limits:
              - {name: idle, label: {zh: 无, en: None}, values: [{from: 2022-01-01, value: 5}]}
            """
        #expect(try problems(Self.head, ["limits.yaml": limits]) == ["limit-not-armed"])
    }
}

@Suite("dated limits")
struct DatedLimitsTests {
    @Test(
        "the nearest region and the latest date count",
        arguments: [
            ("150203", "2021-12-31", nil), ("150203", "2022-01-01", "5"), ("150203", "2023-01-01", "4"),
            ("150200", "2023-06-30", "4"), ("150200", "2023-07-01", "5"), ("150203", "2023-07-01", "3"),
            ("150203000000", "2023-07-01", "3"), ("150102", "2024-01-01", "5"),
        ] as [(String, String, String?)]
    )
    func nearest(region: String, date: String, expected: String?) throws {
        let limits = try DatedLimits(
            yaml: """
                limits:
                  - name: days
                    label: {zh: 日, en: Days}
                    values:
                      - {from: 2022-01-01, value: 5}
                      - {region: "150200", from: 2023-01-01, until: 2023-06-30, value: 4}
                      - {region: "150203", from: 2023-07-01, value: 3}
                """,
            file: "limits.yaml"
        )
        let day = try #require(LocalDate(parsing: date))
        #expect(limits.value("days", region: region, on: day)?.text == expected)
        #expect(limits.value("none", region: region, on: day) == nil)
    }

    @Test(
        "what is written is read and written again",
        arguments: [
            "5", "2.5", "5 wd", "20 d", "2 mo", "72 h", "45 min", "25 %", "1000 万元", "true", "false",
        ]
    )
    func roundTrip(text: String) throws {
        let limits = try DatedLimits(
            yaml: "limits: [{name: a, label: {zh: 一, en: a}, values: [{from: 2022-01-01, value: \(text)}]}]",
            file: "l"
        )
        let day = try #require(LocalDate(parsing: "2026-01-01"))
        #expect(limits.value("a", region: "150000", on: day)?.text == text)
    }

    @Test("every system of the list is read")
    func list() throws {
        let systems = try SystemList.read(home: Home.find())
        #expect(systems.count == 163)
        #expect(Set(systems.map(\.id)).count == 163)
        #expect(systems.contains { $0.id == "company-opening" && $0.engines.contains("register") })
    }

    @Test("the guide of an opening has every section, in both languages", arguments: ["zh", "en"])
    func guide(language: String) throws {
        let home = try Home.find()
        let definition = try SystemDefinition(SystemFolder(at: "\(home.systems)/company-opening"))
        let day = try #require(LocalDate(parsing: "2026-03-02"))
        for item in definition.items {
            let guide = ItemGuide(
                definition,
                item: item,
                listed: nil,
                version: nil,
                region: "150203",
                on: day,
                language: language
            )
            #expect(
                guide.sections.map(\.id) == [
                    "conditions", "process", "special", "basis", "places", "contact", "remedies", "questions",
                ]
            )
            #expect(guide.statutory == (language == "zh" ? "3个工作日" : "3 working days"))
            #expect(guide.promised == (language == "zh" ? "1日" : "1 day"))
            #expect(!guide.materials.isEmpty)
        }
    }
}
