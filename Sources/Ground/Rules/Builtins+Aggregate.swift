extension Builtin {
    static let aggregates: [Builtin] = [
        Builtin("count", "list") { _, arguments in arguments[0].argumentList.map { RuleValue($0.count) } },
        Builtin("min", "list", "c...") { _, arguments in
            elements(arguments).flatMap { extreme($0, wanted: -1) }
        },
        Builtin("max", "list", "c...") { _, arguments in
            elements(arguments).flatMap { extreme($0, wanted: 1) }
        },
        Builtin("sum", "list", "n...") { _, arguments in
            guard let list = elements(arguments), let first = list.first else { return nil }
            var total = first
            if list.count == 1, first.decimal == nil, !isDuration(first) { return nil }
            for element in list.dropFirst() {
                guard isDuration(element) || element.decimal != nil,
                    let next = Operators.apply(.add, total, element)
                else { return nil }
                total = next
            }
            return total
        },
        Builtin("mean", "list", "n...") { _, arguments in
            guard let numbers = numbers(arguments), !numbers.isEmpty, let sum = sum(numbers) else {
                return nil
            }
            return sum.divided(by: RuleDecimal(numbers.count)).map { .number($0) }
        },
        Builtin("product", "list", "n...") { _, arguments in
            guard let numbers = numbers(arguments), let first = numbers.first else { return nil }
            var product = first
            for number in numbers.dropFirst() {
                guard let next = product.multiplied(by: number) else { return nil }
                product = next
            }
            return .number(product)
        },
        Builtin("median", "list", "n...") { (machine, arguments) throws(RuleError) in
            guard let numbers = numbers(arguments)?.sorted() else { return nil }
            guard !numbers.isEmpty else { return .null }
            let middle = numbers.count / 2
            if numbers.count % 2 == 1 { return .number(numbers[middle]) }
            return numbers[middle - 1].adding(numbers[middle])?.divided(by: 2).map { .number($0) }
        },
        Builtin("stddev", "list", "n...") { _, arguments in
            guard let numbers = numbers(arguments), numbers.count > 1, let sum = sum(numbers),
                let mean = sum.divided(by: RuleDecimal(numbers.count))
            else { return nil }
            var squares = RuleDecimal.zero
            for number in numbers {
                guard let gap = number.subtracting(mean), let square = gap.multiplied(by: gap),
                    let next = squares.adding(square)
                else { return nil }
                squares = next
            }
            return squares.divided(by: RuleDecimal(numbers.count - 1))?.squareRoot().map { .number($0) }
        },
        Builtin("mode", "list", "n...") { _, arguments in
            guard let numbers = numbers(arguments) else { return nil }
            var counts: [RuleDecimal: Int] = [:]
            for number in numbers { counts[number, default: 0] += 1 }
            let most = counts.values.max() ?? 0
            return .list(counts.filter { $0.value == most }.keys.sorted().map { .number($0) })
        },
        Builtin("all", "list", "b...") { _, arguments in
            elements(arguments).flatMap { logic($0, stopsAt: false) }
        },
        Builtin("any", "list", "b...") { _, arguments in
            elements(arguments).flatMap { logic($0, stopsAt: true) }
        },
        Builtin("and", "list", "b...") { _, arguments in
            elements(arguments).flatMap { logic($0, stopsAt: false) }
        },
        Builtin("or", "list", "b...") { _, arguments in
            elements(arguments).flatMap { logic($0, stopsAt: true) }
        },
        Builtin("not", "negand") { _, arguments in arguments[0].argumentBool.map { .boolean(!$0) } },
    ]

    /// One list, or the arguments themselves.
    private static func elements(_ arguments: [RuleValue]) -> [RuleValue]? {
        arguments.count == 1 ? arguments[0].argumentList : arguments
    }

    private static func numbers(_ arguments: [RuleValue]) -> [RuleDecimal]? {
        guard let list = elements(arguments) else { return nil }
        let numbers = list.compactMap(\.decimal)
        return numbers.count == list.count ? numbers : nil
    }

    private static func sum(_ numbers: [RuleDecimal]) -> RuleDecimal? {
        var total = RuleDecimal.zero
        for number in numbers {
            guard let next = total.adding(number) else { return nil }
            total = next
        }
        return total
    }

    private static func isDuration(_ value: RuleValue) -> Bool {
        switch value {
        case .duration, .months: true
        default: false
        }
    }

    private static func extreme(_ list: [RuleValue], wanted: Int) -> RuleValue? {
        guard var best = list.first, Operators.order(best, best) != nil else { return nil }
        for element in list.dropFirst() {
            guard let order = Operators.order(element, best) else { return nil }
            if order == wanted { best = element }
        }
        return best
    }

    /// False (true) as soon as one is; null when another is no boolean.
    private static func logic(_ list: [RuleValue], stopsAt: Bool) -> RuleValue? {
        var isKnown = true
        for element in list {
            if element.bool == stopsAt { return .boolean(stopsAt) }
            if element.bool == nil { isKnown = false }
        }
        return isKnown ? .boolean(!stopsAt) : nil
    }
}
