import Kernel

extension RuleValue: CustomStringConvertible {
    /// The value as FEEL writes it; reading the text gives the value back, functions excepted.
    public var description: String { feelText }

    /// What `string()` gives: a string itself, anything else as FEEL writes it.
    var displayText: String {
        switch self {
        case .string(let text): text
        case .date(let date): date.feelText
        case .time(let time): time.description
        case .dateTime(let moment): moment.description
        case .duration(let duration): duration.description
        case .months(let months): monthsText(months)
        case .list(let elements): "[" + elements.map(\.nestedText).joined(separator: ", ") + "]"
        case .context(let record):
            "{"
                + record.entries.map { Self.key($0.name) + ": " + $0.value.nestedText }.joined(
                    separator: ", "
                ) + "}"
        case .range(let range): range.text { $0.nestedText }
        case .null, .boolean, .number, .function: feelText
        }
    }

    private var nestedText: String {
        if case .string(let text) = self { Self.quoted(text) } else { displayText }
    }

    public var feelText: String {
        switch self {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .number(let number): number.description
        case .string(let text): Self.quoted(text)
        case .date, .time, .dateTime, .duration, .months: "@\"" + displayText + "\""
        case .list(let elements): "[" + elements.map(\.feelText).joined(separator: ", ") + "]"
        case .context(let record):
            "{" + record.entries.map { Self.key($0.name) + ": " + $0.value.feelText }.joined(separator: ", ")
                + "}"
        case .range(let range): range.text { $0.feelText }
        case .function(let function): "function(" + function.parameters.joined(separator: ", ") + ")"
        }
    }

    private static func key(_ name: String) -> String {
        guard let words = Lexer.words(ofName: name), words.joined(separator: " ") == name,
            let first = name.unicodeScalars.first, Lexer.isNameStart(first)
        else { return quoted(name) }
        return name
    }

    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}

extension RuleRange {
    fileprivate func text(_ end: (RuleValue) -> String) -> String {
        guard let start else {
            guard let last = self.end else { return "null" }
            return "(" + (endIncluded ? "<= " : "< ") + end(last) + ")"
        }
        guard let last = self.end else { return "(" + (startIncluded ? ">= " : "> ") + end(start) + ")" }
        return (startIncluded ? "[" : "(") + end(start) + ".." + end(last) + (endIncluded ? "]" : ")")
    }
}
