import CPangoCairo
import ElectronicSeals
import Foundation

/// Paints one page of a document on a Cairo surface whose unit is a millimetre.
final class OFDPainter {
    /// What a page may hold; more would be made to stop the program.
    static let stepsMax = 1_000_000
    static let glyphsMax = 200_000
    static let depthMax = 8
    /// How often a page may be painted over as a whole, or crossed by a line. Each takes about half a millisecond at
    /// 100 points to the inch; a licence takes 100, and a page of nothing but small print 400.
    static let workMax = 2_500.0
    /// Points of all pictures on a page together: 48 MB.
    static let picturePointsMax = 12_000_000

    let drawing: OFDDrawing
    let cairo: OpaquePointer
    let typesetter: Typesetter
    private let depth: Int
    private var work = 0.0
    private var picturePoints = 0
    private var fonts: [String: OFDFont] = [:]
    private var surfaces: [String: OpaquePointer] = [:]

    init(drawing: OFDDrawing, cairo: OpaquePointer, typesetter: Typesetter, depth: Int = 0) {
        self.drawing = drawing
        self.cairo = cairo
        self.typesetter = typesetter
        self.depth = depth
    }

    /// Paid before it is done.
    func spend(_ amount: Double) throws(VerificationProblem) {
        work += amount
        guard work <= Self.workMax else { throw VerificationProblem(.packageLimit, "drawing") }
    }

    /// What a figure costs that is about to be painted where Cairo stands: each step a little, each line by the way it
    /// goes over the page, and the whole by its box.
    func cost(of path: SheetPath, width: Double = 0) -> Double {
        var matrix = cairo_matrix_t()
        cairo_get_matrix(cairo, &matrix)
        var left = 0.0
        var top = 0.0
        var right = 0.0
        var bottom = 0.0
        cairo_save(cairo)
        cairo_identity_matrix(cairo)
        cairo_clip_extents(cairo, &left, &top, &right, &bottom)
        cairo_restore(cairo)
        guard right > left, bottom > top else { return 0 }
        let shown = path.moved { point in
            SheetPoint(
                max(left, min(right, matrix.xx * point.x + matrix.xy * point.y + matrix.x0)),
                max(top, min(bottom, matrix.yx * point.x + matrix.yy * point.y + matrix.y0))
            )
        }
        let surface = cairo_get_target(cairo)
        let across = max(1, Double(cairo_image_surface_get_width(surface)))
        let down = max(1, Double(cairo_image_surface_get_height(surface)))
        let box = shown.bounds ?? SheetBox(0, 0, 0, 0)
        let broad = width * abs(matrix.xx * matrix.yy - matrix.xy * matrix.yx).squareRoot()
        return Double(path.steps.count) * (0.001 + min(1, broad / hypot(across, down)))
            + shown.length / hypot(across, down)
            + box.width * box.height / (across * down)
    }

    deinit { for surface in surfaces.values { cairo_surface_destroy(surface) } }

    func problem(painting page: OFDDrawing.Page) -> VerificationProblem? {
        do throws(VerificationProblem) {
            try paint(page)
            return nil
        } catch { return error }
    }

    /// Templates under the content and over it, then notes, then stamps.
    private func paint(_ page: OFDDrawing.Page) throws(VerificationProblem) {
        let tree = try self.tree(page.path)
        let templates = tree.all("Template")
        for template in templates where template.attributes["ZOrder"] != "Foreground" {
            try paintTemplate(template)
        }
        try paintContent(tree)
        for template in templates where template.attributes["ZOrder"] == "Foreground" {
            try paintTemplate(template)
        }
        for path in drawing.notes[page.id] ?? [] { try paintNotes(path) }
        for stamp in drawing.stamps[page.id] ?? [] { try paint(stamp) }
    }

    private func tree(_ path: String) throws(VerificationProblem) -> XMLTree {
        guard let entry = drawing.package.entry(path) else {
            throw VerificationProblem(.packageFormat, path)
        }
        return try XMLTree(reading: entry.bytes, name: path)
    }

    private func paintTemplate(_ template: XMLTree) throws(VerificationProblem) {
        guard let path = template.attributes["TemplateID"].flatMap({ drawing.templates[$0] }) else { return }
        try paintContent(try tree(path))
    }

    private func paintContent(_ page: XMLTree) throws(VerificationProblem) {
        for layer in page.first("Content")?.all("Layer") ?? [] {
            let way = layer.attributes["DrawParam"].flatMap { drawing.resources.ways[$0] }
            try paint(layer.children, way: way, nesting: 0)
        }
    }

    private func paintNotes(_ path: String) throws(VerificationProblem) {
        for note in try tree(path).all("Annot") where note.attributes["Visible"] != "false" {
            guard let appearance = note.first("Appearance") else { continue }
            cairo_save(cairo)
            if let box = OFDValues.box(appearance.attributes["Boundary"]) {
                cairo_translate(cairo, box.x, box.y)
            }
            try paint(appearance.children, way: nil, nesting: 0)
            cairo_restore(cairo)
        }
    }

    private func paint(_ stamp: OFDDrawing.Stamp) throws(VerificationProblem) {
        cairo_save(cairo)
        defer { cairo_restore(cairo) }
        let clip = stamp.clip ?? SheetBox(0, 0, stamp.box.width, stamp.box.height)
        cairo_rectangle(cairo, stamp.box.x + clip.x, stamp.box.y + clip.y, clip.width, clip.height)
        cairo_clip(cairo)
        try spend(1 + cost(of: .rectangle(stamp.box)))
        // Ink of a seal darkens what lies under it; a white ground in the picture hides nothing.
        cairo_push_group(cairo)
        try paintPicture(stamp)
        cairo_pop_group_to_source(cairo)
        cairo_set_operator(cairo, CAIRO_OPERATOR_MULTIPLY)
        cairo_paint(cairo)
    }

    private func paintPicture(_ stamp: OFDDrawing.Stamp) throws(VerificationProblem) {
        let bytes = stamp.picture.bytes
        if Package.isLikely(bytes), depth == 0 {
            let limits = PackageLimits(
                sizeBytesMax: 4_194_304,
                unpackedBytesMax: 16_777_216,
                entriesMax: 64,
                nameBytesMax: 256,
                ratioMax: 200,
                signaturesMax: 0
            )
            let inner = try OFDDrawing(try Package(reading: bytes, limits: limits), depth: 1)
            guard let page = inner.pages.first else { return }
            cairo_translate(cairo, stamp.box.x, stamp.box.y)
            cairo_scale(cairo, stamp.box.width / page.width, stamp.box.height / page.height)
            try OFDPainter(drawing: inner, cairo: cairo, typesetter: typesetter, depth: 1).paint(page)
            return
        }
        do throws(DocumentError) {
            let surface = try PictureReading.surface(ofPNG: bytes, pointsMax: Self.picturePointsMax)
            PictureReading.paint(surface, in: stamp.box, on: cairo)
            cairo_surface_destroy(surface)
        } catch {
            // Other kinds of picture are not drawn: the box says where the seal is.
            cairo_rectangle(cairo, stamp.box.x, stamp.box.y, stamp.box.width, stamp.box.height)
            cairo_set_source_rgb(cairo, 0.86, 0, 0)
            cairo_set_line_width(cairo, 0.3)
            cairo_stroke(cairo)
        }
    }

    private func paint(_ children: [XMLTree], way: XMLTree?, nesting: Int) throws(VerificationProblem) {
        guard nesting < Self.depthMax else { throw VerificationProblem(.packageLimit, "nesting") }
        for child in children {
            try spend(0.01)
            if child.attributes["Visible"] == "false" { continue }
            if child.name == "PageBlock" {
                try paint(child.children, way: way, nesting: nesting + 1)
                continue
            }
            guard ["PathObject", "TextObject", "ImageObject", "CompositeObject"].contains(child.name) else {
                continue
            }
            cairo_save(cairo)
            defer { cairo_restore(cairo) }
            guard enter(child) else { continue }
            let own = child.attributes["DrawParam"].flatMap { drawing.resources.ways[$0] } ?? way
            switch child.name {
            case "PathObject": try paintPath(child, way: own)
            case "TextObject": try paintText(child, way: own)
            case "ImageObject": try paintImage(child)
            default:
                let unit = child.attributes["ResourceID"].flatMap { drawing.resources.composites[$0] }
                try paint(unit?.first("Content")?.children ?? [], way: own, nesting: nesting + 1)
            }
        }
    }

    /// Goes into an object's own space, cut at its boundary; false when nothing of it can be seen.
    private func enter(_ object: XMLTree) -> Bool {
        guard let box = OFDValues.box(object.attributes["Boundary"]) else { return false }
        cairo_rectangle(cairo, box.x, box.y, box.width, box.height)
        cairo_clip(cairo)
        cairo_translate(cairo, box.x, box.y)
        guard let parts = OFDValues.numbers(object.attributes["CTM"], most: 6) else { return true }
        guard parts.count == 6, abs(parts[0] * parts[3] - parts[1] * parts[2]) > 1e-9 else { return false }
        var matrix = cairo_matrix_t(
            xx: parts[0],
            yx: parts[1],
            xy: parts[2],
            yy: parts[3],
            x0: parts[4],
            y0: parts[5]
        )
        cairo_transform(cairo, &matrix)
        return true
    }

    /// How an object is drawn: its own word, else its way of drawing, else the standard's.
    func cover(_ object: XMLTree) -> Double {
        max(0, min(1, (OFDValues.number(object.attributes["Alpha"]) ?? 255) / 255))
    }

    func use(_ ink: Ink) {
        cairo_set_source_rgba(
            cairo,
            Double(ink.red) / 255,
            Double(ink.green) / 255,
            Double(ink.blue) / 255,
            ink.cover
        )
    }

    private func paintPath(_ object: XMLTree, way: XMLTree?) throws(VerificationProblem) {
        guard let text = object.text("AbbreviatedData") else { return }
        guard let path = OFDPathReading.path(text, most: Self.stepsMax) else {
            throw VerificationProblem(.packageLimit, "AbbreviatedData")
        }
        let width = object.attributes["LineWidth"] ?? way?.attributes["LineWidth"]
        let lineWidth = max(0, OFDValues.number(width) ?? 0.353)
        try spend(cost(of: path, width: object.attributes["Stroke"] == "false" ? 0 : lineWidth))
        let cover = cover(object)
        cairo_new_path(cairo)
        CairoPath.add(path, to: cairo)
        if object.attributes["Fill"] == "true" {
            let fill = object.first("FillColor") ?? way?.first("FillColor")
            use(OFDValues.ink(fill, cover: cover) ?? Ink(0, 0, 0, cover: cover))
            let isEvenOdd = object.attributes["Rule"] == "Even-Odd"
            cairo_set_fill_rule(cairo, isEvenOdd ? CAIRO_FILL_RULE_EVEN_ODD : CAIRO_FILL_RULE_WINDING)
            cairo_fill_preserve(cairo)
        }
        if object.attributes["Stroke"] != "false" {
            let stroke = object.first("StrokeColor") ?? way?.first("StrokeColor")
            use(OFDValues.ink(stroke, cover: cover) ?? Ink(0, 0, 0, cover: cover))
            cairo_set_line_width(cairo, lineWidth)
            cairo_stroke(cairo)
        }
        cairo_new_path(cairo)
    }

    private func paintImage(_ object: XMLTree) throws(VerificationProblem) {
        guard let id = object.attributes["ResourceID"], let surface = surface(id) else { return }
        try spend(cost(of: .rectangle(SheetBox(0, 0, 1, 1))))
        PictureReading.paint(surface, in: SheetBox(0, 0, 1, 1), on: cairo, cover: cover(object))
    }

    /// Unpacked once a page; nil for what is no PNG or too large, which is left out of the drawing.
    private func surface(_ id: String) -> OpaquePointer? {
        if let known = surfaces[id] { return known }
        guard let entry = drawing.resources.pictures[id].flatMap(drawing.package.entry) else { return nil }
        do throws(DocumentError) {
            let made = try PictureReading.surface(
                ofPNG: entry.bytes,
                pointsMax: Self.picturePointsMax - picturePoints
            )
            picturePoints += Int(cairo_image_surface_get_width(made) * cairo_image_surface_get_height(made))
            surfaces[id] = made
            return made
        } catch { return nil }
    }

    func font(_ id: String) -> OFDFont? {
        if let known = fonts[id] { return known }
        guard let file = drawing.resources.fonts[id]?.file, let entry = drawing.package.entry(file),
            let made = OFDFont(entry.bytes)
        else { return nil }
        fonts[id] = made
        return made
    }
}
