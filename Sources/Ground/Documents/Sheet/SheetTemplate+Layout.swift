extension SheetTemplate {
    /// Fills the template. Nothing is cut: what does not fit at its smallest size is refused.
    /// - Throws: `.sheet` naming the box that is too small or the field that is missing; `.typeface` when no
    ///   typeface has a character.
    public func sheet(_ content: SheetContent, by typesetter: Typesetter) throws(DocumentError) -> Sheet {
        var content = content
        var pieces: [[SheetPiece]] = []
        for block in blocks where block.on == .first {
            pieces.append(try self.pieces(of: block, content, by: typesetter))
        }
        let count = pieces.lazy.map(\.count).max() ?? 1
        content.texts["page-count"] = String(max(1, count))
        var pages: [SheetPage] = []
        var places: [SheetPlace] = []
        for number in 0..<max(1, count) {
            content.texts["page-number"] = String(number + 1)
            var page = SheetPage(width: width, height: height)
            var flowing = pieces.makeIterator()
            for block in blocks {
                var piece: SheetPiece?
                switch block.on {
                case .first:
                    let all = flowing.next() ?? []
                    piece = number < all.count ? all[number] : nil
                case .every: piece = try self.pieces(of: block, content, by: typesetter).first
                case .following where number > 0:
                    piece = try self.pieces(of: block, content, by: typesetter).first
                case .last where number == max(1, count) - 1:
                    piece = try self.pieces(of: block, content, by: typesetter).first
                case .following, .last: continue
                }
                page.marks += piece?.marks ?? []
                if let piece, let (name, box) = piece.place {
                    places.append(SheetPlace(name: name, page: number, box: box))
                }
            }
            pages.append(page)
        }
        return Sheet(pages: pages, places: places)
    }

    private func pieces(of block: Block, _ content: SheetContent, by typesetter: Typesetter)
        throws(DocumentError) -> [SheetPiece]
    {
        if let when = block.when, !content.has(when) { return [] }
        let setting = BlockSetting(name: block.name, content: content, typesetter: typesetter)
        let pieces: [SheetPiece]
        switch block.figure {
        case .path(let mark): pieces = [SheetPiece(marks: [.path(mark)])]
        case .weave(let weave): pieces = [SheetPiece(marks: weave.marks)]
        case .place(let name, let box): pieces = [SheetPiece(place: (name, box))]
        case .code(let say, let box):
            let text = try say.filled(content.texts, for: block.name)
            pieces = [SheetPiece(marks: [.path(try QRFigure.mark(text, in: box, for: block.name))])]
        case .text(let text): pieces = try setting.pieces(text)
        case .rows(let rows): pieces = try setting.pieces(rows)
        case .table(let table): pieces = try setting.pieces(table)
        }
        guard block.on == .first || pieces.count <= 1 else { throw setting.tooSmall }
        return pieces
    }
}

/// What a block leaves on one page.
struct SheetPiece {
    var marks: [SheetMark] = []
    var place: (name: String, box: SheetBox)?
}

/// One block being set.
struct BlockSetting {
    let name: String
    let content: SheetContent
    let typesetter: Typesetter

    var tooSmall: DocumentError {
        .sheet(
            "what \(name) is to hold does not fit at its smallest size; shorten the text or enlarge the box"
        )
    }

    /// From the line's top to the baseline, in parts of the em; Chinese typefaces agree on it.
    static let baseline = 0.86

    func shape(_ text: String, _ style: SheetTemplate.Style) throws(DocumentError) -> [ShapedText] {
        var paragraphs: [ShapedText] = []
        for part in text.split(separator: "\n", omittingEmptySubsequences: false) {
            paragraphs.append(try typesetter.shape(String(part), role: style.role))
        }
        return paragraphs
    }

    /// From the size wished down to the least, in steps too small to be seen.
    static func sizes(_ style: SheetTemplate.Style) -> [Double] {
        var sizes = Array(stride(from: style.size, to: style.least, by: -0.1))
        sizes.append(style.least)
        return sizes
    }

    static func height(lines: Int, _ style: SheetTemplate.Style, size: Double) -> Double {
        lines == 0 ? 0 : (Double(lines - 1) * style.leading + 1) * size
    }

    /// How many lines a height has room for.
    static func room(_ height: Double, _ style: SheetTemplate.Style, size: Double) -> Int {
        height + 0.001 < size ? 0 : Int((height + 0.001 - size) / (style.leading * size)) + 1
    }

    func pieces(_ block: SheetTemplate.TextBlock) throws(DocumentError) -> [SheetPiece] {
        let text = try block.say.filled(content.texts, for: name)
        let paragraphs = try shape(text, block.style)
        let along = block.isVertical ? block.box.height : block.box.width
        let across = block.isVertical ? block.box.width : block.box.height
        let sizes = block.rest == nil ? Self.sizes(block.style) : [block.style.size]
        // First as few lines as are wished, then as many as are needed.
        let attempts = block.lines.map { most in sizes.map { ($0, most) } } ?? []
        for (size, most) in attempts + sizes.map({ ($0, Int.max) }) {
            var lines = SetLines(paragraphs, room: along / size, indent: block.indent)
            guard lines.widest <= along / size + 1e-6, lines.count <= most else { continue }
            guard let rest = block.rest else {
                guard Self.height(lines: lines.count, block.style, size: size) <= across + 0.001 else {
                    continue
                }
                return [place(lines, block, in: block.box, size: size)]
            }
            var pieces: [SheetPiece] = []
            var box = block.box
            while lines.count > 0 {
                let room = Self.room(block.isVertical ? box.width : box.height, block.style, size: size)
                guard room > 0 else { throw tooSmall }
                pieces.append(place(lines.first(room), block, in: box, size: size))
                lines = lines.dropping(room)
                box = rest
            }
            return pieces
        }
        throw tooSmall
    }

    /// A text in a box, as small as it must be.
    func text(
        _ text: String,
        _ style: SheetTemplate.Style,
        in box: SheetBox,
        stand: SheetTemplate.Stand
    ) throws(DocumentError) -> SheetPiece {
        let block = SheetTemplate.TextBlock(
            say: Wording(text),
            box: box,
            style: style,
            stand: stand,
            indent: 0,
            lines: nil,
            isVertical: false,
            rest: nil
        )
        return try pieces(block).first ?? SheetPiece()
    }

    private func place(
        _ lines: SetLines,
        _ block: SheetTemplate.TextBlock,
        in box: SheetBox,
        size: Double
    ) -> SheetPiece {
        let style = block.style
        let height = Self.height(lines: lines.count, style, size: size)
        let spare = (block.isVertical ? box.width : box.height) - height
        let start: Double
        switch block.stand {
        case .top: start = 0
        case .middle: start = spare / 2
        case .bottom: start = spare
        }
        var piece = SheetPiece()
        for (at, line) in lines.all.enumerated() {
            let across = start + Double(at) * style.leading * size
            let indent = line.isFirst ? block.indent * size : 0
            if block.isVertical {
                // The em's middle runs along the middle of the column.
                let x = box.x + across + size * (1 - Self.verticalMiddle)
                piece.marks += marks(line, at: SheetPoint(x, box.y), box.height, indent, style, size, true)
            } else {
                let point = SheetPoint(box.x, box.y + across + size * Self.baseline)
                piece.marks += marks(line, at: point, box.width, indent, style, size, false)
            }
        }
        return piece
    }

    /// Where the stem of Mongolian stands in its column, from the right, in parts of the em.
    private static let verticalMiddle = 0.65

    /// A line in a width, from the left end of its baseline.
    func marks(
        _ line: SetLine,
        at start: SheetPoint,
        _ width: Double,
        _ indent: Double,
        _ style: SheetTemplate.Style,
        _ size: Double,
        _ isVertical: Bool = false
    ) -> [SheetMark] {
        let spare = width - indent - line.line.width * size
        var along = indent
        var spread = 0.0
        switch style.align {
        case .left: break
        case .centre: along += spare / 2
        case .right: along += spare
        case .spread:
            let gaps = line.line.clusters.count - 1
            if gaps > 0 { spread = spare / Double(gaps) }
        }
        let point = isVertical ? SheetPoint(start.x, start.y + along) : SheetPoint(start.x + along, start.y)
        return line.text.runs(
            of: line.line,
            at: point,
            size: size,
            ink: style.ink,
            spread: spread,
            turn: isVertical ? 90 : 0
        ).map { .text($0) }
    }
}

/// One line and the paragraph it comes from.
struct SetLine {
    let text: ShapedText
    let line: ShapedLine
    /// Of its paragraph.
    let isFirst: Bool
}

/// The lines of several paragraphs.
struct SetLines {
    let all: ArraySlice<SetLine>

    init(_ paragraphs: [ShapedText], room: Double, indent: Double = 0) {
        var all: [SetLine] = []
        for text in paragraphs {
            let lines = text.lines(room: room, indent: indent)
            // A paragraph without text is a line left free.
            if lines.isEmpty, paragraphs.count > 1 {
                all.append(SetLine(text: text, line: ShapedLine(clusters: 0..<0, width: 0), isFirst: true))
            }
            for (at, line) in lines.enumerated() {
                all.append(SetLine(text: text, line: line, isFirst: at == 0))
            }
        }
        self.all = all[...]
    }

    private init(_ all: ArraySlice<SetLine>) { self.all = all }

    var count: Int { all.count }
    var widest: Double { all.lazy.map(\.line.width).max() ?? 0 }

    func first(_ count: Int) -> SetLines { SetLines(all.prefix(count)) }
    func dropping(_ count: Int) -> SetLines { SetLines(all.dropFirst(count)) }
}
