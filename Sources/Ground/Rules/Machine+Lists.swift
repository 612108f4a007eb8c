import Kernel

/// Filters, loops and quantifiers.
extension Machine {
    // MARK: Filters

    mutating func filter(
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
    mutating func element(_ elements: [RuleValue], _ number: RuleDecimal, _ node: Node) -> RuleValue {
        guard let place = number.int, place != 0, place.magnitude <= elements.count else {
            warn("no element \(number) among \(elements.count)", at: node)
            return .null
        }
        return elements[place > 0 ? place - 1 : elements.count + place]
    }

    // MARK: for, some, every

    mutating func loop(
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

    mutating func quantified(
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
    mutating func each(
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
}
