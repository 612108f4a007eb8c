import Foundation
import Kernel

/// Reads a JSON object a line, or those of an array one by one; what is no text in them is kept as it is written.
struct JSONLines {
    private let raw: UnsafeRawBufferPointer
    private let columns: [String]
    private let text: TextDecoder
    private let isArray: Bool
    private let isChinese: Bool
    /// An object that is not closed after so many bytes is a slip.
    private static let objectBytesMax = 1_048_576

    init(
        _ raw: UnsafeRawBufferPointer,
        columns: [String],
        format: StockFile.Format,
        encoding: StockFile.Encoding
    ) {
        self.raw = raw
        self.columns = columns
        isArray = format == .jsonArray
        isChinese = encoding != .utf8
        text = TextDecoder(encoding)
    }

    /// Every key of every line, in the order in which they first come.
    static func columns(
        _ raw: UnsafeRawBufferPointer,
        at place: StockPlace,
        format: StockFile.Format,
        encoding: StockFile.Encoding
    ) -> [String] {
        let reader = JSONLines(raw, columns: [], format: format, encoding: encoding)
        var place = place
        var names: [String] = []
        var known: Set<String> = []
        while let (_, words, _) = reader.object(&place) {
            guard let json = try? JSON.read(words) else { continue }
            for name in json.members.keys.sorted() where known.insert(name).inserted { names.append(name) }
        }
        return names
    }

    func next(_ place: inout StockPlace) -> StockRow? {
        guard let (number, words, isWhole) = object(&place) else { return nil }
        var row = StockRow(line: number, values: Array(repeating: "", count: columns.count))
        if !isWhole { row.fault = .rowEncoding }
        guard let json = try? JSON.read(words), case .object(let members) = json else {
            row.fault = .rowJSON
            return row
        }
        for (index, column) in columns.enumerated() {
            guard let value = members[column], !value.isNull else { continue }
            row.values[index] = value.text ?? value.canonical
        }
        return row
    }

    private func object(_ place: inout StockPlace) -> (number: Int, words: String, isWhole: Bool)? {
        isArray ? element(&place) : line(&place)
    }

    /// The next element of the array, numbered from 1.
    private func element(_ place: inout StockPlace) -> (number: Int, words: String, isWhole: Bool)? {
        var at = place.offset
        let between = Set(" \t\r\n,[]".utf8)
        while at < raw.count, between.contains(raw[at]) { at += 1 }
        guard at < raw.count else {
            place = StockPlace(offset: raw.count, line: place.line)
            return nil
        }
        // What is no object, or is never closed, is given up as far as its line goes.
        let end = closing(from: at) ?? raw[at...].firstIndex(of: 0x0A) ?? raw.count
        let (words, isWhole) = text.decode(Array(raw[at..<end]))
        let number = place.line
        place = StockPlace(offset: end, line: number + 1)
        return (number, words, isWhole)
    }

    /// The place behind the object that begins here.
    private func closing(from start: Int) -> Int? {
        guard raw[start] == UInt8(ascii: "{") else { return nil }
        var (at, depth, isText) = (start, 0, false)
        while at < raw.count, at - start < Self.objectBytesMax {
            let byte = raw[at]
            // The second byte of a Chinese character may look like a brace (GB 18030).
            if isChinese, byte >= 0x81 {
                at += 2
                continue
            }
            switch byte {
            case UInt8(ascii: "\\") where isText: at += 1
            case UInt8(ascii: "\""): isText.toggle()
            case UInt8(ascii: "{") where !isText: depth += 1
            case UInt8(ascii: "}") where !isText:
                depth -= 1
                if depth == 0 { return at + 1 }
            default: break
            }
            at += 1
        }
        return nil
    }

    /// The next line that is not empty.
    private func line(_ place: inout StockPlace) -> (number: Int, words: String, isWhole: Bool)? {
        while place.offset < raw.count {
            let end = raw[place.offset...].firstIndex(of: 0x0A) ?? raw.count
            let bytes = Array(raw[place.offset..<end])
            let number = place.line
            place = StockPlace(offset: min(end + 1, raw.count), line: number + 1)
            guard bytes.contains(where: { $0 > 0x20 }) else { continue }
            let (words, isWhole) = text.decode(bytes)
            return (number, words, isWhole)
        }
        return nil
    }
}
