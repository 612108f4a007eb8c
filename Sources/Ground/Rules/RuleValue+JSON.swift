public import Kernel

extension RuleValue {
    /// A JSON value as FEEL sees it. Numbers keep up to 34 digits (a number out of range is null); texts stay
    /// texts, dates included. Entries of an object are ordered by name.
    public init(_ json: JSON) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .boolean(value)
        case .number(let digits): self = RuleDecimal(parsing: digits).map { .number($0) } ?? .null
        case .string(let text): self = .string(text)
        case .array(let elements): self = .list(elements.map { RuleValue($0) })
        case .object(let members):
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            self = .context(RuleRecord(sorted.map { ($0.key, RuleValue($0.value)) }))
        }
    }

    /// Dates, times and durations as ISO 8601 texts, numbers with all their digits, ranges and functions as FEEL text.
    public var json: JSON {
        switch self {
        case .null: .null
        case .boolean(let value): .bool(value)
        case .number(let number): .number(number.description)
        case .string(let text): .string(text)
        case .list(let elements): .array(elements.map(\.json))
        case .context(let record): .object(Dictionary(record.entries.map { ($0.name, $0.value.json) }) { $1 })
        case .date, .time, .dateTime, .duration, .months, .range, .function: .string(displayText)
        }
    }
}
