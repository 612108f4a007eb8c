public import Kernel

/// A form's answers as a page asks about them, prepared once: what every question of every row asks anew would cost the
/// square of the rows.
public struct FormReading: Sendable {
    public let definition: FormDefinition
    public let data: JSON
    private let scope: FormScope

    public init(_ definition: FormDefinition, data: JSON, context: FormContext) {
        self.definition = definition
        self.data = data
        scope = FormScope(definition, data: data, context: context)
    }

    /// Where questions stand: the page, a group or a row.
    public struct Place: Sendable {
        let row: FormScope.Row?

        /// Not inside any group.
        public static let page = Place(row: nil)
    }

    /// Inside the group that stands at this path, in `outer`.
    public func place(inGroup fields: [FormField], at path: FormPath, within outer: Place) -> Place {
        Place(row: .group(FormField.record(fields, data[path]), in: outer.row))
    }

    /// Inside the row that stands at this path (`shareholders[0]`); a row that is not there yet is empty.
    public func place(inRow fields: [FormField], at path: FormPath) -> Place {
        guard case .index(let index)? = path.steps.last else { return .page }
        return Place(row: .row(FormField.record(fields, data[path]), index))
    }

    /// Whether the question is asked now.
    public func isAsked(_ field: FormField, in place: Place) -> Bool {
        scope.holds(field.visible, row: place.row)
    }

    /// The options that are offered here now.
    public func options(of field: FormField, in place: Place) -> [FormOption] {
        switch field.kind {
        case .choice(let all), .multichoice(let all):
            all.filter { scope.holds($0.visible, row: place.row) }
        default: []
        }
    }

    /// Whether the question must be answered now (ux.md: only optional fields are marked).
    public func isRequired(_ field: FormField, in place: Place) -> Bool {
        switch field.required {
        case .always: true
        case .never: false
        case .when(let condition): scope.holds(condition, row: place.row)
        }
    }
}
