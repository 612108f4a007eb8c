public import Kernel
import Rules

extension FormDefinition {
    /// Brings data to rest: takes over what `same-as` points at, works out computed values and drops answers to
    /// questions that are not asked. What rules and papers read is always settled.
    public func settled(_ data: JSON, context: FormContext) -> JSON {
        var current = data
        // What is worked out may show a question, and what is dropped may change what is worked out; four rounds are
        // more than any form uses.
        for _ in 0..<4 {
            let worked = workedOut(current, context: context)
            let next = withoutUnasked(worked, context: context)
            if next == current { return next }
            current = next
        }
        return current
    }

    /// Everything that is worked out comes before anything is dropped, so that no answer is lost to a value that
    /// was not there yet.
    private func workedOut(_ data: JSON, context: FormContext) -> JSON {
        var current = data
        for _ in 0..<4 {
            var next = current
            for page in pages { takeOver(page.fields, at: FormPath(), in: &next) }
            let scope = FormScope(self, data: next, context: context)
            for field in fields {
                workOut(field, at: FormPath([.member(field.name)]), row: nil, scope, in: &next)
            }
            if next == current { break }
            current = next
        }
        return current
    }

    private func workOut(
        _ field: FormField,
        at path: FormPath,
        row: FormScope.Row?,
        _ scope: FormScope,
        in data: inout JSON
    ) {
        if let computed = field.computed {
            let value = field.kind.computed(scope.value(computed, row: row))
            if data[path] != value { data[path] = value }
            return
        }
        eachChild(of: field, at: path, row: row, in: data) { child, path, row in
            workOut(child, at: path, row: row, scope, in: &data)
        }
    }

    private func withoutUnasked(_ data: JSON, context: FormContext) -> JSON {
        var next = data
        let scope = FormScope(self, data: data, context: context)
        for page in pages {
            let isAsked = scope.holds(page.visible)
            for field in page.fields {
                drop(field, at: FormPath([.member(field.name)]), row: nil, asked: isAsked, scope, in: &next)
            }
        }
        return next
    }

    private func drop(
        _ field: FormField,
        at path: FormPath,
        row: FormScope.Row?,
        asked: Bool,
        _ scope: FormScope,
        in data: inout JSON
    ) {
        let asked = asked && scope.holds(field.visible, row: row)
        // The same group may stand on another page: only this page's part of it goes.
        let isGroup = if case .group = field.kind { true } else { false }
        if !asked && !isGroup {
            if !data[path].isNull { data[path] = .null }
            return
        }
        eachChild(of: field, at: path, row: row, in: data) { child, path, row in
            drop(child, at: path, row: row, asked: asked, scope, in: &data)
        }
    }

    private func eachChild(
        of field: FormField,
        at path: FormPath,
        row: FormScope.Row?,
        in data: JSON,
        _ visit: (FormField, FormPath, FormScope.Row?) -> Void
    ) {
        switch field.kind {
        case .group(let fields):
            let inner = FormScope.Row.group(FormField.record(fields, data[path]), in: row)
            for child in fields { visit(child, path.member(child.name), inner) }
        case .rows(let fields, _, _):
            for (index, element) in data[path].elements.enumerated() {
                let inner = FormScope.Row.row(FormField.record(fields, element), index)
                for child in fields { visit(child, path.index(index).member(child.name), inner) }
            }
        default: break
        }
    }

    /// Copies the members of the person that a `same-as` points at.
    private func takeOver(_ fields: [FormField], at path: FormPath, in data: inout JSON) {
        for field in fields {
            let place = path.member(field.name)
            switch field.kind {
            case .sameAs(_, let members):
                guard let text = data[place].text, let source = FormPath(parsing: text),
                    isAllowed(text, for: field), source != path
                else { continue }
                let given = data[source]
                guard case .object = given else { continue }
                for member in members where member != field.name {
                    data[path.member(member)] = given[member]
                }
            case .group(let children): takeOver(children, at: place, in: &data)
            case .rows(let children, _, _):
                for index in data[place].elements.indices {
                    takeOver(children, at: place.index(index), in: &data)
                }
            default: break
            }
        }
    }

    func isAllowed(_ source: String, for field: FormField) -> Bool {
        guard case .sameAs(let from, _) = field.kind else { return false }
        return from.contains { source == $0 || source.hasPrefix("\($0)[") && source.hasSuffix("]") }
    }

    /// Persons that a `same-as` field may point at: their paths and names, in the order of the form.
    public func candidates(for field: FormField, in data: JSON) -> [(path: String, name: String)] {
        guard case .sameAs(let from, _) = field.kind else { return [] }
        var found: [(path: String, name: String)] = []
        for name in from {
            guard let path = FormPath(parsing: name) else { continue }
            let value = data[path]
            if case .array(let elements) = value {
                for (index, element) in elements.enumerated() {
                    if let person = element["name"].text, element["idNumber"].text != nil {
                        found.append((path.index(index).description, person))
                    }
                }
            } else if let person = value["name"].text {
                found.append((path.description, person))
            }
        }
        return found
    }

    /// The data without one row; `same-as` pointers to later rows move up, pointers to the row itself go (what was
    /// copied stays).
    public func removingRow(_ index: Int, of path: FormPath, from data: JSON, context: FormContext) -> JSON {
        var elements = data[path].elements
        guard elements.indices.contains(index) else { return data }
        elements.remove(at: index)
        var next = data
        next[path] = .array(elements)
        for page in pages { redirect(page.fields, at: FormPath(), removed: path.index(index), in: &next) }
        return settled(next, context: context)
    }

    private func redirect(_ fields: [FormField], at path: FormPath, removed: FormPath, in data: inout JSON) {
        for field in fields {
            let place = path.member(field.name)
            switch field.kind {
            case .sameAs:
                guard let target = data[place].text.flatMap({ FormPath(parsing: $0) }),
                    target.steps.count == removed.steps.count,
                    target.steps.dropLast() == removed.steps.dropLast(),
                    case .index(let at)? = target.steps.last, case .index(let gone)? = removed.steps.last
                else { continue }
                if at == gone { data[place] = .null }
                if at > gone {
                    data[place] = .string(FormPath(target.steps.dropLast() + [.index(at - 1)]).description)
                }
            case .group(let children): redirect(children, at: place, removed: removed, in: &data)
            case .rows(let children, _, _):
                for index in data[place].elements.indices {
                    redirect(children, at: place.index(index), removed: removed, in: &data)
                }
            default: break
            }
        }
    }
}

extension FieldKind {
    /// A FEEL result as this field keeps it.
    func computed(_ value: RuleValue) -> JSON {
        switch self {
        case .date: value.date.map { .string($0.description) } ?? .null
        case .integer, .decimal, .percent, .money: value.decimal == nil ? .null : value.json
        case .yesNo: value.bool.map { .bool($0) } ?? .null
        case .multichoice, .scope: value.elements == nil ? .null : value.json
        case .group, .rows, .signature: .null
        default: value.text.flatMap { $0.isEmpty ? nil : .string($0) } ?? .null
        }
    }
}
