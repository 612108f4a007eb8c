/// A regular expression of XPath (XQuery and XPath Functions and Operators 3.1, 5.6), which FEEL's `matches`,
/// `replace` and `split` use.
///
/// A program for a small machine with its own stack: every step is counted, so that no pattern can hold the
/// thread or exhaust its stack.
struct Pattern {
    enum Instruction {
        case one(CharacterSet)
        case split(first: Int, second: Int)
        case jump(Int)
        case save(Int)
        case lineStart(multiline: Bool)
        case lineEnd(multiline: Bool)
        case backReference(Int)
        /// Leaves a loop whose turn took nothing: compares with the position that `mark` kept.
        case mark(Int)
        case progress(Int)
        case accept
    }

    private let program: [Instruction]
    let groupCount: Int
    private let markCount: Int
    private let ignoresCase: Bool

    /// Nil when the pattern or the flags are not XPath's, or the program would be too long.
    init?(_ pattern: String, flags: String) {
        guard flags.allSatisfy({ "smixq".contains($0) }) else { return nil }
        var compiler = PatternCompiler(pattern, flags: flags)
        guard let program = compiler.compile() else { return nil }
        self.program = program
        groupCount = compiler.groupCount
        markCount = compiler.markCount
        ignoresCase = flags.contains("i")
    }

    /// Start and end of each group, -1 where it took no part; group 0 is the whole.
    struct Match {
        let groups: [Int]
        var start: Int { groups[0] }
        var end: Int { groups[1] }

        func range(_ group: Int) -> Range<Int>? {
            guard 2 * group + 1 < groups.count, groups[2 * group] >= 0, groups[2 * group + 1] >= 0 else {
                return nil
            }
            return groups[2 * group]..<groups[2 * group + 1]
        }
    }

    private enum Undo {
        case branch(pc: Int, position: Int)
        case group(Int, Int)
        case mark(Int, Int)
    }

    /// The first match at or after `start`. `steps` falls; below zero the search was given up.
    func firstMatch(in text: [Unicode.Scalar], from start: Int, steps: inout Int) -> Match? {
        for begin in start...max(start, text.count) where begin <= text.count {
            if let match = match(in: text, at: begin, steps: &steps) { return match }
            if steps < 0 { return nil }
        }
        return nil
    }

    private func match(in text: [Unicode.Scalar], at begin: Int, steps: inout Int) -> Match? {
        var groups = [Int](repeating: -1, count: 2 * (groupCount + 1))
        var marks = [Int](repeating: -1, count: markCount)
        var stack: [Undo] = []
        var pc = 0
        var position = begin
        groups[0] = begin
        while true {
            steps -= 1
            if steps < 0 || stack.count > 2_000_000 {
                steps = -1
                return nil
            }
            var fails = false
            switch program[pc] {
            case .accept:
                groups[1] = position
                return Match(groups: groups)
            case .one(let set):
                if position < text.count, set.contains(text[position], ignoringCase: ignoresCase) {
                    position += 1
                    pc += 1
                } else {
                    fails = true
                }
            case .jump(let target): pc = target
            case .split(let first, let second):
                stack.append(.branch(pc: second, position: position))
                pc = first
            case .save(let slot):
                stack.append(.group(slot, groups[slot]))
                groups[slot] = position
                pc += 1
            case .mark(let slot):
                stack.append(.mark(slot, marks[slot]))
                marks[slot] = position
                pc += 1
            case .progress(let slot):
                fails = marks[slot] == position
                pc += 1
            case .lineStart(let multiline):
                fails = !(position == 0 || (multiline && text[position - 1] == "\n"))
                pc += 1
            case .lineEnd(let multiline):
                fails = !(position == text.count || (multiline && text[position] == "\n"))
                pc += 1
            case .backReference(let group):
                let length = repeated(group, groups, text, at: position)
                fails = length == nil
                position += length ?? 0
                pc += 1
            }
            guard fails else { continue }
            guard Self.backtrack(&stack, &groups, &marks, &pc, &position) else { return nil }
        }
    }

    private static func backtrack(
        _ stack: inout [Undo],
        _ groups: inout [Int],
        _ marks: inout [Int],
        _ pc: inout Int,
        _ position: inout Int
    ) -> Bool {
        while let undo = stack.popLast() {
            switch undo {
            case .group(let slot, let value): groups[slot] = value
            case .mark(let slot, let value): marks[slot] = value
            case .branch(let branch, let place):
                pc = branch
                position = place
                return true
            }
        }
        return false
    }

    /// How long the text of a group is when it stands here again; nil when it does not.
    private func repeated(_ group: Int, _ groups: [Int], _ text: [Unicode.Scalar], at position: Int) -> Int? {
        let start = groups[2 * group]
        let end = groups[2 * group + 1]
        guard start >= 0, end >= start else { return 0 }
        guard position + end - start <= text.count else { return nil }
        for offset in 0..<(end - start) {
            let one = text[start + offset]
            let other = text[position + offset]
            guard one == other || (ignoresCase && CharacterSet.folded(one) == CharacterSet.folded(other))
            else {
                return nil
            }
        }
        return end - start
    }
}

/// Which characters one place of a pattern takes.
indirect enum CharacterSet: Sendable {
    case any
    case notLineEnd
    case single(Unicode.Scalar)
    case range(ClosedRange<UInt32>)
    case category(String)
    case space, digit, word, nameStart, namePart
    case inverted(CharacterSet)
    case union([CharacterSet])
    case minus(CharacterSet, CharacterSet)

    static func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let mapped = scalar.properties.lowercaseMapping.unicodeScalars
        return mapped.count == 1 ? mapped.first ?? scalar : scalar
    }

    private static func raised(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let mapped = scalar.properties.uppercaseMapping.unicodeScalars
        return mapped.count == 1 ? mapped.first ?? scalar : scalar
    }

    func contains(_ scalar: Unicode.Scalar, ignoringCase: Bool) -> Bool {
        if ignoringCase {
            if case .inverted(let inner) = self { return !inner.contains(scalar, ignoringCase: true) }
            return contains(scalar) || contains(Self.folded(scalar)) || contains(Self.raised(scalar))
        }
        return contains(scalar)
    }

    private func contains(_ scalar: Unicode.Scalar) -> Bool {
        switch self {
        case .any: true
        case .notLineEnd: scalar != "\n" && scalar != "\r"
        case .single(let wanted): scalar == wanted
        case .range(let range): range.contains(scalar.value)
        case .category(let name): Self.category(of: scalar).hasPrefix(name)
        case .space: scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
        case .digit: Self.category(of: scalar) == "Nd"
        case .word: !["P", "Z", "C"].contains(Self.category(of: scalar).prefix(1))
        case .nameStart: scalar == ":" || Lexer.isNameStart(scalar)
        case .namePart: scalar == ":" || scalar == "-" || scalar == "." || Lexer.isNamePart(scalar)
        case .inverted(let inner): !inner.contains(scalar)
        case .union(let sets): sets.contains { $0.contains(scalar) }
        case .minus(let set, let taken): set.contains(scalar) && !taken.contains(scalar)
        }
    }

    static let categories: Set<String> = [
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd",
        "Ps", "Pe",
        "Pi", "Pf", "Po", "Z", "Zs", "Zl", "Zp", "S", "Sm", "Sc", "Sk", "So", "C", "Cc", "Cf", "Co", "Cn",
    ]

    /// The blocks that names and papers here are written in; any other makes the pattern unreadable.
    private static let blocks: [String: ClosedRange<UInt32>] = [
        "IsBasicLatin": 0...0x7F, "IsLatin-1Supplement": 0x80...0xFF, "IsLatinExtended-A": 0x100...0x17F,
        "IsGreek": 0x370...0x3FF, "IsCyrillic": 0x400...0x4FF, "IsTibetan": 0xF00...0xFFF,
        "IsMongolian": 0x1800...0x18AF, "IsGeneralPunctuation": 0x2000...0x206F,
        "IsCJKSymbolsandPunctuation": 0x3000...0x303F, "IsHiragana": 0x3040...0x309F,
        "IsKatakana": 0x30A0...0x30FF,
        "IsBopomofo": 0x3100...0x312F, "IsCJKUnifiedIdeographsExtensionA": 0x3400...0x4DBF,
        "IsCJKUnifiedIdeographs": 0x4E00...0x9FFF, "IsHangulSyllables": 0xAC00...0xD7AF,
        "IsHalfwidthandFullwidthForms": 0xFF00...0xFFEF,
    ]

    /// A general category or a block; nil for any other name.
    init?(property name: String) {
        if Self.categories.contains(name) {
            self = .category(name)
        } else if let block = Self.blocks[name] {
            self = .range(block)
        } else {
            return nil
        }
    }

    private static func category(of scalar: Unicode.Scalar) -> String {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .control: "Cc"
        case .format: "Cf"
        case .privateUse: "Co"
        case .surrogate, .unassigned: "Cn"
        @unknown default: "Cn"
        }
    }
}
