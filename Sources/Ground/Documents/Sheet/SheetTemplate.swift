import Foundation

/// How a kind of sheet looks: a file of data under `Resources/documents/sheets`, described in
/// `Docs/formats/sheet.md`.
public struct SheetTemplate: Sendable {
    let file: String
    let width: Double
    let height: Double
    let blocks: [Block]

    /// One entry of `marks`.
    struct Block: Sendable {
        /// How a refusal names it.
        let name: String
        let on: Page
        /// Left out when the content has nothing under this name.
        let when: String?
        let figure: Figure
    }

    enum Page: String, CaseIterable, Sendable {
        case first, following, every, last
    }

    enum Figure: Sendable {
        case path(PathMark)
        case weave(WeaveFigure)
        case text(TextBlock)
        case rows(RowsBlock)
        case table(TableBlock)
        case code(say: Wording, box: SheetBox)
        case place(name: String, box: SheetBox)
    }

    /// How text is set.
    struct Style: Sendable {
        var role = "song"
        /// The em in millimetres, and how small it may become before the text is refused.
        var size = 4.2
        var least = 4.2
        var ink = Ink.black
        /// From line to line, in parts of the em.
        var leading = 1.5
        var align = Align.left
    }

    /// `spread` sets the characters apart until the line is full, as labels of forms are.
    enum Align: String, CaseIterable, Sendable {
        case left, centre, right, spread
    }

    enum Stand: String, CaseIterable, Sendable {
        case top, middle, bottom
    }

    struct TextBlock: Sendable {
        let say: Wording
        let box: SheetBox
        let style: Style
        let stand: Stand
        /// Of each paragraph's first line, in parts of the em.
        let indent: Double
        /// The text rather shrinks than takes more lines, as long as it may shrink.
        let lines: Int?
        let isVertical: Bool
        /// On the pages that follow, for what did not fit.
        let rest: SheetBox?
    }

    /// Label and value, one under the other.
    struct RowsBlock: Sendable {
        let items: Items
        let box: SheetBox
        let style: Style
        let label: Style
        let labelWidth: Double
        let space: Double
        let gap: Double
        let rule: PathMark?
        let rest: SheetBox?
    }

    enum Items: Sendable {
        /// A list of the content, each with `label` and `value`.
        case list(String)
        case fixed([(label: Wording, value: Wording, when: String?)])
    }

    struct TableBlock: Sendable {
        let list: String
        let columns: [Column]
        let box: SheetBox
        let style: Style
        let head: Style
        let ink: Ink
        let line: Double
        let rest: SheetBox?
    }

    struct Column: Sendable {
        let head: String
        let say: Wording
        let width: Double
        let align: Align
    }

    public init(contentsOf file: String) throws(DocumentError) {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw .sheet("\(file) cannot be read")
        }
        let name = URL(fileURLWithPath: file).lastPathComponent
        try self.init(yaml: String(decoding: bytes, as: UTF8.self), file: name)
    }
}

/// What a sheet is filled with.
public struct SheetContent: Sendable {
    /// By the name that stands between braces in the template.
    public var texts: [String: String]
    /// Lists of rows; rows of labels and values have the keys `label` and `value`.
    public var lists: [String: [[String: String]]]

    public init(texts: [String: String] = [:], lists: [String: [[String: String]]] = [:]) {
        self.texts = texts
        self.lists = lists
    }

    func has(_ name: String) -> Bool {
        if let text = texts[name] { return !text.isEmpty }
        return lists[name].map { !$0.isEmpty } ?? false
    }
}

/// Text with names in braces: `登记日期：{date}`.
struct Wording: Sendable {
    private enum Part: Sendable {
        case text(String)
        case field(String)
    }

    private let parts: [Part]

    /// The text itself, without names.
    init(_ text: String) { parts = [.text(text)] }

    init(_ source: SheetSource) throws(DocumentError) {
        var parts: [Part] = []
        var rest = try source.text()[...]
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else {
                throw source.wrong("the brace is not closed; write {name}")
            }
            let name = rest[rest.index(after: open)..<close]
            guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" }) else {
                throw source.wrong("a name in braces is of letters, digits and hyphens")
            }
            if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
            parts.append(.field(String(name)))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        self.parts = parts
    }

    func filled(_ texts: [String: String], for block: String) throws(DocumentError) -> String {
        var filled = ""
        for part in parts {
            switch part {
            case .text(let text): filled += text
            case .field(let name):
                guard let text = texts[name] else {
                    throw .sheet("\(block) needs {\(name)}, which is not given")
                }
                filled += text
            }
        }
        return filled
    }
}
