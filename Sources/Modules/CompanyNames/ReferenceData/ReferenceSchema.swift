import Standards

/// The shape of one importable table: its columns, what each may hold, and what makes a row unique.
public struct ReferenceSchema: Sendable {
    /// What a field may hold. Empty fields are allowed unless the column is required.
    public enum Content: Sendable, Equatable {
        case text(lengthMax: Int)
        case date
        /// A whole number within bounds.
        case integer(ClosedRange<Int>)
        case decimal
        case choice([String])
        /// Six digits of GB/T 2260, the present or a former code; functional areas only when allowed.
        case region(functionalAreas: Bool)
        /// A code of GB/T 4754 with that many digits.
        case industry(digits: Int)
        /// A code of `agencies.tsv`.
        case agency
    }

    public struct Column: Sendable {
        public let name: String
        public let content: Content
        public let isRequired: Bool

        public init(_ name: String, _ content: Content, required: Bool = true) {
            self.name = name
            self.content = content
            isRequired = required
        }
    }

    /// The file's name without ending, such as `scope-phrases`.
    public let kind: String
    public let columns: [Column]
    /// No two rows may agree in all of these.
    public let key: [String]

    public init(_ kind: String, key: [String], _ columns: Column...) {
        self.kind = kind
        self.key = key
        self.columns = columns
    }

    public static func named(_ kind: String) -> ReferenceSchema? { importable.first { $0.kind == kind } }
}

extension ReferenceSchema.Content {
    /// - Returns: nil when `value` fits, otherwise the code of what is wrong.
    func problem(with value: String, standards: Standards) -> String? {
        switch self {
        case .text(let lengthMax): value.count > lengthMax ? "reference.too-long" : nil
        case .date: LocalDateText.isDate(value) ? nil : "reference.not-a-date"
        case .integer(let bounds): Int(value).map(bounds.contains) == true ? nil : "reference.not-a-number"
        case .decimal: Double(value)?.isFinite == true ? nil : "reference.not-a-number"
        case .choice(let choices): choices.contains(value) ? nil : "reference.not-a-choice"
        case .region(let functionalAreas): regionProblem(value, functionalAreas, standards)
        case .industry(let digits):
            value.utf8.count == digits && standards.industries[value] != nil
                ? nil : "reference.unknown-industry"
        case .agency: standards.agencies[value] != nil ? nil : "reference.unknown-agency"
        }
    }

    private func regionProblem(_ value: String, _ functionalAreas: Bool, _ standards: Standards) -> String? {
        guard value.utf8.count >= 6 else { return "reference.unknown-region" }
        if let region = standards.regions[value] {
            return region.isFunctionalArea && !functionalAreas ? "reference.functional-area" : nil
        }
        return standards.regions.former(value) == nil ? "reference.unknown-region" : nil
    }

    /// What the message says is expected.
    var expectation: String {
        switch self {
        case .text(let lengthMax): "≤ \(lengthMax)"
        case .date: "YYYY-MM-DD"
        case .integer(let bounds): "\(bounds.lowerBound)…\(bounds.upperBound)"
        case .decimal: "0.0"
        case .choice(let choices): choices.joined(separator: " | ")
        case .region: "GB/T 2260"
        case .industry(let digits): "GB/T 4754, \(digits)"
        case .agency: "agencies.tsv"
        }
    }
}
