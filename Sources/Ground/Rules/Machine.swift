import Kernel

/// One evaluation: variables, what may still be spent, and the warnings so far.
struct Machine {
    let context: RuleContext
    let file: String?
    var slots: [RuleValue]
    var warnings: [RuleWarning] = []
    var steps: Int
    var calls = 0
    var nesting = 0
    /// Where a built-in function was called, for its warnings.
    var place: Node

    static let warningsMax = 50
    /// Nested evaluations; keeps the stack below what a worker thread has.
    static let nestingMax = 400

    init(_ root: Node, slots: Int, context: RuleContext, file: String?) {
        self.context = context
        self.file = file
        self.slots = [RuleValue](repeating: .null, count: slots)
        steps = context.limits.steps
        place = root
    }

    // MARK: Bounds and warnings

    mutating func charge(_ count: Int) throws(RuleError) {
        steps -= count
        if steps < 0 { throw exhausted() }
    }

    func exhausted() -> RuleError {
        RuleError(.tooManySteps, at: position(place), ["limit": String(context.limits.steps)])
    }

    func position(_ node: Node) -> SourcePosition {
        SourcePosition(file: file, line: Int(node.line), column: Int(node.column))
    }

    mutating func warn(_ message: String, at node: Node) {
        guard warnings.count < Self.warningsMax else { return }
        let warning = RuleWarning(position: position(node), message: message)
        if warnings.last != warning { warnings.append(warning) }
    }

    /// Null, with a warning at the built-in function being run.
    mutating func null(_ message: String) -> RuleValue {
        warn(message, at: place)
        return .null
    }

    /// Refuses a result so large or so often shared that writing it out would never end.
    mutating func measure(_ value: RuleValue) throws(RuleError) {
        try charge(1)
        switch value {
        case .list(let elements): for element in elements { try measure(element) }
        case .context(let record): for entry in record.entries { try measure(entry.value) }
        default: break
        }
    }

    // MARK: Evaluation

    mutating func evaluate(_ node: Node) throws(RuleError) -> RuleValue {
        steps -= 1
        if steps < 0 {
            place = node
            throw exhausted()
        }
        switch node.kind {
        case .literal(let value): return value
        case .local(let slot, _): return slots[slot]
        case .global(let name): return global(name, node)
        default: break
        }
        nesting += 1
        defer { nesting -= 1 }
        guard nesting < Self.nestingMax else {
            throw RuleError(.tooDeep, at: position(node), ["limit": String(Self.nestingMax)])
        }
        return try composite(node)
    }

    mutating func global(_ name: String, _ node: Node) -> RuleValue {
        if let value = context.values[name] { return value }
        if let builtin = Builtin.all[name] { return .function(RuleFunction(builtin)) }
        warn("no value is named \(name)", at: node)
        return .null
    }

    mutating func composite(_ node: Node) throws(RuleError) -> RuleValue {
        switch node.kind {
        case .literal(let value): return value
        case .local(let slot, _): return slots[slot]
        case .global(let name): return global(name, node)
        case .builtin(let builtin): return .function(RuleFunction(builtin))
        case .arithmetic(let operation, let left, let right):
            return try arithmetic(operation, left, right, node)
        case .compare(let operation, let left, let right): return try compare(operation, left, right, node)
        case .all(let parts): return try conjunction(parts)
        case .any(let parts): return try disjunction(parts)
        case .choose(let condition, let yes, let no):
            if case .boolean(true) = try evaluate(condition) { return try evaluate(yes) }
            return try evaluate(no)
        case .path(let base, let name): return try path(try evaluate(base), name, node)
        case .call(let callee, let arguments): return try call(callee, arguments, node)
        default: return try rare(node)
        }
    }

    mutating func rare(_ node: Node) throws(RuleError) -> RuleValue {
        switch node.kind {
        case .member(let name, let items, let otherwise): return try member(name, items, otherwise)
        case .negate(let part): return try negate(part, node)
        case .between(let value, let low, let high): return try between(value, low, high)
        case .within(let value, let tests, let slot):
            slots[slot] = try evaluate(value)
            return Self.truth(try test(tests, slot: slot))
        case .tests(let tests, let slot): return Self.truth(try test(tests, slot: slot))
        case .instance(let value, let type): return .boolean(type.includes(try evaluate(value)))
        case .filter(let base, let condition, let slot): return try filter(base, condition, slot, node)
        case .callNamed(let callee, let arguments): return try callNamed(callee, arguments, node)
        case .loop(let iterators, let body, let partial): return try loop(iterators, body, partial, node)
        case .quantified(let every, let iterators, let body):
            return try quantified(every, iterators, body, node)
        case .list(let elements):
            var values: [RuleValue] = []
            values.reserveCapacity(elements.count)
            for element in elements { values.append(try evaluate(element)) }
            return .list(values)
        case .context(let entries): return try record(entries)
        case .range(let start, let startIncluded, let end, let endIncluded):
            return try range(start, startIncluded, end, endIncluded, node)
        case .function(let text): return .function(RuleFunction(text, seeing: slots))
        default: return .null
        }
    }

    static func truth(_ value: Bool?) -> RuleValue { value.map(RuleValue.boolean) ?? .null }

    // MARK: Logic

    /// False when any part is false, true when all are, else null (DMN 1.5, table 48).
    mutating func conjunction(_ parts: [Node]) throws(RuleError) -> RuleValue {
        var isKnown = true
        for part in parts {
            if case .boolean(let value) = try evaluate(part) {
                if !value { return .boolean(false) }
            } else {
                isKnown = false
            }
        }
        return isKnown ? .boolean(true) : .null
    }

    mutating func disjunction(_ parts: [Node]) throws(RuleError) -> RuleValue {
        var isKnown = true
        for part in parts {
            if case .boolean(let value) = try evaluate(part) {
                if value { return .boolean(true) }
            } else {
                isKnown = false
            }
        }
        return isKnown ? .boolean(false) : .null
    }

    mutating func compare(
        _ operation: Comparison,
        _ left: Node,
        _ right: Node,
        _ node: Node
    ) throws(RuleError) -> RuleValue {
        let first = try evaluate(left)
        let second = try evaluate(right)
        let answer = Operators.compare(operation, first, second, budget: &steps)
        if steps < 0 { throw exhausted() }
        guard let answer else {
            warn("\(first.kindName) \(operation.rawValue) \(second.kindName) has no answer", at: node)
            return .null
        }
        return .boolean(answer)
    }

    mutating func between(_ value: Node, _ low: Node, _ high: Node) throws(RuleError) -> RuleValue {
        let value = try evaluate(value)
        let lower = Operators.order(value, try evaluate(low)).map { $0 >= 0 }
        let upper = Operators.order(value, try evaluate(high)).map { $0 <= 0 }
        if lower == false || upper == false { return lower == nil || upper == nil ? .null : .boolean(false) }
        return lower == true && upper == true ? .boolean(true) : .null
    }

    /// Whether the value in `slot` passes; nil for null.
    mutating func test(_ tests: Node.Tests, slot: Int) throws(RuleError) -> Bool? {
        if tests.isAny { return true }
        let value = slots[slot]
        var answer: Bool? = false
        for test in tests.tests {
            let one = try passes(test, value)
            if one == true {
                answer = true
                break
            }
            if one == nil { answer = nil }
        }
        return tests.negated ? answer.map { !$0 } : answer
    }

    mutating func passes(_ test: Node.Test, _ value: RuleValue) throws(RuleError) -> Bool? {
        switch test {
        case .compare(let operation, let end):
            let end = try evaluate(end)
            let answer = Operators.compare(operation, value, end, budget: &steps)
            if steps < 0 { throw exhausted() }
            return answer
        case .value(let node, let usesInput):
            let result = try evaluate(node)
            if case .range = node.kind, result.isNull { return nil }
            if case .boolean(let answer) = result {
                if usesInput { return answer }
                if value.bool == nil, !value.isNull, node.isCondition { return answer }
            }
            return try isMember(value, of: result)
        }
    }

    /// `value in other`: equal, within a range, or in a list or in a range of a list.
    mutating func isMember(_ value: RuleValue, of other: RuleValue) throws(RuleError) -> Bool? {
        switch other {
        case .range(let range):
            if case .range = value { return Operators.equal(value, other) }
            return Operators.contains(range, value)
        case .list(let elements):
            try charge(elements.count)
            for element in elements {
                if case .range(let range) = element, Operators.contains(range, value) == true { return true }
                if Operators.equal(value, element, budget: &steps) == true { return true }
            }
            if steps < 0 { throw exhausted() }
            return Operators.equal(value, other, budget: &steps) == true
        default:
            let answer = Operators.equal(value, other, budget: &steps)
            if steps < 0 { throw exhausted() }
            return answer
        }
    }

    // MARK: Arithmetic

    mutating func arithmetic(
        _ operation: Arithmetic,
        _ left: Node,
        _ right: Node,
        _ node: Node
    ) throws(RuleError) -> RuleValue {
        let first = try evaluate(left)
        let second = try evaluate(right)
        if case .string(let one) = first, case .string(let other) = second {
            try charge((one.utf8.count + other.utf8.count) / 16)
        }
        if let result = Operators.apply(operation, first, second) { return result }
        warn("\(first.kindName) \(operation.rawValue) \(second.kindName) has no result", at: node)
        return .null
    }

    mutating func negate(_ part: Node, _ node: Node) throws(RuleError) -> RuleValue {
        let value = try evaluate(part)
        if let result = Operators.negate(value) { return result }
        warn("-\(value.kindName) has no result", at: node)
        return .null
    }

    // MARK: Contexts, ranges, paths

    mutating func record(_ entries: [Node.Entry]) throws(RuleError) -> RuleValue {
        var record = RuleRecord()
        for entry in entries {
            let value = try evaluate(entry.value)
            slots[entry.slot] = value
            record[entry.name] = value
        }
        return .context(record)
    }

    mutating func range(
        _ start: Node?,
        _ startIncluded: Bool,
        _ end: Node?,
        _ endIncluded: Bool,
        _ node: Node
    ) throws(RuleError) -> RuleValue {
        var low: RuleValue?
        var high: RuleValue?
        if let start { low = try evaluate(start) }
        if let end { high = try evaluate(end) }
        let range = RuleRange(start: low, startIncluded: startIncluded, end: high, endIncluded: endIncluded)
        if let problem = range.problem {
            warn(problem, at: node)
            return .null
        }
        return .range(range)
    }

    mutating func member(_ name: String, _ items: [Int], _ otherwise: Node) throws(RuleError)
        -> RuleValue
    {
        for slot in items {
            if case .context(let record) = slots[slot], let value = record[name] { return value }
        }
        return try evaluate(otherwise)
    }

    mutating func path(_ base: RuleValue, _ name: String, _ node: Node) throws(RuleError) -> RuleValue {
        switch base {
        case .context(let record):
            if let value = record[name] { return value }
            warn("no entry is named \(name)", at: node)
            return .null
        case .list(let elements):
            try charge(elements.count)
            var values: [RuleValue] = []
            for element in elements { values.append(try path(element, name, node)) }
            return .list(values)
        case .null: return .null
        default:
            if let value = base.property(name) { return value }
            warn("\(base.kindName) has no \(name)", at: node)
            return .null
        }
    }
}

extension Node {
    /// True for forms whose boolean is a condition by itself rather than a value to compare with.
    var isCondition: Bool {
        switch kind {
        case .compare, .all, .any, .between, .within, .instance, .quantified, .call, .callNamed: true
        default: false
        }
    }
}
