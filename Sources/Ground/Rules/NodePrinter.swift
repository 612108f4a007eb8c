/// Writes a parsed expression back as FEEL, brackets only where they are needed. Reading the text again gives the
/// same tree.
struct NodePrinter {
    /// How tightly an expression binds, loosest first.
    private enum Level: Int, Comparable {
        case whole, or, and, comparison, sum, product, power, sign, instance, postfix

        static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
        var tighter: Level { Level(rawValue: rawValue + 1) ?? .postfix }
    }

    static func text(_ node: Node) -> String { NodePrinter().text(node, .whole) }

    private func text(_ node: Node, _ wanted: Level) -> String {
        let (written, level) = write(node)
        return level < wanted ? "(\(written))" : written
    }

    private func write(_ node: Node) -> (String, Level) {
        switch node.kind {
        case .literal(let value):
            if case .number(let number) = value, number.isNegative { return (number.description, .sign) }
            return (value.feelText, .postfix)
        case .global(let name), .local(_, let name), .member(let name, _, _): return (name, .postfix)
        case .builtin(let builtin): return (builtin.name, .postfix)
        case .negate(let part): return ("-" + text(part, .instance), .sign)
        case .arithmetic(let operation, let left, let right): return arithmetic(operation, left, right)
        case .compare(let operation, let left, let right):
            return ("\(text(left, .comparison)) \(operation.rawValue) \(text(right, .sum))", .comparison)
        case .all(let parts): return (parts.map { text($0, .comparison) }.joined(separator: " and "), .and)
        case .any(let parts): return (parts.map { text($0, .and) }.joined(separator: " or "), .or)
        case .between(let value, let low, let high):
            return (
                "\(text(value, .comparison)) between \(text(low, .sum)) and \(text(high, .sum))", .comparison
            )
        case .within(let value, let tests, _):
            return ("\(text(value, .comparison)) in (\(list(tests)))", .comparison)
        case .instance(let value, let type):
            return ("\(text(value, .instance)) instance of \(type.text)", .instance)
        case .path(let base, let name): return ("\(text(base, .postfix)).\(name)", .postfix)
        case .filter(let base, let condition, _):
            return ("\(text(base, .postfix))[\(text(condition, .whole))]", .postfix)
        default: return rest(node)
        }
    }

    private func rest(_ node: Node) -> (String, Level) {
        switch node.kind {
        case .call(let callee, let arguments):
            return (
                text(callee, .postfix) + "(" + arguments.map { text($0, .whole) }.joined(separator: ", ")
                    + ")", .postfix
            )
        case .callNamed(let callee, let arguments):
            let list = arguments.map { "\($0.name): \(text($0.value, .whole))" }.joined(separator: ", ")
            return (text(callee, .postfix) + "(\(list))", .postfix)
        case .choose(let condition, let yes, let no):
            return (
                "if \(text(condition, .whole)) then \(text(yes, .whole)) else \(text(no, .whole))", .whole
            )
        case .loop(let iterators, let body, _):
            return ("for \(list(iterators)) return \(text(body, .whole))", .whole)
        case .quantified(let every, let iterators, let body):
            return ("\(every ? "every" : "some") \(list(iterators)) satisfies \(text(body, .whole))", .whole)
        case .list(let elements):
            return ("[" + elements.map { text($0, .whole) }.joined(separator: ", ") + "]", .postfix)
        case .context(let entries):
            let list = entries.map { "\(RuleValue.quoted($0.name)): \(text($0.value, .whole))" }
            return ("{" + list.joined(separator: ", ") + "}", .postfix)
        case .range(let start, let startIncluded, let end, let endIncluded):
            return (range(start, startIncluded, end, endIncluded), .postfix)
        case .function(let function):
            let parameters = zip(function.parameters, function.types).map { name, type in
                name + (type.map { ": " + $0.text } ?? "")
            }
            return ("function(\(parameters.joined(separator: ", "))) \(text(function.body, .whole))", .whole)
        case .tests(let tests, _):
            if tests.isAny { return ("-", .whole) }
            return (tests.negated ? "not(\(list(tests)))" : list(tests), .whole)
        default: return ("null", .postfix)
        }
    }

    private func arithmetic(_ operation: Arithmetic, _ left: Node, _ right: Node) -> (String, Level) {
        let level: Level =
            switch operation {
            case .add, .subtract: .sum
            case .multiply, .divide: .product
            case .power: .power
            }
        return ("\(text(left, level)) \(operation.rawValue) \(text(right, level.tighter))", level)
    }

    private func range(_ start: Node?, _ startIncluded: Bool, _ end: Node?, _ endIncluded: Bool) -> String {
        guard let start else {
            return "(" + (endIncluded ? "<= " : "< ") + (end.map { text($0, .sum) } ?? "") + ")"
        }
        guard let end else { return "(" + (startIncluded ? ">= " : "> ") + text(start, .sum) + ")" }
        return (startIncluded ? "[" : "(") + text(start, .sum) + ".." + text(end, .sum)
            + (endIncluded ? "]" : ")")
    }

    private func list(_ iterators: [Node.Iterator]) -> String {
        iterators.map { iterator in
            "\(iterator.name) in \(text(iterator.source, .whole))"
                + (iterator.end.map { ".." + text($0, .whole) } ?? "")
        }.joined(separator: ", ")
    }

    private func list(_ tests: Node.Tests) -> String {
        tests.tests.map { test in
            switch test {
            case .compare(let operation, let node): operation.rawValue + " " + text(node, .sum)
            case .value(let node, _): text(node, .whole)
            }
        }.joined(separator: ", ")
    }
}

extension RuleType {
    var text: String {
        switch self {
        case .any: "Any"
        case .null: "Null"
        case .boolean: "boolean"
        case .number: "number"
        case .string: "string"
        case .date: "date"
        case .time: "time"
        case .dateTime: "date and time"
        case .duration: "days and time duration"
        case .months: "years and months duration"
        case .someList: "list"
        case .someContext: "context"
        case .someFunction: "function"
        case .someRange: "range"
        case .list(let inner): "list<\(inner.text)>"
        case .range(let inner): "range<\(inner.text)>"
        case .context(let members):
            "context<"
                + members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" }.joined(
                    separator: ", "
                ) + ">"
        case .function(let parameters, let result):
            "function<" + parameters.map(\.text).joined(separator: ", ") + "> -> " + result.text
        }
    }
}
