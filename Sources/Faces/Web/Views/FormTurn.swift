public import Forms
public import Kernel

/// What somebody did with a page of a form.
public struct FormTurn: Sendable {
    public enum Wish: Sendable, Equatable {
        /// On to the next page, if nothing is wrong.
        case onward
        /// 保存草稿.
        case later
        /// 返回上一步: the answers are kept, whatever is wrong with them.
        case back
        /// The same page again: a row was added or taken away, or an answer brought new questions.
        case stay
    }

    /// The draft with the page's answers in it.
    public let data: JSON
    public let wish: Wish
    /// Rows to be shown at least, by path, for `FormSheet.view`.
    public let blanks: [String: Int]
    /// Answers that the account gives and that came back changed: they were left as they are. A page kept open while
    /// the account changed sends such, and so does one that was tampered with.
    public let refused: [FieldProblem]

    /// - Parameter files: digests of files that were kept, by path. What a browser sends as the text of a file question
    ///   is never believed.
    /// - Throws: `FormError` for what no page of ours sends.
    public init(_ visit: Visit, _ sheet: FormSheet, files: [String: String] = [:]) throws(FormError) {
        let form = visit.form
        let answers = form.byName.filter { !sheet.isFile($0.key) }.merging(files.mapValues { [$0] }) {
            _,
            new in new
        }
        let (normalised, refused) = try FormTurn.normalised(answers, sheet)
        var data = normalised
        var blanks = FormTurn.rowsShown(form)
        if let group = form.trimmed("_add"), let path = FormPath(parsing: group) {
            blanks[group] = max(data[path].elements.count, blanks[group] ?? 0) + 1
            wish = .stay
        } else if let row = form.trimmed("_remove"), let path = FormPath(parsing: row),
            case .index(let index)? = path.steps.last
        {
            let group = FormPath(Array(path.steps.dropLast()))
            blanks[group.description] = (blanks[group.description] ?? 1) - 1
            data = sheet.definition.removingRow(index, of: group, from: data, context: sheet.context)
            wish = .stay
        } else if let file = form.trimmed("_drop"), let path = FormPath(parsing: file), sheet.isFile(file) {
            data[path] = .null
            wish = .stay
        } else if form.has("_refresh") || form.has("_find") {
            wish = .stay
        } else if form.has("_save") {
            wish = .later
        } else if form.has("_back") {
            wish = .back
        } else {
            let next = FormSheet(
                sheet.definition,
                page: sheet.page,
                data: data,
                context: sheet.context,
                visit: visit,
                offer: sheet.offer
            )
            let asked = FormSheet.asked(
                SheetWriter(sheet: next, errors: [:], blanks: [:]).elements(sheet.page.fields, at: FormPath())
            )
            wish = form["_asked"].map { $0 != asked } ?? false ? .stay : .onward
        }
        self.data = data
        self.blanks = blanks
        self.refused = refused
    }

    /// One locked answer after the other is left out, so that the rest of the page is kept.
    private static func normalised(
        _ answers: [String: [String]],
        _ sheet: FormSheet
    ) throws(FormError) -> (JSON, [FieldProblem]) {
        var answers = answers
        var refused: [FieldProblem] = []
        while true {
            do throws(FormError) {
                let data = try sheet.definition.normalise(
                    answers,
                    onto: sheet.data,
                    page: sheet.page.id,
                    context: sheet.context
                )
                return (data, refused)
            } catch {
                guard case .lockedField(let path) = error, answers.removeValue(forKey: path) != nil,
                    let label = sheet.label(at: path)
                else { throw error }
                refused.append(FieldProblem(path: path, code: "form.locked-field", label: label))
            }
        }
    }

    /// How many rows of each repeated group the page showed, empty ones too: they are not kept, but stay on the page.
    private static func rowsShown(_ form: FormValues) -> [String: Int] {
        var shown: [String: Int] = [:]
        for name in form.byName.keys {
            guard let path = FormPath(parsing: name) else { continue }
            for (place, step) in path.steps.enumerated() {
                guard case .index(let index) = step, index < FormTurn.rowsMax else { continue }
                let group = FormPath(Array(path.steps.prefix(place))).description
                shown[group] = max(shown[group] ?? 0, index + 1)
            }
        }
        return shown
    }

    /// No group asks for more rows; a name with a greater index is not one of ours.
    private static let rowsMax = 1_000
}
