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
        dropDoubled(&elements)
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
            asked: FormSheet.asked(elements)
        )
    }

    var language: String { visit.language.rawValue }

    /// Of headings that follow on each other the innermost says what is asked; and what the page's own heading says
    /// already need not stand under it again.
    private func dropDoubled(_ elements: inout [FormView.Element]) {
        while elements.count > 1, case .section(_, nil) = elements[0], case .section = elements[1] {
            elements.removeFirst()
        }
        if case .section(let title, nil)? = elements.first, page.title(language).contains(title) {
            elements.removeFirst()
        }
    }

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

    /// What the question at a path is called; nil where there is none.
    func label(at path: String) -> Words? {
        let names = FormPath(parsing: path)?.steps.compactMap { step -> String? in
            if case .member(let name) = step { name } else { nil }
        }
        return names.flatMap { definition.field(at: $0.joined(separator: "."))?.label }
    }

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
        for case .field(let field) in elements where field.kind != .shown || field.isFixed {
            for byte in field.name.utf8 { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        return String(sum, radix: 36)
    }
}
