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
        title: {zh: 印章（选办）, en: One}
        fields:
          - {name: type, type: text, label: {zh: 类型, en: Type}, computed: '"llc"'}
          - name: joined
            type: group
            label: {zh: 联办服务, en: Joined}
            fields:
              - name: seals
                type: group
                label: {zh: 印章, en: Seals}
                fields:
                  - name: idKind
                    type: choice
                    label: {zh: 证件类型, en: Kind}
                    prefill: {from: account, path: idKind, locked: true}
                    options: [{code: card, zh: 居民身份证, en: Card}, {code: passport, zh: 护照, en: Passport}]
                  - {name: phone, type: text, label: {zh: 手机, en: Phone}}
                  - {name: capital, type: money, label: {zh: 资金, en: Funds}}
      - page: rows
        title: {zh: 行, en: Rows}
        fields:
          - name: approvals
            type: rows
            label: {zh: 审批文件, en: Approval}
            rows: {min: 0, max: 3}
            fields:
              - {name: number, type: text, label: {zh: 文号, en: Number}}
    """

@Suite("answers that an account gives")
struct FixedAnswerTests {
    private let context = FormContext(today: LocalDate(dayNumber: 20_000))
    private let data: JSON = ["type": "llc", "joined": ["seals": ["idKind": "card"]]]

    private func turn(_ fields: [String: String], page id: String = "first") async throws -> (
        FormTurn, FormView
    ) {
        let definition = try FormDefinition(yaml: yaml, file: "test.yaml")
        let page = try #require(definition.page(id))
        let (context, data) = (context, data)
        let taken = Mutex<(FormTurn, FormView)?>(nil)
        let route = Route.page(.post, "/form", who: .everyone, scope: .own, zh: "表", en: "form") { visit in
            func sheet(_ data: JSON) -> FormSheet {
                FormSheet(
                    definition,
                    page: page,
                    data: data,
                    sources: ["joined.seals.idKind": "account"],
                    context: context,
                    visit: visit
                )
            }
            let turn = try FormTurn(visit, sheet(data))
            let problems =
                turn.refused
                + (turn.wish == .onward ? definition.check(turn.data, page: page.id, context: context) : [])
            let view = sheet(turn.data).view(action: "/form", problems: problems, submit: "x")
            taken.withLock { $0 = (turn, view) }
            return .nothing
        }
        let answer = await (try TestSite(routes: [route])).submit("/form", fields)
        #expect(answer.status == 204, "\(answer.text)")
        return try #require(taken.withLock { $0 })
    }

    private func field(_ name: String, _ view: FormView) -> FieldView? {
        for case .field(let field) in view.elements where field.name == name { return field }
        return nil
    }

    @Test("a choice that is fixed is a text, and asks nothing anew when the page comes back")
    func fixed() async throws {
        let (_, view) = try await turn(["_refresh": "yes"])
        let kind = try #require(field("joined.seals.idKind", view))
        #expect(kind.kind == .shown && kind.value == "居民身份证" && kind.isFixed)
        let (sent, _) = try await turn([
            "joined.seals.phone": "1", "joined.seals.capital": "1", "_asked": try #require(view.asked),
        ])
        #expect(sent.wish == .onward)
    }

    @Test("a fixed answer that comes back changed stays; its question says so, and the rest is kept")
    func changed() async throws {
        let (sent, view) = try await turn(["joined.seals.idKind": "passport", "joined.seals.phone": "138"])
        #expect(sent.data["joined"]["seals"]["idKind"] == "card")
        #expect(sent.data["joined"]["seals"]["phone"] == "138")
        #expect(sent.refused.map(\.path) == ["joined.seals.idKind"])
        let kind = try #require(field("joined.seals.idKind", view))
        #expect(kind.errors == ["证件类型来自您的账户，不能在此修改，已按账户填写"])
        #expect(view.errors?.lines.contains { $0.text.contains("idKind") } == false)
    }

    @Test(
        "the page's own heading is not said again under it, and what is the same for everybody is not shown"
    )
    func headings() async throws {
        let (_, view) = try await turn(["_refresh": "yes"])
        #expect(field("type", view) == nil)
        for case .section(let title, _) in view.elements { Issue.record("\(title)") }
    }

    @Test("the first row is added, the next one added too")
    func rows() async throws {
        func label(_ view: FormView) -> String? {
            for case .group(let group) in view.elements { return group.addLabel }
            return nil
        }
        #expect(label(try await turn(["_refresh": "yes"], page: "rows").1) == "添加一项“审批文件”")
        let (_, more) = try await turn(["approvals[0].number": "1", "_refresh": "yes"], page: "rows")
        #expect(label(more) == "再添加一项“审批文件”")
    }

    /// What was typed, and whether it is told to be no number; nil where nothing is wrong.
    private static let sums: [(String, Bool?)] = [
        ("1000000000000", false), ("99999999999999999999999", false), ("许多", true), ("100", nil),
    ]

    @Test(
        "a sum that is too large is told to be too large, and only that",
        arguments: sums
    )
    func money(typed: String, isNoNumber: Bool?) async throws {
        let (_, view) = try await turn(["joined.seals.phone": "1", "joined.seals.capital": typed])
        let errors = try #require(field("joined.seals.capital", view)).errors
        switch isNoNumber {
        case nil: #expect(errors.isEmpty)
        case true?: #expect(errors.count == 1 && errors[0].contains("应为以万元为单位的数字"))
        case false?: #expect(errors.count == 1 && errors[0].contains("应在 0 与"), "\(errors)")
        }
    }
}
