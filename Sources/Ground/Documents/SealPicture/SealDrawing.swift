import Foundation

/// A seal as drawn: lines and curves only, its middle at half its width and height.
public struct SealPicture: Sendable {
    /// Millimetres.
    public let width: Double
    public let height: Double
    let ink: Ink
    let marks: [PathMark]

    /// The seal in the middle of a box, in its own size, for a sheet.
    public func marks(in box: SheetBox) -> [SheetMark] {
        let left = box.middle.x - width / 2
        let top = box.middle.y - height / 2
        return marks.map { mark in
            var moved = mark
            moved.path = mark.path.moved { SheetPoint($0.x + left, $0.y + top) }
            return .path(moved)
        }
    }

    /// A PNG picture on nothing, so that what lies under the seal can be read.
    public func png(dpi: Double, by typesetter: Typesetter) throws(DocumentError) -> [UInt8] {
        let canvas = try Canvas(width: width, height: height, dpi: dpi)
        try SheetPainter(cairo: canvas.cairo, typesetter: typesetter).paint(marks.map { .path($0) })
        let (points, width, height) = try canvas.covers()
        return try InkPNG.encode(points, width: width, height: height, ink: ink, dpi: dpi)
    }
}

extension SealFigures {
    /// - Parameters:
    ///   - name: of the figure, such as `official`.
    ///   - texts: by the names that the figure's lines have: `name`, `line`, `code`, `number`, `tax-number`,
    ///     `mongolian`.
    /// - Throws: `.sheet` when the figure is not known, a text is missing or has no room.
    public func picture(_ name: String, _ texts: [String: String], by typesetter: Typesetter)
        throws(DocumentError) -> SealPicture
    {
        guard let figure = figures[name] else {
            throw .sheet("there is no seal figure \(name); known are \(names.joined(separator: ", "))")
        }
        let drawing = SealDrawing(figure: figure, texts: texts, typesetter: typesetter)
        return SealPicture(
            width: figure.width,
            height: figure.height,
            ink: figure.ink,
            marks: try drawing.marks()
        )
    }
}

/// One seal being drawn; x and y run from its middle.
struct SealDrawing {
    let figure: SealFigures.Figure
    let texts: [String: String]
    let typesetter: Typesetter

    func marks() throws(DocumentError) -> [PathMark] {
        var marks = [edge]
        if let star = figure.star { marks.append(PathMark(Self.star(radius: star / 2), fill: figure.ink)) }
        for arc in figure.arcs {
            guard let text = try text(of: arc.letters) else { continue }
            marks.append(try mark(arc, text))
        }
        for line in figure.lines {
            guard let text = try text(of: line.letters) else { continue }
            marks.append(try mark(line, text))
        }
        if let cells = figure.cells, let text = try text(of: cells.letters) {
            marks.append(try mark(cells, text))
        }
        return marks.map { mark in
            var moved = mark
            moved.path = mark.path.moved {
                SheetPoint($0.x + figure.width / 2, $0.y + figure.height / 2)
            }
            return moved
        }
    }

    private var edge: PathMark {
        let across = (figure.width - figure.border) / 2
        let down = (figure.height - figure.border) / 2
        let path =
            figure.isSquare
            ? SheetPath.rectangle(SheetBox(-across, -down, across * 2, down * 2))
            : SheetPath.ellipse(middle: SheetPoint(0, 0), across, down)
        return PathMark(path, stroke: figure.ink, width: figure.border)
    }

    /// Five points, one of them up; the inner corners lie where the pentagram's lines cross.
    static func star(radius: Double) -> SheetPath {
        let inner = radius * sin(.pi / 10) / sin(7 * .pi / 10)
        return .polygon(
            (0..<10).map { corner in
                let angle = Double(corner) * .pi / 5
                let far = corner.isMultiple(of: 2) ? radius : inner
                return SheetPoint(far * sin(angle), -far * cos(angle))
            }
        )
    }

    private func text(of letters: SealFigures.Letters) throws(DocumentError) -> ShapedText? {
        guard let text = texts[letters.text], !text.isEmpty else {
            if letters.isOptional { return nil }
            throw .sheet("the seal figure \(figure.name) needs \(letters.text), which is not given")
        }
        return try typesetter.shape(text, role: letters.role)
    }

    /// Narrow characters are drawn with thinner lines, or their insides would fill.
    private func mark(_ path: SheetPath, _ letters: SealFigures.Letters, _ squeeze: Double = 1) -> PathMark {
        PathMark(
            path,
            stroke: letters.weight > 0 ? figure.ink : nil,
            width: letters.weight * squeeze * squeeze,
            fill: figure.ink
        )
    }

    /// The figure of what cannot be divided, its baseline's left end at 0.
    private func outline(_ cluster: ShapedText.Cluster, _ text: ShapedText) -> SheetPath {
        var path = SheetPath()
        var along = 0.0
        for glyph in text.glyphs[cluster.glyphs] {
            let place = SheetPoint(along + glyph.shift.x, glyph.shift.y)
            path.steps +=
                typesetter.typefaces.outline(of: glyph.id, in: cluster.face)
                .moved { SheetPoint($0.x + place.x, $0.y + place.y) }.steps
            along += glyph.advance
        }
        return path
    }

    private func noRoom(_ letters: SealFigures.Letters) -> DocumentError {
        .sheet("\(letters.text) is too long for the seal figure \(figure.name); shorten it")
    }

    /// Narrower than this a character cannot be told from another.
    private static let narrowest = 0.3
    /// Parts of the em above and below the baseline that Chinese characters fill.
    private static let rise = 0.86
    private static let fall = 0.14
}

// MARK: - Arcs

extension SealDrawing {
    private func mark(_ arc: SealFigures.Arc, _ text: ShapedText) throws(DocumentError) -> PathMark {
        let inset = figure.border + arc.gap + (arc.isLower ? Self.fall : Self.rise) * arc.height
        let curve = SealCurve(
            across: figure.width / 2 - inset,
            down: figure.height / 2 - inset,
            isLower: arc.isLower
        )
        // Room is measured along the middle of the characters, which is where their widths are seen.
        let middle = curve.moved(by: arc.height * 0.36)
        let room = middle.length(arc.most)
        let count = Double(text.clusters.count)
        let natural = text.width * arc.height
        let widest = count > 1 ? text.width / count * arc.height : 0
        let wished =
            arc.isJoined || count < 2
            ? natural : middle.length(min(arc.most, arc.step * (count - 1))) + widest
        let length = min(room, wished)
        // Characters keep a little distance; joined ones keep none.
        let squeeze = min(1, length / (natural * (arc.isJoined ? 1 : 1.02)))
        guard squeeze >= Self.narrowest else { throw noRoom(arc.letters) }
        let spread = count > 1 && !arc.isJoined ? (length - natural * squeeze) / (count - 1) : 0
        let used = natural * squeeze + spread * max(0, count - 1)
        var path = SheetPath()
        var along = -used / 2
        for cluster in text.clusters {
            let width = cluster.advance * arc.height * squeeze
            let place = curve.place((along + width / 2) / middle.unit)
            let figure = outline(cluster, text)
            path.steps +=
                figure.moved { point in
                    let x = (point.x - cluster.advance / 2) * arc.height * squeeze
                    let y = point.y * arc.height
                    return SheetPoint(
                        place.point.x + x * place.along.x - y * place.along.y,
                        place.point.y + x * place.along.y + y * place.along.x
                    )
                }.steps
            along += width + spread
        }
        return mark(path, arc.letters, squeeze)
    }
}

// MARK: - Lines and cells

extension SealDrawing {
    private func mark(_ line: SealFigures.Line, _ text: ShapedText) throws(DocumentError) -> PathMark {
        // Digits fill less of their em than characters do: they are measured by what is drawn.
        let outlines = text.clusters.map { outline($0, text) }
        let bounds = outlines.compactMap(\.bounds)
        guard let top = bounds.map(\.y).min(), let bottom = bounds.map(\.bottom).max(), bottom > top,
            let broadest = bounds.map(\.width).max(), broadest > 0
        else { throw noRoom(line.letters) }
        let isDigits = line.pitch != nil
        let tall = isDigits ? line.height / (bottom - top) : line.height
        let natural = isDigits ? broadest : 1
        let wished = line.pitch ?? line.width * 1.06
        // Half-width characters take half the room, so that they do not stand apart.
        let shares = text.clusters.map { isDigits ? 1 : $0.advance }
        let pitch = min(wished, line.most / shares.reduce(0, +))
        let wide = min(line.width, pitch * (isDigits ? 0.95 : 1)) / natural
        guard wide >= tall * Self.narrowest else { throw noRoom(line.letters) }
        let baseline = isDigits ? line.top - top * tall : line.top + Self.rise * line.height
        var path = SheetPath()
        let widths = shares.map { $0 * pitch }
        var x = -widths.reduce(0, +) / 2
        for (at, figure) in outlines.enumerated() {
            let middle =
                isDigits
                ? (figure.bounds?.middle.x ?? 0) : text.clusters[at].advance / 2
            let centre = x + widths[at] / 2
            path.steps +=
                figure.moved {
                    SheetPoint(centre + ($0.x - middle) * wide, baseline + $0.y * tall)
                }.steps
            x += widths[at]
        }
        return mark(path, line.letters)
    }

    /// Characters in columns from right to left, each from top to bottom; a column with fewer has taller ones.
    private func mark(_ cells: SealFigures.Cells, _ text: ShapedText) throws(DocumentError) -> PathMark {
        let count = text.clusters.count
        let columns = max(1, Int(Double(count).squareRoot().rounded(.up)) - (count == 2 ? 1 : 0))
        guard columns <= 4 else { throw noRoom(cells.letters) }
        let room = SheetPoint(
            figure.width - 2 * (figure.border + cells.gap),
            figure.height - 2 * (figure.border + cells.gap)
        )
        let across = (room.x - cells.between * Double(columns - 1)) / Double(columns)
        let rows = (count + columns - 1) / columns
        var path = SheetPath()
        var first = 0
        var column = 0
        while first < count {
            let end = min(count, first + rows)
            let down = (room.y - cells.between * Double(end - first - 1)) / Double(end - first)
            let left = room.x / 2 - across - Double(column) * (across + cells.between)
            for (row, cluster) in text.clusters[first..<end].enumerated() {
                let top = -room.y / 2 + Double(row) * (down + cells.between)
                path.steps +=
                    outline(cluster, text).moved {
                        SheetPoint(
                            left + $0.x / max(cluster.advance, 0.01) * across,
                            top + ($0.y + Self.rise) * down
                        )
                    }.steps
            }
            first = end
            column += 1
        }
        return mark(path, cells.letters)
    }
}

extension Sheet {
    /// The sheet with a seal in the middle of a place, for PDF: an OFD reader draws the seal that the signature holds.
    /// It lies under the text, so that it hides no character.
    public func stamped(_ picture: SealPicture, at name: String = "seal") throws(DocumentError) -> Sheet {
        guard let place = place(name) else {
            throw .sheet("the sheet has no place named \(name); add one to its template")
        }
        var sheet = self
        sheet.pages[place.page].marks.insert(contentsOf: picture.marks(in: place.box), at: 0)
        return sheet
    }
}
