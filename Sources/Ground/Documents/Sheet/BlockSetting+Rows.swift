extension BlockSetting {
    private struct Row {
        let label: [ShapedText]
        let value: [ShapedText]
    }

    /// A row with its lines at one size.
    private struct SetRow {
        let label: SetLines
        let value: SetLines
        let height: Double
    }

    func pieces(_ block: SheetTemplate.RowsBlock) throws(DocumentError) -> [SheetPiece] {
        let rows = try shapedRows(block)
        let style = block.style
        let valueWidth = block.box.width - block.labelWidth - block.space
        for size in block.rest == nil ? Self.sizes(style) : [style.size] {
            let set = rows.map { row in
                let label = SetLines(row.label, room: block.labelWidth / size)
                let value = SetLines(row.value, room: valueWidth / size)
                let count = max(label.count, value.count, 1)
                return SetRow(
                    label: label,
                    value: value,
                    height: Self.height(lines: count, style, size: size)
                )
            }
            guard
                set.allSatisfy({
                    $0.label.widest * size <= block.labelWidth + 1e-6
                        && $0.value.widest * size <= valueWidth + 1e-6
                })
            else { continue }
            if let pieces = try place(set, block, size: size) { return pieces }
        }
        throw tooSmall
    }

    private func shapedRows(_ block: SheetTemplate.RowsBlock) throws(DocumentError) -> [Row] {
        var rows: [Row] = []
        switch block.items {
        case .list(let list):
            guard let given = content.lists[list] else {
                throw .sheet("\(name) needs the list \(list), which is not given")
            }
            for row in given {
                guard let label = row["label"], let value = row["value"] else {
                    throw .sheet("\(name): a row of \(list) lacks its label or value")
                }
                rows.append(Row(label: try shape(label, block.label), value: try shape(value, block.style)))
            }
        case .fixed(let items):
            for item in items {
                if let when = item.when, !content.has(when) { continue }
                let label = try item.label.filled(content.texts, for: name)
                let value = try item.value.filled(content.texts, for: name)
                rows.append(Row(label: try shape(label, block.label), value: try shape(value, block.style)))
            }
        }
        return rows
    }

    /// - Returns: nil when the rows do not fit at this size.
    private func place(_ rows: [SetRow], _ block: SheetTemplate.RowsBlock, size: Double)
        throws(DocumentError) -> [SheetPiece]?
    {
        var pieces = [SheetPiece()]
        var box = block.box
        var top = box.y
        for row in rows {
            if top + row.height > box.bottom + 0.001 {
                guard let rest = block.rest else { return nil }
                guard row.height <= rest.height + 0.001 else { throw tooSmall }
                pieces.append(SheetPiece())
                box = rest
                top = box.y
            }
            let last = pieces.count - 1
            let pitch = block.style.leading * size
            for (at, line) in row.label.all.enumerated() {
                let y = top + Double(at) * pitch + size * Self.baseline
                pieces[last].marks += marks(
                    line,
                    at: SheetPoint(box.x, y),
                    block.labelWidth,
                    0,
                    block.label,
                    size
                )
            }
            let valueX = box.x + block.labelWidth + block.space
            for (at, line) in row.value.all.enumerated() {
                let y = top + Double(at) * pitch + size * Self.baseline
                pieces[last].marks += marks(
                    line,
                    at: SheetPoint(valueX, y),
                    box.right - valueX,
                    0,
                    block.style,
                    size
                )
            }
            if var rule = block.rule {
                let y = top + row.height + block.gap * 0.45
                rule.path = .line(from: SheetPoint(valueX, y), to: SheetPoint(box.right, y))
                pieces[last].marks.append(.path(rule))
            }
            top += row.height + block.gap
        }
        return pieces
    }
}
