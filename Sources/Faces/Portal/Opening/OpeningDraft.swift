import Cases
import CompanyNames
import CompanyOpening
import Forms
import Kernel
import Web

/// What opening a company adds to the pages of every application: approvals that come before the registration, a name
/// that is kept first, and a search through the phrases of the scope.
struct OpeningDraft: Sendable {
    /// Phrases that need an approval first, and have none.
    let lacking: [FieldProblem]
    /// Whether a name still has to be reserved before the papers can be signed.
    let needsName: Bool

    /// Nil for a case of another system.
    init?(_ data: JSON, definition: CaseDefinition, _ visit: Visit, _ desk: PortalDesk) {
        guard definition.module == desk.opening.name else { return nil }
        lacking = Self.lacking(data, form: definition.form, visit, desk)
        let form = CompanyForm(data)
        needsName = form.hasName && form.reservation == nil
    }

    private static func lacking(
        _ data: JSON,
        form: FormDefinition,
        _ visit: Visit,
        _ desk: PortalDesk
    ) -> [FieldProblem] {
        guard let label = form.field(at: "approvals")?.label else { return [] }
        let given = data["approvals"].elements.compactMap { $0["phrase"].text?.uppercased() }
        return data["scope"].elements.compactMap(\.text).compactMap { code in
            guard let row = desk.opening.book.phrase(code, on: visit.now.date),
                row["permit_timing"] == "before", !given.contains(code.uppercased())
            else { return nil }
            return FieldProblem(
                path: "approvals",
                code: "form.approval-missing",
                arguments: [
                    "phrase": row[visit.language == .en ? "text_en" : "text_zh"],
                    "permit": row["permit_item"], "department": row["department_name"],
                ],
                label: label
            )
        }
    }

    /// A code is a code in small letters too.
    static func written(_ data: JSON) -> JSON {
        var data = data
        for (index, row) in data["approvals"].elements.enumerated() {
            let path = FormPath([.member("approvals"), .index(index), .member("phrase")])
            if let code = row["phrase"].text { data[path] = .string(code.uppercased()) }
        }
        return data
    }

    /// How far a page has come where the form alone does not tell; nil: as the form says.
    func state(of page: String, isAnswered: Bool) -> FormProgress.State? {
        if page == "name", needsName { return isAnswered ? .open : .notStarted }
        return page == "scope" && !lacking.isEmpty ? .open : nil
    }

    /// What no field of a page says by itself.
    func beyond(_ page: String) -> [FieldProblem] { page == "scope" ? lacking : [] }

    func notices(on page: String, _ visit: Visit) -> [FormView.Element] {
        beyond(page).map { .notice(NoticeView(.warn, visit.text("problem.\($0.code)", $0.arguments))) }
    }

    /// Rows of approvals that are shown empty, one for each that lacks.
    func blanks(_ blanks: [String: Int], on sheet: FormSheet) -> [String: Int] {
        guard sheet.page.id == "scope", !lacking.isEmpty else { return blanks }
        var blanks = blanks
        let rows = sheet.data["approvals"].elements.count + lacking.count
        blanks["approvals"] = max(blanks["approvals"] ?? 0, rows)
        return blanks
    }

    /// The search box over the scope phrases.
    func searching(
        _ elements: [FormView.Element],
        on page: String,
        _ view: FormView,
        _ visit: Visit,
        _ offers: Offers
    )
        -> [FormView.Element]
    {
        guard page == "scope" else { return elements }
        var elements = elements
        let word = offers.word
        let search = FieldView(
            name: "_word",
            label: visit.text("portal.scope.search"),
            value: word ?? "",
            hint: visit.text("portal.scope.search-hint"),
            isOptional: true,
            lengthMax: 40,
            button: FieldView.Button(name: "_find", label: visit.text("portal.scope.find"))
        )
        elements.insert(.field(search), at: 0)
        if let word, offers.foundNothing(view) {
            elements.insert(
                .notice(NoticeView(.info, visit.text("portal.scope.none", ["word": word]))),
                at: 1
            )
        }
        elements.append(.field(FieldView(name: "_last", label: "", kind: .hidden, value: word ?? "")))
        return elements
    }
}
