import CPangoCairo

/// Figures of glyphs, read by HarfBuzz.
enum GlyphOutline {
    /// - Returns: lengths in parts of the em; the page's direction, so that what rises is negative.
    static func path(of glyph: UInt32, font: OpaquePointer, unitsPerEm: Double) -> SheetPath {
        var steps: [SheetPath.Step] = []
        withUnsafeMutablePointer(to: &steps) { hb_font_get_glyph_shape(font, glyph, functions.pointer, $0) }
        let scale = 1 / unitsPerEm
        return SheetPath(steps).moved { SheetPoint($0.x * scale, -$0.y * scale) }
    }

    /// The five functions that HarfBuzz calls; made once and never changed.
    private struct Functions: @unchecked Sendable {
        // HarfBuzz allows any number of threads to use what `make_immutable` was called on.
        let pointer: OpaquePointer
    }

    private static let functions: Functions = {
        let made: OpaquePointer = hb_draw_funcs_create()
        hb_draw_funcs_set_move_to_func(
            made,
            { _, steps, _, x, y, _ in GlyphOutline.add(.move(GlyphOutline.point(x, y)), to: steps) },
            nil,
            nil
        )
        hb_draw_funcs_set_line_to_func(
            made,
            { _, steps, _, x, y, _ in GlyphOutline.add(.line(GlyphOutline.point(x, y)), to: steps) },
            nil,
            nil
        )
        hb_draw_funcs_set_quadratic_to_func(
            made,
            { _, steps, _, controlX, controlY, x, y, _ in
                let control = GlyphOutline.point(controlX, controlY)
                GlyphOutline.add(.quadratic(control, GlyphOutline.point(x, y)), to: steps)
            },
            nil,
            nil
        )
        hb_draw_funcs_set_cubic_to_func(
            made,
            { _, steps, _, firstX, firstY, secondX, secondY, x, y, _ in
                let first = GlyphOutline.point(firstX, firstY)
                let second = GlyphOutline.point(secondX, secondY)
                GlyphOutline.add(.cubic(first, second, GlyphOutline.point(x, y)), to: steps)
            },
            nil,
            nil
        )
        hb_draw_funcs_set_close_path_func(
            made,
            { _, steps, _, _ in GlyphOutline.add(.close, to: steps) },
            nil,
            nil
        )
        hb_draw_funcs_make_immutable(made)
        return Functions(pointer: made)
    }()

    private static func point(_ x: Float, _ y: Float) -> SheetPoint { SheetPoint(Double(x), Double(y)) }

    private static func add(_ step: SheetPath.Step, to steps: UnsafeMutableRawPointer?) {
        steps?.assumingMemoryBound(to: [SheetPath.Step].self).pointee.append(step)
    }
}
