import CPangoCairo

/// A picture being painted, in millimetres.
struct Canvas: ~Copyable {
    let cairo: OpaquePointer
    let surface: OpaquePointer

    /// - Parameters:
    ///   - dpi: points to the inch.
    ///   - ground: nil leaves the picture transparent.
    init(width: Double, height: Double, dpi: Double, ground: Ink? = nil) throws(DocumentError) {
        let across = (width / 25.4 * dpi).rounded()
        let down = (height / 25.4 * dpi).rounded()
        guard across >= 1, down >= 1, across * down <= Double(PictureReading.pointsMax) else {
            throw .sheet("the picture would have no point or more than \(PictureReading.pointsMax)")
        }
        guard let surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, Int32(across), Int32(down)),
            let cairo = cairo_create(surface)
        else { throw .engine("cairo_image_surface_create") }
        self.surface = surface
        self.cairo = cairo
        cairo_scale(cairo, across / width, down / height)
        if let ground {
            cairo_set_source_rgba(
                cairo,
                Double(ground.red) / 255,
                Double(ground.green) / 255,
                Double(ground.blue) / 255,
                ground.cover
            )
            cairo_paint(cairo)
        }
    }

    deinit {
        cairo_destroy(cairo)
        cairo_surface_destroy(surface)
    }

    func png() throws(DocumentError) -> [UInt8] {
        cairo_surface_flush(surface)
        var bytes: [UInt8] = []
        let status = withUnsafeMutablePointer(to: &bytes) {
            cairo_surface_write_to_png_stream(surface, ByteSink.write, $0)
        }
        guard status == CAIRO_STATUS_SUCCESS else { throw .engine("cairo_surface_write_to_png_stream") }
        return bytes
    }
}

/// Takes what Cairo writes into an array of bytes.
enum ByteSink {
    static let write: cairo_write_func_t = { closure, data, count in
        guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
        closure.assumingMemoryBound(to: [UInt8].self).pointee.append(
            contentsOf: UnsafeBufferPointer(start: data, count: Int(count))
        )
        return CAIRO_STATUS_SUCCESS
    }
}

extension Sheet {
    /// One page as a PNG picture on white.
    public func picture(page: Int, dpi: Double, by typesetter: Typesetter) throws(DocumentError) -> [UInt8] {
        let page = pages[page]
        let canvas = try Canvas(width: page.width, height: page.height, dpi: dpi, ground: Ink(255, 255, 255))
        try SheetPainter(cairo: canvas.cairo, typesetter: typesetter).paint(page.marks + page.notes)
        return try canvas.png()
    }
}
