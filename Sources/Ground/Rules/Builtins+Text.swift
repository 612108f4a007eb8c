import Kernel

extension Builtin {
    static let texts: [Builtin] = [
        Builtin("substring", "string, start position, length?") { _, arguments in
            guard let text = arguments[0].argumentText, let start = arguments[1].argumentInt else {
                return nil
            }
            let scalars = Array(text.unicodeScalars)
            var length: Int?
            if arguments.count > 2, !arguments[2].isNull {
                guard let wanted = arguments[2].argumentInt else { return nil }
                length = wanted
            }
            guard start != 0, start.magnitude <= scalars.count, length.map({ $0 > 0 }) ?? true else {
                return nil
            }
            let first = start > 0 ? start - 1 : scalars.count + start
            let end = length.map { first + min($0, scalars.count - first) } ?? scalars.count
            return .string(Builtin.slice(scalars[first..<end]))
        },
        Builtin("string length", "string") { _, arguments in
            arguments[0].argumentText.map { RuleValue($0.unicodeScalars.count) }
        },
        Builtin("upper case", "string") { _, arguments in
            arguments[0].argumentText.map { .string($0.uppercased()) }
        },
        Builtin("lower case", "string") { _, arguments in
            arguments[0].argumentText.map { .string($0.lowercased()) }
        },
        Builtin("substring before", "string, match") { (machine, arguments) throws(RuleError) in
            guard let (scalars, place, _) = try find(&machine, arguments) else { return nil }
            return .string(place.map { Builtin.slice(scalars[..<$0]) } ?? "")
        },
        Builtin("substring after", "string, match") { (machine, arguments) throws(RuleError) in
            guard let (scalars, place, length) = try find(&machine, arguments) else { return nil }
            return .string(place.map { Builtin.slice(scalars[($0 + length)...]) } ?? "")
        },
        Builtin("contains", "string, match") { (machine, arguments) throws(RuleError) in
            guard let found = try find(&machine, arguments) else { return nil }
            return .boolean(found.place != nil)
        },
        Builtin("starts with", "string, match") { _, arguments in
            guard let text = arguments[0].argumentText, let match = arguments[1].argumentText else {
                return nil
            }
            return .boolean(text.unicodeScalars.starts(with: match.unicodeScalars))
        },
        Builtin("ends with", "string, match") { _, arguments in
            guard let text = arguments[0].argumentText, let match = arguments[1].argumentText else {
                return nil
            }
            return .boolean(text.unicodeScalars.reversed().starts(with: match.unicodeScalars.reversed()))
        },
        Builtin("matches", "input, pattern, flags?") { (machine, arguments) throws(RuleError) in
            guard let text = arguments[0].argumentText, let pattern = try pattern(arguments, flagsAt: 2)
            else {
                return nil
            }
            return .boolean(try firstMatch(&machine, pattern, Array(text.unicodeScalars), from: 0) != nil)
        },
        Builtin("replace", "input, pattern, replacement, flags?") { (machine, arguments) throws(RuleError) in
            guard let text = arguments[0].argumentText, let pattern = try pattern(arguments, flagsAt: 3),
                let replacement = arguments[2].argumentText
            else { return nil }
            return try replace(
                &machine,
                text,
                pattern,
                replacement,
                literal: flags(arguments, 3).contains("q")
            )
        },
        Builtin("split", "string, delimiter") { (machine, arguments) throws(RuleError) in
            guard let text = arguments[0].argumentText, let pattern = try pattern(arguments, flagsAt: 2)
            else {
                return nil
            }
            return try split(&machine, Array(text.unicodeScalars), pattern)
        },
        Builtin("string join", "list, delimiter?") { (machine, arguments) throws(RuleError) in
            guard let elements = arguments[0].argumentList else { return nil }
            var delimiter = ""
            if arguments.count > 1, !arguments[1].isNull {
                guard let text = arguments[1].argumentText else { return nil }
                delimiter = text
            }
            var parts: [String] = []
            for element in elements where !element.isNull {
                guard let text = element.text else { return nil }
                try machine.charge(1 + (text.utf8.count + delimiter.utf8.count) / 16)
                parts.append(text)
            }
            return .string(parts.joined(separator: delimiter))
        },
    ]

    static func slice(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    private static func find(
        _ machine: inout Machine,
        _ arguments: [RuleValue]
    ) throws(RuleError) -> (scalars: [Unicode.Scalar], place: Int?, length: Int)? {
        guard let text = arguments[0].argumentText, let match = arguments[1].argumentText else { return nil }
        let scalars = Array(text.unicodeScalars)
        let wanted = Array(match.unicodeScalars)
        try machine.charge(scalars.count / 16)
        guard let first = wanted.first else { return (scalars, 0, 0) }
        guard wanted.count <= scalars.count else { return (scalars, nil, wanted.count) }
        for place in 0...(scalars.count - wanted.count) where scalars[place] == first {
            try machine.charge(1)
            if scalars[place..<place + wanted.count].elementsEqual(wanted) {
                return (scalars, place, wanted.count)
            }
        }
        return (scalars, nil, wanted.count)
    }

    // MARK: Patterns

    private static func flags(_ arguments: [RuleValue], _ place: Int) -> String {
        arguments.count > place ? arguments[place].argumentText ?? "" : ""
    }

    /// The second argument as a pattern; nil when it is none.
    private static func pattern(_ arguments: [RuleValue], flagsAt place: Int) throws(RuleError) -> Pattern? {
        if arguments.count > place, !arguments[place].isNull, arguments[place].argumentText == nil {
            return nil
        }
        return arguments[1].argumentText.flatMap { Pattern($0, flags: flags(arguments, place)) }
    }

    private static func firstMatch(
        _ machine: inout Machine,
        _ pattern: Pattern,
        _ text: [Unicode.Scalar],
        from start: Int
    ) throws(RuleError) -> Pattern.Match? {
        // One step of a pattern is much less than one of an expression.
        var steps = machine.steps &* 8
        let before = steps
        let match = pattern.firstMatch(in: text, from: start, steps: &steps)
        try machine.charge((before - steps) / 8 + (steps < 0 ? machine.steps + 1 : 0))
        return match
    }

    private static func replace(
        _ machine: inout Machine,
        _ input: String,
        _ pattern: Pattern,
        _ replacement: String,
        literal: Bool
    ) throws(RuleError) -> RuleValue? {
        let text = Array(input.unicodeScalars)
        guard let parts = literal ? [.text(replacement)] : replacementParts(replacement, pattern.groupCount)
        else {
            return nil
        }
        var out = String.UnicodeScalarView()
        var place = 0
        while place <= text.count, let match = try firstMatch(&machine, pattern, text, from: place) {
            out.append(contentsOf: text[place..<match.start])
            for part in parts {
                switch part {
                case .text(let text): out.append(contentsOf: text.unicodeScalars)
                case .group(let group):
                    if let range = match.range(group) { out.append(contentsOf: text[range]) }
                }
            }
            try machine.charge(1 + replacement.utf8.count / 16)
            if match.end == match.start {
                if match.start < text.count { out.append(text[match.start]) }
                place = match.start + 1
            } else {
                place = match.end
            }
        }
        if place < text.count { out.append(contentsOf: text[place...]) }
        return .string(String(out))
    }

    private enum ReplacementPart {
        case text(String)
        case group(Int)
    }

    /// `$1` is a group, `\$` and `\\` stand for themselves; nil for anything else after `$` or `\`.
    private static func replacementParts(_ text: String, _ groups: Int) -> [ReplacementPart]? {
        var parts: [ReplacementPart] = []
        var plain = String.UnicodeScalarView()
        let scalars = Array(text.unicodeScalars)
        var index = 0
        func digit(_ index: Int) -> Int? {
            guard index < scalars.count, (0x30...0x39).contains(scalars[index].value) else { return nil }
            return Int(scalars[index].value - 0x30)
        }
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            if scalar == "\\" {
                guard index < scalars.count, scalars[index] == "\\" || scalars[index] == "$" else {
                    return nil
                }
                plain.append(scalars[index])
                index += 1
            } else if scalar == "$" {
                guard var group = digit(index) else { return nil }
                index += 1
                while let next = digit(index), group * 10 + next <= groups {
                    group = group * 10 + next
                    index += 1
                }
                parts.append(.text(String(plain)))
                plain = String.UnicodeScalarView()
                parts.append(.group(group))
            } else {
                plain.append(scalar)
            }
        }
        parts.append(.text(String(plain)))
        return parts
    }

    private static func split(
        _ machine: inout Machine,
        _ text: [Unicode.Scalar],
        _ pattern: Pattern
    ) throws(RuleError) -> RuleValue? {
        var parts: [RuleValue] = []
        var place = 0
        var search = 0
        while search <= text.count, let match = try firstMatch(&machine, pattern, text, from: search) {
            if match.end == match.start {
                search = match.start + 1
                guard match.start > place, match.start < text.count else { continue }
            }
            parts.append(.string(Builtin.slice(text[place..<match.start])))
            place = match.end
            search = max(search, match.end)
        }
        parts.append(.string(Builtin.slice(text[place...])))
        return .list(parts)
    }
}
