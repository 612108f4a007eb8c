/// A part of an expression, names resolved to places. Built by `Parser`, evaluated by `Machine`.
final class Node: Sendable {
    let kind: Kind
    let line: Int32
    let column: Int32
    /// Levels below this one, bounded so that no evaluation exhausts the stack.
    let height: Int

    init(_ kind: Kind, line: Int, column: Int, height: Int) {
        self.kind = kind
        self.line = Int32(truncatingIfNeeded: line)
        self.column = Int32(truncatingIfNeeded: column)
        self.height = height
    }

    enum Kind: Sendable {
        case literal(RuleValue)
        /// A value of the context.
        case global(String)
        /// A variable of `for`, `some`, a function, a context or a filter.
        case local(Int, name: String)
        /// A name inside filters: a member of one of the items (innermost first), else what it means outside.
        case member(String, items: [Int], otherwise: Node)
        case builtin(Builtin)
        case negate(Node)
        case arithmetic(Arithmetic, Node, Node)
        case compare(Comparison, Node, Node)
        case all([Node])
        case any([Node])
        case between(Node, Node, Node)
        case within(Node, Tests, slot: Int)
        case instance(Node, RuleType)
        case path(Node, String)
        case filter(Node, Node, slot: Int)
        case call(Node, [Node])
        case callNamed(Node, [(name: String, value: Node)])
        case choose(Node, Node, Node)
        /// `partial` is nil when the body does not use it.
        case loop([Iterator], Node, partial: Int?)
        case quantified(every: Bool, [Iterator], Node)
        case list([Node])
        case context([Entry])
        case range(Node?, Bool, Node?, Bool)
        case function(FunctionText)
        /// Unary tests as a whole: the tested value lies in `slot`.
        case tests(Tests, slot: Int)
    }

    struct Iterator: Sendable {
        let slot: Int
        let name: String
        let source: Node
        /// The other end when written `a..b`.
        let end: Node?
    }

    struct Entry: Sendable {
        let name: String
        let slot: Int
        let value: Node
    }

    struct FunctionText: Sendable {
        let parameters: [String]
        let types: [RuleType?]
        let slots: [Int]
        /// Where the function finds itself, when a context entry names it.
        let ownSlot: Int?
        let body: Node
    }

    struct Tests: Sendable {
        let negated: Bool
        /// Empty for `-`.
        let tests: [Test]
        /// True for `-`, which everything passes.
        let isAny: Bool
    }

    indirect enum Test: Sendable {
        case compare(Comparison, Node)
        /// An expression: equality, membership in a range or list, or a condition on `?`.
        case value(Node, usesInput: Bool)
    }
}

enum Arithmetic: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case power = "**"
}

enum Comparison: String, Sendable, CaseIterable {
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}

/// A type of FEEL as `instance of` and function parameters name it (DMN 1.5, 10.3.2.9).
indirect enum RuleType: Sendable, Equatable {
    case any, null, boolean, number, string, date, time, dateTime, duration, months
    case list(RuleType)
    case context([String: RuleType])
    case range(RuleType)
    case function([RuleType], RuleType)
    /// `context<>` and `function` without more: any of that kind.
    case someContext, someFunction, someList, someRange

    static let named: [String: RuleType] = [
        "Any": .any, "Null": .null, "boolean": .boolean, "number": .number, "string": .string, "date": .date,
        "time": .time, "date and time": .dateTime, "days and time duration": .duration,
        "day time duration": .duration, "years and months duration": .months, "year month duration": .months,
        "list": .someList, "context": .someContext, "range": .someRange, "function": .someFunction,
        "dateTime": .dateTime, "dayTimeDuration": .duration, "yearMonthDuration": .months,
    ]
}
