import CPangoCairo
import CZlib

/// A picture in one ink as PNG (ISO/IEC 15948): a palette of that ink in sixteen steps from nothing to full, four bits
/// a point. A quarter of the size of full colour, which counts where a seal goes into every document twice.
enum InkPNG {
    /// - Parameters:
    ///   - covers: 0...255 for each point, row by row.
    ///   - dpi: points to the inch, which the file says too.
    static func encode(_ covers: [UInt8], width: Int, height: Int, ink: Ink, dpi: Double)
        throws(DocumentError)
        -> [UInt8]
    {
        var rows: [UInt8] = []
        rows.reserveCapacity(((width + 1) / 2 + 1) * height)
        func step(_ x: Int, _ y: Int) -> UInt8 {
            x < width ? UInt8((Int(covers[y * width + x]) * 15 + 127) / 255) : 0
        }
        for y in 0..<height {
            // No filter: rows of a drawing repeat better as they are.
            rows.append(0)
            for x in stride(from: 0, to: width, by: 2) { rows.append(step(x, y) << 4 | step(x + 1, y)) }
        }
        var packed = [UInt8](repeating: 0, count: Int(compressBound(uLong(rows.count))))
        var size = uLongf(packed.count)
        guard compress2(&packed, &size, rows, uLong(rows.count), Z_BEST_COMPRESSION) == Z_OK else {
            throw .engine("compress2")
        }
        // Points to the metre.
        let density = Int((dpi / 0.0254).rounded())
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + chunk("IHDR", number(width) + number(height) + [4, 3, 0, 0, 0])
            + chunk("pHYs", number(density) + number(density) + [1])
            + chunk("PLTE", (0..<16).flatMap { _ in [ink.red, ink.green, ink.blue] })
            + chunk("tRNS", (0..<16).map { UInt8($0 * 17) })
            + chunk("IDAT", Array(packed[..<Int(size)]))
            + chunk("IEND", [])
    }

    private static func number(_ number: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + content
        return number(content.count) + body + number(Int(crc32(0, body, uInt(body.count))))
    }
}

extension Canvas {
    /// How much of each point is covered, row by row.
    func covers() throws(DocumentError) -> (points: [UInt8], width: Int, height: Int) {
        cairo_surface_flush(surface)
        let width = Int(cairo_image_surface_get_width(surface))
        let height = Int(cairo_image_surface_get_height(surface))
        let stride = Int(cairo_image_surface_get_stride(surface))
        guard let start = cairo_image_surface_get_data(surface) else {
            throw .engine("cairo_image_surface_get_data")
        }
        var points: [UInt8] = []
        points.reserveCapacity(width * height)
        for y in 0..<height {
            // Four bytes a point, in the machine's order: the cover is the highest.
            let row = UnsafeRawPointer(start + y * stride)
            for x in 0..<width {
                points.append(UInt8(row.load(fromByteOffset: x * 4, as: UInt32.self) >> 24))
            }
        }
        return (points, width, height)
    }
}
