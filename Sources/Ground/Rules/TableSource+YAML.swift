extension DecisionTable {
    /// The table as a file of its own that reads as this table does (Docs/rules.md §4): every text in double quotes,
    /// comments left out. A changed table is published as this.
    public var yaml: String {
        var lines = ["table: \(Self.quoted(source.name.text))", "hit: \(Self.quoted(source.hit.rawValue))"]
        if let note = source.note { lines.append("note: \(Self.quoted(note))") }
        lines.append("inputs:")
        for input in source.inputs {
            var parts = [("name", Self.quoted(input.name.text)), ("value", Self.quoted(input.value.text))]
            if let type = input.type { parts.append(("type", Self.quoted(type.text))) }
            if !input.values.isEmpty { parts.append(("values", Self.list(input.values))) }
            lines.append(Self.element(parts))
        }
        lines.append("outputs:")
        for output in source.outputs {
            var parts = [("name", Self.quoted(output.name.text))]
            if !output.values.isEmpty { parts.append(("values", Self.list(output.values))) }
            if let otherwise = output.otherwise { parts.append(("default", Self.quoted(otherwise.text))) }
            lines.append(Self.element(parts))
        }
        lines.append(source.rows.isEmpty ? "rows: []" : "rows:")
        for row in source.rows {
            var parts = [("id", Self.quoted(row.id.text))]
            parts += [("when", Self.list(row.when)), ("then", Self.list(row.then))]
            if let note = row.note { parts.append(("note", Self.quoted(note))) }
            lines.append(Self.element(parts))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func element(_ parts: [(key: String, value: String)]) -> String {
        "  - {" + parts.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
    }

    private static func list(_ texts: [TableSource.Text]) -> String {
        "[" + texts.map { quoted($0.text) }.joined(separator: ", ") + "]"
    }

    /// A scalar in double quotes, as YAML 1.2 §7.3.1 reads it back.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
