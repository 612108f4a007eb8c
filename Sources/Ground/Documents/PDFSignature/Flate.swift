internal import CZlib

/// The compression of PDF streams (`/FlateDecode`, RFC 1950).
enum Flate {
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        var count = compressBound(uLong(bytes.count))
        var output = [UInt8](repeating: 0, count: Int(count))
        guard CZlib.compress(&output, &count, bytes, uLong(bytes.count)) == Z_OK else { return nil }
        return Array(output.prefix(Int(count)))
    }

    /// Nil when the bytes are damaged, or would become more than `max`: a few bytes can stand for a thousand times as many.
    static func expand(_ bytes: ArraySlice<UInt8>, max: Int) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var input = Array(bytes)
        var output: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 65_536)
        let isWhole = input.withUnsafeMutableBufferPointer { source in
            stream.next_in = source.baseAddress
            stream.avail_in = uInt(source.count)
            while true {
                let (answer, count) = room.withUnsafeMutableBufferPointer { target in
                    stream.next_out = target.baseAddress
                    stream.avail_out = uInt(target.count)
                    let answer = inflate(&stream, Z_NO_FLUSH)
                    return (answer, target.count - Int(stream.avail_out))
                }
                guard answer == Z_OK || answer == Z_STREAM_END, output.count + count <= max else {
                    return false
                }
                output += room.prefix(count)
                if answer == Z_STREAM_END { return true }
            }
        }
        return isWhole ? output : nil
    }
}
