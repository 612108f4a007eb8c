import HTTPTypes
import Hummingbird

/// The fields of a request's head, looked up by their names in lower case. Most are never asked for, so no table is made.
public struct HeadFields: Sendable {
    private let fields: HTTPFields
    private let host: String?

    init(_ request: Request) {
        fields = request.headers
        host = request.head.authority
    }

    /// A field that came twice is joined with a comma, cookies with a semicolon: they are one list, parted as in one field
    /// (RFC 9113, 8.2.3).
    public subscript(name: String) -> String? {
        if name == "host", let host { return host }
        var found: String?
        for field in fields where field.name.canonicalName == name {
            found = found.map { $0 + (name == "cookie" ? "; " : ", ") + field.value } ?? field.value
        }
        return found
    }

    /// All of them, for calls that are signed over some.
    var all: [String: String] {
        let names = Set(fields.map(\.name.canonicalName)).union(["host"])
        return Dictionary(names.compactMap { name in self[name].map { (name, $0) } }) { first, _ in first }
    }
}

/// What the browser sent back of what it was given. Of two of the same name the first counts.
struct Cookies: Sendable {
    private var all: [(name: String, value: String)] = []
    private static let countMax = 64
    private static let valueBytesMax = 512

    init(_ line: String?) {
        for part in (line ?? "").utf8.split(separator: UInt8(ascii: ";")).prefix(Self.countMax) {
            guard let cut = part.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = Self.bare(part[..<cut])
            let value = Self.bare(part[part.index(after: cut)...])
            if value.utf8.count <= Self.valueBytesMax { all.append((name, value)) }
        }
    }

    subscript(name: String) -> String? { all.first { $0.name == name }?.value }

    private static func bare(_ bytes: Substring.UTF8View) -> String {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        var rest = bytes.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest = rest.dropLast() }
        return String(Substring(rest))
    }
}
