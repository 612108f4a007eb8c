import CPangoCairo

/// Pango and its fonts, for one thread: shapes paragraphs and remembers those that come again.
public final class Typesetter {
    public let typefaces: Typefaces
    private let map: UnsafeMutablePointer<PangoFontMap>
    private let context: OpaquePointer
    private let layout: OpaquePointer
    private var descriptions: [String: OpaquePointer] = [:]
    private var shaped: [Key: ShapedText] = [:]
    private var drawn: [Int: OpaquePointer] = [:]
    private var faceOfFont: [UnsafeMutablePointer<PangoFont>: Int] = [:]

    private struct Key: Hashable {
        let text: String
        let role: String
    }

    /// Paragraphs that are remembered; then all are forgotten, since which will come again is not known.
    static let rememberedMax = 1_024
    /// Longer ones come but once.
    static let rememberedBytesMax = 120
    /// Pango shapes at this size, so that what it rounds is far below what can be seen.
    private static let unitsPerEm = 1000.0

    public init(_ typefaces: Typefaces) throws(DocumentError) {
        self.typefaces = typefaces
        guard let map = pango_cairo_font_map_new() else { throw .engine("pango_cairo_font_map_new") }
        self.map = map
        pango_fc_font_map_set_config(
            OpaquePointer(map),
            typefaces.configuration
        )
        guard let context = pango_font_map_create_context(map), let layout = pango_layout_new(context) else {
            throw .engine("pango_font_map_create_context")
        }
        self.context = context
        self.layout = layout
        pango_context_set_language(context, pango_language_from_string("zh-cn"))
        pango_context_set_base_dir(context, PANGO_DIRECTION_LTR)
        pango_context_set_round_glyph_positions(context, 0)
        let options = cairo_font_options_create()
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        pango_cairo_context_set_font_options(context, options)
        cairo_font_options_destroy(options)
        pango_layout_set_single_paragraph_mode(layout, 1)
        for face in typefaces.faces.indices { drawn[face] = try open(face) }
    }

    deinit {
        for description in descriptions.values { pango_font_description_free(description) }
        for face in drawn.values { cairo_font_face_destroy(face) }
        for font in faceOfFont.keys { g_object_unref(font) }
        g_object_unref(UnsafeMutableRawPointer(layout))
        g_object_unref(UnsafeMutableRawPointer(context))
        g_object_unref(map)
    }

    /// The typeface as Cairo draws it.
    func cairoFace(_ index: Int) -> OpaquePointer? { drawn[index] }

    /// - Parameter text: one paragraph; control characters have no figure and are refused.
    /// - Throws: `.typeface` when none of the role's typefaces has a character.
    func shape(_ text: String, role: String) throws(DocumentError) -> ShapedText {
        let key = Key(text: text, role: role)
        if let known = shaped[key] { return known }
        let made = try shapeAnew(text, role: role)
        if text.utf8.count <= Self.rememberedBytesMax {
            if shaped.count >= Self.rememberedMax { shaped.removeAll(keepingCapacity: true) }
            shaped[key] = made
        }
        return made
    }

    private func open(_ face: Int) throws(DocumentError) -> OpaquePointer {
        let family = typefaces.faces[face].family
        guard let description = pango_font_description_from_string(family) else {
            throw .engine("pango_font_description_from_string")
        }
        defer { pango_font_description_free(description) }
        pango_font_description_set_absolute_size(description, Self.unitsPerEm * Double(PANGO_SCALE))
        guard let font = pango_font_map_load_font(map, context, description) else {
            throw .engine("pango_font_map_load_font")
        }
        defer { g_object_unref(font) }
        guard Self.family(of: font) == family else {
            throw .typeface("\(typefaces.faces[face].file) does not hold the family \(family)")
        }
        guard let scaled = pango_cairo_font_get_scaled_font(OpaquePointer(font)) else {
            throw .engine("pango_cairo_font_get_scaled_font")
        }
        return cairo_font_face_reference(cairo_scaled_font_get_font_face(scaled))
    }

    private func description(of role: String) throws(DocumentError) -> OpaquePointer {
        if let known = descriptions[role] { return known }
        guard let families = typefaces.roles[role] else {
            let known = typefaces.roles.keys.sorted().joined(separator: ", ")
            throw .typeface("there is no typeface for \(role); known are \(known)")
        }
        guard let made = pango_font_description_new() else { throw .engine("pango_font_description_new") }
        pango_font_description_set_family(made, families)
        pango_font_description_set_absolute_size(made, Self.unitsPerEm * Double(PANGO_SCALE))
        descriptions[role] = made
        return made
    }

    private static func family(of font: UnsafeMutablePointer<PangoFont>) -> String {
        guard let face = pango_font_get_face(font), let family = pango_font_face_get_family(face),
            let name = pango_font_family_get_name(family)
        else { return "" }
        return String(cString: name)
    }

    private func index(of font: UnsafeMutablePointer<PangoFont>) throws(DocumentError) -> Int {
        if let known = faceOfFont[font] { return known }
        guard let index = typefaces.index(ofFamily: Self.family(of: font)) else {
            throw .typeface("\(Self.family(of: font)) was chosen and is not in the list")
        }
        g_object_ref(font)
        faceOfFont[font] = index
        return index
    }

    private func shapeAnew(_ text: String, role: String) throws(DocumentError) -> ShapedText {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty else { return .empty }
        if let control = text.unicodeScalars.first(where: { $0.properties.generalCategory == .control }) {
            throw .sheet("a text holds the control character \(control.value); remove it")
        }
        pango_layout_set_font_description(layout, try description(of: role))
        text.withCString { pango_layout_set_text(layout, $0, Int32(bytes.count)) }
        guard let line = pango_layout_get_line_readonly(layout, 0) else {
            throw .engine("pango_layout_get_line")
        }
        var reading = Reading(bytes: bytes, breaks: breaks(of: bytes))
        var item = line.pointee.runs
        while let link = item {
            if let data = link.pointee.data {
                let run = data.assumingMemoryBound(to: PangoGlyphItem.self)
                try read(run, role: role, into: &reading)
            }
            item = link.pointee.next
        }
        return ShapedText(
            bytes: bytes,
            glyphs: reading.glyphs,
            clusters: reading.clusters,
            width: reading.clusters.reduce(0) { $0 + $1.advance }
        )
    }

    private struct Reading {
        let bytes: [UInt8]
        /// By byte: whether a line may end before the character that begins there.
        let breaks: [Bool]
        var glyphs: [ShapedText.Glyph] = []
        var clusters: [ShapedText.Cluster] = []
    }

    private func breaks(of bytes: [UInt8]) -> [Bool] {
        var count: Int32 = 0
        let marks = UnsafeBufferPointer(
            start: pango_layout_get_log_attrs_readonly(layout, &count),
            count: Int(count)
        )
        var breaks = [Bool](repeating: false, count: bytes.count + 1)
        var character = 0
        for at in bytes.indices where bytes[at] & 0xC0 != 0x80 {
            if character < marks.count { breaks[at] = marks[character].is_line_break != 0 }
            character += 1
        }
        return breaks
    }

    private func read(_ run: UnsafeMutablePointer<PangoGlyphItem>, role: String, into reading: inout Reading)
        throws(DocumentError)
    {
        guard let item = run.pointee.item, let string = run.pointee.glyphs,
            let font = item.pointee.analysis.font
        else { throw .engine("pango_layout_line") }
        let face = try index(of: font)
        let from = Int(item.pointee.offset)
        let end = from + Int(item.pointee.length)
        let count = Int(string.pointee.num_glyphs)
        guard let infos = string.pointee.glyphs, let clusters = string.pointee.log_clusters else { return }
        var at = 0
        while at < count {
            var next = at + 1
            while next < count, clusters[next] == clusters[at] { next += 1 }
            let start = from + Int(clusters[at])
            let stop = next < count ? from + Int(clusters[next]) : end
            guard start < stop else {
                throw .sheet("a text runs from right to left, which sheets do not set")
            }
            let first = reading.glyphs.count
            var advance = 0.0
            for place in at..<next {
                let glyph = infos[place]
                guard glyph.glyph & UInt32(PANGO_GLYPH_UNKNOWN_FLAG) == 0 else {
                    let part = String(decoding: reading.bytes[start..<stop], as: UTF8.self)
                    throw .typeface(
                        "no typeface for \(role) has \(part); add one that has it to typefaces.tsv"
                    )
                }
                let scale = 1 / (Self.unitsPerEm * Double(PANGO_SCALE))
                let width = Double(glyph.geometry.width) * scale
                reading.glyphs.append(
                    ShapedText.Glyph(
                        id: glyph.glyph == PANGO_GLYPH_EMPTY ? blank(of: face) : glyph.glyph,
                        advance: width,
                        shift: SheetPoint(
                            Double(glyph.geometry.x_offset) * scale,
                            Double(glyph.geometry.y_offset) * scale
                        )
                    )
                )
                advance += width
            }
            let glyphs = first..<reading.glyphs.count
            let characters = reading.bytes[start..<stop]
            reading.clusters.append(
                ShapedText.Cluster(
                    bytes: start..<stop,
                    glyphs: glyphs,
                    face: face,
                    advance: advance,
                    mayBreak: reading.breaks[start],
                    isSpace: characters.elementsEqual([0x20])
                        || characters.elementsEqual([0xE3, 0x80, 0x80]),
                    isPlain: isPlain(characters, reading.glyphs[glyphs], face: face)
                )
            )
            at = next
        }
    }

    /// Stands for what has no figure, such as a joiner.
    private func blank(of face: Int) -> UInt32 {
        var glyph: hb_codepoint_t = 0
        hb_font_get_nominal_glyph(typefaces.faces[face].font, 0x20, &glyph)
        return glyph
    }

    private func isPlain(_ characters: ArraySlice<UInt8>, _ glyphs: ArraySlice<ShapedText.Glyph>, face: Int)
        -> Bool
    {
        guard glyphs.count == 1, let glyph = glyphs.first, glyph.shift == SheetPoint(0, 0) else {
            return false
        }
        let scalars = String(decoding: characters, as: UTF8.self).unicodeScalars
        guard scalars.count == 1, let scalar = scalars.first else { return false }
        var nominal: hb_codepoint_t = 0
        return hb_font_get_nominal_glyph(typefaces.faces[face].font, scalar.value, &nominal) != 0
            && nominal == glyph.id
    }
}
