import CPangoCairo
import Testing

@testable import Documents

/// The points of a PNG picture.
struct Pixels {
    let width: Int
    let height: Int
    private let points: [UInt32]

    init(png: [UInt8]) throws {
        let surface = try PictureReading.surface(ofPNG: png)
        defer { cairo_surface_destroy(surface) }
        width = Int(cairo_image_surface_get_width(surface))
        height = Int(cairo_image_surface_get_height(surface))
        let stride = Int(cairo_image_surface_get_stride(surface)) / 4
        let start = try #require(cairo_image_surface_get_data(surface))
        let width = width
        let height = height
        points = start.withMemoryRebound(to: UInt32.self, capacity: stride * height) { data in
            (0..<height).flatMap { row in (0..<width).map { data[row * stride + $0] } }
        }
    }

    /// How much is covered, 0...255; nothing outside of the picture.
    func cover(_ x: Int, _ y: Int) -> Int {
        guard x >= 0, y >= 0, x < width, y < height else { return 0 }
        return Int(points[y * width + x] >> 24)
    }

    /// Red, green and blue as stored, multiplied by the cover.
    func colour(_ x: Int, _ y: Int) -> [Int] {
        let point = points[y * width + x]
        return [Int(point >> 16 & 255), Int(point >> 8 & 255), Int(point & 255)]
    }

    /// All points that are covered for more than a tenth, from the middle in millimetres.
    func covered(dpi: Double) -> [(x: Double, y: Double)] {
        var found: [(x: Double, y: Double)] = []
        for y in 0..<height {
            for x in 0..<width where cover(x, y) > 25 {
                found.append(
                    (
                        (Double(x) + 0.5 - Double(width) / 2) / dpi * 25.4,
                        (Double(y) + 0.5 - Double(height) / 2) / dpi * 25.4
                    )
                )
            }
        }
        return found
    }
}
