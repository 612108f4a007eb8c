internal import CZlib
import ElectronicSeals

/// Where everything lies in a ZIP file (PKWARE's APPNOTE 6.3, sections 4.3 to 4.5): headers, names and contents back to
/// back from the first byte, the directory right after them, its end at the end of the file. Bytes anywhere else are
/// covered by no signature, and another program may show them as another document, such as a PDF.
struct PackageLayout {
    /// One entry, in the order of the directory.
    struct Place {
        let name: Slice<UnsafeRawBufferPointer>
        let size: Int
        let packed: Int
        fileprivate let header: Int
        fileprivate let flags: Int
        fileprivate let method: Int
        fileprivate let checksum: Int
        /// Where its content begins.
        fileprivate var start = 0
    }

    private(set) var places: [Place] = []
    private let bytes: UnsafeRawBufferPointer

    private static let refused = VerificationProblem(.packageFormat, "layout")

    init(_ bytes: UnsafeRawBufferPointer) throws(VerificationProblem) {
        self.bytes = bytes
        let directory = try directory()
        var cursor = directory.lowerBound
        while cursor < directory.upperBound { places.append(try place(&cursor)) }
        guard cursor == directory.upperBound else { throw Self.refused }
        try follow(upTo: directory.lowerBound)
    }

    /// Whether the end of the directory is the end of the file.
    static func endsWithFile(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let end = bytes.suffix(22)
        return end.count == 22 && end.starts(with: [0x50, 0x4B, 0x05, 0x06])
            && end.suffix(2).elementsEqual([0, 0])
    }

    /// From the end of the file backwards, which has no comment; with the records of ZIP64 where they are.
    private func directory() throws(VerificationProblem) -> Range<Int> {
        let end = bytes.count - 22
        guard try word(end) == 0x0605_4B50, try half(end + 20) == 0, try word(end + 4) == 0 else {
            throw Self.refused
        }
        var (size, offset) = (try word(end + 12), try word(end + 16))
        var limit = end
        if end >= 76, try word(end - 20) == 0x0706_4B50 {
            limit = try long(end - 12)
            guard limit == end - 76, try word(limit) == 0x0606_4B50, try long(limit + 4) == 44 else {
                throw Self.refused
            }
            (size, offset) = (try long(limit + 40), try long(limit + 48))
        }
        guard size <= limit, offset == limit - size else { throw Self.refused }
        return offset..<limit
    }

    /// An entry of the directory, without comment.
    private func place(_ cursor: inout Int) throws(VerificationProblem) -> Place {
        let at = cursor
        guard try word(at) == 0x0201_4B50, try half(at + 32) == 0, try half(at + 34) == 0 else {
            throw Self.refused
        }
        let (nameCount, extraCount) = (try half(at + 28), try half(at + 30))
        let extra = at + 46 + nameCount
        cursor = extra + extraCount
        guard cursor <= bytes.count else { throw Self.refused }
        var wide = try wideNumbers(extra..<cursor)
        func number(_ place: Int) throws(VerificationProblem) -> Int {
            let narrow = try word(place)
            guard narrow == 0xFFFF_FFFF, !wide.isEmpty else { return narrow }
            return wide.removeFirst()
        }
        // In this order they stand in the field of ZIP64 (4.5.3).
        let size = try number(at + 24)
        let packed = try number(at + 20)
        return Place(
            name: bytes[(at + 46)..<extra],
            size: size,
            packed: packed,
            header: try number(at + 42),
            flags: try half(at + 8),
            method: try half(at + 10),
            checksum: try word(at + 16)
        )
    }

    /// Each header with its content begins where the one before it ends.
    private mutating func follow(upTo end: Int) throws(VerificationProblem) {
        let order = places.indices.sorted { places[$0].header < places[$1].header }
        var cursor = 0
        for (rank, index) in order.enumerated() {
            let place = places[index]
            guard place.header == cursor, try word(cursor) == 0x0403_4B50 else { throw Self.refused }
            let (nameCount, extraCount) = (try half(cursor + 26), try half(cursor + 28))
            let extra = cursor + 30 + nameCount
            let start = extra + extraCount
            guard start <= end, place.packed <= end - start,
                bytes[(cursor + 30)..<extra].elementsEqual(place.name),
                try half(cursor + 6) == place.flags, try half(cursor + 8) == place.method
            else { throw Self.refused }
            _ = try wideNumbers(extra..<start)
            places[index].start = start
            let next = rank + 1 < order.count ? places[order[rank + 1]].header : end
            cursor = start + place.packed
            if place.flags & 8 != 0 {
                try checkDescriptor(cursor, until: next, of: place)
                cursor = next
            }
        }
        guard cursor == end else { throw Self.refused }
    }

    /// Checksum and sizes after a content whose header could not know them (4.3.9), with or without a mark before them.
    private func checkDescriptor(_ start: Int, until end: Int, of place: Place) throws(VerificationProblem) {
        var cursor = start
        if [16, 24].contains(end - start) {
            guard try word(start) == 0x0807_4B50 else { throw Self.refused }
            cursor += 4
        }
        guard try word(cursor) == place.checksum else { throw Self.refused }
        let numbers: [Int]
        switch end - cursor {
        case 12: numbers = [try word(cursor + 4), try word(cursor + 8)]
        case 20: numbers = [try long(cursor + 4), try long(cursor + 12)]
        default: throw Self.refused
        }
        guard numbers == [place.packed, place.size] else { throw Self.refused }
    }

    /// Extra fields that products write and that hide nothing: each once, and no longer than it has to be.
    private static let known: [Int: Int] = [
        0x0001: 28,  // sizes of ZIP64
        0x000A: 32,  // times of NTFS
        0x5455: 13,  // times of Unix
        0x5855: 12,  // the same with owners, older
        0x7855: 4,  // owners, older
        0x7875: 11,  // owners
        0xCAFE: 0,  // the mark of a Java archive
    ]

    /// - Returns: the numbers of the field of ZIP64.
    private func wideNumbers(_ range: Range<Int>) throws(VerificationProblem) -> [Int] {
        var cursor = range.lowerBound
        var numbers: [Int] = []
        var seen: Set<Int> = []
        while cursor < range.upperBound {
            let (kind, count) = (try half(cursor), try half(cursor + 2))
            guard let most = Self.known[kind], count <= most, seen.insert(kind).inserted,
                cursor + 4 + count <= range.upperBound
            else { throw Self.refused }
            if kind == 1 {
                for place in stride(from: cursor + 4, to: cursor + 4 + count - 7, by: 8) {
                    numbers.append(try long(place))
                }
            }
            cursor += 4 + count
        }
        return numbers
    }

    // MARK: - Numbers

    private func half(_ at: Int) throws(VerificationProblem) -> Int { try number(at, 2) }
    private func word(_ at: Int) throws(VerificationProblem) -> Int { try number(at, 4) }
    private func long(_ at: Int) throws(VerificationProblem) -> Int { try number(at, 8) }

    private func number(_ at: Int, _ count: Int) throws(VerificationProblem) -> Int {
        guard at >= 0, at <= bytes.count - count else { throw Self.refused }
        var value: UInt64 = 0
        for place in (at..<at + count).reversed() { value = value << 8 | UInt64(bytes[place]) }
        return Int(clamping: value)
    }
}

extension PackageLayout {
    /// What an entry unpacks to; nil where its bytes are damaged, become more or less than it says, or go on after the end
    /// of what is packed: that would be unseen.
    func content(_ place: Place) -> [UInt8]? {
        let packed = UnsafeRawBufferPointer(rebasing: bytes[place.start..<place.start + place.packed])
        let content: [UInt8]?
        switch place.method {
        case 0: content = place.packed == place.size ? Array(packed) : nil
        case 8: content = Self.inflated(packed, size: place.size)
        default: content = nil
        }
        guard let content, content.withUnsafeBytes(Self.checksum) == place.checksum else { return nil }
        return content
    }

    private static func checksum(_ bytes: UnsafeRawBufferPointer) -> Int {
        Int(crc32_z(0, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
    }

    private static func inflated(_ packed: UnsafeRawBufferPointer, size: Int) -> [UInt8]? {
        guard let count = UInt32(exactly: packed.count), let room = UInt32(exactly: size + 1) else {
            return nil
        }
        var stream = z_stream()
        let version = Int32(MemoryLayout<z_stream>.size)
        // Without the header of zlib: ZIP has none (RFC 1951).
        guard inflateInit2_(&stream, -15, ZLIB_VERSION, version) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        var isWhole = false
        let content = [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, filled in
            stream.next_in = UnsafeMutablePointer(mutating: packed.bindMemory(to: UInt8.self).baseAddress)
            stream.avail_in = count
            stream.next_out = buffer.baseAddress
            stream.avail_out = room
            let answer = inflate(&stream, Z_FINISH)
            filled = size + 1 - Int(stream.avail_out)
            isWhole = answer == Z_STREAM_END && stream.avail_in == 0 && filled == size
        }
        return isWhole ? content : nil
    }
}
