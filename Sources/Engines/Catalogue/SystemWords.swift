import Forms

/// The words that a system brings along in one language, by the keys of the message catalogue: of its rules' reasons
/// (`rule.title.review`, `rule.title.review.next`), of what its tables compare (`rule-value.senior`), and of the laws on
/// which its rules rest (`law.T01`). Files `words.zh.yaml` and `words.en.yaml` of its folder.
public struct SystemWords: Sendable {
    let texts: [String: String]

    static let none = SystemWords(texts: [:])

    private init(texts: [String: String]) { self.texts = texts }

    init(yaml: String, file: String) throws(DefinitionError) {
        var texts: [String: String] = [:]
        for entry in try SourceNode(yaml: yaml, file: file).entries() {
            texts[entry.key] = try entry.value.text()
        }
        self.texts = texts
    }

    public subscript(key: String) -> String? { texts[key] }

    /// What a reason says; the reason itself where nothing words it.
    public func reason(_ reason: String, _ arguments: [String: String]) -> String {
        filled("rule.\(reason)", arguments) ?? reason
    }

    /// What is to be done about a reason; empty where nothing says so.
    public func next(_ reason: String, _ arguments: [String: String]) -> String {
        filled("rule.\(reason).next", arguments) ?? ""
    }

    private func filled(_ key: String, _ arguments: [String: String]) -> String? {
        guard var text = texts[key] else { return nil }
        for (name, value) in arguments { text = text.replacing("{\(name)}", with: value) }
        return text
    }
}

extension SystemDefinition {
    public func words(_ language: String) -> SystemWords {
        (language.hasPrefix("en") ? systemWords["en"] : systemWords["zh"]) ?? .none
    }
}
