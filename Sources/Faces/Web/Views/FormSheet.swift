public import Forms
public import Kernel

/// One page of a defined form, ready to be asked: draws it, and says what is wrong beside each question.
public struct FormSheet: Sendable {
    /// Answers that can be picked, for kinds whose choices the form itself does not list (regions, industries, scope
    /// phrases, codes of a list kept elsewhere); nil leaves the question a text box.
    public typealias Offer = @Sendable (_ field: FormField, _ path: String) -> [FieldView.Option]?

    public let definition: FormDefinition
    public let page: FormPage
    public let data: JSON
    /// Where prefilled values came from, by path.
    public let sources: [String: String]
    public let context: FormContext
    public let visit: Visit
    let offer: Offer
    /// A kept file by its digest.
    let keptFile: @Sendable (String) -> FieldView.Kept?

    public init(
        _ definition: FormDefinition,
        page: FormPage,
        data: JSON,
        sources: [String: String] = [:],
        context: FormContext,
        visit: Visit,
        keptFile: @escaping @Sendable (String) -> FieldView.Kept? = { _ in nil },
        offer: @escaping Offer = { _, _ in nil }
    ) {
        self.keptFile = keptFile
        self.definition = definition
        self.page = page
        self.data = data
        self.sources = sources
        self.context = context
        self.visit = visit
        self.offer = offer
    }

    /// The form as it is asked now.
    /// - Parameters:
    ///   - problems: what `FormDefinition.check` found; empty on the first showing.
    ///   - blanks: how many rows a repeated group shows at least, by path.
    public func view(
        action: String,
        problems: [FieldProblem] = [],
        blanks: [String: Int] = [:],
        submit: String,
        second: String? = nil,
        back: String? = nil
    ) -> FormView {
        let words = Dictionary(grouping: problems, by: \.path).mapValues { $0.map(text) }
        let writer = SheetWriter(sheet: self, errors: words, blanks: blanks)
        var elements = writer.elements(page.fields, at: FormPath())
        // A page of one group is named like the group: the heading need not stand there twice.
        if case .section(page.title(language), nil)? = elements.first { elements.removeFirst() }
        return FormView(
            action: action,
            elements: elements,
            errors: ErrorSummary(
                lines(problems),
                visit: visit
            ),
            submit: submit,
            second: second,
            back: back,
            isUpload: elements.contains(where: \.takesFile),
            asked: FormSheet.asked(elements)
        )
    }

    var language: String { visit.language.rawValue }

    private func text(_ problem: FieldProblem) -> String {
        if let own = problem.message { return own(language) }
        var arguments = problem.arguments
        arguments["label"] = problem.label(language)
        if problem.code == "form.choose", case .yesNo? = field(of: problem)?.kind {
            return visit.text("problem.form.answer", arguments)
        }
        return visit.text("problem.\(problem.code)", arguments)
    }

    /// One line for each problem; what would read alike says to which part of the page it belongs.
    private func lines(_ problems: [FieldProblem]) -> [ErrorSummary.Line] {
        let words = problems.map { place($0) + text($0) }
        let often = Dictionary(grouping: words) { $0 }.mapValues(\.count)
        return zip(problems, words).map { problem, words in
            let part = often[words, default: 0] > 1 ? field(of: problem, above: 1)?.label(language) : nil
            let whole = part.map { visit.text("web.part-place", ["label": $0]) + words } ?? words
            return ErrorSummary.Line(whole, field: problem.path)
        }
    }

    private func field(of problem: FieldProblem, above levels: Int = 0) -> FormField? {
        let names = FormPath(parsing: problem.path)?.steps.compactMap { step -> String? in
            if case .member(let name) = step { name } else { nil }
        }
        return names.flatMap { definition.field(at: $0.dropLast(levels).joined(separator: ".")) }
    }

    /// Which of several rows is meant: `股东 2：`.
    private func place(_ problem: FieldProblem) -> String {
        guard let path = FormPath(parsing: problem.path) else { return "" }
        var names: [String] = []
        for step in path.steps {
            switch step {
            case .member(let name): names.append(name)
            case .index(let index):
                guard let rows = definition.field(at: names.joined(separator: ".")) else { return "" }
                return sheetText(rows.label(language), index + 1)
            }
        }
        return ""
    }

    private func sheetText(_ label: String, _ number: Int) -> String {
        visit.text("web.row-place", ["label": label, "number": String(number)])
    }

    /// Whether a path is that of a file question of this page.
    public func isFile(_ path: String) -> Bool { fileKind(path) != nil }

    /// What a file question takes; nil for every other path.
    public func fileKind(_ path: String) -> (accept: [String], sizeBytesMax: Int)? {
        guard let parsed = FormPath(parsing: path) else { return nil }
        let names = parsed.steps.compactMap { step -> String? in
            if case .member(let name) = step { name } else { nil }
        }
        guard page.fields.contains(where: { $0.name == names.first }),
            case .file(let accept, let size)? = definition.field(at: names.joined(separator: "."))?.kind
        else { return nil }
        return (accept, size)
    }

    /// A short mark of which questions are on the page: rows are left out, as they come and go by buttons.
    static func asked(_ elements: [FormView.Element]) -> String {
        var sum: UInt64 = 0xCBF2_9CE4_8422_2325
        for case .field(let field) in elements where field.kind != .shown {
            for byte in field.name.utf8 { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        return String(sum, radix: 36)
    }
}

/// Turns fields of a definition into fields of a page.
struct SheetWriter {
    let sheet: FormSheet
    let errors: [String: [String]]
    let blanks: [String: Int]

    func elements(_ fields: [FormField], at place: FormPath) -> [FormView.Element] {
        var elements: [FormView.Element] = []
        for field in fields {
            let path = place.member(field.name)
            guard isAsked(field, path), field.computed == nil || !sheet.data[path].isNull else { continue }
            switch field.kind {
            case .signature: continue
            case .group(let children):
                elements.append(.section(title: field.label(language), text: field.hint?(language)))
                elements += self.elements(children, at: path)
            case .rows(let children, let least, let most):
                elements.append(.group(group(field, children, least: least, most: most, at: path)))
            default: elements.append(.field(view(field, at: path)))
            }
        }
        return elements
    }

    private var language: String { sheet.language }

    private func isAsked(_ field: FormField, _ path: FormPath) -> Bool {
        sheet.definition.isAsked(field, at: path, data: sheet.data, context: sheet.context)
    }

    private func group(
        _ field: FormField,
        _ children: [FormField],
        least: Int,
        most: Int,
        at path: FormPath
    ) -> GroupView {
        let name = path.description
        let count = min(most, max(sheet.data[path].elements.count, least, blanks[name] ?? 0))
        let rows = (0..<count).map { index in
            GroupView.Row(
                heading: "\(field.label(language)) \(index + 1)",
                fields: rowFields(children, at: path.index(index), labelled: nil),
                removal: count > least ? path.index(index).description : nil
            )
        }
        return GroupView(
            name: name,
            label: field.label(language),
            hint: field.hint?(language),
            rows: rows,
            addLabel: count < most
                ? sheet.visit.text("web.add-row", ["label": field.label(language)]) : nil,
            errors: errors[name] ?? []
        )
    }

    private func rowFields(
        _ fields: [FormField],
        at place: FormPath,
        labelled heading: String?
    ) -> [FieldView] {
        var views: [FieldView] = []
        for field in fields {
            let path = place.member(field.name)
            guard isAsked(field, path) else { continue }
            switch field.kind {
            case .signature, .rows: continue
            case .group(let children):
                views += rowFields(children, at: path, labelled: field.label(language))
            default:
                var view = view(field, at: path)
                if let heading { view.label = "\(heading) · \(view.label)" }
                views.append(view)
            }
        }
        return views
    }

    private func view(_ field: FormField, at path: FormPath) -> FieldView {
        let name = path.description
        let value = sheet.data[path]
        let required = sheet.definition.isRequired(field, at: path, data: sheet.data, context: sheet.context)
        let source = sheet.sources[name]
        var view = FieldView(
            name: name,
            label: field.label(language),
            value: field.kind.print(value),
            hint: field.hint?(language),
            errors: errors[name] ?? [],
            isOptional: !required && field.computed == nil,
            source: source.map { sheet.visit.text("web.source.\($0)") },
            autocomplete: field.autocomplete,
            isFixed: source != nil && field.prefill?.isLocked == true && !value.isNull
        )
        dress(&view, field, value, at: path)
        view.isAsking = isAsking(field)
        if field.computed != nil {
            view.kind = .shown
            view.value = field.kind.words(value, language: language, context: sheet.context)
        }
        if let unit = view.unit, view.label.hasSuffix("（\(unit)）") { view.unit = nil }
        return view
    }

    private func offered(_ field: FormField, _ path: FormPath, chosen: Set<String>) -> [FieldView.Option] {
        sheet.definition.options(of: field, at: path, data: sheet.data, context: sheet.context).map {
            FieldView.Option(
                value: $0.code,
                label: $0.label(language),
                hint: $0.hint?(language),
                isChosen: chosen.contains($0.code)
            )
        }
    }

    // One case a type of field: a table.
    private func dress(_ view: inout FieldView, _ field: FormField, _ value: JSON, at path: FormPath) {
        let several = Set(value.elements.compactMap(\.text))
        switch field.kind {
        case .text(let length):
            view.lengthMax = length.upperBound
            dressOffer(&view, field, many: false, chosen: [view.value])
        case .name(let length): view.lengthMax = length.upperBound
        case .multiline(let length):
            view.kind = .lines(length.upperBound > 200 ? 6 : 3)
            view.lengthMax = length.upperBound
        case .integer: view.kind = .number
        case .decimal: view.kind = .decimal
        case .time: view.kind = .time
        case .money, .percent:
            view.kind = .money
            view.unit = field.kind.name == "percent" ? "%" : sheet.visit.text("web.ten-thousand-yuan")
        case .date:
            view.kind = .date
            view.hint = view.hint ?? sheet.visit.text("web.date-hint")
        case .choice:
            view.options = offered(field, path, chosen: [view.value])
            view.kind = view.options.count > 5 ? .select : .radios
        case .multichoice:
            view.options = offered(field, path, chosen: several)
            view.kind = .boxes
        case .yesNo:
            view.kind = .radios
            view.options = ["true", "false"].map {
                FieldView.Option(
                    value: $0,
                    label: sheet.visit.text($0 == "true" ? "web.yes" : "web.no"),
                    isChosen: view.value == $0
                )
            }
        case .identityNumber, .creditCode: view.kind = .code
        case .phone: view.kind = .telephone
        case .email: view.kind = .email
        case .file(let accept, let size):
            view.kind = .file(accept: accept.flatMap(FieldView.extensions(of:)).joined(separator: ","))
            view.hint = [
                view.hint,
                sheet.visit.text(
                    "web.file-hint",
                    [
                        "kinds": accept.map { $0.uppercased() }.joined(separator: " "),
                        "max": String(size / 1_048_576),
                    ]
                ),
            ].compactMap { $0 }.joined(separator: sheet.visit.text("web.hint-joint"))
            view.kept = value.text.flatMap(sheet.keptFile)
        case .promise(let version, let text):
            view.kind = .tick
            view.hint = text(language)
            view.options = [.init(value: version, label: "")]
        case .sameAs: dressCandidates(&view, field)
        case .region, .industry: dressOffer(&view, field, many: false, chosen: [view.value])
        case .scope: dressOffer(&view, field, many: true, chosen: several)
        case .signature, .group, .rows: break
        }
    }

    private func dressCandidates(_ view: inout FieldView, _ field: FormField) {
        let chosen = view.value
        view.options = sheet.definition.candidates(for: field, in: sheet.data).map {
            FieldView.Option(value: $0.path, label: $0.name, isChosen: $0.path == chosen)
        }
        view.kind = .select
    }

    private func dressOffer(_ view: inout FieldView, _ field: FormField, many: Bool, chosen: Set<String>) {
        guard let options = sheet.offer(field, view.name) else { return }
        view.options = options.map {
            FieldView.Option(
                value: $0.value,
                label: $0.label,
                hint: $0.hint,
                isChosen: chosen.contains($0.value),
                group: $0.group
            )
        }
        view.kind = many ? .boxes : .select
    }

    /// Whether another question's presence hangs on this answer.
    private func isAsking(_ field: FormField) -> Bool {
        switch field.kind {
        case .choice, .multichoice, .yesNo, .sameAs, .promise: break
        // The districts of a league are offered once the league is known.
        case .region(let level): return level == "league"
        default: return false
        }
        return SheetWriter.conditions(sheet.page.fields).contains { text in
            text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }).contains {
                $0 == field.name
            }
        }
    }

    private static func conditions(_ fields: [FormField]) -> [String] {
        fields.flatMap { field -> [String] in
            var texts = [field.visible?.text].compactMap { $0 }
            if case .when(let condition) = field.required { texts.append(condition.text) }
            if case .choice(let options) = field.kind { texts += options.compactMap { $0.visible?.text } }
            return texts + conditions(field.kind.children)
        }
    }
}
