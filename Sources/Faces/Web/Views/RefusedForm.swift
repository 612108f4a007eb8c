/// Why one form of a page was refused: said above the page and beside its questions, with everything that was typed.
/// `Form` tells the forms of the page from each other.
public struct RefusedForm<Form: Hashable & Sendable>: Error {
    public struct Fault: Sendable {
        public let field: String
        public let words: String

        public init(_ field: String, _ words: String) {
            self.field = field
            self.words = words
        }
    }

    public let form: Form
    /// In the order of the form.
    public let faults: [Fault]
    public let status: Int

    public init(_ form: Form, _ faults: [Fault], status: Int = 422) {
        self.form = form
        self.faults = faults
        self.status = status
    }

    public func summary(_ visit: Visit) -> ErrorSummary? {
        ErrorSummary(faults.map { ErrorSummary.Line($0.words, field: $0.field) }, visit: visit)
    }
}

/// Asks the questions of one form: with what was typed and what is wrong with it, when it is that form that was refused.
public struct Questions<Form: Hashable & Sendable> {
    private let refused: RefusedForm<Form>?
    private let visit: Visit

    public init(of form: Form, _ refused: RefusedForm<Form>?, _ visit: Visit) {
        self.refused = refused?.form == form ? refused : nil
        self.visit = visit
    }

    /// What was chosen in the refused form; nil when another was refused, or none.
    public func typed(_ name: String) -> String? { refused == nil ? nil : visit.form[name] }
    public func typedAll(_ name: String) -> [String] { refused == nil ? [] : visit.form.all(name) }

    public func errors(of name: String) -> [String] {
        (refused?.faults ?? []).filter { $0.field == name }.map(\.words)
    }

    /// - Parameter value: as long as nothing was typed.
    public func ask(
        _ name: String,
        _ label: String,
        _ kind: FieldView.Kind = .text,
        value: String = "",
        hint: String? = nil,
        options: [FieldView.Option] = [],
        isOptional: Bool = false,
        max: Int? = nil
    ) -> FormView.Element {
        .field(
            FieldView(
                name: name,
                label: visit.text(label),
                kind: kind,
                value: refused == nil ? value : visit.form[name] ?? "",
                hint: hint.map { visit.text($0) },
                options: options,
                errors: errors(of: name),
                isOptional: isOptional,
                lengthMax: max
            )
        )
    }
}

extension FormView.Element {
    public static func hidden(_ name: String, _ value: String) -> Self {
        .field(FieldView(name: name, label: "", kind: .hidden, value: value))
    }
}
