public import Kernel

/// Where a draft stands, page by page. Which pages were seen is the draft's to remember.
public struct FormProgress: Sendable {
    public enum State: String, Sendable, CaseIterable {
        /// 未开始, 进行中, 已完成, 不需要.
        case notStarted, open, done, notNeeded
    }

    public let pages: [(page: String, state: State)]

    public func state(of page: String) -> State? { pages.first { $0.page == page }?.state }

    /// The first page that still wants something; nil when the form can be checked and handed in.
    public var next: String? { pages.first { $0.state == .open || $0.state == .notStarted }?.page }

    public var isComplete: Bool { next == nil }
}

extension FormDefinition {
    /// - Parameter visited: pages that were submitted at least once; an optional page is done once it was seen.
    public func progress(_ data: JSON, visited: Set<String>, context: FormContext) -> FormProgress {
        let scope = FormScope(self, data: data, context: context)
        return FormProgress(
            pages: pages.map { page in
                guard scope.holds(page.visible) else { return (page.id, .notNeeded) }
                let isClean = check(data, page: page.id, context: context).isEmpty
                if isClean && visited.contains(page.id) { return (page.id, .done) }
                let isTouched = visited.contains(page.id) || page.fields.contains { !data[$0.name].isNull }
                return (page.id, isTouched ? .open : .notStarted)
            }
        )
    }

    /// The page after this one that is asked; nil after the last.
    public func page(after id: String, data: JSON, context: FormContext) -> FormPage? {
        let scope = FormScope(self, data: data, context: context)
        guard let index = pages.firstIndex(where: { $0.id == id }) else { return nil }
        return pages[(index + 1)...].first { scope.holds($0.visible) }
    }

    public func page(before id: String, data: JSON, context: FormContext) -> FormPage? {
        let scope = FormScope(self, data: data, context: context)
        guard let index = pages.firstIndex(where: { $0.id == id }) else { return nil }
        return pages[..<index].last { scope.holds($0.visible) }
    }

    /// Whether the question at this path (`shareholders[0].creditCode`) is asked now, for drawing a page.
    public func isAsked(_ field: FormField, at path: FormPath, data: JSON, context: FormContext) -> Bool {
        FormScope(self, data: data, context: context).holds(field.visible, row: place(around: path, in: data))
    }

    /// The options that are offered at this path now.
    public func options(
        of field: FormField,
        at path: FormPath,
        data: JSON,
        context: FormContext
    ) -> [FormOption] {
        let options: [FormOption]
        switch field.kind {
        case .choice(let all), .multichoice(let all): options = all
        default: return []
        }
        let scope = FormScope(self, data: data, context: context)
        let row = place(around: path, in: data)
        return options.filter { scope.holds($0.visible, row: row) }
    }

    /// Whether the question must be answered now (ux.md: only optional fields are marked).
    public func isRequired(_ field: FormField, at path: FormPath, data: JSON, context: FormContext) -> Bool {
        switch field.required {
        case .always: true
        case .never: false
        case .when(let condition):
            FormScope(self, data: data, context: context).holds(condition, row: place(around: path, in: data))
        }
    }

    /// The group and row in which a field stands.
    private func place(around path: FormPath, in data: JSON) -> FormScope.Row? {
        var fields = self.fields
        var place: FormScope.Row?
        var value = data
        var steps = path.steps.dropLast()
        while case .member(let name)? = steps.first, let field = fields.first(where: { $0.name == name }) {
            steps = steps.dropFirst()
            value = value[name]
            fields = field.kind.children
            if case .index(let index)? = steps.first {
                steps = steps.dropFirst()
                value = value[index]
                place = .row(FormField.record(fields, value), index)
            } else {
                place = .group(FormField.record(fields, value), in: place)
            }
        }
        return place
    }
}
