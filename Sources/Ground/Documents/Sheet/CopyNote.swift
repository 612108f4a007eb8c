/// What an annotated copy (加注件) says of itself: whom it was made for, what for, and until when it may be used.
public struct CopyNote: Sendable {
    /// Stands in the page's content, at the place `annotation`.
    public let text: String
    /// Runs across each page, pale, again and again.
    public let watermark: String

    public init(text: String, watermark: String) {
        self.text = text
        self.watermark = watermark
    }
}

extension Sheet {
    /// The sheet with the note of a copy: part of the content, so that it is signed with it and cannot be switched
    /// off, and as a watermark.
    /// - Throws: `.sheet` when the note does not fit or the sheet has no place for one.
    public func annotated(_ note: CopyNote, by typesetter: Typesetter) throws(DocumentError) -> Sheet {
        guard let place = place("annotation") else {
            throw .sheet("the sheet has no place named annotation; add one to its template")
        }
        var sheet = self
        let style = SheetTemplate.Style(size: 3.2, least: 1.9, ink: Ink(176, 24, 24), leading: 1.3)
        let setting = BlockSetting(name: "the copy's note", content: SheetContent(), typesetter: typesetter)
        sheet.pages[place.page].marks +=
            try setting.text(note.text, style, in: place.box, stand: .middle).marks
        let pale = Ink(150, 150, 150, cover: 0.28)
        let shaped = try typesetter.shape(note.watermark, role: "hei")
        for number in sheet.pages.indices {
            let page = sheet.pages[number]
            sheet.pages[number].notes += Self.watermark(shaped, ink: pale, page: page)
        }
        return sheet
    }

    /// Rows that rise by 30 degrees over the whole page, each pushed on against the one before.
    private static func watermark(_ text: ShapedText, ink: Ink, page: SheetPage) -> [SheetMark] {
        let size = 5.0
        let line = ShapedLine(clusters: text.clusters.indices, width: text.width)
        let length = text.width * size
        let pitch = SheetPoint(length * 0.87 + 24, 46)
        var marks: [SheetMark] = []
        var row = 0
        var y = 30.0
        while y < page.height + length / 2 {
            var x = row.isMultiple(of: 2) ? 12 : 12 - pitch.x / 2
            while x < page.width {
                let end = SheetPoint(x + length * 0.87, y - length * 0.5)
                // Only those that lie on the page whole can be read; the others would be cut.
                if x >= 4, end.x <= page.width - 4, y <= page.height - 4, end.y >= 4 {
                    marks += text.runs(of: line, at: SheetPoint(x, y), size: size, ink: ink, turn: -30)
                        .map { .text($0) }
                }
                x += pitch.x
            }
            y += pitch.y
            row += 1
        }
        return marks
    }
}
