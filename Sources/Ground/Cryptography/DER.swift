/// The few pieces of DER that no library call writes or finds for us.
enum DER {
    static func sequence(_ content: [UInt8]) -> [UInt8] { [0x30] + length(content.count) + content }

    /// - Precondition: 0...127
    static func integer(_ value: UInt8) -> [UInt8] { [0x02, 0x01, value] }

    /// A BIT STRING in which this bit alone is set.
    static func bit(_ index: Int) -> [UInt8] {
        let bytes = [UInt8](repeating: 0, count: index / 8) + [0x80 >> UInt8(index % 8)]
        return [0x03] + length(bytes.count + 1) + [UInt8(7 - index % 8)] + bytes
    }

    private static func length(_ count: Int) -> [UInt8] {
        if count < 0x80 { return [UInt8(count)] }
        var bytes: [UInt8] = []
        var rest = count
        while rest > 0 {
            bytes.insert(UInt8(rest & 0xFF), at: 0)
            rest >>= 8
        }
        return [0x80 | UInt8(bytes.count)] + bytes
    }

    /// The first element inside the element that all of `bytes` are, with its tag and length, as it stands: what a
    /// signature over a certificate or a list is about. Nil for lengths that are not minimal, indefinite or too long.
    static func firstInside(_ bytes: [UInt8]) -> [UInt8]? {
        guard let outer = element(bytes[...]), outer.end == bytes.count,
            let inner = element(bytes[outer.content..<outer.end])
        else { return nil }
        return Array(bytes[outer.content..<inner.end])
    }

    private static func element(_ bytes: ArraySlice<UInt8>) -> (content: Int, end: Int)? {
        guard bytes.count >= 2 else { return nil }
        var content = bytes.startIndex + 2
        var count = Int(bytes[bytes.startIndex + 1])
        if count >= 0x80 {
            let width = count & 0x7F
            guard (1...4).contains(width), bytes.count >= 2 + width else { return nil }
            count = bytes[content..<content + width].reduce(0) { $0 << 8 | Int($1) }
            guard count >= 0x80, count >= 1 << (8 * (width - 1)) else { return nil }
            content += width
        }
        guard count <= bytes.endIndex - content else { return nil }
        return (content, content + count)
    }
}
