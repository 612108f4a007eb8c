import Kernel

/// Calls of functions, ours and theirs.
extension Machine {
    mutating func call(_ callee: Node, _ arguments: [Node], _ node: Node) throws(RuleError)
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

    mutating func callNamed(
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

    mutating func run(_ builtin: Builtin, _ arguments: [RuleValue], _ node: Node) throws(RuleError)
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
