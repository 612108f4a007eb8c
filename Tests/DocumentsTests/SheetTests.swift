import Foundation
import Kernel
import Testing

@testable import Documents

@Suite("sheets")
struct SheetTests {
    private let world: SheetWorld

    init() throws { world = try SheetWorld() }

    private func template(_ marks: String) throws -> SheetTemplate {
        try SheetTemplate(yaml: "page: A5\nmarks:\n\(marks)\n", file: "t.yaml")
    }

    private func problem(_ work: () throws -> Void) -> DocumentError? {
        do {
            try work()
            return nil
        } catch { return error as? DocumentError }
    }

    @Test("a typeface that is missing is named with its package")
    func missing() throws {
        let file = NSTemporaryDirectory() + "typefaces-\(UUID().uuidString).tsv"
        let row = "song\tAR PL UMing CN\t/nowhere/uming.ttc\t0\tfonts-arphic-uming\tfree\n"
        try Data(row.utf8).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let problem = problem { _ = try Typefaces(file: file) }
        #expect(
            problem
                == .typeface(
                    "/nowhere/uming.ttc is missing or unreadable: install the package fonts-arphic-uming"
                )
        )
    }

    @Test(
        "what a template says wrongly is refused with its line",
        arguments: [
            ("  - text: {say: a, box: [0, 0, 10, 10], colour: red}", "t.yaml:3", "colour"),
            ("  - text: {say: '{a', box: [0, 0, 10, 10]}", "t.yaml:3", "brace"),
            ("  - text: {say: a, box: [0, 0, 200, 10]}", "t.yaml:3", "beyond the page"),
            ("  - circle: {box: [0, 0, 10, 10]}", "t.yaml:3", "circle"),
            ("  - text: {say: a, box: [0, 0, 10]}", "t.yaml:3", "4 numbers"),
            ("  - text: &x {say: a, box: [0, 0, 9, 9]}", "t.yaml:3", "mapping"),
            ("  - text: {say: !!int 1, box: [0, 0, 9, 9]}", "t.yaml:3", "tag"),
            ("  - text: {say: a, box: [0, 0, 9, 9], size: 3, least: 4}", "t.yaml:3", "least"),
        ]
    )
    func definitions(marks: String, place: String, word: String) throws {
        guard case .sheet(let text) = problem({ _ = try template(marks) }) else {
            Issue.record("taken: \(marks)")
            return
        }
        #expect(text.contains(place) && text.contains(word), "\(text)")
    }

    @Test("text shrinks until it fits, and what does not fit is refused by the name of its box")
    func fitting() throws {
        let box = "box: [10, 10, 40, 12], size: 6, least: 3"
        let template = try template("  - text: {name: holder, say: '{a}', \(box)}")
        func size(_ count: Int) throws -> Double? {
            let content = SheetContent(texts: ["a": String(repeating: "字", count: count)])
            let sheet = try template.sheet(content, by: world.typesetter)
            guard case .text(let run)? = sheet.pages[0].marks.first else { return nil }
            return run.size
        }
        #expect(try size(6) == 6)
        let smaller = try #require(try size(20))
        #expect(smaller < 6 && smaller >= 3)
        guard case .sheet(let text) = problem({ _ = try size(40) }) else {
            Issue.record("cut")
            return
        }
        #expect(text.contains("(holder)"))
    }

    @Test("every line stays in its box, whatever the length")
    func inside() throws {
        let template = try template(
            "  - text: {say: '{a}', box: [20, 30, 50, 60], size: 5, least: 2, align: spread}"
        )
        for count in [1, 9, 10, 11, 37, 60] {
            let content = SheetContent(texts: ["a": String(repeating: "长名字abc ", count: count)])
            for case .text(let run) in try template.sheet(content, by: world.typesetter).pages[0].marks {
                #expect(run.start.x >= 20 - 1e-6 && run.start.x + run.advance <= 70.001)
                #expect(run.start.y - run.size * 0.86 >= 30 - 1e-6)
                #expect(run.start.y + run.size * 0.14 <= 90.001)
            }
        }
    }

    @Test("no line begins with a stop or ends with an opening bracket")
    func breaking() throws {
        let shaped = try world.typesetter.shape("预包装食品（含冷藏冷冻食品）销售；散装食品、热食类。", role: "song")
        for room in stride(from: 2.0, to: 20, by: 1) {
            for line in shaped.lines(room: room) {
                let clusters = shaped.clusters[line.clusters]
                let first = clusters.first.map { String(decoding: shaped.bytes[$0.bytes], as: UTF8.self) }
                let last = clusters.last.map { String(decoding: shaped.bytes[$0.bytes], as: UTF8.self) }
                #expect(!["）", "；", "、", "。"].contains(first ?? ""))
                #expect(last != "（")
            }
        }
    }

    @Test("a field that is not given is named")
    func missingField() throws {
        let template = try template("  - text: {name: a box, say: '{holder}', box: [0, 0, 9, 9]}")
        let problem = problem { _ = try template.sheet(SheetContent(), by: world.typesetter) }
        #expect(problem == .sheet("t.yaml:3 (a box) needs {holder}, which is not given"))
    }

    @Test("a sole trader's licence has his name instead of a representative's, and no capital")
    func soleTrader() throws {
        var content = try #require(SheetWorld.contents["business-licence"])
        for gone in ["legal-representative", "capital", "address"] { content.texts[gone] = nil }
        content.texts["operator"] = "巴特尔"
        content.texts["premises"] = "呼和浩特市赛罕区大学西街235号一层"
        let text = try SheetWorld.template("business-licence").sheet(content, by: world.typesetter).texts[0]
        for there in ["经营者", "巴特尔", "经营场所", "大学西街"] { #expect(text.contains(there)) }
        for gone in ["法定代表人", "注册资本", "住所"] { #expect(!text.contains(gone)) }
    }

    @Test("rare characters come from another typeface, and what none has is refused")
    func rare() throws {
        let shaped = try world.typesetter.shape("王㛃𬭎", role: "song")
        #expect(Set(shaped.clusters.map(\.face)).count > 1)
        guard case .typeface(let text) = problem({ _ = try world.typesetter.shape("𓀀", role: "song") }) else {
            Issue.record("drawn as a box")
            return
        }
        #expect(text.contains("𓀀"))
    }

    @Test("many rows go on to further pages, none is lost")
    func pages() throws {
        var content = try #require(SheetWorld.contents["licence"])
        content.lists["fields"] = (1...80).map { ["label": "栏目\($0)", "value": "内容第\($0)项"] }
        let sheet = try SheetWorld.template("licence").sheet(content, by: world.typesetter)
        #expect(sheet.pages.count == 4)
        let text = sheet.texts.joined(separator: "\n")
        for row in 1...80 { #expect(text.contains("内容第\(row)项")) }
        #expect(text.contains("4 / 4"))
    }

    @Test("the press works on its own threads and refuses when too many wait")
    func press() async throws {
        let press = DocumentPress(
            typefaces: world.typefaces,
            threads: .init(count: 2, queueMax: 8, name: "press-test")
        )
        let template = try SheetWorld.template("licence")
        let content = try #require(SheetWorld.contents["licence"])
        let texts = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<6 {
                group.addTask {
                    try await press.make { setter throws(DocumentError) in
                        try template.sheet(content, by: setter).texts
                    }
                }
            }
            return try await group.reduce(into: [[String]]()) { $0.append($1) }
        }
        #expect(texts.count == 6 && Set(texts).count == 1)
        let full = DocumentPress(
            typefaces: world.typefaces,
            threads: .init(count: 1, queueMax: 0, name: "press-full")
        )
        await #expect(throws: DocumentError.busy) { try await full.make { _ in 1 } }
    }
}
