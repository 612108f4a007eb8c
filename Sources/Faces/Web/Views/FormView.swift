public import Kernel

/// A whole form. Template: `form/form`; it brings the guard, the error summary and the buttons.
public struct FormView: PageView {
    public enum Element: Sendable {
        case field(FieldView)
        case group(GroupView)
        /// A heading and a sentence between questions.
        case section(title: String, text: String?)
        case notice(NoticeView)
    }

    /// A path of this site.
    public let action: String
    public let elements: [Element]
    public let errors: ErrorSummary?
    /// What the main button does, in the words of the act: 确认并提交申请.
    public let submit: String
    /// A second way out: 保存草稿. Its name in the form is `_save`.
    public let second: String?
    /// Where 返回上一步 leads.
    public let back: String?
    public let isUpload: Bool

    public init(
        action: String, elements: [Element], errors: ErrorSummary? = nil, submit: String, second: String? = nil,
        back: String? = nil, isUpload: Bool = false
    ) {
        self.action = action
        self.elements = elements
        self.errors = errors
        self.submit = submit
        self.second = second
        self.back = back
        self.isUpload = isUpload
    }

    public func child(named name: String) -> Any? {
        switch name {
        case "action": action
        case "elements": elements.map(FormElementView.init)
        case "errors": Absent.or(errors)
        case "submit": submit
        case "second": Absent.or(second)
        case "back": Absent.or(back)
        case "isUpload": isUpload
        default: nil
        }
    }
}

struct FormElementView: PageView {
    let field: FieldView?
    let group: GroupView?
    let section: SectionView?
    let notice: NoticeView?

    init(_ element: FormView.Element) {
        var field: FieldView?
        var group: GroupView?
        var section: SectionView?
        var notice: NoticeView?
        switch element {
        case .field(let view): field = view
        case .group(let view): group = view
        case .section(let title, let text): section = SectionView(title: title, text: text)
        case .notice(let view): notice = view
        }
        self.field = field
        self.group = group
        self.section = section
        self.notice = notice
    }
}

struct SectionView: PageView {
    let title: String
    let text: String?
}

/// Questions that are asked for each of several persons or things. Rows are added and taken away by buttons of the
/// form itself, so that it works without scripts: see `GroupChange`.
public struct GroupView: PageView {
    public struct Row: PageView {
        public let heading: String
        public let elements: [FieldView]
        /// `persons.0`, the value of the button that takes the row away; nil when it has to stay.
        public let removal: String?
        public let removeLabel: String?

        public init(heading: String, fields: [FieldView], removal: String?, removeLabel: String? = nil) {
            self.heading = heading
            elements = fields
            self.removal = removal
            self.removeLabel = removeLabel
        }
    }

    public let name: String
    public let label: String
    public let hint: String?
    public let rows: [Row]
    public let addLabel: String?
    public let errors: [String]

    /// - Parameter addLabel: nil when no more rows may be added.
    public init(
        name: String, label: String, hint: String? = nil, rows: [Row], addLabel: String?, errors: [String] = []
    ) {
        self.name = name
        self.label = label
        self.hint = hint
        self.rows = rows
        self.addLabel = addLabel
        self.errors = errors
    }

    public func child(named child: String) -> Any? {
        switch child {
        case "name": name
        case "id": FieldView.id(for: name)
        case "label": label
        case "hint": Absent.or(hint)
        case "rows": rows
        case "addLabel": Absent.or(addLabel)
        case "errors": errors.map(ErrorText.init(text:))
        case "hasErrors": !errors.isEmpty
        default: nil
        }
    }
}

/// What the buttons of a repeated group ask for.
public enum GroupChange: Sendable, Equatable {
    case add(group: String)
    case remove(group: String, index: Int)

    /// The change that was asked for, if the form was sent by one of those buttons.
    public init?(_ form: FormValues) {
        if let group = form.trimmed("_add") {
            self = .add(group: group)
            return
        }
        guard let place = form.trimmed("_remove"), let dot = place.lastIndex(of: "."),
            let index = Int(place[place.index(after: dot)...]), index >= 0
        else { return nil }
        self = .remove(group: String(place[..<dot]), index: index)
    }

    /// The form's values with the row added or taken away.
    /// - Parameter rowsMax: no row is added beyond.
    public func applied(to values: JSON, rowsMax: Int = 50) -> JSON {
        switch self {
        case .add(let group):
            return GroupChange.change(values, group.split(separator: ".")[...]) { rows in
                if rows.count < rowsMax { rows.append([:]) }
            }
        case .remove(let group, let index):
            return GroupChange.change(values, group.split(separator: ".")[...]) { rows in
                if rows.indices.contains(index) { rows.remove(at: index) }
            }
        }
    }

    private static func change(
        _ values: JSON, _ steps: ArraySlice<Substring>, _ body: (inout [JSON]) -> Void
    ) -> JSON {
        guard let first = steps.first else {
            var rows = values.elements
            body(&rows)
            return .array(rows)
        }
        if let index = Int(first) {
            var rows = values.elements
            guard rows.indices.contains(index) else { return values }
            rows[index] = change(rows[index], steps.dropFirst(), body)
            return .array(rows)
        }
        var changed = values
        changed[String(first)] = change(values[String(first)], steps.dropFirst(), body)
        return changed
    }
}

/// The box above a form that names everything to be mended. Template: `form/errors`.
public struct ErrorSummary: PageView {
    public struct Line: PageView {
        public let text: String
        public let href: String

        /// - Parameter field: the field's name in the form.
        public init(_ text: String, field: String) {
            self.text = text
            href = "#" + FieldView.id(for: field)
        }
    }

    public let title: String
    public let lines: [Line]

    /// - Returns: nil when there is nothing to mend.
    public init?(_ lines: [Line], visit: Visit) {
        guard !lines.isEmpty else { return nil }
        title = visit.text("web.errors-title", ["count": String(lines.count)])
        self.lines = lines
    }
}
