/// One word of FEEL with its place.
struct Token: Sendable {
    enum Kind: Sendable, Equatable {
        /// A run of name characters; keywords among them.
        case name
        case number
        /// The text is the string's value, escapes resolved.
        case string
        /// `@"..."`; the text is what stands between the quotes.
        case atLiteral
        case symbol
        case end
    }

    let kind: Kind
    let text: String
    let line: Int
    let column: Int
    /// Where it stands among the scalars of the source.
    let start: Int
    let end: Int
}

/// Cuts a text into words (DMN 1.5, 10.3.1.2, rules 27-37 and 62-64).
struct Lexer {
    private let scalars: [Unicode.Scalar]
    private let origin: SourcePosition
    private var index = 0
    private var line: Int
    private var column: Int

    init(_ text: String, at origin: SourcePosition) {
        scalars = Array(text.unicodeScalars)
        self.origin = origin
        line = origin.line
        column = origin.column
    }

    static func tokens(_ text: String, at origin: SourcePosition) throws(RuleError) -> [Token] {
        var lexer = Lexer(text, at: origin)
        var tokens: [Token] = []
        while true {
            let token = try lexer.next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    /// The words of a name, as `tokens` would cut them; nil when it holds something that no name may.
    static func words(ofName name: String) -> [String]? {
        guard let tokens = try? tokens(name, at: SourcePosition()), tokens.count > 1 else { return nil }
        let words = tokens.dropLast()
        guard words.allSatisfy({ $0.kind == .name || $0.kind == .number || $0.kind == .symbol }) else {
            return nil
        }
        return words.map(\.text)
    }

    private func failure(_ found: String, expected: String) -> RuleError {
        RuleError(
            .syntax,
            at: SourcePosition(file: origin.file, line: line, column: column),
            ["found": found, "expected": expected]
        )
    }

    private func peek(_ offset: Int = 0) -> Unicode.Scalar? {
        index + offset < scalars.count ? scalars[index + offset] : nil
    }

    private mutating func advance() {
        if scalars[index] == "\n" {
            line += 1
            column = 1
        } else {
            column += 1
        }
        index += 1
    }

    private mutating func skipBlank() throws(RuleError) {
        while let scalar = peek() {
            if scalar == "/", peek(1) == "/" {
                while let scalar = peek(), scalar != "\n" { advance() }
            } else if scalar == "/", peek(1) == "*" {
                let start = self
                advance()
                advance()
                while peek() != nil, !(peek() == "*" && peek(1) == "/") { advance() }
                guard peek() != nil else { throw start.failure("/*", expected: "*/") }
                advance()
                advance()
            } else if Self.isBlank(scalar) {
                advance()
            } else {
                return
            }
        }
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x180E, 0x2000...0x200B, 0x2028, 0x2029, 0x202F, 0x205F,
            0x3000,
            0xFEFF:
            true
        default: false
        }
    }

    /// Rule 29, name start char; `?` is a word of its own here.
    static func isNameStart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x41...0x5A, 0x5F, 0x61...0x7A, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x2FF, 0x370...0x37D,
            0x37F...0x1FFF,
            0x200C...0x200D, 0x2070...0x218F, 0x2C00...0x2FEF, 0x3001...0xD7FF, 0xF900...0xFDCF,
            0xFDF0...0xFFFD,
            0x10000...0xEFFFF:
            !isBlank(scalar)
        default: false
        }
    }

    /// Rule 30, name part char.
    static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x30...0x39, 0xB7, 0x300...0x36F, 0x203F...0x2040: true
        default: isNameStart(scalar)
        }
    }

    private static func isDigit(_ scalar: Unicode.Scalar?) -> Bool {
        scalar.map { (0x30...0x39).contains($0.value) } ?? false
    }

    private mutating func next() throws(RuleError) -> Token {
        try skipBlank()
        let start = self
        guard let scalar = peek() else { return token(.end, "", from: start) }
        if scalar == "\"" || (scalar == "@" && peek(1) == "\"") {
            if scalar == "@" { advance() }
            let text = try string()
            return token(scalar == "@" ? .atLiteral : .string, text, from: start)
        }
        if Self.isDigit(scalar) || (scalar == "." && Self.isDigit(peek(1))) {
            number()
            return token(.number, text(from: start), from: start)
        }
        if Self.isNameStart(scalar) {
            while let scalar = peek(), Self.isNamePart(scalar) { advance() }
            return token(.name, text(from: start), from: start)
        }
        if scalar == "?" {
            advance()
            return token(.name, "?", from: start)
        }
        for symbol in ["..", "**", "<=", ">=", "!=", "->"] where matches(symbol) {
            advance()
            advance()
            return token(.symbol, symbol, from: start)
        }
        guard "+-*/=<>()[]{},:.'".unicodeScalars.contains(scalar) else {
            throw failure(String(scalar), expected: "expression")
        }
        advance()
        return token(.symbol, String(scalar), from: start)
    }

    private func matches(_ symbol: String) -> Bool {
        let wanted = Array(symbol.unicodeScalars)
        return peek() == wanted[0] && peek(1) == wanted[1]
    }

    private func token(_ kind: Token.Kind, _ text: String, from start: Lexer) -> Token {
        Token(kind: kind, text: text, line: start.line, column: start.column, start: start.index, end: index)
    }

    private func text(from start: Lexer) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[start.index..<index])
        return String(view)
    }

    private mutating func number() {
        while Self.isDigit(peek()) { advance() }
        if peek() == ".", Self.isDigit(peek(1)) {
            advance()
            while Self.isDigit(peek()) { advance() }
        }
        let sign = peek(1) == "+" || peek(1) == "-" ? 1 : 0
        if peek() == "e" || peek() == "E", Self.isDigit(peek(1 + sign)) {
            for _ in 0...sign { advance() }
            while Self.isDigit(peek()) { advance() }
        }
    }

    /// Rule 35 and 64: `\'`, `\"`, `\\`, `\n`, `\r`, `\t`, `\uXXXX` (surrogate pairs too) and `\UXXXXXX`.
    private mutating func string() throws(RuleError) -> String {
        let start = self
        advance()
        var out = String.UnicodeScalarView()
        while let scalar = peek() {
            if scalar == "\"" {
                advance()
                return String(out)
            }
            if scalar == "\\" {
                try escape(into: &out)
            } else {
                out.append(scalar)
                advance()
            }
        }
        throw start.failure("\"", expected: "closing \"")
    }

    private mutating func escape(into out: inout String.UnicodeScalarView) throws(RuleError) {
        let plain: [Unicode.Scalar: Unicode.Scalar] = [
            "n": "\n", "r": "\r", "t": "\t", "\"": "\"", "'": "'", "\\": "\\",
        ]
        guard let kind = peek(1) else { throw failure("\\", expected: "escape") }
        if let scalar = plain[kind] {
            advance()
            advance()
            out.append(scalar)
            return
        }
        guard kind == "u" || kind == "U" else {
            // The standard names no other escape; the backslash stands for itself, as in a pattern such as "\d".
            out.append("\\")
            advance()
            return
        }
        let width = kind == "u" ? 4 : 6
        guard var value = hexadecimal(at: 2, width: width) else {
            throw failure("\\\(kind)", expected: "hex digits")
        }
        var length = 2 + width
        if (0xD800..<0xDC00).contains(value), peek(length) == "\\", peek(length + 1) == "u",
            let lower = hexadecimal(at: length + 2, width: 4), (0xDC00..<0xE000).contains(lower)
        {
            value = 0x10000 + ((value - 0xD800) << 10) + (lower - 0xDC00)
            length += 6
        }
        guard let scalar = Unicode.Scalar(value) else { throw failure("\\\(kind)", expected: "a character") }
        for _ in 0..<length { advance() }
        out.append(scalar)
    }

    private func hexadecimal(at offset: Int, width: Int) -> UInt32? {
        var value: UInt32 = 0
        for place in 0..<width {
            guard let scalar = peek(offset + place), scalar.isASCII,
                let digit = Character(scalar).hexDigitValue
            else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
