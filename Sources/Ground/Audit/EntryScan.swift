import Foundation

/// Finds the indexed fields in the bytes of an entry without building anything: the verifier does this for each
/// entry. It relies on the fixed order of canonical keys and refuses any other text.
struct EntryScan {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var cursor = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Whether the columns beside an entry say what the entry says.
    static func agrees(_ row: AuditStore.Sealed) -> Bool {
        guard row.isReadable else { return false }
        var text = row.bytes
        return text.withUTF8 { buffer in
            var scan = EntryScan(buffer)
            return scan.agrees(with: row)
        }
    }

    private mutating func agrees(with row: AuditStore.Sealed) -> Bool {
        guard skip("{\"act\":"), text() != nil, skip(",\"actor\":"), text() != nil,
            skip(",\"actorKind\":"), text() != nil, skip(",\"after\":"), textOrNull(), skip(",\"at\":"),
            number() == row.at, skip(",\"before\":"), textOrNull(),
            skip(",\"id\":"), equal(text(), row.id), skip(",\"object\":"), equal(text(), row.object),
            skip(",\"outcome\":"), text() != nil, skip(",\"purpose\":"), textOrNull(),
            skip(",\"request\":"), text() != nil, skip(",\"role\":"), text() != nil, skip(",\"subject\":")
        else { return false }
        if let subject = row.subject {
            guard equal(text(), subject) else { return false }
        } else {
            guard skip("null") else { return false }
        }
        return skip(",\"v\":1}") && cursor == bytes.count
    }

    private mutating func skip(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard cursor + count <= bytes.count, let base = bytes.baseAddress,
            memcmp(base + cursor, word.utf8Start, count) == 0
        else { return false }
        cursor += count
        return true
    }

    /// The inside of a JSON string, escapes and all.
    private mutating func text() -> Range<Int>? {
        guard cursor < bytes.count, bytes[cursor] == UInt8(ascii: "\""), let base = bytes.baseAddress else {
            return nil
        }
        let start = cursor + 1
        cursor = start
        while let quote = memchr(base + cursor, 0x22, bytes.count - cursor) {
            let end = base.distance(to: quote.assumingMemoryBound(to: UInt8.self))
            cursor = end + 1
            // A quote after an odd number of backslashes belongs to the text.
            var backslashes = 0
            while end - backslashes > start, bytes[end - backslashes - 1] == UInt8(ascii: "\\") {
                backslashes += 1
            }
            if backslashes.isMultiple(of: 2) { return start..<end }
        }
        return nil
    }

    private mutating func textOrNull() -> Bool { skip("null") || text() != nil }

    private mutating func number() -> Int64? {
        let negative = skip("-")
        let start = cursor
        var value: Int64 = 0
        while cursor < bytes.count, case let digit = bytes[cursor], (0x30...0x39).contains(digit),
            cursor - start < 18
        {
            value = value * 10 + Int64(digit - 0x30)
            cursor += 1
        }
        return cursor > start ? (negative ? -value : value) : nil
    }

    /// Compares with a column. The rare text with an escape is unescaped by comparing escaped forms.
    private func equal(_ range: Range<Int>?, _ column: String) -> Bool {
        guard let range else { return false }
        let slice = UnsafeBufferPointer(rebasing: bytes[range])
        var column = column
        let isSame = column.withUTF8 { text in
            guard text.count == slice.count, let left = text.baseAddress, let right = slice.baseAddress else {
                return text.isEmpty && slice.isEmpty
            }
            return memcmp(left, right, slice.count) == 0
        }
        if !isSame, slice.contains(UInt8(ascii: "\\")) {
            return AuditEntry.escaped(column).elementsEqual(slice)
        }
        return isSame && !slice.contains(UInt8(ascii: "\\"))
    }
}
