/// Lines with marks. A mark is a control character at the start of a line; values never hold one, so that
/// nobody can write a heading or a table row into a paper by way of a field.
///
/// In a template the marks are written `## ` (heading), `- ` (item), `> ` (at the right), `~ ` (note) and `| `
/// (table row with cells between bars).
struct PaperText: Hashable, Sendable {
    enum Mark: Character, CaseIterable {
        case heading = "\u{1}"
        case item = "\u{2}"
        case right = "\u{3}"
        case note = "\u{4}"
        case row = "\u{5}"

        var written: String {
            switch self {
            case .heading: "## "
            case .item: "- "
            case .right: "> "
            case .note: "~ "
            case .row: "| "
            }
        }
    }

    static let cell: Character = "\u{1F}"

    struct Line: Hashable {
        let mark: Mark?
        let text: String

        var cells: [String] {
            text.split(separator: PaperText.cell, omittingEmptySubsequences: false).map { Self.trim($0) }
        }

        static func trim(_ text: some StringProtocol) -> String {
            var rest = text[...]
            while rest.first == " " { rest = rest.dropFirst() }
            while rest.last == " " { rest = rest.dropLast() }
            return String(rest)
        }
    }

    let lines: [Line]

    init(_ marked: String) {
        lines = marked.split(separator: "\n", omittingEmptySubsequences: true).map { line in
            if let mark = line.first.flatMap(Mark.init(rawValue:)) {
                return Line(mark: mark, text: Line.trim(line.dropFirst()))
            }
            return Line(mark: nil, text: Line.trim(line))
        }.filter { !$0.text.isEmpty }
    }

    /// Puts the marks of a template's text into their stored form.
    static func mark(_ template: String) -> String {
        template.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            for mark in Mark.allCases where line.hasPrefix(mark.written) {
                var text = String(line.dropFirst(mark.written.count))
                if mark == .row {
                    if text.hasSuffix("|") { text.removeLast() }
                    text = String(text.map { $0 == "|" ? cell : $0 })
                }
                return "\(mark.rawValue)\(text)"
            }
            return String(line)
        }.joined(separator: "\n")
    }

    func canonical(title: String, number: String?) -> String {
        var out = [title]
        if let number { out.append(number) }
        for line in lines {
            switch line.mark {
            case .row: out.append(line.cells.joined(separator: "\t"))
            case .item: out.append("· \(line.text)")
            case .heading, .right, .note, nil: out.append(line.text)
            }
        }
        return out.joined(separator: "\n") + "\n"
    }

    func html(title: String, number: String?) -> String {
        var out = ["<article class=\"paper\" lang=\"zh-CN\">", "<h1>\(escaped(title))</h1>"]
        if let number { out.append("<p class=\"paper-number\">\(escaped(number))</p>") }
        var open: Mark?
        func close() {
            switch open {
            case .item: out.append("</ul>")
            case .row: out.append("</tbody></table>")
            case .heading, .right, .note, nil: break
            }
            open = nil
        }
        for line in lines {
            if open != line.mark { close() }
            switch line.mark {
            case .heading: out.append("<h2>\(escaped(line.text))</h2>")
            case .item:
                if open == nil { out.append("<ul>") }
                out.append("<li>\(escaped(line.text))</li>")
            case .right: out.append("<p class=\"paper-right\">\(escaped(line.text))</p>")
            case .note: out.append("<p class=\"paper-note\"><small>\(escaped(line.text))</small></p>")
            case .row:
                if open == nil { out.append("<table><tbody>") }
                let cells = line.cells.enumerated().map { index, cell in
                    index == 0 ? "<th scope=\"row\">\(escaped(cell))</th>" : "<td>\(escaped(cell))</td>"
                }
                out.append("<tr>\(cells.joined())</tr>")
            case nil: out.append("<p>\(escaped(line.text))</p>")
            }
            open = line.mark
        }
        close()
        out.append("</article>")
        return out.joined(separator: "\n") + "\n"
    }

    private func escaped(_ text: String) -> String {
        var out = ""
        for character in text {
            switch character {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.append(character)
            }
        }
        return out
    }
}
