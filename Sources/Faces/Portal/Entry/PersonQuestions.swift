import Kernel
import Standards
import Web

/// Name and document of a person, as forms ask for them: typed, read, and shown again with what is wrong.
struct PersonQuestions {
    /// What is wrong with the answer to a question.
    typealias Wrong = (field: String, refusal: any Refusal)

    let name: String
    let kind: String
    let number: String

    /// Nothing is typed yet.
    init() { (name, kind, number) = ("", "resident-id", "") }

    init(_ form: FormValues) {
        name = form.trimmed("name") ?? ""
        kind = form.trimmed("kind") ?? ""
        number = form.trimmed("number") ?? ""
    }

    /// The person who is meant; else what is wrong is added.
    func read(_ visit: Visit, _ desk: PortalDesk, wrong: inout [Wrong]) throws -> (
        PersonName, IdentityDocument
    )? {
        let name = Result { try PersonName(self.name) }
        let document = Result {
            try desk.standards.identityDocument(kind: kind, number: number, on: visit.now.date)
        }
        for (field, problem) in [("name", name.problem), ("number", document.problem)] {
            guard let problem else { continue }
            guard let refusal = problem as? any Refusal else { throw problem }
            wrong.append((field, refusal))
        }
        guard case (.success(let known), .success(let papers)) = (name, document) else { return nil }
        return (known, papers)
    }

    /// - Parameters:
    ///   - words: what a question is called on this page, by its name; `name-hint` says how names are written.
    ///   - autocomplete: for the name; `off` when it is somebody else's.
    func fields(
        words: (String) -> String,
        autocomplete: String,
        wrong: [Wrong],
        _ visit: Visit,
        _ desk: PortalDesk
    ) -> [FieldView] {
        [
            FieldView(
                name: "name",
                label: words("name"),
                value: name,
                hint: words("name-hint"),
                errors: Self.errors("name", wrong, visit),
                autocomplete: autocomplete,
                lengthMax: 60
            ),
            FieldView(
                name: "kind",
                label: words("kind"),
                kind: .select,
                options: desk.standards.identityDocuments.all.map { kind in
                    FieldView.Option(
                        value: kind.code,
                        label: visit.language == .en ? kind.englishName : kind.name,
                        isChosen: kind.code == self.kind
                    )
                },
                errors: Self.errors("kind", wrong, visit)
            ),
            FieldView(
                name: "number",
                label: words("number"),
                kind: .code,
                value: number,
                errors: Self.errors("number", wrong, visit),
                autocomplete: autocomplete == "off" ? "off" : nil,
                lengthMax: 40
            ),
        ]
    }

    /// What is said under a question.
    static func errors(_ field: String, _ wrong: [Wrong], _ visit: Visit) -> [String] {
        wrong.filter { $0.field == field }.flatMap { EntryPage.words($0.refusal, visit) }
    }

    /// What is said above the form.
    static func summary(_ wrong: [Wrong], _ visit: Visit) -> ErrorSummary? {
        let lines = wrong.flatMap { line in
            EntryPage.words(line.refusal, visit).map { ErrorSummary.Line($0, field: line.field) }
        }
        return ErrorSummary(lines, visit: visit)
    }
}

extension Result {
    fileprivate var problem: (any Error)? {
        if case .failure(let error) = self { error } else { nil }
    }
}
