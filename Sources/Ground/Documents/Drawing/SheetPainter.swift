import CPangoCairo

/// Paints marks on a Cairo surface, a PDF page or a picture; one unit of the surface's space is a millimetre.
struct SheetPainter {
    let cairo: OpaquePointer
    let typesetter: Typesetter

    func paint(_ marks: [SheetMark]) throws(DocumentError) {
        for mark in marks {
            switch mark {
            case .text(let run): try paint(run)
            case .path(let mark): paint(mark)
            case .picture(let picture): try paint(picture)
            }
        }
        let status = cairo_status(cairo)
        guard status == CAIRO_STATUS_SUCCESS else { throw .engine("cairo \(status.rawValue)") }
    }

    private func use(_ ink: Ink) {
        cairo_set_source_rgba(
            cairo,
            Double(ink.red) / 255,
            Double(ink.green) / 255,
            Double(ink.blue) / 255,
            ink.cover
        )
    }

    private func paint(_ mark: PathMark) {
        cairo_new_path(cairo)
        CairoPath.add(mark.path, to: cairo)
        if let fill = mark.fill {
            use(fill)
            if mark.stroke == nil { cairo_fill(cairo) } else { cairo_fill_preserve(cairo) }
        }
        if let stroke = mark.stroke {
            use(stroke)
            cairo_set_line_width(cairo, mark.width)
            cairo_stroke(cairo)
        }
    }

    private func paint(_ run: TextRun) throws(DocumentError) {
        guard let face = typesetter.cairoFace(run.face) else { throw .engine("typeface \(run.face)") }
        use(run.ink)
        cairo_save(cairo)
        defer { cairo_restore(cairo) }
        cairo_translate(cairo, run.start.x, run.start.y)
        if run.turn != 0 { cairo_rotate(cairo, run.turn * .pi / 180) }
        cairo_set_font_face(cairo, face)
        cairo_set_font_size(cairo, run.size)
        var glyphs: [cairo_glyph_t] = []
        var clusters: [cairo_text_cluster_t] = []
        glyphs.reserveCapacity(run.glyphs.count)
        clusters.reserveCapacity(run.glyphs.count)
        var along = 0.0
        for glyph in run.glyphs {
            glyphs.append(
                cairo_glyph_t(index: UInt(glyph.id), x: along + glyph.shift.x, y: glyph.shift.y)
            )
            if glyph.bytes > 0 {
                clusters.append(cairo_text_cluster_t(num_bytes: Int32(glyph.bytes), num_glyphs: 1))
            } else if !clusters.isEmpty {
                clusters[clusters.count - 1].num_glyphs += 1
            }
            along += glyph.advance
        }
        var text = run.text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                cairo_show_text_glyphs(
                    cairo,
                    characters.baseAddress,
                    Int32(characters.count),
                    glyphs,
                    Int32(glyphs.count),
                    clusters,
                    Int32(clusters.count),
                    cairo_text_cluster_flags_t(rawValue: 0)
                )
            }
        }
    }

    private func paint(_ picture: PictureMark) throws(DocumentError) {
        let surface = try PictureReading.surface(ofPNG: picture.png)
        defer { cairo_surface_destroy(surface) }
        PictureReading.paint(surface, in: picture.box, on: cairo)
    }
}

enum CairoPath {
    /// Adds the steps to Cairo's current path.
    static func add(_ path: SheetPath, to cairo: OpaquePointer) {
        var at = SheetPoint(0, 0)
        for step in path.steps {
            switch step {
            case .move(let end):
                cairo_move_to(cairo, end.x, end.y)
                at = end
            case .line(let end):
                cairo_line_to(cairo, end.x, end.y)
                at = end
            case .quadratic(let control, let end):
                // A cubic is the same curve when its controls lie two thirds of the way to the one control.
                let first = SheetPoint(
                    at.x + (control.x - at.x) * 2 / 3,
                    at.y + (control.y - at.y) * 2 / 3
                )
                let second = SheetPoint(
                    end.x + (control.x - end.x) * 2 / 3,
                    end.y + (control.y - end.y) * 2 / 3
                )
                cairo_curve_to(cairo, first.x, first.y, second.x, second.y, end.x, end.y)
                at = end
            case .cubic(let first, let second, let end):
                cairo_curve_to(cairo, first.x, first.y, second.x, second.y, end.x, end.y)
                at = end
            case .close: cairo_close_path(cairo)
            }
        }
    }
}
