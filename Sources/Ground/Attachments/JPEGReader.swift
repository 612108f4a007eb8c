/// Reads a JPEG segment by segment (ITU-T T.81, annex B). Of the application segments it keeps the density of JFIF
/// without its small picture, the colour profile, Adobe's colour transform, and of Exif the orientation alone, which a
/// viewer needs to show a photograph upright. Comments and what follows the end of the picture are dropped.
struct JPEGReader {
    private let bytes: [UInt8]
    private var place = 0
    /// Tables, frame and scans in their order.
    private var kept: [UInt8] = []
    private var density: [UInt8] = []
    /// As of Exif 2.3, tag 274: 1...8.
    private var orientation: UInt8?
    /// The components of the frame; empty before it.
    private var components: [UInt8] = []
    private var hasTables = (quantisation: false, codes: false)
    private var hasScan = false
    private var restartInterval = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func clean() throws(AttachmentError) -> [UInt8] {
        guard bytes.starts(with: [0xFF, 0xD8]) else { throw .pictureDamaged }
        place = 2
        while true {
            let marker = try marker()
            if marker == 0xD9 { break }
            try take(marker, payload: try payload())
        }
        guard hasScan else { throw .pictureDamaged }
        return [0xFF, 0xD8] + density + turned + kept + [0xFF, 0xD9]
    }

    private mutating func take(_ marker: UInt8, payload: ArraySlice<UInt8>) throws(AttachmentError) {
        switch marker {
        // Baseline, extended and progressive with Huffman codes: what browsers show.
        case 0xC0, 0xC1, 0xC2: try frame(payload)
        case 0xC4:
            try check(codes: payload)
            hasTables.codes = true
        case 0xDB:
            try check(quantisation: payload)
            hasTables.quantisation = true
        case 0xDD:
            guard payload.count == 2 else { throw .pictureDamaged }
            restartInterval = number(payload, 0)
        case 0xDA:
            try check(scan: payload)
            keep(marker, payload)
            kept += try scan()
            hasScan = true
            return
        case 0xE0:
            if payload.starts(with: Array("JFIF\0".utf8)), density.isEmpty {
                guard payload.count >= 14 else { throw .pictureDamaged }
                density = Self.segment(marker, Array(payload.prefix(12)) + [0, 0])
            }
            return
        case 0xE1:
            orientation = orientation ?? ExifOrientation.find(in: Array(payload))
            return
        case 0xE2 where payload.starts(with: Array("ICC_PROFILE\0".utf8)): break
        case 0xEE where payload.starts(with: Array("Adobe".utf8)) && payload.count >= 12:
            keep(marker, payload.prefix(12))
            return
        case 0xE2...0xEF, 0xFE: return
        default: throw .pictureDamaged
        }
        keep(marker, payload)
    }

    // MARK: Parts

    /// The next marker; any number of bytes 0xFF may stand before it (B.1.1.2).
    private mutating func marker() throws(AttachmentError) -> UInt8 {
        guard place < bytes.count, bytes[place] == 0xFF else { throw .pictureDamaged }
        while place < bytes.count, bytes[place] == 0xFF { place += 1 }
        guard place < bytes.count else { throw .pictureDamaged }
        place += 1
        return bytes[place - 1]
    }

    /// What a segment holds after its length.
    private mutating func payload() throws(AttachmentError) -> ArraySlice<UInt8> {
        guard place + 2 <= bytes.count else { throw .pictureDamaged }
        let length = Int(bytes[place]) << 8 | Int(bytes[place + 1])
        guard length >= 2, place + length <= bytes.count else { throw .pictureDamaged }
        defer { place += length }
        return bytes[(place + 2)..<(place + length)]
    }

    /// The compressed data of a scan, up to the marker that ends it. Restart markers count from 0 to 7 and around.
    private mutating func scan() throws(AttachmentError) -> ArraySlice<UInt8> {
        let start = place
        var restarts = 0
        while place + 1 < bytes.count {
            guard bytes[place] == 0xFF else {
                place += 1
                continue
            }
            let next = bytes[place + 1]
            switch next {
            case 0x00: place += 2
            case 0xD0...0xD7:
                guard restartInterval > 0, Int(next) == 0xD0 + restarts % 8 else { throw .pictureDamaged }
                restarts += 1
                place += 2
            default:
                guard place > start else { throw .pictureDamaged }
                return bytes[start..<place]
            }
        }
        throw .pictureDamaged
    }

    // MARK: What the parts must say

    private mutating func frame(_ payload: ArraySlice<UInt8>) throws(AttachmentError) {
        guard components.isEmpty, payload.count >= 9 else { throw .pictureDamaged }
        let count = Int(payload[payload.startIndex + 5])
        guard [8, 12].contains(payload[payload.startIndex]), number(payload, 1) > 0, number(payload, 3) > 0,
            (1...4).contains(count), payload.count == 6 + 3 * count
        else { throw .pictureDamaged }
        for index in 0..<count {
            let start = payload.startIndex + 6 + 3 * index
            let (across, down) = (payload[start + 1] >> 4, payload[start + 1] & 15)
            guard (1...4).contains(across), (1...4).contains(down), payload[start + 2] < 4,
                !components.contains(payload[start])
            else { throw .pictureDamaged }
            components.append(payload[start])
        }
    }

    private func check(scan payload: ArraySlice<UInt8>) throws(AttachmentError) {
        guard hasTables.quantisation, hasTables.codes, let first = payload.first, (1...4).contains(first),
            payload.count == 4 + 2 * Int(first)
        else { throw .pictureDamaged }
        for index in 0..<Int(first) {
            guard components.contains(payload[payload.startIndex + 1 + 2 * index]) else {
                throw .pictureDamaged
            }
        }
    }

    private func check(quantisation payload: ArraySlice<UInt8>) throws(AttachmentError) {
        var rest = payload
        repeat {
            guard let head = rest.first, head >> 4 <= 1, head & 15 < 4 else { throw .pictureDamaged }
            let length = 1 + 64 * (Int(head >> 4) + 1)
            guard rest.count >= length else { throw .pictureDamaged }
            rest = rest.dropFirst(length)
        } while !rest.isEmpty
    }

    private func check(codes payload: ArraySlice<UInt8>) throws(AttachmentError) {
        var rest = payload
        repeat {
            guard rest.count >= 17, let head = rest.first, head >> 4 <= 1, head & 15 < 4 else {
                throw .pictureDamaged
            }
            let values = rest.dropFirst().prefix(16).reduce(0) { $0 + Int($1) }
            guard values <= 256, rest.count >= 17 + values else { throw .pictureDamaged }
            rest = rest.dropFirst(17 + values)
        } while !rest.isEmpty
    }

    // MARK: Writing

    private mutating func keep(_ marker: UInt8, _ payload: ArraySlice<UInt8>) {
        kept += Self.segment(marker, Array(payload))
    }

    private static func segment(_ marker: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let length = payload.count + 2
        return [0xFF, marker, UInt8(length >> 8), UInt8(length & 255)] + payload
    }

    /// An Exif segment that says the orientation and nothing else.
    private var turned: [UInt8] {
        guard let orientation, orientation > 1 else { return [] }
        return Self.segment(0xE1, ExifOrientation.only(orientation))
    }

    private func number(_ payload: ArraySlice<UInt8>, _ offset: Int) -> Int {
        let start = payload.startIndex + offset
        return Int(payload[start]) << 8 | Int(payload[start + 1])
    }
}

/// The one entry of Exif that is kept: which side of the photograph is up (Exif 2.3, tag 274, inside TIFF 6.0).
enum ExifOrientation {
    private static let tag = 0x0112
    private static let head = Array("Exif\0\0".utf8)

    /// - Returns: 1...8; nil when the segment says none that can be read.
    static func find(in payload: [UInt8]) -> UInt8? {
        guard payload.starts(with: head), payload.count >= 16 else { return nil }
        let tiff = Array(payload.dropFirst(6))
        let isLittle: Bool
        switch Array(tiff.prefix(4)) {
        case [0x49, 0x49, 0x2A, 0x00]: isLittle = true
        case [0x4D, 0x4D, 0x00, 0x2A]: isLittle = false
        default: return nil
        }
        func number(_ start: Int, _ count: Int) -> Int? {
            guard start >= 0, start + count <= tiff.count else { return nil }
            let part = tiff[start..<(start + count)]
            return (isLittle ? part.reversed() : Array(part)).reduce(0) { $0 << 8 | Int($1) }
        }
        guard let directory = number(4, 4), let entries = number(directory, 2) else { return nil }
        for index in 0..<entries {
            let entry = directory + 2 + 12 * index
            guard let found = number(entry, 2) else { return nil }
            if found == tag {
                guard number(entry + 2, 2) == 3, number(entry + 4, 4) == 1, let value = number(entry + 8, 2),
                    (1...8).contains(value)
                else { return nil }
                return UInt8(value)
            }
        }
        return nil
    }

    static func only(_ orientation: UInt8) -> [UInt8] {
        let tiff: [UInt8] = [0x4D, 0x4D, 0x00, 0x2A, 0, 0, 0, 8]
        let entry: [UInt8] = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]
        return head + tiff + [0, 1] + entry + [0, 0, 0, 0]
    }
}
