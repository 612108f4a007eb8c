public import Kernel
public import Rules

/// The form's data as FEEL sees them: dates as dates, money as fen, everything by its path.
struct FormScope {
    private var base: RuleContext
    private let definition: FormDefinition

    init(_ definition: FormDefinition, data: JSON, context: FormContext) {
        self.definition = definition
        base = RuleContext(today: context.today, calendar: context.calendar)
        base.values["limits"] = RuleValue(context.limits)
        for name in ["account", "enterprise", "context"] {
            base.values[name] = context.given[name].map { RuleValue($0) } ?? .null
        }
        for (name, value) in definition.typed(data) { base.values[name] = value }
    }

    func value(_ condition: FormCondition, row: Row? = nil, value: RuleValue = .null) -> RuleValue {
        var context = base
        context.values["value"] = value
        context.values["here"] = row?.here ?? .null
        context.values["row"] = row?.row ?? .null
        context.values["index"] = row?.index.map { RuleValue($0 + 1) } ?? .null
        return condition.expression.evaluate(in: context).value
    }

    /// True only for the boolean true.
    func holds(_ condition: FormCondition?, row: Row? = nil, value: RuleValue = .null) -> Bool {
        guard let condition else { return true }
        return self.value(condition, row: row, value: value).bool == true
    }

    /// Where an expression stands: `row` is the row around it, `here` the nearest group or row.
    struct Row {
        var row: RuleValue = .null
        var index: Int?
        var here: RuleValue = .null

        static func row(_ value: RuleValue, _ index: Int) -> Row {
            Row(row: value, index: index, here: value)
        }

        static func group(_ value: RuleValue, in outer: Row?) -> Row {
            Row(row: outer?.row ?? .null, index: outer?.index, here: value)
        }
    }
}

extension FormDefinition {
    /// The data as decision tables and expressions take them: every field of the form by name (null where there is
    /// no answer), dates as dates, money as whole fen. What is not of its field's type is null.
    public func typed(_ data: JSON) -> [String: RuleValue] {
        var values: [String: RuleValue] = [:]
        for field in fields { values[field.name] = field.typed(data[field.name]) }
        return values
    }
}

extension FormField {
    func typed(_ value: JSON) -> RuleValue {
        if value.isNull {
            switch kind {
            case .rows, .multichoice, .scope: return .list([])
            default: return .null
            }
        }
        switch kind {
        case .group(let fields):
            guard case .object = value else { return .null }
            return FormField.record(fields, value)
        case .rows(let fields, _, _):
            return .list(value.elements.map { FormField.record(fields, $0) })
        case .date:
            return value.text.flatMap { LocalDate(parsing: $0) }.map { .date($0) } ?? .null
        case .integer, .decimal, .percent, .money:
            guard case .number = value else { return .null }
            return RuleValue(value)
        case .yesNo:
            guard case .bool = value else { return .null }
            return RuleValue(value)
        case .multichoice, .scope:
            return .list(value.elements.map { RuleValue($0) })
        case .signature: return .null
        default:
            guard case .string = value else { return .null }
            return RuleValue(value)
        }
    }

    static func record(_ fields: [FormField], _ value: JSON) -> RuleValue {
        .context(RuleRecord(fields.map { ($0.name, $0.typed(value[$0.name])) }))
    }
}
