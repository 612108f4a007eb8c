import Cryptography
import Kernel

/// Reads `multipart/form-data` (RFC 7578), the body of a form with a file in it.
///
/// A file's value is its bytes in Base64; its name and type are the sender's claim and are not kept.
enum MultipartForm {
    /// The boundary named by a `Content-Type`; nil when it is no multipart form or names none.
    static func boundary(_ header: String?) -> String? {
        let parts = (header ?? "").split(separator: ";").map { $0.drop(while: { $0 == " " }) }
        guard parts.first?.lowercased() == "multipart/form-data",
            let named = parts.first(where: { $0.lowercased().hasPrefix("boundary=") })
        else { return nil }
        let text = String(named.dropFirst("boundary=".count)).filter { $0 != "\"" && $0 != " " }
        // RFC 2046, section 5.1.1: 1...70 characters.
        return (1...70).contains(text.utf8.count) ? text : nil
    }

    static func read(_ bytes: [UInt8], boundary: String, fieldsMax: Int = 200) throws(WebRefusal)
        -> FormValues
    {
        let line = Array("--\(boundary)".utf8)
        var pairs: [(name: String, value: String)] = []
        guard bytes.starts(with: line) else { throw .unreadableForm(reason: "boundary") }
        var rest = bytes[line.count...]
        let joint = [0x0D, 0x0A] + line
        while !rest.starts(with: [0x2D, 0x2D]) {
            guard rest.starts(with: [0x0D, 0x0A]) else { throw .unreadableForm(reason: "boundary") }
            rest = rest.dropFirst(2)
            guard let head = find([0x0D, 0x0A, 0x0D, 0x0A], in: rest),
                let end = find(joint, in: rest[(head + 2)...])
            else { throw .unreadableForm(reason: "boundary") }
            guard pairs.count < fieldsMax else { throw .tooManyFields(max: fieldsMax) }
            guard head - rest.startIndex <= 4_096,
                let headers = String(validating: rest[rest.startIndex..<head], as: UTF8.self)
            else { throw .unreadableForm(reason: "UTF-8") }
            let content = head + 4 <= end ? rest[(head + 4)..<end] : rest[end..<end]
            pairs.append(try field(headers, content: content))
            rest = rest[(end + joint.count)...]
        }
        return FormValues(pairs)
    }

    private static func field(
        _ headers: String,
        content: ArraySlice<UInt8>
    ) throws(WebRefusal) -> (name: String, value: String) {
        let line = headers.split(separator: "\r\n").first {
            $0.lowercased().hasPrefix("content-disposition:")
        }
        guard let line, let name = parameter("name", in: line), name.utf8.count <= 200 else {
            throw .unreadableForm(reason: "name")
        }
        if parameter("filename", in: line) != nil { return (name, Base64.encode(Array(content))) }
        guard let text = String(validating: content, as: UTF8.self), !content.contains(0) else {
            throw .unreadableForm(reason: "UTF-8")
        }
        return (name, text)
    }

    /// The quoted value of a parameter of a header line.
    private static func parameter(_ name: String, in line: some StringProtocol) -> String? {
        for part in line.split(separator: ";").dropFirst() {
            let trimmed = part.drop(while: { $0 == " " })
            guard trimmed.hasPrefix("\(name)=\"") else { continue }
            return String(trimmed.dropFirst(name.count + 2).prefix { $0 != "\"" })
        }
        return nil
    }

    /// Where `needle` begins, first byte compared first.
    private static func find(_ needle: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = needle.first, bytes.count >= needle.count else { return nil }
        let last = bytes.endIndex - needle.count
        var place = bytes.startIndex
        while place <= last {
            if bytes[place] == first, bytes[place..<(place + needle.count)].elementsEqual(needle) {
                return place
            }
            place += 1
        }
        return nil
    }
}
