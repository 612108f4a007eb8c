/// One question of a form, ready to be shown. Template: `form/field`.
public struct FieldView: PageView {
    public enum Kind: Sendable, Equatable {
        case text, email, telephone, password
        /// Digits only, such as a number of persons.
        case number
        /// A number with a point, such as a latitude.
        case decimal
        /// `HH:MM`.
        case time
        /// Yuan with two decimals.
        case money
        /// `YYYY-MM-DD`, typed or picked.
        case date
        /// A code that came by message.
        case oneTimeCode
        /// An identity number or credit code: wide, spaced letters.
        case code
        case lines(Int)
        case select
        case radios
        case boxes
        /// One box that is ticked or not; its value is that of the only option, else `yes`.
        case tick
        case file(accept: String)
        case hidden
        /// Shown, not asked.
        case shown
    }

    public struct Option: PageView {
        public let value: String
        public let label: String
        public let hint: String?
        public let isChosen: Bool
        /// The heading under which a long list shows it.
        public let group: String?

        public init(
            value: String,
            label: String,
            hint: String? = nil,
            isChosen: Bool = false,
            group: String? = nil
        ) {
            self.value = value
            self.label = label
            self.hint = hint
            self.isChosen = isChosen
            self.group = group
        }
    }

    /// The field's name in the form; `persons[0].name`.
    public var name: String
    public var label: String
    public var hint: String?
    public var kind: Kind
    /// What was typed, even when it is wrong.
    public var value: String
    public var options: [Option]
    /// What is wrong and how to mend it, one sentence each.
    public var errors: [String]
    public var isOptional: Bool
    /// Where a prefilled value comes from; nil when it was typed.
    public var source: String?
    /// An HTML autofill token such as `name`, `tel`, `one-time-code`.
    public var autocomplete: String?
    public var lengthMax: Int?
    /// A unit behind the box, such as 元.
    public var unit: String?
    /// Given by an authority or an earlier step: shown, and not to be changed. A choice is then a text.
    public var isFixed: Bool
    /// Other questions depend on the answer: with scripts the form is refreshed when it changes.
    public var isAsking = false
    /// A file that was handed in before.
    public var kept: Kept?
    /// A button of its own behind the box: what it says, and its name in the form.
    public var button: Button?

    public struct Kept: PageView {
        public let name: String
        public let href: String

        public init(name: String, href: String) {
            self.name = name
            self.href = href
        }
    }

    public struct Button: PageView {
        public let name: String
        public let label: String

        public init(name: String, label: String) {
            self.name = name
            self.label = label
        }
    }

    /// Endings under which a kind of file is known.
    static func extensions(of kind: String) -> [String] { kind == "jpg" ? [".jpg", ".jpeg"] : [".\(kind)"] }

    public init(
        name: String,
        label: String,
        kind: Kind = .text,
        value: String = "",
        hint: String? = nil,
        options: [Option] = [],
        errors: [String] = [],
        isOptional: Bool = false,
        source: String? = nil,
        autocomplete: String? = nil,
        lengthMax: Int? = nil,
        unit: String? = nil,
        isFixed: Bool = false,
        button: Button? = nil
    ) {
        self.button = button
        self.name = name
        self.label = label
        self.kind = kind
        self.value = value
        self.hint = hint
        self.options = options
        self.errors = errors
        self.isOptional = isOptional
        self.source = source
        self.autocomplete = autocomplete
        self.lengthMax = lengthMax
        self.unit = unit
        self.isFixed = isFixed
    }

    /// The element's id, to which the error summary leads.
    public var id: String { FieldView.id(for: name) }

    public static func id(for name: String) -> String {
        "f-" + String(name.map { $0.isLetter || $0.isNumber ? $0 : "-" })
    }

    public func child(named child: String) -> Any? {
        switch child {
        case "name": name
        case "id": id
        case "label": label
        case "hint": Absent.or(hint)
        case "value": value
        case "options": options
        case "groups": groups
        case "errors": errors.map(ErrorText.init(text:))
        case "hasErrors": !errors.isEmpty
        case "isOptional": isOptional
        case "source": Absent.or(source)
        case "autocomplete": Absent.or(autocomplete ?? defaultAutocomplete)
        case "lengthMax": Absent.or(lengthMax.map(String.init))
        case "unit": Absent.or(unit)
        case "isFixed": isFixed
        case "describedBy": Absent.or(describedBy)
        case "inputType": inputType
        case "inputMode": Absent.or(inputMode)
        case "isBox": isBox
        case "isLines": lineCount != nil
        case "lineCount": Absent.or(lineCount.map(String.init))
        case "isSelect": kind == .select
        case "isRadios": kind == .radios
        case "isBoxes": kind == .boxes
        case "isTick": kind == .tick
        case "isTicked": value == tickValue
        case "tickValue": tickValue
        case "isAsking": isAsking
        case "isHidden": kind == .hidden
        case "isShown": kind == .shown
        case "isGroup": kind == .radios || kind == .boxes
        case "accept": Absent.or(accept)
        case "isFile": accept != nil
        case "isDate": kind == .date && !isFixed
        case "isCamera": accept?.contains(".jpg") ?? false
        case "kept": Absent.or(kept)
        case "isKept": kept != nil
        case "button": Absent.or(button)
        case "isShort": isShort
        case "isNarrow": isNarrow
        case "isCode": kind == .code || kind == .oneTimeCode
        default: nil
        }
    }

    /// Options in the order in which they were given, a heading over each run of one group.
    private var groups: [OptionGroup] {
        var groups: [OptionGroup] = []
        for option in options {
            if let last = groups.last, last.heading == option.group {
                groups[groups.count - 1].options.append(option)
            } else {
                groups.append(OptionGroup(heading: option.group, options: [option]))
            }
        }
        return groups
    }

    private var tickValue: String { options.first?.value ?? "yes" }

    private var describedBy: String? {
        var ids: [String] = []
        if hint != nil { ids.append("\(id)-hint") }
        if source != nil { ids.append("\(id)-source") }
        if !errors.isEmpty { ids.append("\(id)-error") }
        return ids.isEmpty ? nil : ids.joined(separator: " ")
    }

    private var isBox: Bool {
        switch kind {
        case .text, .email, .telephone, .password, .number, .decimal, .time, .money, .date, .oneTimeCode,
            .code:
            true
        case .file, .lines, .select, .radios, .boxes, .tick, .hidden, .shown: false
        }
    }

    var isFile: Bool { accept != nil }

    private var isNarrow: Bool {
        switch kind {
        case .number, .decimal, .time, .money, .date, .oneTimeCode, .telephone: true
        default: false
        }
    }

    /// Two or three short answers stand beside each other.
    private var isShort: Bool {
        kind == .radios && options.count <= 3 && options.allSatisfy { $0.hint == nil && $0.label.count <= 6 }
    }

    private var lineCount: Int? { if case .lines(let count) = kind { count } else { nil } }
    private var accept: String? { if case .file(let accept) = kind { accept } else { nil } }

    /// Dates stay text: the box takes full-width digits and points, the server normalises.
    private var inputType: String {
        switch kind {
        case .email: "email"
        case .telephone: "tel"
        case .password: "password"
        case .file: "file"
        default: "text"
        }
    }

    private var inputMode: String? {
        switch kind {
        case .number, .oneTimeCode: "numeric"
        case .money, .decimal: "decimal"
        case .telephone: "tel"
        case .email: "email"
        default: nil
        }
    }

    private var defaultAutocomplete: String? {
        switch kind {
        case .oneTimeCode: "one-time-code"
        case .email: "email"
        case .telephone: "tel"
        default: nil
        }
    }
}

/// Answers of a list under one heading; none for a list without headings.
struct OptionGroup: PageView {
    let heading: String?
    var options: [FieldView.Option]
}

struct ErrorText: PageView {
    let text: String
}
