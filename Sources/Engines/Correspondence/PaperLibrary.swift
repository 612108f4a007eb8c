internal import Forms
internal import Foundation
public import Kernel
internal import Mustache

/// The wording of the papers, read once at start from `Resources/papers/zh/*.mustache`. Chinese is the
/// authoritative text.
public struct PaperLibrary: Sendable {
    let templates: [String: [PaperTemplate]]
    let remedies: [Remedies]

    public init(home: Home) throws(CorrespondenceError) { try self.init(folder: home.resource("papers")) }

    public init(folder: String) throws(CorrespondenceError) {
        var templates: [String: [PaperTemplate]] = [:]
        for (name, text) in try Self.files(in: "\(folder)/zh", suffix: ".mustache") {
            let template = try PaperTemplate(file: name, text: text)
            templates[template.kind, default: []].append(template)
        }
        self.templates = templates.mapValues { $0.sorted { $0.wording < $1.wording } }
        guard let (_, text) = try Self.files(in: folder, suffix: "remedies.yaml").first else {
            throw .definition(file: "remedies.yaml", what: "missing")
        }
        remedies = try Remedies.read(text)
    }

    /// The kinds of paper, by name.
    public var kinds: [String] { templates.keys.sorted() }

    /// The title of a kind, for lists.
    public func title(of kind: String) throws(CorrespondenceError) -> (zh: String, en: String) {
        let template = try template(kind, on: nil)
        return (template.title(template.titleZh, with: [:]), template.title(template.titleEn, with: [:]))
    }

    /// What a kind asks for: names of fields, those that may be missing marked with `?`.
    public func fields(of kind: String) throws(CorrespondenceError) -> [String] {
        try template(kind, on: nil).fields.map { $0.required ? $0.name : "\($0.name)?" }
    }

    /// The fields of a kind with their shapes: `text`, `bool`, `number`, `list`, `date`, `money`.
    public func shapes(of kind: String) throws(CorrespondenceError) -> [(name: String, shape: String)] {
        try template(kind, on: nil).fields.map { ($0.name, $0.shape.rawValue) }
    }

    /// The wording in force on `date`; the newest for nil.
    func template(_ kind: String, on date: LocalDate?) throws(CorrespondenceError) -> PaperTemplate {
        guard let versions = templates[kind], let newest = versions.last else { throw .unknownKind(kind) }
        guard let date else { return newest }
        return versions.last { $0.wording <= date } ?? versions[0]
    }

    static func files(in folder: String, suffix: String) throws(CorrespondenceError) -> [(String, String)] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
            throw .definition(file: folder, what: "the folder cannot be read")
        }
        var files: [(String, String)] = []
        for name in names where name.hasSuffix(suffix) {
            guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)"),
                let text = String(validating: bytes, as: UTF8.self)
            else { throw .definition(file: name, what: "not readable as UTF-8") }
            files.append((name, text))
        }
        return files
    }
}

/// The periods of the remedies against a decision: administrative review (行政复议法, 20) and suit
/// (行政诉讼法, 46), as they are printed.
struct Remedies: Hashable, Sendable {
    let from: LocalDate
    let review: String
    let suit: String

    static func read(_ text: String) throws(CorrespondenceError) -> [Remedies] {
        let reader = try DefinitionReader<CorrespondenceError>(text: text, file: "remedies.yaml")
        var remedies: [Remedies] = []
        for entry in try reader.list("remedies") {
            try entry.only("from", "review", "suit")
            remedies.append(
                Remedies(
                    from: try entry.date("from"),
                    review: try entry.text("review"),
                    suit: try entry.text("suit")
                )
            )
        }
        guard !remedies.isEmpty else { throw reader.wrong("no remedies") }
        return remedies.sorted { $0.from < $1.from }
    }
}

/// One wording of one kind of paper.
struct PaperTemplate: Sendable {
    struct Field: Hashable, Sendable {
        enum Shape: String, Sendable, CaseIterable {
            case text, bool, number, list
            /// `YYYY-MM-DD`, printed `2026年11月21日`.
            case date
            /// Fen; prints as 万元, and as capitals under `<name>Capitals`.
            case money
        }
        let name: String
        let shape: Shape
        let required: Bool
    }

    let kind: String
    let wording: LocalDate
    let titleZh: String
    let titleEn: String
    let numberPattern: String?
    let series: String?
    let fields: [Field]
    let body: MustacheTemplate

    init(file: String, text: String) throws(CorrespondenceError) {
        let parts = text.split(separator: "---\n", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty else {
            throw .definition(file: file, what: "no front matter")
        }
        let front = try DefinitionReader<CorrespondenceError>(text: String(parts[1]), file: file)
        try front.only("kind", "from", "title", "number", "series", "law", "fields")
        kind = try front.text("kind")
        wording = try front.date("from")
        let title = try front.member("title")
        try title.only("zh", "en")
        titleZh = try title.text("zh")
        titleEn = try title.text("en")
        numberPattern = try front.optionalText("number")
        series = try front.optionalText("series")
        guard (numberPattern == nil) == (series == nil) else {
            throw front.wrong("number and series go together")
        }
        var fields: [Field] = []
        for (key, entry) in try front.members("fields") {
            guard let shape = Field.Shape(rawValue: try entry.scalar()) else {
                throw entry.wrong("shape is unknown")
            }
            let optional = key.hasSuffix("?")
            fields.append(
                Field(name: optional ? String(key.dropLast()) : key, shape: shape, required: !optional)
            )
        }
        self.fields = fields
        do {
            body = try MustacheTemplate(string: "{{% CONTENT_TYPE: TEXT}}" + PaperText.mark(String(parts[2])))
        } catch { throw .definition(file: file, what: "template: \(error)") }
    }

    /// A title may name what one paper of the kind is about, in brackets: `办理回执（{matter}）`. Without the field the
    /// brackets go.
    func title(_ words: String, with fields: JSON) -> String {
        guard let open = words.firstIndex(where: { "（(".contains($0) }), let name = words.firstIndex(of: "{"),
            let end = words.firstIndex(of: "}")
        else { return words }
        let field = String(words[words.index(after: name)..<end])
        guard let value = fields[field].text else {
            return words[..<open].trimmingCharacters(in: .whitespaces)
        }
        return words.filled([field: Self.clean(value)])
    }

    /// What the template sees. Values lose control and bidirectional characters and line breaks.
    func context(_ data: JSON) throws(CorrespondenceError) -> [String: Any] {
        for name in data.members.keys.sorted() where !fields.contains(where: { $0.name == name }) {
            throw .fieldUnknown(kind: kind, field: name)
        }
        var context: [String: Any] = [:]
        for field in fields {
            let value = data[field.name]
            if value.isNull || value == "" || value == [] {
                if field.required && value != [] { throw .fieldMissing(kind: kind, field: field.name) }
                continue
            }
            switch (field.shape, value) {
            case (.text, .string(let text)): context[field.name] = Self.clean(text)
            case (.bool, .bool(let flag)): context[field.name] = flag
            case (.number, .number(let digits)): context[field.name] = digits
            case (.list, .array(let elements)): context[field.name] = elements.map(Self.plain)
            case (.date, .string(let text)):
                guard let date = LocalDate(parsing: text) else {
                    throw .fieldMalformed(kind: kind, field: field.name)
                }
                context[field.name] = date.chineseText
            case (.money, .number):
                guard let fen = value.int else { throw .fieldMalformed(kind: kind, field: field.name) }
                context[field.name] = "\(Money(fen: fen).tenThousandYuanText)万元"
                context["\(field.name)Capitals"] = Money(fen: fen).chineseCapitals
            case (.text, _), (.bool, _), (.number, _), (.list, _), (.date, _), (.money, _):
                throw .fieldMalformed(kind: kind, field: field.name)
            }
        }
        return context
    }

    func marked(_ context: [String: Any]) -> String { body.render(context) }

    /// Inside lists a text that is a date prints as one.
    private static func plain(_ value: JSON) -> Any {
        switch value {
        case .null: ""
        case .bool(let flag): flag
        case .number(let digits): digits
        case .string(let text): LocalDate(parsing: text)?.chineseText ?? clean(text)
        case .array(let elements): elements.map(plain)
        case .object(let members): members.mapValues(plain)
        }
    }

    static func clean(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x09, 0x0A, 0x0D, 0x2028, 0x2029: out.append(" ")
            case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: continue
            default: out.append(scalar)
            }
        }
        return String(out)
    }
}
