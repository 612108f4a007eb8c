/// A text in the two languages that every definition must have.
public struct Words: Hashable, Sendable {
    public let zh: String
    public let en: String

    public init(zh: String, en: String) {
        self.zh = zh
        self.en = en
    }

    /// - Parameter language: `en…` gives English, everything else Chinese.
    public func callAsFunction(_ language: String) -> String { language.hasPrefix("en") ? en : zh }

    /// Fills `{name}` placeholders; a placeholder without an argument stays as it is.
    public func filled(_ arguments: [String: String]) -> Words {
        Words(zh: Self.fill(zh, arguments), en: Self.fill(en, arguments))
    }

    static func fill(_ text: String, _ arguments: [String: String]) -> String {
        guard text.contains("{") else { return text }
        var out = ""
        var rest = Substring(text)
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            out += rest[..<open]
            let name = String(rest[rest.index(after: open)..<close])
            out += arguments[name] ?? "{\(name)}"
            rest = rest[rest.index(after: close)...]
        }
        return out + rest
    }
}

extension SourceNode {
    /// `{zh: …, en: …}`, both needed.
    public func bilingual() throws(DefinitionError) -> Words {
        let map = try map(["zh", "en"])
        return Words(zh: try map.needed("zh").word(), en: try map.needed("en").word())
    }
}
