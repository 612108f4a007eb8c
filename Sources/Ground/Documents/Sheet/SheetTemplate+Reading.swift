extension SheetTemplate {
    /// - Parameters:
    ///   - yaml: at most 256 kB.
    ///   - file: named in every refusal.
    public init(yaml: String, file: String) throws(DocumentError) {
        self = try SheetSource.read(yaml, file: file) { root throws(DocumentError) in
            let map = try root.map(["page", "style", "marks"])
            let (width, height) = try Self.size(of: try map.needed("page"))
            let style = try map["style"].map { source throws(DocumentError) in
                try Style(try source.map(Style.keys), usual: Style())
            }
            var blocks: [Block] = []
            for mark in try map.needed("marks").list() {
                blocks.append(try Self.block(mark, style: style ?? Style()))
            }
            let page = SheetBox(0, 0, width, height)
            for block in blocks {
                for box in block.figure.boxes where box.right > page.right || box.bottom > page.bottom {
                    throw .sheet("\(block.name) reaches beyond the page; move it or make it smaller")
                }
            }
            return SheetTemplate(file: file, width: width, height: height, blocks: blocks)
        }
    }

    private init(file: String, width: Double, height: Double, blocks: [Block]) {
        self.file = file
        self.width = width
        self.height = height
        self.blocks = blocks
    }

    /// ISO 216.
    private static let sizes: [String: (Double, Double)] = [
        "A3": (297, 420), "A4": (210, 297), "A5": (148, 210),
    ]

    private static func size(of source: SheetSource) throws(DocumentError) -> (Double, Double) {
        let words = try source.text().split(separator: " ").map(String.init)
        guard let name = words.first, let size = sizes[name],
            words.count == 1 || (words.count == 2 && words[1] == "landscape")
        else { throw source.wrong("write A3, A4 or A5, and landscape after it for one that lies") }
        return words.count == 2 ? (size.1, size.0) : size
    }

    private static func block(_ source: SheetSource, style: Style) throws(DocumentError) -> Block {
        let entries = try source.entries()
        guard entries.count == 1, let (kind, value) = entries.first else {
            throw source.wrong("a mark is one kind and its keys, such as text: {say: …}")
        }
        let general = ["name", "on", "when"]
        func map(_ keys: [String]) throws(DocumentError) -> SheetSourceMap { try value.map(keys + general) }
        let found: SheetSourceMap
        let figure: Figure
        switch kind {
        case "frame":
            found = try map(["box", "width", "ink", "fill"])
            figure = .path(
                PathMark(
                    .rectangle(try found.box("box")),
                    stroke: try found.ink("ink"),
                    width: try found.number("width", 0.01...20, or: 0.25),
                    fill: try found.ink("fill")
                )
            )
        case "line":
            found = try map(["from", "to", "width", "ink"])
            figure = .path(
                PathMark(
                    .line(from: try found.point("from"), to: try found.point("to")),
                    stroke: try found.ink("ink") ?? .black,
                    width: try found.number("width", 0.01...20, or: 0.25)
                )
            )
        case "weave":
            found = try map(["box", "depth", "wave", "strands", "width", "ink"])
            figure = .weave(
                WeaveFigure(
                    box: try found.box("box"),
                    depth: try found.number("depth", 1...40, or: 8),
                    wave: try found.number("wave", 2...100, or: 12),
                    strands: Int(try found.number("strands", 1...8, or: 3)),
                    width: try found.number("width", 0.05...2, or: 0.2),
                    ink: try found.ink("ink") ?? .black
                )
            )
        case "text":
            found = try map(Style.keys + ["say", "box", "stand", "indent", "lines", "vertical", "rest"])
            figure = .text(try TextBlock(found, style: style))
        case "rows":
            found = try map(
                Style.keys + ["of", "items", "box", "label", "label-width", "space", "gap", "rule", "rest"]
            )
            figure = .rows(try RowsBlock(found, style: style))
        case "table":
            found = try map(Style.keys + ["of", "columns", "box", "head", "line", "line-ink", "rest"])
            figure = .table(try TableBlock(found, style: style))
        case "code":
            found = try map(["say", "box"])
            figure = .code(say: try Wording(try found.needed("say")), box: try found.box("box"))
        case "place":
            found = try map(["box"])
            figure = .place(name: try found.needed("name").text(), box: try found.box("box"))
        default:
            throw source.wrong(
                "\(kind) is no mark; known are frame, line, weave, text, rows, table, code, place"
            )
        }
        return Block(
            name: try found.text("name").map { "\(source.place) (\($0))" } ?? "\(source.place) (\(kind))",
            on: try found["on"]?.one(of: Page.self) ?? .first,
            when: try found.text("when"),
            figure: figure
        )
    }
}

extension SheetTemplate.Style {
    static let keys = ["role", "size", "least", "ink", "leading", "align"]

    init(_ map: SheetSourceMap, usual: Self) throws(DocumentError) {
        self = usual
        if let role = try map.text("role") { self.role = role }
        if let source = map["size"] {
            size = try source.number(1...80)
            least = size
        }
        least = try map.number("least", 1...80, or: least)
        guard least <= size else { throw map.node.wrong("least is larger than size; swap them") }
        ink = try map.ink("ink") ?? ink
        leading = try map.number("leading", 1...4, or: leading)
        align = try map["align"]?.one(of: SheetTemplate.Align.self) ?? align
    }
}

extension SheetTemplate.TextBlock {
    init(_ map: SheetSourceMap, style: SheetTemplate.Style) throws(DocumentError) {
        say = try Wording(try map.needed("say"))
        box = try map.box("box")
        self.style = try SheetTemplate.Style(map, usual: style)
        stand = try map["stand"]?.one(of: SheetTemplate.Stand.self) ?? .top
        indent = try map.number("indent", 0...10, or: 0)
        lines = try map["lines"].map { source throws(DocumentError) in Int(try source.number(1...100)) }
        isVertical = try map.flag("vertical")
        rest = map["rest"] == nil ? nil : try map.box("rest")
    }
}

extension SheetTemplate.RowsBlock {
    init(_ map: SheetSourceMap, style: SheetTemplate.Style) throws(DocumentError) {
        switch (map["of"], map["items"]) {
        case (let list?, nil): items = .list(try list.text())
        case (nil, let source?):
            var fixed: [(label: Wording, value: Wording, when: String?)] = []
            for item in try source.list() {
                let map = try item.map(["label", "say", "when"])
                fixed.append(
                    (
                        try Wording(try map.needed("label")), try Wording(try map.needed("say")),
                        try map.text("when")
                    )
                )
            }
            items = .fixed(fixed)
        default: throw map.node.wrong("write either of, the name of a list, or items")
        }
        box = try map.box("box")
        self.style = try SheetTemplate.Style(map, usual: style)
        label =
            try map["label"].map { [style = self.style] source throws(DocumentError) in
                try SheetTemplate.Style(try source.map(["role", "ink", "align"]), usual: style)
            } ?? self.style
        labelWidth = try map.needed("label-width").number(1...300)
        space = try map.number("space", 0...50, or: 3)
        gap = try map.number("gap", 0...50, or: 1.5)
        rule = try map.ink("rule").map { PathMark(SheetPath(), stroke: $0, width: 0.15) }
        rest = map["rest"] == nil ? nil : try map.box("rest")
        guard labelWidth + space < box.width else { throw map.node.wrong("the labels leave no room") }
    }
}

extension SheetTemplate.TableBlock {
    init(_ map: SheetSourceMap, style: SheetTemplate.Style) throws(DocumentError) {
        list = try map.needed("of").text()
        box = try map.box("box")
        self.style = try SheetTemplate.Style(map, usual: style)
        head =
            try map["head"].map { [style = self.style] source throws(DocumentError) in
                try SheetTemplate.Style(try source.map(["role", "ink", "align"]), usual: style)
            } ?? self.style
        ink = try map.ink("line-ink") ?? .black
        line = try map.number("line", 0.05...2, or: 0.2)
        rest = map["rest"] == nil ? nil : try map.box("rest")
        var columns: [SheetTemplate.Column] = []
        for source in try map.needed("columns").list() {
            let column = try source.map(["head", "say", "width", "align"])
            columns.append(
                SheetTemplate.Column(
                    head: try column.needed("head").text(),
                    say: try Wording(try column.needed("say")),
                    width: try column.needed("width").number(4...400),
                    align: try column["align"]?.one(of: SheetTemplate.Align.self) ?? .left
                )
            )
        }
        guard !columns.isEmpty, columns.reduce(0, { $0 + $1.width }) <= box.width + 0.001 else {
            throw map.node.wrong("the columns are wider than the box; make them narrower")
        }
        self.columns = columns
    }
}

extension SheetTemplate.Figure {
    /// Everything that must lie on the page.
    var boxes: [SheetBox] {
        switch self {
        case .path(let mark): [mark.path.bounds].compactMap { $0 }
        case .weave(let weave): [weave.box]
        case .text(let block): [block.box, block.rest].compactMap { $0 }
        case .rows(let block): [block.box, block.rest].compactMap { $0 }
        case .table(let block): [block.box, block.rest].compactMap { $0 }
        case .code(_, let box), .place(_, let box): [box]
        }
    }
}
