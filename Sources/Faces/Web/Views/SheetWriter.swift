import Forms
import Kernel

/// Turns fields of a definition into fields of a page.
struct SheetWriter {
    let sheet: FormSheet
    let errors: [String: [String]]
    let blanks: [String: Int]
    private let reading: FormReading
    /// Names of questions on whose answers others hang.
    private let asking: Set<Substring>

    init(sheet: FormSheet, errors: [String: [String]], blanks: [String: Int]) {
        self.sheet = sheet
        self.errors = errors
        self.blanks = blanks
        reading = FormReading(sheet.definition, data: sheet.data, context: sheet.context)
        asking = Set(
            SheetWriter.conditions(sheet.page.fields).flatMap { text in
                text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" })
            }
        )
    }

    func elements(_ fields: [FormField], at path: FormPath) -> [FormView.Element] {
        elements(fields, at: path, in: .page)
    }

    private func elements(
        _ fields: [FormField],
        at place: FormPath,
        in around: FormReading.Place
    ) -> [FormView.Element] {
        var elements: [FormView.Element] = []
        for field in fields {
            let path = place.member(field.name)
            guard reading.isAsked(field, in: around), field.computed == nil || !sheet.data[path].isNull,
                !field.isConstant
            else { continue }
            switch field.kind {
            case .signature: continue
            case .group(let children):
                elements.append(.section(title: field.label(language), text: field.hint?(language)))
                let inner = reading.place(inGroup: children, at: path, within: around)
                elements += self.elements(children, at: path, in: inner)
            case .rows(let children, let least, let most):
                elements.append(.group(group(field, children, least: least, most: most, at: path)))
            default: elements.append(.field(view(field, at: path, in: around)))
            }
        }
        return elements
    }

    private var language: String { sheet.language }

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
            let row = path.index(index)
            return GroupView.Row(
                heading: "\(field.label(language)) \(index + 1)",
                fields: rowFields(
                    children,
                    at: row,
                    in: reading.place(inRow: children, at: row),
                    labelled: nil
                ),
                removal: count > least ? row.description : nil
            )
        }
        return GroupView(
            name: name,
            label: field.label(language),
            hint: field.hint?(language),
            rows: rows,
            addLabel: count < most
                ? sheet.visit.text(
                    count == 0 ? "web.add-first-row" : "web.add-row",
                    ["label": field.label(language)]
                ) : nil,
            errors: errors[name] ?? []
        )
    }

    private func rowFields(
        _ fields: [FormField],
        at place: FormPath,
        in around: FormReading.Place,
        labelled heading: String?
    ) -> [FieldView] {
        var views: [FieldView] = []
        for field in fields {
            let path = place.member(field.name)
            guard reading.isAsked(field, in: around) else { continue }
            switch field.kind {
            case .signature, .rows: continue
            case .group(let children):
                let inner = reading.place(inGroup: children, at: path, within: around)
                views += rowFields(children, at: path, in: inner, labelled: field.label(language))
            default:
                var view = view(field, at: path, in: around)
                if let heading { view.label = "\(heading) · \(view.label)" }
                views.append(view)
            }
        }
        return views
    }

    private func view(_ field: FormField, at path: FormPath, in place: FormReading.Place) -> FieldView {
        let name = path.description
        let value = sheet.data[path]
        let required = reading.isRequired(field, in: place)
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
        dress(&view, field, value, in: place)
        view.isAsking = isAsking(field)
        if field.computed != nil {
            view.kind = .shown
            view.value = field.kind.words(value, language: language, context: sheet.context)
        }
        if view.isFixed, let chosen = view.options.first(where: \.isChosen),
            view.kind == .select || view.kind == .radios
        {
            view.kind = .shown
            view.value = chosen.label
        }
        if let unit = view.unit, view.label.hasSuffix("（\(unit)）") { view.unit = nil }
        return view
    }

    private func offered(
        _ field: FormField,
        _ place: FormReading.Place,
        chosen: Set<String>
    ) -> [FieldView.Option] {
        reading.options(of: field, in: place).map {
            FieldView.Option(
                value: $0.code,
                label: $0.label(language),
                hint: $0.hint?(language),
                isChosen: chosen.contains($0.code)
            )
        }
    }

    // One case a type of field: a table.
    private func dress(
        _ view: inout FieldView,
        _ field: FormField,
        _ value: JSON,
        in place: FormReading.Place
    ) {
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
            view.options = offered(field, place, chosen: [view.value])
            view.kind = view.options.count > 5 ? .select : .radios
        case .multichoice:
            view.options = offered(field, place, chosen: several)
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
        return asking.contains(field.name[...])
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
