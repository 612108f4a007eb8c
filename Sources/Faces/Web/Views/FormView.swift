/// A whole form. Template: `form/form`; it brings the guard, the error summary and the buttons.
public struct FormView: PageView {
    public enum Element: Sendable {
        case field(FieldView)
        case group(GroupView)
        /// A heading and a sentence between questions.
        case section(title: String, text: String?)
        case notice(NoticeView)

        /// Whether a file can be handed in here; the form is then sent in parts.
        var takesFile: Bool {
            switch self {
            case .field(let field): field.isFile
            case .group(let group): group.rows.contains { $0.elements.contains(where: \.isFile) }
            case .section, .notice: false
            }
        }
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
    /// The answer is a file: the page stays, and its form can be sent again.
    public let isDownload: Bool
    /// What the page says is another thing after the download, so that it is loaded anew.
    public let isRenewed: Bool
    /// The questions that were asked, so that the next turn knows which are new.
    public let asked: String?

    public init(
        action: String,
        elements: [Element],
        errors: ErrorSummary? = nil,
        submit: String,
        second: String? = nil,
        back: String? = nil,
        isDownload: Bool = false,
        isRenewed: Bool = false,
        asked: String? = nil
    ) {
        self.asked = asked
        self.action = action
        self.elements = elements
        self.errors = errors
        self.submit = submit
        self.second = second
        self.back = back
        self.isDownload = isDownload
        self.isRenewed = isRenewed
    }

    /// A browser sends what was chosen, and not only its name, in parts alone.
    var isUpload: Bool { elements.contains(where: \.takesFile) }

    public func child(named name: String) -> Any? {
        switch name {
        case "action": action
        case "elements": elements.map(FormElementView.init)
        case "errors": Absent.or(errors)
        case "submit": submit
        case "second": Absent.or(second)
        case "back": Absent.or(back)
        case "isUpload": isUpload
        case "isDownload": isDownload
        case "isRenewed": isRenewed
        case "asked": Absent.or(asked)
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
/// form itself, so that it works without scripts: see `FormTurn`.
public struct GroupView: PageView {
    public struct Row: PageView {
        public let heading: String
        public let elements: [FieldView]
        /// `persons[0]`, the value of the button that takes the row away; nil when it has to stay.
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
        name: String,
        label: String,
        hint: String? = nil,
        rows: [Row],
        addLabel: String?,
        errors: [String] = []
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

        /// - Parameter place: the identifier of something else that is to be mended.
        public init(_ text: String, at place: String) {
            self.text = text
            href = "#" + place
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
