extension Builtin {
    static let lists: [Builtin] = [
        Builtin("list contains", "list, element") { (machine, arguments) throws(RuleError) in
            guard let list = arguments[0].argumentList else { return nil }
            return .boolean(try place(&machine, of: arguments[1], in: list, from: 0) != nil)
        },
        Builtin("sublist", "list, start position, length?") { _, arguments in
            guard let list = arguments[0].argumentList, let start = arguments[1].argumentInt, start != 0,
                start.magnitude <= list.count
            else { return nil }
            let first = start > 0 ? start - 1 : list.count + start
            guard arguments.count > 2, !arguments[2].isNull else { return .list(Array(list[first...])) }
            guard let length = arguments[2].argumentInt, length >= 0, length <= list.count - first else {
                return nil
            }
            return .list(Array(list[first..<first + length]))
        },
        Builtin("append", "list, item...") { _, arguments in
            guard let list = arguments[0].argumentList else { return .list([.null] + arguments.dropFirst()) }
            return .list(list + arguments.dropFirst())
        },
        Builtin("concatenate", "list...") { (machine, arguments) throws(RuleError) in
            var result: [RuleValue] = []
            for argument in arguments {
                guard let list = argument.argumentList else { return nil }
                try machine.charge(list.count)
                result += list
            }
            return .list(result)
        },
        Builtin("insert before", "list, position, newItem") { _, arguments in
            guard let list = arguments[0].argumentList, let place = arguments[1].argumentInt, place != 0,
                place.magnitude <= list.count
            else { return nil }
            var result = list
            result.insert(arguments[2], at: place > 0 ? place - 1 : list.count + place)
            return .list(result)
        },
        Builtin("remove", "list, position") { _, arguments in
            guard let list = arguments[0].argumentList, let place = arguments[1].argumentInt, place != 0,
                place.magnitude <= list.count
            else { return nil }
            var result = list
            result.remove(at: place > 0 ? place - 1 : list.count + place)
            return .list(result)
        },
        Builtin("list replace", "list, position, newItem", "list, match, newItem") {
            (machine, arguments) throws(RuleError) in
            guard var list = arguments[0].argumentList else { return nil }
            if case .function(let match) = arguments[1] {
                for (index, element) in list.enumerated() {
                    guard case .boolean(let fits) = try machine.invoke(match, [element, arguments[2]], nil)
                    else {
                        return nil
                    }
                    if fits { list[index] = arguments[2] }
                }
                return .list(list)
            }
            guard let place = arguments[1].argumentInt, place != 0, place.magnitude <= list.count else {
                return nil
            }
            list[place > 0 ? place - 1 : list.count + place] = arguments[2]
            return .list(list)
        },
        Builtin("reverse", "list") { _, arguments in arguments[0].argumentList.map { .list($0.reversed()) } },
        Builtin("index of", "list, match") { (machine, arguments) throws(RuleError) in
            guard let list = arguments[0].argumentList else { return nil }
            var places: [RuleValue] = []
            var start = 0
            while let found = try place(&machine, of: arguments[1], in: list, from: start) {
                places.append(RuleValue(found + 1))
                start = found + 1
            }
            return .list(places)
        },
        Builtin("union", "list...") { (machine, arguments) throws(RuleError) in
            var all: [RuleValue] = []
            for argument in arguments {
                guard let list = argument.argumentList else { return nil }
                try machine.charge(list.count)
                all += list
            }
            return .list(try distinct(&machine, all))
        },
        Builtin("distinct values", "list") { (machine, arguments) throws(RuleError) in
            guard let list = arguments[0].argumentList else { return nil }
            return .list(try distinct(&machine, list))
        },
        Builtin("flatten", "list") { (machine, arguments) throws(RuleError) in
            guard let list = arguments[0].argumentList else { return nil }
            var result: [RuleValue] = []
            try flatten(&machine, list, into: &result)
            return .list(result)
        },
        Builtin("sort", "list, precedes?") { (machine, arguments) throws(RuleError) in
            guard let list = arguments[0].argumentList else { return nil }
            guard arguments.count > 1, !arguments[1].isNull else {
                return try sorted(&machine, list) { _, left, right in
                    Operators.order(left, right).map { $0 < 0 }
                }
            }
            guard case .function(let precedes) = arguments[1] else { return nil }
            return try sorted(&machine, list) { (machine, left, right) throws(RuleError) in
                try machine.invoke(precedes, [left, right], nil).bool
            }
        },
    ]

    private static func place(
        _ machine: inout Machine,
        of value: RuleValue,
        in list: [RuleValue],
        from start: Int
    ) throws(RuleError) -> Int? {
        guard start < list.count else { return nil }
        for index in start..<list.count {
            let isEqual = Operators.equal(list[index], value, budget: &machine.steps)
            try machine.charge(0)
            if isEqual == true { return index }
        }
        return nil
    }

    static func distinct(_ machine: inout Machine, _ list: [RuleValue]) throws(RuleError) -> [RuleValue] {
        var kept: [RuleValue] = []
        for element in list where try place(&machine, of: element, in: kept, from: 0) == nil {
            kept.append(element)
        }
        return kept
    }

    private static func flatten(
        _ machine: inout Machine,
        _ list: [RuleValue],
        into result: inout [RuleValue]
    ) throws(RuleError) {
        try machine.charge(1 + list.count)
        for element in list {
            if case .list(let inner) = element {
                try flatten(&machine, inner, into: &result)
            } else {
                result.append(element)
            }
        }
    }

    /// A stable merge sort, so that every comparison may be a function of the expression. Nil when two elements
    /// have no order.
    private static func sorted(
        _ machine: inout Machine,
        _ list: [RuleValue],
        precedes: (inout Machine, RuleValue, RuleValue) throws(RuleError) -> Bool?
    ) throws(RuleError) -> RuleValue? {
        var current = list
        var width = 1
        while width < current.count {
            var merged: [RuleValue] = []
            merged.reserveCapacity(current.count)
            var start = 0
            while start < current.count {
                var left = start
                let middle = min(start + width, current.count)
                var right = middle
                let end = min(start + 2 * width, current.count)
                while left < middle, right < end {
                    try machine.charge(1)
                    guard let goesFirst = try precedes(&machine, current[right], current[left]) else {
                        return nil
                    }
                    merged.append(goesFirst ? current[right] : current[left])
                    if goesFirst { right += 1 } else { left += 1 }
                }
                merged += current[left..<middle]
                merged += current[right..<end]
                start = end
            }
            current = merged
            width *= 2
        }
        return .list(current)
    }
}
