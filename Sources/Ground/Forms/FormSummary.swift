public import Kernel
import Standards

/// What the check page shows for one page of the form.
public struct SummarySection: Sendable {
    public let page: String
    public let title: Words
    public let rows: [SummaryRow]
}

/// One line: question, answer as words, and where to change it.
public struct SummaryRow: Hashable, Sendable {
    public let path: String
    /// With the group or row before it: `股东 2 · 姓名`.
    public let label: String
    public let shown: String
    public let isMasked: Bool
    public let page: String
}

extension FormDefinition {
    /// The answers as words, in the order of the form; questions that were not asked or not answered are left out.
    /// - Parameter masked: hides sensitive values as ux.md asks (`150***********123X`, `138****1234`).
    public func summary(
        _ data: JSON,
        language: String = "zh",
        masked: Bool = true,
        context: FormContext
    ) -> [SummarySection] {
        let scope = FormScope(self, data: data, context: context)
        let writer = SummaryWriter(language: language, masked: masked, context: context)
        return pages.compactMap { page in
            guard scope.holds(page.visible) else { return nil }
            let rows = writer.rows(page.fields, data, at: FormPath(), heading: "", page: page.id)
            return rows.isEmpty ? nil : SummarySection(page: page.id, title: page.title, rows: rows)
        }
    }
}

struct SummaryWriter {
    let language: String
    let masked: Bool
    let context: FormContext

    func rows(_ fields: [FormField], _ data: JSON, at path: FormPath, heading: String, page: String)
        -> [SummaryRow]
    {
        var rows: [SummaryRow] = []
        for field in fields {
            let value = data[field.name]
            if value.isNull { continue }
            let place = path.member(field.name)
            let label = heading.isEmpty ? field.label(language) : "\(heading) · \(field.label(language))"
            switch field.kind {
            case .group(let children):
                rows += self.rows(children, value, at: place, heading: label, page: page)
            case .rows(let children, _, let most):
                for (index, element) in value.elements.prefix(most).enumerated() {
                    rows += self.rows(
                        children,
                        element,
                        at: place.index(index),
                        heading: "\(label) \(index + 1)",
                        page: page
                    )
                }
            case .sameAs, .signature: continue
            default:
                let hides = masked && (field.isSensitive || field.kind.isPersonal)
                let text = hides ? field.kind.mask(value) : shown(field.kind, value)
                rows.append(
                    SummaryRow(
                        path: place.description,
                        label: label,
                        shown: text,
                        isMasked: hides,
                        page: page
                    )
                )
            }
        }
        return rows
    }

    private var isEnglish: Bool { language.hasPrefix("en") }

    func shown(_ kind: FieldKind, _ value: JSON) -> String {
        switch kind {
        case .choice(let options):
            return options.first { .string($0.code) == value }?.label(language) ?? kind.print(value)
        case .multichoice(let options):
            let labels = value.elements.map { code in
                options.first { .string($0.code) == code }?.label(language) ?? code.text ?? ""
            }
            return labels.joined(separator: isEnglish ? ", " : "、")
        case .yesNo:
            guard let flag = value.bool else { return kind.print(value) }
            return isEnglish ? (flag ? "Yes" : "No") : (flag ? "是" : "否")
        case .money:
            guard let fen = value.int else { return kind.print(value) }
            let money = Money(fen: fen)
            return isEnglish
                ? "CNY \(money.yuanText)" : "\(money.tenThousandYuanText)万元（\(money.chineseCapitals)）"
        case .percent: return "\(kind.print(value))%"
        case .date:
            guard !isEnglish, let date = value.text.flatMap({ LocalDate(parsing: $0) }) else {
                return kind.print(value)
            }
            return date.chineseText
        case .region:
            guard let code = value.text else { return kind.print(value) }
            return context.codes.region?(code, context.today)?.name(language) ?? code
        case .industry:
            guard let code = value.text else { return kind.print(value) }
            return context.codes.industry?(code).map { "\($0(language))（\(code)）" } ?? code
        case .scope:
            let words = value.elements.compactMap(\.text).map { code in
                context.codes.scope?(code, context.today)?(language) ?? code
            }
            return words.joined(separator: isEnglish ? "; " : "；")
        case .file: return isEnglish ? "Uploaded" : "已上传"
        case .promise(let version, _): return isEnglish ? "Agreed (version \(version))" : "已承诺（\(version) 版）"
        default: return kind.print(value)
        }
    }
}

extension FieldKind {
    /// A value as people read it: the label of a code, yes and no, money in ten thousands.
    public func words(_ value: JSON, language: String, context: FormContext) -> String {
        SummaryWriter(language: language, masked: false, context: context).shown(self, value)
    }

    /// Hidden by default wherever it is shown.
    var isPersonal: Bool {
        switch self {
        case .identityNumber, .phone: true
        default: false
        }
    }

    func mask(_ value: JSON) -> String {
        guard let text = value.text else { return "***" }
        switch self {
        case .identityNumber: return Masking.middle(of: text, front: 3, back: 4)
        case .phone: return Masking.middle(of: text, front: 3, back: 4)
        case .name: return Masking.name(text)
        case .email:
            guard let at = text.firstIndex(of: "@") else { return "***" }
            return "\(text.prefix(1))***\(text[at...])"
        default: return "\(text.prefix(2))***"
        }
    }
}
