import Foundation

extension OFDWriting {
    /// Where the box of a line of text begins above the baseline and how high it is, in parts of the em.
    private static let rise = 0.95
    private static let height = 1.3

    mutating func add(_ mark: SheetMark, to markup: inout OFDMarkup) {
        switch mark {
        case .text(let run): add(run, to: &markup)
        case .path(let mark): add(mark, to: &markup)
        case .picture(let picture): add(picture, to: &markup)
        }
    }

    private mutating func add(_ run: TextRun, to markup: inout OFDMarkup) {
        guard let font = fonts[run.face] else { return }
        let rise = run.size * Self.rise
        let height = run.size * Self.height
        // Readers cut at the box; the last glyph may reach beyond its advance.
        let length = run.advance + run.size * 0.2
        markup.raw("<ofd:TextObject ID=\"")
        markup.integer(nextID())
        markup.raw("\" Boundary=\"")
        if run.turn == 0 {
            markup.numbers(run.start.x, run.start.y - rise, length, height)
        } else {
            // The box around the turned line; the transform turns it and leads from the box's corner to its start.
            let line = SheetPath.rectangle(SheetBox(0, -rise, length, height))
            let (across, along) = (cos(run.turn * .pi / 180), sin(run.turn * .pi / 180))
            let turned = line.moved {
                SheetPoint($0.x * across - $0.y * along, $0.x * along + $0.y * across)
            }
            let box = turned.bounds ?? SheetBox(0, 0, length, height)
            markup.numbers(run.start.x + box.x, run.start.y + box.y, box.width, box.height)
            markup.raw("\" CTM=\"")
            markup.numbers(across, along, -along, across, -box.x, -box.y)
        }
        markup.raw("\" Font=\"")
        markup.integer(font.id)
        markup.raw("\" Size=\"")
        markup.number(run.size)
        markup.raw("\">")
        add(run.ink, as: "FillColor", to: &markup)
        if !run.isPlain { addGlyphs(run, font.subset, to: &markup) }
        markup.raw("<ofd:TextCode X=\"0\" Y=\"")
        markup.number(run.turn == 0 ? rise : 0)
        markup.raw("\"")
        addSteps(run, to: &markup)
        markup.raw(">")
        markup.text(run.text)
        markup.raw("</ofd:TextCode></ofd:TextObject>")
    }

    /// Glyphs that the table of characters does not lead to, one entry for the whole run.
    private func addGlyphs(_ run: TextRun, _ subset: FontSubset, to markup: inout OFDMarkup) {
        markup.raw("<ofd:CGTransform CodePosition=\"0\" CodeCount=\"")
        markup.integer(run.text.unicodeScalars.count)
        markup.raw("\" GlyphCount=\"")
        markup.integer(run.glyphs.count)
        markup.raw("\"><ofd:Glyphs>")
        for (at, glyph) in run.glyphs.enumerated() {
            if at > 0 { markup.raw(" ") }
            markup.integer(Int(subset.renumbered[glyph.id] ?? 0))
        }
        markup.raw("</ofd:Glyphs></ofd:CGTransform>")
    }

    /// `DeltaX`: from each glyph to the next; equal ones in a row are written once, `g 7 4.2`.
    private func addSteps(_ run: TextRun, to markup: inout OFDMarkup) {
        guard run.glyphs.count > 1 else { return }
        markup.raw(" DeltaX=\"")
        let steps = run.glyphs.dropLast().map { Int(($0.advance * 1000).rounded()) }
        var at = 0
        while at < steps.count {
            var end = at + 1
            while end < steps.count, steps[end] == steps[at] { end += 1 }
            if at > 0 { markup.raw(" ") }
            if end - at > 2 {
                markup.raw("g ")
                markup.integer(end - at)
                markup.raw(" ")
                markup.number(Double(steps[at]) / 1000)
            } else {
                for again in at..<end {
                    if again > at { markup.raw(" ") }
                    markup.number(Double(steps[at]) / 1000)
                }
            }
            at = end
        }
        markup.raw("\"")
    }

    private mutating func add(_ mark: PathMark, to markup: inout OFDMarkup) {
        guard var box = mark.path.bounds else { return }
        let edge = mark.stroke == nil ? 0 : mark.width / 2
        box = SheetBox(box.x - edge, box.y - edge, box.width + 2 * edge, box.height + 2 * edge)
        markup.raw("<ofd:PathObject ID=\"")
        markup.integer(nextID())
        markup.raw("\" Boundary=\"")
        markup.numbers(box.x, box.y, box.width, box.height)
        markup.raw("\"")
        if mark.stroke != nil {
            markup.raw(" LineWidth=\"")
            markup.number(mark.width)
            markup.raw("\" Stroke=\"true\"")
        } else {
            markup.raw(" Stroke=\"false\"")
        }
        markup.raw(mark.fill == nil ? " Fill=\"false\">" : " Fill=\"true\">")
        if let stroke = mark.stroke { self.add(stroke, as: "StrokeColor", to: &markup) }
        if let fill = mark.fill { self.add(fill, as: "FillColor", to: &markup) }
        markup.raw("<ofd:AbbreviatedData>")
        func add(_ letter: StaticString, _ points: SheetPoint...) {
            markup.raw(letter)
            for point in points {
                markup.raw(" ")
                markup.numbers(point.x - box.x, point.y - box.y)
            }
            markup.raw(" ")
        }
        for step in mark.path.steps {
            switch step {
            case .move(let end): add("M", end)
            case .line(let end): add("L", end)
            case .quadratic(let control, let end): add("Q", control, end)
            case .cubic(let first, let second, let end): add("B", first, second, end)
            case .close: add("C")
            }
        }
        markup.raw("</ofd:AbbreviatedData></ofd:PathObject>")
    }

    private mutating func add(_ picture: PictureMark, to markup: inout OFDMarkup) {
        let resource: Int
        if let known = pictures.first(where: { $0.png == picture.png }) {
            resource = known.id
        } else {
            resource = nextID()
            pictures.append((resource, picture.png))
        }
        markup.raw("<ofd:ImageObject ID=\"")
        markup.integer(nextID())
        markup.raw("\" Boundary=\"")
        markup.numbers(picture.box.x, picture.box.y, picture.box.width, picture.box.height)
        markup.raw("\" CTM=\"")
        markup.numbers(picture.box.width, 0, 0, picture.box.height, 0, 0)
        markup.raw("\" ResourceID=\"")
        markup.integer(resource)
        markup.raw("\"/>")
    }

    private func add(_ ink: Ink, as name: StaticString, to markup: inout OFDMarkup) {
        markup.raw("<ofd:")
        markup.raw(name)
        markup.raw(" Value=\"")
        markup.numbers(Double(ink.red), Double(ink.green), Double(ink.blue))
        markup.raw("\"")
        if ink.cover < 1 {
            markup.raw(" Alpha=\"")
            markup.integer(Int((ink.cover * 255).rounded()))
            markup.raw("\"")
        }
        markup.raw("/>")
    }
}
