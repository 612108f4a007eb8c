public import Kernel

/// A value of FEEL (DMN 1.5, 10.3.2.3).
public enum RuleValue: Sendable {
    case null
    case boolean(Bool)
    case number(RuleDecimal)
    case string(String)
    case date(LocalDate)
    indirect case time(RuleTime)
    indirect case dateTime(RuleDateTime)
    /// Days and time duration.
    case duration(RuleDuration)
    /// Years and months duration, in months.
    case months(Int)
    case list([RuleValue])
    case context(RuleRecord)
    indirect case range(RuleRange)
    case function(RuleFunction)
}

extension RuleValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(integerLiteral value: Int) { self = .number(RuleDecimal(value)) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: RuleValue...) { self = .list(elements) }
    public init(dictionaryLiteral elements: (String, RuleValue)...) { self = .context(RuleRecord(elements)) }
    public init(_ value: Int) { self = .number(RuleDecimal(value)) }
    public init(_ value: Int64) { self = .number(RuleDecimal(value)) }
}

extension RuleValue {
    public var isNull: Bool { if case .null = self { true } else { false } }
    public var bool: Bool? { if case .boolean(let value) = self { value } else { nil } }
    public var text: String? { if case .string(let value) = self { value } else { nil } }
    public var decimal: RuleDecimal? { if case .number(let value) = self { value } else { nil } }
    public var date: LocalDate? { if case .date(let value) = self { value } else { nil } }
    public var elements: [RuleValue]? { if case .list(let value) = self { value } else { nil } }
    public var record: RuleRecord? { if case .context(let value) = self { value } else { nil } }
}

/// A context: names with values, in the order in which they were written.
public struct RuleRecord: Sendable {
    public private(set) var names: [String] = []
    private var values: [String: RuleValue] = [:]

    public init() {}

    /// A name that comes twice keeps its first place and its last value.
    public init(_ entries: some Sequence<(String, RuleValue)>) {
        for (name, value) in entries { self[name] = value }
    }

    public var count: Int { names.count }
    public var entries: [(name: String, value: RuleValue)] { names.map { ($0, values[$0] ?? .null) } }

    /// Nil when there is no such entry (an entry may hold null). Setting nil removes it.
    public subscript(name: String) -> RuleValue? {
        get { values[name] }
        set {
            if let newValue {
                if values.updateValue(newValue, forKey: name) == nil { names.append(name) }
            } else if values.removeValue(forKey: name) != nil {
                names.removeAll { $0 == name }
            }
        }
    }
}

/// A range: two ends, each included or not, or open to one side when an end is nil (DMN 1.5, 10.3.2.7).
public struct RuleRange: Sendable {
    public let start: RuleValue?
    public let end: RuleValue?
    public let startIncluded: Bool
    public let endIncluded: Bool

    public init(start: RuleValue?, startIncluded: Bool, end: RuleValue?, endIncluded: Bool) {
        self.start = start
        self.end = end
        self.startIncluded = startIncluded && start != nil
        self.endIncluded = endIncluded && end != nil
    }
}
