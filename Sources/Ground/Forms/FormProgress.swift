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
                let isClean = isClean(page, data, scope: scope, context: context)
                if isClean && visited.contains(page.id) { return (page.id, .done) }
                let isTouched = visited.contains(page.id) || page.fields.contains { !data[$0.name].isNull }
                return (page.id, isTouched ? .open : .notStarted)
            }
        )
    }

    /// The pages on which the answers differ.
    public func pages(differing before: JSON, from after: JSON) -> [String] {
        pages.filter { page in page.fields.contains { Self.differs($0, before, after) } }.map(\.id)
    }

    /// A group may be asked in parts, on several pages.
    private static func differs(_ field: FormField, _ before: JSON, _ after: JSON) -> Bool {
        let (before, after) = (before[field.name], after[field.name])
        guard case .group(let children) = field.kind else { return before != after }
        return children.contains { differs($0, before, after) }
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
}
