import Foundation

/// A file as a browser sent it.
public struct FormFile: Sendable {
    /// The question's name in the form.
    public let name: String
    /// What the sender calls the file, without folders; for people only.
    public let fileName: String
    public let bytes: [UInt8]
}

/// The fields of a form or query, in the order in which they were sent.
public struct FormValues: Sendable {
    public let pairs: [(name: String, value: String)]
    /// Files that were chosen, in the order of the form; a file question left empty brings none.
    public let files: [FormFile]

    public init(_ pairs: [(name: String, value: String)] = [], files: [FormFile] = []) {
        self.pairs = pairs
        self.files = files
    }

    /// The first file of a question.
    public func file(_ name: String) -> FormFile? { files.first { $0.name == name } }

    /// The first value of a field, as it was sent.
    public subscript(name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// All values of a field, such as the ticked boxes of one name.
    public func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    /// The first value without the space around it; nil when there is nothing left.
    public func trimmed(_ name: String) -> String? {
        let text = self[name]?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        return text.isEmpty ? nil : text
    }

    /// Whether a button or box of that name was sent at all.
    public func has(_ name: String) -> Bool { pairs.contains { $0.name == name } }

    public var isEmpty: Bool { pairs.isEmpty }

    /// All values by name; names that begin with `_` are the frame's own and left out.
    public var byName: [String: [String]] {
        Dictionary(grouping: pairs.filter { !$0.name.hasPrefix("_") }, by: \.name).mapValues {
            $0.map(\.value)
        }
    }

    /// Reads `application/x-www-form-urlencoded` (WHATWG URL, section 5.1), strictly: bad escapes, bytes that are
    /// no UTF-8 and zero bytes are refused instead of repaired.
    static func read(_ bytes: [UInt8], fieldsMax: Int = 2_000) throws(WebRefusal) -> FormValues {
        guard !bytes.isEmpty else { return FormValues() }
        var pairs: [(name: String, value: String)] = []
        for part in bytes.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: true) {
            guard pairs.count < fieldsMax else { throw .tooManyFields(max: fieldsMax) }
            let cut = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let name = try decode(part[part.startIndex..<cut])
            let value = cut < part.endIndex ? try decode(part[(cut + 1)...]) : ""
            guard name.utf8.count <= 200 else { throw .badField(name: String(name.prefix(80))) }
            pairs.append((name, value))
        }
        return FormValues(pairs)
    }

    static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool = true) throws(WebRefusal) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "+") where plusIsSpace: out.append(0x20)
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.endIndex, let high = hexValue(bytes[index + 1]),
                    let low = hexValue(bytes[index + 2])
                else { throw .unreadableForm(reason: "percent") }
                out.append(high << 4 | low)
                index += 2
            default: out.append(byte)
            }
            index += 1
        }
        guard !out.contains(0) else { throw .unreadableForm(reason: "zero byte") }
        guard let text = String(validating: out, as: UTF8.self) else {
            throw .unreadableForm(reason: "UTF-8")
        }
        return text
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
