import CPangoCairo

/// PNG pictures as Cairo surfaces.
enum PictureReading {
    /// Points of a picture that may be unpacked; at 600 points to the inch a whole A4 page has fewer.
    static let pointsMax = 40_000_000

    /// What Cairo reads from, one piece after the other.
    private struct Source {
        let bytes: UnsafeBufferPointer<UInt8>
        var at = 0
    }

    /// The caller destroys the surface.
    static func surface(ofPNG png: [UInt8], pointsMax: Int = Self.pointsMax) throws(DocumentError)
        -> OpaquePointer
    {
        guard let (width, height) = size(ofPNG: png), width > 0, height > 0 else {
            throw .sheet("a picture is no PNG; use one")
        }
        guard width <= pointsMax, height <= pointsMax, width * height <= pointsMax else {
            throw .sheet("a picture has more than \(pointsMax) points; use a smaller one")
        }
        let made: OpaquePointer? = png.withUnsafeBufferPointer { bytes in
            var source = Source(bytes: bytes)
            return withUnsafeMutablePointer(to: &source) { source in
                cairo_image_surface_create_from_png_stream(
                    { closure, target, count in
                        guard let source = closure?.assumingMemoryBound(to: Source.self), let target else {
                            return CAIRO_STATUS_READ_ERROR
                        }
                        let count = Int(count)
                        let bytes = source.pointee.bytes
                        guard count <= bytes.count - source.pointee.at, let base = bytes.baseAddress else {
                            return CAIRO_STATUS_READ_ERROR
                        }
                        target.update(from: base + source.pointee.at, count: count)
                        source.pointee.at += count
                        return CAIRO_STATUS_SUCCESS
                    },
                    source
                )
            }
        }
        guard let made else { throw .engine("cairo_image_surface_create_from_png_stream") }
        guard cairo_surface_status(made) == CAIRO_STATUS_SUCCESS else {
            cairo_surface_destroy(made)
            throw .sheet("a picture is no readable PNG; use another")
        }
        return made
    }

    /// From the header, before anything is unpacked (ISO/IEC 15948, 11.2.2).
    static func size(ofPNG png: [UInt8]) -> (width: Int, height: Int)? {
        let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        guard png.count > 24, png.starts(with: signature) else { return nil }
        func number(_ at: Int) -> Int { png[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
        return (number(16), number(20))
    }

    /// Fills the box with the picture.
    static func paint(
        _ surface: OpaquePointer,
        in box: SheetBox,
        on cairo: OpaquePointer,
        cover: Double = 1
    ) {
        cairo_save(cairo)
        cairo_translate(cairo, box.x, box.y)
        cairo_scale(
            cairo,
            box.width / Double(cairo_image_surface_get_width(surface)),
            box.height / Double(cairo_image_surface_get_height(surface))
        )
        cairo_set_source_surface(cairo, surface, 0, 0)
        if cover < 1 { cairo_paint_with_alpha(cairo, cover) } else { cairo_paint(cairo) }
        cairo_restore(cairo)
    }
}
