/// Turns the text of a pattern into a program.
struct PatternCompiler {
    private indirect enum Piece {
        case empty
        case one(CharacterSet)
        case sequence([Piece])
        case either([Piece])
        case group(Int, Piece)
        case times(Piece, min: Int, max: Int?, lazy: Bool)
        case start, end
        case backReference(Int)
    }

    private let scalars: [Unicode.Scalar]
    private var index = 0
    private let flags: String
    private(set) var groupCount = 0
    private(set) var markCount = 0
    private var closedGroups: Set<Int> = []
    private var program: [Pattern.Instruction] = []
    private var nesting = 0

    private static let programMax = 20_000
    private static let repeatMax = 1_000
    private static let nestingMax = 60

    init(_ pattern: String, flags: String) {
        self.flags = flags
        scalars = flags.contains("x") ? Self.withoutBlanks(pattern) : Array(pattern.unicodeScalars)
    }

    /// Flag x drops blanks outside classes before anything else is looked at.
    private static func withoutBlanks(_ pattern: String) -> [Unicode.Scalar] {
        var kept: [Unicode.Scalar] = []
        var depth = 0
        var isEscaped = false
        for scalar in pattern.unicodeScalars {
            if depth == 0, [" ", "\t", "\n", "\r"].contains(scalar) { continue }
            kept.append(scalar)
            if !isEscaped, scalar == "[" { depth += 1 }
            if !isEscaped, scalar == "]" { depth -= 1 }
            isEscaped = !isEscaped && scalar == "\\"
        }
        return kept
    }

    mutating func compile() -> [Pattern.Instruction]? {
        if flags.contains("q") {
            program = scalars.map { .one(.single($0)) } + [.accept]
            return program
        }
        guard let piece = either(), index == scalars.count, emit(piece) else { return nil }
        program.append(.accept)
        return program
    }

    // MARK: Reading

    private func peek() -> Unicode.Scalar? {
        index < scalars.count ? scalars[index] : nil
    }

    private mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == scalar else { return false }
        index += 1
        return true
    }

    private mutating func either() -> Piece? {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting < Self.nestingMax, let first = sequence() else { return nil }
        var pieces = [first]
        while accept("|") {
            guard let next = sequence() else { return nil }
            pieces.append(next)
        }
        return pieces.count == 1 ? pieces[0] : .either(pieces)
    }

    private mutating func sequence() -> Piece? {
        var pieces: [Piece] = []
        while let scalar = peek(), scalar != "|", scalar != ")" {
            guard let atom = atom(), let piece = quantified(atom) else { return nil }
            pieces.append(piece)
        }
        return pieces.count == 1 ? pieces[0] : pieces.isEmpty ? .empty : .sequence(pieces)
    }

    private mutating func quantified(_ piece: Piece) -> Piece? {
        var low = 0
        var high: Int?
        switch peek() {
        case "?": high = 1
        case "*": break
        case "+": low = 1
        case "{":
            guard let bounds = bounds() else { return nil }
            (low, high) = bounds
        default: return piece
        }
        index += 1
        if case .start = piece { return nil }
        if case .end = piece { return nil }
        return .times(piece, min: low, max: high, lazy: accept("?"))
    }

    /// Reads up to, not past, the closing brace.
    private mutating func bounds() -> (Int, Int?)? {
        index += 1
        guard let low = number() else { return nil }
        if peek() == "}" { return (low, low) }
        guard accept(",") else { return nil }
        if peek() == "}" { return (low, nil) }
        guard let high = number(), peek() == "}", high >= low else { return nil }
        return (low, high)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = peek(), (0x30...0x39).contains(scalar.value) {
            value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
            index += 1
            guard let value, value <= Self.repeatMax else { return nil }
        }
        return value
    }

    private mutating func atom() -> Piece? {
        guard let scalar = peek() else { return nil }
        index += 1
        switch scalar {
        case ".": return .one(flags.contains("s") ? .any : .notLineEnd)
        case "^": return .start
        case "$": return .end
        case "(": return group()
        case "[":
            guard let set = characterClass() else { return nil }
            return .one(set)
        case "\\": return escape()
        case "?", "*", "+", "{", "}", "]": return nil
        default: return .one(.single(scalar))
        }
    }

    private mutating func group() -> Piece? {
        if index + 1 < scalars.count, scalars[index] == "?" {
            guard scalars[index + 1] == ":" else { return nil }
            index += 2
            guard let inner = either(), accept(")") else { return nil }
            return inner
        }
        groupCount += 1
        let number = groupCount
        guard let inner = either(), accept(")") else { return nil }
        closedGroups.insert(number)
        return .group(number, inner)
    }

    private mutating func escape() -> Piece? {
        guard index < scalars.count else { return nil }
        let scalar = scalars[index]
        if (0x31...0x39).contains(scalar.value) {
            index += 1
            var number = Int(scalar.value - 0x30)
            while index < scalars.count, (0x30...0x39).contains(scalars[index].value) {
                let longer = number * 10 + Int(scalars[index].value - 0x30)
                guard closedGroups.contains(longer) else { break }
                number = longer
                index += 1
            }
            return closedGroups.contains(number) ? .backReference(number) : nil
        }
        guard let set = escapedSet() else { return nil }
        return .one(set)
    }

    /// What stands after a backslash, inside or outside a class.
    private mutating func escapedSet() -> CharacterSet? {
        guard index < scalars.count else { return nil }
        let scalar = scalars[index]
        index += 1
        switch scalar {
        case "n": return .single("\n")
        case "r": return .single("\r")
        case "t": return .single("\t")
        case "s": return .space
        case "S": return .inverted(.space)
        case "d": return .digit
        case "D": return .inverted(.digit)
        case "w": return .word
        case "W": return .inverted(.word)
        case "i": return .nameStart
        case "I": return .inverted(.nameStart)
        case "c": return .namePart
        case "C": return .inverted(.namePart)
        case "p", "P":
            guard accept("{") else { return nil }
            var name = ""
            while index < scalars.count, scalars[index] != "}" {
                name.unicodeScalars.append(scalars[index])
                index += 1
            }
            guard accept("}"), let set = CharacterSet(property: name) else { return nil }
            return scalar == "p" ? set : .inverted(set)
        default:
            return "\\|.?*+(){}[]-^$/".unicodeScalars.contains(scalar) ? .single(scalar) : nil
        }
    }

    /// After the opening bracket.
    private mutating func characterClass() -> CharacterSet? {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting < Self.nestingMax else { return nil }
        let negated = index < scalars.count && scalars[index] == "^"
        if negated { index += 1 }
        var sets: [CharacterSet] = []
        var subtracted: CharacterSet?
        while index < scalars.count, scalars[index] != "]" {
            if scalars[index] == "-", index + 1 < scalars.count, scalars[index + 1] == "[", !sets.isEmpty {
                index += 2
                guard let inner = characterClass(), index < scalars.count, scalars[index] == "]" else {
                    return nil
                }
                subtracted = inner
                break
            }
            guard let set = classMember() else { return nil }
            sets.append(set)
        }
        guard index < scalars.count, !sets.isEmpty else { return nil }
        index += 1
        var set: CharacterSet = sets.count == 1 ? sets[0] : .union(sets)
        if negated { set = .inverted(set) }
        return subtracted.map { .minus(set, $0) } ?? set
    }

    private mutating func classMember() -> CharacterSet? {
        guard let first = classCharacter() else { return nil }
        guard case .single(let low) = first, index + 1 < scalars.count, scalars[index] == "-",
            scalars[index + 1] != "]", scalars[index + 1] != "["
        else { return first }
        index += 1
        guard case .single(let high)? = classCharacter(), low.value <= high.value else { return nil }
        return .range(low.value...high.value)
    }

    private mutating func classCharacter() -> CharacterSet? {
        let scalar = scalars[index]
        if scalar == "[" { return nil }
        index += 1
        return scalar == "\\" ? escapedSet() : .single(scalar)
    }

    // MARK: Writing

    private mutating func emit(_ piece: Piece) -> Bool {
        guard program.count < Self.programMax else { return false }
        switch piece {
        case .empty: break
        case .one(let set): program.append(.one(set))
        case .start: program.append(.lineStart(multiline: flags.contains("m")))
        case .end: program.append(.lineEnd(multiline: flags.contains("m")))
        case .backReference(let group): program.append(.backReference(group))
        case .sequence(let pieces):
            for piece in pieces where !emit(piece) { return false }
        case .group(let number, let inner):
            program.append(.save(2 * number))
            guard emit(inner) else { return false }
            program.append(.save(2 * number + 1))
        case .either(let pieces): return emitEither(pieces)
        case .times(let inner, let low, let high, let lazy): return emitTimes(inner, low, high, lazy)
        }
        return program.count < Self.programMax
    }

    private mutating func emitEither(_ pieces: [Piece]) -> Bool {
        var ends: [Int] = []
        for (number, piece) in pieces.enumerated() {
            let isLast = number == pieces.count - 1
            let split = program.count
            if !isLast { program.append(.jump(0)) }
            guard emit(piece) else { return false }
            if !isLast {
                ends.append(program.count)
                program.append(.jump(0))
                program[split] = .split(first: split + 1, second: program.count)
            }
        }
        for end in ends { program[end] = .jump(program.count) }
        return true
    }

    private mutating func emitTimes(_ piece: Piece, _ low: Int, _ high: Int?, _ lazy: Bool) -> Bool {
        for _ in 0..<low where !emit(piece) { return false }
        guard let high else {
            let mark = markCount
            markCount += 1
            let split = program.count
            program.append(.jump(0))
            program.append(.mark(mark))
            guard emit(piece) else { return false }
            program.append(.progress(mark))
            program.append(.jump(split))
            program[split] = branch(split + 1, program.count, lazy)
            return true
        }
        var splits: [Int] = []
        for _ in low..<max(low, high) {
            splits.append(program.count)
            program.append(.jump(0))
            guard emit(piece) else { return false }
        }
        for split in splits { program[split] = branch(split + 1, program.count, lazy) }
        return true
    }

    private func branch(_ inside: Int, _ after: Int, _ lazy: Bool) -> Pattern.Instruction {
        lazy ? .split(first: after, second: inside) : .split(first: inside, second: after)
    }
}
