import Forms
import Kernel
import Synchronization
import Testing

@testable import Web

private let yaml = """
    form: test
    title: {zh: 试, en: Test}
    pages:
      - page: first
        title: {zh: 一, en: One}
        fields:
          - name: kind
            type: choice
            label: {zh: 种类, en: Kind}
            options: [{code: a, zh: 甲, en: A}, {code: b, zh: 乙, en: B}]
          - {name: why, type: text, label: {zh: 原因, en: Why}, visible: 'kind = "b"'}
          - {name: capital, type: money, label: {zh: 注册资本, en: Capital}, prefill: {from: account, path: capital, locked: true}}
          - name: shareholders
            type: rows
            label: {zh: 股东, en: Shareholder}
            rows: {min: 1, max: 3}
            fields:
              - {name: name, type: name, label: {zh: 姓名, en: Name}}
          - name: seals
            type: group
            label: {zh: 印章, en: Seals}
            fields:
              - {name: wanted, type: yes-no, label: {zh: 现在刻制, en: Now}}
          - name: truth
            type: promise
            version: "2026-01"
            text: {zh: 内容真实, en: All true}
            label: {zh: 我承诺, en: I promise}
    """

@Suite("a defined form on a page")
struct FormSheetTests {
    private let context = FormContext(today: LocalDate(dayNumber: 20_000))

    /// Sends `fields` to a route that takes a turn and tells what it made of it.
    private func turn(_ fields: [String: String], data: JSON = [:]) async throws -> (FormTurn, FormView) {
        let definition = try FormDefinition(yaml: yaml, file: "test.yaml")
        let page = try #require(definition.page("first"))
        let context = context
        let taken = Mutex<(FormTurn, FormView)?>(nil)
        let route = Route.page(.post, "/form", who: .everyone, scope: .own, zh: "表", en: "form") { visit in
            let sheet = FormSheet(definition, page: page, data: data, context: context, visit: visit)
            let turn = try FormTurn(visit, sheet)
            let next = FormSheet(definition, page: page, data: turn.data, context: context, visit: visit)
            let problems =
                turn.wish == .onward ? definition.check(turn.data, page: page.id, context: context) : []
            let view = next.view(action: "/form", problems: problems, blanks: turn.blanks, submit: "x")
            taken.withLock { $0 = (turn, view) }
            return .nothing
        }
        let answer = await (try TestSite(routes: [route])).submit("/form", fields)
        #expect(answer.status == 204, "\(answer.text)")
        return try #require(taken.withLock { $0 })
    }

    private func fields(_ view: FormView) -> [FieldView] {
        view.elements.compactMap { if case .field(let field) = $0 { field } else { nil } }
    }

    private func rows(_ view: FormView) -> [GroupView.Row] {
        for case .group(let group) in view.elements { return group.rows }
        return []
    }

    @Test("asks each question as its type wants, and marks the answer that brings others")
    func asks() async throws {
        let (_, view) = try await turn(["_refresh": "yes"])
        #expect(fields(view).map(\.name) == ["kind", "capital", "seals.wanted", "truth"])
        #expect(fields(view).map(\.kind) == [.radios, .money, .radios, .tick])
        #expect(fields(view)[0].isAsking)
        #expect(!fields(view)[2].isAsking)
        #expect(rows(view).map { $0.elements.map(\.name) } == [["shareholders[0].name"]])
        #expect(rows(view)[0].removal == nil)
    }

    @Test("a row is added and taken away by the form's own buttons")
    func rowButtons() async throws {
        let one: [String: String] = ["shareholders[0].name": "王小明"]
        let (added, view) = try await turn(one.merging(["_add": "shareholders"]) { $1 })
        #expect(added.wish == .stay)
        #expect(rows(view).count == 2)
        #expect(rows(view)[1].removal == "shareholders[1]")
        let two = one.merging(["shareholders[1].name": "李红", "_remove": "shareholders[0]"]) { $1 }
        let (removed, _) = try await turn(two)
        #expect(removed.wish == .stay)
        #expect(removed.data["shareholders"].elements.map { $0["name"].text } == ["李红"])
        let (full, many) = try await turn(
            [
                "shareholders[0].name": "一一", "shareholders[1].name": "二二", "shareholders[2].name": "三三",
                "_add": "shareholders",
            ])
        #expect(full.data["shareholders"].elements.count == 3)
        #expect(rows(many).count == 3)
    }

    @Test("an answer that brings a new question shows it before judging")
    func newQuestion() async throws {
        let (_, first) = try await turn(["_refresh": "yes"])
        let asked = try #require(first.asked)
        let (turned, view) = try await turn(["kind": "b", "_asked": asked])
        #expect(turned.wish == .stay)
        #expect(fields(view).map(\.name).contains("why"))
        #expect(view.errors == nil)
        let (again, judged) = try await turn(["kind": "b", "_asked": try #require(view.asked)])
        #expect(again.wish == .onward)
        #expect(judged.errors != nil)
    }

    @Test("problems stand beside their question and in the summary, with what was typed kept")
    func problems() async throws {
        let (turned, view) = try await turn(["kind": "a", "capital": "一百", "shareholders[0].name": "王"])
        #expect(turned.wish == .onward)
        let capital = try #require(fields(view).first { $0.name == "capital" })
        #expect(capital.errors.count == 1)
        #expect(capital.value == "一百")
        let lines = try #require(view.errors).lines
        #expect(lines.contains { $0.href == "#f-capital" })
        #expect(lines.contains { $0.href == "#f-shareholders-0--name" })
        #expect(!lines.contains { $0.text.contains("[") })
        #expect(lines.contains { $0.text.hasPrefix("股东 1：") })
    }

    @Test("a value that an authority gave is shown and not changed")
    func locked() async throws {
        let definition = try FormDefinition(yaml: yaml, file: "test.yaml")
        let page = try #require(definition.page("first"))
        let context = context
        let shown = Mutex<FieldView?>(nil)
        let route = Route.page(.get, "/form", who: .everyone, scope: .own, zh: "表", en: "form") { visit in
            let sheet = FormSheet(
                definition,
                page: page,
                data: ["capital": 100_000_000],
                sources: ["capital": "account"],
                context: context,
                visit: visit
            )
            for case .field(let field) in sheet.view(action: "/form", submit: "x").elements
            where field.name == "capital" {
                shown.withLock { $0 = field }
            }
            return .nothing
        }
        _ = await (try TestSite(routes: [route])).ask("GET", "/form")
        let field = try #require(shown.withLock { $0 })
        #expect(field.value == "100")
        #expect(field.isFixed)
        #expect(field.source == "来自您的账户信息")
    }

    @Test("a field that the page does not have is refused")
    func unknown() async throws {
        let definition = try FormDefinition(yaml: yaml, file: "test.yaml")
        let page = try #require(definition.page("first"))
        let context = context
        let route = Route.page(.post, "/form", who: .everyone, scope: .own, zh: "表", en: "form") { visit in
            let sheet = FormSheet(definition, page: page, data: [:], context: context, visit: visit)
            _ = try FormTurn(visit, sheet)
            return .nothing
        }
        let answer = await (try TestSite(routes: [route])).submit("/form", ["status": "granted"])
        #expect(answer.status == 422)
    }
}
