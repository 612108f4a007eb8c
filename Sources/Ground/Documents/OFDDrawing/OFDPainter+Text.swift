import CPangoCairo
import ElectronicSeals
import Foundation

extension OFDPainter {
    private struct Line {
        let characters: [Unicode.Scalar]
        let x: Double
        let y: Double
        let across: [Double]
        let down: [Double]
    }

    func paintText(_ object: XMLTree, way: XMLTree?) throws(VerificationProblem) {
        guard let size = OFDValues.number(object.attributes["Size"]), size > 0 else { return }
        let fontID = object.attributes["Font"] ?? ""
        let font = font(fontID)
        let cover = cover(object)
        let wide = OFDValues.number(object.attributes["HScale"]) ?? 1
        let turn = (OFDValues.number(object.attributes["CharDirection"]) ?? 0) * .pi / 180
        let role = Self.role(of: drawing.resources.fonts[fontID]?.name ?? "")
        let fill = object.first("FillColor") ?? way?.first("FillColor")
        let isFilled = object.attributes["Fill"] != "false"
        use(OFDValues.ink(fill, cover: cover) ?? Ink(0, 0, 0, cover: cover))
        var transforms: [XMLTree] = []
        var last = SheetPoint(0, 0)
        for child in object.children {
            if child.name == "CGTransform" { transforms.append(child) }
            guard child.name == "TextCode" else { continue }
            let line = Self.line(child, after: last)
            last = SheetPoint(line.x, line.y)
            let glyphs = Self.glyphs(transforms, count: line.characters.count)
            transforms = []
            var at = last
            for (number, one) in glyphs.enumerated() {
                let figure: SheetPath?
                switch one {
                case .glyph(let glyph): figure = font?.outline(glyph)
                case .character(let place):
                    figure = outline(line.characters[place], font: font, role: role)
                }
                if let figure, isFilled {
                    try paint(figure, at: at, size: size, wide: wide, turn: turn)
                }
                // The last offset holds for all that follow, as products write it.
                if let step = number < line.across.count ? line.across[number] : line.across.last {
                    at.x += step
                }
                if let step = number < line.down.count ? line.down[number] : line.down.last { at.y += step }
            }
        }
    }

    private enum Drawn {
        /// A number in the font that came with the document.
        case glyph(UInt32)
        /// The place of a character that the font's own table leads from.
        case character(Int)
    }

    /// What is drawn for a line: characters, some of them replaced by glyphs.
    private static func glyphs(_ transforms: [XMLTree], count: Int) -> [Drawn] {
        var drawn: [Drawn] = []
        var at = 0
        for transform in transforms {
            guard let start = transform.attributes["CodePosition"].flatMap({ Int($0) }), start >= at,
                start < count
            else { continue }
            let codes = transform.attributes["CodeCount"].flatMap { Int($0) } ?? 1
            guard codes > 0, codes <= count - start else { continue }
            drawn += (at..<start).map { .character($0) }
            let numbers = transform.text("Glyphs")?.split(whereSeparator: \.isWhitespace) ?? []
            drawn += numbers.prefix(glyphsMax).compactMap { UInt32($0) }.map { .glyph($0) }
            at = start + codes
        }
        return drawn + (at..<count).map { .character($0) }
    }

    private static func line(_ code: XMLTree, after last: SheetPoint) -> Line {
        let characters = Array(code.verbatim.unicodeScalars)
        return Line(
            characters: characters,
            x: OFDValues.number(code.attributes["X"]) ?? last.x,
            y: OFDValues.number(code.attributes["Y"]) ?? last.y,
            across: OFDValues.deltas(code.attributes["DeltaX"], most: glyphsMax),
            down: OFDValues.deltas(code.attributes["DeltaY"], most: glyphsMax)
        )
    }

    private func outline(_ character: Unicode.Scalar, font: OFDFont?, role: String) -> SheetPath? {
        if let font, let glyph = font.glyph(for: character) { return font.outline(glyph) }
        if character.properties.isWhitespace { return nil }
        do throws(DocumentError) {
            let shaped = try typesetter.shape(String(character), role: role)
            guard let cluster = shaped.clusters.first, let glyph = shaped.glyphs.first else { return nil }
            return typesetter.typefaces.outline(of: glyph.id, in: cluster.face)
        } catch {
            // A box, so that it is seen that something stands here.
            return SheetPath.rectangle(SheetBox(0.1, -0.75, 0.6, 0.75))
        }
    }

    private func paint(
        _ figure: SheetPath,
        at place: SheetPoint,
        size: Double,
        wide: Double,
        turn: Double
    ) throws(VerificationProblem) {
        cairo_save(cairo)
        defer { cairo_restore(cairo) }
        cairo_translate(cairo, place.x, place.y)
        if turn != 0 { cairo_rotate(cairo, turn) }
        cairo_scale(cairo, size * wide, size)
        try spend(0.01 + cost(of: figure))
        cairo_new_path(cairo)
        CairoPath.add(figure, to: cairo)
        cairo_fill(cairo)
    }

    /// A typeface of ours for a font that did not come with the document.
    private static func role(of name: String) -> String {
        let name = name.lowercased()
        if ["黑", "hei", "gothic"].contains(where: name.contains) { return "hei" }
        if ["仿宋", "fangsong"].contains(where: name.contains) { return "fangsong" }
        if ["arial", "helvetica", "times"].contains(where: name.contains) { return "latin" }
        return "song"
    }
}
