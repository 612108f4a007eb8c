import Kernel

/// One evaluation: variables, what may still be spent, and the warnings so far.
struct Machine {
    let context: RuleContext
    let file: String?
    var slots: [RuleValue]
    private(set) var warnings: [RuleWarning] = []
    var steps: Int
    private var calls = 0
    private var nesting = 0
    /// Where a built-in function was called, for its warnings.
    private var place: Node

    private static let warningsMax = 50
    /// Nested evaluations; keeps the stack below what a worker thread has.
    private static let nestingMax = 400

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

    private func exhausted() -> RuleError {
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

    private mutating func global(_ name: String, _ node: Node) -> RuleValue {
        if let value = context.values[name] { return value }
        if let builtin = Builtin.all[name] { return .function(RuleFunction(builtin)) }
        warn("no value is named \(name)", at: node)
        return .null
    }

    private mutating func composite(_ node: Node) throws(RuleError) -> RuleValue {
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

    private mutating func rare(_ node: Node) throws(RuleError) -> RuleValue {
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
    private mutating func conjunction(_ parts: [Node]) throws(RuleError) -> RuleValue {
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

    private mutating func disjunction(_ parts: [Node]) throws(RuleError) -> RuleValue {
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

    private mutating func compare(
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

    private mutating func between(_ value: Node, _ low: Node, _ high: Node) throws(RuleError) -> RuleValue {
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

    private mutating func passes(_ test: Node.Test, _ value: RuleValue) throws(RuleError) -> Bool? {
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
    private mutating func isMember(_ value: RuleValue, of other: RuleValue) throws(RuleError) -> Bool? {
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

    private mutating func arithmetic(
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

    private mutating func negate(_ part: Node, _ node: Node) throws(RuleError) -> RuleValue {
        let value = try evaluate(part)
        if let result = Operators.negate(value) { return result }
        warn("-\(value.kindName) has no result", at: node)
        return .null
    }

    // MARK: Contexts, ranges, paths

    private mutating func record(_ entries: [Node.Entry]) throws(RuleError) -> RuleValue {
        var record = RuleRecord()
        for entry in entries {
            let value = try evaluate(entry.value)
            slots[entry.slot] = value
            record[entry.name] = value
        }
        return .context(record)
    }

    private mutating func range(
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

    private mutating func member(_ name: String, _ items: [Int], _ otherwise: Node) throws(RuleError)
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

    // MARK: Filters

    private mutating func filter(
        _ base: Node,
        _ condition: Node,
        _ slot: Int,
        _ node: Node
    ) throws(RuleError) -> RuleValue {
        let value = try evaluate(base)
        let elements: [RuleValue]
        switch value {
        case .list(let list): elements = list
        case .null: elements = []
        default: elements = [value]
        }
        if case .literal(.number(let number)) = condition.kind { return element(elements, number, node) }
        var kept: [RuleValue] = []
        for (index, element) in elements.enumerated() {
            slots[slot] = element
            switch try evaluate(condition) {
            case .boolean(true): kept.append(element)
            case .boolean(false), .null: break
            case .number(let number) where index == 0: return self.element(elements, number, node)
            case let other:
                warn("a filter gave \(other.kindName)", at: node)
                return .null
            }
        }
        if elements.isEmpty {
            slots[slot] = .null
            let silent = warnings
            if case .number = try evaluate(condition) { return .null }
            warnings = silent
        }
        return .list(kept)
    }

    /// Counted from 1; from the end when negative.
    private mutating func element(_ elements: [RuleValue], _ number: RuleDecimal, _ node: Node) -> RuleValue {
        guard let place = number.int, place != 0, place.magnitude <= elements.count else {
            warn("no element \(number) among \(elements.count)", at: node)
            return .null
        }
        return elements[place > 0 ? place - 1 : elements.count + place]
    }

    // MARK: for, some, every

    private mutating func loop(
        _ iterators: [Node.Iterator],
        _ body: Node,
        _ partial: Int?,
        _ node: Node
    ) throws(RuleError) -> RuleValue {
        var results: [RuleValue] = []
        let isComplete = try each(iterators[...], node) {
            (machine: inout Machine) throws(RuleError) -> Bool in
            if let partial {
                try machine.charge(results.count)
                machine.slots[partial] = .list(results)
            }
            results.append(try machine.evaluate(body))
            return true
        }
        return isComplete == nil ? .null : .list(results)
    }

    private mutating func quantified(
        _ every: Bool,
        _ iterators: [Node.Iterator],
        _ body: Node,
        _ node: Node
    ) throws(RuleError) -> RuleValue {
        var answer: Bool? = every
        let isComplete = try each(iterators[...], node) {
            (machine: inout Machine) throws(RuleError) -> Bool in
            guard case .boolean(let one) = try machine.evaluate(body) else {
                answer = nil
                return true
            }
            if one != every {
                answer = one
                return false
            }
            return true
        }
        return isComplete == nil ? .null : Self.truth(answer)
    }

    /// Runs `body` for every combination until it answers false. Nil when a source cannot be walked through.
    private mutating func each(
        _ iterators: ArraySlice<Node.Iterator>,
        _ node: Node,
        _ body: (inout Machine) throws(RuleError) -> Bool
    ) throws(RuleError) -> Bool? {
        guard let iterator = iterators.first else { return try body(&self) }
        let source = try evaluate(iterator.source)
        let walk: Walk?
        if let end = iterator.end {
            walk = Walk(from: source, to: try evaluate(end))
        } else {
            walk = Walk(source)
        }
        guard var walk else {
            warn("cannot go through \(source.kindName)", at: node)
            return nil
        }
        while let value = walk.next() {
            steps -= 1
            if steps < 0 { throw exhausted() }
            slots[iterator.slot] = value
            guard let goesOn = try each(iterators.dropFirst(), node, body) else { return nil }
            if !goesOn { return false }
        }
        return true
    }

    // MARK: Functions

    private mutating func call(_ callee: Node, _ arguments: [Node], _ node: Node) throws(RuleError)
        -> RuleValue
    {
        if case .builtin(let builtin) = callee.kind {
            var values: [RuleValue] = []
            values.reserveCapacity(arguments.count)
            for argument in arguments { values.append(try evaluate(argument)) }
            return try run(builtin, values, node)
        }
        let function = try evaluate(callee)
        var values: [RuleValue] = []
        for argument in arguments { values.append(try evaluate(argument)) }
        guard case .function(let function) = function else {
            warn("\(function.kindName) is no function", at: node)
            return .null
        }
        return try invoke(function, values, node)
    }

    private mutating func callNamed(
        _ callee: Node,
        _ arguments: [(name: String, value: Node)],
        _ node: Node
    ) throws(RuleError) -> RuleValue {
        let function: RuleFunction
        if case .builtin(let builtin) = callee.kind {
            function = RuleFunction(builtin)
        } else if case .function(let value) = try evaluate(callee) {
            function = value
        } else {
            warn("no function to call", at: node)
            return .null
        }
        var values: [String: RuleValue] = [:]
        for argument in arguments {
            guard values.updateValue(try evaluate(argument.value), forKey: argument.name) == nil else {
                warn("parameter \(argument.name) is given twice", at: node)
                return .null
            }
        }
        guard let ordered = function.order(values) else {
            warn("no parameters are named \(values.keys.sorted().joined(separator: ", "))", at: node)
            return .null
        }
        return try invoke(function, ordered, node)
    }

    /// Calls a function value, also for `sort` and the like.
    mutating func invoke(_ function: RuleFunction, _ arguments: [RuleValue], _ node: Node?) throws(RuleError)
        -> RuleValue
    {
        let node = node ?? place
        switch function.body {
        case .builtin(let builtin): return try run(builtin, arguments, node)
        case .written(let text, let seen):
            guard arguments.count == text.parameters.count else {
                warn("\(text.parameters.count) arguments wanted, \(arguments.count) given", at: node)
                return .null
            }
            guard calls < context.limits.depth else {
                throw RuleError(.tooDeep, at: position(node), ["limit": String(context.limits.depth)])
            }
            let saved = slots
            let savedNesting = nesting
            slots = seen
            if let own = text.ownSlot { slots[own] = .function(function) }
            for (index, argument) in arguments.enumerated() {
                var argument = argument
                if let type = text.types[index] {
                    guard let fitting = type.converted(argument) else {
                        slots = saved
                        warn("\(text.parameters[index]) is \(argument.kindName)", at: node)
                        return .null
                    }
                    argument = fitting
                }
                slots[text.slots[index]] = argument
            }
            calls += 1
            defer {
                calls -= 1
                slots = saved
                nesting = savedNesting
            }
            return try evaluate(text.body)
        }
    }

    private mutating func run(_ builtin: Builtin, _ arguments: [RuleValue], _ node: Node) throws(RuleError)
        -> RuleValue
    {
        guard builtin.accepts(arguments.count) else {
            warn("\(builtin.name) does not take \(arguments.count) arguments", at: node)
            return .null
        }
        place = node
        guard let result = try builtin.run(&self, arguments) else {
            warn(
                "\(builtin.name)(\(arguments.map(\.kindName).joined(separator: ", "))) has no result",
                at: node
            )
            return .null
        }
        switch result {
        case .list(let elements): try charge(elements.count)
        case .string(let text): try charge(text.utf8.count / 16)
        default: break
        }
        return result
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
