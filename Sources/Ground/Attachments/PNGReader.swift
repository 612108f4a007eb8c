/// Reads a PNG chunk by chunk (ISO/IEC 15948, clause 5), each against its checksum. It keeps what the picture is drawn
/// with; text, Exif, times, animations, private chunks and what follows the end are dropped.
struct PNGReader {
    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    /// Ancillary chunks that change how the picture looks.
    private static let kept: Set<String> = [
        "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "sBIT", "bKGD", "pHYs",
    ]
    /// Bits that a channel may have, by colour type (table 11.1).
    private static let depths: [UInt8: Set<UInt8>] = [
        0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16],
    ]

    private let bytes: [UInt8]
    private var place = PNGReader.signature.count
    private var out = PNGReader.signature
    private var colour: UInt8?
    private var hasPalette = false
    private var dataBytes = 0
    private var last = ""

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func clean() throws(AttachmentError) -> [UInt8] {
        guard bytes.starts(with: Self.signature) else { throw .pictureDamaged }
        while last != "IEND" {
            let start = place
            let (type, payload) = try chunk()
            let isKept = try take(type, payload)
            if isKept { out += bytes[start..<place] }
            last = type
        }
        return out
    }

    private mutating func chunk() throws(AttachmentError) -> (type: String, payload: ArraySlice<UInt8>) {
        guard place + 12 <= bytes.count else { throw .pictureDamaged }
        let length = number(place)
        guard length <= bytes.count - place - 12 else { throw .pictureDamaged }
        let name = bytes[(place + 4)..<(place + 8)]
        guard name.allSatisfy({ (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }),
            CRC32.of(bytes[(place + 4)..<(place + 8 + length)]) == UInt32(number(place + 8 + length))
        else { throw .pictureDamaged }
        let payload = bytes[(place + 8)..<(place + 8 + length)]
        place += 12 + length
        return (String(decoding: name, as: UTF8.self), payload)
    }

    /// - Returns: whether the chunk is kept.
    private mutating func take(_ type: String, _ payload: ArraySlice<UInt8>) throws(AttachmentError) -> Bool {
        guard (colour == nil) == (type == "IHDR") else { throw .pictureDamaged }
        switch type {
        case "IHDR": colour = try header(payload)
        case "PLTE":
            guard !hasPalette, dataBytes == 0, colour != 0, colour != 4, (3...768).contains(payload.count),
                payload.count % 3 == 0
            else { throw .pictureDamaged }
            hasPalette = true
        case "IDAT":
            // The parts of the data follow one another, and begin as a zlib stream does (RFC 1950, section 2.2).
            guard dataBytes == 0 || last == "IDAT", colour != 3 || hasPalette else { throw .pictureDamaged }
            if dataBytes == 0, payload.count >= 2 {
                let (method, flags) = (payload[payload.startIndex], payload[payload.startIndex + 1])
                guard method & 15 == 8, (Int(method) << 8 | Int(flags)) % 31 == 0 else {
                    throw .pictureDamaged
                }
            }
            dataBytes += payload.count
        case "IEND": guard payload.isEmpty, dataBytes > 6 else { throw .pictureDamaged }
        default:
            // A capital first letter: the picture cannot be shown without it.
            guard type.first?.isLowercase == true else { throw .pictureDamaged }
            return Self.kept.contains(type)
        }
        return true
    }

    private func header(_ payload: ArraySlice<UInt8>) throws(AttachmentError) -> UInt8 {
        guard payload.count == 13 else { throw .pictureDamaged }
        let start = payload.startIndex
        let (width, height) = (number(start), number(start + 4))
        let (depth, colour) = (payload[start + 8], payload[start + 9])
        guard (1...0x7FFF_FFFF).contains(width), (1...0x7FFF_FFFF).contains(height),
            Self.depths[colour]?.contains(depth) == true, payload[start + 10] == 0, payload[start + 11] == 0,
            payload[start + 12] <= 1
        else { throw .pictureDamaged }
        return colour
    }

    private func number(_ start: Int) -> Int {
        bytes[start..<(start + 4)].reduce(0) { $0 << 8 | Int($1) }
    }
}

/// The checksum of a PNG's chunks (ISO/IEC 15948, annex D).
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }

    static func of(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        let table = table
        var value = UInt32.max
        for byte in bytes { value = table[Int((value ^ UInt32(byte)) & 255)] ^ value >> 8 }
        return ~value
    }
}
