/// Reads objects from the bytes of a PDF file (ISO 32000-1, section 7.2 and 7.3), more narrowly than readers do: what two
/// readers may take for two things, such as a key that stands twice, is refused.
struct PDFParser {
    let bytes: [UInt8]
    /// Nothing from here on is read.
    let end: Int
    private(set) var position: Int
    /// How many values may still be read.
    private var left: Int

    private static let depthMax = 32

    init(_ bytes: [UInt8], at position: Int, end: Int, objectsMax: Int) {
        self.bytes = bytes
        self.end = min(end, bytes.count)
        self.position = max(position, 0)
        left = objectsMax
    }

    private var byte: UInt8? { position < end ? bytes[position] : nil }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 || byte == 0x0C || byte == 0
    }

    static func isRegular(_ byte: UInt8) -> Bool {
        if isSpace(byte) { return false }
        switch byte {
        case 0x28, 0x29, 0x3C, 0x3E, 0x5B, 0x5D, 0x7B, 0x7D, 0x2F, 0x25: return false
        default: return true
        }
    }

    mutating func skipSpace() {
        while let byte {
            if Self.isSpace(byte) {
                position += 1
            } else if byte == 0x25 {
                while let byte = self.byte, byte != 0x0A, byte != 0x0D { position += 1 }
            } else {
                return
            }
        }
    }

    /// Takes `word` when it stands here and ends here.
    mutating func take(_ word: String) -> Bool {
        let wanted = Array(word.utf8)
        guard position + wanted.count <= end, bytes[position..<position + wanted.count].elementsEqual(wanted)
        else { return false }
        let next = position + wanted.count
        if let last = wanted.last, Self.isRegular(last), next < end, Self.isRegular(bytes[next]) {
            return false
        }
        position = next
        return true
    }

    /// Takes the end of a line, CR LF or LF; a CR alone where `alone` allows it.
    mutating func takeLineEnd() -> Bool {
        if byte == 0x0D, position + 1 < end, bytes[position + 1] == 0x0A {
            position += 2
            return true
        }
        guard byte == 0x0A else { return false }
        position += 1
        return true
    }

    /// Digits only, at most ten.
    mutating func takeNumber() -> Int? {
        let start = position
        while let byte, (0x30...0x39).contains(byte), position - start < 11 { position += 1 }
        guard (1...10).contains(position - start) else { return nil }
        if let byte, Self.isRegular(byte) { return nil }
        return bytes[start..<position].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// The next value, or nil when there is none that can be read.
    mutating func object() -> PDFObject? { object(depth: 0, place: nil) }

    /// A dictionary with the place of the value of `key` in the file.
    mutating func dictionary(placing key: String) -> (entries: [String: PDFObject], place: Range<Int>?)? {
        var place: Range<Int>?
        skipSpace()
        guard take("<<"), let read = entries(depth: 0, { found, range in if found == key { place = range } })
        else {
            return nil
        }
        return (read, place)
    }

    private mutating func object(depth: Int, place: ((String, Range<Int>) -> Void)?) -> PDFObject? {
        skipSpace()
        left -= 1
        guard depth < Self.depthMax, left > 0, let byte else { return nil }
        switch byte {
        case 0x2F: return name().map(PDFObject.name)
        case 0x28: return literal().map(PDFObject.string)
        case 0x5B:
            position += 1
            var items: [PDFObject] = []
            while true {
                skipSpace()
                if self.byte == 0x5D {
                    position += 1
                    return .array(items)
                }
                guard let item = object(depth: depth + 1, place: nil) else { return nil }
                items.append(item)
            }
        case 0x3C:
            if take("<<") { return entries(depth: depth, { _, _ in }).map(PDFObject.dictionary) }
            return digits().map(PDFObject.string)
        default: return word()
        }
    }

    private mutating func entries(
        depth: Int,
        _ found: (String, Range<Int>) -> Void
    ) -> [String: PDFObject]? {
        var entries: [String: PDFObject] = [:]
        while true {
            skipSpace()
            if take(">>") { return entries }
            guard byte == 0x2F, let key = name(), entries[key] == nil else { return nil }
            skipSpace()
            let start = position
            guard let value = object(depth: depth + 1, place: nil) else { return nil }
            found(key, start..<position)
            entries[key] = value
        }
    }

    private mutating func name() -> String? {
        position += 1
        var found: [UInt8] = []
        while let byte, Self.isRegular(byte) {
            position += 1
            if byte == 0x23 {
                guard position + 1 < end, let high = Self.digit(bytes[position]),
                    let low = Self.digit(bytes[position + 1]), high << 4 | low != 0
                else { return nil }
                found.append(high << 4 | low)
                position += 2
            } else {
                found.append(byte)
            }
            guard found.count <= 127 else { return nil }
        }
        return latin(found)
    }

    private mutating func literal() -> [UInt8]? {
        position += 1
        var (found, open): ([UInt8], Int) = ([], 1)
        while let byte {
            position += 1
            switch byte {
            case 0x28:
                open += 1
                found.append(byte)
            case 0x29:
                open -= 1
                if open == 0 { return found }
                found.append(byte)
            case 0x5C:
                guard escape(into: &found) else { return nil }
            default: found.append(byte)
            }
        }
        return nil
    }

    private mutating func escape(into found: inout [UInt8]) -> Bool {
        guard let byte else { return false }
        position += 1
        switch byte {
        case 0x6E: found.append(0x0A)
        case 0x72: found.append(0x0D)
        case 0x74: found.append(0x09)
        case 0x62: found.append(0x08)
        case 0x66: found.append(0x0C)
        case 0x28, 0x29, 0x5C: found.append(byte)
        case 0x0A: break
        case 0x0D: if self.byte == 0x0A { position += 1 }
        case 0x30...0x37:
            var value = Int(byte - 0x30)
            for _ in 0..<2 {
                guard let next = self.byte, (0x30...0x37).contains(next) else { break }
                value = value << 3 | Int(next - 0x30)
                position += 1
            }
            guard value < 256 else { return false }
            found.append(UInt8(value))
        default: return false
        }
        return true
    }

    private mutating func digits() -> [UInt8]? {
        position += 1
        var found: [UInt8] = []
        var high: UInt8?
        while let byte {
            position += 1
            if byte == 0x3E {
                if let high { found.append(high << 4) }
                return found
            }
            if Self.isSpace(byte) { continue }
            guard let value = Self.digit(byte) else { return nil }
            if let first = high {
                found.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return nil
    }

    static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// A number, a reference or one of the three words.
    private mutating func word() -> PDFObject? {
        if take("true") { return .bool(true) }
        if take("false") { return .bool(false) }
        if take("null") { return .null }
        let start = position
        if let number = takeNumber() {
            let after = position
            skipSpace()
            if let generation = takeNumber(), generation < 65_536 {
                skipSpace()
                if take("R") { return .reference(PDFReference(number: number, generation: generation)) }
            }
            position = after
            return .integer(number)
        }
        position = start
        while let byte, Self.isRegular(byte) { position += 1 }
        let text = latin(bytes[start..<position])
        guard !text.isEmpty, text.utf8.count <= 20,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E })
        else { return nil }
        if let value = Int(text) { return .integer(value) }
        return Double(text) == nil && Double("0\(text)") == nil && Double("\(text)0") == nil
            ? nil : .real(text)
    }
}
