public import Kernel

/// One phrase of the business scope (经营范围规范表述).
public struct ScopePhrase: Hashable, Sendable {
    public enum Timing: String, Hashable, Sendable, CaseIterable {
        case none
        /// 前置: the permit comes before registration.
        case before
        /// 后置: the permit comes after registration.
        case after
    }

    public let code: String
    public let text: String
    public let englishText: String
    /// GB/T 4754-2017, four digits.
    public let industry: String
    public let timing: Timing
    public let permitItem: String?
    /// A code of `agencies.tsv`, with the name of the body as the law calls it.
    public let department: String?
    public let departmentName: String?
    public let link: String?
    public let certainty: String

    /// 许可项目: printed after the general ones, with the standard sentence.
    public var isPermit: Bool { timing != .none }
}

/// The catalogue of scope phrases in force on a day.
public struct ScopePhrases: Sendable {
    public let all: [ScopePhrase]
    private let byCode: [String: Int]
    private let byText: [String: Int]

    public init(_ table: ReferenceTable, on date: LocalDate) {
        var all: [ScopePhrase] = []
        for row in table.rows(on: date) {
            func optional(_ column: String) -> String? { row[column].isEmpty ? nil : row[column] }
            all.append(
                ScopePhrase(
                    code: row["code"],
                    text: row["text_zh"],
                    englishText: row["text_en"],
                    industry: row["industry"],
                    timing: ScopePhrase.Timing(rawValue: row["permit_timing"]) ?? .none,
                    permitItem: optional("permit_item"),
                    department: optional("department"),
                    departmentName: optional("department_name"),
                    link: optional("link"),
                    certainty: row["certainty"]
                )
            )
        }
        self.all = all
        byCode = Dictionary(all.enumerated().map { ($1.code, $0) }) { $1 }
        byText = Dictionary(all.enumerated().map { ($1.text, $0) }) { $1 }
    }

    public subscript(code: String) -> ScopePhrase? { byCode[code].map { all[$0] } }

    public func phrase(text: String) -> ScopePhrase? { byText[text].map { all[$0] } }

    /// Phrases whose text, English text or permit contains every word of the query; those that begin with it first.
    /// - Parameter countMax: 1...200.
    public func search(_ query: String, countMax: Int = 20) -> [ScopePhrase] {
        let words = NameText.normalise(query.replacing(" ", with: "|")).lowercased().split(separator: "|")
        guard !words.isEmpty else { return [] }
        let found = all.filter { phrase in
            let text = "\(phrase.text) \(phrase.englishText) \(phrase.permitItem ?? "")".lowercased()
            return words.allSatisfy { text.contains($0) }
        }
        let first = found.filter { $0.text.hasPrefix(words[0]) }
        let rest = found.filter { !$0.text.hasPrefix(words[0]) }
        return Array((first + rest).prefix(max(1, min(countMax, 200))))
    }
}
