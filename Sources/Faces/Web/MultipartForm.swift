import Kernel

/// Reads `multipart/form-data` (RFC 7578), the body of a form with a file in it.
///
/// The name and type of a file are the sender's claim: the type is not kept, the name only to be shown.
enum MultipartForm {
    /// One part's headers; browsers send two hundred bytes.
    static let headBytesMax = 4_096
    /// A text beside the files, as long as a form's answer may be.
    static let textBytesMax = 65_536
    static let filesMax = 40

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

    static func read(_ bytes: [UInt8], boundary: String, fieldsMax: Int = 2_000) throws(WebRefusal)
        -> FormValues
    {
        let line = Array("--\(boundary)".utf8)
        var pairs: [(name: String, value: String)] = []
        var files: [FormFile] = []
        guard bytes.starts(with: line) else { throw .unreadableForm(reason: "boundary") }
        var rest = bytes[line.count...]
        let joint = [0x0D, 0x0A] + line
        while !rest.starts(with: [0x2D, 0x2D]) {
            guard rest.starts(with: [0x0D, 0x0A]) else { throw .unreadableForm(reason: "boundary") }
            rest = rest.dropFirst(2)
            guard let head = find([0x0D, 0x0A, 0x0D, 0x0A], in: rest.prefix(headBytesMax)),
                let end = find(joint, in: rest[(head + 2)...])
            else { throw .unreadableForm(reason: "boundary") }
            guard pairs.count + files.count < fieldsMax else { throw .tooManyFields(max: fieldsMax) }
            guard let headers = String(validating: rest[rest.startIndex..<head], as: UTF8.self) else {
                throw .unreadableForm(reason: "UTF-8")
            }
            let content = head + 4 <= end ? rest[(head + 4)..<end] : rest[end..<end]
            let (name, fileName) = try names(headers)
            if let fileName {
                // A file question that was left empty sends an empty part.
                if !fileName.isEmpty || !content.isEmpty {
                    guard files.count < filesMax else { throw .tooManyFields(max: filesMax) }
                    files.append(FormFile(name: name, fileName: fileName, bytes: Array(content)))
                }
            } else {
                guard content.count <= textBytesMax else { throw .badField(name: String(name.prefix(80))) }
                guard let text = String(validating: content, as: UTF8.self), !content.contains(0) else {
                    throw .unreadableForm(reason: "UTF-8")
                }
                pairs.append((name, text))
            }
            rest = rest[(end + joint.count)...]
        }
        return FormValues(pairs, files: files)
    }

    /// The field's name, and the file's when it is one.
    private static func names(_ headers: String) throws(WebRefusal) -> (name: String, fileName: String?) {
        let line = headers.split(separator: "\r\n").first {
            $0.lowercased().hasPrefix("content-disposition:")
        }
        guard let line, let name = parameter("name", in: line), !name.isEmpty, name.utf8.count <= 200 else {
            throw .unreadableForm(reason: "name")
        }
        return (name, parameter("filename", in: line).map(bare))
    }

    /// A file's name without folders, control characters or more length than a list shows.
    static func bare(_ claimed: String) -> String {
        let last = claimed.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        let visible = last.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: false
            default: scalar != "\"" && scalar != "<" && scalar != ">"
            }
        }
        return String(String(String.UnicodeScalarView(visible)).prefix(80))
    }

    /// The quoted value of a parameter of a header line; a semicolon or an escaped quote may stand in it
    /// (browsers write `%22`, older ones `\"`).
    private static func parameter(_ name: String, in line: some StringProtocol) -> String? {
        var rest = Substring(line)
        while let start = rest.firstIndex(of: ";") {
            rest = rest[rest.index(after: start)...].drop(while: { $0 == " " || $0 == "\t" })
            guard let equals = rest.firstIndex(of: "=") else { return nil }
            let found = rest[..<equals].lowercased()
            rest = rest[rest.index(after: equals)...]
            guard rest.first == "\"" else { continue }
            var value = ""
            var isEscaped = false
            var end = rest.index(after: rest.startIndex)
            while end < rest.endIndex, isEscaped || rest[end] != "\"" {
                if rest[end] == "\\", !isEscaped, rest[rest.index(after: end)...].first == "\"" {
                    isEscaped = true
                } else {
                    value.append(rest[end])
                    isEscaped = false
                }
                end = rest.index(after: end)
            }
            guard end < rest.endIndex else { return nil }
            if found == name { return value.replacing("%22", with: "\"") }
            rest = rest[rest.index(after: end)...]
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
