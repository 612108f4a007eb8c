extension FormField {
    /// Groups of one name become one group; any other name that comes twice is refused.
    static func merged(_ fields: [FormField]) throws(DefinitionError) -> [FormField] {
        var merged: [FormField] = []
        for field in fields {
            guard let index = merged.firstIndex(where: { $0.name == field.name }) else {
                merged.append(field)
                continue
            }
            guard case .group(let before) = merged[index].kind, case .group(let more) = field.kind else {
                throw DefinitionError(.duplicate, at: field.position, ["name": field.name])
            }
            merged[index] = merged[index].with(.group(try Self.merged(before + more)))
        }
        return merged
    }

    private func with(_ kind: FieldKind) -> FormField {
        FormField(
            name: name,
            kind: kind,
            label: label,
            hint: hint,
            required: required,
            visible: visible,
            valid: valid,
            computed: computed,
            prefill: prefill,
            isSensitive: isSensitive,
            seenBy: seenBy,
            autocomplete: autocomplete,
            position: position
        )
    }
}

extension FormField {
    /// The same for everybody who fills the form in, such as its kind: for machines, and nothing to be shown.
    public var isConstant: Bool {
        guard let text = computed?.text else { return false }
        return ["true", "false"].contains(text)
            || text.count > 1 && text.hasPrefix("\"") && text.hasSuffix("\"")
                && !text.dropFirst().dropLast().contains("\"")
    }
}
