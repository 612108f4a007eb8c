import Rules

/// Every name that an expression takes must be a field of the form or one of the given names.
struct FormNames {
    /// `row`, `here`, `value` and `index` speak of the field at hand; `limits` holds the dated limits; the others come from
    /// the account and the case.
    static let given: Set<String> = [
        "row", "here", "value", "index", "limits", "account", "enterprise", "context",
    ]
    let pages: [FormPage]
    let known: Set<String>

    init(_ pages: [FormPage]) {
        self.pages = pages
        known = Self.given.union(pages.flatMap { $0.fields.map(\.name) })
    }

    func check() throws(DefinitionError) {
        for page in pages {
            try check(page.visible)
            for rule in page.valid { try check(rule) }
            for field in page.fields { try check(field) }
        }
    }

    private func check(_ field: FormField) throws(DefinitionError) {
        try check(field.visible)
        try check(field.computed)
        if case .when(let condition) = field.required { try check(condition) }
        for rule in field.valid { try check(rule) }
        switch field.kind {
        case .choice(let options), .multichoice(let options):
            for option in options { try check(option.visible) }
        case .group(let fields), .rows(let fields, _, _):
            for field in fields {
                if case .identityNumber(let kind) = field.kind, !fields.contains(where: { $0.name == kind }) {
                    throw DefinitionError(
                        .unknownName,
                        at: field.position,
                        ["kind": "field", "name": kind, "known": fields.map(\.name).joined(separator: ", ")]
                    )
                }
                try check(field)
            }
        case .sameAs(let from, _):
            for name in from where !known.contains(String(name.prefix { $0 != "." })) {
                throw DefinitionError(
                    .unknownName,
                    at: field.position,
                    ["kind": "field", "name": name, "known": known.sorted().joined(separator: ", ")]
                )
            }
        default: break
        }
    }

    private func check(_ rule: FormRule) throws(DefinitionError) {
        try check(rule.condition)
        for argument in rule.arguments { try check(argument.value) }
    }

    private func check(_ condition: FormCondition?) throws(DefinitionError) {
        guard let condition else { return }
        for name in condition.expression.freeNames.sorted() where !known.contains(name) {
            throw DefinitionError(
                .unknownName,
                at: condition.position,
                ["kind": "field", "name": name, "known": known.sorted().joined(separator: ", ")]
            )
        }
    }
}
