/// Splits a table file into lines of fields: tab-separated, or comma-separated with quotes (RFC 4180), whichever
/// the header line is.
struct ReferenceReader {
    struct Line {
        /// Where the line begins in the file, counted from 1.
        let number: Int
        let fields: [String]
    }

    static let sizeBytesMax = 33_554_432
    static let rowsMax = 1_000_000

    /// Lines without those that are empty or begin with `#`; the first one is the header.
    static func lines(_ bytes: [UInt8]) -> Result<[Line], ReferenceFault> {
        guard bytes.count <= sizeBytesMax else {
            return .failure(.init(line: 0, code: "reference.too-large"))
        }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            return .failure(.init(line: 0, code: "reference.not-utf8"))
        }
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        let raw = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
        let header = raw.first { !$0.isEmpty && !$0.hasPrefix("#") } ?? ""
        return header.contains("\t") ? .success(tabbed(raw)) : quoted(text)
    }

    private static func tabbed(_ raw: [Substring]) -> [Line] {
        var lines: [Line] = []
        lines.reserveCapacity(raw.count)
        for (index, line) in raw.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            lines.append(Line(number: index + 1, fields: fields))
        }
        return lines
    }

    private static func quoted(_ text: String) -> Result<[Line], ReferenceFault> {
        var lines: [Line] = []
        var fields: [String] = []
        var field = ""
        var isQuoted = false
        var wasQuoted = false
        var number = 1
        var start = 1
        var characters = text.makeIterator()
        var next = characters.next()
        func isComment() -> Bool { fields.isEmpty && field.hasPrefix("#") }
        func close() {
            if !(fields.isEmpty && field.isEmpty && !wasQuoted) && !isComment() {
                lines.append(Line(number: start, fields: fields + [field]))
            }
            fields = []
            field = ""
            wasQuoted = false
        }
        while let character = next {
            next = characters.next()
            if isQuoted {
                if character == "\"" {
                    if next == "\"" {
                        field.append("\"")
                        next = characters.next()
                    } else {
                        isQuoted = false
                    }
                } else {
                    if character.isNewline { number += 1 }
                    field.append(character)
                }
            } else if character == "\"" && field.isEmpty && !wasQuoted {
                isQuoted = true
                wasQuoted = true
            } else if character == "," && !isComment() {
                fields.append(field)
                field = ""
                wasQuoted = false
            } else if character.isNewline {
                close()
                number += 1
                start = number
            } else {
                field.append(character)
            }
        }
        guard !isQuoted else { return .failure(.init(line: start, code: "reference.open-quote")) }
        close()
        return .success(lines)
    }
}

/// Why a file cannot be split at all.
struct ReferenceFault: Error {
    let line: Int
    let code: String
}
