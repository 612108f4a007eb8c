import Foundation
import Kernel

/// Parts a CSV (RFC 4180) or TSV file into rows of fields.
struct FieldReader {
    private let raw: UnsafeRawBufferPointer
    private let separator: UInt8
    private let text: TextDecoder
    /// A quote that is not closed after so many bytes is a slip, not a long field.
    private static let fieldBytesMax = 1_048_576

    init(_ raw: UnsafeRawBufferPointer, format: StockFile.Format, encoding: StockFile.Encoding) {
        self.raw = raw
        separator = format == .tsv ? 0x09 : UInt8(ascii: ",")
        text = TextDecoder(encoding)
    }

    /// The row at a place, which moves behind it; nil at the end. Empty lines are passed by.
    func next(_ place: inout StockPlace) -> StockRow? {
        var (at, line) = (place.offset, place.line)
        while at < raw.count, raw[at] == 0x0A || raw[at] == 0x0D {
            if raw[at] == 0x0A { line += 1 }
            at += 1
        }
        guard at < raw.count else {
            place = StockPlace(offset: at, line: line)
            return nil
        }
        let (begin, first) = (at, line)
        var row = StockRow(line: first, values: [])
        while true {
            var field: [UInt8] = []
            if separator != 0x09, at < raw.count, raw[at] == UInt8(ascii: "\"") {
                guard let end = quoted(from: at + 1, into: &field, line: &line) else {
                    // The line alone is given up, not what comes after it.
                    let rest = raw[begin...].firstIndex(of: 0x0A).map { $0 + 1 } ?? raw.count
                    place = StockPlace(offset: rest, line: first + 1)
                    row.fault = .rowQuote
                    return row
                }
                at = end
            }
            while at < raw.count, raw[at] != separator, raw[at] != 0x0A {
                field.append(raw[at])
                at += 1
            }
            let isLast = at >= raw.count || raw[at] == 0x0A
            if isLast, field.last == 0x0D { field.removeLast() }
            append(field, to: &row)
            at += 1
            if isLast { break }
        }
        place = StockPlace(offset: min(at, raw.count), line: line + 1)
        return row
    }

    private func append(_ field: [UInt8], to row: inout StockRow) {
        let (words, isWhole) = text.decode(field)
        if !isWhole { row.fault = .rowEncoding }
        row.values.append(words)
    }

    /// - Returns: the place behind the closing quote.
    private func quoted(from start: Int, into field: inout [UInt8], line: inout Int) -> Int? {
        var at = start
        while at < raw.count, at - start < Self.fieldBytesMax {
            let byte = raw[at]
            if byte == UInt8(ascii: "\"") {
                guard at + 1 < raw.count, raw[at + 1] == byte else { return at + 1 }
                at += 1
            }
            if byte == 0x0A { line += 1 }
            field.append(byte)
            at += 1
        }
        return nil
    }
}

/// Decodes what a file is written in, by the C library's iconv.
final class TextDecoder {
    private let converter: iconv_t?

    init(_ encoding: StockFile.Encoding) {
        // GB 18030 reads GBK too.
        converter = encoding == .utf8 ? nil : iconv_open("UTF-8", "GB18030")
    }

    deinit { if let converter { iconv_close(converter) } }

    /// - Returns: the text, with U+FFFD for what is none, and whether there was nothing of that.
    func decode(_ bytes: [UInt8]) -> (text: String, isWhole: Bool) {
        guard converter != nil, !bytes.allSatisfy({ $0 < 0x80 }) else {
            if let text = String(validating: bytes, as: UTF8.self) {
                return (text, !text.unicodeScalars.contains("\u{FFFD}"))
            }
            return (String(decoding: bytes, as: UTF8.self), false)
        }
        // Two bytes of GBK are three of UTF-8 at most.
        var out = [UInt8](repeating: 0, count: bytes.count * 2 + 8)
        let room = out.count
        var input = bytes
        let left = input.withUnsafeMutableBytes { source in
            out.withUnsafeMutableBytes { target -> (input: Int, output: Int) in
                var from = source.bindMemory(to: CChar.self).baseAddress
                var into = target.bindMemory(to: CChar.self).baseAddress
                var (inputLeft, outputLeft) = (source.count, target.count)
                _ = iconv(converter, &from, &inputLeft, &into, &outputLeft)
                return (inputLeft, outputLeft)
            }
        }
        let text = String(decoding: out[..<(room - left.output)], as: UTF8.self)
        return left.input == 0 ? (text, true) : (text + "\u{FFFD}", false)
    }
}
