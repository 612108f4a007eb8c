/// Turns a statement written for both engines into SQLite's words: `$1` becomes `?1`, because in SQLite `$1` is a
/// *name* and `VALUES ($2, $1)` would bind silently swapped; `FOR UPDATE [SKIP LOCKED | NOWAIT]` and `FOR KEY SHARE`
/// disappear, because the writer is alone. What stands in quotes or comments is left as it is.
func sqliteText(_ sql: String) -> String {
    let bytes = Array(sql.utf8)
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
        let byte = bytes[index]
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            let end = bytes[(index + 1)...].firstIndex(of: byte).map { $0 + 1 } ?? bytes.count
            out.append(contentsOf: bytes[index..<end])
            index = end
        case UInt8(ascii: "-") where index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "-"):
            let end = bytes[index...].firstIndex(of: 0x0A) ?? bytes.count
            out.append(contentsOf: bytes[index..<end])
            index = end
        case UInt8(ascii: "$") where index + 1 < bytes.count && (0x30...0x39).contains(bytes[index + 1]):
            out.append(UInt8(ascii: "?"))
            index += 1
        case _ where isWordByte(byte):
            if let end = lockingEnd(bytes, from: index) {
                index = end
            } else {
                let end = wordEnd(bytes, from: index)
                out.append(contentsOf: bytes[index..<end])
                index = end
            }
        default:
            out.append(byte)
            index += 1
        }
    }
    return String(decoding: out, as: UTF8.self)
}

private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), 0x80...: true
    default: false
    }
}

private func wordEnd(_ bytes: [UInt8], from start: Int) -> Int {
    var index = start
    while index < bytes.count, isWordByte(bytes[index]) { index += 1 }
    return index
}

/// Where a locking clause that begins at `start` ends, or nil when none begins there.
private func lockingEnd(_ bytes: [UInt8], from start: Int) -> Int? {
    guard let afterFor = accept("FOR", bytes, from: start) else { return nil }
    if let key = accept("KEY", bytes, from: afterFor) { return accept("SHARE", bytes, from: key) }
    guard let end = accept("UPDATE", bytes, from: afterFor) else { return nil }
    if let nowait = accept("NOWAIT", bytes, from: end) { return nowait }
    if let skip = accept("SKIP", bytes, from: end), let locked = accept("LOCKED", bytes, from: skip) {
        return locked
    }
    return end
}

private func accept(_ word: StaticString, _ bytes: [UInt8], from start: Int) -> Int? {
    var index = start
    while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
    let end = wordEnd(bytes, from: index)
    let upper = bytes[index..<end].map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
    return word.withUTF8Buffer { upper.elementsEqual($0) } ? end : nil
}
