extension BlockSetting {
    /// Room between a cell's text and its lines, in parts of the em.
    private static let padding = 0.35

    private struct SetCells {
        let cells: [SetLines]
        let style: SheetTemplate.Style
        let height: Double
    }

    func pieces(_ block: SheetTemplate.TableBlock) throws(DocumentError) -> [SheetPiece] {
        guard let given = content.lists[block.list] else {
            throw .sheet("\(name) needs the list \(block.list), which is not given")
        }
        var head: [[ShapedText]] = []
        for column in block.columns { head.append(try shape(column.head, block.head)) }
        var rows: [[[ShapedText]]] = []
        for row in given {
            var cells: [[ShapedText]] = []
            for column in block.columns {
                let text = try column.say.filled(row, for: "\(name), a row of \(block.list),")
                cells.append(try shape(text, block.style))
            }
            rows.append(cells)
        }
        for size in block.rest == nil ? Self.sizes(block.style) : [block.style.size] {
            var headStyle = block.head
            headStyle.align = .centre
            guard let top = set(head, headStyle, block, size: size) else { continue }
            var body: [SetCells] = []
            for row in rows {
                guard let cells = set(row, block.style, block, size: size) else { break }
                body.append(cells)
            }
            guard body.count == rows.count else { continue }
            if let pieces = try place(top, body, block, size: size) { return pieces }
        }
        throw tooSmall
    }

    /// - Returns: nil when a word is wider than its column.
    private func set(
        _ row: [[ShapedText]],
        _ style: SheetTemplate.Style,
        _ block: SheetTemplate.TableBlock,
        size: Double
    ) -> SetCells? {
        var cells: [SetLines] = []
        var most = 1
        for (paragraphs, column) in zip(row, block.columns) {
            let room = column.width / size - 2 * Self.padding
            let lines = SetLines(paragraphs, room: room)
            guard lines.widest <= room + 1e-6 else { return nil }
            most = max(most, lines.count)
            cells.append(lines)
        }
        let height = Self.height(lines: most, style, size: size) + 2 * Self.padding * size
        return SetCells(cells: cells, style: style, height: height)
    }

    private func place(
        _ head: SetCells,
        _ rows: [SetCells],
        _ block: SheetTemplate.TableBlock,
        size: Double
    ) throws(DocumentError) -> [SheetPiece]? {
        var pieces: [SheetPiece] = []
        var box = block.box
        var left = rows[...]
        repeat {
            var marks: [SheetMark] = []
            var edges = [box.y, box.y + head.height]
            marks += self.marks(head, block, at: SheetPoint(box.x, box.y), size: size, isHead: true)
            while let row = left.first, (edges.last ?? 0) + row.height <= box.bottom + 0.001 {
                let top = edges.last ?? 0
                marks += self.marks(row, block, at: SheetPoint(box.x, top), size: size, isHead: false)
                edges.append(top + row.height)
                left = left.dropFirst()
            }
            marks += lines(edges, block, at: box.x)
            pieces.append(SheetPiece(marks: marks))
            if !left.isEmpty {
                guard let rest = block.rest else { return nil }
                guard edges.count > 2 || pieces.count == 1 else { throw tooSmall }
                box = rest
            }
        } while !left.isEmpty
        return pieces
    }

    private func marks(
        _ row: SetCells,
        _ block: SheetTemplate.TableBlock,
        at corner: SheetPoint,
        size: Double,
        isHead: Bool
    ) -> [SheetMark] {
        var marks: [SheetMark] = []
        var x = corner.x
        let pad = Self.padding * size
        for (lines, column) in zip(row.cells, block.columns) {
            var style = row.style
            if !isHead { style.align = column.align }
            let height = Self.height(lines: lines.count, style, size: size)
            let top = corner.y + (row.height - height) / 2
            for (at, line) in lines.all.enumerated() {
                let y = top + Double(at) * style.leading * size + size * Self.baseline
                marks += self.marks(line, at: SheetPoint(x + pad, y), column.width - 2 * pad, 0, style, size)
            }
            x += column.width
        }
        return marks
    }

    private func lines(_ edges: [Double], _ block: SheetTemplate.TableBlock, at left: Double) -> [SheetMark] {
        var path = SheetPath()
        let right = left + block.columns.reduce(0) { $0 + $1.width }
        guard let top = edges.first, let bottom = edges.last else { return [] }
        for y in edges { path.steps += [.move(SheetPoint(left, y)), .line(SheetPoint(right, y))] }
        var x = left
        for width in [0] + block.columns.map(\.width) {
            x += width
            path.steps += [.move(SheetPoint(x, top)), .line(SheetPoint(x, bottom))]
        }
        return [.path(PathMark(path, stroke: block.ink, width: block.line))]
    }
}
