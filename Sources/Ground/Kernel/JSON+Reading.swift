/// Why a text is no JSON, or too much of it.
public struct JSONError: Refusal, Equatable {
    public enum Reason: String, Sendable {
        case unexpected, tooDeep, tooLarge, duplicateKey, notUTF8, badNumber, badEscape, trailing
    }

    public let reason: Reason
    /// Bytes from the start.
    public let offset: Int

    public var code: String { "json.\(reason.rawValue)" }
    public var arguments: [String: String] { ["offset": String(offset)] }
    public var status: RefusalStatus { reason == .tooLarge ? .tooLarge : .malformed }
}

extension JSON {
    /// Reads one JSON text. Keys that come twice are refused, so that two readers can never disagree.
    /// - Parameters:
    ///   - bytes: UTF-8.
    ///   - depthMax: how deep arrays and objects may nest.
    ///   - sizeBytesMax: a longer text is refused unread.
    ///   - valuesMax: how many values it may have, each of which takes many times the memory of its text.
    public static func read(
        _ bytes: some Collection<UInt8>,
        depthMax: Int = 64,
        sizeBytesMax: Int = 4_194_304,
        valuesMax: Int = .max
    ) throws(JSONError) -> JSON {
        guard bytes.count <= sizeBytesMax else { throw JSONError(reason: .tooLarge, offset: sizeBytesMax) }
        var reader = JSONReader(bytes: Array(bytes), depthMax: depthMax, valuesLeft: valuesMax)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.offset == reader.bytes.count else { throw reader.error(.trailing) }
        return value
    }

    public static func read(_ text: String) throws(JSONError) -> JSON { try read(Array(text.utf8)) }
}

private struct JSONReader {
    let bytes: [UInt8]
    let depthMax: Int
    var valuesLeft: Int
    var offset = 0

    init(bytes: [UInt8], depthMax: Int, valuesLeft: Int) {
        self.bytes = bytes
        self.depthMax = depthMax
        self.valuesLeft = valuesLeft
    }

    func error(_ reason: JSONError.Reason) -> JSONError { JSONError(reason: reason, offset: offset) }

    mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    mutating func value(depth: Int) throws(JSONError) -> JSON {
        skipSpace()
        guard valuesLeft > 0 else { throw error(.tooLarge) }
        valuesLeft -= 1
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        let length = word.utf8CodeUnitCount
        guard offset + length <= bytes.count else { throw error(.unexpected) }
        for index in 0..<length where bytes[offset + index] != word.utf8Start[index] {
            throw error(.unexpected)
        }
        offset += length
        return value
    }

    mutating func object(depth: Int) throws(JSONError) -> JSON {
        guard depth < depthMax else { throw error(.tooDeep) }
        offset += 1
        var members: [String: JSON] = [:]
        skipSpace()
        if next == UInt8(ascii: "}") {
            offset += 1
            return .object(members)
        }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw error(.unexpected) }
            let start = offset
            let key = try string()
            skipSpace()
            guard next == UInt8(ascii: ":") else { throw error(.unexpected) }
            offset += 1
            guard members.updateValue(try value(depth: depth + 1), forKey: key) == nil else {
                throw JSONError(reason: .duplicateKey, offset: start)
            }
            skipSpace()
            switch next {
            case UInt8(ascii: ","): offset += 1
            case UInt8(ascii: "}"):
                offset += 1
                return .object(members)
            default: throw error(.unexpected)
            }
        }
    }

    mutating func array(depth: Int) throws(JSONError) -> JSON {
        guard depth < depthMax else { throw error(.tooDeep) }
        offset += 1
        var elements: [JSON] = []
        skipSpace()
        if next == UInt8(ascii: "]") {
            offset += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            switch next {
            case UInt8(ascii: ","): offset += 1
            case UInt8(ascii: "]"):
                offset += 1
                return .array(elements)
            default: throw error(.unexpected)
            }
        }
    }

    mutating func number() throws(JSONError) -> String {
        let start = offset
        if next == UInt8(ascii: "-") { offset += 1 }
        func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
        let first = offset
        while isDigit(next) { offset += 1 }
        guard offset > first else { throw error(start == offset ? .unexpected : .badNumber) }
        if bytes[first] == 0x30 && offset > first + 1 { throw error(.badNumber) }
        if next == UInt8(ascii: ".") {
            offset += 1
            guard isDigit(next) else { throw error(.badNumber) }
            while isDigit(next) { offset += 1 }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            offset += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { offset += 1 }
            guard isDigit(next) else { throw error(.badNumber) }
            while isDigit(next) { offset += 1 }
        }
        guard offset - start <= 64 else { throw JSONError(reason: .badNumber, offset: start) }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    mutating func string() throws(JSONError) -> String {
        offset += 1
        let start = offset
        var all: UInt8 = 0
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
            all |= byte
            offset += 1
        }
        if next == UInt8(ascii: "\"") {
            let plain = bytes[start..<offset]
            // Of bytes below 0x80 none can be wrong.
            let text = all < 0x80 ? String(decoding: plain, as: UTF8.self) : try valid(plain, at: start)
            offset += 1
            return text
        }
        var out = Array(bytes[start..<offset])
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                let text = try valid(out[...], at: start)
                offset += 1
                return text
            case UInt8(ascii: "\\"): try escape(into: &out)
            case 0..<0x20: throw error(.unexpected)
            default:
                out.append(byte)
                offset += 1
            }
        }
        throw error(.unexpected)
    }

    func valid(_ bytes: ArraySlice<UInt8>, at start: Int) throws(JSONError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw JSONError(reason: .notUTF8, offset: start)
        }
        return text
    }

    mutating func escape(into out: inout [UInt8]) throws(JSONError) {
        offset += 1
        guard let kind = next else { throw error(.badEscape) }
        offset += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(kind)
        case UInt8(ascii: "b"): out.append(0x08)
        case UInt8(ascii: "f"): out.append(0x0C)
        case UInt8(ascii: "n"): out.append(0x0A)
        case UInt8(ascii: "r"): out.append(0x0D)
        case UInt8(ascii: "t"): out.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = try unit()
            if (0xD800..<0xDC00).contains(scalar) {
                guard next == UInt8(ascii: "\\") else { throw error(.badEscape) }
                offset += 1
                guard next == UInt8(ascii: "u") else { throw error(.badEscape) }
                offset += 1
                let low = try unit()
                guard (0xDC00..<0xE000).contains(low) else { throw error(.badEscape) }
                scalar = 0x10000 + ((scalar - 0xD800) << 10) + (low - 0xDC00)
            }
            guard let value = Unicode.Scalar(scalar) else { throw error(.badEscape) }
            out.append(contentsOf: String(Character(value)).utf8)
        default: throw error(.badEscape)
        }
    }

    mutating func unit() throws(JSONError) -> UInt32 {
        guard offset + 4 <= bytes.count,
            let pair = Hex.decode(String(decoding: bytes[offset..<offset + 4], as: UTF8.self))
        else { throw error(.badEscape) }
        offset += 4
        return UInt32(pair[0]) << 8 | UInt32(pair[1])
    }
}
