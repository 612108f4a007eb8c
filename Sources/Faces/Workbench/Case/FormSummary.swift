import CompanyOpening
import Forms
import Kernel
import Web

/// The filled form as names and values. Personal data are masked unless the reader gave a purpose.
struct FormSummary {
    var isMasked: Bool
    let language: String
    let words: FormWords
    /// By digest what the case page calls a file and where it is read.
    let files: [String: (name: String, href: String?)]

    /// The form page by page, each behind its title. Masked they are closed: what stands in the way is shown above.
    func pages(_ definition: FormDefinition, data: JSON) -> [FoldView] {
        definition.pages.compactMap { page in
            let rows = rows(page.fields, data: data, prefix: "", path: "")
            return rows.isEmpty
                ? nil
                : FoldView(title: page.title(language), isOpen: !isMasked, summary: SummaryView(rows: rows))
        }
    }

    private func rows(_ fields: [FormField], data: JSON, prefix: String, path: String) -> [SummaryView.Row] {
        fields.flatMap { field -> [SummaryView.Row] in
            let value = data[field.name]
            guard !value.isNull else { return [] }
            let label = prefix + field.label(language)
            let path = path.isEmpty ? field.name : "\(path).\(field.name)"
            switch field.kind {
            case .group(let children): return rows(children, data: value, prefix: "\(label) · ", path: path)
            case .rows(let children, _, _):
                return value.elements.enumerated().flatMap { index, element in
                    rows(children, data: element, prefix: "\(label) \(index + 1) · ", path: path)
                }
            case .file:
                return (value.text.map { [$0] } ?? value.elements.compactMap(\.text)).map { digest in
                    SummaryView.Row(label, files[digest]?.name ?? digest, valueHref: files[digest]?.href)
                }
            default:
                // A firm's name is public, and so is the row that names it; a person's is not.
                let isFirm = field.name == "name" && data["kind"].text == "organisation"
                return [
                    SummaryView.Row(label, isFirm ? field.kind.print(value) : text(field, value, path: path))
                ]
            }
        }
    }

    private func text(_ field: FormField, _ value: JSON, path: String) -> String {
        let plain = words.words(field, at: path, value) ?? field.kind.print(value)
        switch field.kind {
        case .choice(let options), .multichoice(let options):
            let codes = value.text.map { [$0] } ?? value.elements.compactMap(\.text)
            return codes.map { code in options.first { $0.code == code }?.label(language) ?? code }
                .joined(separator: "、")
        case .yesNo: return value.bool == true ? "✓" : "✗"
        case .promise: return "✓"
        case .identityNumber, .phone, .email: return isMasked ? Self.mask(plain) : plain
        case .name: return isMasked ? PersonMask.name(plain) : plain
        default: return isMasked && field.isSensitive ? Self.mask(plain) : plain
        }
    }

    /// `150***********123X`: three in front, four behind.
    static func mask(_ text: String) -> String {
        guard text.count > 8 else { return String(repeating: "*", count: text.count) }
        return "\(text.prefix(3))\(String(repeating: "*", count: text.count - 7))\(text.suffix(4))"
    }
}
