public import Kernel
import Rules

extension FormDefinition {
    /// Everything that has to be mended, in the order of the form. `data` is settled (`normalise` and `accept` do that).
    /// - Parameter page: nil checks the whole form and unknown members.
    public func check(_ data: JSON, page: String? = nil, context: FormContext) -> [FieldProblem] {
        let scope = FormScope(self, data: data, context: context)
        var checker = FormChecker(definition: self, data: data, context: context, scope: scope)
        if page == nil {
            checker.unknown(fields, data, at: FormPath())
        }
        for current in pages where page == nil || current.id == page {
            guard scope.holds(current.visible) else { continue }
            checker.check(current)
        }
        return checker.problems
    }

    /// Whether nothing has to be mended on one page.
    func isClean(_ page: FormPage, _ data: JSON, scope: FormScope, context: FormContext) -> Bool {
        var checker = FormChecker(definition: self, data: data, context: context, scope: scope)
        checker.check(page)
        return checker.problems.isEmpty
    }

    /// Refuses data in which a repeated group has more rows than it takes, so that nobody keeps a form whose pages cost
    /// without end.
    /// - Throws: `FormError.tooManyRows`.
    public func requireRows(of data: JSON) throws(FormError) {
        try requireRows(fields, data, at: FormPath())
    }

    private func requireRows(_ fields: [FormField], _ value: JSON, at path: FormPath) throws(FormError) {
        guard case .object(let members) = value, !members.isEmpty else { return }
        for field in fields {
            switch field.kind {
            case .group(let children):
                try requireRows(children, value[field.name], at: path.member(field.name))
            case .rows(let children, _, let most):
                let rows = value[field.name].elements
                if rows.isEmpty { continue }
                let place = path.member(field.name)
                guard rows.count <= most else { throw .tooManyRows(path: place.description, limit: most) }
                for (index, row) in rows.enumerated() {
                    try requireRows(children, row, at: place.index(index))
                }
            default: break
            }
        }
    }
}

private struct FormChecker {
    let definition: FormDefinition
    let data: JSON
    let context: FormContext
    let scope: FormScope
    var problems: [FieldProblem] = []
    /// A form with everything wrong says so a hundred times and stops.
    static let problemsMax = 100

    mutating func check(_ page: FormPage) {
        let before = problems.count
        for field in page.fields {
            check(field, at: FormPath([.member(field.name)]), siblings: data, row: nil)
        }
        // A rule over the page speaks only when each answer by itself is right.
        guard problems.count == before, let first = page.fields.first else { return }
        judge(page.valid, at: FormPath([.member(first.name)]), label: page.title, row: nil, value: .null)
    }

    private mutating func check(_ field: FormField, at path: FormPath, siblings: JSON, row: FormScope.Row?) {
        guard problems.count < Self.problemsMax, scope.holds(field.visible, row: row) else { return }
        if case .signature = field.kind { return }
        let value = siblings[field.name]
        let isRequired =
            switch field.required {
            case .always: true
            case .never: false
            case .when(let condition): scope.holds(condition, row: row)
            }
        if value.isNull {
            switch field.kind {
            case .group(let children) where isRequired:
                let inner = FormScope.Row.group(FormField.record(children, [:]), in: row)
                check(children, at: path, in: [:], row: inner)
            case .rows(_, let least, _):
                if isRequired && least > 0 {
                    add(path, "form.too-few-rows", ["limit": String(least)], field.label)
                }
            case .promise: if isRequired { add(path, "form.promise", [:], field.label) }
            case .choice, .multichoice, .yesNo, .region:
                if isRequired { add(path, "form.choose", [:], field.label) }
            default: if isRequired { add(path, "form.required", [:], field.label) }
            }
            return
        }
        if let fault = field.kind.fault(in: value, siblings: siblings, context: context) {
            add(path, fault.code, fault.arguments, field.label)
            return
        }
        let before = problems.count
        switch field.kind {
        case .group(let children):
            let inner = FormScope.Row.group(FormField.record(children, value), in: row)
            check(children, at: path, in: value, row: inner)
        case .rows(let children, let least, let most):
            let rows = value.elements
            if rows.count < least { add(path, "form.too-few-rows", ["limit": String(least)], field.label) }
            if rows.count > most { add(path, "form.too-many-rows", ["limit": String(most)], field.label) }
            for (index, element) in rows.prefix(most).enumerated() {
                let row = FormScope.Row.row(FormField.record(children, element), index)
                check(children, at: path.index(index), in: element, row: row)
            }
        case .choice(let options): offered(options, value, at: path, field, row)
        case .multichoice(let options): offered(options, value, at: path, field, row)
        case .sameAs:
            let text = value.text ?? ""
            let points = FormPath(parsing: text).map { !data[$0].isNull } ?? false
            if !points || !definition.isAllowed(text, for: field) {
                add(path, "form.same-as", [:], field.label)
            }
        default: break
        }
        if problems.count == before {
            judge(field.valid, at: path, label: field.label, row: row, value: field.typed(value))
        }
    }

    private mutating func check(_ fields: [FormField], at path: FormPath, in value: JSON, row: FormScope.Row?)
    {
        guard case .object = value else {
            add(path, "form.shape", [:], Words(zh: path.description, en: path.description))
            return
        }
        for field in fields { check(field, at: path.member(field.name), siblings: value, row: row) }
    }

    /// Members that the form does not have, at any depth.
    mutating func unknown(_ fields: [FormField], _ value: JSON, at path: FormPath) {
        for (name, inner) in value.members.sorted(by: { $0.key < $1.key }) {
            let place = path.member(name)
            guard let field = fields.first(where: { $0.name == name }) else {
                add(
                    FormPath(Array(place.steps.prefix(12))),
                    "form.unknown-field",
                    [:],
                    Words(zh: name, en: name)
                )
                continue
            }
            switch field.kind {
            case .group(let children): unknown(children, inner, at: place)
            case .rows(let children, _, _):
                for (index, element) in inner.elements.prefix(200).enumerated() {
                    unknown(children, element, at: place.index(index))
                }
            default: break
            }
        }
    }

    /// An option that is not offered here cannot be chosen.
    private mutating func offered(
        _ options: [FormOption],
        _ value: JSON,
        at path: FormPath,
        _ field: FormField,
        _ row: FormScope.Row?
    ) {
        let chosen = value.text.map { [$0] } ?? value.elements.compactMap(\.text)
        for option in options where chosen.contains(option.code) && !scope.holds(option.visible, row: row) {
            add(path, "form.not-offered", ["value": option.label.zh], field.label)
            return
        }
    }

    private mutating func judge(
        _ rules: [FormRule],
        at path: FormPath,
        label: Words,
        row: FormScope.Row?,
        value: RuleValue
    ) {
        for rule in rules where problems.count < Self.problemsMax {
            guard scope.value(rule.condition, row: row, value: value).bool == false else { continue }
            var arguments: [String: String] = [:]
            for argument in rule.arguments {
                let given = scope.value(argument.value, row: row, value: value)
                arguments[argument.name] = Self.text(given, isMoney: argument.isMoney)
            }
            problems.append(
                FieldProblem(
                    path: path.description,
                    code: rule.code,
                    arguments: arguments,
                    message: rule.message.filled(arguments),
                    label: label
                )
            )
        }
    }

    private static func text(_ value: RuleValue, isMoney: Bool) -> String {
        switch value.json {
        case .string(let text): text
        case .number(let digits):
            if isMoney, let fen = Int64(digits) { "\(Money(fen: fen).tenThousandYuanText)万元" } else { digits }
        case .bool(let flag): flag ? "true" : "false"
        case .array(let elements): elements.compactMap(\.text).joined(separator: "、")
        case .null, .object: "-"
        }
    }

    private mutating func add(_ path: FormPath, _ code: String, _ arguments: [String: String], _ label: Words)
    {
        guard problems.count < Self.problemsMax else { return }
        problems.append(FieldProblem(path: path.description, code: code, arguments: arguments, label: label))
    }
}
