/// A value in a PDF file (ISO 32000-1, section 7.3), without streams.
indirect enum PDFObject: Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    /// As it is written.
    case real(String)
    /// Each scalar is one byte of the name.
    case name(String)
    case string([UInt8])
    case array([PDFObject])
    case dictionary([String: PDFObject])
    case reference(PDFReference)

    subscript(key: String) -> PDFObject? {
        if case .dictionary(let entries) = self { entries[key] } else { nil }
    }

    var dictionary: [String: PDFObject]? { if case .dictionary(let entries) = self { entries } else { nil } }
    var array: [PDFObject]? { if case .array(let items) = self { items } else { nil } }
    var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    var name: String? { if case .name(let value) = self { value } else { nil } }
    var bytes: [UInt8]? { if case .string(let value) = self { value } else { nil } }
    var reference: PDFReference? { if case .reference(let value) = self { value } else { nil } }

    var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .real(let text): Double(text)
        default: nil
        }
    }

    /// A text string (ISO 32000-1, section 7.9.2): UTF-16 with a mark in front, else bytes that are letters.
    static func text(_ text: String) -> PDFObject {
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return .string(Array(text.utf8)) }
        return .string([0xFE, 0xFF] + text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
    }

    /// What a text string says.
    var text: String? {
        guard let bytes else { return nil }
        guard bytes.starts(with: [0xFE, 0xFF]) else { return latin(bytes) }
        var units: [UInt16] = []
        for index in stride(from: 2, to: bytes.count - 1, by: 2) {
            units.append(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]))
        }
        return String(decoding: units, as: UTF16.self)
    }
}

extension PDFObject {
    /// Whether the value refers to one of these objects.
    func refers(to numbers: Set<Int>) -> Bool {
        switch self {
        case .reference(let place): numbers.contains(place.number)
        case .array(let items): items.contains { $0.refers(to: numbers) }
        case .dictionary(let entries): entries.values.contains { $0.refers(to: numbers) }
        case .null, .bool, .integer, .real, .name, .string: false
        }
    }
}

/// The place of an object: its number and generation.
struct PDFReference: Hashable {
    let number: Int
    let generation: Int
}

/// One scalar for each byte, so that different bytes never become the same text.
func latin(_ bytes: some Sequence<UInt8>) -> String {
    var scalars = String.UnicodeScalarView()
    for byte in bytes { scalars.append(Unicode.Scalar(byte)) }
    return String(scalars)
}

extension PDFObject {
    /// The object as it is written in a file; keys in order, so that equal objects are equal bytes.
    var written: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

    func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .integer(let value): bytes += String(value).utf8
        case .real(let text): bytes += text.utf8
        case .name(let name): Self.write(name: name, to: &bytes)
        case .string(let text): Self.write(string: text, to: &bytes)
        case .array(let items):
            bytes.append(0x5B)
            for item in items {
                bytes.append(0x20)
                item.write(to: &bytes)
            }
            bytes += " ]".utf8
        case .dictionary(let entries):
            bytes += "<<".utf8
            for (key, value) in entries.sorted(by: {
                $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars)
            }) {
                bytes.append(0x20)
                Self.write(name: key, to: &bytes)
                bytes.append(0x20)
                value.write(to: &bytes)
            }
            bytes += " >>".utf8
        case .reference(let place): bytes += "\(place.number) \(place.generation) R".utf8
        }
    }

    private static func write(name: String, to bytes: inout [UInt8]) {
        bytes.append(0x2F)
        for scalar in name.unicodeScalars {
            let byte = UInt8(truncatingIfNeeded: scalar.value)
            if PDFParser.isRegular(byte), byte > 0x20, byte < 0x7F, byte != 0x23 {
                bytes.append(byte)
            } else {
                bytes += "#".utf8 + hexadecimal(byte)
            }
        }
    }

    private static func write(string: [UInt8], to bytes: inout [UInt8]) {
        if string.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x28 && $0 != 0x29 && $0 != 0x5C }) {
            bytes += [0x28] + string + [0x29]
        } else {
            bytes.append(0x3C)
            for byte in string { bytes += hexadecimal(byte) }
            bytes.append(0x3E)
        }
    }
}

func hexadecimal(_ byte: UInt8) -> [UInt8] {
    [byte >> 4, byte & 15].map { $0 < 10 ? 0x30 + $0 : 0x41 + $0 - 10 }
}
