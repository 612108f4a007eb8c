import Foundation
public import Rules

/// A form: pages of one question group each. Read once from YAML, pure, shared between threads.
///
/// The grammar is in `Docs/formats/form.md`.
public struct FormDefinition: Sendable {
    public let id: String
    public let title: Words
    public let pages: [FormPage]
    /// All fields of the data: groups that stand on several pages are one here.
    public let fields: [FormField]
    public let file: String
    /// What sources fill in and nobody may change, in the order of the pages.
    let locks: [Lock]

    struct Lock: Sendable {
        let field: FormPath
        let source: Prefill.Source
        /// Where the source has it.
        let from: FormPath
    }

    static func locks(of fields: [FormField], at path: FormPath) -> [Lock] {
        fields.flatMap { field -> [Lock] in
            let place = path.member(field.name)
            var found: [Lock] = []
            if let prefill = field.prefill, prefill.isLocked, let from = FormPath(parsing: prefill.path) {
                found.append(Lock(field: place, source: prefill.source, from: from))
            }
            if case .group(let children) = field.kind { found += locks(of: children, at: place) }
            return found
        }
    }

    public func page(_ id: String) -> FormPage? { pages.first { $0.id == id } }
}

/// What a person sees at once: one heading, one group of questions.
public struct FormPage: Sendable {
    public let id: String
    public let title: Words
    public let hint: Words?
    /// A page that is not visible is not needed; its answers are dropped.
    public let visible: FormCondition?
    public let fields: [FormField]
    /// Rules over several fields of the page.
    public let valid: [FormRule]
    public let position: SourcePosition
}

/// One question, or a group of them.
///
/// An object, because whoever walks through a form would copy a dozen members for each field.
public final class FormField: Sendable {
    /// The member's name in the data, English camelCase.
    public let name: String
    public let kind: FieldKind
    public let label: Words
    public let hint: Words?
    public let required: Requirement
    public let visible: FormCondition?
    public let valid: [FormRule]
    /// The value is worked out and can never be entered.
    public let computed: FormCondition?
    public let prefill: Prefill?
    /// Shown masked (`150***********123X`) unless the reader states a purpose.
    public let isSensitive: Bool
    /// Parties that receive this field when a case is handed on; empty: none but the deciding authority.
    public let seenBy: [String]
    /// Token of the HTML standard, such as `name` or `tel`.
    public let autocomplete: String?
    public let position: SourcePosition

    init(
        name: String,
        kind: FieldKind,
        label: Words,
        hint: Words?,
        required: Requirement,
        visible: FormCondition?,
        valid: [FormRule],
        computed: FormCondition?,
        prefill: Prefill?,
        isSensitive: Bool,
        seenBy: [String],
        autocomplete: String?,
        position: SourcePosition
    ) {
        self.name = name
        self.kind = kind
        self.label = label
        self.hint = hint
        self.required = required
        self.visible = visible
        self.valid = valid
        self.computed = computed
        self.prefill = prefill
        self.isSensitive = isSensitive
        self.seenBy = seenBy
        self.autocomplete = autocomplete
        self.position = position
    }

    public enum Requirement: Sendable {
        case always, never
        case when(FormCondition)
    }
}

/// What may stand in a field.
public indirect enum FieldKind: Sendable {
    /// One line, `min...max` characters.
    case text(length: ClosedRange<Int>)
    /// A person's or firm's name: rare characters and `·` are kept as entered.
    case name(length: ClosedRange<Int>)
    case multiline(length: ClosedRange<Int>)
    case integer(range: ClosedRange<Int64>)
    /// - Parameter decimals: digits after the point, 0...12.
    case decimal(min: String?, max: String?, decimals: Int)
    /// Entered in 万元 with up to six decimals, kept as whole fen.
    case money
    case percent(decimals: Int)
    case date
    case time
    case choice([FormOption])
    case multichoice([FormOption])
    case yesNo
    /// Six digits of GB/T 2260 at this level (`league`, `banner`; nil for either).
    case region(level: String?)
    /// The number of an identity document whose kind stands in the sibling field `kind`.
    case identityNumber(kindField: String)
    case phone(landline: Bool)
    case email
    case creditCode
    /// Codes of the scope catalogue, the first being the main one.
    case scope(max: Int)
    /// A code of GB/T 4754 at class level (four digits).
    case industry
    /// `sm3:` and 64 hexadecimal digits.
    case file(accept: [String], sizeBytesMax: Int)
    /// Ticked separately; the value is the version of the text that was shown.
    case promise(version: String, text: Words)
    /// A place where somebody signs the generated document; holds no value.
    case signature(role: String)
    /// Takes over `members` from a person given elsewhere; the value is that person's path.
    case sameAs(from: [String], members: [String])
    case group([FormField])
    case rows([FormField], min: Int, max: Int)

    /// The grammar's word.
    public var name: String {
        switch self {
        case .text: "text"
        case .name: "name"
        case .multiline: "multiline"
        case .integer: "integer"
        case .decimal: "decimal"
        case .money: "money"
        case .percent: "percent"
        case .date: "date"
        case .time: "time"
        case .choice: "choice"
        case .multichoice: "multichoice"
        case .yesNo: "yes-no"
        case .region: "region"
        case .identityNumber: "identity-number"
        case .phone: "phone"
        case .email: "email"
        case .creditCode: "credit-code"
        case .scope: "scope"
        case .industry: "industry"
        case .file: "file"
        case .promise: "promise"
        case .signature: "signature"
        case .sameAs: "same-as"
        case .group: "group"
        case .rows: "rows"
        }
    }

    /// Fields inside a group or a row.
    public var children: [FormField] {
        switch self {
        case .group(let fields), .rows(let fields, _, _): fields
        default: []
        }
    }
}

public struct FormOption: Sendable {
    public let code: String
    public let label: Words
    public let hint: Words?
    /// Offered only when this holds.
    public let visible: FormCondition?
}

/// A condition or value in FEEL.
public struct FormCondition: Sendable {
    public let expression: RuleExpression
    public let position: SourcePosition

    public var text: String { expression.text }
}

/// A rule that must not be false. Null (something is not answered yet) does not judge: required fields see to that.
public struct FormRule: Sendable {
    public let condition: FormCondition
    public let code: String
    public let message: Words
    /// Values for the message's placeholders.
    public let arguments: [(name: String, value: FormCondition, isMoney: Bool)]
}

/// Where a value may come from before anybody types it.
public struct Prefill: Sendable {
    public enum Source: String, Sendable, CaseIterable {
        case account, enterprise, licence, exchange
    }

    public let source: Source
    /// Dotted path inside what the source gives.
    public let path: String
    /// A prefilled value that may not be changed here.
    public let isLocked: Bool
}

extension FormDefinition {
    /// Paths of all fields of a kind, rows without index.
    public func paths(_ isWanted: (FormField) -> Bool) -> Set<String> {
        func paths(_ fields: [FormField], under place: String) -> Set<String> {
            fields.reduce(into: Set()) { all, field in
                let path = place + field.name
                if isWanted(field) { all.insert(path) }
                all.formUnion(paths(field.kind.children, under: "\(path)."))
            }
        }
        return paths(fields, under: "")
    }

    /// The field at a dotted path of names, rows without index: `joined.tax.choice`, `shareholders.amount`.
    public func field(at path: String) -> FormField? {
        var fields = self.fields
        var found: FormField?
        for name in path.split(separator: ".") {
            guard let field = fields.first(where: { $0.name == name }) else { return nil }
            found = field
            fields = field.kind.children
        }
        return found
    }

    /// Every expression of the form, in order.
    public var conditions: [FormCondition] {
        var found: [FormCondition] = []
        func add(_ rules: [FormRule]) {
            for rule in rules { found += [rule.condition] + rule.arguments.map(\.value) }
        }
        func add(_ field: FormField) {
            found += [field.visible, field.computed].compactMap { $0 }
            if case .when(let condition) = field.required { found.append(condition) }
            add(field.valid)
            if case .choice(let options) = field.kind { found += options.compactMap(\.visible) }
            if case .multichoice(let options) = field.kind { found += options.compactMap(\.visible) }
            for child in field.kind.children { add(child) }
        }
        for page in pages {
            if let visible = page.visible { found.append(visible) }
            add(page.valid)
            for field in page.fields { add(field) }
        }
        return found
    }

    /// Whether an expression of the form reads `limits.<name>`.
    public func reads(limit name: String) -> Bool {
        conditions.contains { $0.reads(limit: name) }
    }
}

extension FormCondition {
    /// Whether the expression reads `limits.<name>`.
    public func reads(limit name: String) -> Bool {
        var rest = Substring(text)
        while let range = rest.range(of: "limits.\(name)") {
            let next = rest[range.upperBound...].first
            if next.map({ !$0.isLetter && !$0.isNumber }) ?? true { return true }
            rest = rest[range.upperBound...]
        }
        return false
    }
}
